//! A deed: several changes to a repository that are done together or not at all. Each is done by `git` itself; a journal in the Git directory is
//! written before the first, and whether a change was made is read off the repository, never guessed. What a killed run left half done is
//! finished or taken back by the next.

mod act;
mod back;
mod edit;
mod journal;
mod merge;
mod open;
mod push;
mod run;
mod settle;
mod stopped;
mod view;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub(crate) use act::{Act, Source};
pub(crate) use edit::Edit;
pub(crate) use journal::{Phase, pending};
pub(crate) use open::may_be_written;
pub(crate) use run::{locked, may_be_taken_back, may_go_on};

use super::Line;
use super::process::quoted;
use crate::git::{Flag, Id};
use crate::ui::Ui;

/// Changes that belong together, and the world as it was when they were planned.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Deed {
    /// The command, as `finish`.
    pub(crate) command: String,
    /// The branch that it is about, by its short name.
    pub(crate) branch: String,
    /// The top of the worktree in which it was begun.
    pub(crate) home: PathBuf,
    /// The Git directory that all worktrees share.
    pub(crate) common_dir: PathBuf,
    pub(crate) acts: Vec<Act>,
    /// What was checked out in each worktree where something else will be; `home` first.
    pub(crate) heads: Vec<(PathBuf, Spot)>,
    /// Where each ref was that will be moved, by its full name; `None` where it was not there.
    pub(crate) refs: BTreeMap<String, Option<Id>>,
    /// Paths that Git does not look at: a checkout can forget that.
    pub(crate) flags: Vec<(String, Flag)>,
    /// Ignored files that a checkout overwrites with what they hold already, and takes away on its way back. Those of another worktree than `home` by
    /// their whole paths.
    pub(crate) kept: Vec<String>,
    /// Keys of Git's configuration that go with a branch.
    pub(crate) settings: Vec<(String, String)>,
    pub(crate) conflicts: Conflicts,
    /// What is to be told when it is done, also by the run that goes on with it.
    #[serde(default)]
    pub(crate) told: Told,
    /// The words that begin it anew, where its branch alone does not say them.
    #[serde(default)]
    pub(crate) again: Option<String>,
}

/// What a deed has done, in words; empty where the command has its own.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Told {
    pub(crate) done: String,
    /// What is left to do for the user.
    pub(crate) after: Option<String>,
    /// What it made, by name.
    pub(crate) json: serde_json::Map<String, serde_json::Value>,
    /// What is printed on stdout.
    #[serde(default)]
    pub(crate) answer: Option<String>,
}

/// What is checked out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Spot {
    Branch(String),
    Commit(Id),
}

/// What becomes of a merge that conflicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Conflicts {
    /// All is taken back.
    TakeBack,
    /// The user resolves it, and goes on.
    Stop,
}

/// What is done about a deed that was begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resume {
    /// What is missing is done.
    Continue,
    /// What was done is taken back.
    Abort,
}

/// The going on of a deed, or its end.
#[derive(Debug)]
pub(crate) struct Resumption {
    pub(crate) deed: Box<Deed>,
    pub(crate) at: usize,
    pub(crate) resume: Resume,
}

impl Deed {
    pub(super) fn lines(&self) -> Vec<Line> {
        self.acts.iter().map(Act::line).collect()
    }

    /// What will be different in the files that it changes itself.
    pub(super) fn diff(&self) -> anyhow::Result<String> {
        let edits = self.acts.iter().flat_map(|act| match act {
            Act::Edit { files, .. } => files.as_slice(),
            _ => &[],
        });
        edits.map(Edit::diff).collect()
    }

    /// The command that it is, as it is typed after `prodev flow`.
    fn words(&self) -> String {
        if let Some(again) = &self.again {
            return again.clone();
        }
        let new = self.acts.iter().find_map(|act| match act {
            Act::Copy { to, .. } => Some(quoted(to) + " "),
            _ => None,
        });
        format!("{} {}{}", self.command, new.unwrap_or_default(), quoted(&self.branch))
    }

    /// Does it all, or nothing of it.
    ///
    /// # Errors
    /// What went wrong; all is as it was before then, unless the failure says that it waits for the user.
    pub(super) fn apply(self, ui: &Ui) -> anyhow::Result<()> {
        run::begin(self, ui)
    }
}

impl Resumption {
    pub(super) fn lines(&self) -> Vec<Line> {
        match self.resume {
            Resume::Continue => self.deed.acts[self.at.min(self.deed.acts.len())..].iter().map(Act::line).collect(),
            Resume::Abort => {
                let line = |name: &String| Line { action: "restore", path: act::short(name).to_owned() };
                let place = |act: &Act| match act {
                    Act::Open { place: Some(place), .. } if place.exists() => {
                        Some(Line { action: "remove", path: place.display().to_string() })
                    }
                    _ => None,
                };
                let places = self.deed.acts.iter().take(self.at + 1).filter_map(place);
                places.chain(self.deed.refs.keys().map(line)).collect()
            }
        }
    }

    pub(super) fn apply(self, ui: &Ui) -> anyhow::Result<()> {
        run::resume(&self.deed.common_dir, self.resume, ui)
    }
}
