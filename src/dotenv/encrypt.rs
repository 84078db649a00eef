//! `prodev env encrypt`: values become ciphertexts, in the quotes and lines where they stand.

use clap_complete::engine::ArgValueCandidates;
use serde_json::json;

use super::candidates;
use super::cipher::{self, PrivateKey, PublicKey};
use super::keyfile::KeyFile;
use super::keyring::{self, is_key_name, short};
use super::spelling;
use super::store::{FileArgs, Store};
use super::syntax::{Entry, Quote};
use crate::ctx::Ctx;
use crate::error::{Exit, Failure, Problem, Spots, fail};
use crate::outcome::{Change, Outcome, object};
use crate::plan::Plan;

/// Encrypt the values of a file in place
///
/// The format is that of dotenvx. The first time, a pair of keys is made: the public one goes to the head of the file, the private one to
/// `.env.keys` beside it, for its owner alone. Values that are encrypted already stay as they are, and so do empty ones, those of names that end
/// in `_PLAIN`, and those that refer to other variables.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  prodev env encrypt                       all values of .env
  prodev env encrypt API_TOKEN DB_PASSWORD
  prodev env encrypt -f .env.production")]
pub(crate) struct Args {
    /// Only these variables
    #[arg(value_name = "KEY", add = ArgValueCandidates::new(candidates::keys))]
    keys: Vec<String>,
    #[command(flatten)]
    files: FileArgs,
}

/// What stands above the public key.
const BANNER: &str =
    "# Values that begin with `encrypted:` can be read with the private key of this public one alone.\n";

pub(super) fn run(args: &Args, ctx: &Ctx) -> anyhow::Result<Outcome> {
    let (stores, mut key_files) = args.files.open_with_keys(ctx)?;
    let mut plan = Plan::default();
    let mut change = Change::default();
    let mut told = Vec::new();
    let mut steps = Vec::new();
    let mut files = Vec::new();
    for mut store in stores {
        if !store.is_there() {
            return Err(fail(format!("there is no file `{}`", store.shown))
                .hint(format!("name another with `--file`, or begin it with `prodev env set KEY -f {}`", store.shown))
                .into());
        }
        let (public, head) = public_key(&store, &mut key_files, &mut change)?;
        let done = encrypt(&mut store, &args.keys, &public)?;
        if let Some(head) = head {
            store.draft.begin_with(&head);
        }
        let machinery = keyring::public_name(&store.path);
        let touched: Vec<&str> = done.names.iter().map(String::as_str).chain([machinery.as_str()]).collect();
        store.verify(&touched)?;
        change.before.extend(done.notes);
        change.before.extend(comments_that_show(&store));
        steps.extend(store.step()?);
        told.push(match done.names.len() {
            0 => format!("nothing to encrypt in `{}`", store.shown),
            1 => format!("encrypted 1 value in `{}`", store.shown),
            count => format!("encrypted {count} values in `{}`", store.shown),
        });
        files.push(json!({ "file": store.shown, "encrypted": done.names, "public_key": public.to_string() }));
    }
    // The keys first: what is encrypted for a key that was lost on the way is lost itself.
    for file in &mut key_files {
        plan.steps.extend(file.step(args.files.protected())?);
    }
    plan.steps.extend(steps);
    change.plan = plan;
    change.done = told.join("\n");
    change.json = object(json!({ "files": files }));
    Ok(Outcome::Change(Box::new(change)))
}

/// The key to encrypt for: that of the file if somebody here holds its other half, else one that is made or found, with the lines for the file's
/// head.
fn public_key(
    store: &Store,
    key_files: &mut [KeyFile],
    change: &mut Change,
) -> Result<(PublicKey, Option<String>), Failure> {
    let keyring = store.keyring()?;
    if let Some((name, public)) = store.public_key()? {
        if keyring.is_open() {
            return Ok((public, None));
        }
        return Err(fail(format!(
            "`{}` would be encrypted for {}, and nobody here has the key `{}`",
            store.shown,
            short(&public),
            keyring.name
        ))
        .exit(Exit::Key)
        .hint(format!(
            "put it into `{}`, or take the line `{name}` out for a new pair of keys",
            store.places().shown
        )));
    }
    let name = keyring::public_name(&store.path);
    let private = if let Some(held) = keyring.held.first() {
        held.key.clone()
    } else {
        let private =
            PrivateKey::generate().map_err(|error| fail("could not make a key").cause(format!("{error:#}")))?;
        let places = store.places();
        if let Some(file) = key_files.iter_mut().find(|file| file.path == places.file) {
            file.put(&keyring.name, &[&private], &store.path)?;
        }
        change.after = Some(format!(
            "`{}` opens it: keep that file out of Git, and give it to those who may read the values",
            places.shown
        ));
        private
    };
    let public = private.public();
    Ok((
        public,
        Some(format!(
            "{BANNER}{name}=\"{public}\"

"
        )),
    ))
}

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Done {
    pub(super) names: Vec<String>,
    pub(super) notes: Vec<String>,
}

/// Encrypts the values of a draft: those of `keys`, or without any all.
///
/// # Errors
/// Where the file cannot be read, or a key is not there or cannot be encrypted.
pub(super) fn encrypt(store: &mut Store, keys: &[String], public: &PublicKey) -> Result<Done, Failure> {
    let reading = store.reading_with(keys, "leave it out to encrypt all values")?;
    let mut done = Done::default();
    let mut problems = Vec::new();
    let mut changes: Vec<(Entry, String)> = Vec::new();
    let source = String::from_utf8_lossy(store.draft.bytes()).into_owned();
    let places = Spots::of(&store.shown, &source);
    let document = store.draft.document();
    let entries = document.entries_by_start();
    for one in &reading.assignments {
        let is_asked = keys.contains(&one.key);
        let stays = is_key_name(&one.key) || one.key.ends_with("_PLAIN") && !is_asked || !keys.is_empty() && !is_asked;
        let Some(value) =
            one.value.as_deref().filter(|value| !value.is_empty() && !stays && !cipher::is_encrypted(value))
        else {
            continue;
        };
        let entry = entries.get(&one.span.start).filter(|entry| entry.span == one.span && !one.is_of_environment);
        let Some(&entry) = entry else { continue };
        let Some(place) = &entry.value else { continue };
        if !one.references.is_empty() {
            // Decrypted text is never looked through for references: it would mean something else afterwards.
            done.notes.push(format!("`{}` refers to other variables, and stays as it is", one.key));
            continue;
        }
        let trail = entry
            .comment
            .iter()
            .chain(&entry.junk)
            .find(|span| span.start == place.span.end && place.quote == Quote::None);
        if let Some(trail) = trail {
            let message = format!("what follows the value of `{}` would stay readable", one.key);
            problems.push(Problem::new(message).at(places.at(trail).hide()));
            continue;
        }
        let raw = document.text(&place.span).into_owned();
        changes.push((entry.clone(), spelled(&raw, value, place.quote, store, public)?));
        done.names.push(one.key.clone());
    }
    if !problems.is_empty() {
        let summary = format!("`{}` has text that would stay readable", store.shown);
        return Err(Failure::of(summary, problems).hint("put quotes around the value, or a blank in front of the `#`"));
    }
    // From the end, so that places before it stay where they are.
    changes.sort_by_key(|(entry, _)| std::cmp::Reverse(entry.span.start));
    for (entry, text) in &changes {
        store.draft.replace(entry, text);
    }
    Ok(done)
}

/// The ciphertext in the quotes that the value had, with a word on how it was spelled where nobody could tell.
pub(super) fn spelled(
    raw: &str,
    value: &str,
    quote: Quote,
    store: &Store,
    public: &PublicKey,
) -> Result<String, Failure> {
    let text = match spelling::number_of(raw, value, quote, store.dialect()) {
        Some(number) => public.encrypt_spelled(value.as_bytes(), number),
        None => public.encrypt(value.as_bytes()),
    };
    let text = text.map_err(|error| fail("could not encrypt").cause(format!("{error:#}")))?;
    Ok(in_quotes(&text, quote))
}

/// A ciphertext, in which nothing has to be escaped.
pub(super) fn in_quotes(text: &str, quote: Quote) -> String {
    match quote {
        Quote::Single => format!("'{text}'"),
        Quote::Double => format!("\"{text}\""),
        Quote::Backtick => format!("`{text}`"),
        Quote::None | Quote::Mixed => text.to_owned(),
    }
}

/// Comments that look like assignments: what stands in them stays readable.
fn comments_that_show(store: &Store) -> Vec<String> {
    let document = store.draft.document();
    let is_assignment = |text: &str| {
        let text = text.trim_start_matches('#').trim_start();
        let text = text.strip_prefix("export ").unwrap_or(text);
        let name = text.split('=').next().unwrap_or_default().trim_end();
        let value = text.split_once('=').map_or("", |(_, value)| value.trim());
        !value.is_empty()
            && !name.is_empty()
            && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
    };
    let shows = |item: &super::syntax::Item| match item {
        super::syntax::Item::Comment(span) if is_assignment(&document.text(span)) => {
            let line = document.source[..span.start].split(|byte| *byte == b'\n').count();
            Some(format!("line {line} of `{}` is a comment with a value, and stays readable", store.shown))
        }
        _ => None,
    };
    document.items.iter().filter_map(shows).collect()
}

/// The lines that `encrypt` puts in front of a file, as they are found again.
pub(super) fn banner() -> &'static str {
    BANNER
}
