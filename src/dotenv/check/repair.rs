//! `prodev env check --fix`: files that are mended, as a plan; what is shown of it; and what is left.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use indexmap::IndexMap;
use rayon::prelude::*;
use serde_json::{Value, json};

use super::Args;
use super::files::Candidate;
use super::lint::{lint, settle};
use super::mend::{How, Mended, mend};
use super::portable;
use super::rules::Rule;
use super::settings;
use super::subject::{Look, Subject};
use super::survey::{Folder, Survey, folders, parent, read};
use crate::config::value::Severity;
use crate::ctx::Ctx;
use crate::dotenv::lexer::parse;
use crate::error::Exit;
use crate::git::merge::unified;
use crate::outcome::{Change, Outcome, object};
use crate::plan::original::{Original, Protected};
use crate::plan::{Plan, Privacy, Replacement, Step};

/// A file that would be mended.
struct Repair {
    candidate: Candidate,
    mended: Mended,
    /// What is wrong with it afterwards: errors, then warnings.
    left: (usize, usize),
    diff: String,
}

pub(super) fn run(args: &Args, candidates: Vec<Candidate>, survey: Survey, ctx: &Ctx) -> anyhow::Result<Outcome> {
    let seen = read(candidates);
    let around = folders(&seen, survey.settings, ctx)?;
    let unreadable = seen.iter().filter(|file| file.bytes.is_err()).count();
    let names = settings::other_names();
    let repair = |candidate: &Candidate, bytes: &[u8]| {
        let folder = &around[parent(&candidate.path)];
        repaired(candidate, bytes, folder, args, survey, &names)
    };
    let first: Vec<Repair> = seen
        .par_iter()
        .filter_map(|file| Some(repair(&file.candidate, file.bytes.as_deref().ok()?)))
        .collect::<anyhow::Result<_>>()?;
    // Only what is to be changed is locked, and looked at again under the lock.
    let changing: Vec<(PathBuf, String)> = first
        .iter()
        .filter(|one| !one.mended.safe.is_empty() || !one.mended.changed.is_empty())
        .map(|one| (one.candidate.path.clone(), one.candidate.shown.clone()))
        .collect();
    let originals = Original::take_all(&changing)?;
    let mut steps = Vec::new();
    let mut again: HashMap<&Path, Repair> = HashMap::new();
    let protected = if args.force { Protected::Force } else { Protected::Respect };
    for (original, (path, shown)) in originals.iter().zip(&changing) {
        let candidate = Candidate { path: path.clone(), shown: shown.clone() };
        let made = repair(&candidate, original.bytes().unwrap_or_default())?;
        steps.extend(
            Replacement::new(original, made.mended.bytes.clone(), Privacy::Private, protected)?.map(Step::Replace),
        );
        again.insert(path, made);
    }
    let all: Vec<&Repair> = first.iter().map(|one| again.get(one.candidate.path.as_path()).unwrap_or(one)).collect();
    Ok(Outcome::Change(Box::new(change(steps, &all, unreadable))))
}

fn repaired(
    candidate: &Candidate,
    bytes: &[u8],
    folder: &Folder,
    args: &Args,
    survey: Survey,
    names: &[&str],
) -> anyhow::Result<Repair> {
    let look = folder.look(candidate, survey.settings);
    let dialects = if survey.is_portable { &folder.compared } else { &folder.dialects };
    let how = How {
        look,
        severities: &folder.severities,
        dialects,
        names,
        is_portable: survey.is_portable,
        is_unsafe: args.is_unsafe,
    };
    let mended = mend(bytes, how);
    let (subject, mut marks, pardons) = lint(&mended.bytes, look, &folder.severities, names);
    if survey.is_portable {
        portable::marks(&subject, dialects, &mut marks);
        settle(&subject, &mut marks, &folder.severities, &pardons);
    }
    let errors = marks.iter().filter(|mark| folder.severities.of(mark.rule) == Severity::Error).count();
    let left = (errors, marks.len() - errors);
    let diff = if mended.changed.is_empty() { String::new() } else { diff(bytes, &mended.bytes, look)? };
    Ok(Repair { candidate: candidate.clone(), mended, left, diff })
}

fn change(steps: Vec<Step>, all: &[&Repair], unreadable: usize) -> Change {
    let mut before = Vec::new();
    let mut done = Vec::new();
    let mut files: Vec<Value> = Vec::new();
    for one in all {
        let (safe, changed) = (total(&one.mended.safe), total(&one.mended.changed));
        if !one.diff.is_empty() {
            before.push(one.diff.trim_end().to_owned());
        }
        if safe + changed > 0 {
            let otherwise =
                if changed > 0 { format!(", {changed} of them with another meaning now") } else { String::new() };
            done.push(format!("mended {} in `{}`{otherwise}", findings(safe + changed), one.candidate.shown));
        }
        files.push(json!({
            "file": one.candidate.shown,
            "mended": counts(&one.mended.safe),
            "changed": counts(&one.mended.changed),
            "errors": one.left.0,
            "warnings": one.left.1,
        }));
    }
    let errors = all.iter().map(|one| one.left.0).sum::<usize>() + unreadable;
    let left = errors + all.iter().map(|one| one.left.1).sum::<usize>();
    if done.is_empty() {
        done.push("nothing was mended".to_owned());
    }
    if left > 0 {
        done.push(format!(
            "{} left: see {} with `prodev env check`",
            findings(left),
            if left == 1 { "it" } else { "them" }
        ));
    }
    let json = object(json!({ "files": files, "errors": errors, "warnings": left - errors }));
    Change {
        plan: Plan::new(steps),
        before,
        done: done.join("\n"),
        json,
        exit: (errors > 0).then_some(Exit::Failed),
        ..Change::default()
    }
}

fn findings(count: usize) -> String {
    if count == 1 { "1 finding".to_owned() } else { format!("{count} findings") }
}

fn total(counts: &IndexMap<Rule, usize>) -> usize {
    counts.values().sum()
}

fn counts(counts: &IndexMap<Rule, usize>) -> Value {
    counts
        .iter()
        .map(|(rule, count)| (rule.id().to_owned(), Value::from(*count)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// What is different, without the values that are to be hidden.
fn diff(old: &[u8], new: &[u8], look: Look) -> anyhow::Result<String> {
    let sides = [old, new].map(|bytes| Subject::new(parse(bytes, look.dialect), look));
    let text = unified(look.shown, Some(old), Some(new))?;
    let mut result = String::new();
    let mut numbers = [0_usize; 2];
    for line in text.lines() {
        if let Some(header) = line.strip_prefix("@@ -") {
            let start = |part: Option<&str>| {
                part.and_then(|part| part.trim_start_matches('+').split(',').next()?.parse().ok()).unwrap_or(1_usize)
            };
            let mut parts = header.split(' ');
            numbers = [start(parts.next()), start(parts.next())];
            let _ = writeln!(result, "{line}");
            continue;
        }
        let shown = |side: usize| sides[side].masked_line(numbers[side].saturating_sub(1));
        match line.as_bytes().first() {
            _ if numbers == [0, 0] => {
                let _ = writeln!(result, "{line}");
            }
            Some(b'-') => {
                let _ = writeln!(result, "-{}", shown(0));
                numbers[0] += 1;
            }
            Some(b'+') => {
                let _ = writeln!(result, "+{}", shown(1));
                numbers[1] += 1;
            }
            Some(b'\\') => {
                let _ = writeln!(result, "{line}");
            }
            _ => {
                let _ = writeln!(result, " {}", shown(1));
                numbers = [numbers[0] + 1, numbers[1] + 1];
            }
        }
    }
    Ok(result)
}
