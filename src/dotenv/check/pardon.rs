//! Comments that switch rules off: `# prodev:off RULE` to `# prodev:on RULE`, `# prodev:allow RULE` for one line, and dotenv-linter's.

use std::collections::{HashMap, HashSet};

use super::rules::{self, Rule};
use super::settings;
use super::subject::{Mark, Subject};
use crate::dotenv::syntax::{Item, Span};

/// Who is let off, and where.
#[derive(Debug, Default)]
pub(super) struct Pardons {
    /// Lines by rule, from and to, both included; the empty name stands for all rules.
    ranges: HashMap<String, Vec<(usize, usize)>>,
    lines: HashMap<usize, HashSet<String>>,
}

/// What stands for all rules.
const ALL: &str = "";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    Off,
    On,
    Allow,
}

const WORDS: [(&str, Word); 5] = [
    ("prodev:allow", Word::Allow),
    ("prodev:off", Word::Off),
    ("prodev:on", Word::On),
    ("dotenv-linter:off", Word::Off),
    ("dotenv-linter:on", Word::On),
];

impl Pardons {
    /// What the comments of a file say. Names of rules that there are not become marks.
    pub(super) fn of(subject: &Subject, known: &[&str], found: &mut Vec<Mark>) -> Self {
        let mut pardons = Self::default();
        let mut open: HashMap<String, usize> = HashMap::new();
        for item in &subject.document.items {
            let (span, is_own_line) = match item {
                Item::Comment(span) => (span.clone(), true),
                Item::Entry(entry) => match &entry.comment {
                    Some(span) => (span.clone(), false),
                    None => continue,
                },
                _ => continue,
            };
            let text = subject.document.text(&span);
            let Some((at, word, rest)) = spoken(&text) else { continue };
            let line = subject.line_of(span.start);
            let begin = span.start + at;
            let names = names(rest, begin + (text.len() - at - rest.len()), word, known, found);
            if word == Word::Allow {
                // An own line speaks of the next one.
                pardons.lines.insert(if is_own_line { line + 1 } else { subject.line_of(start_of(item)) }, names);
                continue;
            }
            for rule in names {
                if word == Word::Off {
                    open.entry(rule).or_insert(line);
                } else if let Some(from) = open.remove(&rule) {
                    pardons.ranges.entry(rule).or_default().push((from, line));
                }
            }
        }
        for (rule, from) in open {
            pardons.ranges.entry(rule).or_default().push((from, usize::MAX));
        }
        pardons
    }

    /// Whether a rule has nothing to say of a line, counted from 0.
    pub(super) fn holds(&self, rule: &str, line: usize) -> bool {
        let in_range = |ranges: &Vec<(usize, usize)>| {
            let index = ranges.partition_point(|(from, _)| *from <= line);
            index > 0 && line <= ranges[index - 1].1
        };
        [ALL, rule].iter().any(|name| {
            self.ranges.get(*name).is_some_and(in_range)
                || self.lines.get(&line).is_some_and(|names| names.contains(*name))
        })
    }
}

fn start_of(item: &Item) -> usize {
    item.span().start
}

/// The word in a comment, where it stands, and what follows it.
fn spoken(text: &str) -> Option<(usize, Word, &str)> {
    if !text.contains(':') {
        return None;
    }
    let (at, word, name) = WORDS.iter().find_map(|(name, word)| Some((text.find(name)?, *word, *name)))?;
    let is_first = text[..at].chars().all(|c| c == '#' || c.is_whitespace());
    let rest = &text[at + name.len()..];
    let is_whole = rest.chars().next().is_none_or(|c| c.is_whitespace() || c == ',');
    ((is_first || word == Word::Allow) && is_whole).then_some((at, word, rest))
}

/// The rules that are named. Behind `allow` a reason may follow.
fn names(rest: &str, start: usize, word: Word, known: &[&str], found: &mut Vec<Mark>) -> HashSet<String> {
    let mut names = HashSet::new();
    let mut is_any = false;
    let mut at = 0;
    for part in rest.split([',', ' ', '\t', '\r']) {
        let span: Span = start + at..start + at + part.len();
        at += part.len() + 1;
        if part.is_empty() {
            continue;
        }
        if let Some(rule) = rules::named(part) {
            names.insert(rule.id().to_owned());
        } else if known.contains(&part) {
            names.insert(part.to_owned());
        } else if settings::is_schema(part) {
            names.extend(settings::schema().map(|(id, _)| id.to_owned()));
        } else {
            let near = rules::near(part);
            if word == Word::Allow && near.is_none() {
                break;
            }
            let mark = Mark::new(Rule::UnknownName, span, format!("there is no rule `{part}`"));
            found.push(match near {
                Some(near) => mark.hint(format!("did you mean `{near}`?")),
                None => mark.hint("see the names in docs/env.md"),
            });
        }
        is_any = true;
    }
    if !is_any {
        names.insert(ALL.to_owned());
    }
    names
}
