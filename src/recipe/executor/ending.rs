//! How jobs are brought to their end: Ctrl-C, TERM and HUP, a failure elsewhere, a timeout. First they are told, after their grace they are
//! killed, and with them all that they started, wherever it went.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::job::{Cause, Ending, Phase};
use super::{Bells, Executor};
use crate::plan::processes::{self as process, DETACHED, Reaped, Table};

/// The code of a recipe that took too long.
pub(super) const TIMED_OUT: u8 = 124;

/// Between TERM and KILL where the grace is over already.
const BRIEF: Duration = Duration::from_millis(100);

/// How long `finally` may take in a run that was stopped, where it has no limit of its own.
pub(super) const LAST_WORDS: Duration = Duration::from_mins(1);

/// How long a press of Ctrl-C may take to reach this process after it has reached the front.
const ECHO: Duration = Duration::from_millis(30);

/// A run that is being stopped.
#[derive(Debug, Clone)]
#[allow(clippy::struct_excessive_bools, reason = "each came by itself")]
pub(super) struct Stopping {
    pub(super) is_interrupt: bool,
    begun: Instant,
    /// When the front was told of a Ctrl-C that this process has not heard.
    unheard: Option<Instant>,
    /// Nobody waits for this run any more, so nothing is begun, `finally` neither.
    is_bare: bool,
    /// The user pressed Ctrl-C again: nothing is waited for.
    is_hasty: bool,
    /// TERM or HUP came.
    is_terminated: bool,
    /// When what is left at the end was told to end.
    told: Option<Instant>,
}

impl Stopping {
    fn new(is_interrupt: bool) -> Self {
        Self {
            is_interrupt,
            begun: Instant::now(),
            unheard: None,
            is_bare: false,
            is_hasty: false,
            is_terminated: false,
            told: None,
        }
    }

    pub(super) fn is_bare(&self) -> bool {
        self.is_bare
    }

    pub(super) fn is_hasty(&self) -> bool {
        self.is_hasty
    }
}

impl From<Cause> for Ending {
    fn from(cause: Cause) -> Self {
        match cause {
            Cause::Timeout => Self::TimedOut,
            Cause::Cancelled => Self::Cancelled,
            Cause::Interrupted => Self::Interrupted,
        }
    }
}

impl Executor<'_, '_> {
    /// Hears which signals came.
    pub(super) fn hear(&mut self, bells: &Bells) {
        bells.child.rung();
        let (own, front) = (bells.interrupt.rung(), bells.of_front.rung());
        let terminated = bells.terminate.iter().map(crate::plan::bell::Bell::rung).sum::<usize>() > 0;
        let quit = bells.quit.rung() > 0;
        if terminated {
            self.terminate();
        }
        let is_interactive = self.running.iter().any(|job| self.recipe(job.node).interactive);
        if is_interactive {
            // The keys are the recipe's.
            return;
        }
        if own + front > 0 {
            self.interrupt(own, front);
        }
        if quit {
            self.interrupt(1, 1);
            self.kill_now();
        }
    }

    /// Ctrl-C. At a terminal the recipes have heard it as well: they are waited for. The second one ends them.
    fn interrupt(&mut self, own: usize, front: usize) {
        let before = self.presses.0.max(self.presses.1);
        self.presses.0 += own;
        self.presses.1 += front;
        let after = self.presses.0.max(self.presses.1);
        if before == 0 {
            let now = Instant::now();
            let is_new = !self.stopping.as_ref().is_some_and(|stopping| stopping.is_interrupt);
            let stopping = self.stopping.get_or_insert_with(|| Stopping::new(true));
            stopping.is_interrupt = true;
            stopping.unheard = (self.presses.0 == 0).then_some(now + ECHO);
            if is_new {
                self.stop_jobs(Cause::Interrupted, |job| {
                    (job.term_at, job.kill_at) = (Some(now + job.grace), Some(now + job.grace + BRIEF));
                });
                self.end_orphans();
            }
        } else if self.presses.0 > 0
            && let Some(stopping) = &mut self.stopping
        {
            stopping.unheard = None;
        }
        if after > 1 && after > before {
            self.kill_now();
        }
    }

    /// TERM or HUP.
    pub(super) fn terminate(&mut self) {
        let stopping = self.stopping.get_or_insert_with(|| Stopping::new(true));
        if std::mem::replace(&mut stopping.is_terminated, true) {
            return;
        }
        let now = Instant::now();
        if std::mem::replace(&mut stopping.is_interrupt, true) && !stopping.is_hasty && !self.running.is_empty() {
            // What was given its grace after Ctrl-C is told at once, and killed no later than it would have been.
            for job in self.running.iter_mut().filter(|job| job.cause == Some(Cause::Interrupted)) {
                let latest = now + job.grace;
                job.term_at = Some(now);
                job.kill_at = Some(job.kill_at.map_or(latest, |kill_at| kill_at.min(latest)));
            }
            self.look_at_time();
        }
        self.stop_jobs(Cause::Interrupted, |job| {
            job.term_at = Some(now);
            job.kill_at = Some(job.kill_at.map_or(now + job.grace, |kill_at| kill_at.min(now + job.grace)));
        });
        self.end_orphans();
    }

    /// Nobody waits for the result any more: as TERM, and nothing is begun any more.
    pub(super) fn lose_the_front(&mut self) {
        self.terminate();
        if let Some(stopping) = &mut self.stopping {
            stopping.is_bare = true;
        }
        let now = Instant::now();
        for job in self.running.iter_mut().filter(|job| job.phase == Phase::Finally) {
            (job.term_at, job.kill_at) = (Some(now), Some(now + BRIEF));
        }
    }

    /// A job has failed, and the others are not to go on.
    pub(super) fn cancel(&mut self) {
        if self.stopping.is_some() {
            return;
        }
        self.stopping = Some(Stopping::new(false));
        let now = Instant::now();
        self.stop_jobs(Cause::Cancelled, |job| (job.term_at, job.kill_at) = (Some(now), Some(now + job.grace)));
    }

    /// Stops what runs and what would be tried again; what is at its end already goes on to it.
    fn stop_jobs(&mut self, cause: Cause, plan: impl Fn(&mut super::Job)) {
        for job in self.running.iter_mut().filter(|job| job.phase == Phase::Main) {
            job.cause.get_or_insert(cause);
            plan(job);
        }
        for (_, node, _) in std::mem::take(&mut self.delayed) {
            self.records.push(super::Record::not_run(node, "the run was stopped"));
            self.settle(node, super::State::Failed);
        }
        self.look_at_time();
    }

    fn kill_now(&mut self) {
        let now = Instant::now();
        for job in &mut self.running {
            (job.term_at, job.kill_at) = (None, Some(now));
        }
        if let Some(stopping) = &mut self.stopping {
            stopping.is_hasty = true;
        }
        self.look_at_time();
    }

    /// Orphans that no running job answers for are told at once: nobody waits for them.
    fn end_orphans(&self) {
        let table = Table::read();
        let own = process::own();
        let mut of_jobs: Vec<i32> = Vec::new();
        for job in &self.running {
            of_jobs.extend(table.of_job(job.child, &job.mark, own));
        }
        let mut left = table.below(own);
        left.retain(|pid| !of_jobs.contains(pid) && !is_detached(*pid));
        tell(&left);
    }

    /// Does what the clock asks for.
    pub(super) fn look_at_time(&mut self) {
        let now = Instant::now();
        if let Some(stopping) = self.stopping.as_mut().filter(|it| it.unheard.is_some_and(|unheard| unheard <= now)) {
            // Only the front was sent it, so the recipes have not heard of it.
            stopping.unheard = None;
            let left: Vec<i32> =
                Table::read().below(process::own()).into_iter().filter(|pid| !is_detached(*pid)).collect();
            process::signal(&left, Signal::INT, process::own());
        }
        for at in 0..self.running.len() {
            let job = &mut self.running[at];
            if job.cause.is_none() && job.deadline.is_some_and(|deadline| deadline <= now) {
                job.cause = Some(Cause::Timeout);
                (job.term_at, job.kill_at) = (Some(now), Some(now + job.grace));
            }
            let is_told = job.term_at.is_some_and(|moment| moment <= now);
            let is_killed = job.kill_at.is_some_and(|moment| moment <= now);
            if is_told || is_killed {
                let pids = Table::read().of_job(job.child, &job.mark, process::own());
                if is_killed {
                    process::signal(&pids, Signal::KILL, process::own());
                    // What was just being started is seen at the next look.
                    job.kill_at = (!pids.is_empty()).then_some(now + super::LOOK);
                } else {
                    tell(&pids);
                    job.term_at = None;
                }
            }
            if job.sink.holds_back() {
                let secrets = self.stage.secrets.borrow();
                job.sink.give_up_waiting(&secrets);
            }
        }
        for at in (0..self.running.len()).rev() {
            if self.running.get(at).is_some_and(|job| job.phase == Phase::Leftovers) {
                self.look_at_leftovers(at);
            }
        }
    }

    /// Ends what a job left behind; when nothing is left it goes on.
    pub(super) fn look_at_leftovers(&mut self, at: usize) {
        let job = &mut self.running[at];
        let pids = Table::read().of_job(None, &job.mark, process::own());
        if pids.is_empty() {
            return self.after_leftovers(at);
        }
        if job.kill_at.is_none_or(|moment| moment <= Instant::now()) {
            process::signal(&pids, Signal::KILL, process::own());
            job.kill_at = Some(Instant::now());
        } else {
            tell(&pids);
        }
    }

    /// At the end of a run that did not go well nothing stays. True when nothing is left.
    pub(super) fn sweep_end(&mut self) -> bool {
        let is_good = self.stopping.is_none() && !self.records.iter().any(super::Record::is_bad);
        if is_good || matches!(process::reap_nothing(), Reaped::Childless) {
            return true;
        }
        let own = process::own();
        let mut left = Table::read().below(own);
        left.retain(|pid| !is_detached(*pid));
        if left.is_empty() {
            return true;
        }
        let now = Instant::now();
        let grace = super::start::time(&self.catalog.project.policy.settings.grace);
        let stopping = self.stopping.get_or_insert_with(|| Stopping::new(false));
        let told = *stopping.told.get_or_insert_with(|| {
            tell(&left);
            now
        });
        if stopping.is_hasty || now >= (told + BRIEF).max(stopping.begun + grace) {
            process::signal(&left, Signal::KILL, own);
        }
        false
    }
}

/// Asks processes to end. A stopped one hears of it only when it goes on.
fn tell(pids: &[i32]) {
    process::signal(pids, Signal::TERM, process::own());
    process::signal(pids, Signal::CONT, process::own());
}

fn is_detached(pid: i32) -> bool {
    process::mark(pid).is_some_and(|mark| mark.ends_with(DETACHED))
}
