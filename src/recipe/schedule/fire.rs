//! `prodev schedule fire`: a recipe's time has come. Sees to jitter, overlap and what was missed, then runs it.

use std::time::Duration;

use anyhow::Context as _;
use jiff::Timestamp;
use serde_json::json;

use super::caller::Caller;
use super::candidates;
use super::child::{self, Ended};
use super::job::{self, Job};
use super::record::{Record, Turn};
use super::timetable::Timetable;
use crate::config::schedule::Overlap;
use crate::ctx::Ctx;
use crate::error::{Exit, fail};
use crate::outcome::Outcome;
use crate::plan::process::quoted;
use crate::recipe::Mood;

/// Run a recipe because its time has come
///
/// This is what cron, systemd and others call. It waits as `jitter` says, sees to runs that are not over as `overlap` says, runs the recipe with
/// the arguments of its schedule, and ends with its code; with 0 where `overlap` or `missed` says that it is not to run.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  prodev schedule fire backup
  prodev schedule fire backup --now        without the jitter
  prodev schedule fire backup --missed     if a time has passed since it last ran")]
pub(crate) struct Args {
    /// The recipe
    #[arg(add = clap_complete::engine::ArgValueCandidates::new(candidates::scheduled))]
    recipe: String,
    /// Without the jitter
    #[arg(long)]
    now: bool,
    /// Only if one of its times has passed since it last ran
    #[arg(long)]
    missed: bool,
}

pub(super) fn run(args: &Args, mood: Mood, ctx: &Ctx) -> anyhow::Result<Outcome> {
    let jobs = job::named(job::all(ctx.config_for(&[&args.recipe])?)?, std::slice::from_ref(&args.recipe))?;
    let job = jobs.into_iter().next().ok_or_else(|| fail("there is no such schedule").exit(Exit::Usage))?;
    let caller = Caller::new(ctx)?;
    if mood.is_dry_run {
        let words = caller.run(&job);
        let text = format!("run       {}\n", words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" "));
        return Ok(Outcome::answer(text, json!({ "dry_run": true, "recipe": job.recipe, "command": words })));
    }
    let record = Record::open(&caller.root, &job.recipe)?;
    let skipped = |why: &str| {
        ctx.ui.note(&format!("`{}` does not run: {why}", job.recipe));
        Ok(Outcome::Ended(0))
    };
    let now = Timestamp::now();
    if args.missed && !is_missed(&job, &record, now)? {
        return skipped("none of its times was missed");
    }
    if !args.now && !job.jitter.is_zero() {
        std::thread::sleep(by_chance(job.jitter)?);
    }
    let turn = take(&job, &record).context("could not lock the record of this recipe")?;
    let Some(turn) = turn else {
        return skipped(if job.overlap == Overlap::Queue { "one waits already" } else { "its last run is not over" });
    };
    record.note(now).context("could not note that the recipe ran")?;
    let ended = child::run(&caller.run(&job))?;
    drop(turn);
    Ok(Outcome::Ended(match ended {
        Ended::Code(code) => code,
        Ended::Signal(signal) => 128_u8.saturating_add(signal),
    }))
}

/// Whether a time has passed since it last ran. Of what was before the first time that somebody asked nothing is known.
fn is_missed(job: &Job, record: &Record, now: Timestamp) -> anyhow::Result<bool> {
    if matches!(job.timetable, Timetable::Start) {
        return Ok(false);
    }
    let Some(last) = record.last() else {
        record.note(now).context("could not note when the recipe was asked for")?;
        return Ok(false);
    };
    Ok(job.after(last).is_some_and(|due| due <= now))
}

fn take(job: &Job, record: &Record) -> std::io::Result<Option<Turn>> {
    match (record.take()?, job.overlap) {
        (Some(turn), _) => Ok(Some(turn)),
        (None, Overlap::Skip) => Ok(None),
        (None, Overlap::Queue) => record.queue(),
        (None, Overlap::Kill) => record.stop().map(Some),
    }
}

/// A span up to `longest`.
fn by_chance(longest: Duration) -> anyhow::Result<Duration> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).context("there is no chance on this machine")?;
    let longest = u64::try_from(longest.as_millis()).unwrap_or(u64::MAX).saturating_add(1);
    Ok(Duration::from_millis(u64::from_le_bytes(bytes) % longest))
}
