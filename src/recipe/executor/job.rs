//! A job: one call of a recipe that runs, from its first step to the end of its `finally`.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use rustix::process::{Pid, WaitStatus};

use super::output::Sink;
use crate::recipe::script::Step;

/// What a job is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Main,
    /// It has ended, and what it left behind is being ended.
    Leftovers,
    Finally,
}

/// Why a job is stopped from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    Timeout,
    /// Another job has failed.
    Cancelled,
    /// The user or the system stopped the run.
    Interrupted,
}

/// How a job ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ending {
    Done,
    /// With the code that the run ends with.
    Failed(u8),
    /// With 124.
    TimedOut,
    Cancelled,
    Interrupted,
}

/// A job that runs.
pub(super) struct Job {
    pub(super) node: usize,
    pub(super) mark: String,
    pub(super) phase: Phase,
    pub(super) steps: VecDeque<Step>,
    pub(super) current: Option<Step>,
    pub(super) child: Option<Pid>,
    /// Its first step began.
    pub(super) begun: Instant,
    pub(super) attempt: u32,
    pub(super) is_alone: bool,
    pub(super) cause: Option<Cause>,
    pub(super) deadline: Option<Instant>,
    /// When it is told to end, where it has not been yet.
    pub(super) term_at: Option<Instant>,
    /// When it is ended.
    pub(super) kill_at: Option<Instant>,
    pub(super) grace: Duration,
    pub(super) ending: Option<Ending>,
    pub(super) failure: Option<Broken>,
    pub(super) sink: Sink,
    pub(super) line_file: Option<PathBuf>,
    pub(super) script: Option<PathBuf>,
}

/// What is known of a step that failed.
#[derive(Debug, Clone, Default)]
pub(super) struct Broken {
    /// What it is called.
    pub(super) shown: String,
    /// Where it stands in its recipe.
    pub(super) path: Vec<String>,
    /// The line of its text (from 1), where the shell told it.
    pub(super) line: Option<usize>,
    /// How it ended, as it reads after the recipe's name.
    pub(super) how: String,
    pub(super) is_finally: bool,
}

impl Job {
    /// The next moment at which something is to be done about it.
    pub(super) fn next_moment(&self) -> Option<Instant> {
        let deadline = self.deadline.filter(|_| self.cause.is_none());
        [deadline, self.term_at, self.kill_at].into_iter().flatten().min()
    }

    /// The current step ended badly.
    pub(super) fn breaks(&mut self, how: String) {
        let Some(step) = &self.current else { return };
        if self.failure.is_some() {
            return;
        }
        let line = self.line_file.as_deref().and_then(|file| std::fs::read_to_string(file).ok()?.trim().parse().ok());
        let line = line.or_else(|| self.printed_line());
        let is_finally = self.phase == Phase::Finally;
        self.failure = Some(Broken { shown: step.shown.clone(), path: step.path.clone(), line, how, is_finally });
    }

    /// The line that a shell named when it gave up: `FILE: 3: …`, `FILE: line 3: …`, `FILE:3: …`.
    fn printed_line(&self) -> Option<usize> {
        let script = self.script.as_deref()?.to_str()?;
        let tail = self.sink.tail();
        let line = tail.iter().rev().find_map(|line| line.split_once(script).map(|(_, rest)| rest.to_owned()))?;
        let rest = line.strip_prefix(':')?.trim_start();
        let rest = rest.strip_prefix("line ").unwrap_or(rest);
        rest.split(':').next()?.trim().parse().ok()
    }
}

/// The code that a status means to a shell, and how it reads.
pub(super) fn code(status: WaitStatus) -> (u8, String) {
    if let Some(signal) = status.terminating_signal() {
        let name = signal_hook::low_level::signal_name(signal).unwrap_or("a signal");
        return (128_u8.saturating_add(u8::try_from(signal).unwrap_or(127)), format!("was ended by {name}"));
    }
    let code = status.exit_status().and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
    (code, format!("failed with exit code {code}"))
}
