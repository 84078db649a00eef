//! Recipes: what can be run, in which order, with which arguments, how it is run and stopped, and when that happens by itself.

mod ask;
mod bind;
pub(crate) mod cache;
mod call;
mod candidates;
mod carry;
mod catalog;
mod check;
mod context;
mod executor;
mod export;
mod graph;
mod history;
mod language;
mod layered;
mod lint;
mod list;
mod picture;
mod plan;
mod reference;
mod repeat;
mod run;
pub(crate) mod schedule;
mod scope;
mod script;
mod shell;
mod show;
pub(crate) mod straight;
mod timings;
mod variables;
mod watch;
mod when;
mod words;

use std::path::{Path, PathBuf};

use crate::error::Failure;

pub(crate) use carry::{Held, Piece, carry};
pub(crate) use run::{Args, Mood, run};
pub(crate) use words::words;

/// What is wrong with references in the recipes of `project`.
///
/// # Errors
/// One failure (exit 2) of all problems.
pub(crate) fn judge(project: &crate::config::project::Project) -> Result<(), Failure> {
    check::check(&catalog::Catalog::of(project, &project.dir))
}

/// Where the .env layers of a recipe come from. What reads them is another room, and the two meet in `cli`.
pub(crate) trait Layers {
    /// The variables of the layers that hold in `dir` under `profile`; of `files` alone where some are named. With
    /// `overrides` they win over the environment, whatever the configuration says.
    ///
    /// # Errors
    /// Where a file cannot be read.
    fn load(&self, dir: &Path, profile: Option<&str>, files: &[String], overrides: bool) -> Result<Loaded, Failure>;

    /// The files of these layers, whether they are there or not.
    fn files(&self, dir: &Path, profile: Option<&str>, files: &[String]) -> Vec<PathBuf>;
}

/// Variables, and which of their values are never shown.
#[derive(Debug, Default)]
pub(crate) struct Loaded {
    pub(crate) variables: Vec<(String, String)>,
    pub(crate) secrets: Vec<String>,
}
