//! `prodev env edit`: a file in the user's editor, decrypted for the while, looked through before it is saved.

use std::path::PathBuf;

use super::cipher::{self, PublicKey};
use super::decrypt::{self, Encrypted, encrypted};
use super::draft::Draft;
use super::encrypt::spelled;
use super::keyring::is_key_name;
use super::store::{FileArgs, Store};
use super::syntax::{Entry, Quote};
use crate::ctx::{self, Ctx};
use crate::error::{Failure, fail};
use crate::outcome::{Change, Outcome, object};
use crate::plan::Plan;
use crate::plan::scratch::Scratch;

/// Change a file in your editor
///
/// Encrypted values are shown decrypted, in a file for you alone that lies in memory (`$XDG_RUNTIME_DIR`) and is removed afterwards. Those that you
/// change, and new ones, are encrypted again; all others keep their ciphertext. What cannot be read afterwards is not saved.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  prodev env edit
  EDITOR='code --wait' prodev env edit -f .env.production")]
pub(crate) struct Args {
    #[command(flatten)]
    files: FileArgs,
}

pub(super) fn run(args: &Args, ctx: &Ctx) -> anyhow::Result<Outcome> {
    // Read without keeping the lock: an editor may stay open for hours.
    let mut shown = args.files.open_one(ctx)?;
    let before = shown.draft.bytes().to_vec();
    // A file that cannot be read has to be mended somewhere; what is encrypted in it stays so.
    let old = encrypted(&shown, &[]).unwrap_or_default();
    let mut plain = Vec::new();
    if !old.is_empty() {
        let keyring = shown.keyring()?;
        let pairs: Vec<(&str, &str)> = old.iter().map(|one| (one.key.as_str(), one.value.as_str())).collect();
        plain = keyring
            .decrypt_all(&pairs)?
            .into_iter()
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .collect();
        decrypt::show(&mut shown, &old, &plain)?;
    }
    let place = place(&shown, !old.is_empty())?;
    let name = shown.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let dialect = shown.dialect();
    let text = shown.draft.bytes().to_vec();
    drop(shown);
    let scratch = Scratch::new(&place, &name, &text)?;
    let edited = loop {
        ctx.ui.edit(scratch.path())?;
        let edited = scratch.read()?;
        match args.files.open_one(ctx)?.check(Draft::new(&edited, dialect)) {
            Ok(()) => break edited,
            Err(failure) if ctx.ui.is_interactive() => {
                ctx.ui.warn(&format!(
                    "{}{}",
                    failure.message,
                    failure.place.map(|it| format!(" (line {})", it.line)).unwrap_or_default()
                ));
                if !ctx.ui.confirm("Edit it again? (No leaves the file as it was)", true)? {
                    return Err(fail("nothing was saved").hint("run `prodev env edit` again").into());
                }
            }
            Err(failure) => return Err(failure.into()),
        }
    };
    drop(scratch);
    let mut store = args.files.open_one(ctx)?;
    if store.draft.bytes() != before {
        return Err(fail(format!("`{}` changed while you edited it, and was left as it is", store.shown))
            .hint("run `prodev env edit` again")
            .into());
    }
    let json = object(serde_json::json!({ "file": store.shown }));
    if edited == text {
        let done = format!("`{}` is as it was", store.shown);
        return Ok(Outcome::Change(Box::new(Change { done, json, ..Change::default() })));
    }
    store.draft = Draft::new(&edited, dialect);
    let old: Vec<(Encrypted, String)> = old.into_iter().zip(plain).collect();
    let known: Vec<String> = keys_of(&before, dialect);
    encrypt_again(&mut store, &old, &known)?;
    let step = store.step()?;
    let done = format!("saved `{}`", store.shown);
    Ok(Outcome::Change(Box::new(Change { plan: Plan::new(step), done, json, ..Change::default() })))
}

/// Where the text is edited: in memory, or, where nothing in it was encrypted, beside the file if there is no such place.
fn place(store: &Store, is_encrypted: bool) -> Result<PathBuf, Failure> {
    let memory =
        ctx::variable("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|place| place.is_absolute() && place.is_dir());
    match memory {
        Some(place) => Ok(place),
        None if !is_encrypted => Ok(store.path.parent().map_or_else(PathBuf::new, PathBuf::from)),
        None => Err(fail("decrypted values are edited in `$XDG_RUNTIME_DIR` alone, and that is not set").hint(
            "change single values with `prodev env set KEY`, or set it to a folder in memory that is yours alone",
        )),
    }
}

fn keys_of(bytes: &[u8], dialect: crate::config::environment::Dialect) -> Vec<String> {
    let draft = Draft::new(bytes, dialect);
    let document = draft.document();
    document.entries().map(|entry| document.text(&entry.key).into_owned()).collect()
}

/// Puts ciphertexts back: the old one where the value is the old one, a new one where it changed or is new.
fn encrypt_again(store: &mut Store, old: &[(Encrypted, String)], known: &[String]) -> Result<(), Failure> {
    let Some((_, public)) = store.public_key()? else {
        if old.is_empty() {
            return Ok(());
        }
        return Err(fail(format!("the public key of `{}` is gone", store.shown)).hint("leave its line where it is"));
    };
    let reading = store.reading()?;
    let mut changes: Vec<(Entry, String)> = Vec::new();
    for one in reading.assignments.iter().filter(|one| one.references.is_empty() && !is_key_name(&one.key)) {
        let Some(value) = one.value.as_deref().filter(|value| !value.is_empty() && !cipher::is_encrypted(value)) else {
            continue;
        };
        let was = old.iter().find(|(was, _)| was.key == one.key);
        let is_new = !known.contains(&one.key) && !one.key.ends_with("_PLAIN");
        if was.is_none() && !is_new {
            continue;
        }
        let document = store.draft.document();
        let Some(entry) = document.entries().find(|entry| entry.span == one.span) else { continue };
        let Some(place) = &entry.value else { continue };
        let raw = document.text(&place.span).into_owned();
        let text = again(&raw, value, place.quote, was, store, &public)?;
        changes.push((entry.clone(), text));
    }
    for (entry, text) in changes.iter().rev() {
        store.draft.replace(entry, text);
    }
    store.reading().map(drop)
}

fn again(
    raw: &str,
    value: &str,
    quote: Quote,
    was: Option<&(Encrypted, String)>,
    store: &Store,
    public: &PublicKey,
) -> Result<String, Failure> {
    match was {
        Some((was, plain)) if plain == value => Ok(super::encrypt::in_quotes(&was.value, quote)),
        _ => spelled(raw, value, quote, store, public),
    }
}
