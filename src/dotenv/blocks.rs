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
    pub(super) fn add_in_order(&mut self, lines: &HashMap<&str, String>, order: &IndexSet<String>) {
        let newline = self.newline();
        let here: HashMap<String, Span> = blocks(self).into_iter().map(|block| (block.key, block.span)).collect();
        let mut edits: Vec<(Span, Vec<u8>)> = Vec::new();
        // The end of the last one that is here, and those that have none before them.
        let (mut last, mut first): (Option<usize>, Vec<&str>) = (None, Vec::new());
        for name in order {
            if let Some(span) = here.get(name) {
                for lines in first.drain(..) {
                    let text = format!("{lines}\n").replace("\r\n", "\n").replace('\n', newline);
                    edits.push((span.start..span.start, text.into_bytes()));
                }
                last = Some(span.end);
            } else if let Some(lines) = lines.get(name.as_str()) {
                match last {
                    Some(end) => {
                        let text = format!("\n{lines}").replace("\r\n", "\n").replace('\n', newline);
                        edits.push((end..end, text.into_bytes()));
                    }
                    None => first.push(lines),
                }
            }
        }
        if !first.is_empty() {
            let text = first.join("\n").replace("\r\n", "\n");
            return self.append(&format!("{text}\n"));
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
            draft.add_in_order(&HashMap::from([(key, "# b\nB=2".to_owned())]), &order);
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
            let lines = lines.map(|key| (key.as_str(), format!("{key}=0"))).collect();
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
