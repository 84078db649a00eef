//! What is chosen where a template comes to a project for the first time, by `new` and by `adopt`: its version, its components, the answers.

use std::path::PathBuf;

use clap_complete::engine::{ArgValueCandidates, ArgValueCompleter};

use super::candidates;
use super::components::Wishes;
use super::source::Wanted;

#[derive(clap::Args, Debug)]
pub(super) struct Choices {
    /// Take this tag, branch or commit of a repository; otherwise its newest version, or its default branch where it has none
    #[arg(long = "ref", value_name = "REF")]
    pub(super) reference: Option<String>,
    /// Let a version before a release be the newest
    #[arg(long, conflicts_with = "reference")]
    pub(super) pre: bool,
    /// Answer a question
    #[arg(long, value_name = "NAME=VALUE", add = ArgValueCompleter::new(candidates::questions))]
    pub(super) set: Vec<String>,
    /// Take answers from a TOML, YAML or JSON file; `-` is stdin
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub(super) answers: Vec<PathBuf>,
    /// Ask nothing: take the default of every question
    #[arg(long)]
    pub(super) defaults: bool,
    /// Add components, and what they require
    #[arg(long, value_name = "COMPONENT", value_delimiter = ',', add = ArgValueCandidates::new(candidates::components))]
    pub(super) with: Vec<String>,
    /// Leave components out
    #[arg(long, value_name = "COMPONENT", value_delimiter = ',', add = ArgValueCandidates::new(candidates::components))]
    pub(super) without: Vec<String>,
    /// Start from one of the template's selections of components
    #[arg(long, value_name = "NAME", add = ArgValueCandidates::new(candidates::presets))]
    pub(super) preset: Option<String>,
    /// Refuse a selection that lacks something instead of completing it
    #[arg(long)]
    pub(super) no_deps: bool,
}

impl Choices {
    /// That template, in the version that was asked for.
    pub(super) fn wanted<'a>(&'a self, source: &'a str) -> Wanted<'a> {
        Wanted { source, reference: self.reference.as_deref(), pre: self.pre, pins: &[] }
    }

    pub(super) fn wishes(&self) -> Wishes {
        Wishes {
            with: self.with.clone(),
            without: self.without.clone(),
            preset: self.preset.clone(),
            no_completion: self.no_deps,
            ..Wishes::default()
        }
    }
}
