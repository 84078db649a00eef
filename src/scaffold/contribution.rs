//! What a template puts into files that are not its own: lines at a place, and keys of TOML, YAML and JSON. Each is remembered with the very bytes that
//! it brought, so that it can be taken out again and nothing else with it.

mod json;
mod keys;
mod lines;
mod patch;
mod record;
mod replay;
#[cfg(test)]
mod tests;
mod toml;
mod yaml;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

pub(super) use self::keys::Format;
use self::keys::Put;
pub(super) use self::lines::Place;
pub(super) use self::record::{parse, text};
use crate::plan::path::TreePath;

/// One thing that a template puts into a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Contribution {
    pub(super) to: TreePath,
    /// The component that it belongs to.
    pub(super) owner: Option<String>,
    pub(super) part: Part,
    /// Whether the file is made where it is missing.
    pub(super) create: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    Lines { text: String, place: Place },
    Key { format: Format, keys: Vec<String>, value: Json },
}

/// What was done for a contribution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Done {
    pub(super) to: TreePath,
    /// The component that it belongs to.
    pub(super) owner: Option<String>,
    what: What,
    /// What is there now that was not, and what was there instead. Nothing where the user had it all before, or where it has no place.
    inserted: String,
    replaced: String,
    /// How many tables around a key were made for it.
    tables: usize,
    /// Whether the file was made for it.
    file: bool,
    /// The what-th of all that was put in: what was put in last has to go first.
    order: usize,
}

/// What it is, wherever it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
enum What {
    Lines(String),
    Key { format: Format, keys: Vec<String>, value: Json },
}

impl What {
    fn of(part: &Part) -> Self {
        match part {
            Part::Lines { text, .. } => Self::Lines(text.clone()),
            Part::Key { format, keys, value } => {
                Self::Key { format: *format, keys: keys.clone(), value: value.clone() }
            }
        }
    }

    /// The same thing, whatever its value.
    fn is_place_of(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Key { keys, .. }, Self::Key { keys: others, .. }) => keys == others,
            _ => self == other,
        }
    }

    /// Whether a text has it: the lines, or the key, whatever its value.
    fn is_there(&self, text: &str) -> bool {
        match self {
            Self::Lines(lines) => lines::are_there(text, lines),
            Self::Key { format, keys, .. } => keys::is_there(*format, text, keys),
        }
    }

    /// A file that has nothing in it, but could have this.
    fn empty(&self) -> &'static str {
        match self {
            Self::Lines(_) => "",
            Self::Key { format, .. } => format.empty(),
        }
    }

    fn words(&self) -> String {
        match self {
            Self::Key { keys, .. } => format!("`{}`", keys.join(".")),
            Self::Lines(lines) => match lines.lines().count() {
                1 => format!("the line `{}`", lines.trim_end()),
                many => format!("{many} lines"),
            },
        }
    }
}

/// A file, and what came of the contributions to it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Settled {
    /// What it is to be; `None`: not there.
    pub(super) text: Option<String>,
    pub(super) done: Vec<Done>,
    /// What the template wants and the user's file does not allow, and why.
    pub(super) disputes: Vec<Dispute>,
    pub(super) notes: Vec<String>,
}

/// Something of the template's that has no place in the user's file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Dispute {
    pub(super) why: String,
    /// It alone, in the form of the file.
    pub(super) alone: String,
}

/// Brings a file from the contributions that were recorded to those that are wanted now.
pub(super) fn settle(path: &TreePath, text: Option<&str>, old: &[&Done], new: &[&Contribution]) -> Settled {
    let is_windows =
        text.is_some_and(|text| text.contains("\r\n") && text.matches('\n').count() == text.matches("\r\n").count());
    let text = text.map(|text| if is_windows { text.replace("\r\n", "\n") } else { text.to_owned() });
    let old = once(old);
    let is_first = |at: usize| !new[..at].iter().any(|it| What::of(&it.part) == What::of(&new[at].part));
    let (first, again): (Vec<usize>, Vec<usize>) = (0..new.len()).partition(|at| is_first(*at));
    let first: Vec<&Contribution> = first.into_iter().map(|at| new[at]).collect();
    let settled = replay::settle(path, text.as_deref(), &old, &first);
    let mut settled = settled.unwrap_or_else(|| patch::settle(path, text.as_deref(), &old, &first));
    settled.done.extend(again.into_iter().map(|at| Done::nothing(new[at])));
    settled.text = settled.text.map(|text| if is_windows { text.replace('\n', "\r\n") } else { text });
    settled
}

/// Each thing once, though several components brought it: as the one did that it came from.
fn once<'a>(old: &[&'a Done]) -> Vec<&'a Done> {
    let mut found: Vec<&Done> = Vec::new();
    for done in old {
        match found.iter().position(|it| it.what == done.what) {
            None => found.push(done),
            Some(at) if found[at].is_nothing() => found[at] = done,
            Some(_) => {}
        }
    }
    found
}

/// The number of what is put in next.
fn next(old: &[&Done]) -> usize {
    old.iter().map(|done| done.order).max().unwrap_or_default() + 1
}

impl Settled {
    /// Nothing was done to a file, since nothing can be. What is known of it stays known: it may be a text again.
    pub(super) fn refused(path: &TreePath, why: &str, old: &[&Done], new: &[&Contribution]) -> Self {
        let mut settled = Self::default();
        let old = once(old);
        for done in old.iter().filter(|done| !done.is_nothing() && !new.iter().any(|it| done.is_of(it))) {
            settled.notes.push(format!("`{path}` keeps {}: {why}", done.what.words()));
        }
        for contribution in new {
            let known = old.iter().find(|done| done.is_of(contribution));
            if known.is_none() {
                settled.dispute(&contribution.part, why);
            }
            let known = known.map(|done| Done { owner: contribution.owner.clone(), ..Done::clone(done) });
            settled.done.push(known.unwrap_or_else(|| Done::nothing(contribution)));
        }
        settled
    }

    fn dispute(&mut self, part: &Part, why: &str) {
        let why = format!("{}: {why}", What::of(part).words());
        self.disputes.push(Dispute { why, alone: part.alone() });
    }

    /// A file that was made for what is in it goes with the last of it.
    fn end(&mut self, made_file: bool) {
        let is_over = made_file && !self.done.iter().any(|done| done.file);
        if is_over && self.text.as_ref().is_some_and(|now| matches!(now.trim(), "" | "{}")) {
            self.text = None;
        }
    }
}

impl Part {
    /// The text with it, and how many tables were made.
    fn put_into(&self, text: &str) -> Result<(String, usize), String> {
        match self {
            Self::Lines { text: lines, place } => {
                Ok((lines::put(text, lines, place)?.unwrap_or_else(|| text.to_owned()), 0))
            }
            Self::Key { format, keys, value } => Ok(match keys::put(*format, text, keys, value)? {
                Put::There => (text.to_owned(), 0),
                Put::Done { text, made } => (text, made),
            }),
        }
    }

    fn empty(&self) -> &'static str {
        What::of(self).empty()
    }

    fn alone(&self) -> String {
        match self {
            Self::Lines { text, .. } => text.clone(),
            Self::Key { .. } => self.put_into(self.empty()).map(|(text, _)| text).unwrap_or_default(),
        }
    }
}

impl Done {
    /// A contribution of which nothing came.
    pub(super) fn nothing(contribution: &Contribution) -> Self {
        Self {
            to: contribution.to.clone(),
            owner: contribution.owner.clone(),
            what: What::of(&contribution.part),
            inserted: String::new(),
            replaced: String::new(),
            tables: 0,
            file: false,
            order: 0,
        }
    }

    /// Whether nothing was put in: the user had it, or it had no place.
    fn is_nothing(&self) -> bool {
        self.inserted.is_empty() && self.replaced.is_empty()
    }

    /// Whether it tells what became of this.
    fn is_of(&self, contribution: &Contribution) -> bool {
        self.what == What::of(&contribution.part)
    }

    /// Whether some of the lines that were put in are there, and others are not.
    fn is_edited_in(&self, text: &str) -> bool {
        !self.is_nothing() && matches!(&self.what, What::Lines(lines) if lines::are_there_in_part(lines, text))
    }

    /// The tables that were made for a key.
    fn tables(&self) -> Vec<&[String]> {
        match &self.what {
            What::Lines(_) => Vec::new(),
            What::Key { keys, .. } => {
                (keys.len().saturating_sub(self.tables).max(1)..keys.len()).map(|length| &keys[..length]).collect()
            }
        }
    }

    /// The same with what was made for others.
    fn with(&self, tables: &[Vec<String>], file: bool, owner: Option<String>) -> Self {
        let mut done = Self { owner, file: self.file || file, ..self.clone() };
        if let What::Key { keys, .. } = &self.what {
            let around = tables.iter().filter(|table| keys.len() > table.len() && keys.starts_with(table.as_slice()));
            done.tables = around.map(|table| keys.len() - table.len()).fold(self.tables, usize::max);
        }
        done
    }

    /// The text without the very bytes, where they stand there once, and are all of it and nothing else.
    fn exactly(&self, text: &str) -> Option<String> {
        if self.inserted.is_empty() {
            return None;
        }
        let (format, keys) = match &self.what {
            What::Lines(lines) => return lines::take_exactly(text, lines, &self.inserted),
            What::Key { format, keys, .. } => (*format, keys),
        };
        let mut found = text.match_indices(self.inserted.as_str());
        let (Some((at, it)), None) = (found.next(), found.next()) else { return None };
        let without = format!("{}{}{}", &text[..at], self.replaced, &text[at + it.len()..]);
        keys::is_without(format, text, &without, keys, self.tables).then_some(without)
    }

    /// The text without it; `None` where it is not in there.
    fn take_out(&self, text: &str) -> Result<Option<String>, String> {
        if self.is_nothing() {
            return Ok(None);
        }
        match &self.what {
            What::Lines(lines) => lines::take(text, lines, &self.inserted),
            What::Key { format, keys, value } => {
                // The key itself is asked, too: the same bytes may be somebody else's.
                if !keys::holds(*format, text, keys, value)? {
                    return Ok(None);
                }
                match self.exactly(text) {
                    Some(without) => Ok(Some(without)),
                    None => keys::take(*format, text, keys, self.tables).map(Some),
                }
            }
        }
    }
}

/// What is between the beginning and the end that two texts share: in the old one, and in the new one.
fn difference(old: &str, new: &str) -> (String, String) {
    let start: usize = old.chars().zip(new.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
    let rest = old[start..].chars().rev().zip(new[start..].chars().rev());
    let end: usize = rest.take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
    (old[start..old.len() - end].to_owned(), new[start..new.len() - end].to_owned())
}

/// All files that either list speaks of.
pub(super) fn files<'a>(
    old: &'a [Done],
    new: &'a [Contribution],
) -> BTreeMap<&'a TreePath, (Vec<&'a Done>, Vec<&'a Contribution>)> {
    let paths: BTreeSet<&TreePath> = old.iter().map(|done| &done.to).chain(new.iter().map(|it| &it.to)).collect();
    let of = |path: &TreePath| {
        (old.iter().filter(|done| done.to == *path).collect(), new.iter().filter(|it| it.to == *path).collect())
    };
    paths.into_iter().map(|path| (path, of(path))).collect()
}

/// What is recorded where no file is touched, and what that means for what was put in and for what would be: both are the user's affair from then on.
pub(super) fn recorded(old: &[Done], new: &[Contribution]) -> (Vec<Done>, Vec<String>) {
    let mut notes = Vec::new();
    for done in old.iter().filter(|done| !done.is_nothing()) {
        if !new.iter().any(|it| done.to == it.to && done.is_of(it)) {
            notes.push(format!("`{}` keeps {}, which is yours from now on", done.to, done.what.words()));
        }
    }
    let mut done = Vec::new();
    for contribution in new {
        let known = old.iter().filter(|done| done.to == contribution.to && done.is_of(contribution));
        let known = known.max_by_key(|done| (done.owner == contribution.owner, !done.is_nothing()));
        if known.is_none() {
            notes.push(format!("`{}` does not get {}", contribution.to, What::of(&contribution.part).words()));
        }
        done.push(known.cloned().unwrap_or_else(|| Done::nothing(contribution)));
    }
    (done, notes)
}

/// Whether just these were done, whatever came of it.
pub(super) fn is_settled(old: &[Done], new: &[Contribution]) -> bool {
    let has = |contribution: &Contribution| {
        old.iter().any(|done| done.to == contribution.to && done.what == What::of(&contribution.part))
    };
    old.len() == new.len() && new.iter().all(has)
}
