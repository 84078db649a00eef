//! Files that are a shell's assignments. Anything else that a shell would do (commands, lists, redirections) is broken here.

use super::super::syntax::{Entry, Item, Quote, Value, Why};
use super::Lexer;

impl Lexer<'_> {
    pub(super) fn words(&mut self) {
        // Whether an assignment stands before, in the same line: a `;` ends one, and nothing else.
        let mut is_after = false;
        loop {
            let from = self.at;
            self.at = self.skip(self.at, |found| matches!(found, ' ' | '\t' | '\n'));
            let start = self.at;
            is_after &= !self.source[from..start].contains(&b'\n');
            let Some(first) = self.byte(start) else { return };
            if first == b';' && is_after {
                (self.at, is_after) = (start + 1, false);
                continue;
            }
            if first == b'#' {
                let comment = self.comment(start);
                self.push(Item::Comment(comment));
                continue;
            }
            let mut entry = Entry::default();
            let word = start + "export".len();
            if self.source[start..].starts_with(b"export") && self.skip_inner_blanks(word) > word {
                entry.export = Some(start..word);
                self.at = self.skip_inner_blanks(word);
            }
            match self.word_entry(&mut entry) {
                Ok(()) => {
                    is_after = true;
                    self.entry(entry, start);
                }
                Err(why) => {
                    // What nothing closes takes all that follows with it, for a shell too.
                    let is_open = why == Why::Unterminated;
                    self.at = if is_open { self.source.len() } else { self.line_end(self.at) };
                    self.broken(start..self.at, why);
                }
            }
        }
    }

    fn word_entry(&mut self, entry: &mut Entry) -> Result<(), Why> {
        let first = self.character(self.at).filter(|(found, _)| self.starts_key(*found));
        if first.is_none() {
            return Err(if self.byte(self.at) == Some(b'=') { Why::NoKey } else { Why::Line });
        }
        let end = self.skip(self.at, |found| self.is_of_key(found));
        entry.key = self.at..end;
        self.at = end;
        if self.byte(end) != Some(b'=') {
            let ends = self.byte(end).is_none_or(|byte| matches!(byte, b'\n' | b';' | b' ' | b'\t'));
            return if ends && entry.export.is_some() { Ok(()) } else { Err(Why::Line) };
        }
        entry.separator = Some(end..end + 1);
        let from = end + 1;
        let to = self.word_end(from)?;
        let text = &self.source[from..to];
        let quote = text.first().copied().and_then(Quote::of).filter(|quote| {
            let last = text.len() - 1;
            let is_inside = |byte: &u8| Quote::of(*byte) == Some(*quote) || *byte == b'\\';
            *quote != Quote::Backtick && last > 0 && text[0] == text[last] && !text[1..last].iter().any(is_inside)
        });
        entry.value = Some(match quote {
            Some(quote) => Value { span: from..to, inner: from + 1..to - 1, quote },
            None if text.is_empty() => Value { span: from..to, inner: from..to, quote: Quote::None },
            None => Value { span: from..to, inner: from..to, quote: Quote::Mixed },
        });
        self.at = to;
        let next = self.skip_inner_blanks(to);
        if next > to && self.byte(next) == Some(b'#') {
            entry.comment = Some(self.comment(next));
        }
        Ok(())
    }

    /// Where the word that begins at `from` ends: before a blank, a line end or a `;` outside of quotes and braces.
    fn word_end(&self, from: usize) -> Result<usize, Why> {
        let mut at = from;
        let mut braces = 0_usize;
        let mut is_double = false;
        while let Some(byte) = self.byte(at) {
            match byte {
                b'\\' => at += 1,
                b'\'' if !is_double => {
                    let length = self.source[at + 1..].iter().position(|byte| *byte == b'\'');
                    at += 1 + length.ok_or(Why::Unterminated)?;
                }
                b'"' => is_double = !is_double,
                b'$' if self.byte(at + 1) == Some(b'{') => {
                    braces += 1;
                    at += 1;
                }
                b'$' if self.byte(at + 1) == Some(b'(') => at = self.command_end(at + 2)?,
                b'`' => loop {
                    at += 1;
                    match self.byte(at).ok_or(Why::Unterminated)? {
                        b'\\' => at += 1,
                        b'`' => break,
                        _ => {}
                    }
                },
                b'}' if braces > 0 => braces -= 1,
                b' ' | b'\t' | b'\n' | b';' if !is_double && braces == 0 => return Ok(at),
                b'&' | b'|' | b'<' | b'>' | b'(' | b')' if !is_double && braces == 0 => return Err(Why::Line),
                _ => {}
            }
            at += 1;
        }
        if is_double || braces > 0 {
            return Err(Why::Unterminated);
        }
        Ok(at.min(self.source.len()))
    }

    /// The place of the parenthesis that closes a command which begins at `from`.
    fn command_end(&self, from: usize) -> Result<usize, Why> {
        let mut depth = 1_usize;
        let mut at = from;
        while let Some(byte) = self.byte(at) {
            match byte {
                b'\\' => at += 1,
                b'(' => depth += 1,
                b')' => {
                    depth -= 1;
                    if depth == 0 {
                        return Ok(at);
                    }
                }
                b'\'' => {
                    let length = self.source[at + 1..].iter().position(|byte| *byte == b'\'');
                    at += 1 + length.ok_or(Why::Unterminated)?;
                }
                _ => {}
            }
            at += 1;
        }
        Err(Why::Unterminated)
    }
}
