//! The lexer: cuts a file into items by the switches of a dialect. It never fails, never looks at values, and reads every byte a bounded
//! number of times.

mod characters;
mod equals;
mod lines;
mod search;
mod statements;
mod words;

use super::dialect::{Form, Mark, Newline, Rules, rules};
use super::syntax::{Broken, Document, Entry, Item, Span, Why};
use crate::config::environment::Dialect;

/// The mark that some editors put in front of UTF-8.
const MARK: &[u8] = b"\xEF\xBB\xBF";

/// Reads a file as `dialect` does.
pub(super) fn parse(source: &[u8], dialect: Dialect) -> Document<'_> {
    let mut lexer = Lexer { source, rules: rules(dialect), at: 0, items: Vec::new() };
    match std::str::from_utf8(source) {
        Err(error) if lexer.rules.utf8 => lexer.broken(error.valid_up_to()..source.len(), Why::Encoding),
        _ => lexer.all(),
    }
    lexer.fill(source.len());
    Document { source, items: lexer.items }
}

struct Lexer<'a> {
    source: &'a [u8],
    rules: &'static Rules,
    at: usize,
    items: Vec<Item>,
}

impl Lexer<'_> {
    fn all(&mut self) {
        if self.rules.mark == Mark::Skipped && self.source.starts_with(MARK) {
            self.items.push(Item::Mark(0..MARK.len()));
            self.at = MARK.len();
        }
        match self.rules.form {
            Form::Statements => self.statements(),
            Form::Bindings => self.bindings(),
            Form::Search => self.search(),
            Form::Equals => self.equals(),
            Form::Raw => self.raw_lines(),
            Form::Pattern => self.pattern_lines(),
            Form::Logical => self.logical_lines(),
            Form::Words => self.words(),
        }
    }

    /// Adds an item; what lies between it and the last one is space.
    fn push(&mut self, item: Item) {
        self.fill(item.span().start);
        self.items.push(item);
    }

    fn fill(&mut self, to: usize) {
        let from = self.items.last().map_or(0, |item| item.span().end);
        if from < to {
            self.items.push(Item::Space(from..to));
        }
    }

    fn broken(&mut self, span: Span, why: Why) {
        self.push(Item::Broken(Broken { span, why }));
    }

    fn entry(&mut self, mut entry: Entry, start: usize) {
        let value = entry.value.as_ref().map_or(start, |value| value.span.end);
        let ends = [&entry.export, &entry.separator, &entry.junk, &entry.comment].into_iter().flatten();
        let end = ends.map(|span| span.end).max().unwrap_or(start).max(value).max(entry.key.end);
        entry.span = start..end;
        self.push(Item::Entry(entry));
    }

    /// A comment from `at` on, up to the end of its line.
    fn comment(&mut self, at: usize) -> Span {
        self.at = self.line_end(at);
        let mut end = self.at;
        while self.rules.newline != Newline::Any && end > at && self.source[end - 1] == b'\r' {
            end -= 1;
        }
        at..end
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::syntax::Quote;
    use super::*;

    pub(super) const ALL: [Dialect; 11] = [
        Dialect::Default,
        Dialect::Compose,
        Dialect::Dotenv,
        Dialect::DotenvExpand,
        Dialect::Dotenvx,
        Dialect::Python,
        Dialect::Node,
        Dialect::Docker,
        Dialect::Dotenvy,
        Dialect::Direnv,
        Dialect::Sh,
    ];

    fn check(source: &[u8]) {
        for dialect in ALL {
            let document = parse(source, dialect);
            assert_eq!(document.print(), source, "{dialect:?}");
            let mut at = 0;
            for item in &document.items {
                assert_eq!(item.span().start, at, "{dialect:?}: a gap before {item:?}");
                assert!(item.span().end >= at, "{dialect:?}: {item:?}");
                at = item.span().end;
                if let Item::Entry(entry) = item {
                    ordered(entry, dialect);
                }
            }
        }
    }

    /// The parts stand one after another, inside of the whole.
    fn ordered(entry: &Entry, dialect: Dialect) {
        let value = entry.value.as_ref();
        let parts = [
            entry.export.as_ref(),
            Some(&entry.key),
            entry.separator.as_ref(),
            value.map(|value| &value.span),
            entry.junk.as_ref(),
            entry.comment.as_ref(),
        ];
        let mut at = entry.span.start;
        for part in parts.into_iter().flatten() {
            assert!(part.start >= at && part.end <= entry.span.end, "{dialect:?}: {entry:?}");
            at = part.end;
        }
        if let Some(value) = value {
            assert!(
                value.inner.start >= value.span.start && value.inner.end <= value.span.end,
                "{dialect:?}: {entry:?}"
            );
        }
    }

    #[test]
    fn an_entry_knows_its_parts() {
        let source = b"\xEF\xBB\xBF# top\r\n  export A = \"b c\" # why\nB=x #y\n";
        let document = parse(source, Dialect::Default);
        let parts: Vec<_> = document.entries().collect();
        let text = |span: &Span| document.text(span).into_owned();
        let first = parts[0];
        assert_eq!(text(first.export.as_ref().unwrap()), "export");
        assert_eq!((text(&first.key), text(first.separator.as_ref().unwrap())), ("A".into(), "=".into()));
        let value = first.value.as_ref().unwrap();
        assert_eq!(
            (text(&value.span), text(&value.inner), value.quote),
            ("\"b c\"".into(), "b c".into(), Quote::Double)
        );
        assert_eq!(text(first.comment.as_ref().unwrap()), "# why");
        assert_eq!(text(&parts[1].value.as_ref().unwrap().span), "x");
        assert_eq!(text(parts[1].comment.as_ref().unwrap()), "#y");
        assert!(matches!(document.items[..2], [Item::Mark(_), Item::Comment(_)]));
    }

    fn pieces() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            prop::sample::select(vec![
                "A", "B_1", "export", "=", ":", "'", "\"", "`", "#", " ", "\t", "\n", "\r\n", "\r", "\\", "$", "{",
                "}", "(", ")", "x", "é", "\u{feff}", "\u{2028}", "\u{a0}", "${A:-b}", "$(x)", ";", "\0",
            ])
            .prop_map(|text| text.as_bytes().to_vec()),
            prop::collection::vec(any::<u8>(), 1..3),
        ];
        prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn what_is_read_can_be_printed(source in pieces()) {
            check(&source);
        }

        #[test]
        fn any_bytes_can_be_read(source in prop::collection::vec(any::<u8>(), 0..200)) {
            check(&source);
        }
    }
}
