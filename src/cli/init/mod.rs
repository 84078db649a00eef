//! `prodev init`: a commented `prodev.toml` for a project that is there already, from what is found in it.

mod branching;
mod recipes;
mod secrecy;
mod text;
mod tools;
mod variables;

use std::path::Path;

use serde_json::json;

use crate::config::discover::{self, FILE_NAME};
use crate::config::project;
use crate::ctx::Ctx;
use crate::error::{Failure, fail};
use crate::git::{self, Survey};
use crate::outcome::{Change, Outcome};
use crate::plan::{NewFile, Plan, Step};

/// Write a prodev.toml for an existing project
///
/// Looks at branches, tags and messages, at package.json, Makefile, Cargo.toml, pyproject.toml, manage.py and go.mod, and at .env and
/// .env.example, and writes down what it finds. Values of secrets are never written. Nothing but prodev.toml is made.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  prodev init
  prodev init --dry-run
  prodev -C services/api init")]
pub(crate) struct Args {}

/// What was found in a project, ready to be written down.
#[derive(Debug, Default)]
struct Found {
    branching: Option<branching::Branching>,
    recipes: Vec<recipes::Suggestion>,
    variables: variables::Variables,
    /// Things that stay as they are, and are mentioned.
    notes: Vec<String>,
    /// The files that were looked at and said something.
    sources: Vec<String>,
}

pub(super) fn run(_: &Args, ctx: &Ctx) -> anyhow::Result<Outcome> {
    let target = match &ctx.config_file {
        Some(file) => ctx.resolve(file),
        None => discover::home(&ctx.dir).join(FILE_NAME),
    };
    refuse_existing(&target, ctx)?;
    let home = target.parent().unwrap_or(&ctx.dir);
    let seen = match git::survey(home) {
        Ok(seen) => seen,
        Err(error) => {
            ctx.ui.warn(&format!("{error:#}: branches and tags are not looked at"));
            None
        }
    };
    let found = look(home, seen.as_ref());
    Ok(Outcome::Change(Box::new(plan(&target, &found, ctx)?)))
}

fn refuse_existing(target: &Path, ctx: &Ctx) -> Result<(), Failure> {
    let existing = if target.symlink_metadata().is_ok() {
        Some(target.to_owned())
    } else if ctx.config_file.is_none() {
        discover::root(&ctx.dir)
    } else {
        None
    };
    let Some(existing) = existing else { return Ok(()) };
    Err(fail(format!("there is a `{}` already", discover::shown(&existing, &ctx.dir)))
        .hint("see what it says with `prodev config show`"))
}

fn look(home: &Path, seen: Option<&Survey>) -> Found {
    let mut found = Found { branching: seen.map(branching::look), ..Found::default() };
    recipes::look(home, &mut found);
    found.variables = variables::look(home);
    found.sources.extend(found.variables.files.iter().cloned());
    tools::look(home, seen, &mut found);
    found
}

fn plan(target: &Path, found: &Found, ctx: &Ctx) -> anyhow::Result<Change> {
    let shown = discover::shown(target, &ctx.dir);
    let source = text::write(found);
    // What is written is read back before it is planned: a file that prodev itself refuses helps nobody.
    project::check(&shown, &source)
        .map_err(|failure| failure.hint("this is a fault of `prodev init`: please report what is in the project"))?;
    let folder = target.parent().filter(|folder| folder.is_dir());
    if folder.is_none() {
        return Err(fail(format!("there is no directory for `{shown}`")).hint("make it first").into());
    }
    let mut before = Vec::new();
    if !found.sources.is_empty() {
        before.push(format!("found {}", found.sources.join(", ")));
    }
    let recipe = found.recipes.first().map(|recipe| format!("\n  prodev run {}", recipe.name)).unwrap_or_default();
    let file = NewFile { path: target.to_owned(), shown: shown.clone(), bytes: source.into_bytes() };
    Ok(Change {
        plan: Plan::new([Step::File(file)]),
        before,
        done: format!("wrote `{shown}`"),
        after: Some(format!("Look it through, then try\n  prodev config show{recipe}")),
        json: crate::outcome::object(json!({
            "file": shown,
            "found": found.sources,
            "recipes": found.recipes.iter().map(|recipe| &recipe.name).collect::<Vec<_>>(),
            "variables": found.variables.list.iter().map(|variable| &variable.name).collect::<Vec<_>>(),
        })),
    })
}

/// The text of a small file; nothing where it is not there, is no text, or is large.
fn read(path: &Path) -> Option<String> {
    let meta = std::fs::metadata(path).ok()?;
    (meta.is_file() && meta.len() < 1024 * 1024).then(|| std::fs::read_to_string(path).ok()).flatten()
}

#[cfg(test)]
mod tests;
