//! `prodev schedule run`: a scheduler in the foreground, for containers and machines without cron.

use std::collections::HashMap;
use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream;
use std::process::Child;

use anyhow::Context as _;
use jiff::Timestamp;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::Signal;
use serde_json::json;

use super::caller::Caller;
use super::child::{self, Ended};
use super::job::{self, Job};
use super::timetable::Timetable;
use super::told;
use crate::config::schedule::Missed;
use crate::ctx::Ctx;
use crate::error::{Exit, fail};
use crate::outcome::Outcome;
use crate::recipe::Mood;
use crate::ui::Interrupt;

/// Start recipes when their time comes, until it is told to end
///
/// It stays in the foreground and tells on stderr what starts and how it ends. TERM and Ctrl-C end it, and what it has started; it then ends with 0.
/// Schedules are read when it begins.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  prodev schedule run
  prodev --dry-run schedule run      when each would start first")]
pub(crate) struct Args {}

/// The clock is looked at so often in any case: it may have been set, or the machine have slept.
const LOOK: i64 = 30;

/// A start that is later than this has been missed.
const LATE: i64 = 60;

/// A job, and when it is to start next.
struct Waiting<'a> {
    job: &'a Job,
    next: Option<Timestamp>,
}

pub(super) fn run(_: &Args, mood: Mood, ctx: &Ctx) -> anyhow::Result<Outcome> {
    let jobs = job::all(ctx.config()?)?;
    if jobs.is_empty() {
        let failure = fail("no recipe here has a schedule").exit(Exit::Failed);
        return Err(failure.hint("give one to a recipe in prodev.toml: `schedule = \"30 2 * * *\"`").into());
    }
    let now = Timestamp::now();
    if mood.is_dry_run {
        let steps = jobs.iter().map(|job| {
            let when = match (&job.timetable, job.after(now)) {
                (Timetable::Start, _) => "at once".to_owned(),
                (_, Some(next)) => told::local(next, &job.shown_in()),
                (_, None) => "never".to_owned(),
            };
            (job.recipe.clone(), when)
        });
        let steps: Vec<(String, String)> = steps.collect();
        let text: String =
            steps.iter().fold(String::new(), |text, (recipe, when)| text + &format!("start     {recipe}: {when}\n"));
        let steps: Vec<_> = steps
            .iter()
            .map(|(recipe, when)| json!({ "action": "start", "path": format!("{recipe}: {when}") }))
            .collect();
        return Ok(Outcome::answer(text, json!({ "dry_run": true, "steps": steps })));
    }
    let interrupt = Interrupt::hold()?;
    let (hear, ring) = UnixStream::pair().context("could not listen to signals")?;
    hear.set_nonblocking(true).context("could not listen to signals")?;
    for signal in [Signal::TERM, Signal::INT, Signal::HUP, Signal::CHILD] {
        let ring = ring.try_clone().context("could not listen to signals")?;
        signal_hook::low_level::pipe::register(signal.as_raw(), ring).context("could not listen to signals")?;
    }
    let mut keeper = Keeper { ctx, caller: Caller::new(ctx)?, running: HashMap::new(), count: 0 };
    ctx.ui.note(&format!("keeping the times of {} recipes", jobs.len()));
    keeper.begin(&jobs)?;
    let mut waiting: Vec<Waiting> = jobs.iter().map(|job| Waiting { job, next: job.after(now) }).collect();
    while interrupt.check().is_ok() {
        keeper.start_due(&mut waiting, Timestamp::now())?;
        let next = waiting.iter().filter_map(|waiting| waiting.next).min();
        sleep_until(next, &hear);
        keeper.reap();
    }
    keeper.end()?;
    Ok(Outcome::Ended(0))
}

/// Sleeps until `next`, until a signal comes, or until it is time to look at the clock.
fn sleep_until(next: Option<Timestamp>, hear: &UnixStream) {
    let now = Timestamp::now();
    let most = jiff::SignedDuration::from_secs(LOOK);
    let span = next.map_or(most, |next| next.duration_since(now)).clamp(jiff::SignedDuration::ZERO, most);
    let timeout = Timespec { tv_sec: span.as_secs(), tv_nsec: span.subsec_nanos().into() };
    let mut events = [PollFd::from_borrowed_fd(hear.as_fd(), PollFlags::IN)];
    let _ = poll(&mut events, Some(&timeout));
    let mut bytes = [0; 64];
    while std::io::Read::read(&mut &*hear, &mut bytes).is_ok_and(|count| count > 0) {}
}

struct Keeper<'a> {
    ctx: &'a Ctx,
    caller: Caller,
    /// By a number of their own.
    running: HashMap<usize, (String, Child)>,
    count: usize,
}

impl Keeper<'_> {
    /// What is to start with the scheduler, and what was missed while none ran.
    fn begin(&mut self, jobs: &[Job]) -> anyhow::Result<()> {
        for job in jobs {
            match job.timetable {
                Timetable::Start => self.fire(job, &[])?,
                Timetable::Times { .. } if job.missed == Missed::RunOnce => self.fire(job, &["--missed"])?,
                Timetable::Times { .. } => {}
            }
        }
        Ok(())
    }

    fn start_due(&mut self, waiting: &mut [Waiting], now: Timestamp) -> anyhow::Result<()> {
        for Waiting { job, next } in waiting {
            // A clock that was set back has its times again; those of cron and systemd begin at the present, too.
            let again = job.after(now);
            let Some(due) = *next else { continue };
            if due > now {
                if again < *next {
                    *next = again;
                }
                continue;
            }
            *next = again;
            let is_late = now.duration_since(due).as_secs() > LATE;
            if is_late && job.missed == Missed::Skip {
                self.ctx.ui.note(&format!("`{}` missed {}", job.recipe, told::local(due, &job.shown_in())));
            } else {
                self.fire(job, &[])?;
            }
        }
        Ok(())
    }

    fn fire(&mut self, job: &Job, options: &[&str]) -> anyhow::Result<()> {
        let child = child::start(&self.caller.words(job, options))?;
        self.tell(&format!("`{}` is started", job.recipe));
        self.count += 1;
        self.running.insert(self.count, (job.recipe.clone(), child));
        Ok(())
    }

    fn tell(&self, what: &str) {
        self.ctx.ui.note(&format!("{} {what}", told::rfc3339(Timestamp::now(), &super::zone::local())));
    }

    fn reap(&mut self) {
        let mut ended = Vec::new();
        self.running.retain(|_, (recipe, child)| match child.try_wait() {
            Ok(Some(status)) => {
                ended.push((recipe.clone(), child::ended(status)));
                false
            }
            _ => true,
        });
        for (recipe, ended) in ended {
            match ended {
                Ended::Code(0) => self.tell(&format!("`{recipe}` has ended")),
                Ended::Code(code) => self.tell(&format!("`{recipe}` has failed with {code}")),
                Ended::Signal(signal) => self.tell(&format!("`{recipe}` was ended by signal {signal}")),
            }
        }
    }

    /// Ends what runs, and waits for it: each knows how long that may take.
    fn end(&mut self) -> anyhow::Result<()> {
        for (_, child) in self.running.values() {
            let _ = rustix::process::kill_process(child::pid_of(child)?, Signal::TERM);
        }
        for (_, (recipe, mut child)) in std::mem::take(&mut self.running) {
            let _ = child.wait();
            self.tell(&format!("`{recipe}` was stopped"));
        }
        Ok(())
    }
}
