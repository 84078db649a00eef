//! What is going on in a working tree that is not done yet: a merge, a rebase, and their like.

use std::path::Path;

/// Something that waits for the user to go on or give up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Operation {
    Merge,
    /// With the short name of the branch that is rebased, where it is one.
    Rebase(Option<String>),
    CherryPick,
    Revert,
    /// `git am`.
    Mailbox,
    Bisect,
}

impl Operation {
    /// What people call it.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Merge => "merge",
            Self::Rebase(_) => "rebase",
            Self::CherryPick => "cherry-pick",
            Self::Revert => "revert",
            Self::Mailbox => "`git am`",
            Self::Bisect => "bisection",
        }
    }

    /// The command of Git's that goes on with it or ends it.
    pub(crate) fn command(&self) -> &'static str {
        match self {
            Self::Mailbox => "am",
            Self::Bisect => "bisect",
            other => other.name(),
        }
    }
}

/// What the files of a Git directory tell; `has_ref` looks up what may be a ref instead.
pub(super) fn of(git_dir: &Path, has_ref: impl Fn(&str) -> bool) -> Option<Operation> {
    let is_there = |name: &str| git_dir.join(name).symlink_metadata().is_ok();
    // A rebase picks commits one by one, so its own files are looked at before those of what it is made of.
    for folder in ["rebase-merge", "rebase-apply"] {
        if is_there(&format!("{folder}/applying")) {
            return Some(Operation::Mailbox);
        }
        if is_there(folder) {
            let name = std::fs::read_to_string(git_dir.join(folder).join("head-name")).unwrap_or_default();
            return Some(Operation::Rebase(name.trim_end().strip_prefix("refs/heads/").map(str::to_owned)));
        }
    }
    let operations = [
        ("MERGE_HEAD", Operation::Merge),
        ("CHERRY_PICK_HEAD", Operation::CherryPick),
        ("REVERT_HEAD", Operation::Revert),
    ];
    let found = operations.into_iter().find(|(name, _)| is_there(name) || has_ref(name)).map(|(_, what)| what);
    found.or_else(|| is_there("BISECT_LOG").then_some(Operation::Bisect))
}
