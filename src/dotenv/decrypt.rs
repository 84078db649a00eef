//! `prodev env decrypt`: ciphertexts become values again, spelled as they were.

use clap_complete::engine::ArgValueCandidates;
use serde_json::json;

use super::candidates;
use super::cipher;
use super::encrypt::banner;
use super::keyring;
use super::spelling::{self, Site};
use super::store::{FileArgs, Store};
use super::syntax::{Entry, Quote};
use crate::ctx::Ctx;
use crate::error::{Failure, fail};
use crate::outcome::{Change, Outcome, object};
use crate::plan::Plan;

/// Decrypt the values of a file in place
///
/// Needs the private key, from the environment, from `.env.keys` beside the file, or from `[env] key_command`. Nothing is changed where one value
/// cannot be decrypted. Decrypted text is never looked through for references or commands.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  prodev env decrypt                       all values of .env
  prodev env decrypt API_TOKEN
  prodev env decrypt --stdout -f .env.production | less")]
pub(crate) struct Args {
    /// Only these variables
    #[arg(value_name = "KEY", add = ArgValueCandidates::new(candidates::keys))]
    keys: Vec<String>,
    /// Print the decrypted file, and leave it as it is
    #[arg(long)]
    stdout: bool,
    #[command(flatten)]
    files: FileArgs,
}

pub(super) fn run(args: &Args, ctx: &Ctx) -> anyhow::Result<Outcome> {
    let mut plan = Plan::default();
    let (mut told, mut files, mut text) = (Vec::new(), Vec::new(), String::new());
    for mut store in args.files.open(ctx)? {
        if !store.is_there() {
            return Err(fail(format!("there is no file `{}`", store.shown)).hint("name another with `--file`").into());
        }
        let names = decrypt(&mut store, &args.keys)?;
        if args.stdout {
            text.push_str(&String::from_utf8_lossy(store.draft.bytes()));
            continue;
        }
        plan.steps.extend(store.step()?);
        told.push(match names.len() {
            0 => format!("nothing is encrypted in `{}`", store.shown),
            1 => format!("decrypted 1 value in `{}`", store.shown),
            count => format!("decrypted {count} values in `{}`", store.shown),
        });
        files.push(json!({ "file": store.shown, "decrypted": names }));
    }
    if args.stdout {
        return Ok(Outcome::answer(text.clone(), json!({ "text": text })));
    }
    let json = object(json!({ "files": files }));
    Ok(Outcome::Change(Box::new(Change { plan, done: told.join("\n"), json, ..Change::default() })))
}

/// Decrypts the values of a draft: those of `keys`, or without any all. Gives their names.
///
/// # Errors
/// Exit 5 where a key is missing or wrong.
pub(super) fn decrypt(store: &mut Store, keys: &[String]) -> Result<Vec<String>, Failure> {
    let found = encrypted(store, keys)?;
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let keyring = store.keyring()?;
    let values: Vec<(&str, &str)> = found.iter().map(|one| (one.key.as_str(), one.value.as_str())).collect();
    let plain = keyring.decrypt_all(&values)?;
    let mut texts = Vec::new();
    for (one, plain) in found.iter().zip(plain) {
        texts.push(String::from_utf8(plain).map_err(|_| {
            fail(format!("`{}` is no text, and cannot stand in a .env file", one.key))
                .hint("decrypt the others by their names")
        })?);
    }
    show(store, &found, &texts)?;
    let names: Vec<String> = found.iter().map(|one| one.key.clone()).collect();
    if encrypted(store, &[])?.is_empty() {
        take_banner_out(store);
    }
    let touched: Vec<&str> = names.iter().map(String::as_str).collect();
    let machinery = keyring::public_name(&store.path);
    store.verify(&[touched.as_slice(), &[machinery.as_str()]].concat())?;
    Ok(names)
}

/// Puts plain texts where their ciphertexts stand.
///
/// # Errors
/// Where one has no spelling.
pub(super) fn show(store: &mut Store, found: &[Encrypted], texts: &[String]) -> Result<(), Failure> {
    // From the end, so that places before it stay where they are.
    for (one, plain) in found.iter().zip(texts).rev() {
        let text = spell(plain, one, store)?;
        store.draft.replace(&one.entry, &text);
    }
    Ok(())
}

/// A value that is encrypted.
#[derive(Debug)]
pub(super) struct Encrypted {
    pub(super) key: String,
    pub(super) value: String,
    pub(super) entry: Entry,
    pub(super) quote: Quote,
    comment: Option<String>,
}

/// All values that are encrypted, or those of `keys`, in the order of the file.
///
/// # Errors
/// Where the file cannot be read, or a key is not in it.
pub(super) fn encrypted(store: &Store, keys: &[String]) -> Result<Vec<Encrypted>, Failure> {
    let reading = store.reading_with(keys, "leave it out to decrypt all values")?;
    let document = store.draft.document();
    let entries = document.entries_by_start();
    let is_asked = |key: &String| keys.is_empty() || keys.contains(key);
    let literal = |one: &&super::evaluate::Assignment| one.references.is_empty() && is_asked(&one.key);
    let encrypted = reading.assignments.iter().filter(literal).filter_map(|one| {
        let value = one.value.as_deref().filter(|value| cipher::is_encrypted(value))?;
        let entry = *entries.get(&one.span.start)?;
        Some(Encrypted {
            key: one.key.clone(),
            value: value.to_owned(),
            entry: entry.clone(),
            quote: entry.value.as_ref().map_or(Quote::None, |value| value.quote),
            comment: entry.comment.as_ref().map(|comment| document.text(comment).into_owned()),
        })
    });
    Ok(encrypted.collect())
}

/// The plain text as it was spelled, if that can be told; else as its quotes have it; else as all dialects read it.
fn spell(plain: &str, one: &Encrypted, store: &Store) -> Result<String, Failure> {
    if let Some(text) = cipher::spelling(&one.value).and_then(|number| spelling::numbered(number, plain, one.quote)) {
        return Ok(text);
    }
    if store.dialects.len() == 1
        && let Some(text) = spelling::usual(plain, one.quote, store.dialect())
    {
        return Ok(text);
    }
    let site =
        Site { key: &one.key, quote: Some(one.quote), comment: one.comment.as_deref(), dialects: &store.dialects };
    spelling::spell(plain, &site).map_err(|dialects| super::set::no_spelling(&one.key, &dialects))
}

/// Takes the public key out where prodev put it, and there is nothing left that it was for. The private one stays where it is.
fn take_banner_out(store: &mut Store) {
    let name = keyring::public_name(&store.path);
    let newline = store.draft.newline();
    let Some(found) = store.draft.find(&name).pop() else { return };
    let banner = banner().replace('\n', newline);
    let bytes = store.draft.bytes();
    let start = found.entry.span.start;
    let end = found.entry.span.end + 2 * newline.len();
    let is_ours = bytes[..start].ends_with(banner.as_bytes())
        && bytes.get(found.entry.span.end..end).is_some_and(|rest| rest == newline.repeat(2).as_bytes());
    if is_ours {
        store.draft.cut(start - banner.len()..end);
    }
}
