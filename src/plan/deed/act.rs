//! The changes that a deed is made of: what each is called, and what it moves.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::Spot;
use super::edit::Edit;
use crate::git::Id;
use crate::plan::Line;

/// One change.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Act {
    /// Checks something out.
    Switch { dir: PathBuf, to: Spot },
    /// Makes a branch at a commit and checks it out in `dir`, or in a new worktree at `place`. `on` is where it begins, as it is told.
    Open { dir: PathBuf, branch: String, at: Id, on: String, place: Option<PathBuf> },
    /// Moves a branch, checked out in `dir` or nowhere, to a commit that has all of it.
    Forward { dir: Option<PathBuf>, branch: String, to: Id },
    /// Changes files on the branch that is checked out in `dir`, and commits them.
    Edit { dir: PathBuf, branch: String, files: Vec<Edit>, message: String },
    /// Merges into the branch that is checked out in `dir`, with a commit of its own.
    Merge { dir: PathBuf, into: String, from: Source, message: String },
    /// Brings all that `from` has into one commit.
    Squash { dir: PathBuf, into: String, from: Source, message: String },
    /// Puts the branch that is checked out in `dir` on top of another.
    Rebase { dir: PathBuf, branch: String, onto: Source },
    /// Moves the branch that is checked out in `dir` to `from`, which must have all of it.
    Follow { dir: PathBuf, into: String, from: Source },
    /// Tags a commit.
    Tag { name: String, at: Source, message: String, sign: bool },
    /// Sends refs to a remote, all or none, and deletes a branch there that is where it was seen.
    Push { remote: String, refs: Vec<String>, delete: Option<(String, Id)> },
    /// Makes a branch that follows one of a remote, whose ref has this full name.
    Track { branch: String, from: String },
    /// Makes a branch where another one is, with its reflog and what Git has configured for it.
    Copy { from: String, to: String },
    /// Sets a key of the repository's own configuration, or takes it out.
    Configure { key: String, old: Option<String>, new: Option<String> },
    /// Deletes a branch, and what is configured for it.
    Delete { branch: String },
    /// Runs a program of the user's.
    Script { program: PathBuf, arguments: Vec<String>, shown: String },
}

/// A commit that a change takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Source {
    Commit(Id),
    /// Whatever the ref of this full name is then.
    Ref(String),
}

impl Act {
    pub(crate) fn line(&self) -> Line {
        let (action, path) = match self {
            Self::Switch { to: Spot::Branch(name), .. } => ("switch", name.clone()),
            Self::Switch { dir, to: Spot::Commit(id) } => ("detach", format!("{} at {}", dir.display(), id.short())),
            Self::Open { branch, on, .. } => ("create", format!("{branch} on {on}")),
            Self::Forward { branch, to, .. } => ("forward", format!("{branch} to {}", to.short())),
            Self::Edit { branch, files, .. } => {
                let paths: Vec<&str> = files.iter().map(|edit| edit.path.as_str()).collect();
                ("commit", format!("{} on {branch}", paths.join(", ")))
            }
            Self::Merge { into, from, .. } => ("merge", format!("{} into {into}", from.shown())),
            Self::Squash { into, from, .. } => ("squash", format!("{} into {into}", from.shown())),
            Self::Rebase { branch, onto, .. } => ("rebase", format!("{branch} onto {}", onto.shown())),
            Self::Follow { into, from, .. } => ("forward", format!("{into} to {}", from.shown())),
            Self::Tag { name, at, .. } => ("tag", format!("{name} on {}", at.shown())),
            Self::Push { remote, refs, delete } => {
                let mut names: Vec<String> = refs.iter().map(|name| short(name).to_owned()).collect();
                names.extend(delete.iter().map(|(name, _)| format!("no {name}")));
                ("push", format!("{} to {remote}", names.join(", ")))
            }
            Self::Track { branch, from } => ("create", format!("{branch} on {}", short(from))),
            Self::Copy { from, to } => ("create", format!("{to} on {from}")),
            // A message has several lines, and this is one.
            Self::Configure { key, new: Some(new), .. } => {
                ("record", format!("{key} = {}", new.lines().next().unwrap_or_default()))
            }
            Self::Configure { key, new: None, .. } => ("record", format!("no {key}")),
            Self::Delete { branch } => ("delete", branch.clone()),
            Self::Script { shown, .. } => ("run", shown.clone()),
        };
        Line { action, path }
    }

    /// The worktree that it works in.
    pub(super) fn dir(&self) -> Option<&PathBuf> {
        match self {
            Self::Switch { dir, .. }
            | Self::Edit { dir, .. }
            | Self::Merge { dir, .. }
            | Self::Squash { dir, .. }
            | Self::Rebase { dir, .. }
            | Self::Follow { dir, .. } => Some(dir),
            Self::Forward { dir, .. } => dir.as_ref(),
            Self::Open { dir, place, .. } => place.is_none().then_some(dir),
            Self::Tag { .. }
            | Self::Push { .. }
            | Self::Track { .. }
            | Self::Copy { .. }
            | Self::Configure { .. }
            | Self::Delete { .. }
            | Self::Script { .. } => None,
        }
    }

    /// The full name of the ref that it moves, makes or deletes.
    pub(crate) fn moves(&self) -> Option<String> {
        match self {
            Self::Open { branch, .. }
            | Self::Forward { branch, .. }
            | Self::Edit { branch, .. }
            | Self::Rebase { branch, .. }
            | Self::Track { branch, .. }
            | Self::Delete { branch } => Some(head(branch)),
            Self::Merge { into, .. } | Self::Squash { into, .. } | Self::Follow { into, .. } => Some(head(into)),
            Self::Tag { name, .. } => Some(format!("refs/tags/{name}")),
            Self::Copy { to, .. } => Some(head(to)),
            Self::Switch { .. } | Self::Push { .. } | Self::Configure { .. } | Self::Script { .. } => None,
        }
    }
}

impl Source {
    /// As people name it.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Commit(id) => id.short(),
            Self::Ref(name) => short(name).to_owned(),
        }
    }
}

/// The full name of a branch.
pub(super) fn head(branch: &str) -> String {
    format!("refs/heads/{branch}")
}

/// A ref as people name it.
pub(super) fn short(name: &str) -> &str {
    ["refs/heads/", "refs/tags/", "refs/remotes/"].iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(name)
}
