//! How much each rule matters: by itself, by `[env.lint]`, by the command line; and names of rules that there are not.

use clap_complete::engine::CompletionCandidate;

use super::Args;
use super::lint::Severities;
use super::rules::{self, TABLE};
use crate::config::environment::{Dialect, Environment};
use crate::config::value::Severity;
use crate::ctx::Ctx;
use crate::dotenv::{declared, scan, usage};
use crate::error::{Exit, Failure, Place, Problem, nearest};

/// What is asked for on the command line.
#[derive(Debug)]
pub(super) struct Settings {
    /// The first one is the project's own, the others read the files, too; none where the configuration says it.
    dialects: Vec<Dialect>,
    only: Vec<String>,
    skip: Vec<String>,
    is_strict: bool,
    pub(super) show_secrets: bool,
}

impl Settings {
    /// # Errors
    /// Exit 2 where the command line or `[env.lint]` names a rule that there is not.
    pub(super) fn of(args: &Args, ctx: &Ctx) -> Result<Self, Failure> {
        let mut problems: Vec<Problem> = Vec::new();
        for name in args.only.iter().chain(&args.skip).filter(|name| !is_known(name)) {
            problems.push(Problem::new(format!("there is no rule `{name}`")).suggest(name, names()));
        }
        problems.extend(configured(ctx)?);
        if !problems.is_empty() {
            let failure = Failure::of("there are no such rules", problems).exit(Exit::Usage);
            return Err(if failure.hints.is_empty() {
                failure.hint("see the rules in `prodev env check --help`, or in docs/env.md")
            } else {
                failure
            });
        }
        let Args { dialects, only, skip, strict, show_secrets, .. } = args;
        Ok(Self {
            dialects: dialects.clone(),
            only: only.clone(),
            skip: skip.clone(),
            is_strict: *strict,
            show_secrets: *show_secrets,
        })
    }

    /// In which dialects the files of a folder are read: first the project's own, then everybody else's.
    pub(super) fn dialects(&self, config: &Environment) -> Vec<Dialect> {
        let given = match self.dialects.as_slice() {
            [] => std::iter::once(config.dialect).chain(config.dialects.iter().copied()).collect(),
            given => given.to_vec(),
        };
        let mut dialects: Vec<Dialect> = Vec::new();
        for dialect in given {
            if !dialects.contains(&dialect) {
                dialects.push(dialect);
            }
        }
        dialects
    }

    /// The same where there must be several to compare: without any, the most used ones.
    pub(super) fn compared(&self, config: &Environment) -> Vec<Dialect> {
        let dialects = self.dialects(config);
        // The default is what prodev reads; who names others speaks of those that read the files.
        let named = || config.dialects.clone();
        match dialects.as_slice() {
            [Dialect::Default, ..] if self.dialects.is_empty() && config.dialects.len() > 1 => named(),
            [one] => {
                let most = [Dialect::Compose, Dialect::Dotenv, Dialect::Dotenvx, Dialect::Python];
                std::iter::once(*one).chain(most.into_iter().filter(|other| other != one)).collect()
            }
            _ => dialects,
        }
    }

    /// How much the rules matter in a folder.
    pub(super) fn severities(&self, config: &Environment) -> Severities {
        Severities::new(TABLE.iter().map(|about| self.severity(about.rule.id(), about.severity, config)))
    }

    /// How much a rule matters that is `usual` otherwise.
    pub(super) fn severity(&self, id: &str, usual: Severity, config: &Environment) -> Severity {
        let is_it = |name: &str| {
            let is_of_schema = || is_schema(name) && schema().any(|(other, _)| other == id);
            name == id || rules::named(name).is_some_and(|rule| rule.id() == id) || is_of_schema()
        };
        let configured = config.lint.iter().find(|(name, _)| is_it(name)).map(|(_, severity)| *severity);
        let is_only = self.only.iter().any(|name| is_it(name));
        let severity = match configured.unwrap_or(usual) {
            _ if self.skip.iter().any(|name| is_it(name)) || !self.only.is_empty() && !is_only => Severity::Off,
            Severity::Off if is_only && usual != Severity::Off => usual,
            Severity::Off if is_only => Severity::Warn,
            severity => severity,
        };
        if severity == Severity::Warn && self.is_strict { Severity::Error } else { severity }
    }
}

/// All names of rules that `[env.lint]` can have.
fn names() -> impl Iterator<Item = &'static str> {
    let ours = TABLE.iter().flat_map(|about| std::iter::once(about.id).chain(about.linter));
    ours.chain(scan::rules().chain(schema()).chain(usage::rules()).map(|(id, _)| id)).chain([SCHEMA])
}

/// What dotenv-linter calls all that is against the declarations.
const SCHEMA: &str = "SchemaViolation";

/// Whether a name stands for all rules of the schema.
pub(super) fn is_schema(name: &str) -> bool {
    name.eq_ignore_ascii_case(SCHEMA) || name == "schema-violation"
}

/// The rules of the schema: names and meanings.
pub(super) fn schema() -> impl Iterator<Item = (&'static str, &'static str)> {
    declared::rules()
}

fn is_known(name: &str) -> bool {
    rules::named(name).is_some() || is_schema(name) || names().any(|known| known == name)
}

/// The names in the project's `[env.lint]` that are no rule's.
fn configured(ctx: &Ctx) -> Result<Vec<Problem>, Failure> {
    let mut problems = Vec::new();
    for file in &ctx.config()?.files {
        let Some(environment) = &file.part.env else { continue };
        for name in environment.lint.keys().filter(|name| !is_known(name)) {
            let at = file.source.lines().position(|line| {
                line.trim_start()
                    .trim_start_matches(['"', '\''])
                    .strip_prefix(name.as_str())
                    .is_some_and(|rest| rest.trim_start_matches(['"', '\'']).trim_start().starts_with('='))
            });
            let mut problem = Problem::new(format!("`[env.lint]` has no rule `{name}`"));
            if let Some(line) = at {
                let start: usize = file.source.split_inclusive('\n').take(line).map(str::len).sum();
                let begin = start + file.source[start..].find(name.as_str()).unwrap_or_default();
                problem = problem.at(Place::of(&file.shown, &file.source, &(begin..begin + name.len())));
            }
            problems.push(match nearest(name, names()) {
                Some(near) => problem.hint(format!("did you mean `{near}`?")),
                None => problem,
            });
        }
    }
    Ok(problems)
}

/// Rules as code scanners are told of them.
pub(super) fn described() -> Vec<(&'static str, &'static str)> {
    TABLE.iter().map(|about| (about.id, about.what)).chain(schema()).chain(scan::tracking()).collect()
}

/// The names of rules, for shells.
pub(super) fn candidates() -> Vec<CompletionCandidate> {
    TABLE.iter().map(|about| CompletionCandidate::new(about.id).help(Some(about.what.into()))).collect()
}

/// Names that comments can have beside those of the table.
pub(super) fn other_names() -> Vec<&'static str> {
    scan::rules().chain(schema()).map(|(id, _)| id).filter(|id| rules::named(id).is_none()).collect()
}
