//! Worktrees: which there are, what is checked out in them, and what is changed there.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::shell;
use super::{Id, Repository};

/// A worktree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Worktree {
    pub(crate) path: PathBuf,
    /// The branch that is checked out in it.
    pub(crate) branch: Option<String>,
    pub(crate) is_locked: bool,
}

/// What is not as in HEAD, in one worktree.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Dirt {
    /// Tracked paths that are changed, staged or not, and those with conflicts.
    pub(crate) changed: Vec<String>,
    /// Those among them with conflicts.
    pub(crate) unmerged: Vec<String>,
    /// Paths that Git does not know; only where asked for.
    pub(crate) untracked: Vec<String>,
}

/// Whether untracked paths are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Untracked {
    List,
    Leave,
}

impl Repository {
    /// All worktrees but the one that the command stands in.
    ///
    /// # Errors
    /// Where `git` cannot list them.
    pub(crate) fn other_worktrees(&self) -> anyhow::Result<Vec<Worktree>> {
        let linked = std::fs::read_dir(self.common_dir().join("worktrees"));
        if linked.is_err() || linked.is_ok_and(|mut entries| entries.next().is_none()) {
            return Ok(Vec::new());
        }
        let arguments = ["worktree", "list", "--porcelain", "-z"];
        let dir = self.work_tree().unwrap_or(self.git_dir());
        let answer = shell::read(dir, &arguments, b"")?;
        if !answer.is_success {
            return Err(answer.failure(&arguments)).context("could not list the worktrees");
        }
        let text = String::from_utf8_lossy(&answer.stdout);
        let mut found: Vec<Worktree> = Vec::new();
        let mut is_bare = false;
        for field in text.split('\0') {
            match field.split_once(' ').unwrap_or((field, "")) {
                ("worktree", path) => {
                    found.push(Worktree { path: PathBuf::from(path), branch: None, is_locked: false });
                }
                ("branch", name) => {
                    if let Some(last) = found.last_mut() {
                        last.branch = name.strip_prefix("refs/heads/").map(str::to_owned);
                    }
                }
                ("locked", _) => found.iter_mut().last().into_iter().for_each(|last| last.is_locked = true),
                ("bare", _) => is_bare = true,
                _ => {}
            }
        }
        if is_bare {
            found.remove(0);
        }
        let own = self.work_tree().and_then(|path| path.canonicalize().ok());
        found.retain(|worktree| worktree.path.canonicalize().ok() != own && worktree.path.exists());
        Ok(found)
    }
}

/// Why Git does not look at a tracked path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) enum Flag {
    AssumeUnchanged,
    SkipWorktree,
}

/// A path that is otherwise in another commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) path: String,
    /// What it is there; `None` where it is gone.
    pub(crate) new: Option<Id>,
    /// Whether it was there before.
    pub(crate) was_there: bool,
}

/// What `git diff-tree -r -z --raw` printed.
pub(super) fn parse_changes(text: &[u8]) -> Option<Vec<Change>> {
    let mut fields = text.split(|byte| *byte == 0);
    let mut found = Vec::new();
    while let Some(head) = fields.next().filter(|head| !head.is_empty()) {
        let head = std::str::from_utf8(head).ok()?;
        let mut words = head.strip_prefix(':')?.split(' ');
        let (old_mode, new_mode) = (words.next()?, words.next()?);
        let new = Id::parse(words.nth(1)?.as_bytes())?;
        let path = String::from_utf8_lossy(fields.next()?).into_owned();
        let is_there = new_mode != "000000";
        found.push(Change { path, new: is_there.then_some(new), was_there: old_mode != "000000" });
    }
    Some(found)
}

/// Whether Git ignores `path` in the worktree `dir`.
///
/// # Errors
/// Where there is no `git`.
pub(crate) fn is_ignored(dir: &Path, path: &str) -> anyhow::Result<bool> {
    Ok(shell::read(dir, &["check-ignore", "--quiet", "--", path], b"")?.is_success)
}

/// A file, or a folder of them, that Git ignores in the worktree `dir`; `None` where there is none.
///
/// # Errors
/// Where `git` cannot tell.
pub(crate) fn ignored(dir: &Path) -> anyhow::Result<Option<String>> {
    let arguments = ["ls-files", "--others", "--ignored", "--exclude-standard", "--directory", "-z"];
    let answer = shell::read(dir, &arguments, b"")?;
    if !answer.is_success {
        return Err(answer.failure(&arguments)).context("could not see what is ignored");
    }
    let first = answer.stdout.split(|byte| *byte == 0).find(|path| !path.is_empty());
    Ok(first.map(|path| String::from_utf8_lossy(path).into_owned()))
}

/// What is changed in the worktree `dir`. Submodules count by their commit alone.
///
/// # Errors
/// Where `git` cannot tell.
pub(crate) fn dirt(dir: &Path, untracked: Untracked) -> anyhow::Result<Dirt> {
    let files = if untracked == Untracked::List { "--untracked-files=all" } else { "--untracked-files=no" };
    let arguments = ["status", "--porcelain=v2", "-z", files, "--no-renames", "--ignore-submodules=dirty"];
    let answer = shell::read(dir, &arguments, b"")?;
    if !answer.is_success {
        return Err(answer.failure(&arguments)).context("could not see what is changed");
    }
    let mut dirt = Dirt::default();
    for field in answer.stdout.split(|byte| *byte == 0) {
        let text = String::from_utf8_lossy(field);
        match text.split_once(' ') {
            Some(("1", rest)) => dirt.changed.extend(rest.splitn(8, ' ').nth(7).map(str::to_owned)),
            Some(("u", rest)) => {
                let path = rest.splitn(10, ' ').nth(9).map(str::to_owned);
                dirt.unmerged.extend(path.clone());
                dirt.changed.extend(path);
            }
            Some(("?", path)) => dirt.untracked.push(path.to_owned()),
            _ => {}
        }
    }
    Ok(dirt)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_differences_are_read() {
        let (a, b) = ("a".repeat(40), "0".repeat(40));
        let text = format!(":000000 100644 {b} {a} A\0new file\0:100644 000000 {a} {b} D\0gone\0");
        let found = parse_changes(text.as_bytes()).unwrap();
        let id = Id::parse(a.as_bytes());
        assert_eq!(
            found,
            [
                Change { path: "new file".to_owned(), new: id, was_there: false },
                Change { path: "gone".to_owned(), new: None, was_there: true }
            ]
        );
    }
}
