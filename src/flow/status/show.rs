//! What `status` says to people: short lines that fit into 80 columns, each section under its word.

use std::fmt::Write as _;

use super::{Current, Finish, Missing, Status, Topic};
use crate::error::Problem;
use crate::plan::process::quoted;
use crate::ui::style::{BOLD, DIM, GOOD, HINT, WARNING};

/// As wide as the longest word in front.
const MARGIN: usize = 9;

/// The longest a name of a path or branch is shown where others follow it.
const NAME: usize = 40;

/// Lines of a section, under one word.
struct Page(String);

impl Page {
    fn section(&mut self, word: &str, lines: &[String]) {
        if lines.is_empty() {
            return;
        }
        if !self.0.is_empty() {
            self.0.push('\n');
        }
        for (number, line) in lines.iter().enumerate() {
            let word = if number == 0 { word } else { "" };
            let _ = writeln!(self.0, "{DIM}{word:<MARGIN$}{DIM:#}{line}");
        }
    }
}

pub(super) fn text(status: &Status) -> String {
    let mut page = Page(String::new());
    let model = &status.model;
    let branches = std::iter::once(model.main.as_str()).chain(model.develop.as_deref());
    page.section("model", &[format!("{}: {}", model.preset, branches.collect::<Vec<_>>().join(", "))]);
    let here = match &status.current {
        Some(current) => current_lines(current),
        None => vec!["nothing is committed yet".to_owned()],
    };
    page.section("on", &here);
    if let Some(it) = &status.under_way {
        let of = it.branch.as_ref().map(|branch| format!(" of {branch}")).unwrap_or_default();
        let what = format!("{WARNING}{}{of}{WARNING:#}", it.what);
        page.section("begun", &[format!("{what}: {HINT}{}{HINT:#}", it.hint)]);
    }
    page.section("open", &open_lines(status));
    page.section("missing", &status.missing.iter().map(missing_line).collect::<Vec<_>>());
    page.0
}

fn commits(count: usize) -> String {
    if count == 1 { "1 commit".to_owned() } else { format!("{count} commits") }
}

fn files(count: usize) -> String {
    if count == 1 { "1 file".to_owned() } else { format!("{count} files") }
}

fn current_lines(current: &Current) -> Vec<String> {
    let Some(branch) = &current.branch else { return vec!["no branch".to_owned()] };
    let mut lines = vec![format!("{BOLD}{branch}{BOLD:#}")];
    if let (Some(parent), Some(ahead), Some(behind)) = (&current.parent, current.ahead, current.behind) {
        let behind = if behind > 0 { format!(", {behind} behind") } else { String::new() };
        lines.push(format!("{ahead} ahead of {parent}{behind}"));
    }
    match &current.remote {
        Some(remote) if (remote.ahead, remote.behind) == (0, 0) => lines.push(format!("as {}", remote.name)),
        Some(remote) => {
            let mut parts = Vec::new();
            if remote.ahead > 0 {
                parts.push(format!("{} to push", remote.ahead));
            }
            if remote.behind > 0 {
                parts.push(format!("{} to take in", remote.behind));
            }
            lines.push(format!("{}: {}", remote.name, parts.join(", ")));
        }
        None if current.kind.is_some() => lines.push("not published".to_owned()),
        None => {}
    }
    let mut dirt = Vec::new();
    if let Some(changed) = current.changed.filter(|count| *count > 0) {
        dirt.push(format!("{} changed", files(changed)));
    }
    if let Some(untracked) = current.untracked.filter(|count| *count > 0) {
        dirt.push(format!("{} that Git does not know", files(untracked)));
    }
    if !dirt.is_empty() {
        lines.push(dirt.join(", "));
    }
    if let Some(finish) = &current.finish {
        lines.extend(finish_line(finish, None));
    }
    lines
}

/// What a finish would come to; `branch` is named where it is not the one that is checked out.
fn finish_line(finish: &Finish, branch: Option<&str>) -> Option<String> {
    let name = branch.map(|branch| format!(" {}", quoted(branch))).unwrap_or_default();
    Some(match finish {
        Finish::Blocked { is_only_uncommitted: true, .. } => {
            format!("{DIM}ready to finish when that is committed{DIM:#}")
        }
        Finish::Blocked { problems, .. } => blocked(problems),
        Finish::Ready { .. } => format!("{GOOD}ready{GOOD:#}: {HINT}prodev flow finish{name}{HINT:#}"),
        Finish::Merged { .. } => format!("{GOOD}merged{GOOD:#}: {HINT}prodev flow finish{name}{HINT:#}"),
        Finish::Conflict { into, paths } => {
            let more = paths.len().saturating_sub(1);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let path = shortened(paths.first().map_or("", String::as_str));
            format!("{WARNING}conflicts{WARNING:#} with {into} in {path}{more}")
        }
        Finish::Empty | Finish::Never => return None,
    })
}

/// Why it cannot be finished now: the first reason, as `finish` says it.
fn blocked(problems: &[Problem]) -> String {
    let first = problems.first().map_or("", |problem| problem.message.as_str()).replace('`', "");
    let more = problems.len().saturating_sub(1);
    let more = if more > 0 { format!(", and {more} more") } else { String::new() };
    format!("{WARNING}not yet{WARNING:#}: {first}{more}")
}

/// The end of a path says more than its beginning.
fn shortened(path: &str) -> String {
    let count = path.chars().count();
    if count <= NAME {
        path.to_owned()
    } else {
        format!("…{}", path.chars().skip(count - NAME + 1).collect::<String>())
    }
}

fn open_lines(status: &Status) -> Vec<String> {
    let current = status.current.as_ref().and_then(|current| current.branch.as_deref());
    let mut lines: Vec<String> = Vec::new();
    for Topic { branch, commits: count, finish, .. } in &status.open {
        let state = match finish {
            Finish::Blocked { into, is_only_uncommitted: true, .. } => {
                format!("ready for {} when all is committed", into.join(", "))
            }
            Finish::Ready { into } => format!("{GOOD}ready{GOOD:#} for {}", into.join(", ")),
            Finish::Empty => "nothing in it yet".to_owned(),
            Finish::Merged { into } => format!("{GOOD}merged{GOOD:#} into {}", into.join(", ")),
            other => finish_line(other, None).unwrap_or_default(),
        };
        let here = if current == Some(branch) { "*" } else { "" };
        lines.push(format!("{BOLD}{branch}{BOLD:#}{here}, {}: {state}", commits(*count)));
    }
    for count in &status.kinds {
        let merged = if count.merged > 0 { format!(", {} of them merged", count.merged) } else { String::new() };
        let branches = if count.branches == 1 { "1 branch".to_owned() } else { format!("{} branches", count.branches) };
        lines.push(format!("{}: {branches}{merged}", count.kind));
    }
    lines
}

fn missing_line(missing: &Missing) -> String {
    match missing {
        Missing::BackMerge { branch, lacks, of, hint } => {
            format!("{branch} lacks {} of {of}: {HINT}{hint}{HINT:#}", commits(*lacks))
        }
        Missing::Remote { branch, ahead, behind, remote } => match (ahead, behind) {
            (ahead, 0) => format!("{branch}: {ahead} to push to {remote}"),
            (0, behind) => format!("{branch}: {behind} to take in from {remote}"),
            (ahead, behind) => format!("{branch} and {remote} have diverged: {ahead} here, {behind} there"),
        },
        Missing::Branch { branch, hint } => format!("{branch} is not here: {HINT}{hint}{HINT:#}"),
    }
}
