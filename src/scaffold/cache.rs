//! `prodev template cache`: the repositories that templates were fetched from, which stay at hand for when there is no network.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::SystemTime;

use clap_complete::engine::{ArgValueCandidates, CompletionCandidate};
use serde_json::{Value, json};

use super::shelf::{self, Words};
use super::{new, source};
use crate::ctx::Ctx;
use crate::git::mirror::{Kept, ago, kept};
use crate::outcome::Outcome;

#[derive(clap::Subcommand, Debug)]
pub(crate) enum Command {
    /// List what was fetched, and when
    #[command(after_help = "Examples:
  prodev template cache list
  prodev template cache list --json")]
    List,
    /// Remove what was fetched; it is fetched again where it is needed
    #[command(after_help = "Examples:
  prodev template cache clean
  prodev template cache clean gh:acme/service --dry-run")]
    Clean(Clean),
}

#[derive(clap::Args, Debug)]
pub(crate) struct Clean {
    /// Which repositories; all where none is named
    #[arg(add = ArgValueCandidates::new(addresses))]
    sources: Vec<String>,
}

pub(super) fn run(command: &Command, ctx: &Ctx) -> anyhow::Result<Outcome> {
    let all = Ctx::template_cache().map(|shelf| kept(&shelf)).unwrap_or_default();
    match command {
        Command::List => Ok(list(&all, SystemTime::now())),
        Command::Clean(args) => clean(args, all, ctx),
    }
}

fn list(all: &[Kept], now: SystemTime) -> Outcome {
    let mut text = String::new();
    let mut mirrors: Vec<Value> = Vec::new();
    for mirror in all {
        let age = now.duration_since(mirror.fetched).unwrap_or_default();
        let _ = writeln!(text, "{:<50} {:>9}  fetched {}", mirror.url, size(mirror.bytes), ago(age));
        let fetched = jiff::Timestamp::try_from(mirror.fetched).ok();
        let fetched = fetched.and_then(|time| jiff::Timestamp::from_second(time.as_second()).ok());
        mirrors.push(json!({
            "source": mirror.url,
            "path": mirror.path.display().to_string(),
            "bytes": mirror.bytes,
            "fetched": fetched.map(|time| time.to_string()),
        }));
    }
    Outcome::answer(text, json!({ "mirrors": mirrors }))
}

/// In the largest unit that leaves something before the point.
#[allow(clippy::cast_precision_loss, reason = "shown with one digit")]
fn size(bytes: u64) -> String {
    match bytes {
        0..1024 => format!("{bytes} B"),
        1024..1_048_576 => format!("{:.1} KiB", bytes as f64 / 1024.0),
        _ => format!("{:.1} MiB", bytes as f64 / 1_048_576.0),
    }
}

fn clean(args: &Clean, all: Vec<Kept>, ctx: &Ctx) -> anyhow::Result<Outcome> {
    let user = ctx.user()?;
    let forms = |typed: &str| {
        let url = source::repository_of(&new::expand(typed, user), &ctx.dir)?;
        Ok(vec![url.unwrap_or_else(|| typed.to_owned())])
    };
    let words = Words {
        missing: "nothing was fetched from",
        summary: "some of these are not in the cache",
        list: "`prodev template cache list` shows what was",
    };
    let goes = shelf::chosen(&args.sources, all, |mirror| mirror.url.as_str(), forms, &words)?;
    let bytes: u64 = goes.iter().map(|mirror| mirror.bytes).sum();
    let done = match goes.len() {
        0 => "the cache is empty".to_owned(),
        1 => format!("removed `{}` from the cache: {}", goes[0].url, size(bytes)),
        count => format!("removed {count} repositories from the cache: {}", size(bytes)),
    };
    let folders = goes.into_iter().map(|mirror| (mirror.path, mirror.url));
    Ok(shelf::removal(folders, done, json!({ "bytes": bytes })))
}

/// For completions.
fn addresses() -> Vec<CompletionCandidate> {
    let shelf: Option<PathBuf> = Ctx::template_cache();
    let all = shelf.map(|shelf| kept(&shelf)).unwrap_or_default();
    all.into_iter().map(|mirror| CompletionCandidate::new(mirror.url)).collect()
}
