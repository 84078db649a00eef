//! `prodev schedule list`: which recipes run by themselves, and when next.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::job::{self, Job, Written};
use super::timetable::Timetable;
use super::told;
use crate::ctx::Ctx;
use crate::outcome::Outcome;
use crate::ui::style;

/// List the recipes that run by themselves
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  prodev schedule list
  prodev schedule list --json")]
pub(crate) struct Args {}

pub(super) fn run(_: &Args, ctx: &Ctx) -> anyhow::Result<Outcome> {
    let jobs = job::all(ctx.config()?)?;
    if jobs.is_empty() {
        ctx.ui.note("no recipe here has a schedule (`schedule = \"30 2 * * *\"` in prodev.toml gives it one)");
    }
    let now = Timestamp::now();
    let width = |text: fn(&Job) -> &str| jobs.iter().map(|job| text(job).chars().count()).max().unwrap_or_default();
    let (names, times) = (width(|job| &job.recipe), width(|job| job.written.text()));
    let mut text = String::new();
    for job in &jobs {
        let next = match (&job.timetable, job.after(now)) {
            (Timetable::Start, _) => "when the machine starts".to_owned(),
            (_, Some(next)) => format!("next {}", told::local(next, &job.shown_in())),
            (_, None) => "never again".to_owned(),
        };
        let _ = write!(text, "{:<names$}  {:<times$}  {next}", job.recipe, job.written.text());
        let _ = match qualities(job) {
            more if more.is_empty() => writeln!(text),
            more => writeln!(text, "  {}({more}){:#}", style::DIM, style::DIM),
        };
    }
    let schedules: Vec<Value> = jobs.iter().map(|job| described(job, now)).collect();
    Ok(Outcome::answer(text, json!({ "schedules": schedules })))
}

/// What is not as it is by itself.
fn qualities(job: &Job) -> String {
    let mut said = Vec::new();
    if told::overlap(job.overlap) != "skip" {
        said.push(format!("overlap {}", told::overlap(job.overlap)));
    }
    if told::missed(job.missed) != "skip" {
        said.push(format!("missed {}", told::missed(job.missed)));
    }
    if !job.jitter.is_zero() {
        said.push(format!("jitter {}", told::span(job.jitter)));
    }
    said.join(", ")
}

fn described(job: &Job, now: Timestamp) -> Value {
    let (cron, on) = match &job.written {
        Written::Cron(text) => (Some(text), None),
        Written::On(text) => (None, Some(text)),
    };
    json!({
        "recipe": job.recipe,
        "cron": cron,
        "on": on,
        "timezone": job.zone,
        "overlap": told::overlap(job.overlap),
        "missed": told::missed(job.missed),
        "jitter": job.jitter.as_secs_f64(),
        "arguments": job.arguments,
        "next": job.after(now).map(|next| told::rfc3339(next, &job.shown_in())),
    })
}
