//! `prodev env unset`: variables go, with their lines; what refers to them keeps them.

use clap_complete::engine::ArgValueCandidates;
use serde_json::json;

use super::candidates;
use super::mask;
use super::store::{FileArgs, Store};
use crate::ctx::Ctx;
use crate::error::{Failure, fail, listed, nearest};
use crate::outcome::{Change, Outcome, object};
use crate::plan::Plan;

/// Take variables out of a file
///
/// Comments and all other lines stay as they are. A variable that another one refers to is not taken out.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  prodev env unset OLD_TOKEN
  prodev env unset A B -f .env.local")]
pub(crate) struct Args {
    /// The variables
    #[arg(value_name = "KEY", required = true, add = ArgValueCandidates::new(candidates::keys))]
    keys: Vec<String>,
    #[command(flatten)]
    files: FileArgs,
}

pub(super) fn run(args: &Args, ctx: &Ctx) -> anyhow::Result<Outcome> {
    let mut plan = Plan::default();
    let mut files = Vec::new();
    for mut store in args.files.open(ctx)? {
        take_out(&mut store, &args.keys)?;
        plan.steps.extend(store.step()?);
        files.push(store.shown);
    }
    let done = format!("took {} out of {}", listed(&args.keys), listed(&files));
    let json = object(json!({ "keys": args.keys, "files": files }));
    Ok(Outcome::Change(Box::new(Change { plan, done, json, ..Change::default() })))
}

fn take_out(store: &mut Store, keys: &[String]) -> Result<(), Failure> {
    let reading = store.reading()?;
    let known: Vec<&str> = reading.assignments.iter().map(|one| one.key.as_str()).collect();
    for key in keys {
        if !known.contains(&key.as_str()) && store.draft.find(key).is_empty() {
            let failure = fail(format!("`{}` is not in `{}`", mask::name(key), store.shown));
            return Err(match nearest(key, known.iter().copied()) {
                Some(name) => failure.hint(format!("did you mean `{name}`?")),
                None => failure.hint("`prodev env list` says what is there"),
            });
        }
    }
    let refers = |one: &&super::evaluate::Assignment| {
        !keys.contains(&one.key) && one.references.iter().any(|reference| keys.contains(&reference.name))
    };
    if let Some(one) = reading.assignments.iter().find(refers) {
        let name =
            one.references.iter().find(|reference| keys.contains(&reference.name)).map_or("", |it| it.name.as_str());
        return Err(fail(format!("`{}` in `{}` refers to `{name}`", one.key, store.shown))
            .hint(format!("take it out too, or give it a value of its own: `prodev env set {}`", one.key)));
    }
    for key in keys {
        while let Some(found) = store.draft.find(key).pop() {
            store.draft.remove(&found.entry);
        }
    }
    let touched: Vec<&str> = keys.iter().map(String::as_str).collect();
    store.verify(&touched)
}
