//! `--portable`: where the project's dialects read a file differently, and a spelling that all of them read alike.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;

use indexmap::IndexMap;

use super::respell::{is_name_alike, respell};
use super::rules::Rule;
use super::subject::{Mark, Subject};
use crate::config::environment::Dialect;
use crate::config::secrecy;
use crate::dotenv::evaluate::{Around, evaluate_all};
use crate::dotenv::lexer::parse;
use crate::dotenv::mask;
use crate::dotenv::store::name_of;
use crate::dotenv::syntax::{Document, Entry, Item, Span};

/// Where the difference shows: nothing that is referred to is set, all of it, all of it to nothing.
const WHERE: [&str; 3] = ["", ", where what it refers to is set", ", where what it refers to is empty"];

/// What a dialect makes of a region of the file.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Made {
    /// It refuses the file, because of what stands there.
    Refused,
    /// Names and values, in order; nothing where it passes over all of it.
    Read(Vec<(String, Option<String>)>),
}

/// What each dialect makes of each region.
pub(super) struct Readings {
    pub(super) regions: Vec<Range<usize>>,
    /// By region, then by dialect, then by environment.
    made: Vec<Vec<[Made; 3]>>,
}

impl Readings {
    /// Reads a source in all of `dialects`, where nothing that it refers to is set, where everything is, and where everything is empty.
    pub(super) fn of(source: &[u8], dialects: &[Dialect]) -> Self {
        let documents: Vec<Document> = dialects.iter().map(|dialect| parse(source, *dialect)).collect();
        let regions = regions(&documents);
        let mut made: Vec<Vec<[Made; 3]>> =
            vec![vec![const { [const { Made::Read(Vec::new()) }; 3] }; dialects.len()]; regions.len()];
        let names = names(&documents, dialects);
        let set = |value: &str| names.iter().map(|name| (name.clone(), value.to_owned())).collect();
        let around: [HashMap<String, String>; 3] = [HashMap::new(), set("set"), set("")];
        for (number, (document, dialect)) in documents.iter().zip(dialects).enumerate() {
            for (which, environment) in around.iter().enumerate() {
                let around = Around { environment, earlier: &IndexMap::new(), overrides: false, seals: None };
                let (reading, troubles) = evaluate_all(document, *dialect, &around);
                for one in reading.assignments {
                    if let Some(region) = region_of(&regions, one.span.start)
                        && let Made::Read(values) = &mut made[region][number][which]
                    {
                        values.push((one.key, one.value));
                    }
                }
                for trouble in troubles {
                    if let Some(region) = region_of(&regions, trouble.span.start) {
                        made[region][number][which] = Made::Refused;
                    }
                }
            }
        }
        Self { regions, made }
    }

    /// The regions that are read differently.
    pub(super) fn differing(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.regions.len()).filter(|region| {
            let made = &self.made[*region];
            made.iter().any(|one| *one != made[0])
        })
    }

    /// What each dialect makes of a region in the first environment in which there is a difference, and which that is.
    fn shown(&self, region: usize) -> (Vec<&Made>, usize) {
        let made = &self.made[region];
        let differs = |which: &usize| made.iter().any(|one| one[*which] != made[0][*which]);
        let which = (0..3).find(differs).unwrap_or(0);
        (made.iter().map(|one| &one[which]).collect(), which)
    }
}

/// What all dialects together take for something: runs of items that overlap.
fn regions(documents: &[Document]) -> Vec<Range<usize>> {
    let mut spans: Vec<Span> = documents
        .iter()
        .flat_map(|document| &document.items)
        .filter(|item| !matches!(item, Item::Space(_) | Item::Mark(_)))
        .map(|item| item.span().clone())
        .collect();
    spans.sort_unstable_by_key(|span| (span.start, span.end));
    let mut regions: Vec<Range<usize>> = Vec::new();
    for span in spans {
        match regions.last_mut() {
            Some(last) if span.start < last.end || span.start == last.start => last.end = last.end.max(span.end),
            _ => regions.push(span),
        }
    }
    regions
}

fn region_of(regions: &[Range<usize>], at: usize) -> Option<usize> {
    regions.partition_point(|region| region.start <= at).checked_sub(1)
}

/// All names that some value refers to and that the file does not set.
fn names(documents: &[Document], dialects: &[Dialect]) -> BTreeSet<String> {
    let mut referred = BTreeSet::new();
    let mut own = BTreeSet::new();
    let around = Around { environment: &HashMap::new(), earlier: &IndexMap::new(), overrides: false, seals: None };
    for (document, dialect) in documents.iter().zip(dialects) {
        for one in evaluate_all(document, *dialect, &around).0.assignments {
            referred.extend(one.references.into_iter().map(|reference| reference.name));
            own.insert(one.key);
        }
    }
    referred.retain(|name| !own.contains(name) && !name.is_empty());
    referred
}

pub(super) fn marks(subject: &Subject, dialects: &[Dialect], found: &mut Vec<Mark>) {
    if dialects.len() < 2 {
        return;
    }
    let readings = Readings::of(subject.source(), dialects);
    let entries = subject.document.entries_by_start();
    let own: HashSet<String> = entries.values().map(|entry| subject.document.text(&entry.key).into_owned()).collect();
    for region in readings.differing() {
        let span = readings.regions[region].clone();
        let (made, environment) = readings.shown(region);
        let entry = entry_in(subject, &span, &entries);
        let key = entry.map(|entry| subject.document.text(&entry.key).into_owned());
        // What a value refers to, and what another dialect takes for more of it, may be a secret.
        let text = String::from_utf8_lossy(&subject.source()[span.clone()]);
        let is_open = subject.shows_secrets() || !text.trim_end().contains('\n') && !secrecy::is_of_somebody(&text);
        let mut mark = Mark::new(
            Rule::NotPortable,
            start_of_line(subject, &span),
            message(subject, key.as_deref(), &made, dialects, is_open.then_some(&*text)) + WHERE[environment],
        );
        let spelling = entry.and_then(|entry| respell(subject, entry, dialects, &own));
        let value = entry.and_then(|entry| entry.value.as_ref());
        mark = match (spelling, value, key) {
            (Some(spelling), Some(value), Some(key)) => {
                let text = if subject.is_hidden(&key) || !is_open { spelling.words() } else { format!("`{key}={}`", mask::on_one_line(&spelling.text)) };
                let replaced = value.span.clone();
                mark.hint(format!("all of them read it alike as {text}")).put(replaced, spelling.text)
            }
            (None, Some(_), Some(key)) if is_name_alike(&key, dialects) && made.iter().any(|made| matches!(made, Made::Read(values) if !values.is_empty())) => {
                mark.hint(format!("there is no spelling of `{key}` that all of them read alike: give it another value, or set it elsewhere"))
            }
            (_, _, Some(key)) if !is_name_alike(&key, dialects) => {
                mark.hint(format!("rename it: not all of them can have `{key}` as a name"))
            }
            _ => mark.hint("write `NAME=value`, or put a `#` in front"),
        };
        found.push(mark);
    }
}

/// The one entry of the project's own dialect in a region.
fn entry_in<'a>(subject: &'a Subject, span: &Span, entries: &HashMap<usize, &'a Entry>) -> Option<&'a Entry> {
    let items = &subject.document.items;
    let first = items.partition_point(|item| item.span().end <= span.start);
    let mut inside = items[first..]
        .iter()
        .take_while(|item| item.span().start < span.end)
        .filter(|item| !matches!(item, Item::Space(_) | Item::Mark(_) | Item::Comment(_)));
    match (inside.next(), inside.next()) {
        (Some(Item::Entry(entry)), None) => {
            entries.get(&entry.span.start).copied().filter(|entry| !subject.is_dubious(entry) && subject.is_told(entry))
        }
        _ => None,
    }
}

/// The region up to the end of its first line.
fn start_of_line(subject: &Subject, span: &Span) -> Span {
    let line = subject.lines().get(subject.line_of(span.start)).map_or(span.end, |line| line.end);
    span.start..span.end.min(line).max(span.start)
}

/// Who reads what, those that agree together.
fn message(subject: &Subject, key: Option<&str>, made: &[&Made], dialects: &[Dialect], open: Option<&str>) -> String {
    let mut groups: IndexMap<&Made, Vec<String>> = IndexMap::new();
    for (made, dialect) in made.iter().zip(dialects) {
        groups.entry(made).or_default().push(format!("`{}`", name_of(*dialect)));
    }
    let list = |names: &[String]| match names {
        [one] => one.clone(),
        [all @ .., last] => format!("{} and {last}", all.join(", ")),
        [] => String::new(),
    };
    let verb = |names: &[String], one: &'static str, more: &'static str| if names.len() == 1 { one } else { more };
    let is_hidden = key.is_none_or(|key| subject.is_hidden(key));
    // What is written there as it is has been made of nothing else.
    let is_open = |value: &str| subject.shows_secrets() || open.is_some_and(|text| text.contains(value));
    let whole: Option<&str> = groups.keys().find_map(|made| only_value(made, key));
    let parts: Vec<String> = groups
        .iter()
        .map(|(made, names)| {
            let who = list(names);
            match made {
                Made::Refused => format!("{who} {} the file", verb(names, "refuses", "refuse")),
                Made::Read(values) if values.is_empty() => {
                    format!("{who} {} it", verb(names, "passes over", "pass over"))
                }
                Made::Read(values) => {
                    let reads = verb(names, "reads", "read");
                    match only_value(made, key) {
                        Some("") => format!("{who} {reads} nothing"),
                        Some(value) if !is_hidden && is_open(value) => {
                            format!("{who} {reads} `{}`", mask::on_one_line(value))
                        }
                        Some(value) => format!("{who} {reads} {}", apart(value, whole)),
                        None if values.len() == 1 && values[0].1.is_none() => {
                            format!("{who} {reads} a name without a value")
                        }
                        None if values.len() == 1 => format!("{who} {reads} another name"),
                        None => format!("{who} {reads} {} variables", values.len()),
                    }
                }
            }
        })
        .collect();
    let what = key.map_or("this is".to_owned(), |key| format!("`{key}` is"));
    format!("{what} read differently: {}", parts.join("; "))
}

/// The value of the one name that a dialect reads, where it is the name that is expected.
fn only_value<'a>(made: &'a Made, key: Option<&str>) -> Option<&'a str> {
    match made {
        Made::Read(values) => match values.as_slice() {
            [(name, Some(value))] if Some(name.as_str()) == key => Some(value),
            _ => None,
        },
        Made::Refused => None,
    }
}

/// A value that is not shown: from where on it is another one than the first that was told of. It does not tell how long either is.
fn apart(value: &str, first: Option<&str>) -> String {
    match first {
        Some(first) if first != value => {
            let same = first.chars().zip(value.chars()).take_while(|(a, b)| a == b).count();
            format!("another one from the {} character on", ordinal(same + 1))
        }
        _ => "one value".to_owned(),
    }
}

fn ordinal(number: usize) -> String {
    let end = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{number}{end}")
}
