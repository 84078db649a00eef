//! Changes to a file, as bytes: what nobody asked to change stays, down to line ends, marks and a missing last newline.

use super::blocks::{Block, blocks};
use super::lexer::parse;
use super::syntax::{Document, Entry, Item, Quote, Span};
use crate::config::environment::Dialect;

/// What comments say to `env check` about all that follows.
const REACHING_ON: [&str; 4] = ["prodev:off", "prodev:on", "dotenv-linter:off", "dotenv-linter:on"];

/// A file and its changes so far.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    bytes: Vec<u8>,
    dialect: Dialect,
}

/// An entry that was found.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) entry: Entry,
    pub(super) quote: Option<Quote>,
    /// The text of its comment.
    pub(super) comment: Option<String>,
}

impl Draft {
    pub(super) fn new(bytes: &[u8], dialect: Dialect) -> Self {
        Self { bytes: bytes.to_vec(), dialect }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn document(&self) -> Document<'_> {
        parse(&self.bytes, self.dialect)
    }

    /// What ends a line of this file.
    pub(super) fn newline(&self) -> &'static str {
        let first = self.bytes.iter().position(|byte| *byte == b'\n');
        match first {
            Some(at) if at > 0 && self.bytes[at - 1] == b'\r' => "\r\n",
            _ => "\n",
        }
    }

    /// The entries of a name, in order; the last one is the one that counts.
    pub(super) fn find(&self, key: &str) -> Vec<Found> {
        let document = self.document();
        let entries = document.entries().filter(|entry| document.text(&entry.key) == key);
        let found = entries.map(|entry| Found {
            quote: entry.value.as_ref().map(|value| value.quote),
            comment: entry.comment.as_ref().map(|comment| document.text(comment).into_owned()),
            entry: entry.clone(),
        });
        found.collect()
    }

    /// Writes `spelling` where the value of an entry stands.
    pub(super) fn replace(&mut self, entry: &Entry, spelling: &str) {
        match (&entry.value, &entry.separator) {
            (Some(value), _) if !value.span.is_empty() => self.put(value.span.clone(), spelling.as_bytes()),
            // Right behind the sign, so that a blank in front of a comment stays one.
            (_, Some(separator)) => self.put(separator.end..separator.end, spelling.as_bytes()),
            (_, None) => self.put(entry.key.end..entry.key.end, format!("={spelling}").as_bytes()),
        }
    }

    /// Adds an entry: below a comment that shows it, else at the end.
    pub(super) fn add(&mut self, key: &str, spelling: &str) {
        let line = format!("{key}={spelling}");
        let newline = self.newline();
        if let Some(end) = self.shown(key) {
            self.put(end..end, format!("{newline}{line}").as_bytes());
            return;
        }
        let is_open = !self.bytes.is_empty() && !self.bytes.ends_with(b"\n") && self.bytes != b"\xEF\xBB\xBF";
        // A file whose last line has no end keeps it so.
        let text = if is_open { format!("{newline}{line}") } else { format!("{line}{newline}") };
        let end = self.bytes.len();
        self.put(end..end, text.as_bytes());
    }

    /// The end of a comment `# KEY=…`.
    fn shown(&self, key: &str) -> Option<usize> {
        let document = self.document();
        let comments = document.items.iter().filter_map(|item| match item {
            Item::Comment(span) => Some(span),
            _ => None,
        });
        let shows = |span: &&Span| {
            let text = document.text(span);
            let text = text.trim_start_matches('#').trim_start();
            let text = text.strip_prefix("export ").unwrap_or(text);
            text.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('='))
        };
        comments.filter(shows).map(|span| span.end).next_back()
    }

    /// Takes an entry out, with its line.
    pub(super) fn remove(&mut self, entry: &Entry) {
        self.remove_lines(&entry.span);
    }

    /// Takes out what begins and ends in lines of its own, with them.
    fn remove_lines(&mut self, span: &Span) {
        let mut start = span.start;
        while start > 0 && matches!(self.bytes[start - 1], b' ' | b'\t') {
            start -= 1;
        }
        let mut end = span.end;
        while end < self.bytes.len() && self.bytes[end] != b'\n' {
            end += 1;
        }
        if end < self.bytes.len() {
            end += 1;
        } else if start > 0 && self.bytes[start - 1] == b'\n' {
            // The last line of a file that does not end: now the one before it does not.
            start -= 1;
            if start > 0 && self.bytes[start - 1] == b'\r' {
                start -= 1;
            }
        }
        self.put(start..end, b"");
    }

    /// Takes out all entries whose names are meant, each with its line and the comments right above it, which would speak of the next one then.
    pub(super) fn remove_all(&mut self, is_meant: impl Fn(&str) -> bool) {
        let meant: Vec<Block> = blocks(self).into_iter().filter(|block| is_meant(&block.key)).collect();
        // From the end, so that places before it stay where they are.
        for block in meant.iter().rev() {
            // What is said to a shell or to `env check` holds for all that follows.
            let comments = String::from_utf8_lossy(&self.bytes[block.comments.clone()]).into_owned();
            let reaches_on = |line: &&str| line.starts_with("#!") || REACHING_ON.iter().any(|word| line.contains(word));
            let lines: Vec<&str> = comments.split_inclusive('\n').collect();
            let kept = lines.iter().rposition(reaches_on).map_or(0, |last| last + 1);
            let kept = lines[..kept].iter().map(|line| line.len()).sum::<usize>();
            self.remove_lines(&(block.span.start + kept..block.span.end));
        }
    }

    /// Puts lines in front of all others: behind a byte order mark and a line that names a program.
    pub(super) fn begin_with(&mut self, lines: &str) {
        let mut at = if self.bytes.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
        if self.bytes[at..].starts_with(b"#!") {
            at = self.bytes[at..].iter().position(|byte| *byte == b'\n').map_or(self.bytes.len(), |end| at + end + 1);
        }
        let newline = self.newline();
        let mut text = lines.replace('\n', newline);
        if at > 0 && self.bytes[at - 1] != b'\n' && at != 3 {
            text.insert_str(0, newline);
        }
        self.put(at..at, text.as_bytes());
    }

    /// Puts lines behind all others, which end with a line end then.
    pub(super) fn append(&mut self, lines: &str) {
        let newline = self.newline();
        let is_open = !self.bytes.is_empty() && !self.bytes.ends_with(b"\n");
        let text = format!("{}{}", if is_open { newline } else { "" }, lines.replace('\n', newline));
        let end = self.bytes.len();
        self.put(end..end, text.as_bytes());
    }

    /// Puts bytes where others were, in many places, which follow one another.
    pub(super) fn exchange_all(&mut self, edits: Vec<(Span, Vec<u8>)>) {
        let mut bytes = Vec::with_capacity(self.bytes.len() + edits.iter().map(|(_, more)| more.len()).sum::<usize>());
        let mut at = 0;
        for (span, more) in edits {
            bytes.extend_from_slice(&self.bytes[at..span.start]);
            bytes.extend(more);
            at = span.end;
        }
        bytes.extend_from_slice(&self.bytes[at..]);
        self.bytes = bytes;
    }

    /// Takes bytes out.
    pub(super) fn cut(&mut self, span: Span) {
        self.put(span, b"");
    }

    fn put(&mut self, span: Span, bytes: &[u8]) {
        self.bytes.splice(span, bytes.iter().copied());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(text: &str) -> Draft {
        Draft::new(text.as_bytes(), Dialect::Default)
    }

    fn text(draft: Draft) -> String {
        String::from_utf8(draft.bytes).unwrap()
    }

    #[test]
    fn only_the_value_changes() {
        let cases = [
            ("A=1\nB=2\n", "A=x\nB=2\n"),
            (
                "\u{feff}# c\r\n  export A = \"1\"\t # why\r\n\r\nB=2",
                "\u{feff}# c\r\n  export A = x\t # why\r\n\r\nB=2",
            ),
            ("A=\nB=2\n", "A=x\nB=2\n"),
            ("A=", "A=x"),
            ("A\nB=2\n", "A=x\nB=2\n"),
            ("A= # c\n", "A=x # c\n"),
        ];
        for (before, after) in cases {
            let mut draft = draft(before);
            let found = draft.find("A").pop().unwrap();
            draft.replace(&found.entry, "x");
            assert_eq!(text(draft), after, "{before:?}");
        }
    }

    #[test]
    fn new_entries_go_to_the_end_or_below_the_comment_that_shows_them() {
        let cases = [
            ("", "A=x\n"),
            ("B=2\n", "B=2\nA=x\n"),
            ("B=2", "B=2\nA=x"),
            ("B=2\r\n", "B=2\r\nA=x\r\n"),
            ("\u{feff}", "\u{feff}A=x\n"),
            ("# A=old\nB=2\n", "# A=old\nA=x\nB=2\n"),
            ("#export A = old", "#export A = old\nA=x"),
            ("# AB=old\n", "# AB=old\nA=x\n"),
        ];
        for (before, after) in cases {
            let mut draft = draft(before);
            draft.add("A", "x");
            assert_eq!(text(draft), after, "{before:?}");
        }
    }

    #[test]
    fn an_entry_goes_with_its_line() {
        let cases = [
            ("A=1\nB=2\n", "B=2\n"),
            ("B=2\n  export A=\"x\ny\" # c\r\nC=3\n", "B=2\nC=3\n"),
            ("B=2\nA=1", "B=2"),
            ("B=2\r\nA=1", "B=2"),
            ("A=1", ""),
            ("\u{feff}A=1\r\nB=2\r\n", "\u{feff}B=2\r\n"),
        ];
        for (before, after) in cases {
            let mut draft = draft(before);
            let found = draft.find("A").pop().unwrap();
            draft.remove(&found.entry);
            assert_eq!(text(draft), after, "{before:?}");
        }
    }

    #[test]
    fn all_entries_of_a_name_go() {
        for (before, after) in [
            ("A=1\nB=2\nA=3\nB=4\n", "B=2\nB=4\n"),
            ("B=2\nA=1\nA=3", "B=2"),
            ("A=1\nC=2\nA=3", "C=2"),
            ("A=1", ""),
            ("# of A\n# more\nA=1\n# of B\nB=2\n", "# of B\nB=2\n"),
            ("# file\n\n# of A\r\nA=1\r\n\nB=2", "# file\n\n\nB=2"),
            (
                "#!/bin/sh\n# of A\nA=1\n# prodev:off lowercase-key\n# a\nA=2\nb=1\n",
                "#!/bin/sh\n# prodev:off lowercase-key\nb=1\n",
            ),
        ] {
            let mut draft = draft(before);
            draft.remove_all(|name| name == "A");
            assert_eq!(text(draft), after, "{before:?}");
        }
    }

    #[test]
    fn lines_in_front_leave_marks_where_they_are() {
        for (before, after) in [
            ("A=1\n", "# h\nA=1\n"),
            ("", "# h\n"),
            ("\u{feff}A=1\r\n", "\u{feff}# h\r\nA=1\r\n"),
            ("#!/bin/sh\nA=1\n", "#!/bin/sh\n# h\nA=1\n"),
            ("#!/bin/sh", "#!/bin/sh\n# h\n"),
        ] {
            let mut draft = draft(before);
            draft.begin_with("# h\n");
            assert_eq!(text(draft), after, "{before:?}");
        }
    }
}
