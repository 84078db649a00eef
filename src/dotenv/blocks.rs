//! Files as blocks: an entry with the comments right above it, which go where it goes. Bringing one file up to another is done with them.

use std::collections::HashMap;

use indexmap::IndexSet;

use super::draft::Draft;
use super::syntax::{Item, Span};

/// An entry and its comments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) key: String,
    /// From the first of its comments to the end of its line, without the line end.
    pub(super) span: Span,
    /// Its comments alone, with their line ends.
    pub(super) comments: Span,
}

/// A block that is added to another file.
#[derive(Debug, Clone, Default)]
pub(super) struct Added {
    /// Lines with their ends.
    pub(super) comments: Vec<u8>,
    pub(super) entry: Vec<u8>,
}

impl Added {
    /// With the line ends of its new file, save those in the entry, which are a part of the value.
    fn text(&self, newline: &str) -> Vec<u8> {
        let mut text = Vec::new();
        for line in self.comments.split_inclusive(|byte| *byte == b'\n') {
            let line = line.strip_suffix(b"\n").unwrap_or(line);
            text.extend_from_slice(line.strip_suffix(b"\r").unwrap_or(line));
            text.extend_from_slice(newline.as_bytes());
        }
        text.extend_from_slice(&self.entry);
        text
    }
}

/// The blocks of a file, in order.
pub(super) fn blocks(draft: &Draft) -> Vec<Block> {
    let document = draft.document();
    let bytes = draft.bytes();
    let mut list = Vec::new();
    // Where the comments began that nothing but line ends separates from what comes next.
    let mut lead: Option<usize> = None;
    for item in &document.items {
        match item {
            Item::Comment(span) if is_first_in_line(bytes, span.start) => {
                lead = lead.or(Some(line_start(bytes, span.start)));
            }
            Item::Space(span) => {
                if bytes[span.clone()].split(|byte| *byte == b'\n').count() > 2 {
                    lead = None;
                }
            }
            Item::Entry(entry) => {
                let line =
                    line_start(bytes, entry.span.start).max(list.last().map_or(0, |block: &Block| block.span.end));
                let start = lead.take().unwrap_or(line);
                let end = entry.span.end;
                list.push(Block {
                    key: document.text(&entry.key).into_owned(),
                    span: start..end,
                    comments: start..line,
                });
            }
            Item::Mark(_) | Item::Comment(_) | Item::Broken(_) => lead = None,
        }
    }
    list
}

fn line_start(bytes: &[u8], at: usize) -> usize {
    let start = bytes[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    if start == 0 && bytes.starts_with(b"\xEF\xBB\xBF") { 3.min(at) } else { start }
}

fn is_first_in_line(bytes: &[u8], at: usize) -> bool {
    bytes[line_start(bytes, at)..at].iter().all(|byte| matches!(byte, b' ' | b'\t'))
}

impl Draft {
    /// Adds lines for names that are not here, each where its name stands in `order`: behind the nearest one before it, else before the nearest one after
    /// it that is here, else at the end.
    pub(super) fn add_in_order(&mut self, lines: &HashMap<&str, Added>, order: &IndexSet<String>) {
        let newline = self.newline();
        let line_end = newline.as_bytes();
        let here: HashMap<String, Span> = blocks(self).into_iter().map(|block| (block.key, block.span)).collect();
        let mut edits: Vec<(Span, Vec<u8>)> = Vec::new();
        // The end of the last one that is here, and those that have none before them.
        let (mut last, mut first): (Option<usize>, Vec<Vec<u8>>) = (None, Vec::new());
        for name in order {
            if let Some(span) = here.get(name) {
                edits.extend(first.drain(..).map(|text| (span.start..span.start, text)));
                last = Some(span.end);
            } else if let Some(added) = lines.get(name.as_str()) {
                let text = added.text(newline);
                match last {
                    Some(end) => edits.push((end..end, [line_end, &text].concat())),
                    None => first.push([&text, line_end].concat()),
                }
            }
        }
        if !first.is_empty() {
            let end = self.bytes().len();
            if end > 0 && !self.bytes().ends_with(b"\n") {
                first.insert(0, line_end.to_vec());
            }
            edits.push((end..end, first.concat()));
        }
        // Stable, so that those of one place stay in their order.
        edits.sort_by_key(|(span, _)| span.start);
        self.exchange_all(edits);
    }

    /// Puts the blocks whose keys are in `order` into that order, each in the place of one of them.
    pub(super) fn reorder(&mut self, order: &IndexSet<String>) {
        let place = |block: &Block| order.get_index_of(&block.key);
        let slots: Vec<Block> = blocks(self).into_iter().filter(|block| place(block).is_some()).collect();
        let mut sorted: Vec<&Block> = slots.iter().collect();
        sorted.sort_by_key(|block| place(block));
        let texts = sorted.iter().map(|block| self.bytes()[block.span.clone()].to_vec());
        let edits = slots.iter().map(|slot| slot.span.clone()).zip(texts).collect();
        self.exchange_all(edits);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::environment::Dialect;

    fn draft(text: &str) -> Draft {
        Draft::new(text.as_bytes(), Dialect::Default)
    }

    fn added(comments: &str, entry: &str) -> Added {
        Added { comments: comments.into(), entry: entry.into() }
    }

    fn text(draft: &Draft) -> &str {
        std::str::from_utf8(draft.bytes()).unwrap()
    }

    #[test]
    fn comments_belong_to_the_entry_below_them() {
        let draft = draft("\u{feff}# file\n\n# a\n# more\nA=1 # x\nB=\"2\n3\"\n\n#c\n\nC=3");
        let parts: Vec<(&str, &str)> = blocks(&draft)
            .iter()
            .map(|block| (&text(&draft)[block.span.clone()], &text(&draft)[block.comments.clone()]))
            .collect();
        assert_eq!(parts, [("# a\n# more\nA=1 # x", "# a\n# more\n"), ("B=\"2\n3\"", ""), ("C=3", "")]);
    }

    #[test]
    fn what_is_added_stands_where_its_neighbours_stand() {
        let order: IndexSet<String> = ["A", "B", "C"].map(str::to_owned).into();
        for (before, key, after) in [
            ("A=1\nC=3\n", "B", "A=1\n# b\nB=2\nC=3\n"),
            ("# c\nC=3", "B", "# b\nB=2\n# c\nC=3"),
            ("X=0\n\nA=1", "B", "X=0\n\nA=1\n# b\nB=2"),
            ("A=1\r\nC=3\r\n", "B", "A=1\r\n# b\r\nB=2\r\nC=3\r\n"),
            ("X=0", "B", "X=0\n# b\nB=2\n"),
            ("", "B", "# b\nB=2\n"),
        ] {
            let mut draft = draft(before);
            draft.add_in_order(&HashMap::from([(key, added("# b\n", "B=2"))]), &order);
            assert_eq!(text(&draft), after, "{before:?}");
        }
    }

    #[test]
    fn line_ends_in_a_value_stay() {
        let order: IndexSet<String> = ["A", "B"].map(str::to_owned).into();
        for (before, entry, after) in [
            ("A=1\r\n", "B=\"x\ny\"", "A=1\r\n# b\r\nB=\"x\ny\"\r\n"),
            ("A=1\n", "B=\"x\r\ny\"", "A=1\n# b\nB=\"x\r\ny\"\n"),
            ("X=1\r\n", "B=\"x\ny\"", "X=1\r\n# b\r\nB=\"x\ny\"\r\n"),
        ] {
            let mut draft = draft(before);
            draft.add_in_order(&HashMap::from([("B", added("# b\r\n", entry))]), &order);
            assert_eq!(text(&draft), after, "{before:?}");
        }
    }

    #[test]
    fn several_that_are_added_stand_in_their_order() {
        let order: IndexSet<String> = ["A", "B", "C", "D"].map(str::to_owned).into();
        for (before, keys, after) in [
            ("", "ABCD", "A=0\nB=0\nC=0\nD=0\n"),
            ("X=1", "AB", "X=1\nA=0\nB=0\n"),
            ("X=1\r\n", "AB", "X=1\r\nA=0\r\nB=0\r\n"),
            ("C=1\n", "ABD", "A=0\nB=0\nC=1\nD=0\n"),
            ("C=1\nX=1\nA=1", "BD", "C=1\nD=0\nX=1\nA=1\nB=0"),
            ("A=1\nA=2\nX=1\n", "BC", "A=1\nA=2\nB=0\nC=0\nX=1\n"),
        ] {
            let mut draft = draft(before);
            let lines = order.iter().filter(|key| keys.contains(key.as_str()));
            let lines = lines.map(|key| (key.as_str(), added("", &format!("{key}=0")))).collect();
            draft.add_in_order(&lines, &order);
            assert_eq!(text(&draft), after, "{before:?}");
        }
    }

    #[test]
    fn blocks_change_places_and_gaps_stay() {
        let order: IndexSet<String> = ["A", "B", "C"].map(str::to_owned).into();
        let mut draft = draft("# file\n\n# c\nC=3\n\nX=0\nB=2\n\n\n# a\nA=1");
        draft.reorder(&order);
        assert_eq!(text(&draft), "# file\n\n# a\nA=1\n\nX=0\nB=2\n\n\n# c\nC=3");
    }
}
