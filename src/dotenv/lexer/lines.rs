//! Files whose lines stand each for itself: docker's, which are taken as they are, direnv's, which one pattern reads, and dotenvy's, which
//! quotes and backslashes join.

use super::super::dialect::Newline;
use super::super::syntax::{Entry, Item, Quote, Value, Why};
use super::Lexer;

impl Lexer<'_> {
    /// Without quotes, comments behind values, or anything else.
    pub(super) fn raw_lines(&mut self) {
        while self.at < self.source.len() {
            let line = self.line_end(self.at);
            let is_long = self.rules.longest_line.is_some_and(|longest| line - self.at >= longest);
            let end = if line > self.at && self.source[line - 1] == b'\r' { line - 1 } else { line };
            // In front of a name all blanks go that Unicode has.
            let start = self.skip(self.at, |found| found.is_whitespace() && found != '\n').min(end);
            let key = self.skip(start, |found| self.is_of_key(found) && found != '\n').min(end);
            let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t');
            if is_long {
                self.broken(self.at..end, Why::TooLong);
            } else if self.byte(start) == Some(b'#') {
                self.push(Item::Comment(start..end));
            } else if start == key && start < end {
                self.broken(start..end, Why::NoKey);
            } else if self.source[start..key].iter().any(is_blank) {
                self.broken(start..end, Why::KeyBlank);
            } else if start < end {
                let mut entry = Entry { key: start..key, ..Entry::default() };
                if key < end {
                    entry.separator = Some(key..key + 1);
                    entry.value = Some(Value { span: key + 1..end, inner: key + 1..end, quote: Quote::None });
                }
                self.entry(entry, start);
            }
            self.at = (line + 1).min(self.source.len());
        }
    }

    pub(super) fn pattern_lines(&mut self) {
        while self.at < self.source.len() {
            let line = self.line_end(self.at);
            let start = self.skip_blanks(self.at).min(line);
            if self.byte(start) == Some(b'#') {
                self.push(Item::Comment(start..line));
            } else if start < line {
                match self.exported(start, line) {
                    Ok(entry) => self.entry(entry, start),
                    Err(why) => self.broken(start..line, why),
                }
            }
            self.at = (line + 1).min(self.source.len());
        }
    }

    fn exported(&self, start: usize, line: usize) -> Result<Entry, Why> {
        let word = start + "export".len();
        if self.source[start..line].starts_with(b"export") {
            let key = self.skip_blanks(word);
            if key > word
                && key < line
                && let Ok(entry) = self.matched(key, line)
            {
                return Ok(Entry { export: Some(start..word), ..entry });
            }
        }
        self.matched(start, line)
    }

    fn matched(&self, key: usize, line: usize) -> Result<Entry, Why> {
        let end = self.skip(key, |found| self.is_of_key(found)).min(line);
        if end == key {
            return Err(Why::Key);
        }
        let next = self.skip_blanks(end).min(line);
        let separator = match (self.byte(next), self.byte(end)) {
            (Some(b'='), _) if next < line => next,
            (_, Some(b':')) if end < line && self.skip_blanks(end + 1).min(line) > end + 1 => end,
            _ if next == line => return Err(Why::NoSeparator),
            _ => return Err(Why::Key),
        };
        let from = self.skip_blanks(separator + 1).min(line);
        let is_rest = |at: usize| {
            let next = self.skip_blanks(at).min(line);
            (next == line || self.source[next] == b'#').then_some(next)
        };
        let quote = self.byte(from).filter(|byte| from < line && self.rules.quotes.contains(byte));
        // The last quote on the line that only a comment follows; any other is a part of the value.
        let close = quote.and_then(|quote| {
            (from + 1..line).rev().filter(|at| self.source[*at] == quote).find(|at| is_rest(at + 1).is_some())
        });
        let value = if let Some((quote, close)) = quote.and_then(Quote::of).zip(close) {
            Value { span: from..close + 1, inner: from + 1..close, quote }
        } else {
            let end = self.skip(from, |found| found != '#' && !self.is_blank(found)).min(line);
            let text = &self.source[from..end];
            let is_quoted = |byte: u8| text.len() > 1 && text[0] == byte && text[text.len() - 1] == byte;
            match text.first().copied().filter(|byte| self.rules.quotes.contains(byte) && is_quoted(*byte)) {
                Some(byte) => {
                    Value { span: from..end, inner: from + 1..end - 1, quote: Quote::of(byte).unwrap_or_default() }
                }
                None => Value { span: from..end, inner: from..end, quote: Quote::None },
            }
        };
        let rest = is_rest(value.span.end).ok_or(Why::ValueBlank)?;
        let comment = (rest < line).then_some(rest..line);
        Ok(Entry {
            key: key..end,
            separator: Some(separator..separator + 1),
            value: Some(value),
            comment,
            ..Entry::default()
        })
    }

    pub(super) fn logical_lines(&mut self) {
        while self.at < self.source.len() {
            let start = self.at;
            let Some((end, comment)) = self.logical_line() else {
                self.at = self.source.len();
                return self.broken(start..self.at, Why::Unterminated);
            };
            let line = self.line_end(comment.unwrap_or(end).max(start));
            let next = self.after_line_end(line).unwrap_or(line).max(self.at);
            let first = self.skip_blanks(start).min(end);
            if self.byte(first) == Some(b'#') && first < end {
                let end = self.trim_carriage(first, line);
                self.push(Item::Comment(first..end));
            } else if first < end {
                match self.logical_entry(first, end) {
                    Ok(entry) => {
                        let comment = comment.map(|at| at..self.trim_carriage(at, line));
                        self.entry(Entry { comment, ..entry }, first);
                    }
                    Err(why) => self.broken(first..end, why),
                }
            } else if let Some(comment) = comment {
                let end = self.trim_carriage(comment, line);
                self.push(Item::Comment(comment..end));
            }
            self.at = next;
        }
    }

    fn trim_carriage(&self, start: usize, mut end: usize) -> usize {
        while self.rules.newline == Newline::Feed && end > start && self.source[end - 1] == b'\r' {
            end -= 1;
        }
        end
    }

    /// Where a line that quotes may carry on ends, and where its comment begins; moves behind it. Nothing where the file ends before.
    fn logical_line(&mut self) -> Option<(usize, Option<usize>)> {
        let start = self.at;
        let first = self.skip_blanks(start);
        let line = self.line_end(start);
        if first < line && self.source[first] == b'#' {
            self.at = (line + 1).min(self.source.len());
            return Some((line, None));
        }
        let mut state = State::Plain;
        let mut at = start;
        while let Some((found, length)) = self.character(at) {
            state = match (state, found) {
                (State::Blank, '#') => {
                    self.at = (self.line_end(at) + 1).min(self.source.len());
                    return Some((at, Some(at)));
                }
                (State::Plain | State::Blank, '\\') => State::Escape,
                (State::Plain | State::Blank, '"') => State::Quoted('"'),
                (State::Plain | State::Blank, '\'') => State::Quoted('\''),
                (State::Plain, found) if self.is_blank(found) && !matches!(found, '\n' | '\r') => State::Blank,
                (State::Plain | State::Blank | State::Escape, _) => State::Plain,
                (State::Quoted(quote), '\\') => State::QuotedEscape(quote),
                (State::Quoted(quote), found) if quote == found => State::Plain,
                (State::Quoted(quote) | State::QuotedEscape(quote), _) => State::Quoted(quote),
            };
            at += length;
            if found == '\n' && state == State::Plain {
                self.at = at;
                return Some((at - 1, None));
            }
        }
        self.at = at;
        (state == State::Plain).then_some((at, None))
    }

    fn logical_entry(&self, first: usize, end: usize) -> Result<Entry, Why> {
        let end = self.trim_end(first, end);
        let mut entry = Entry::default();
        let mut key = self.name(first, end)?;
        let mut next = self.skip_blanks(key.end).min(end);
        if &self.source[key.clone()] == b"export" && (next == end || self.source[next] != b'=') {
            entry.export = Some(key);
            key = self.name(next, end)?;
            next = self.skip_blanks(key.end).min(end);
        }
        entry.key = key;
        if next == end {
            return Err(Why::NoSeparator);
        }
        if self.source[next] != b'=' {
            return Err(Why::Key);
        }
        entry.separator = Some(next..next + 1);
        let from = self.skip_blanks(next + 1).min(end);
        let is_empty = from == end || self.source[from] == b'#';
        let value = if is_empty { from..from } else { from..end };
        let text = &self.source[value.clone()];
        // One pair of quotes around all of it is told apart, so that an edit can keep them.
        let whole = text.first().copied().and_then(Quote::of).filter(|_| {
            text.len() > 1
                && !text[1..text.len() - 1].iter().any(|byte| matches!(byte, b'\\' | b'\'' | b'"'))
                && text.first() == text.last()
                && text[0] != b'`'
        });
        entry.value = Some(match whole {
            Some(quote) => Value { inner: value.start + 1..value.end - 1, span: value, quote },
            None => {
                Value { inner: value.clone(), span: value, quote: if is_empty { Quote::None } else { Quote::Mixed } }
            }
        });
        Ok(entry)
    }

    fn name(&self, from: usize, end: usize) -> Result<std::ops::Range<usize>, Why> {
        let is_name = self.character(from).is_some_and(|(found, _)| from < end && self.starts_key(found));
        if !is_name {
            return Err(if self.byte(from) == Some(b'=') { Why::NoKey } else { Why::Key });
        }
        Ok(from..self.skip(from, |found| self.is_of_key(found)).min(end))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Plain,
    /// Behind a blank: a `#` begins a comment.
    Blank,
    Escape,
    Quoted(char),
    QuotedEscape(char),
}
