//! `prodev env sync` and `prodev env example`: one file brought up to another. The direction is always said; values that are secrets go nowhere.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use indexmap::IndexSet;
use serde_json::json;

use super::blocks::{Added, Block, blocks};
use super::cipher;
use super::commented;
use super::evaluate::Assignment;
use super::keyring::is_key_name;
use super::store::{FileArgs, Store, name_of, read};
use super::syntax::Span;
use crate::config::environment::{EnvironmentVariable, VariableType};
use crate::config::secrecy;
use crate::ctx::Ctx;
use crate::error::{Failure, fail, listed};
use crate::outcome::{Change, Outcome, object};
use crate::plan::{Plan, Privacy};

/// Add to a file what another one has more
///
/// From `.env.example` to `.env` without any flags. Variables that are missing are added where they stand in the other file, with the comments above
/// them; what is there already is not changed. Into an example goes no value that may be a secret.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  prodev env sync                                   .env gets what .env.example has more
  prodev env sync --remove --reorder                and nothing else, in the same order
  prodev env sync --from .env -f .env.example       the other way round, without secrets")]
pub(crate) struct Args {
    /// The file whose variables the other one is to have
    #[arg(long, value_name = "FILE", default_value = ".env.example", value_hint = clap::ValueHint::FilePath)]
    from: PathBuf,
    #[command(flatten)]
    how: How,
    #[command(flatten)]
    files: FileArgs,
}

/// Bring an example up to your file
///
/// Adds to `.env.example` what `.env` has more, with the comments above it, and makes the file where there is none. No value goes there that may be
/// a secret: only those of plain switches, numbers and addresses, and what `[env.vars]` gives as an example or a default.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  prodev env example
  prodev env example -f .env.production --output .env.production.example --remove
  prodev env example --infer               print declarations for what has none
  prodev env example --infer --write       add them to prodev.toml")]
pub(crate) struct ExampleArgs {
    /// Print declarations for variables without one, from the files and the code
    #[arg(long, conflicts_with_all = ["output", "remove", "reorder", "files", "profile"])]
    infer: bool,
    /// Add the declarations to `prodev.toml`
    #[arg(long, requires = "infer")]
    write: bool,
    /// The example
    #[arg(short, long, value_name = "FILE", default_value = ".env.example", value_hint = clap::ValueHint::FilePath)]
    output: PathBuf,
    #[command(flatten)]
    how: How,
    #[command(flatten)]
    files: FileArgs,
}

/// What else is done.
#[derive(clap::Args, Debug)]
struct How {
    /// Take out variables that the other file does not have, each with its comments
    #[arg(long)]
    remove: bool,
    /// Put variables into the order of the other file, each with its comments
    #[arg(long)]
    reorder: bool,
}

pub(super) fn run(args: &Args, ctx: &Ctx) -> anyhow::Result<Outcome> {
    let (target, source) = args.files.open_beside(&args.from, "--from", ctx)?;
    bring(&source, target, &args.how)
}

pub(super) fn example(args: &ExampleArgs, ctx: &Ctx) -> anyhow::Result<Outcome> {
    if args.infer {
        return super::infer::infer(args.write, ctx);
    }
    let (source, target) = args.files.open_beside(&args.output, "--output", ctx)?;
    bring(&source, target, &args.how)
}

fn bring(source: &Store, mut target: Store, how: &How) -> anyhow::Result<Outcome> {
    if !source.is_there() {
        return Err(fail(format!("there is no file `{}`", source.shown))
            .hint("name another with `--from` or `--file`")
            .into());
    }
    let public = is_example(&target.path);
    let source_blocks = blocks(&source.draft);
    let names = source_blocks.iter().map(|block| &block.key).filter(|key| !is_key_name(key));
    let order: IndexSet<String> = names.cloned().collect();
    let given = Given::of(source, source_blocks)?;
    let withheld = if public { given.withheld() } else { Vec::new() };
    target.reading()?;
    let here: IndexSet<String> = blocks(&target.draft).into_iter().map(|block| block.key).collect();
    let added: Vec<String> = order.iter().filter(|key| !here.contains(*key)).cloned().collect();
    let lines = added.iter().map(|key| {
        let lines = if public { given.public_lines(key, &withheld)? } else { given.lines(key) };
        Ok((key.as_str(), lines))
    });
    target.draft.add_in_order(&lines.collect::<Result<_, Failure>>()?, &order);
    let surplus: Vec<String> = here.iter().filter(|key| !order.contains(*key) && !is_key_name(key)).cloned().collect();
    if !public {
        verify_added(source, &target, &added)?;
    }
    if how.remove {
        let surplus: HashSet<&str> = surplus.iter().map(String::as_str).collect();
        target.draft.remove_all(|name| surplus.contains(name));
    }
    if how.reorder {
        target.draft.reorder(&order);
    }
    if let Some((_, key)) = target.public_key()? {
        let reading = read(&target.draft, target.dialect()).unwrap_or_default();
        let has_value =
            |one: &&Assignment| one.references.is_empty() && one.value.as_deref().is_some_and(|it| !it.is_empty());
        let full: HashSet<&str> = reading.assignments.iter().filter(has_value).map(|one| one.key.as_str()).collect();
        let values: Vec<String> = added.iter().filter(|key| full.contains(key.as_str())).cloned().collect();
        if !values.is_empty() {
            super::encrypt::encrypt(&mut target, &values, &key)?;
        }
    }
    let touched: Vec<&str> = added.iter().chain(surplus.iter().filter(|_| how.remove)).map(String::as_str).collect();
    target.verify(&touched).map_err(|failure| {
        let hint = "leave `--reorder` out: what refers to others has to stand below them".to_owned();
        if how.reorder { Failure { hints: vec![hint], ..failure } } else { failure }
    })?;
    Ok(told(source, &target, &added, &surplus, how, public)?)
}

/// Holds what was added against what it is in the file that it comes from, for everybody who reads both.
fn verify_added(source: &Store, target: &Store, added: &[String]) -> Result<(), Failure> {
    for dialect in &target.dialects {
        let (Ok(was), Ok(is)) = (read(&source.draft, *dialect), read(&target.draft, *dialect)) else { continue };
        // What refers to others says here what they say here.
        let plain = |all: Vec<Assignment>| -> HashMap<String, Option<String>> {
            let plain = all.into_iter().filter(|one| one.references.is_empty() && added.contains(&one.key));
            plain.map(|one| (one.key, one.value)).collect()
        };
        let (was, is) = (plain(was.assignments), plain(is.assignments));
        if let Some(key) = added.iter().find(|key| was.contains_key(*key) && was.get(*key) != is.get(*key)) {
            return Err(fail(format!(
                "`{key}` of `{}` would be read otherwise by `{}` in `{}`",
                source.shown,
                name_of(*dialect),
                target.shown
            ))
            .hint("give both files the same line ends first"));
        }
    }
    Ok(())
}

/// What was done, in words and as data.
fn told(
    source: &Store,
    target: &Store,
    added: &[String],
    surplus: &[String],
    how: &How,
    public: bool,
) -> Result<Outcome, Failure> {
    let step = target.step_for(if public { Privacy::Ordinary } else { Privacy::Private })?;
    let said = |add: &str, take: &str, is_ordered: &str| {
        let mut lines = Vec::new();
        if !added.is_empty() {
            lines.push(format!("{add} {} of `{}` to `{}`", listed(added), source.shown, target.shown));
        }
        if how.remove && !surplus.is_empty() {
            lines.push(format!("{take} {} out of `{}`", listed(surplus), target.shown));
        }
        if lines.is_empty() {
            let what = if step.is_some() { is_ordered } else { "has all that is in" };
            lines.push(format!("`{}` {what} `{}`", target.shown, source.shown));
        }
        lines.join("\n")
    };
    let done = said("added", "took", "is in the order of");
    let rehearsal = said("would add", "would take", "would be in the order of");
    let left = (!how.remove && !surplus.is_empty())
        .then(|| format!("`{}` does not have {}: `--remove` takes it out", source.shown, listed(surplus)));
    let removed: &[String] = if how.remove { surplus } else { &[] };
    let surplus: &[String] = if how.remove { &[] } else { surplus };
    let json =
        json!({ "from": source.shown, "to": target.shown, "added": added, "removed": removed, "surplus": surplus });
    let change = Change {
        plan: Plan::new(step),
        done,
        rehearsal: Some(rehearsal),
        after: left,
        json: object(json),
        ..Change::default()
    };
    Ok(Outcome::Change(Box::new(change)))
}

/// A file that everybody is meant to read.
fn is_example(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    name.split('.').any(|part| matches!(part, "example" | "sample" | "template" | "dist" | "schema"))
}

/// Characters that a secret has at least to be looked for in comments, and any other value that is kept back.
const SHORTEST_SECRET: usize = 4;
const SHORTEST_VALUE: usize = 6;

/// What the file that is looked at has, by name; of a name that comes again the last one.
struct Given<'a> {
    store: &'a Store,
    blocks: HashMap<String, Block>,
    /// Values that stand for themselves.
    values: HashMap<String, Option<String>>,
    assignments: Vec<Assignment>,
}

impl<'a> Given<'a> {
    fn of(store: &'a Store, blocks: Vec<Block>) -> Result<Self, Failure> {
        let assignments = store.reading()?.assignments;
        let plain = assignments.iter().filter(|one| one.references.is_empty());
        let values = plain.map(|one| (one.key.clone(), one.value.clone())).collect();
        let blocks = blocks.into_iter().map(|block| (block.key.clone(), block)).collect();
        Ok(Self { store, blocks, values, assignments })
    }

    fn bytes(&self, span: &Span) -> &[u8] {
        &self.store.draft.bytes()[span.clone()]
    }

    /// A variable as it stands in the file, with its comments.
    fn lines(&self, key: &str) -> Added {
        let Some(block) = self.blocks.get(key) else { return Added::default() };
        let entry = self.bytes(&(block.comments.end..block.span.end)).to_vec();
        Added { comments: self.bytes(&block.comments).to_vec(), entry }
    }

    /// The same for everybody's eyes.
    fn public_lines(&self, key: &str, withheld: &[String]) -> Result<Added, Failure> {
        let Some(block) = self.blocks.get(key) else {
            return Ok(Added { entry: format!("{key}=").into_bytes(), ..Added::default() });
        };
        let comments = String::from_utf8_lossy(self.bytes(&block.comments)).into_owned();
        let within = commented::within(comments.as_bytes(), &commented::lines(comments.as_bytes()));
        let lines = comments.split_inclusive('\n').zip(within);
        let shown = lines.filter(|(line, is_within)| !is_within && is_shown(line, withheld)).map(|(line, _)| line);
        let comments = shown.collect::<String>().into_bytes();
        Ok(Added { comments, entry: format!("{key}={}", self.public_value(key)?).into_bytes() })
    }

    /// Values that stand for themselves and go into no example, by their lines: as a comment may repeat them.
    fn withheld(&self) -> Vec<String> {
        let mut withheld = Vec::new();
        for one in self.assignments.iter().filter(|one| !is_key_name(&one.key)) {
            let Some(value) = one.value.as_deref().filter(|value| !cipher::is_encrypted(value)) else { continue };
            let declared = self.store.environment.vars.get(&one.key);
            let kind = declared.map_or_else(|| kind(value), |it| it.kind);
            let is_secret = declared.is_some_and(|it| it.secret) || secrecy::is_secret(&one.key, kind, value);
            if !is_secret && secrecy::is_harmless(&one.key, kind, value) {
                continue;
            }
            // A short one is a part of many words: only where it surely is a secret it counts.
            let least = if is_secret { SHORTEST_SECRET } else { SHORTEST_VALUE };
            let password = value.split_once("://").and_then(|(_, rest)| rest.rsplit_once('@')?.0.split_once(':'));
            let parts = value.lines().chain(password.map(|(_, password)| password)).map(str::trim);
            withheld.extend(parts.filter(|part| part.chars().count() >= least).map(str::to_owned));
        }
        withheld
    }

    /// What stands behind the name in an example: what is declared for it, else the value where nothing about it can be a secret.
    fn public_value(&self, key: &str) -> Result<String, Failure> {
        let declared = self.store.environment.vars.get(key);
        let made_up = declared.and_then(|it| it.example.as_ref().or(it.default.as_ref()));
        let plain = match (declared, made_up) {
            (Some(declared), _) if declared.secret => None,
            (_, Some(value)) => Some(value.to_string()),
            _ => {
                let value = self.values.get(key).cloned().flatten().filter(|value| !cipher::is_encrypted(value));
                let kind = |value: &str| declared.map_or_else(|| kind(value), |it| it.kind);
                value.filter(|value| secrecy::is_harmless(key, kind(value), value))
            }
        };
        let Some(plain) = plain else { return Ok(String::new()) };
        let site = super::spelling::Site { key, quote: None, comment: None, dialects: &self.store.dialects };
        super::spelling::spell(&plain, &site).map_err(|dialects| super::set::no_spelling(key, &dialects))
    }
}

/// A comment that is no commented-out assignment and holds nothing that is, or looks like, a secret.
fn is_shown(line: &str, withheld: &[String]) -> bool {
    let comment = line.trim();
    let text = comment.trim_start_matches('#').trim();
    !text.contains('=')
        && commented::assignment(comment).is_none()
        && secrecy::is_harmless_comment(text)
        && !withheld.iter().any(|value| text.contains(value))
}

/// The type that a value is surely of.
fn kind(value: &str) -> VariableType {
    let kinds = [VariableType::Bool, VariableType::Int, VariableType::Url];
    let fits = |kind: &VariableType| {
        EnvironmentVariable { kind: *kind, ..EnvironmentVariable::default() }.refuse(value).is_none()
    };
    // `1` is a number to most who write it.
    let is_word = value.chars().any(char::is_alphabetic);
    kinds.into_iter().filter(|kind| *kind != VariableType::Bool || is_word).find(fits).unwrap_or_default()
}
