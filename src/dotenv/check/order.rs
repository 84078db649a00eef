//! The rules that look at several entries at once: names that come again, and their order.

use std::collections::HashMap;

use super::rules::Rule;
use super::subject::{Mark, Subject};
use crate::dotenv::syntax::{Entry, Item};

pub(super) fn marks(subject: &Subject, found: &mut Vec<Mark>) {
    let document = &subject.document;
    let mut seen: HashMap<String, &Entry> = HashMap::new();
    let mut above: Option<(String, &Entry)> = None;
    for item in &document.items {
        let Item::Entry(entry) = item else {
            // A blank line or a comment begins a new group.
            let is_gap = match item {
                Item::Space(span) => subject.line_of(span.end) > subject.line_of(span.start) + 1,
                _ => true,
            };
            above = above.filter(|_| !is_gap);
            continue;
        };
        if subject.is_dubious(entry) {
            above = None;
            continue;
        }
        let key = document.text(&entry.key).into_owned();
        // Whether a name can be told takes reading the file in all dialects, so that it is asked last.
        if let Some((name, _)) = above.as_ref().filter(|(name, entry)| key < *name && subject.is_told(entry)) {
            let what = format!("`{key}` comes before `{name}` in the alphabet");
            found.push(Mark::new(Rule::UnorderedKey, entry.key.clone(), what).hint("put it above"));
        }
        if let Some(before) = seen.get(&key) {
            let line = subject.line_of(before.span.start) + 1;
            let mut mark = Mark::new(
                Rule::DuplicatedKey,
                entry.key.clone(),
                format!("`{key}` is set in line {line} already; this value counts"),
            )
            .hint("take one of them out");
            // What is overridden becomes a comment, each of its lines.
            let first = subject.line_of(before.span.start);
            let last = subject.line_of(before.span.end.saturating_sub(1).max(before.span.start));
            // Where others share them, they would become comments, too.
            let lines = subject.lines().get(first..=last).filter(|_| subject.is_alone(before)).unwrap_or_default();
            for line in lines {
                mark = mark.put(line.start..line.start, "# ");
            }
            found.push(mark);
        }
        above = Some((key.clone(), entry));
        seen.insert(key, entry);
    }
}
