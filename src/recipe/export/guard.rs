//! What a shell does where the engine does not: try again, end what takes too long, keep others out, leave a recipe out.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use super::script::{apart, whole};
use super::workflow::{Job, Workflow};
use crate::config::repeat::Retry;
use crate::config::value;
use crate::plan::process::quoted;

/// How often a job is tried again.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Again {
    pub(super) times: u32,
    delay: Duration,
    backoff: f64,
    on: Vec<u8>,
}

impl Again {
    pub(super) fn of(retry: &Retry) -> Self {
        match retry {
            Retry::Times(times) => Self { times: *times, delay: Duration::ZERO, backoff: 1.0, on: Vec::new() },
            Retry::Full(full) => Self {
                times: full.times,
                delay: full.delay.as_ref().and_then(|delay| value::duration(delay).ok()).unwrap_or_default(),
                backoff: full.backoff.unwrap_or(1.0),
                on: full.on.clone(),
            },
        }
    }

    /// At once, and whatever the code: what engines know as well.
    pub(super) fn is_plain(&self) -> bool {
        self.delay.is_zero() && self.on.is_empty()
    }

    /// What waits before the next attempt.
    fn sleep(&self) -> String {
        let wait = |attempt: u32| {
            let factor = self.backoff.powi(i32::try_from(attempt - 1).unwrap_or(i32::MAX));
            seconds(
                Duration::try_from_secs_f64(self.delay.as_secs_f64() * factor).unwrap_or(Duration::from_secs(1 << 31)),
            )
        };
        if self.delay.is_zero() {
            return String::new();
        }
        if (self.backoff - 1.0).abs() < f64::EPSILON {
            return format!("    sleep {}\n", wait(1));
        }
        let mut cases = String::new();
        for attempt in 1..=self.times {
            let _ = write!(cases, " {attempt}) sleep {} ;;", wait(attempt));
        }
        format!("    case $prodev_attempt in{cases} esac\n")
    }
}

/// What an engine does for a job by itself.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Natively {
    pub(super) retry: bool,
    pub(super) timeout: bool,
    pub(super) lock: bool,
}

impl Natively {
    /// Whether a shell is left with more than the steps of the job.
    pub(super) fn leaves(self, job: &Job) -> bool {
        (job.retry.is_some() && !self.retry)
            || (job.timeout.is_some() && !self.timeout)
            || (!job.locks.is_empty() && !self.lock)
            || job.condition.is_some()
    }
}

/// Says what the scripts of a job call that is not everywhere.
pub(super) fn remark(workflow: &mut Workflow, natively: impl Fn(&Job) -> Natively) {
    let left = |is_left: &dyn Fn(&Job, Natively) -> bool| workflow.jobs.iter().any(|job| is_left(job, natively(job)));
    let needs_timeout =
        left(&|job, natively| (job.timeout.is_some() && !natively.timeout) || job.last_timeout.is_some());
    let needs_flock = left(&|job, natively| !job.locks.is_empty() && !natively.lock);
    let tools: Vec<&str> = [(needs_timeout, "`timeout`"), (needs_flock, "`flock`")]
        .iter()
        .filter(|(is, _)| *is)
        .map(|(_, it)| *it)
        .collect();
    if !tools.is_empty() {
        workflow.remarks.push(format!("The scripts call {}.", tools.join(" and ")));
    }
}

/// The steps of a job, tried and timed as it says; without what comes last.
pub(super) fn attempts(job: &Job, natively: Natively) -> String {
    let timeout = job.timeout.filter(|_| !natively.timeout);
    let retry = job.retry.as_ref().filter(|_| !natively.retry);
    let steps = whole(job);
    if timeout.is_none() && retry.is_none() {
        return steps;
    }
    // What stands before `||` would not stop at errors, so it is a shell of its own.
    let command = timed(timeout, job.grace, &steps);
    let Some(again) = retry else { return format!("{command}\n") };
    let mut text = format!(
        "prodev_attempt=1\nwhile :; do\n    prodev_code=0\n    {command} || prodev_code=$?\n    [ \"$prodev_code\" -ne 0 ] || break\n"
    );
    if !again.on.is_empty() {
        let codes: Vec<String> = again.on.iter().map(ToString::to_string).collect();
        let _ = writeln!(text, "    case $prodev_code in {}) ;; *) exit \"$prodev_code\" ;; esac", codes.join("|"));
    }
    let _ = writeln!(text, "    [ \"$prodev_attempt\" -le {} ] || exit \"$prodev_code\"", again.times);
    text.push_str(&again.sleep());
    text.push_str("    prodev_attempt=$((prodev_attempt + 1))\ndone\n");
    text
}

/// What comes last, in its time.
pub(super) fn last(job: &Job) -> Option<String> {
    let step = apart(job.finally.as_ref()?);
    Some(match job.last_timeout {
        Some(limit) => format!("{}\n", timed(Some(limit), job.grace, &step)),
        None => step,
    })
}

/// All of a job as one script for `sh -eu` in the root.
pub(super) fn all(job: &Job, natively: Natively) -> String {
    let attempts = attempts(job, natively);
    let mut text = match last(job) {
        None => attempts,
        Some(last) => format!("trap {} EXIT\n(\n{attempts})\n", quoted(&last)),
    };
    if !natively.lock {
        // In one order, so that no two can wait for each other.
        let names: std::collections::BTreeSet<&str> = job.locks.iter().map(|(name, _)| name.as_str()).collect();
        for name in names.into_iter().rev() {
            let key = &blake3::hash(name.as_bytes()).to_hex()[..16];
            text = format!(
                "flock -o \"${{XDG_RUNTIME_DIR:-${{TMPDIR:-/tmp}}}}/prodev-$(pwd | cksum | tr -d ' ')-{key}\" sh -euc {}\n",
                quoted(&text)
            );
        }
    }
    format!("{}{text}", unless(job))
}

/// Ends a script where its recipe is to be left out.
pub(super) fn unless(job: &Job) -> String {
    job.condition.as_ref().map(|condition| format!("{condition} || exit 0\n")).unwrap_or_default()
}

fn timed(limit: Option<Duration>, grace: Duration, text: &str) -> String {
    let shell = format!("sh -euc {}", quoted(text));
    match limit {
        None => shell,
        // No time at all would mean for ever.
        Some(limit) => {
            let least = |time: Duration| seconds(time.max(Duration::from_millis(10)));
            format!("timeout -k {} {} {shell}", least(grace), least(limit))
        }
    }
}

fn seconds(time: Duration) -> String {
    time.as_secs_f64().to_string()
}

/// How many jobs of the workflow want each lock, rows counted one by one.
pub(super) fn wanted(workflow: &Workflow) -> BTreeMap<String, usize> {
    let mut wanted = BTreeMap::new();
    for job in &workflow.jobs {
        for (name, _) in &job.locks {
            *wanted.entry(name.clone()).or_default() += job.rows.len().max(1);
        }
    }
    wanted
}

/// Takes out locks that have room for all who want them, and refuses others that several can hold.
pub(super) fn single(workflow: &mut Workflow) {
    let wanted = wanted(workflow);
    for job in &mut workflow.jobs {
        job.locks.retain(|(name, size)| *size == 1 || wanted[name] > *size);
    }
    for job in workflow.jobs.clone().iter().filter(|job| job.locks.iter().any(|(_, size)| *size > 1)) {
        workflow.cannot(&job.label, "knows no `lock` that several can hold");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn again(times: u32, delay: f64, backoff: f64) -> Again {
        Again { times, delay: Duration::from_secs_f64(delay), backoff, on: Vec::new() }
    }

    #[test]
    fn waits_grow_as_they_are_told_to() {
        assert_eq!(again(3, 0.0, 2.0).sleep(), "");
        assert_eq!(again(3, 0.5, 1.0).sleep(), "    sleep 0.5\n");
        assert_eq!(
            again(3, 1.0, 2.0).sleep(),
            "    case $prodev_attempt in 1) sleep 1 ;; 2) sleep 2 ;; 3) sleep 4 ;; esac\n"
        );
    }
}
