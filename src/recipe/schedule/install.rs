//! `prodev schedule install` and `uninstall`: a marked block in the user's crontab, or timers of the user's systemd.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::json;

use super::block::Block;
use super::caller::Caller;
use super::export::{Exported, crontab, refused, systemd};
use super::job::{self, Job};
use crate::ctx::{self, Ctx};
use crate::error::{Exit, Failure, fail};
use crate::outcome::{Change, Outcome, object};
use crate::plan::{Crontab, Line, Plan, Step, Timers, crontab as table};

/// Let cron or systemd start the recipes of this project
///
/// Your own lines stay as they are. Run it again when schedules or the place of prodev have changed.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  prodev schedule install
  prodev schedule install --with systemd
  prodev --dry-run schedule install")]
pub(crate) struct Install {
    /// Who starts them; cron where it is installed, else systemd
    #[arg(long, value_name = "SCHEDULER")]
    with: Option<Scheduler>,
    /// Leave out what the scheduler cannot express
    #[arg(long)]
    approximate: bool,
}

/// Take this project's schedules out of cron and systemd
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  prodev schedule uninstall
  prodev --dry-run schedule uninstall")]
pub(crate) struct Uninstall {
    /// From where; from both without it
    #[arg(long, value_name = "SCHEDULER")]
    with: Option<Scheduler>,
}

#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum Scheduler {
    /// Your crontab
    Crontab,
    /// Your own systemd timers
    Systemd,
}

impl Scheduler {
    fn name(self) -> &'static str {
        match self {
            Self::Crontab => "cron",
            Self::Systemd => "systemd",
        }
    }
}

pub(super) fn install(args: &Install, ctx: &Ctx) -> anyhow::Result<Outcome> {
    let jobs = job::all(ctx.config()?)?;
    if jobs.is_empty() {
        let failure = fail("no recipe here has a schedule");
        return Err(failure.hint("give one to a recipe in prodev.toml: `schedule = \"30 2 * * *\"`").into());
    }
    let caller = Caller::new(ctx)?;
    let scheduler = args.with.unwrap_or(if is_installed("crontab") { Scheduler::Crontab } else { Scheduler::Systemd });
    let (lines, exported) = match scheduler {
        Scheduler::Crontab => {
            let (lines, missing) = crontab::lines(&jobs, &caller);
            (lines, Exported { missing, ..Exported::default() })
        }
        Scheduler::Systemd => (Vec::new(), systemd::export(&jobs, &caller)),
    };
    let said: Vec<String> = exported.missing.iter().map(|missing| missing.told(scheduler.name())).collect();
    if !said.is_empty() && !args.approximate {
        return Err(refused(
            scheduler.name(),
            said,
            "leave that out with `--approximate`, or keep the times yourself with `prodev schedule run`",
        )
        .into());
    }
    said.iter().map(|said| format!("left out: {said}")).for_each(|said| ctx.ui.warn(&said));
    let step = match scheduler {
        Scheduler::Crontab => in_crontab(&caller, &lines)?.map(Step::Crontab),
        Scheduler::Systemd => in_systemd(&caller, &exported)?.map(Step::Timers),
    };
    let count = jobs.len() - exported.missing.iter().filter(|missing| missing.is_times).count();
    let done = match step {
        Some(_) => format!("{} starts {count} recipes of this project by itself", scheduler.name()),
        None => format!("{} has all of it already", scheduler.name()),
    };
    Ok(outcome(
        step.into_iter().collect(),
        done,
        json!({ "scheduler": scheduler.name(), "recipes": names(&jobs), "left_out": said }),
    ))
}

pub(super) fn uninstall(args: &Uninstall, ctx: &Ctx) -> anyhow::Result<Outcome> {
    let caller = Caller::new(ctx)?;
    let mut steps = Vec::new();
    let from = |scheduler| args.with.is_none_or(|with| with == scheduler);
    if from(Scheduler::Crontab) && (args.with.is_some() || is_installed("crontab")) {
        steps.extend(in_crontab(&caller, &[])?.map(Step::Crontab));
    }
    if from(Scheduler::Systemd) {
        steps.extend(in_systemd(&caller, &Exported::default())?.map(Step::Timers));
    }
    let done =
        if steps.is_empty() { "nothing of this project is installed" } else { "nothing starts by itself any more" };
    Ok(outcome(steps, done.to_owned(), json!({})))
}

fn outcome(steps: Vec<Step>, done: String, json: serde_json::Value) -> Outcome {
    Outcome::Change(Box::new(Change { plan: Plan::new(steps), done, json: object(json), ..Change::default() }))
}

fn names(jobs: &[Job]) -> Vec<&str> {
    jobs.iter().map(|job| job.recipe.as_str()).collect()
}

/// Whether a program can be found.
fn is_installed(program: &str) -> bool {
    ctx::variable("PATH").is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(program).is_file()))
}

/// The change of the crontab to one with these lines of ours; `None` where there is none.
fn in_crontab(caller: &Caller, lines: &[String]) -> Result<Option<Crontab>, Failure> {
    let before = table::read()?;
    let block = Block::of(&caller.root);
    let old = block.lines(&before)?;
    let after = block.put(&before, lines)?;
    if before == after {
        return Ok(None);
    }
    let changes = difference(&old, lines);
    Ok(Some(Crontab { before, after, lines: changes }))
}

/// What goes and what comes, in words.
fn difference(old: &[String], new: &[String]) -> Vec<Line> {
    let gone = old.iter().filter(|line| !new.contains(line)).map(|line| Line { action: "remove", path: line.clone() });
    let come = new.iter().filter(|line| !old.contains(line)).map(|line| Line { action: "add", path: line.clone() });
    gone.chain(come).collect()
}

/// The change of the user's units to these; `None` where there is none.
fn in_systemd(caller: &Caller, exported: &Exported) -> Result<Option<Timers>, Failure> {
    let folder = units()?;
    let there = ours(&folder, &caller.root);
    let write: Vec<(String, String)> = exported
        .files
        .iter()
        .filter(|file| there.get(&file.name) != Some(&file.text))
        .map(|file| (file.name.clone(), file.text.clone()))
        .collect();
    let stays = |name: &str| exported.files.iter().any(|file| file.name == name);
    let remove: Vec<String> = there.keys().filter(|name| !stays(name)).cloned().collect();
    for (name, _) in write.iter().filter(|(name, _)| !there.contains_key(name)) {
        if folder.join(name).symlink_metadata().is_ok() {
            let path = folder.join(name);
            return Err(fail(format!("`{}` is there already, and is not prodev's", path.display()))
                .hint(format!("move it away: `mv {0} {0}.old`", path.display())));
        }
    }
    if write.is_empty() && remove.is_empty() {
        return Ok(None);
    }
    let line = |action, name: &String| Line { action, path: name.clone() };
    let gone = remove.iter().map(|name| line("remove", name));
    let come = write.iter().map(|(name, _)| line(if there.contains_key(name) { "replace" } else { "create" }, name));
    let lines = gone.chain(come).collect();
    Ok(Some(Timers { folder, write, remove, lines }))
}

fn units() -> Result<PathBuf, Failure> {
    let base = ctx::variable("XDG_CONFIG_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let base = base.or_else(|| Some(PathBuf::from(ctx::variable("HOME")?).join(".config")));
    let base = base.ok_or_else(|| fail("no home is known to put units in").exit(Exit::Usage).hint("set `HOME`"))?;
    Ok(base.join("systemd/user"))
}

/// The units that this project has there, by name.
fn ours(folder: &std::path::Path, root: &str) -> BTreeMap<String, String> {
    let mark = systemd::mark(root);
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let named = entries.filter_map(|entry| {
        let name = entry.file_name().into_string().ok().filter(|name| name.starts_with("prodev-"))?;
        let text = std::fs::read_to_string(entry.path()).ok().filter(|text| text.starts_with(&mark))?;
        Some((name, text))
    });
    named.collect()
}
