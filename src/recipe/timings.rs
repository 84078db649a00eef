//! How long each recipe took: a table for people, and a trace that browsers draw (`chrome://tracing`, ui.perfetto.dev).

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Context as _;
use serde_json::{Value, json};

use super::executor::{Call, Report};
use crate::error::{Exit, Failure, fail};
use crate::ui::{Stream, Ui};

/// What ran, the longest first; into `trace` as one, too.
///
/// # Errors
/// Where the file cannot be written.
pub(super) fn tell(report: &Report, trace: Option<&Path>) -> anyhow::Result<()> {
    let mut calls: Vec<&Call> = report.calls.iter().filter(|call| call.attempts > 0).collect();
    calls.sort_by_key(|call| std::cmp::Reverse(call.time));
    let width = calls.iter().map(|call| call.label.chars().count()).max().unwrap_or_default().max("recipe".len());
    let mut text = format!("{:<width$}  {:>9}  {:>9}  result\n", "recipe", "start", "seconds");
    for call in calls {
        let (start, time) = (call.start.as_secs_f64(), call.time.as_secs_f64());
        let _ = writeln!(text, "{:<width$}  {start:>9.3}  {time:>9.3}  {}", call.label, call.result);
    }
    Ui::tell(Stream::Err, &text);
    trace.map_or(Ok(()), |trace| write(report, trace))
}

/// Whether the trace can be written, as far as that can be seen before anything runs.
///
/// # Errors
/// Where it cannot be (exit 2).
pub(super) fn check(path: &Path) -> Result<(), Failure> {
    let folder = path.parent().unwrap_or(path);
    let asked = if path.exists() { path } else { folder };
    let wrong = if path.is_dir() {
        Some("it is a directory".to_owned())
    } else if !folder.is_dir() {
        Some(format!("there is no directory `{}`", folder.display()))
    } else {
        rustix::fs::access(asked, rustix::fs::Access::WRITE_OK).err().map(|error| error.to_string())
    };
    match wrong {
        None => Ok(()),
        Some(cause) => Err(fail(format!("the timings cannot be written to `{}`", path.display()))
            .cause(cause)
            .hint("name another file: `--timings=FILE`")
            .exit(Exit::Usage)),
    }
}

/// Writes the trace.
///
/// # Errors
/// Where the file cannot be written.
#[allow(
    clippy::disallowed_methods,
    reason = "the file is the answer that was asked for, and nothing that a plan would change"
)]
fn write(report: &Report, path: &Path) -> anyhow::Result<()> {
    let text = format!("{:#}\n", trace(report));
    std::fs::write(path, text).with_context(|| format!("could not write `{}`", path.display()))
}

/// One event for each call, on the first lane that is free.
fn trace(report: &Report) -> Value {
    let mut calls: Vec<&Call> = report.calls.iter().filter(|call| call.attempts > 0).collect();
    calls.sort_by_key(|call| call.start);
    let mut lanes = Vec::new();
    let micros = |time: std::time::Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
    let events: Vec<Value> = calls
        .into_iter()
        .map(|call| {
            let end = call.start + call.time;
            let lane = lanes.iter().position(|free| *free <= call.start).unwrap_or(lanes.len());
            if lane == lanes.len() {
                lanes.push(end);
            } else {
                lanes[lane] = end;
            }
            json!({
                "name": call.label,
                "cat": call.result,
                "ph": "X",
                "ts": micros(call.start),
                "dur": micros(call.time),
                "pid": 1,
                "tid": lane + 1,
                "args": { "code": call.code, "attempts": call.attempts },
            })
        })
        .collect();
    json!({ "traceEvents": events, "displayTimeUnit": "ms" })
}
