//! A whole tree of files, written as one deed: beside its place and then renamed, or, into a folder that is there already, with a journal.

mod fresh;
mod into;
mod journal;
mod place;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

pub(crate) use into::digest_of;
pub(crate) use journal::{is_pending, recover};
pub(super) use place::rename_new;

use super::path::{STATE_FOLDER, TreePath};
use super::{Line, fault};
use crate::git::{is_inside, shell};
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
    /// What `digest_of` says once it is written.
    pub(crate) fn digest(&self) -> blake3::Hash {
        match self {
            Self::File { bytes, .. } => blake3::hash(bytes),
            Self::Link(target) => into::link_digest(target.as_bytes()),
        }
    }
}

impl Entry {
    /// Whether it was made with secrets in it.
    fn is_private(&self) -> bool {
        matches!(self.content, Content::File { mode: Mode::Private, .. })
    }
}

impl Tree {
    /// One line per file of the project; prodev's own records are one line.
    pub(super) fn lines(&self) -> Vec<Line> {
        let own = |entry: &&Entry| entry.path.segments().next() == Some(STATE_FOLDER);
        let mut lines: Vec<Line> = self
            .entries
            .iter()
            .filter(|entry| !own(entry))
            .map(|entry| Line { action: entry.action.verb(), path: entry.path.to_string() })
            .collect();
        lines.sort_by(|a, b| a.path.cmp(&b.path));
        let records = self.entries.iter().filter(own).count();
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
        self.entries.iter().flat_map(|entry| entry.path.folders()).collect()
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

impl Action {
    fn verb(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Replace(_) => "replace",
            Self::Keep => "keep",
        }
    }
}
