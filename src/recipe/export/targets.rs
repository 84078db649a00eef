//! A Makefile and a justfile: a target for each recipe, each one script for one shell.

use std::fmt::Write as _;

use super::script::{exports, with_last};
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
    // What make takes for a shell it reads itself: it would strip blanks, `-`, `@` and `+` off the lines.
    let mut out = "SHELL := /usr/bin/env\n.SHELLFLAGS := sh -euc\n.ONESHELL:\n".to_owned();
    let groups = groups(workflow);
    let names: Vec<&str> =
        jobs.iter().map(|job| &job.id).chain(groups.iter().map(|(id, ..)| id)).map(String::as_str).collect();
    let _ = writeln!(out, ".PHONY: {}", names.join(" "));
    let prefix = prefix(&jobs);
    if prefix != '\t' {
        let _ = writeln!(out, ".RECIPEPREFIX := {prefix}");
    }
    for job in &jobs {
        let needs = needed(job, &jobs);
        let _ = writeln!(out, "\n{}:{needs}{}", job.id, remark(job.doc.as_deref()));
        // The first line bears the signs for make, and none of the script's.
        let _ = writeln!(out, "{prefix}{}set -eu", if job.may_fail { "@-" } else { "@" });
        for line in script(job).lines() {
            let _ = writeln!(out, "{prefix}{}", line.replace('$', "$$"));
        }
    }
    for (id, doc, needs) in groups {
        let _ = writeln!(out, "\n{id}:{needs}{}", remark(doc));
    }
    out
}

/// What stands in front of each line of a script: a sign with which none begins, as make takes away more than one of them.
fn prefix(jobs: &[Job]) -> char {
    let scripts: Vec<String> = jobs.iter().map(script).collect();
    let is_free = |sign: &char| !scripts.iter().flat_map(|script| script.lines()).any(|line| line.starts_with(*sign));
    ['\t', '>', '|', '!', '%', '~', '^', ','].into_iter().find(is_free).unwrap_or('\u{1}')
}

/// The first line of a doc behind a target. A backslash at its end would take in the line below.
fn remark(doc: Option<&str>) -> String {
    let Some(doc) = doc.and_then(|doc| doc.lines().next()) else { return String::new() };
    let end = if doc.ends_with('\\') { " " } else { "" };
    format!("  ## {}{end}", doc.replace('$', "$$"))
}

/// Names that stand for others: for all rows of a job, and for what a recipe needs that runs nothing itself. Each with its doc.
fn groups(workflow: &Workflow) -> Vec<(String, Option<&str>, String)> {
    let repeated = workflow.jobs.iter().filter(|job| !job.rows.is_empty()).map(|job| {
        let rows = (1..=job.rows.len()).map(|number| format!(" {}-row-{number}", job.id)).collect::<Vec<_>>().concat();
        (job.id.clone(), None, rows)
    });
    let named = workflow.groups.iter().map(|group| {
        let needs = group.needs.iter().flat_map(|need| [" ", workflow.jobs[*need].id.as_str()]).collect();
        (group.id.clone(), group.doc.as_deref(), needs)
    });
    repeated.chain(named).collect()
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
    for (id, doc, needs) in groups(workflow) {
        if let Some(doc) = doc.and_then(|doc| doc.lines().next()) {
            let _ = write!(out, "\n# {doc}");
        }
        let _ = writeln!(out, "\n{id}:{needs}");
    }
    out.trim_start().to_owned()
}

/// What a target needs, each behind a blank.
fn needed(job: &Job, jobs: &[Job]) -> String {
    job.needs.iter().flat_map(|need| [" ", jobs[*need].id.as_str()]).collect()
}

fn script(job: &Job) -> String {
    format!("{}{}", exports(job), with_last(job))
}
