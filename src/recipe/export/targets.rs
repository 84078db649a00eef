//! A Makefile and a justfile: a target for each recipe, each one script for one shell.

use std::fmt::Write as _;

use super::guard::{self, Natively};
use super::script::exports;
use super::workflow::{Target, Workflow};
use crate::plan::process::quoted;

/// One name that can be asked for.
#[derive(Debug, Clone)]
struct Rule {
    id: String,
    doc: Option<String>,
    needs: Vec<String>,
    /// What follows its success.
    after: Vec<String>,
    /// What it runs; none where it stands for what it needs.
    script: Option<String>,
    may_fail: bool,
}

/// All of them: jobs, a name for all rows of one, and for what a recipe needs that runs nothing itself.
fn rules(workflow: &mut Workflow) -> Vec<Rule> {
    guard::single(workflow);
    guard::remark(workflow, |_| Natively::default());
    // What comes after another is asked for by that one.
    for job in &mut workflow.jobs {
        job.needs.clone_from(&job.own_needs);
    }
    let jobs = workflow.rows_apart();
    let mut rules: Vec<Rule> = jobs
        .iter()
        .map(|job| Rule {
            id: job.id.clone(),
            doc: job.doc.clone(),
            needs: job.needs.iter().map(|need| jobs[*need].id.clone()).collect(),
            after: Vec::new(),
            script: Some(format!("{}{}", exports(job), guard::all(job, Natively::default()))),
            may_fail: job.may_fail,
        })
        .collect();
    let named = |id: &str, doc: Option<&String>, needs: Vec<String>| Rule {
        id: id.to_owned(),
        doc: doc.cloned(),
        needs,
        after: Vec::new(),
        script: None,
        may_fail: false,
    };
    for job in workflow.jobs.iter().filter(|job| !job.rows.is_empty()) {
        rules.push(named(&job.id, None, (1..=job.rows.len()).map(|row| format!("{}-row-{row}", job.id)).collect()));
    }
    for group in &workflow.groups {
        let needs = group.needs.iter().map(|need| workflow.jobs[*need].id.clone()).collect();
        rules.push(named(&group.id, group.doc.as_ref(), needs));
    }
    for follow in &workflow.follows {
        let (after, next) = (id(workflow, follow.after), id(workflow, follow.next));
        if let Some(rule) = rules.iter_mut().find(|rule| rule.id == after) {
            rule.after.push(next);
        }
    }
    rules
}

fn id(workflow: &Workflow, target: Target) -> String {
    match target {
        Target::Job(at) => workflow.jobs[at].id.clone(),
        Target::Group(at) => workflow.groups[at].id.clone(),
    }
}

/// make knows only what comes before: who is followed becomes two, itself and a name for it and for all that follows.
fn followed(rules: &[Rule], workflow: &mut Workflow) -> Vec<Rule> {
    let is_twice = |next: &str| {
        let asks = rules.iter().filter(|rule| rule.after.iter().any(|it| it == next)).count();
        asks > 1 || rules.iter().any(|rule| rule.needs.iter().any(|need| need == next))
    };
    let of = |id: &str| rules.iter().find(|rule| rule.id == id);
    let mut made = Vec::new();
    for rule in rules {
        if rule.after.is_empty() {
            made.push(rule.clone());
            continue;
        }
        let own = format!("{}-itself", rule.id);
        let mut whole = vec![own.clone()];
        let mut open: Vec<(String, String)> = rule.after.iter().rev().map(|next| (own.clone(), next.clone())).collect();
        made.push(Rule { id: own, doc: None, after: Vec::new(), ..rule.clone() });
        while let Some((before, next)) = open.pop() {
            let Some(next) = of(&next) else { continue };
            if next.script.is_none() || is_twice(&next.id) {
                workflow.cannot(&rule.id, &format!("runs `{}` twice where it comes `after` others", next.id));
                continue;
            }
            let id = format!("{}-after-{}", next.id, rule.id);
            if whole.contains(&id) {
                continue;
            }
            let needs = next.needs.iter().cloned().chain([before]).collect();
            open.extend(next.after.iter().rev().map(|further| (id.clone(), further.clone())));
            whole.push(id.clone());
            made.push(Rule { id, doc: None, needs, after: Vec::new(), ..next.clone() });
        }
        made.push(Rule { needs: whole, after: Vec::new(), script: None, may_fail: false, ..rule.clone() });
    }
    made
}

pub(super) fn makefile(workflow: &mut Workflow) -> String {
    let rules = rules(workflow);
    let rules = followed(&rules, workflow);
    // What make takes for a shell it reads itself: it would strip blanks, `-`, `@` and `+` off the lines.
    let mut out = "SHELL := /usr/bin/env\n.SHELLFLAGS := sh -euc\n.ONESHELL:\n".to_owned();
    let names: Vec<&str> = rules.iter().map(|rule| rule.id.as_str()).collect();
    let _ = writeln!(out, ".PHONY: {}", names.join(" "));
    let scripts: Vec<&str> = rules.iter().filter_map(|rule| rule.script.as_deref()).collect();
    // It takes away what ends lines on other systems.
    if scripts.iter().any(|script| script.contains("\r\n")) {
        out.push_str("prodev_cr := $(shell printf '\\r')\n");
    }
    let prefix = prefix(&scripts);
    if prefix != '\t' {
        let _ = writeln!(out, ".RECIPEPREFIX := {prefix}");
    }
    for rule in &rules {
        let needs: String = rule.needs.iter().flat_map(|need| [" ", need]).collect();
        let _ = writeln!(out, "\n{}:{needs}{}", rule.id, remark(rule.doc.as_deref()));
        let Some(script) = &rule.script else { continue };
        // The first line bears the signs for make, and none of the script's.
        let _ = writeln!(out, "{prefix}{}set -eu", if rule.may_fail { "@-" } else { "@" });
        for line in lines(script) {
            let line = line.replace('$', "$$");
            let (line, end) = line.strip_suffix('\r').map_or((&*line, ""), |line| (line, "$(prodev_cr)"));
            let _ = writeln!(out, "{prefix}{line}{end}");
        }
    }
    out
}

/// The lines of a script, with whatever else than a newline ends them.
fn lines(script: &str) -> impl Iterator<Item = &str> {
    script.strip_suffix('\n').unwrap_or(script).split('\n')
}

/// What stands in front of each line of a script: a sign with which none begins, as make takes away more than one of them.
fn prefix(scripts: &[&str]) -> char {
    let is_free = |sign: &char| !scripts.iter().flat_map(|script| script.lines()).any(|line| line.starts_with(*sign));
    ['\t', '>', '|', '!', '%', '~', '^', ','].into_iter().find(is_free).unwrap_or('\u{1}')
}

/// The first line of a doc behind a target. A backslash at its end would take in the line below.
fn remark(doc: Option<&str>) -> String {
    let Some(doc) = doc.and_then(|doc| doc.lines().next()) else { return String::new() };
    let end = if doc.ends_with('\\') { " " } else { "" };
    format!("  ## {}{end}", doc.replace('$', "$$"))
}

pub(super) fn justfile(workflow: &mut Workflow) -> String {
    let mut out = String::new();
    for rule in rules(workflow) {
        if let Some(doc) = rule.doc.as_ref().and_then(|doc| doc.lines().next()) {
            let _ = write!(out, "\n# {doc}");
        }
        let needs: String = rule.needs.iter().flat_map(|need| [" ", need]).collect();
        let after: String = rule.after.iter().flat_map(|next| [" ", next]).collect();
        let sign = if after.is_empty() { "" } else { " &&" };
        let _ = writeln!(out, "\n{}:{needs}{sign}{after}", rule.id);
        let Some(script) = rule.script else { continue };
        out.push_str("    #!/bin/sh -eu\n");
        let script = if rule.may_fail { format!("sh -euc {} || true\n", quoted(&script)) } else { script };
        for line in lines(&script) {
            let line = line.replace("{{", "{{{{");
            let (line, end) = line.strip_suffix('\r').map_or((&*line, ""), |line| (line, "{{ \"\\r\" }}"));
            let indent = if line.is_empty() && end.is_empty() { "" } else { "    " };
            let _ = writeln!(out, "{indent}{line}{end}");
        }
    }
    out.trim_start().to_owned()
}
