//! The rules that look at what values refer to, and at what would run a command.

use std::collections::{HashMap, HashSet};

use indexmap::IndexMap;

use super::rules::Rule;
use super::subject::{Mark, Subject};
use crate::dotenv::evaluate::{Around, Found, Trouble, What, evaluate_all};
use crate::dotenv::expand::{Fault, command_end};
use crate::dotenv::syntax::{Entry, Quote, Value};

/// Nobody reads more about one value; for each of them all of it is looked through.
const MOST: usize = 64;

pub(super) fn marks(subject: &Subject, found: &mut Vec<Mark>) {
    let document = &subject.document;
    let around = Around { environment: &HashMap::new(), earlier: &IndexMap::new(), overrides: false, seals: None };
    let (reading, troubles) = evaluate_all(document, subject.dialect, &around);
    let entries = document.entries_by_start();
    let mut commands: HashSet<usize> = HashSet::new();
    for entry in document.entries() {
        let Some(value) = entry.value.as_ref().filter(|_| !subject.is_dubious(entry)) else { continue };
        let raw = document.text(&value.inner);
        let key = document.text(&entry.key);
        if let Some(at) = command(value, &raw) {
            commands.insert(entry.span.start);
            found.push(
                Mark::new(
                    Rule::CommandSubstitution,
                    value.inner.start + at..value.inner.start + at + 1,
                    format!("the value of `{key}` has a command in it, which some parsers run"),
                )
                .hint("put it into single quotes, or write down what it gives"),
            );
        }
        if value.quote != Quote::Single
            && let Some(at) = half_braced(&raw)
        {
            found.push(half(&key, value, at));
        }
    }
    for trouble in &troubles {
        found.extend(of_trouble(subject, trouble, &commands));
    }
    let mut last: HashMap<&str, usize> = HashMap::new();
    for (index, one) in reading.assignments.iter().enumerate() {
        last.insert(&one.key, index);
    }
    let mut set: HashSet<&str> = HashSet::new();
    for (index, one) in reading.assignments.iter().enumerate() {
        let entry = entries.get(&one.span.start);
        let value = entry.filter(|entry| !subject.is_dubious(entry)).and_then(|entry| entry.value.as_ref());
        if let (Some(entry), Some(value)) = (entry, value) {
            let mut told: HashSet<&str> = HashSet::new();
            let open = one.references.iter().filter(|it| matches!(it.found, Found::Nowhere | Found::File));
            for reference in open.take(MOST) {
                let name = reference.name.as_str();
                if set.contains(name) || name.is_empty() || !told.insert(name) {
                    continue;
                }
                let later = last.get(name).filter(|at| **at > index);
                let of_later = later.and_then(|at| entries.get(&reading.assignments[*at].span.start));
                let is_told = subject.is_told_name(name) && of_later.is_none_or(|entry| subject.is_told(entry));
                let mark = missing(subject, entry, value, name, later.is_some());
                found.extend(mark.map(|mark| if is_told { mark } else { untold(mark) }));
            }
        }
        set.insert(&one.key);
    }
}

/// A mark that says nothing of the name: what is taken for one may be the rest of a password.
fn untold(mark: Mark) -> Mark {
    let hint = "put the value into single quotes if the `$` is meant as it stands";
    Mark { message: mark.rule.about().what.to_owned(), hint: Some(hint.to_owned()), ..mark }
}

/// What is said of a reference to a name that is not set so far.
fn missing(subject: &Subject, entry: &Entry, value: &Value, name: &str, is_later: bool) -> Option<Mark> {
    let raw = subject.document.text(&value.inner);
    let key = subject.document.text(&entry.key);
    let braced = format!("${{{name}");
    let at = raw.find(&braced).or_else(|| raw.find(&format!("${name}")));
    let operators = [':', '-', '+', '?'];
    let has_default = raw.match_indices(&braced).any(|(at, _)| raw[at + braced.len()..].starts_with(operators));
    let start = value.inner.start + at.unwrap_or(0);
    let span = start..start + 1;
    if is_later && *name != *key {
        return Some(
            Mark::new(Rule::ForwardReference, span, format!("`{key}` refers to `{name}`, which is set further down"))
                .hint(format!("put `{name}` above: all parsers but dotenv-expand read nothing there")),
        );
    }
    if has_default || subject.known.contains(name) {
        return None;
    }
    // What follows a bare dollar may be the rest of a password.
    let is_bare = !raw.contains(&braced);
    let message = if is_bare && subject.is_hidden(&key) {
        format!("a `$` in the value of `{key}` refers to a name that nothing sets")
    } else {
        format!("`{key}` refers to `{name}`, which nothing sets")
    };
    Some(Mark::new(Rule::UnsetReference, span, message).hint(if is_bare {
        "put the value into single quotes if the `$` is meant as it stands".to_owned()
    } else {
        format!("set `{name}`, or give a default: `${{{name}:-default}}`")
    }))
}

fn of_trouble(subject: &Subject, trouble: &Trouble, commands: &HashSet<usize>) -> Option<Mark> {
    let What::Value(fault) = &trouble.what else { return None };
    let line = subject.lines().get(subject.line_of(trouble.span.start)).map_or(0, |line| line.end);
    let span = trouble.span.start..trouble.span.end.min(line).max(trouble.span.start);
    let raw = subject.document.text(&trouble.span);
    let (rule, hint) = match fault {
        Fault::Malformed if half_braced(&raw).is_some() => return None,
        Fault::Malformed => (Rule::MalformedReference, "put the value into single quotes, or write `$$` for a dollar"),
        // It is asked for where the variables come together.
        Fault::Required { .. } | Fault::Failed(_) => return None,
        Fault::Command if !commands.is_empty() => return None,
        Fault::Command => (Rule::CommandSubstitution, "put it into single quotes, or write down what it gives"),
        Fault::Endless => (Rule::EndlessReference, "take the circle out"),
        Fault::Large => (Rule::EndlessReference, "take references out"),
        Fault::Escape => (Rule::InvalidEscape, "put the value into single quotes"),
        Fault::Blank => (Rule::ValueWithoutQuotes, "put the value into quotes"),
        Fault::Special(_) => (Rule::ShellSpecial, "put the value into single quotes if the `$` is meant as it stands"),
    };
    Some(Mark::new(rule, span, trouble.message.clone()).hint(hint))
}

/// Where a command begins that some parser would run.
fn command(value: &Value, raw: &str) -> Option<usize> {
    if value.quote == Quote::Single {
        return None;
    }
    // Each search may run to the end of the value.
    let dollar =
        raw.match_indices("$(").take(64).find(|(at, _)| !raw[..*at].ends_with('\\') && command_end(raw, *at).is_some());
    let tick = || {
        let first = raw.find('`').filter(|_| value.quote != Quote::Backtick)?;
        raw[first + 1..].contains('`').then_some(first)
    };
    // In backticks as a whole it is another rule's.
    let is_whole = raw.starts_with('`') && raw.ends_with('`');
    dollar.map(|(at, _)| at).or_else(|| tick().filter(|_| !is_whole))
}

fn half(key: &str, value: &Value, at: usize) -> Mark {
    let start = value.inner.start + at;
    Mark::new(Rule::SubstitutionKey, start..start + 1, format!("a reference in `{key}` has one brace of two"))
        .hint("write `${NAME}`, or put the value into single quotes if the `$` is meant as it stands")
}

/// Where a reference begins that has one brace of two: `${NAME` or `$NAME}`.
fn half_braced(raw: &str) -> Option<usize> {
    let bytes = raw.as_bytes();
    let mut open = 0_usize;
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            b'$' if bytes.get(at + 1) == Some(&b'$') => at += 1,
            b'$' if bytes.get(at + 1) == Some(&b'{') => {
                let mut depth = 0_usize;
                let mut end = at + 1;
                let closed = loop {
                    match bytes.get(end) {
                        Some(b'{') => depth += 1,
                        Some(b'}') => depth -= 1,
                        None | Some(b'\n') => break false,
                        Some(_) => {}
                    }
                    if depth == 0 {
                        break true;
                    }
                    end += 1;
                };
                if !closed {
                    return Some(at);
                }
                at = end;
            }
            b'$' => {
                let name = bytes[at + 1..].iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_');
                let length = name.count();
                if length > 0 && open == 0 && bytes.get(at + 1 + length) == Some(&b'}') {
                    return Some(at);
                }
                at += length;
            }
            b'{' => open += 1,
            b'}' => open = open.saturating_sub(1),
            _ => {}
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_brace_of_two_is_found() {
        for (raw, at) in [("${A", Some(0)), ("x$A}", Some(1)), ("${A:-${B}", Some(0)), ("a${A}$B}", Some(5))] {
            assert_eq!(half_braced(raw), at, "{raw}");
        }
        for raw in ["${A}", "$A", "{$A}", "${A:-${B}}", "$$A}", "\\$A}", "$", "}", "{\"a\": \"$A\"}"] {
            assert_eq!(half_braced(raw), None, "{raw}");
        }
    }
}
