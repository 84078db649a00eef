//! `prodev env check --fix`: files that are mended, as a plan; what is shown of it; and what is left.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write as _;
use std::path::Path;

use indexmap::IndexMap;
use rayon::prelude::*;
use serde_json::{Value, json};

use super::Args;
use super::files::{self, Candidate};
use super::lint::{lint, settle};
use super::mend::{How, Mended, ROUNDS, mend};
use super::portable;
use super::readers::{self, Readers};
use super::rename::{Renames, Scene, Source};
use super::rules::Rule;
use super::settings;
use super::subject::{Look, Subject};
use super::survey::{Folder, Read, Survey, folders, parent, read};
use crate::config::environment::Dialect;
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
    let folders = folders(&seen, survey.settings, ctx)?;
    let unreadable = seen.iter().filter(|file| file.bytes.is_err()).count();
    let readers = if args.is_unsafe { readers::of(&seen, &folders, ctx)? } else { Readers::new() };
    let others = settings::other_names();
    let (folders, names, readers) = (&folders, &others, &readers);
    let workshop = Workshop { args, survey, folders, names, readers, seen: &seen, dir: &ctx.dir };
    let readable = |file: &'_ Read| file.bytes.as_deref().ok().map(<[u8]>::to_vec);
    let sources: Vec<Option<Vec<u8>>> = seen.iter().map(readable).collect();
    let (first, ..) = workshop.mended(&sources);
    // Only what is to be changed is locked, and looked at again under the lock; a name stands in all of the files.
    let is_changing = |index: &usize| first[*index].is_other() || args.is_unsafe && sources[*index].is_some();
    let changing: Vec<usize> = (0..seen.len()).filter(is_changing).collect();
    let place = |index: &usize| {
        let Candidate { path, shown } = &seen[*index].candidate;
        (path.clone(), shown.clone())
    };
    let originals = Original::take_all(&changing.iter().map(place).collect::<Vec<_>>())?;
    let mut locked = sources;
    for (original, index) in originals.iter().zip(&changing) {
        locked[*index] = Some(original.bytes().unwrap_or_default().to_vec());
    }
    let (mended, kept, known) = workshop.mended(&locked);
    let protected = if args.force { Protected::Force } else { Protected::Respect };
    let mut steps = Vec::new();
    for (original, index) in originals.iter().zip(&changing) {
        let bytes = mended[*index].bytes.clone();
        steps.extend(Replacement::new(original, bytes, Privacy::Private, protected)?.map(Step::Replace));
    }
    let mut all = Vec::new();
    for ((mended, source), file) in mended.into_iter().zip(&locked).zip(&seen) {
        if let Some(bytes) = source {
            all.push(workshop.repair(&file.candidate, bytes, mended, &known)?);
        }
    }
    Ok(Outcome::Change(Box::new(change(steps, &all, &kept, unreadable))))
}

/// What files are mended with.
struct Workshop<'a> {
    args: &'a Args,
    survey: Survey<'a>,
    folders: &'a HashMap<&'a Path, Folder>,
    names: &'a [&'a str],
    readers: &'a Readers,
    seen: &'a [Read],
    dir: &'a Path,
}

/// Names that stay, and why.
type Kept = Vec<(String, String)>;

/// The names that a reference can find, new ones among them, by folder.
type Known<'a> = HashMap<&'a Path, HashSet<String>>;

impl Workshop<'_> {
    /// All files as they are when nothing is left that can be mended, in the order in which they were seen.
    fn mended(&self, sources: &[Option<Vec<u8>>]) -> (Vec<Mended>, Kept, Known<'_>) {
        let start = |bytes: &Option<Vec<u8>>| Mended { bytes: bytes.clone().unwrap_or_default(), ..Mended::default() };
        let mut all: Vec<Mended> = sources.iter().map(start).collect();
        // What is mended can make names free, and new names can make room for more.
        let rounds = if self.args.is_unsafe { ROUNDS } else { 1 };
        let (mut kept, mut known) = (Vec::new(), Known::new());
        for _ in 0..rounds {
            let renames = self.renames(&all, sources);
            kept = self.kept(&renames);
            for (path, renames) in &renames {
                let own = known.entry(*path).or_insert_with(|| self.folders[*path].known.clone());
                own.extend(renames.names().map(str::to_owned));
            }
            let nothing = Renames::default();
            let made: Vec<Option<Mended>> = (0..all.len())
                .into_par_iter()
                .map(|index| {
                    sources[index].as_ref()?;
                    let folder = parent(&self.seen[index].candidate.path);
                    Some(self.one(
                        &self.seen[index].candidate,
                        &all[index].bytes,
                        renames.get(folder).unwrap_or(&nothing),
                    ))
                })
                .collect();
            let mut is_stable = true;
            for (before, after) in all.iter_mut().zip(made) {
                let Some(after) = after else { continue };
                is_stable &= !after.is_other();
                before.take(after);
            }
            if is_stable {
                break;
            }
        }
        (all, kept, known)
    }

    fn one(&self, candidate: &Candidate, bytes: &[u8], renames: &Renames) -> Mended {
        let folder = &self.folders[parent(&candidate.path)];
        let how = How {
            look: folder.look(candidate, self.survey.settings),
            severities: &folder.severities,
            dialects: self.dialects(folder),
            names: self.names,
            is_portable: self.survey.is_portable,
            is_unsafe: self.args.is_unsafe,
            renames,
        };
        mend(bytes, how)
    }

    /// Everybody who reads the files of a folder.
    fn dialects<'f>(&self, folder: &'f Folder) -> &'f [Dialect] {
        if self.survey.is_portable { &folder.compared } else { &folder.dialects }
    }

    /// Which names get others, by folder.
    fn renames(&self, all: &[Mended], sources: &[Option<Vec<u8>>]) -> HashMap<&Path, Renames> {
        if !self.args.is_unsafe {
            return HashMap::new();
        }
        let nobody = HashMap::new();
        let renames = |(path, folder): (&&'_ Path, &Folder)| {
            let own = || self.seen.iter().enumerate().filter(|(_, file)| parent(&file.candidate.path) == *path);
            let source = |index: usize| Source {
                look: folder.look(&self.seen[index].candidate, self.survey.settings),
                bytes: &all[index].bytes,
            };
            let files: Vec<Source> =
                own().filter(|(index, _)| sources[*index].is_some()).map(|(index, _)| source(index)).collect();
            let unreadable = own().find(|(index, _)| sources[*index].is_none());
            let mut unread = unreadable.map(|(_, file)| file.candidate.shown.clone());
            let mut beside = Vec::new();
            for candidate in files::beside(path, own().map(|(_, file)| &file.candidate), self.dir) {
                match files::read(&candidate.path) {
                    Ok(bytes) => beside.push((candidate, bytes)),
                    Err(_) => unread = Some(candidate.shown),
                }
            }
            let others: Vec<Source> = beside
                .iter()
                .map(|(candidate, bytes)| Source { look: folder.look(candidate, self.survey.settings), bytes })
                .collect();
            Renames::of(Scene {
                files: &files,
                others: &others,
                readers: self.readers.get(&folder.root).unwrap_or(&nobody),
                unread: unread.as_deref(),
                severities: &folder.severities,
                dialects: self.dialects(folder),
                names: self.names,
            })
        };
        self.folders.iter().map(|entry| (*entry.0, renames(entry))).collect()
    }

    /// The names that stay, and why, in the order of the files.
    fn kept(&self, renames: &HashMap<&Path, Renames>) -> Kept {
        let mut kept = Vec::new();
        let mut done = HashSet::new();
        for path in self.seen.iter().map(|file| parent(&file.candidate.path)) {
            if let Some(renames) = renames.get(path).filter(|_| done.insert(path)) {
                kept.extend(renames.kept.iter().map(|(name, reason)| (name.clone(), reason.clone())));
            }
        }
        kept
    }

    fn repair(&self, candidate: &Candidate, bytes: &[u8], mended: Mended, known: &Known) -> anyhow::Result<Repair> {
        let folder = &self.folders[parent(&candidate.path)];
        let mut look = folder.look(candidate, self.survey.settings);
        look.known = known.get(parent(&candidate.path)).unwrap_or(look.known);
        let (subject, mut marks, pardons) = lint(&mended.bytes, look, &folder.severities, self.names);
        if self.survey.is_portable {
            portable::marks(&subject, self.dialects(folder), &mut marks);
            settle(&subject, &mut marks, &folder.severities, &pardons);
        }
        let errors = marks.iter().filter(|mark| folder.severities.of(mark.rule) == Severity::Error).count();
        let left = (errors, marks.len() - errors);
        let diff = if mended.has_other_meaning() { diff(bytes, &mended.bytes, look)? } else { String::new() };
        Ok(Repair { candidate: candidate.clone(), mended, left, diff })
    }
}

fn change(steps: Vec<Step>, all: &[Repair], kept: &Kept, unreadable: usize) -> Change {
    let mut before = Vec::new();
    let mut what = Vec::new();
    let mut files: Vec<Value> = Vec::new();
    for one in all {
        if !one.diff.is_empty() {
            before.push(one.diff.trim_end().to_owned());
        }
        what.extend(one.told());
        files.push(json!({
            "file": one.candidate.shown,
            "mended": counts(&one.mended.safe),
            "changed": counts(&one.mended.changed),
            "references": one.mended.references,
            "errors": one.left.0,
            "warnings": one.left.1,
        }));
    }
    before.extend(kept.iter().map(|(name, reason)| format!("`{name}` stays as it is: {reason}")));
    let errors = all.iter().map(|one| one.left.0).sum::<usize>() + unreadable;
    let left = errors + all.iter().map(|one| one.left.1).sum::<usize>();
    let exit = (errors > 0).then_some(Exit::Failed);
    let it = if left == 1 { "it" } else { "them" };
    let said = |mended: &str, nothing: &str, rest: String| {
        let mut lines: Vec<String> = what.iter().map(|what| format!("{mended} {what}")).collect();
        if lines.is_empty() {
            lines.push(nothing.to_owned());
        }
        lines.extend(Some(rest).filter(|_| left > 0));
        lines.join("\n")
    };
    let kept: Vec<Value> = kept.iter().map(|(name, reason)| json!({ "name": name, "reason": reason })).collect();
    Change {
        plan: Plan::new(steps),
        done: said(
            "mended",
            "nothing was mended",
            format!("{} left: see {it} with `prodev env check`", findings(left)),
        ),
        rehearsal: Some(said("would mend", "nothing would be mended", format!("{} would be left", findings(left)))),
        before,
        json: object(json!({ "files": files, "kept": kept, "errors": errors, "warnings": left - errors })),
        exit,
        ..Change::default()
    }
}

impl Repair {
    /// What is mended in it, where that is something.
    fn told(&self) -> Option<String> {
        let (shown, Mended { safe, changed, references, .. }) = (&self.candidate.shown, &self.mended);
        let mut rules: BTreeMap<&str, usize> = BTreeMap::new();
        for (rule, count) in safe.iter().chain(changed) {
            *rules.entry(rule.id()).or_default() += count;
        }
        let count = rules.values().sum::<usize>();
        let follow = match references {
            0 => String::new(),
            1 => "1 reference to a name that is changed".to_owned(),
            more => format!("{more} references to names that are changed"),
        };
        if count == 0 {
            return Some(format!("{follow} in `{shown}`")).filter(|_| *references > 0);
        }
        let otherwise = match total(changed) {
            0 => String::new(),
            changed => format!(", {changed} of them with another meaning now"),
        };
        let rules: Vec<String> = rules.iter().map(|(rule, count)| format!("{count} {rule}")).collect();
        let follow = if follow.is_empty() { follow } else { format!("; and {follow}") };
        Some(format!("{} in `{shown}`{otherwise}: {}{follow}", findings(count), rules.join(", ")))
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
    let hidden: HashMap<String, String> = (0..sides[0].lines().len())
        .map(|number| (sides[0].line(number), sides[0].masked_line(number)))
        .filter(|(line, masked)| line != masked)
        .collect();
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
            // Behind the numbers stands a line from above.
            let header = header.split_once(" @@").map_or(header, |(numbers, _)| numbers);
            let _ = writeln!(result, "@@ -{header} @@");
            continue;
        }
        let shown = |side: usize| {
            let number = numbers[side].saturating_sub(1);
            let masked = || sides[side].masked_line(number);
            // What is a comment now is masked as the line that it was, whatever that was.
            match sides[1].line(number).strip_prefix("# ").and_then(|was| hidden.get(was)).filter(|_| side == 1) {
                Some(was) => format!("# {was}"),
                None => masked(),
            }
        };
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
