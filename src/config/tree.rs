//! Where in a document something stands, by its path.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::lines::Lines;
use crate::error::Place;

/// A document whose spots can be found. Made only when something is to be said of them.
pub(crate) struct Tree<'a> {
    table: Spanned<DeTable<'a>>,
    lines: Lines<'a>,
}

/// A spot: where the key is, and the value.
struct Spot {
    key: Range<usize>,
    value: Range<usize>,
    is_table: bool,
}

impl<'a> Tree<'a> {
    /// The tree of `source`, as far as it can be understood.
    pub(crate) fn of(file: &'a str, source: &'a str) -> Self {
        let (table, errors) = DeTable::parse_recoverable(source);
        let is_whole = errors.is_empty();
        let lines =
            if is_whole { Lines::of_document(file, source, table.get_ref()) } else { Lines::of_broken(file, source) };
        Self { table, lines }
    }

    /// The line (from 1) of exactly this path's key; `None` where the document does not have it.
    pub(crate) fn line<S: AsRef<str>>(&self, path: &[S]) -> Option<usize> {
        let (spot, depth) = self.walk(path);
        let spot = spot.filter(|_| depth == path.len())?;
        Some(self.lines.number(spot.key.start))
    }

    /// The place of the deepest part of `path` that the document has: a table by its key, anything else by its value.
    pub(crate) fn place<S: AsRef<str>>(&self, path: &[S]) -> Option<Place> {
        let (spot, depth) = self.walk(path);
        let spot = spot?;
        let range = if spot.is_table || depth < path.len() { spot.key } else { spot.value };
        Some(self.lines.place(&range))
    }

    /// The place of the key at the end of the deepest part of `path`.
    pub(crate) fn key_place<S: AsRef<str>>(&self, path: &[S]) -> Option<Place> {
        self.walk(path).0.map(|spot| self.lines.place(&spot.key))
    }

    /// The place of the `nth` (from 0) occurrence of `needle` in the text at this path; where it is not found as it is (for escapes), of the text.
    pub(crate) fn place_in<S: AsRef<str>>(&self, path: &[S], needle: &str, nth: usize) -> Option<Place> {
        let (spot, depth) = self.walk(path);
        let range = spot.filter(|spot| depth == path.len() && !spot.is_table)?.value;
        let found = self.lines.source().get(range.clone())?.match_indices(needle).nth(nth);
        let range = found.map_or(range.clone(), |(at, _)| range.start + at..range.start + at + needle.len());
        Some(self.lines.place(&range))
    }

    /// The line (from 1) in which the text at this path begins: behind `'''` and a newline it is the next.
    pub(crate) fn text_line<S: AsRef<str>>(&self, path: &[S]) -> Option<usize> {
        let (spot, depth) = self.walk(path);
        let range = spot.filter(|_| depth == path.len())?.value;
        let text = self.lines.source().get(range.clone())?;
        let opens = ["'''\n", "'''\r\n", "\"\"\"\n", "\"\"\"\r\n"].iter().any(|open| text.starts_with(open));
        Some(self.lines.number(range.start) + usize::from(opens))
    }

    /// Hides the value at exactly this path in the lines of places.
    pub(super) fn hide<S: AsRef<str>>(&mut self, path: &[S]) {
        let (spot, depth) = self.walk(path);
        if let Some(spot) = spot.filter(|_| depth == path.len()) {
            self.lines.hide(&spot.value);
        }
    }

    /// The text at this path, where it is one.
    pub(crate) fn text<S: AsRef<str>>(&self, path: &[S]) -> Option<String> {
        let mut table = self.table.get_ref();
        let (last, before) = path.split_last()?;
        for segment in before {
            match table.get(segment.as_ref())?.get_ref() {
                DeValue::Table(inner) => table = inner,
                _ => return None,
            }
        }
        table.get(last.as_ref())?.get_ref().as_str().map(str::to_owned)
    }

    /// Follows `path` as far as the document goes, and counts the steps.
    fn walk<S: AsRef<str>>(&self, path: &[S]) -> (Option<Spot>, usize) {
        let Some((first, rest)) = path.split_first() else { return (None, 0) };
        let Some((key, value)) = self.table.get_ref().get_key_value(first.as_ref()) else { return (None, 0) };
        let mut spot = Spot { key: key.span(), value: value.span(), is_table: is_table(value) };
        let mut current = value;
        for (depth, segment) in rest.iter().enumerate() {
            let (key, next) = match current.get_ref() {
                DeValue::Table(table) => match table.get_key_value(segment.as_ref()) {
                    Some((key, value)) => (key.span(), value),
                    // Where one thing stands for a list of one, it is its first.
                    None if segment.as_ref() == "0" => continue,
                    None => return (Some(spot), depth + 1),
                },
                DeValue::Array(items) => {
                    match segment.as_ref().parse().ok().and_then(|index: usize| items.get(index)) {
                        Some(value) => (value.span(), value),
                        None => return (Some(spot), depth + 1),
                    }
                }
                _ if segment.as_ref() == "0" => continue,
                _ => return (Some(spot), depth + 1),
            };
            spot = Spot { key, value: next.span(), is_table: is_table(next) };
            current = next;
        }
        (Some(spot), path.len())
    }
}

fn is_table(value: &Spanned<DeValue>) -> bool {
    matches!(value.get_ref(), DeValue::Table(_))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "[a.b]\nc = [1, { d = 'x' }]\n\n[[e]]\nf = 1\n";

    #[test]
    fn paths_lead_to_lines() {
        let tree = Tree::of("f", SOURCE);
        let cases: [(&[&str], Option<usize>); 6] = [
            (&["a", "b"], Some(1)),
            (&["a", "b", "c"], Some(2)),
            (&["a", "b", "c", "1", "d"], Some(2)),
            (&["e", "0", "f"], Some(5)),
            (&["a", "x"], None),
            (&["a", "b", "c", "7"], None),
        ];
        for (path, line) in cases {
            assert_eq!(tree.line(path), line, "{path:?}");
        }
        assert_eq!(tree.text(&["a", "b"]), None);
    }

    #[test]
    fn spots_in_texts_have_places() {
        let source = "a = 'x {{ b }} {{ b }}'\nc = '''\n\n{{ b }}'''\n";
        let tree = Tree::of("f", source);
        let place =
            |path: &str, nth: usize| tree.place_in(&[path], "{{ b }}", nth).map(|it| (it.line, it.column, it.width));
        assert_eq!(place("a", 1), Some((1, 16, 7)));
        assert_eq!(place("c", 0), Some((4, 1, 7)));
        assert_eq!(place("a", 2), Some((1, 5, 19)));
        assert_eq!(place("d", 0), None);
        assert_eq!((tree.text_line(&["a"]), tree.text_line(&["c"])), (Some(1), Some(3)));
    }

    #[test]
    fn a_missing_part_is_placed_at_what_should_have_it() {
        let tree = Tree::of("f", SOURCE);
        let place = |path: &[&str]| tree.place(path).map(|place| (place.line, place.column, place.width));
        assert_eq!(place(&["a", "b", "c", "0"]), Some((2, 6, 1)));
        assert_eq!(place(&["a", "b", "x"]), Some((1, 4, 1)));
        assert_eq!(place(&["x"]), None);
    }
}
