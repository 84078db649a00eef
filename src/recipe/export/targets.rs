//! A Makefile and a justfile: a target for each recipe, each one script for one shell.

use std::fmt::Write as _;

use super::script::{exports, whole};
use super::workflow::{Job, Workflow};
use crate::plan::process::quoted;

/// What neither can do.
fn refuse(workflow: &mut Workflow) {
    for job in workflow.jobs.clone() {
        let cases = [
            (job.retries > 0, "tries nothing again (`retry`)"),
            (job.timeout.is_some(), "ends nothing that takes too long (`timeout`)"),
        ];
        for (_, what) in cases.into_iter().filter(|(is_so, _)| *is_so) {
            workflow.cannot(&job.label, what);
        }
    }
}

pub(super) fn makefile(workflow: &mut Workflow) -> String {
    refuse(workflow);
    let jobs = workflow.rows_apart();
    let mut out = "SHELL := /bin/sh\n.SHELLFLAGS := -euc\n.ONESHELL:\n".to_owned();
    let names: Vec<&str> = jobs.iter().map(|job| job.id.as_str()).chain(groups(workflow)).collect();
    let _ = writeln!(out, ".PHONY: {}", names.join(" "));
    for job in &jobs {
        let needs = needed(job, &jobs);
        let doc = job
            .doc
            .as_ref()
            .and_then(|doc| doc.lines().next())
            .map(|doc| format!("  ## {}", doc.replace('$', "$$")))
            .unwrap_or_default();
        let _ = writeln!(out, "\n{}:{needs}{doc}", job.id);
        let sign = if job.may_fail { "@-" } else { "@" };
        for (number, line) in script(job).lines().enumerate() {
            let sign = if number == 0 { sign } else { "" };
            let _ = writeln!(out, "\t{sign}{}", line.replace('$', "$$"));
        }
    }
    for group in workflow.jobs.iter().filter(|job| !job.rows.is_empty()) {
        let rows: Vec<String> = (1..=group.rows.len()).map(|number| format!("{}-row-{number}", group.id)).collect();
        let _ = writeln!(out, "\n{}: {}", group.id, rows.join(" "));
    }
    out
}

/// The names that stand for all rows of a job.
fn groups(workflow: &Workflow) -> impl Iterator<Item = &str> {
    workflow.jobs.iter().filter(|job| !job.rows.is_empty()).map(|job| job.id.as_str())
}

pub(super) fn justfile(workflow: &mut Workflow) -> String {
    refuse(workflow);
    let jobs = workflow.rows_apart();
    let mut out = String::new();
    for job in &jobs {
        if let Some(doc) = job.doc.as_ref().and_then(|doc| doc.lines().next()) {
            let _ = write!(out, "\n# {doc}");
        }
        let needs = needed(job, &jobs);
        let _ = writeln!(out, "\n{}:{needs}\n    #!/bin/sh -eu", job.id);
        let script = if job.may_fail { format!("sh -euc {} || true\n", quoted(&script(job))) } else { script(job) };
        for line in script.lines() {
            let line = if line.is_empty() { String::new() } else { format!("    {}", line.replace("{{", "{{{{")) };
            let _ = writeln!(out, "{line}");
        }
    }
    for group in workflow.jobs.iter().filter(|job| !job.rows.is_empty()) {
        let rows: Vec<String> = (1..=group.rows.len()).map(|number| format!("{}-row-{number}", group.id)).collect();
        let _ = writeln!(out, "\n{}: {}", group.id, rows.join(" "));
    }
    out.trim_start().to_owned()
}

/// What a target needs, each behind a blank.
fn needed(job: &Job, jobs: &[Job]) -> String {
    job.needs.iter().flat_map(|need| [" ", jobs[*need].id.as_str()]).collect()
}

fn script(job: &Job) -> String {
    let last = job.finally.as_ref().map(|step| {
        let go = if step.dir.is_empty() { String::new() } else { format!("cd {}\n", quoted(&step.dir)) };
        format!("trap {} EXIT\n", quoted(&format!("{go}{}", step.text)))
    });
    format!("{}{}{}", exports(job), last.unwrap_or_default(), whole(job))
}
