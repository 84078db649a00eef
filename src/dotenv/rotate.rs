//! `prodev env rotate`: a new pair of keys for a file. The new private key is on the disk before anything is encrypted for it.

use serde_json::json;

use super::cipher::PrivateKey;
use super::decrypt::encrypted;
use super::encrypt::spelled;
use super::keyfile::KeyFile;
use super::keyring;
use super::store::{FileArgs, Store};
use super::{cipher, spelling};
use crate::ctx::Ctx;
use crate::error::{Exit, Failure, fail};
use crate::outcome::{Change, Outcome, object};
use crate::plan::Plan;

/// Encrypt a file afresh, for a new pair of keys
///
/// The new private key is saved first, beside the old one, which still opens older commits and what others have not rotated yet; `--forget` drops
/// it when the file is written. Secrets that somebody has read with the old key are known to him: change those themselves, too.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  prodev env rotate
  prodev env rotate -f .env.production --forget")]
pub(crate) struct Args {
    /// Do not keep the old private key
    #[arg(long)]
    forget: bool,
    #[command(flatten)]
    files: FileArgs,
}

pub(super) fn run(args: &Args, ctx: &Ctx) -> anyhow::Result<Outcome> {
    let (stores, mut key_files) = args.files.open_with_keys(ctx)?;
    let (mut told, mut files, mut steps, mut last) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut after = Vec::new();
    for mut store in stores {
        let rotated = rotate(&mut store, &mut key_files)?;
        steps.extend(store.step()?);
        told.push(format!("encrypted {} afresh in `{}`", count(rotated.names.len()), store.shown));
        files.push(
            json!({ "file": store.shown, "rotated": rotated.names, "public_key": rotated.new.public().to_string() }),
        );
        if crate::ctx::variable(&rotated.key).is_some() {
            after.push(format!(
                "`{}` in the environment is the old key: put the new one of `{}` there",
                rotated.key,
                store.places().shown
            ));
        }
        last.push((store, rotated));
    }
    let mut plan = Plan::default();
    for file in &mut key_files {
        plan.steps.extend(file.step(args.files.protected())?);
    }
    plan.steps.extend(steps);
    if args.forget {
        for (store, rotated) in &last {
            if let Some(file) = key_files.iter_mut().find(|file| file.path == store.places().file) {
                file.put(&rotated.key, &[&rotated.new], &store.path)?;
            }
        }
        for file in &mut key_files {
            plan.steps.extend(file.step(args.files.protected())?);
        }
    }
    let json = object(json!({ "files": files }));
    let after = Some(after.join("\n")).filter(|after| !after.is_empty());
    Ok(Outcome::Change(Box::new(Change { plan, done: told.join("\n"), after, json, ..Change::default() })))
}

fn count(values: usize) -> String {
    if values == 1 { "1 value".to_owned() } else { format!("{values} values") }
}

/// What came of a file.
struct Rotated {
    /// The name of the private key.
    key: String,
    new: PrivateKey,
    names: Vec<String>,
}

fn rotate(store: &mut Store, key_files: &mut [KeyFile]) -> Result<Rotated, Failure> {
    let Some((name, old)) = store.public_key()? else {
        return Err(fail(format!("`{}` is not encrypted", store.shown))
            .hint(format!("encrypt it with `prodev env encrypt -f {}`", store.shown)));
    };
    let keyring = store.keyring()?;
    if !keyring.is_open() {
        return Err(fail(format!("nobody here has the key `{}`, so `{}` cannot be read", keyring.name, store.shown))
            .exit(Exit::Key)
            .hint(format!("put it into `{}`, or set it in the environment", store.places().shown)));
    }
    let found = encrypted(store, &[])?;
    let values: Vec<(&str, &str)> = found.iter().map(|one| (one.key.as_str(), one.value.as_str())).collect();
    let plain = keyring.decrypt_all(&values)?;
    let new = PrivateKey::generate().map_err(|error| fail("could not make a key").cause(format!("{error:#}")))?;
    let public = new.public();
    let mut names = Vec::new();
    for (one, plain) in found.iter().zip(plain).rev() {
        let plain = String::from_utf8_lossy(&plain).into_owned();
        let raw = cipher::spelling(&one.value)
            .and_then(|number| spelling::numbered(number, &plain, one.quote))
            .unwrap_or_default();
        let text = spelled(&raw, &plain, one.quote, store, &public)?;
        store.draft.replace(&one.entry, &text);
        names.push(one.key.clone());
    }
    names.reverse();
    if let Some(found) = store.draft.find(&name).pop() {
        store.draft.replace(&found.entry, &format!("\"{public}\""));
    }
    let touched: Vec<&str> = names.iter().map(String::as_str).chain([name.as_str()]).collect();
    store.verify(&touched)?;
    let mut keys = vec![&new];
    // The environment's own keys are not brought into the file; those that were there stay behind the new one.
    keys.extend(
        keyring
            .held
            .iter()
            .filter(|held| held.from == store.places().shown || held.key.public() == old)
            .map(|held| &held.key),
    );
    let mut unique: Vec<&PrivateKey> = Vec::new();
    for key in keys {
        if !unique.contains(&key) {
            unique.push(key);
        }
    }
    let key = keyring::private_name(&name);
    if let Some(file) = key_files.iter_mut().find(|file| file.path == store.places().file) {
        file.put(&key, &unique, &store.path)?;
    }
    Ok(Rotated { key, new, names })
}
