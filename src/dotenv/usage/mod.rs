//! `prodev env usage`: the variables that the code reads against those that are declared.

mod compiled;
mod javascript;
mod python;
mod reads;
mod schemas;
mod settings;
mod shell;
mod source;
mod survey;
#[cfg(test)]
mod tests;
mod tokens;
mod verdict;
mod well_known;

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::json;

use super::declared::Declarations;
use super::draft::Draft;
use super::layers::configured;
use super::mask;
use super::store;
use crate::config::discover;
use crate::config::environment::{Environment, EnvironmentVariable, VariableType};
use crate::config::secrecy;
use crate::ctx::Ctx;
use crate::error::Spots;
use crate::findings::{Format, Verdict};
use crate::outcome::Outcome;

pub(super) use survey::Survey;
use verdict::{Declared, RULES, judge};
pub(super) use well_known::is_well_known;

/// The rules, for whoever asks which there are.
pub(super) fn rules() -> impl Iterator<Item = (&'static str, &'static str)> {
    RULES.into_iter()
}

/// Compare the variables that the code reads with those that are declared
///
/// Python, JavaScript and TypeScript, Rust, Go, shell scripts, Compose files and workflows are read; what Git ignores is left out, and what
/// stands in comments or texts does not count. Declared is what `[env.vars]` has, or without any what stands in `.env.example` or `.env`. A line with
/// `prodev:allow` in a comment is passed over. Exits 1 where something is found.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  prodev env usage
  prodev env usage src --format github
  prodev env usage --json")]
pub(crate) struct Args {
    /// Only these files and folders
    #[arg(value_name = "PATH", value_hint = clap::ValueHint::AnyPath)]
    paths: Vec<PathBuf>,
    /// In which form to tell what was found
    #[arg(long, value_name = "FORMAT", default_value = "text", hide_default_value = true)]
    format: Format,
}

pub(super) fn run(args: &Args, ctx: &Ctx) -> anyhow::Result<Outcome> {
    let (folder, environment) = configured(&ctx.dir, ctx)?;
    let declared = declared(&folder, &environment, ctx);
    let known = declared.iter().map(|one| one.name.clone()).collect();
    let survey = Survey::of(&folder, &args.paths, &known, ctx)?;
    let is_whole = args.paths.is_empty();
    let findings = judge(&survey, &declared, &environment, is_whole);
    let names = survey.names();
    let variables: Vec<_> = names
        .iter()
        .map(|(name, places)| {
            let declaration = declared.iter().find(|one| one.name == **name);
            let is_shown = |default: &String| {
                !declaration.is_some_and(|one| one.variable.secret)
                    && !secrecy::is_secret(name, VariableType::String, default)
            };
            let places = places.iter().map(|seen| {
                let default = seen.default.as_ref().map(|it| if is_shown(it) { it.as_str() } else { mask::MASK });
                json!({ "file": seen.file, "line": seen.line(), "default": default })
            });
            let is_declared = declaration.is_some();
            json!({ "name": name, "declared": is_declared, "read": places.collect::<Vec<_>>() })
        })
        .collect();
    let count = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    let good = format!("{} read in {}, and nothing amiss", count(names.len(), "variable"), count(survey.files, "file"));
    let mut verdict =
        Verdict { findings, format: args.format, rules: RULES.to_vec(), good: Some(good), ..Verdict::default() };
    verdict.json.insert("variables".to_owned(), variables.into());
    verdict.json.insert("looked_at".to_owned(), survey.files.into());
    Ok(Outcome::Verdict(Box::new(verdict)))
}

/// What is declared, with its places: `[env.vars]`, or without any the names of `.env.example`, or of `.env`.
fn declared(folder: &std::path::Path, environment: &Environment, ctx: &Ctx) -> Vec<Declared> {
    if !environment.vars.is_empty() {
        let declarations = Declarations::of(folder, ctx);
        let declared = environment.vars.iter().map(|(name, variable)| Declared {
            name: name.clone(),
            variable: variable.clone(),
            place: declarations.place(name),
        });
        return declared.collect();
    }
    for file in [".env.example", ".env"] {
        let path = folder.join(file);
        let Ok(bytes) = std::fs::read(&path) else { continue };
        let draft = Draft::new(&bytes, environment.dialect);
        let Ok(reading) = store::read(&draft, environment.dialect) else { continue };
        let source = String::from_utf8_lossy(&bytes);
        let shown = discover::shown(&path, &ctx.dir);
        let places = Spots::of(&shown, &source);
        let mut known = BTreeSet::new();
        let named = reading.assignments.iter().filter(|one| !super::keyring::is_key_name(&one.key));
        let first = named.filter(|one| known.insert(&one.key)).map(|one| Declared {
            name: one.key.clone(),
            variable: EnvironmentVariable::default(),
            place: Some(places.at(&one.span).hide()),
        });
        return first.collect();
    }
    Vec::new()
}
