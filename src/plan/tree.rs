//! A whole tree of files, written as one deed: beside its place and then renamed, or, into a folder that is there already, with a journal.

mod aside;
mod back;
mod clear;
mod drafts;
mod fresh;
mod into;
mod journal;
mod place;
mod undo;
mod unmerged;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

pub(crate) use aside::Aside;
pub(crate) use into::digest_of;
pub(crate) use journal::{is_pending, recover};
pub(super) use place::{Lock, lock_folder, rename_new};
pub(crate) use undo::{Undo, Way};
pub(crate) use unmerged::{Stage, Unmerged};

use super::path::{STATE_FOLDER, TreePath};
use super::{Line, fault};
use crate::git::{is_inside, merge, shell};
use crate::ui::{Interrupt, Ui};

/// Files that belong together, and where they go.
#[derive(Debug)]
pub(crate) struct Tree {
    /// Absolute.
    pub(crate) target: PathBuf,
    /// Whether `target` was there when the plan was made.
    pub(crate) site: Site,
    /// In any order; no two share a path.
    pub(crate) entries: Vec<Entry>,
    pub(crate) git: Git,
    /// Where somebody has to decide something before it is over.
    pub(crate) open: Option<Open>,
}

/// What is kept of a change until its conflicts are resolved. It can be taken back as long as that lasts.
#[derive(Debug)]
pub(crate) struct Open {
    /// What the index is told of conflicts.
    pub(crate) unmerged: Vec<Unmerged>,
    /// What whoever goes on with it has to know.
    pub(crate) note: serde_json::Value,
}

/// What stands where a tree will be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Site {
    /// Nothing: the tree appears in one step.
    Fresh,
    /// A folder: files are put into it, one by one.
    Folder,
}

/// One file or link of a tree.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) path: TreePath,
    pub(crate) content: Content,
    pub(crate) action: Action,
}

/// What a file is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Content {
    File {
        bytes: Arc<Vec<u8>>,
        mode: Mode,
    },
    /// A symbolic link with this target, which stays inside the tree.
    Link(String),
}

/// Who may do what with a file, before the umask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Plain,
    Executable,
    /// Holds secrets: for the owner alone.
    Private,
}

/// What happens to a file that a tree has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Create,
    /// Takes the place of what has this digest, as `digest_of` says.
    Replace(blake3::Hash),
    /// What has this digest goes; folders that it leaves empty go with it.
    Remove(blake3::Hash),
    /// What is there stays.
    Keep,
}

/// What becomes of Git.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Git {
    Leave,
    Init,
    /// Init, and commit what was generated.
    Commit,
}

impl Mode {
    pub(super) fn bits(self) -> u32 {
        match self {
            Self::Plain => 0o666,
            Self::Executable => 0o777,
            Self::Private => 0o600,
        }
    }
}

impl Content {
    /// What stands at `path`: a file or a link, which is not followed.
    ///
    /// # Errors
    /// Where nothing is there, or something else, or it cannot be read.
    pub(crate) fn at(path: &Path) -> io::Result<Self> {
        let meta = path.symlink_metadata()?;
        if meta.is_symlink() {
            let target = fs::read_link(path)?.into_os_string().into_string();
            return target.map(Self::Link).map_err(|_| io::Error::other("the target of the link is not UTF-8"));
        }
        if !meta.is_file() {
            return Err(io::Error::other("it is no file"));
        }
        let mode = if meta.permissions().mode() & 0o100 == 0 { Mode::Plain } else { Mode::Executable };
        Ok(Self::File { bytes: Arc::new(fs::read(path)?), mode })
    }

    /// The mode by which Git knows it.
    pub(crate) fn git_mode(&self) -> &'static str {
        match self {
            Self::File { mode: Mode::Executable, .. } => "100755",
            Self::File { .. } => "100644",
            Self::Link(_) => "120000",
        }
    }

    /// What `digest_of` says once it is written.
    pub(crate) fn digest(&self) -> blake3::Hash {
        match self {
            Self::File { bytes, .. } => blake3::hash(bytes),
            Self::Link(target) => into::link_digest(target.as_bytes()),
        }
    }
}

impl Entry {
    /// Whether it belongs to prodev's own records.
    fn is_own(&self) -> bool {
        self.path.segments().next() == Some(STATE_FOLDER)
    }

    /// Whether it was made with secrets in it.
    fn is_private(&self) -> bool {
        matches!(self.content, Content::File { mode: Mode::Private, .. })
    }
}

impl Tree {
    /// One line per file of the project; prodev's own records are one line.
    pub(super) fn lines(&self) -> Vec<Line> {
        let mut lines: Vec<Line> = self
            .entries
            .iter()
            .filter(|entry| !entry.is_own())
            .map(|entry| Line { action: entry.action.verb(), path: entry.path.to_string() })
            .collect();
        lines.sort_by(|a, b| a.path.cmp(&b.path));
        let records = self.entries.iter().filter(|entry| entry.is_own()).count();
        if records > 0 {
            lines.push(Line { action: "record", path: format!("{STATE_FOLDER}/ ({records} files)") });
        }
        match self.git {
            Git::Leave => {}
            Git::Init => lines.push(Line { action: "init", path: ".git".to_owned() }),
            Git::Commit => {
                lines.push(Line { action: "init", path: ".git".to_owned() });
                lines.push(Line { action: "commit", path: "everything generated".to_owned() });
            }
        }
        lines
    }

    /// # Errors
    /// Where something cannot be written, changed since the plan was made, or a signal came. The target is then as it was.
    pub(super) fn apply(self, ui: &Ui) -> anyhow::Result<()> {
        let interrupt = Interrupt::hold()?;
        let done = match self.site {
            Site::Fresh => fresh::apply(&self, ui, &interrupt),
            Site::Folder => into::apply(&self, ui, &interrupt),
        };
        // A signal from the keyboard ends a running `git` too; what that says is not the reason.
        done.map_err(|error| interrupt.check().err().map_or(error, Into::into))?;
        self.warn_of_secrets(ui);
        Ok(())
    }

    /// The folders that the entries lie in, outer ones first.
    fn folders(&self) -> BTreeSet<&str> {
        let written = self.entries.iter().filter(|entry| !matches!(entry.action, Action::Remove(_)));
        written.flat_map(|entry| entry.path.folders()).collect()
    }

    /// What is removed.
    fn removed(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| matches!(entry.action, Action::Remove(_)))
    }

    /// What is created or replaced.
    fn written(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| matches!(entry.action, Action::Create | Action::Replace(_)))
    }

    /// All changes to the project's own files, as `git diff` shows them; of those that hold secrets the names alone.
    ///
    /// # Errors
    /// Where a file cannot be read.
    pub(super) fn diff(&self) -> anyhow::Result<String> {
        let mut entries: Vec<&Entry> = self.entries.iter().filter(|entry| !entry.is_own()).collect();
        entries.sort_by(|a, b| a.path.cmp(&b.path));
        let mut out = String::new();
        for entry in entries {
            if entry.is_private() && entry.action != Action::Keep {
                let _ = writeln!(out, "diff --git a/{0} b/{0}\nnot shown: it holds secrets", entry.path);
                continue;
            }
            let old = || Content::at(&entry.path.below(&self.target));
            let (old, new) = match entry.action {
                Action::Create => (None, Some(&entry.content)),
                Action::Replace(_) => (Some(old()?), Some(&entry.content)),
                Action::Remove(_) => (Some(old()?), None),
                Action::Keep => continue,
            };
            out.push_str(&difference(entry.path.as_str(), old.as_ref(), new)?);
        }
        Ok(out)
    }

    /// Commits what was generated, where that is wanted; never a secret, whether Git ignores it or not.
    fn commit(&self, repository: shell::Place) -> anyhow::Result<()> {
        if self.git == Git::Commit {
            fault::point()?;
            let public = self.entries.iter().filter(|entry| !entry.is_private());
            let paths = public.map(|entry| entry.path.as_str()).collect();
            shell::first_commit(repository, &paths, "Start from a template")?;
        }
        Ok(())
    }

    /// Says which secrets the next `git add .` would take in.
    fn warn_of_secrets(&self, ui: &Ui) {
        let secrets: Vec<&str> =
            self.entries.iter().filter(|entry| entry.is_private()).map(|entry| entry.path.as_str()).collect();
        if secrets.is_empty() || !is_inside(&self.target) {
            return;
        }
        // Without a `git` that answers there is nobody who could add them either.
        for secret in shell::untracked(&self.target, &secrets).unwrap_or_default() {
            ui.warn(&format!("`{secret}` holds secrets, and Git does not ignore it: add it to `.gitignore`"));
        }
    }
}

/// The difference between two files as `git diff` shows it. `None` is a file that is not there.
///
/// # Errors
/// Where there is no memory for it.
pub(crate) fn difference(path: &str, old: Option<&Content>, new: Option<&Content>) -> anyhow::Result<String> {
    let bytes = |content: Option<&Content>| match content {
        None => None,
        Some(Content::File { bytes, .. }) => Some(bytes.as_slice().to_vec()),
        Some(Content::Link(target)) => Some(target.as_bytes().to_vec()),
    };
    let mut out = merge::unified(path, bytes(old).as_deref(), bytes(new).as_deref())?;
    if let (Some(old), Some(new)) = (old.map(Content::git_mode), new.map(Content::git_mode))
        && old != new
    {
        if out.is_empty() {
            let _ = writeln!(out, "diff --git a/{path} b/{path}");
        }
        let rest = out.split_off(out.find('\n').map_or(out.len(), |end| end + 1));
        let _ = write!(out, "old mode {old}\nnew mode {new}\n{rest}");
    }
    Ok(out)
}

impl Action {
    fn verb(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Replace(_) => "replace",
            Self::Remove(_) => "remove",
            Self::Keep => "keep",
        }
    }
}
