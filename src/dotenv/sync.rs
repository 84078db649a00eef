//! `prodev env sync` and `prodev env example`: one file brought up to another. The direction is always said; values that are secrets go nowhere.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use indexmap::IndexSet;
use serde_json::json;

use super::blocks::{Block, blocks};
use super::cipher;
use super::evaluate::Assignment;
use super::keyring::is_key_name;
use super::store::{FileArgs, Store, read};
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
    /// Take out variables that the other file does not have
    #[arg(long)]
    remove: bool,
    /// Put variables into the order of the other file, each with its comments
    #[arg(long)]
    reorder: bool,
}

pub(super) fn run(args: &Args, ctx: &Ctx) -> anyhow::Result<Outcome> {
    let (target, source) = args.files.open_beside(&args.from, ctx)?;
    bring(&source, target, &args.how)
}

pub(super) fn example(args: &ExampleArgs, ctx: &Ctx) -> anyhow::Result<Outcome> {
    if args.infer {
        return super::infer::infer(args.write, ctx);
    }
    let (source, target) = args.files.open_beside(&args.output, ctx)?;
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
    target.reading()?;
    let here: IndexSet<String> = blocks(&target.draft).into_iter().map(|block| block.key).collect();
    let added: Vec<String> = order.iter().filter(|key| !here.contains(*key)).cloned().collect();
    let lines = added.iter().map(|key| {
        let lines = if public { given.public_lines(key)? } else { given.lines(key) };
        Ok((key.as_str(), lines))
    });
    target.draft.add_in_order(&lines.collect::<Result<_, Failure>>()?, &order);
    let surplus: Vec<String> = here.iter().filter(|key| !order.contains(*key) && !is_key_name(key)).cloned().collect();
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
    let mut done = Vec::new();
    if !added.is_empty() {
        done.push(format!("added {} of `{}` to `{}`", listed(added), source.shown, target.shown));
    }
    if how.remove && !surplus.is_empty() {
        done.push(format!("took {} out of `{}`", listed(surplus), target.shown));
    }
    if done.is_empty() {
        let what = if step.is_some() { "is in the order of" } else { "has all that is in" };
        done.push(format!("`{}` {what} `{}`", target.shown, source.shown));
    }
    let left = (!how.remove && !surplus.is_empty())
        .then(|| format!("`{}` does not have {}: `--remove` takes it out", source.shown, listed(surplus)));
    let removed: &[String] = if how.remove { surplus } else { &[] };
    let surplus: &[String] = if how.remove { &[] } else { surplus };
    let json =
        json!({ "from": source.shown, "to": target.shown, "added": added, "removed": removed, "surplus": surplus });
    let change =
        Change { plan: Plan::new(step), done: done.join("\n"), after: left, json: object(json), ..Change::default() };
    Ok(Outcome::Change(Box::new(change)))
}

/// A file that everybody is meant to read.
fn is_example(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    name.split('.').any(|part| matches!(part, "example" | "sample" | "template" | "dist" | "schema"))
}

/// What the file that is looked at has, by name; of a name that comes again the last one.
struct Given<'a> {
    store: &'a Store,
    blocks: HashMap<String, Block>,
    /// Values that stand for themselves.
    values: HashMap<String, Option<String>>,
}

impl<'a> Given<'a> {
    fn of(store: &'a Store, blocks: Vec<Block>) -> Result<Self, Failure> {
        let plain = store.reading()?.assignments.into_iter().filter(|one| one.references.is_empty());
        let values = plain.map(|one| (one.key, one.value)).collect();
        Ok(Self { store, blocks: blocks.into_iter().map(|block| (block.key.clone(), block)).collect(), values })
    }

    fn text(&self, span: &Span) -> String {
        String::from_utf8_lossy(&self.store.draft.bytes()[span.clone()]).into_owned()
    }

    /// A variable as it stands in the file, with its comments.
    fn lines(&self, key: &str) -> String {
        self.blocks.get(key).map(|block| self.text(&block.span)).unwrap_or_default()
    }

    /// The same for everybody's eyes.
    fn public_lines(&self, key: &str) -> Result<String, Failure> {
        let Some(block) = self.blocks.get(key) else { return Ok(format!("{key}=")) };
        let comments = self.text(&block.comments);
        let shown: String = comments.split_inclusive('\n').filter(|line| is_shown(line)).collect();
        let value = self.public_value(key)?;
        Ok(format!("{shown}{key}={value}"))
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

/// A comment that is no commented-out assignment and holds nothing that looks like a secret.
fn is_shown(line: &str) -> bool {
    let text = line.trim().trim_start_matches('#').trim();
    !text.contains('=') && secrecy::is_harmless_comment(text)
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
