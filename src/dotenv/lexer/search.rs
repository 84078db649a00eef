//! Files that are searched for assignments, as dotenv and its relatives do with one regular expression. Blanks around `=` may be line ends
//! there, and a quote counts only if its line ends behind the closing one.

use super::super::syntax::{Entry, Item, Quote, Span, Value, Why};
use super::Lexer;

impl Lexer<'_> {
    pub(super) fn search(&mut self) {
        loop {
            self.at = self.skip_blanks(self.at);
            match self.byte(self.at) {
                None => return,
                Some(b'#') => {
                    let end = self.text_end(self.at);
                    self.push(Item::Comment(self.at..end));
                    self.at = end;
                }
                Some(_) => {
                    let start = self.at;
                    if let Some(entry) = self.assignment(start) {
                        self.entry(entry, start);
                    } else {
                        self.at = self.text_end(start);
                        self.broken(start..self.at, Why::Line);
                    }
                    // What follows on the same line is no line of its own.
                    let rest = self.text_end(self.at);
                    if self.skip_inner_blanks(self.at) < rest {
                        self.broken(self.at..rest, Why::AfterQuote);
                    }
                    self.at = rest;
                }
            }
        }
    }

    /// Where the line of `at` ends for this form: JavaScript knows two more line ends.
    fn text_end(&self, at: usize) -> usize {
        self.skip(at, |found| !matches!(found, '\n' | '\r' | '\u{2028}' | '\u{2029}'))
    }

    fn assignment(&mut self, start: usize) -> Option<Entry> {
        let word = start + "export".len();
        if self.source[start..].starts_with(b"export") {
            let key = self.skip_blanks(word);
            let found = if key > word { self.assignment_from(key) } else { None };
            if let Some(entry) = found {
                return Some(Entry { export: Some(start..word), ..entry });
            }
        }
        self.assignment_from(start)
    }

    fn assignment_from(&mut self, key: usize) -> Option<Entry> {
        let end = self.skip(key, |found| self.is_of_key(found));
        if end == key {
            return None;
        }
        let next = self.skip_blanks(end);
        let (separator, behind) = if self.byte(next) == Some(b'=') {
            (next..next + 1, next + 1)
        } else if self.byte(end) == Some(b':') {
            let (found, length) = self.character(end + 1)?;
            if !self.is_blank(found) {
                return None;
            }
            (end..end + 1, self.after_line_end(end + 1).unwrap_or(end + 1 + length))
        } else {
            return None;
        };
        let mut entry = Entry { key: key..end, separator: Some(separator), ..Entry::default() };
        let opening = self.skip_blanks(behind);
        let quoted = self.byte(opening).filter(|byte| self.rules.quotes.contains(byte)).and_then(Quote::of);
        let closed = quoted.and_then(|quote| Some((quote, self.closed_by_line(opening)?)));
        let value_end = if let Some((quote, end)) = closed {
            entry.value = Some(Value { span: opening..end + 1, inner: opening + 1..end, quote });
            end + 1
        } else {
            let end = self.skip(behind, |found| !matches!(found, '#' | '\n' | '\r'));
            entry.value = Some(self.unquoted(behind, end));
            end
        };
        self.at = value_end;
        let next = self.skip_inner_blanks(value_end);
        if self.byte(next) == Some(b'#') {
            self.at = self.text_end(next);
            entry.comment = Some(next..self.at);
        }
        Some(entry)
    }

    /// The last quote that can close the one at `opening`: up to the first without a backslash before it, with nothing but a comment
    /// behind it on its line.
    fn closed_by_line(&self, opening: usize) -> Option<usize> {
        let quote = self.source[opening];
        let mut last = None;
        let mut at = opening + 1;
        loop {
            at += self.source.get(at..)?.iter().position(|byte| *byte == quote).unwrap_or(self.source.len());
            if at >= self.source.len() {
                return last;
            }
            let next = self.skip_inner_blanks(at + 1);
            let ends = self
                .character(next)
                .is_none_or(|(found, _)| matches!(found, '#' | '\n' | '\r' | '\u{2028}' | '\u{2029}'));
            if ends {
                last = Some(at);
            }
            if self.source[at - 1] != b'\\' || at == opening + 1 {
                return last;
            }
            at += 1;
        }
    }

    /// The text between, without blanks around it, and without quotes if the first and the last character are the same one.
    fn unquoted(&self, from: usize, end: usize) -> Value {
        let start = self.skip_blanks(from).min(end);
        let end = self.trim_end(start, end);
        let text = &self.source[start..end];
        let quote = text.first().filter(|first| text.len() > 1 && text.last() == Some(first));
        let quote = quote.filter(|quote| self.rules.quotes.contains(quote)).and_then(|quote| Quote::of(*quote));
        let span: Span = start..end;
        match quote {
            Some(quote) => Value { inner: start + 1..end - 1, span, quote },
            None => Value { inner: span.clone(), span, quote: Quote::None },
        }
    }
}
