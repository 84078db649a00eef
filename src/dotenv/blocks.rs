//! Files as blocks: an entry with the comments right above it, which go where it goes. Bringing one file up to another is done with them.

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
    /// Adds lines for `key` where it stands in `order`: behind the nearest one before it that is here, else before the nearest one after it.
    pub(super) fn add_in_order(&mut self, key: &str, lines: &str, order: &[String]) {
        let newline = self.newline();
        let here = blocks(self);
        let at = order.iter().position(|name| name == key).unwrap_or(order.len());
        let find = |name: &String| here.iter().rfind(|block| block.key == *name);
        let text = lines.replace("\r\n", "\n").replace('\n', newline);
        if let Some(before) = order[..at].iter().rev().find_map(find) {
            self.insert(before.span.end, &format!("{newline}{text}"));
        } else if let Some(after) = order[at..].iter().find_map(find) {
            self.insert(after.span.start, &format!("{text}{newline}"));
        } else {
            self.append(&format!("{lines}\n"));
        }
    }

    /// Puts the blocks whose keys are in `order` into that order, each in the place of one of them.
    pub(super) fn reorder(&mut self, order: &[String]) {
        let place = |block: &Block| order.iter().position(|name| *name == block.key);
        let slots: Vec<Block> = blocks(self).into_iter().filter(|block| place(block).is_some()).collect();
        let mut sorted: Vec<&Block> = slots.iter().collect();
        sorted.sort_by_key(|block| place(block));
        let texts: Vec<Vec<u8>> = sorted.iter().map(|block| self.bytes()[block.span.clone()].to_vec()).collect();
        // From the end, so that places before it stay where they are.
        for (slot, text) in slots.iter().zip(&texts).rev() {
            self.exchange(slot.span.clone(), text);
        }
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
        let order: Vec<String> = ["A", "B", "C"].map(str::to_owned).into();
        for (before, key, after) in [
            ("A=1\nC=3\n", "B", "A=1\n# b\nB=2\nC=3\n"),
            ("# c\nC=3", "B", "# b\nB=2\n# c\nC=3"),
            ("X=0\n\nA=1", "B", "X=0\n\nA=1\n# b\nB=2"),
            ("A=1\r\nC=3\r\n", "B", "A=1\r\n# b\r\nB=2\r\nC=3\r\n"),
            ("X=0", "B", "X=0\n# b\nB=2\n"),
            ("", "B", "# b\nB=2\n"),
        ] {
            let mut draft = draft(before);
            draft.add_in_order(key, "# b\nB=2", &order);
            assert_eq!(text(&draft), after, "{before:?}");
        }
    }

    #[test]
    fn blocks_change_places_and_gaps_stay() {
        let order: Vec<String> = ["A", "B", "C"].map(str::to_owned).into();
        let mut draft = draft("# file\n\n# c\nC=3\n\nX=0\nB=2\n\n\n# a\nA=1");
        draft.reorder(&order);
        assert_eq!(text(&draft), "# file\n\n# a\nA=1\n\nX=0\nB=2\n\n\n# c\nC=3");
    }
}
