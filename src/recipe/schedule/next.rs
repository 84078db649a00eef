//! `prodev schedule next`: the coming times, one after another.

use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::civil::DateTime;
use serde_json::{Value, json};

use super::job::{self, Job};
use super::{candidates, told, zone};
use crate::ctx::Ctx;
use crate::error::{Exit, Failure, fail};
use crate::outcome::Outcome;

/// Print the coming times of schedules
///
/// Times are those of each schedule's own time zone, and in order.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  prodev schedule next
  prodev schedule next backup --count 3
  prodev schedule next --from 2027-03-27")]
pub(crate) struct Args {
    /// Of these recipes; of all that have a schedule without any
    #[arg(value_name = "RECIPE", add = clap_complete::engine::ArgValueCandidates::new(candidates::scheduled))]
    recipes: Vec<String>,
    /// How many times to print
    #[arg(short, long, default_value_t = 10, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    count: u16,
    /// After this time rather than now: `2027-03-28`, `2027-03-28T01:00` or `2027-03-28T01:00:00Z`
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
}

pub(super) fn run(args: &Args, ctx: &Ctx) -> anyhow::Result<Outcome> {
    let jobs = job::named(job::all(ctx.config()?)?, &args.recipes)?;
    if jobs.is_empty() {
        ctx.ui.note("no recipe here has a schedule (`schedule = \"30 2 * * *\"` in prodev.toml gives it one)");
    }
    let from = match &args.from {
        Some(text) => instant(text)?,
        None => Timestamp::now(),
    };
    let mut text = String::new();
    let mut times: Vec<Value> = Vec::new();
    for (at, job) in coming(&jobs, from, args.count.into()) {
        let (zone, until) = (job.shown_in(), told::until(at, from));
        let _ = writeln!(text, "{}  {}  ({until})", told::local(at, &zone), job.recipe);
        times.push(json!({ "recipe": job.recipe, "time": told::rfc3339(at, &zone), "timezone": job.zone }));
    }
    Ok(Outcome::answer(text, json!({ "from": from.to_string(), "times": times })))
}

/// The next `count` times of all jobs together.
fn coming(jobs: &[Job], from: Timestamp, count: usize) -> Vec<(Timestamp, &Job)> {
    let mut heads: Vec<(Timestamp, &Job)> = jobs.iter().filter_map(|job| Some((job.after(from)?, job))).collect();
    let mut found = Vec::new();
    while found.len() < count {
        // The first of several at the same time, so that they come in the order of the file.
        let Some(index) = (0..heads.len()).min_by_key(|index| heads[*index].0) else { break };
        let (at, job) = heads[index];
        found.push((at, job));
        match job.after(at) {
            Some(next) => heads[index].0 = next,
            None => {
                heads.remove(index);
            }
        }
    }
    found
}

fn instant(text: &str) -> Result<Timestamp, Failure> {
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Ok(instant);
    }
    let local =
        text.parse::<DateTime>().ok().and_then(|local| zone::local().to_ambiguous_timestamp(local).compatible().ok());
    local.ok_or_else(|| {
        fail(format!("`{text}` is no time"))
            .hint("write `2027-03-28`, `2027-03-28T01:00` or `2027-03-28T01:00:00Z`")
            .exit(Exit::Usage)
    })
}
