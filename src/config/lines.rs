//! The lines of a document: places in it without counting from its beginning each time, and without the secrets that stand in it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::show::HIDDEN;
use crate::error::{Place, Spots};

/// What can be shown of something secret. All else is hidden, so that a misspelled `defualt` is too.
const PLAIN: [&str; 27] = [
    "name",
    "doc",
    "type",
    "required",
    "when",
    "secret",
    "deprecated",
    "min",
    "max",
    "min_length",
    "max_length",
    "allow_empty",
    "schemes",
    "version",
    "exists",
    "items",
    "separator",
    "flag",
    "option",
    "variadic",
    "short",
    "env",
    "from",
    "prompt",
    "at_least",
    "at_most",
    "run",
];

/// A document by its lines.
#[derive(Debug)]
pub(super) struct Lines<'a> {
    places: Spots<'a>,
    /// From which byte on a line is hidden, by the line's number.
    hidden: BTreeMap<usize, usize>,
}

impl<'a> Lines<'a> {
    pub(super) fn of(file: &'a str, source: &'a str) -> Self {
        Self { places: Spots::of(file, source), hidden: BTreeMap::new() }
    }

    /// The lines of a document that is TOML, without the values of its secrets.
    pub(super) fn of_document(file: &'a str, source: &'a str, table: &DeTable) -> Self {
        let mut lines = Self::of(file, source);
        let mut names = BTreeSet::new();
        secret_names(table, &mut names);
        lines.hide_secrets(table, &names);
        lines
    }

    /// The lines of a document that is no TOML, without all that may be the value of a secret.
    pub(super) fn of_broken(file: &'a str, source: &'a str) -> Self {
        let mut lines = Self::of(file, source);
        let mut section: Vec<Range<usize>> = Vec::new();
        let mut is_secret = false;
        let mut at = 0;
        for line in source.split_inclusive('\n').chain(["["]) {
            if line.trim_start().starts_with('[') {
                if is_secret {
                    for range in &section {
                        lines.hide(range);
                    }
                }
                section.clear();
                is_secret = false;
            }
            let (key, value) = line.split_once('=').map_or((0, line), |(key, value)| (key.len() + 1, value));
            let blanks = value.len() - value.trim_start().len();
            if !value.trim().is_empty() && !line.trim_start().starts_with('[') {
                section.push(at + key + blanks..at + line.len());
            }
            let mut words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
            is_secret |= words.any(|word| word == "secret");
            at += line.len();
        }
        lines
    }

    /// Hides what stands in `range`, and what follows it in its last line.
    pub(super) fn hide(&mut self, range: &Range<usize>) {
        for line in self.number(range.start)..=self.number(range.end.saturating_sub(1).max(range.start)) {
            let from = range.start.max(self.places.line(line).start);
            self.hidden.entry(line).and_modify(|known| *known = from.min(*known)).or_insert(from);
        }
    }

    /// Hides every value in `value`; the names in a table remain.
    pub(super) fn hide_value(&mut self, value: &Spanned<DeValue>) {
        match value.get_ref() {
            DeValue::Table(table) => table.values().for_each(|value| self.hide_value(value)),
            DeValue::Array(items) => items.iter().for_each(|value| self.hide_value(value)),
            _ => self.hide(&value.span()),
        }
    }

    fn hide_secrets(&mut self, table: &DeTable, names: &BTreeSet<String>) {
        let is_secret = is_secret(table);
        for (key, value) in table {
            let key = key.get_ref().as_ref();
            if is_secret && !PLAIN.contains(&key) {
                self.hide_value(value);
            }
            if let (DeValue::Table(arguments), "with") = (value.get_ref(), key) {
                let secrets = arguments.iter().filter(|(name, _)| names.contains(name.get_ref().as_ref()));
                secrets.for_each(|(_, value)| self.hide_value(value));
            }
            for table in tables(value) {
                self.hide_secrets(table, names);
            }
        }
    }

    /// The whole text.
    pub(super) fn source(&self) -> &'a str {
        self.places.source()
    }

    /// The line (from 1) that a byte stands in.
    pub(super) fn number(&self, at: usize) -> usize {
        self.places.number(at)
    }

    /// The place of a byte range. Ranges beyond the end or inside a character are drawn back to what exists.
    pub(super) fn place(&self, range: &Range<usize>) -> Place {
        let place = self.places.at(range);
        let line = self.places.line(place.line);
        let Some(from) = self.hidden.get(&place.line).copied().filter(|from| *from <= line.end) else { return place };
        let (start, end) = (self.places.floor(range.start), self.places.floor(range.end));
        let width = if end <= from {
            self.places.width(&(start..end))
        } else {
            // How long the secret is, is not told either.
            self.places.width(&(start..from)) + HIDDEN.len()
        };
        let text = self.source()[line.start..from].to_owned() + HIDDEN;
        Place { text, width: width.max(1), ..place }
    }
}

/// Whether a table says of itself that it is secret. A table by this name is a variable that is called so.
fn is_secret(table: &DeTable) -> bool {
    table.get("secret").is_some_and(|value| !matches!(value.get_ref(), DeValue::Boolean(false) | DeValue::Table(_)))
}

/// The names of parameters that are secret.
fn secret_names(table: &DeTable, names: &mut BTreeSet<String>) {
    if let Some(name) = table.get("name").and_then(|name| name.get_ref().as_str()).filter(|_| is_secret(table)) {
        names.insert(name.to_owned());
    }
    table.values().flat_map(tables).for_each(|table| secret_names(table, names));
}

/// The tables that a value is or has.
fn tables<'a, 'b>(value: &'a Spanned<DeValue<'b>>) -> Vec<&'a DeTable<'b>> {
    match value.get_ref() {
        DeValue::Table(table) => vec![table],
        DeValue::Array(items) => items.iter().flat_map(tables).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_hidden_in_every_line() {
        let cases = [
            ("a = { default = 'hunter2', secret = true }\n", 1, "a = { default = ********"),
            ("[a]\nsecret = true\ndefualt = 'hunter2' # hunter2\n", 3, "defualt = ********"),
            ("[a]\nsecret = true\ndefault = '''\nx\nhunter2'''\n", 5, "********"),
            ("[a]\nsecret = true\nchoices = [1, 'hunter2']\n", 3, "choices = [********"),
            ("[a]\nsecret = true\n[a.b]\nc = 'hunter2'\n", 4, "c = ********"),
            ("[a]\nsecret = true\ntype = 'int'\n", 3, "type = 'int'"),
            ("[a]\nsecret = false\ndefault = 'x'\n", 3, "default = 'x'"),
            ("[a]\nb = 'x'\n[a.secret]\nb = 'x'\n", 4, "b = 'x'"),
            (
                "p = [{ name = 't', secret = true }]\nn = { with = { v = 1, t = 'hunter2' } }\n",
                2,
                "n = { with = { v = 1, t = ********",
            ),
        ];
        for (source, line, expected) in cases {
            let table = DeTable::parse(source).expect("this is TOML");
            let lines = Lines::of_document("f", source, table.get_ref());
            let first = lines.places.line(line).start;
            assert_eq!(lines.place(&(first..first + 1)).text, expected, "{source}");
        }
        let source = "[a]\nb = 1\n[c]\n secret = true\ndefault = hunter2\nmore hunter2\n[d]\nb = x\n";
        let lines = Lines::of_broken("f", source);
        let text = |line: usize| lines.place(&(lines.places.line(line).start..lines.places.line(line).start + 1)).text;
        let shown: Vec<String> = (1..=8).map(text).collect();
        let expected = ["[a]", "b = 1", "[c]", " secret = ********", "default = ********", "********", "[d]", "b = x"];
        assert_eq!(shown, expected);
    }
}
