//! Another spelling of a value: one that all of some dialects read alike, each proven by reading it.

use std::collections::{HashMap, HashSet};

use indexmap::IndexMap;

use super::subject::Subject;
use crate::config::environment::Dialect;
use crate::dotenv::evaluate::{Around, Found, evaluate_all};
use crate::dotenv::lexer::parse;
use crate::dotenv::spelling::{Site, spell};
use crate::dotenv::syntax::{Entry, Quote};

/// A spelling, with its quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spelling {
    pub(super) text: String,
    /// The `$` of it stands for itself, although it may have been meant as a reference.
    is_literal: bool,
}

impl Spelling {
    /// What it is like, for whoever must not see it.
    pub(super) fn words(&self) -> String {
        let quotes = match self.text.chars().next() {
            Some('\'') => "in single quotes",
            Some('"') => "in double quotes",
            Some('`') => "in backticks",
            _ => "without quotes",
        };
        let literal = if self.is_literal { ", where its `$` stands for itself" } else { "" };
        format!("the same {quotes}{literal} (`--show-secrets` shows it)")
    }
}

/// Whether all dialects can have this name.
pub(super) fn is_name_alike(key: &str, dialects: &[Dialect]) -> bool {
    let line = format!("{key}=x\n");
    dialects.iter().all(|dialect| read(&line, key, *dialect, &HashMap::new()).as_deref() == Some("x"))
}

/// A spelling that all of `dialects` read alike: as the project's own dialect reads what is there. `own` are the names that the file sets.
pub(super) fn respell(
    subject: &Subject,
    entry: &Entry,
    dialects: &[Dialect],
    own: &HashSet<String>,
) -> Option<Spelling> {
    let value = entry.value.as_ref()?;
    let document = &subject.document;
    let key = document.text(&entry.key).into_owned();
    let raw = document.text(&value.span).into_owned();
    let line = format!("{key}={raw}\n");
    let parsed = parse(line.as_bytes(), subject.dialect);
    let around = Around { environment: &HashMap::new(), earlier: &IndexMap::new(), overrides: false, seals: None };
    let (mut reading, troubles) = evaluate_all(&parsed, subject.dialect, &around);
    let only = reading.assignments.pop().filter(|_| reading.assignments.is_empty())?;
    if !troubles.is_empty() || only.key != key {
        return None;
    }
    let comment = entry.comment.as_ref().map(|comment| document.text(comment).into_owned());
    let site = Site {
        key: &key,
        quote: Some(value.quote).filter(|quote| *quote != Quote::Mixed),
        comment: comment.as_deref(),
        dialects,
    };
    let text = |text: String, is_literal| Spelling { text, is_literal };
    let found = if only.references.is_empty() {
        spell(&only.value?, &site).ok().map(|found| text(found, false))
    } else {
        let names: Vec<&str> = only.references.iter().map(|reference| reference.name.as_str()).collect();
        let is_dangling = |name: &&str| !subject.known.contains(*name) && !own.contains(*name);
        let is_unset = only.references.iter().all(|it| it.found == Found::Nowhere) && names.iter().all(is_dangling);
        if is_unset && !raw.contains("${") {
            // Nothing is called so: the dollar belongs to the value, most probably.
            let inner = document.text(&value.inner).into_owned();
            spell(&inner, &site).ok().map(|found| text(found, true))
        } else {
            let is_alike = |candidate: &String| is_alike(candidate, &raw, &key, &names, subject.dialect, dialects);
            braced(&raw).into_iter().find(is_alike).map(|found| text(found, false))
        }
    };
    // Where that is what stands there already, the difference lies elsewhere.
    found.filter(|found| found.text != raw)
}

/// The value with all references in braces, as it is and in double quotes.
fn braced(raw: &str) -> Vec<String> {
    let mut text = String::with_capacity(raw.len() + 8);
    let mut rest = raw;
    while let Some(at) = rest.find('$') {
        let name: String = rest[at + 1..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        text.push_str(&rest[..at]);
        rest = &rest[at + 1 + name.len()..];
        if name.is_empty() {
            text.push('$');
        } else {
            text.extend(["${", &name, "}"]);
        }
    }
    text.push_str(rest);
    let inner = text.trim_matches('"').to_owned();
    let mut all = vec![text];
    if !inner.contains(['"', '\'', '\\', '`']) {
        all.push(format!("\"{inner}\""));
    }
    all
}

/// Whether all dialects read of `candidate` what `own` reads of `raw`, wherever the names that it refers to are set, and where they are not.
fn is_alike(candidate: &str, raw: &str, key: &str, names: &[&str], own: Dialect, dialects: &[Dialect]) -> bool {
    let above: String = names.iter().filter(|name| **name != key).flat_map(|name| [name, "=above\n"]).collect();
    let around: HashMap<String, String> =
        names.iter().filter(|name| **name != key).map(|name| ((*name).to_owned(), "around".to_owned())).collect();
    let empty: HashMap<String, String> = around.keys().map(|name| (name.clone(), String::new())).collect();
    let nothing = HashMap::new();
    [(above.as_str(), &nothing), ("", &around), ("", &empty), ("", &nothing)].into_iter().all(|(above, environment)| {
        let should = read(&format!("{above}{key}={raw}\n"), key, own, environment);
        should.is_some()
            && dialects.iter().all(|dialect| {
                read(&format!("{above}{key}={candidate}\nPRODEV_AFTER=1\n"), key, *dialect, environment) == should
            })
    })
}

/// What a dialect reads for a name.
fn read(source: &str, key: &str, dialect: Dialect, environment: &HashMap<String, String>) -> Option<String> {
    let around = Around { environment, earlier: &IndexMap::new(), overrides: false, seals: None };
    let (reading, troubles) = evaluate_all(&parse(source.as_bytes(), dialect), dialect, &around);
    if !troubles.is_empty() {
        return None;
    }
    reading.assignments.into_iter().find(|one| one.key == key).and_then(|one| one.value)
}
