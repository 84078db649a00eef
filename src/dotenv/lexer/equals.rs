//! Files that are read from one `=` to the next, as Node does: the value begins behind all blanks, line ends included, and the next quote
//! of the same kind ends it, whatever stands before that.

use std::borrow::Cow;

use super::super::syntax::{Entry, Item, Quote, Span, Value, Why};
use super::Lexer;

/// The text without carriage returns, which this form does not see, and where its bytes stand in the file.
struct Text<'a> {
    bytes: Cow<'a, [u8]>,
    places: Option<Vec<usize>>,
}

impl<'a> Text<'a> {
    fn of(source: &'a [u8], from: usize) -> Self {
        if from == 0 && !source.contains(&b'\r') {
            return Self { bytes: Cow::Borrowed(source), places: None };
        }
        let places: Vec<usize> = (from..source.len()).filter(|at| source[*at] != b'\r').collect();
        Self { bytes: places.iter().map(|at| source[*at]).collect(), places: Some(places) }
    }

    fn place(&self, at: usize, end: usize) -> usize {
        self.places.as_ref().map_or(at, |places| places.get(at).copied().unwrap_or(end))
    }

    /// A span of the text as one of the file.
    fn span(&self, span: &Span, end: usize) -> Span {
        if span.is_empty() {
            let at = self.place(span.start, end);
            return at..at;
        }
        self.place(span.start, end)..self.place(span.end - 1, end) + 1
    }

    fn find(&self, byte: u8, from: usize) -> Option<usize> {
        self.bytes.get(from..)?.iter().position(|found| *found == byte).map(|found| from + found)
    }

    /// The same, before `to`: a line is not searched beyond its end, or a file is gone through once for each of its lines.
    fn find_before(&self, byte: u8, from: usize, to: usize) -> Option<usize> {
        self.bytes.get(from..to)?.iter().position(|found| *found == byte).map(|found| from + found)
    }

    fn skip(&self, from: usize) -> usize {
        let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n');
        from + self.bytes[from..].iter().take_while(|byte| is_blank(byte)).count()
    }

    fn trim(&self, span: Span) -> Span {
        let blank = |at: &usize| matches!(self.bytes[*at], b' ' | b'\t' | b'\n');
        let start = span.clone().find(|at| !blank(at)).unwrap_or(span.end);
        let end = (start..span.end).rev().find(|at| !blank(at)).map_or(start, |at| at + 1);
        start..end
    }
}

impl Lexer<'_> {
    pub(super) fn equals(&mut self) {
        let source = self.source;
        let text = Text::of(source, self.at);
        let end = text.trim(0..text.bytes.len()).end;
        let mut at = text.skip(0);
        while at < end {
            let line = text.find(b'\n', at).unwrap_or(end).min(end);
            match text.bytes[at] {
                b'\n' => at += 1,
                b'#' => {
                    self.push(Item::Comment(text.span(&(at..line), source.len())));
                    at = (line + 1).min(end);
                }
                _ => {
                    if let Some(equal) = text.find_before(b'=', at, line) {
                        at = self.assigned(&text, at, equal, end);
                    } else {
                        self.broken(text.span(&(at..line), source.len()), Why::NoSeparator);
                        at = if line < end { text.skip(line + 1).min(end) } else { end };
                    }
                }
            }
        }
    }

    /// One assignment; hands back where the next begins.
    fn assigned(&mut self, text: &Text, start: usize, equal: usize, end: usize) -> usize {
        let of_file = |span: &Span| text.span(span, self.source.len());
        let mut key = text.trim(start..equal);
        let mut entry = Entry::default();
        let first = key.start;
        let behind = equal + 1;
        entry.separator = Some(of_file(&(equal..behind)));
        let (span, inner, quote, next) = value(text, behind, end);
        // Where nothing at all stands behind `=`, the parser does not come to look for the word.
        if next.1 && text.bytes[key.clone()].starts_with(b"export ") {
            entry.export = Some(of_file(&(key.start..key.start + 6)));
            key = text.trim(key.start + 7..key.end);
        }
        if key.is_empty() && next.1 {
            // Reading goes on behind the separator and blanks, as if a line began there.
            self.broken(of_file(&(start..behind)), Why::NoKey);
            return text.skip(behind).min(end);
        }
        // A name that is nothing but blanks has its place before the separator.
        entry.key = if key.is_empty() {
            let at = of_file(&(equal..behind)).start;
            at..at
        } else {
            of_file(&key)
        };
        entry.value = Some(Value { span: of_file(&span), inner: of_file(&inner), quote });
        let line = text.find(b'\n', span.end).unwrap_or(end).min(end);
        let rest = text.trim(span.end..line);
        if !rest.is_empty() {
            let rest = of_file(&rest);
            if self.source[rest.start] == b'#' { entry.comment = Some(rest) } else { entry.junk = Some(rest) }
        }
        let from = if first < equal { of_file(&(first..equal)).start } else { of_file(&(equal..behind)).start };
        self.entry(entry, from);
        next.0
    }
}

/// The value behind a separator: its span, what is between its quotes, the quote, where reading goes on, and whether a name is needed.
fn value(text: &Text, behind: usize, end: usize) -> (Span, Span, Quote, (usize, bool)) {
    let nothing = |at: usize, next: usize, needs_name: bool| (at..at, at..at, Quote::None, (next, needs_name));
    if behind >= end || text.bytes[behind] == b'\n' {
        return nothing(behind, (behind + 1).min(end), false);
    }
    let at = text.skip(behind).min(end);
    if at >= end {
        return nothing(behind, end, true);
    }
    let line = text.find(b'\n', at).unwrap_or(end).min(end);
    if let Some(quote) = Quote::of(text.bytes[at]) {
        let Some(close) = text.find_before(text.bytes[at], at + 1, end) else {
            return (at..line, at..line, Quote::None, (text.skip((line + 1).min(end)).min(end), true));
        };
        let line = text.find(b'\n', close + 1).unwrap_or(end).min(end);
        return (at..close + 1, at + 1..close, quote, ((line + 1).min(end), true));
    }
    let comment = text.find_before(b'#', at, line).unwrap_or(line);
    let span = text.trim(at..comment);
    // Behind a value without quotes blanks are passed over, so that an indented comment is one; behind all else it is a name.
    (span.clone(), span, Quote::None, (text.skip((line + 1).min(end)).min(end), true))
}
