//! What a template puts into files that are not its own: lines at a place, and keys of TOML, YAML and JSON. Each is remembered with the very bytes that
//! it brought, so that it can be taken out again and nothing else with it.

mod json;
mod keys;
mod lines;
mod record;
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
    let mut settled = Settled::default();
    let is_windows =
        text.is_some_and(|text| text.contains("\r\n") && text.matches('\n').count() == text.matches("\r\n").count());
    let mut now = text.map(|text| if is_windows { text.replace("\r\n", "\n") } else { text.to_owned() });
    let (kept, mut gone): (Vec<&Done>, Vec<&Done>) =
        old.iter().copied().partition(|done| new.iter().any(|it| What::of(&it.part) == done.what));
    let mut made_file = false;
    let mut tables: Vec<Vec<String>> = Vec::new();
    // First what finds its bytes as it left them, the last one before the others, and of lines the hindmost: that uncovers the bytes of what it was put behind.
    while let (Some(current), false) = (&now, gone.is_empty()) {
        let whole = |done: &Done| done.with(&tables, false, done.owner.clone());
        let exact = gone.iter().enumerate().filter(|(_, done)| whole(done).exactly(current).is_some());
        let place = |done: &Done| match done.what {
            What::Lines(_) => current.rfind(done.inserted.trim_matches('\n')),
            What::Key { .. } => None,
        };
        let at = exact.max_by_key(|(at, done)| (place(done), *at)).map_or(gone.len() - 1, |(at, _)| at);
        let done = whole(gone.remove(at));
        made_file |= done.file;
        tables.extend(done.tables().into_iter().map(<[String]>::to_vec));
        match done.take_out(current) {
            Ok(Some(without)) => {
                settled.notes.push(format!("`{path}` loses {}", done.what.words()));
                now = Some(without);
            }
            Ok(None) => {}
            // What is to have another value is told once, where that is put in.
            Err(_) if new.iter().any(|contribution| What::of(&contribution.part).is_place_of(&done.what)) => {}
            Err(why) => settled.notes.push(format!("`{path}` keeps {}: {why}", done.what.words())),
        }
    }
    for contribution in new {
        let what = What::of(&contribution.part);
        if let Some(done) = kept.iter().find(|done| done.what == what) {
            // Who took it out since does not get it again. What was made for others, and holds it still, goes with it.
            settled.done.push(done.with(&tables, made_file, contribution.owner.clone()));
            continue;
        }
        let mut done = Done::nothing(contribution);
        let empty = || contribution.create.then(|| contribution.part.empty().to_owned());
        match now.clone().or_else(empty).map(|current| (contribution.part.put_into(&current), current)) {
            None => settled.notes.push(format!("`{path}` is not there to take in {}", done.what.words())),
            Some((Ok((new_text, tables)), current)) => {
                (done.replaced, done.inserted) = difference(&current, &new_text);
                (done.tables, done.file) = (tables, now.is_none() || made_file);
                if current != new_text {
                    settled.notes.push(format!("`{path}` gets {}", done.what.words()));
                }
                now = Some(new_text);
            }
            Some((Err(why), _)) => {
                let why = format!("{}: {why}", done.what.words());
                settled.disputes.push(Dispute { why, alone: contribution.part.alone() });
            }
        }
        // What had no place is remembered as well: who decides on it is not asked again.
        settled.done.push(done);
    }
    let is_over = made_file && !settled.done.iter().any(|done| done.file);
    if is_over && now.as_ref().is_some_and(|now| matches!(now.trim(), "" | "{}")) {
        now = None;
    }
    settled.text = now.map(|now| if is_windows { now.replace('\n', "\r\n") } else { now });
    settled
}

impl Settled {
    /// Nothing was done to a file, since nothing can be.
    pub(super) fn refused(why: &str, old: &[&Done], new: &[&Contribution]) -> Self {
        let mut settled = Self::default();
        for contribution in new {
            let what = What::of(&contribution.part);
            if !old.iter().any(|done| done.what == what) {
                let why = format!("{}: {why}", what.words());
                settled.disputes.push(Dispute { why, alone: contribution.part.alone() });
            }
            settled.done.push(Done::nothing(contribution));
        }
        settled
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
        match self {
            Self::Lines { .. } => "",
            Self::Key { format, .. } => format.empty(),
        }
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
        }
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
        if self.inserted.is_empty() && self.replaced.is_empty() {
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

/// What is recorded where no file is touched: what is there stays the template's.
pub(super) fn recorded(old: &[Done], new: &[Contribution]) -> Vec<Done> {
    let of = |contribution: &Contribution| {
        let known = old.iter().find(|done| done.to == contribution.to && done.what == What::of(&contribution.part));
        known.cloned().unwrap_or_else(|| Done::nothing(contribution))
    };
    new.iter().map(of).collect()
}

/// Whether just these were done, whatever came of it.
pub(super) fn is_settled(old: &[Done], new: &[Contribution]) -> bool {
    let has = |contribution: &Contribution| {
        old.iter().any(|done| done.to == contribution.to && done.what == What::of(&contribution.part))
    };
    old.len() == new.len() && new.iter().all(has)
}
