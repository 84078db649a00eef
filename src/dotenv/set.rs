//! `prodev env set`: one variable gets a value, and not one byte besides is changed.

use std::io::Read as _;

use anyhow::Context as _;
use clap_complete::engine::ArgValueCandidates;
use serde_json::json;

use super::keyring::is_key_name;
use super::spelling::{Site, spell};
use super::store::{FileArgs, Store, name_of};
use super::syntax::Quote;
use super::{candidates, cipher, mask};
use crate::config::environment::Dialect;
use crate::ctx::Ctx;
use crate::error::{Exit, Failure, fail};
use crate::outcome::{Change, Outcome, object};
use crate::plan::Plan;
use crate::ui::{Field, Question};

/// Give a variable a value
///
/// Without VALUE it is asked for and not shown; `-` takes it from stdin, every byte of it. Comments, order, line ends and all other lines stay as
/// they are. The value is written so that every dialect of `[env] dialects` reads exactly it. In a file with a public key it is encrypted.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  prodev env set DATABASE_URL                          asks for it
  printf %s \"$TOKEN\" | prodev env set API_TOKEN -      from another program
  prodev env set DEBUG true -f .env.local
  prodev env set GREETING --plain -- '--hello'         not encrypted, and beginning with a dash")]
pub(crate) struct Args {
    /// The variable
    #[arg(value_name = "KEY", add = ArgValueCandidates::new(candidates::keys))]
    key: String,
    /// Its value; `-` takes it from stdin
    #[arg(value_name = "VALUE", allow_hyphen_values = true)]
    value: Option<String>,
    /// Do not encrypt it, though the file has a public key
    #[arg(long)]
    plain: bool,
    /// Take a secret from the command line, where other users and the shell's history see it
    #[arg(long)]
    insecure_argument: bool,
    #[command(flatten)]
    files: FileArgs,
}

/// What becomes of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    Added,
    Changed,
    Unchanged,
}

pub(super) fn run(args: &Args, ctx: &Ctx) -> anyhow::Result<Outcome> {
    check_name(&args.key)?;
    let value = value(args, ctx)?;
    let mut plan = Plan::default();
    let mut told = Vec::new();
    let mut states = Vec::new();
    for mut store in args.files.open(ctx)? {
        let (state, encrypted) = put(&mut store, &args.key, &value, args.plain)?;
        plan.steps.extend(store.step()?);
        told.push(match state {
            State::Unchanged => format!("`{}` has this value in `{}` already", args.key, store.shown),
            State::Added => format!("added `{}` to `{}`{}", args.key, store.shown, how(encrypted)),
            State::Changed => format!("set `{}` in `{}`{}", args.key, store.shown, how(encrypted)),
        });
        states.push(json!({ "file": store.shown, "state": state, "encrypted": encrypted }));
    }
    let json = object(json!({ "key": args.key, "files": states }));
    let change = Change { plan, done: told.join("\n"), json, ..Change::default() };
    Ok(Outcome::Change(Box::new(change)))
}

fn how(encrypted: bool) -> &'static str {
    if encrypted { ", encrypted" } else { "" }
}

/// # Errors
/// Where no program could have a variable of that name, or a value was meant to follow.
pub(super) fn check_name(key: &str) -> Result<(), Failure> {
    let is_first = |c: char| c.is_ascii_alphabetic() || c == '_';
    let is_right =
        key.starts_with(is_first) && key.chars().all(|c| is_first(c) || c.is_ascii_digit() || matches!(c, '.' | '-'));
    if is_right {
        return Ok(());
    }
    if let Some((name, _)) = key.split_once('=') {
        // The rest may be a secret, and is not repeated.
        return Err(fail("a name has no `=` in it")
            .exit(Exit::Usage)
            .hint(format!("put a blank between name and value: `prodev env set {} VALUE`", mask::name(name))));
    }
    Err(fail(format!("`{}` cannot be the name of a variable", mask::name(key)))
        .exit(Exit::Usage)
        .hint("begin it with a letter or `_`, and write it with letters, digits, `_`, `.` and `-` alone"))
}

/// The value, from wherever it comes.
fn value(args: &Args, ctx: &Ctx) -> anyhow::Result<String> {
    let key = &args.key;
    let value = match args.value.as_deref() {
        Some("-") => {
            let mut bytes = Vec::new();
            std::io::stdin().lock().read_to_end(&mut bytes).context("could not read stdin")?;
            let text = String::from_utf8(bytes)
                .map_err(|_| fail("what stdin gave is no UTF-8").hint("encode it, in base64 say"))?;
            if text.ends_with('\n') && text.matches('\n').count() == 1 {
                ctx.ui.warn("the value ends with a line break, as stdin gave it; `printf %s` gives none");
            }
            text
        }
        Some(value) => {
            for (path, _) in args.files.paths(ctx)? {
                let (_, declared) = super::layers::configured(&path, ctx)?;
                if declared.vars.get(key).is_some_and(|it| it.secret) && !args.insecure_argument {
                    return Err(fail(format!("`{key}` is a secret, and other users and the shell's history see what stands on a command line"))
                        .exit(Exit::Usage)
                        .hint(format!("let it be asked for with `prodev env set {key}`, or give it to `prodev env set {key} -` on stdin"))
                        .into());
                }
            }
            value.to_owned()
        }
        None if ctx.ui.is_interactive() => {
            let question = Question { prompt: &format!("Value of {key}"), help: None };
            ctx.ui.ask_secret(&Field { question, default: None, hint: String::new(), check: &|_| Ok(()) })?
        }
        None => {
            return Err(fail(format!("the value of `{key}` is missing"))
                .exit(Exit::Usage)
                .hint(format!("give it as `prodev env set {key} VALUE`, or on stdin to `prodev env set {key} -`"))
                .into());
        }
    };
    if value.contains('\0') {
        return Err(fail(format!("the value of `{key}` has a NUL in it, which no program can be given"))
            .hint("encode it, in base64 say")
            .into());
    }
    Ok(value)
}

/// Puts a value into a draft. Says what became of it, and whether it is encrypted.
///
/// # Errors
/// Where the file cannot be read, or there is no spelling that all dialects read.
pub(super) fn put(store: &mut Store, key: &str, value: &str, plain: bool) -> Result<(State, bool), Failure> {
    let reading = store.reading()?;
    let public = store.public_key()?.map(|(_, public)| public);
    let stays_plain = plain || key.ends_with("_PLAIN") || is_key_name(key);
    let found = store.draft.find(key).pop();
    let current = reading.assignments.iter().rfind(|one| one.key == key && !one.is_of_environment);
    let current = current.filter(|one| one.references.is_empty()).and_then(|one| one.value.as_deref());
    let encrypts = public.filter(|_| !stays_plain);
    let same = match (&encrypts, current) {
        (Some(_), Some(old)) if cipher::is_encrypted(old) => {
            // Without a private key nobody can tell, and the value is encrypted afresh.
            store.keyring().is_ok_and(|keyring| keyring.decrypt(key, old).is_ok_and(|old| old == value.as_bytes()))
        }
        (None, Some(old)) => old == value,
        _ => false,
    };
    if same {
        return Ok((State::Unchanged, encrypts.is_some()));
    }
    let quote = found.as_ref().and_then(|found| found.quote);
    let spelling = if let Some(public) = encrypts {
        encrypted(store, key, value, quote, public)?
    } else {
        if cipher::is_encrypted(value) {
            return Err(fail(format!("the value of `{key}` looks like an encrypted one, and would be taken for one"))
                .hint("decrypt it first, or set it in a file with a public key"));
        }
        let comment = found.as_ref().and_then(|found| found.comment.as_deref());
        let site = Site { key, quote: quote.filter(|_| !value.is_empty()), comment, dialects: &store.dialects };
        spell(value, &site).map_err(|dialects| no_spelling(key, &dialects))?
    };
    let before = store.draft.clone();
    let state = if let Some(found) = found {
        store.draft.replace(&found.entry, &spelling);
        State::Changed
    } else {
        store.draft.add(key, &spelling);
        State::Added
    };
    store.verify_since(&before, &[key])?;
    let after = store.reading()?;
    let read = after.assignments.iter().rfind(|one| one.key == key).and_then(|one| one.value.as_deref());
    let is_right = if encrypts.is_some() { read.is_some_and(cipher::is_encrypted) } else { read == Some(value) };
    if !is_right {
        return Err(no_spelling(key, &store.dialects));
    }
    Ok((state, encrypts.is_some()))
}

/// The ciphertext, in the quotes that are there.
fn encrypted(
    store: &Store,
    key: &str,
    value: &str,
    quote: Option<Quote>,
    public: cipher::PublicKey,
) -> Result<String, Failure> {
    let text = public
        .encrypt(value.as_bytes())
        .map_err(|error| fail(format!("could not encrypt `{key}`")).cause(format!("{error:#}")))?;
    // dotenvx looks for references in what it decrypted, unless it stands in single quotes.
    let quote = if value.contains('$') { Quote::Single } else { quote.unwrap_or(Quote::Double) };
    let site = Site { key, quote: Some(quote), comment: None, dialects: &store.dialects };
    spell(&text, &site).map_err(|dialects| no_spelling(key, &dialects))
}

pub(super) fn no_spelling(key: &str, dialects: &[Dialect]) -> Failure {
    let names: Vec<String> = dialects.iter().map(|dialect| format!("`{}`", name_of(*dialect))).collect();
    let who = match names.as_slice() {
        [one] => format!("{one} has no way to write it"),
        _ => format!("there is no way to write it that {} read alike", names.join(", ")),
    };
    fail(format!("the value of `{key}` cannot be written: {who}"))
        .hint("encode it, in base64 say, or take the dialect out of `[env] dialects`")
}
