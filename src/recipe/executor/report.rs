//! What a run did: one record for each call, the code that it ends with, and the closing words.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::ending::TIMED_OUT;
use super::job::{Broken, Ending, Job};
use super::output::Fold;
use super::{Executor, Kind, State};
use crate::config::tree::Tree;
use crate::error::Exit;
use crate::plan::processes::{self as process, DETACHED, Table};
use crate::ui::{Stream, Ui, style};

/// What became of one call.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    pub(super) node: usize,
    pub(super) result: Outcome,
    pub(super) time: Duration,
    pub(super) attempts: u32,
    failure: Option<Broken>,
    tail: Vec<String>,
    begun: Option<Instant>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    Ended(Ending),
    /// It failed, and that is no failure.
    Forgiven(Ending),
    /// `when` does not hold: why.
    Skipped(String),
    /// Why not.
    NotRun(String),
}

/// A run that is over.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) code: u8,
    pub(crate) calls: Vec<Call>,
    pub(crate) time: Duration,
    /// What runs on, as it was started.
    pub(crate) survivors: Vec<String>,
}

/// A record in the terms of whoever asked.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// Its node in the graph.
    pub(crate) node: usize,
    pub(crate) label: String,
    pub(crate) result: &'static str,
    pub(crate) code: Option<u8>,
    pub(crate) reason: Option<String>,
    /// From the beginning of the run.
    pub(crate) start: Duration,
    pub(crate) time: Duration,
    pub(crate) attempts: u32,
    /// `FILE:LINE` of what failed.
    pub(crate) place: Option<String>,
    pub(crate) command: Option<String>,
    pub(crate) tail: Vec<String>,
}

impl Record {
    pub(super) fn of(job: Job, ending: Ending, is_good: bool) -> Self {
        let result = if is_good && ending != Ending::Done { Outcome::Forgiven(ending) } else { Outcome::Ended(ending) };
        let tail = job.sink.tail();
        let (time, attempts) = (job.begun.elapsed(), job.attempt);
        Self { node: job.node, result, time, attempts, failure: job.failure, tail, begun: Some(job.begun) }
    }

    pub(super) fn skipped(node: usize, reason: &str) -> Self {
        Self::nothing(node, Outcome::Skipped(reason.to_owned()))
    }

    pub(super) fn not_run(node: usize, reason: &str) -> Self {
        Self::nothing(node, Outcome::NotRun(reason.to_owned()))
    }

    fn nothing(node: usize, result: Outcome) -> Self {
        Self { node, result, time: Duration::ZERO, attempts: 0, failure: None, tail: Vec::new(), begun: None }
    }

    /// Whether the run has failed because of it.
    pub(super) fn is_bad(&self) -> bool {
        matches!(&self.result, Outcome::Ended(ending) if *ending != Ending::Done)
    }

    fn code(&self) -> Option<u8> {
        match &self.result {
            Outcome::Ended(ending) | Outcome::Forgiven(ending) => Some(match ending {
                Ending::Done => 0,
                Ending::Failed(code) => *code,
                Ending::TimedOut => TIMED_OUT,
                Ending::Cancelled | Ending::Interrupted => Exit::Interrupted.code(),
            }),
            _ => None,
        }
    }

    fn word(&self) -> &'static str {
        match &self.result {
            Outcome::Ended(Ending::Done) => "done",
            Outcome::Ended(Ending::Failed(_)) => "failed",
            Outcome::Ended(Ending::TimedOut) => "timed-out",
            Outcome::Ended(Ending::Cancelled) => "cancelled",
            Outcome::Ended(Ending::Interrupted) => "interrupted",
            Outcome::Forgiven(_) => "forgiven",
            Outcome::Skipped(_) => "skipped",
            Outcome::NotRun(_) => "not-run",
        }
    }
}

impl Executor<'_, '_> {
    /// What the run came to.
    pub(super) fn report(mut self) -> Report {
        let told: std::collections::HashSet<usize> = self.records.iter().map(|record| record.node).collect();
        for at in 0..self.graph.nodes.len() {
            if self.states[at] == State::Waiting && self.graph.nodes[at].kind == Kind::Run && !told.contains(&at) {
                self.records.push(Record::not_run(at, "the run was stopped"));
            }
        }
        let is_interrupted = self.stopping.as_ref().is_some_and(|stopping| stopping.is_interrupt);
        let first =
            self.records.iter().find(|record| record.is_bad() && record.result != Outcome::Ended(Ending::Cancelled));
        let code = match first {
            _ if is_interrupted => Exit::Interrupted.code(),
            Some(record) => record.code().filter(|code| *code != 0).unwrap_or(1),
            None => 0,
        };
        let survivors = if code == 0 { survivors() } else { Vec::new() };
        let calls = self.records.iter().map(|record| self.call(record)).collect();
        Report { code, calls, time: self.begun.elapsed(), survivors }
    }

    fn call(&self, record: &Record) -> Call {
        let entry = &self.catalog.entries[self.graph.nodes[record.node].entry];
        let line = record.failure.as_ref().and_then(|failure| {
            let path: Vec<&str> = failure.path.iter().map(String::as_str).collect();
            let tree = Tree::of(&entry.file.shown, &entry.file.source);
            let first = tree.text_line(&entry.path(&path)).or_else(|| tree.line(&entry.path(&[])))?;
            Some(first + failure.line.map_or(0, |line| line - line.min(1)))
        });
        let told = record.failure.as_ref().and_then(|failure| failure.line).and(line);
        let told = told.and_then(|line| entry.file.source.lines().nth(line - 1)).map(|text| text.trim().to_owned());
        let reason = match &record.result {
            Outcome::Skipped(reason) | Outcome::NotRun(reason) => Some(reason.clone()),
            Outcome::Ended(Ending::Cancelled) => Some("was stopped, as another recipe has failed".to_owned()),
            Outcome::Ended(Ending::Interrupted) => Some("was interrupted".to_owned()),
            _ => record.failure.as_ref().map(|failure| {
                if failure.is_finally { format!("{} in `finally`", failure.how) } else { failure.how.clone() }
            }),
        };
        Call {
            node: record.node,
            label: self.graph.nodes[record.node].label.clone(),
            result: record.word(),
            code: record.code(),
            reason,
            start: record.begun.map(|begun| begun.saturating_duration_since(self.begun)).unwrap_or_default(),
            time: record.time,
            attempts: record.attempts,
            place: line.map(|line| format!("{}:{line}", entry.file.shown)),
            command: told.or_else(|| record.failure.as_ref().map(|failure| failure.shown.clone())),
            tail: record.tail.clone(),
        }
    }
}

/// What runs on after a run that went well: what it started and did not mean to stay.
fn survivors() -> Vec<String> {
    if matches!(process::reap_nothing(), process::Reaped::Childless) {
        return Vec::new();
    }
    let left = Table::read().below(process::own());
    let left = left.into_iter().filter(|pid| !process::mark(*pid).is_some_and(|mark| mark.ends_with(DETACHED)));
    left.filter_map(|pid| process::command(pid).map(|command| format!("{command} (process {pid})"))).collect()
}

impl Report {
    /// Of a run in which there was nothing to do.
    pub(crate) fn nothing() -> Self {
        Self { code: 0, calls: Vec::new(), time: Duration::ZERO, survivors: Vec::new() }
    }

    /// The closing words, on stderr; failures again, since they have scrolled away.
    pub(crate) fn tell(&self, ui: &Ui) {
        let bad: Vec<&Call> =
            self.calls.iter().filter(|call| matches!(call.result, "failed" | "timed-out" | "interrupted")).collect();
        for call in &bad {
            self.tell_failure(call, Fold::here(crate::ctx::variable));
        }
        for call in self.calls.iter().filter(|call| call.result == "forgiven") {
            ui.note(&format!("`{}` {}, which it may", call.label, call.reason.as_deref().unwrap_or("failed")));
        }
        for call in self.calls.iter().filter(|call| call.result == "skipped") {
            ui.note(&format!("`{}` was skipped: {}", call.label, call.reason.as_deref().unwrap_or_default()));
        }
        for survivor in &self.survivors {
            ui.warn(&format!("still running: {survivor}"));
        }
        let done = self.calls.iter().filter(|call| call.result == "done").count();
        if self.calls.len() > 1 {
            let not_run = self.calls.iter().filter(|call| matches!(call.result, "not-run" | "cancelled")).count();
            let mut text = format!("{done} done");
            for (count, word) in [(bad.len(), "failed"), (not_run, "not run to their end")] {
                if count > 0 {
                    let _ = write!(text, ", {count} {word}");
                }
            }
            ui.note(&format!("{text} in {}", shown(self.time)));
        }
    }

    fn tell_failure(&self, call: &Call, fold: Fold) {
        if let Some((file, line)) = call.place.as_deref().and_then(|place| place.rsplit_once(':')) {
            let message = call.reason.as_deref().unwrap_or("failed");
            if let Some(annotation) = fold.annotation(file, line.parse().unwrap_or(1), &call.label, message) {
                Ui::tell(Stream::Err, &annotation);
            }
        }
        let mut text = format!(
            "{}error:{:#} `{}` {}",
            style::ERROR,
            style::ERROR,
            call.label,
            call.reason.as_deref().unwrap_or("failed")
        );
        let _ = write!(text, " after {}", shown(call.time));
        if call.attempts > 1 {
            let _ = write!(text, " (attempt {})", call.attempts);
        }
        if let Some(place) = &call.place {
            let command = call.command.as_deref().unwrap_or_default();
            let _ = write!(text, "\n  --> {place}: {command}");
        }
        // What was shown as it came is still to be seen, unless others were shown as well.
        if self.calls.len() > 1 {
            for line in &call.tail {
                let _ = write!(text, "\n  | {line}");
            }
        }
        text.push('\n');
        Ui::tell(Stream::Err, &text);
    }

    /// The same as data.
    pub(crate) fn json(&self) -> Value {
        let seconds = |time: Duration| (time.as_secs_f64() * 1000.0).round() / 1000.0;
        let calls: Vec<Value> = self
            .calls
            .iter()
            .map(|call| {
                json!({
                    "recipe": call.label,
                    "result": call.result,
                    "code": call.code,
                    "reason": call.reason,
                    "start": seconds(call.start),
                    "seconds": seconds(call.time),
                    "attempts": call.attempts,
                    "place": call.place,
                    "command": call.command,
                })
            })
            .collect();
        json!({ "code": self.code, "seconds": seconds(self.time), "recipes": calls, "survivors": self.survivors })
    }
}

/// A span as people read it.
pub(crate) fn shown(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    match seconds {
        seconds if seconds < 0.1 => format!("{} ms", time.as_millis()),
        seconds if seconds < 60.0 => format!("{seconds:.1} s"),
        _ => format!("{} min {:02} s", time.as_secs() / 60, time.as_secs() % 60),
    }
}
