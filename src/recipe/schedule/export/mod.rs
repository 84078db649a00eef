//! `prodev schedule export`: the schedules as other schedulers read them, or the reason why one cannot.

mod celery;
pub(super) mod crontab;
mod kubernetes;
pub(super) mod systemd;

use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::json;

use super::caller::Caller;
use super::candidates;
use super::job::{self, Job};
use crate::ctx::Ctx;
use crate::error::{Exit, Failure, Problem, fail};
use crate::outcome::{Change, Outcome};
use crate::plan::{NewFile, Plan, Step};

/// Print the schedules for another scheduler
///
/// Where a scheduler cannot say what a schedule means, that is an error which names it; with `--approximate` it is left out. Entries call
/// `prodev schedule fire RECIPE`, those of Kubernetes `prodev run RECIPE`.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  prodev schedule export --format crontab
  prodev schedule export --format kubernetes --image registry.example/shop:1.2 > cronjobs.yaml
  prodev schedule export --format systemd --output units/
  prodev schedule export --format celery --output schedules/")]
pub(crate) struct Args {
    /// Of these recipes; of all that have a schedule without any
    #[arg(value_name = "RECIPE", add = clap_complete::engine::ArgValueCandidates::new(candidates::scheduled))]
    recipes: Vec<String>,
    /// For which scheduler
    #[arg(long, value_name = "FORMAT")]
    format: Format,
    /// Leave out what the scheduler cannot express
    #[arg(long)]
    approximate: bool,
    /// The image that Kubernetes runs; prodev and the project are in it
    #[arg(long, value_name = "IMAGE")]
    image: Option<String>,
    /// Write files into this folder rather than print them
    #[arg(short, long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    output: Option<PathBuf>,
}

#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    /// Lines for cron
    Crontab,
    /// Timers and services
    Systemd,
    /// Manifests of `CronJob`s
    Kubernetes,
    /// A Python module for Celery beat
    Celery,
}

/// What a scheduler cannot express.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Missing {
    pub(super) recipe: String,
    /// The end of a sentence that begins with the scheduler.
    pub(super) what: String,
    /// Whether the schedule can be written without it.
    pub(super) is_times: bool,
}

impl Missing {
    /// It has no way to say when.
    pub(super) fn times(job: &Job, what: impl Into<String>) -> Self {
        Self { recipe: job.recipe.clone(), what: what.into(), is_times: true }
    }

    /// It can say when, but not this.
    pub(super) fn quality(job: &Job, what: impl Into<String>) -> Self {
        Self { recipe: job.recipe.clone(), what: what.into(), is_times: false }
    }

    pub(super) fn told(&self, scheduler: &str) -> String {
        format!("`{}`: {scheduler} {}", self.recipe, self.what)
    }
}

/// A file of an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) name: String,
    pub(super) text: String,
}

/// What came of the schedules: files, and what is not in them.
#[derive(Debug, Default)]
pub(super) struct Exported {
    pub(super) files: Vec<Written>,
    pub(super) missing: Vec<Missing>,
}

pub(super) fn run(args: &Args, ctx: &Ctx) -> anyhow::Result<Outcome> {
    let jobs = job::named(job::all(ctx.config()?)?, &args.recipes)?;
    if jobs.is_empty() {
        let failure = fail("no recipe here has a schedule");
        return Err(failure.hint("give one to a recipe in prodev.toml: `schedule = \"30 2 * * *\"`").into());
    }
    let caller = Caller::new(ctx)?;
    let (scheduler, exported) = match args.format {
        Format::Crontab => ("cron", crontab::export(&jobs, &caller)),
        Format::Systemd => ("systemd", systemd::export(&jobs, &caller)),
        Format::Celery => ("celery", celery::export(&jobs, &caller)),
        Format::Kubernetes => {
            let image = args.image.as_deref().ok_or_else(|| {
                fail("Kubernetes needs an image to run").exit(Exit::Usage).hint("name one with `--image IMAGE`")
            })?;
            ("Kubernetes", kubernetes::export(&jobs, image))
        }
    };
    let said: Vec<String> = exported.missing.iter().map(|missing| missing.told(scheduler)).collect();
    if !args.approximate && !said.is_empty() {
        return Err(refused(scheduler, said, "leave that out with `--approximate`").into());
    }
    for missing in &exported.missing {
        let what = if missing.is_times { "is not in it: " } else { "comes without something: " };
        ctx.ui.warn(&format!("`{}` {what}{scheduler} {}", missing.recipe, missing.what));
    }
    let names: Vec<&str> = exported.files.iter().map(|file| file.name.as_str()).collect();
    let json = json!({ "files": names, "left_out": said });
    let Some(folder) = &args.output else { return Ok(answer(&exported, &said)) };
    let folder = ctx.resolve(folder);
    let mut steps = Vec::new();
    for file in exported.files {
        let path = folder.join(&file.name);
        let shown = crate::config::discover::shown(&path, &ctx.dir);
        match std::fs::read(&path) {
            Ok(bytes) if bytes == file.text.as_bytes() => {}
            Ok(_) => {
                return Err(fail(format!("`{shown}` is there already, and is another"))
                    .hint(format!("move it away: `mv {shown} {shown}.old`"))
                    .into());
            }
            Err(_) if !folder.is_dir() => {
                let folder = crate::config::discover::shown(&folder, &ctx.dir);
                return Err(fail(format!("there is no folder `{folder}`"))
                    .hint(format!("make it with `mkdir -p {folder}`"))
                    .into());
            }
            Err(_) => steps.push(Step::File(NewFile { path, shown, bytes: file.text.into_bytes() })),
        }
    }
    let count = steps.len();
    let done = if count == 0 { "all of it is there already".to_owned() } else { format!("wrote {count} files") };
    let change = Change { plan: Plan::new(steps), done, json: crate::outcome::object(json), ..Change::default() };
    Ok(Outcome::Change(Box::new(change)))
}

/// The failure of a scheduler that cannot express what is asked.
pub(super) fn refused(scheduler: &str, said: Vec<String>, hint: &str) -> Failure {
    let problems = said.into_iter().map(Problem::new).collect();
    Failure::of(format!("{scheduler} cannot express these schedules"), problems).hint(hint)
}

/// Several files one after another, each under its name.
fn answer(exported: &Exported, left_out: &[String]) -> Outcome {
    let mut text = String::new();
    for file in &exported.files {
        if exported.files.len() > 1 {
            let _ = writeln!(text, "# {}", file.name);
        }
        text.push_str(&file.text);
    }
    let files = exported.files.iter().map(|file| json!({ "name": file.name, "text": file.text }));
    Outcome::answer(text, json!({ "files": files.collect::<Vec<_>>(), "left_out": left_out }))
}
