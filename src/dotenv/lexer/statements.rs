//! Files that are read statement by statement: compose's, its strict form, and python's, whose reading goes on after a broken line.

use super::super::dialect::{Colon, Comment, Junk, Key};
use super::super::syntax::{Entry, Item, Quote, Span, Value, Why};
use super::Lexer;

impl Lexer<'_> {
    pub(super) fn statements(&mut self) {
        loop {
            self.at = self.skip_blanks(self.at);
            match self.byte(self.at) {
                None => return,
                Some(b'#') => {
                    let comment = self.comment(self.at);
                    self.push(Item::Comment(comment));
                }
                Some(_) => self.statement(),
            }
        }
    }

    fn statement(&mut self) {
        let start = self.at;
        let mut entry = Entry { export: self.export(), ..Entry::default() };
        let key = self.at;
        let (end, why) = self.end_of_key(key);
        if let Some(why) = why {
            return self.break_line(start, why);
        }
        match self.byte(end) {
            None if self.rules.key == Key::Compose => {
                // The last line without `=` and without a line end: the parser takes all of it for the value of a name that is empty.
                entry.key = key..key;
                entry.separator = Some(key..key);
                self.at = key;
                return self.statement_value(entry, start);
            }
            None | Some(b'\n') => entry.key = key..self.trim_end(key, end),
            Some(_) => {
                entry.key = key..self.trim_end(key, end);
                entry.separator = Some(end..end + 1);
            }
        }
        if let Some(why) = self.wrong_key(&entry.key) {
            return self.break_line(start, why);
        }
        self.at = (end + 1).min(self.source.len());
        if entry.separator.is_none() {
            return self.entry(entry, start);
        }
        self.statement_value(entry, start);
    }

    /// The word `export` in front of a name; moves behind it and its blanks.
    fn export(&mut self) -> Option<Span> {
        let end = self.at + "export".len();
        let is_word = self.rules.export
            && self.source[self.at..].starts_with(b"export")
            && matches!(self.byte(end), Some(b' ' | b'\t' | b'\r' | b'\n' | b'\x0c'));
        if !is_word {
            return None;
        }
        let span = self.at..end;
        self.at = self.skip_inner_blanks(end);
        Some(span)
    }

    /// Where what separates the name from the value stands, or the line or file ends; or why there is no name.
    fn end_of_key(&self, key: usize) -> (usize, Option<Why>) {
        let mut at = key;
        while let Some((found, length)) = self.character(at) {
            match found {
                '=' | '\n' => return (at, None),
                ':' if self.rules.colon == Colon::Always => return (at, None),
                ':' => {
                    let is_followed = self.character(at + 1).is_none_or(|(next, _)| self.is_blank(next));
                    return (at, (!is_followed).then_some(Why::Colon));
                }
                found if self.is_inner_blank(found) || self.is_of_key(found) => at += length,
                _ => return (at, Some(Why::Key)),
            }
        }
        (at, None)
    }

    fn wrong_key(&self, key: &Span) -> Option<Why> {
        let text = &self.source[key.clone()];
        if self.rules.key == Key::Compose {
            return text.contains(&b' ').then_some(Why::KeyBlank);
        }
        let Some((first, _)) = self.character(key.start).filter(|_| !key.is_empty()) else { return Some(Why::NoKey) };
        if !self.starts_key(first) {
            return Some(Why::Key);
        }
        (self.skip(key.start, |found| self.is_of_key(found)) < key.end).then_some(Why::KeyBlank)
    }

    /// Everything from `start` to the end of the line is broken.
    fn break_line(&mut self, start: usize, why: Why) {
        self.at = self.line_end(self.at.max(start));
        self.broken(start..self.at, why);
    }

    fn statement_value(&mut self, mut entry: Entry, start: usize) {
        let behind = self.at;
        self.at = self.skip_inner_blanks(self.at);
        let quote = self.byte(self.at).filter(|byte| self.rules.quotes.contains(byte)).and_then(Quote::of);
        let Some(quote) = quote else {
            self.bare_value(&mut entry, behind);
            return self.entry(entry, start);
        };
        let Some(end) = self.closing(self.at) else { return self.break_line(start, Why::Unterminated) };
        entry.value = Some(Value { span: self.at..end + 1, inner: self.at + 1..end, quote });
        self.at = end + 1;
        let next = self.skip_inner_blanks(self.at);
        match self.byte(next) {
            Some(b'#') => entry.comment = Some(self.comment(next)),
            None | Some(b'\n') => {}
            Some(_) if self.rules.junk == Junk::Statement => {}
            Some(_) => return self.break_line(start, Why::AfterQuote),
        }
        self.entry(entry, start);
    }

    /// A value without quotes, which ends with its line or before its comment. `behind` is the place behind the separator.
    fn bare_value(&mut self, entry: &mut Entry, behind: usize) {
        let (from, line) = (self.at, self.line_end(self.at));
        let is_comment = |at: &usize| {
            if self.source[*at] != b'#' {
                return false;
            }
            match self.rules.comment {
                Comment::AfterSpace => *at > from && self.source[at - 1] == b' ',
                _ => *at > behind && matches!(self.source[at - 1], b' ' | b'\t'),
            }
        };
        let comment = (from..line).find(is_comment);
        let end = self.trim_end(from, comment.unwrap_or(line));
        entry.value = Some(Value { span: from..end, inner: from..end, quote: Quote::None });
        self.at = line;
        entry.comment = comment.map(|at| self.comment(at));
    }

    pub(super) fn bindings(&mut self) {
        loop {
            self.at = self.skip_blanks(self.at);
            let start = self.at;
            if start >= self.source.len() {
                return;
            }
            let mut entry = Entry::default();
            match self.binding(&mut entry) {
                Ok(()) if entry.key.is_empty() && entry.export.is_none() => {
                    if let Some(comment) = entry.comment {
                        self.push(Item::Comment(comment));
                    }
                }
                Ok(()) if entry.key.is_empty() => self.broken(start..self.at, Why::NoKey),
                Ok(()) => self.entry(entry, start),
                Err(why) => {
                    self.at = self.line_end(self.at);
                    self.broken(start..self.at, why);
                    self.at = self.after_line_end(self.at).unwrap_or(self.at);
                }
            }
        }
    }

    /// One binding. Where it fails, the place stays at what could not be read.
    fn binding(&mut self, entry: &mut Entry) -> Result<(), Why> {
        let word = self.at + "export".len();
        if self.source[self.at..].starts_with(b"export") && self.skip_inner_blanks(word) > word {
            entry.export = Some(self.at..word);
            self.at = self.skip_inner_blanks(word);
        }
        match self.byte(self.at) {
            Some(b'#') => {
                entry.key = self.at..self.at;
                entry.comment = Some(self.comment(self.at));
                return Ok(());
            }
            Some(b'\'') => {
                let from = self.at + 1;
                let length = self.source[from..].iter().position(|byte| *byte == b'\'');
                let length = length.filter(|length| *length > 0).ok_or(Why::Unterminated)?;
                entry.key = from..from + length;
                self.at = from + length + 1;
            }
            _ => {
                let end = self.skip(self.at, |found| self.is_of_key(found));
                entry.key = self.at..end;
                self.at = end;
                if entry.key.is_empty() {
                    return Err(Why::NoKey);
                }
            }
        }
        self.at = self.skip_inner_blanks(self.at);
        if self.byte(self.at) == Some(b'=') {
            entry.separator = Some(self.at..self.at + 1);
            self.at += 1;
            self.binding_value(entry)?;
        }
        if entry.comment.is_some() {
            return Ok(());
        }
        let next = self.skip_inner_blanks(self.at);
        if self.byte(next) == Some(b'#') {
            entry.comment = Some(self.comment(next));
        } else if next < self.source.len() && self.after_line_end(next).is_none() {
            return Err(if entry.separator.is_some() { Why::AfterQuote } else { Why::Line });
        }
        Ok(())
    }

    fn binding_value(&mut self, entry: &mut Entry) -> Result<(), Why> {
        let behind = self.at;
        self.at = self.skip_inner_blanks(self.at);
        if let Some(byte @ (b'\'' | b'"')) = self.byte(self.at) {
            let end = self.closing(self.at).ok_or(Why::Unterminated)?;
            let quote = Quote::of(byte).unwrap_or_default();
            entry.value = Some(Value { span: self.at..end + 1, inner: self.at + 1..end, quote });
            self.at = end + 1;
        } else {
            let (from, line) = (self.at, self.line_end(self.at));
            let comment = self.comment_after_blank(behind, line);
            let end = self.trim_end(from, comment.unwrap_or(line)).max(from);
            entry.value = Some(Value { span: from..end, inner: from..end, quote: Quote::None });
            self.at = line;
            entry.comment = comment.map(|at| self.comment(at));
        }
        Ok(())
    }

    /// The first `#` in the line that a blank stands before.
    fn comment_after_blank(&self, from: usize, line: usize) -> Option<usize> {
        let mut is_behind_blank = false;
        let mut at = from;
        while at < line {
            let (found, length) = self.character(at)?;
            if found == '#' && is_behind_blank {
                return Some(at);
            }
            is_behind_blank = self.is_blank(found);
            at += length;
        }
        None
    }
}
