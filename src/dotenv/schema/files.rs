//! Declarations in files of their own: which there are, and how they are joined to those of `prodev.toml`.

use std::collections::HashMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::{envspec, json};
use crate::config::discover;
use crate::config::environment::{Environment, EnvironmentVariable};
use crate::config::value::{Map, Severity};
use crate::ctx::Ctx;
use crate::error::{Exit, Failure, Place, Problem, Spots, fail};

/// Files that are read where they are there and `[env] schema` names none.
const USUAL: [&str; 2] = [".env.schema", "env.schema.json"];

/// What a file declares.
#[derive(Debug, Default)]
pub(super) struct File {
    pub(super) vars: Map<EnvironmentVariable>,
    /// Where each name stands.
    pub(super) places: HashMap<String, Range<usize>>,
    /// How much a variable matters that it does not have, where it says so.
    pub(super) undeclared: Option<Severity>,
}

/// Something that cannot be understood.
#[derive(Debug)]
pub(super) struct Wrong {
    pub(super) span: Range<usize>,
    pub(super) message: String,
}

/// A file that has been read, with its name and text.
#[derive(Debug)]
pub(in super::super) struct Read {
    shown: String,
    source: String,
    file: File,
}

/// Joins the declarations of other files to those of `prodev.toml`, which have the last word on a name.
///
/// # Errors
/// Exit 2 with everything in them that cannot be understood.
pub(in super::super) fn extend(environment: &mut Environment, folder: &Path, ctx: &Ctx) -> Result<(), Failure> {
    for read in read(environment, folder, ctx)? {
        for (name, variable) in read.file.vars {
            environment.vars.entry(name).or_insert(variable);
        }
        environment.undeclared = read.file.undeclared.unwrap_or(environment.undeclared);
    }
    Ok(())
}

/// Where such files are, or would be.
pub(in super::super) fn paths(environment: &Environment, folder: &Path) -> Vec<PathBuf> {
    let named = environment.schema.as_slice();
    let usual = USUAL.iter().map(|name| (*name).to_owned()).filter(|_| named.is_empty());
    named.iter().cloned().chain(usual).map(|name| folder.join(name)).collect()
}

/// The files that declare variables of a folder.
///
/// # Errors
/// As [`extend`], and where one that is named is not there.
pub(in super::super) fn read(environment: &Environment, folder: &Path, ctx: &Ctx) -> Result<Vec<Read>, Failure> {
    let named = environment.schema.as_slice();
    let usual =
        USUAL.iter().map(|name| (*name).to_owned()).filter(|name| named.is_empty() && folder.join(name).is_file());
    let mut files = Vec::new();
    for name in named.iter().cloned().chain(usual) {
        let path = folder.join(&name);
        let shown = discover::shown(&path, &ctx.dir);
        let source = std::fs::read_to_string(&path).map_err(|error| {
            fail(format!("cannot read the schema `{shown}`"))
                .cause(error.to_string())
                .exit(Exit::Usage)
                .hint("`[env] schema` names it: make it, or take it out")
        })?;
        let is_json = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json"));
        let file = if is_json { json::read(&source) } else { envspec::read(&source) };
        let file = file.map_err(|wrong| {
            let places = Spots::of(&shown, &source);
            let problem = |Wrong { span, message }| Problem::new(message).at(places.at(&span).hide());
            let problems = wrong.into_iter().map(problem);
            Failure::of(format!("the schema `{shown}` is not understood"), problems.collect())
                .exit(Exit::Usage)
                .hint("docs/env.md says which part of such files is read; `[env.vars]` in prodev.toml can say the rest")
        })?;
        files.push(Read { shown, source, file });
    }
    Ok(files)
}

impl Read {
    /// The place of a variable's declaration.
    pub(in super::super) fn place(&self, name: &str) -> Option<Place> {
        let span = self.file.places.get(name)?;
        // A default that is a secret may stand in the line.
        Some(Place::of(&self.shown, &self.source, span).hide())
    }
}
