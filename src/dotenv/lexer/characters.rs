//! What the lexer asks of single characters: blanks, line ends, and whether a name can have them.

use super::super::dialect::{Blank, Key, Newline};
use super::Lexer;

impl Lexer<'_> {
    /// The character at `at` and how many bytes it has; a byte that is no UTF-8 is U+FFFD.
    pub(super) fn character(&self, at: usize) -> Option<(char, usize)> {
        let first = *self.source.get(at)?;
        if first.is_ascii() {
            return Some((char::from(first), 1));
        }
        let length = match first {
            0xC0..=0xDF => 2,
            0xE0..=0xEF => 3,
            _ => 4,
        };
        let bytes = self.source.get(at..at + length).and_then(|bytes| std::str::from_utf8(bytes).ok());
        Some(bytes.and_then(|text| text.chars().next()).map_or(('\u{fffd}', 1), |found| (found, length)))
    }

    pub(super) fn byte(&self, at: usize) -> Option<u8> {
        self.source.get(at).copied()
    }

    /// Whether `found` is a blank; line ends are among them.
    pub(super) fn is_blank(&self, found: char) -> bool {
        match self.rules.blank {
            Blank::Go | Blank::Unicode => found.is_whitespace(),
            Blank::Python => found.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&found),
            Blank::JavaScript => (found.is_whitespace() && found != '\u{85}') || found == '\u{feff}',
            Blank::Plain => matches!(found, ' ' | '\t' | '\n'),
            Blank::Regular => matches!(found, ' ' | '\t' | '\n' | '\r' | '\u{c}'),
        }
    }

    /// Whether `found` is a blank that does not end a line.
    pub(super) fn is_inner_blank(&self, found: char) -> bool {
        match self.rules.blank {
            Blank::Go => matches!(found, '\t' | '\u{b}' | '\u{c}' | '\r' | ' ' | '\u{85}' | '\u{a0}'),
            Blank::JavaScript => self.is_blank(found) && !matches!(found, '\n' | '\r' | '\u{2028}' | '\u{2029}'),
            _ => self.is_blank(found) && found != '\n' && (found != '\r' || self.rules.newline == Newline::Feed),
        }
    }

    /// The first place from `at` on whose character is not `wanted`.
    pub(super) fn skip(&self, mut at: usize, wanted: impl Fn(char) -> bool) -> usize {
        while let Some((_, length)) = self.character(at).filter(|(found, _)| wanted(*found)) {
            at += length;
        }
        at
    }

    pub(super) fn skip_blanks(&self, at: usize) -> usize {
        self.skip(at, |found| self.is_blank(found))
    }

    pub(super) fn skip_inner_blanks(&self, at: usize) -> usize {
        self.skip(at, |found| self.is_inner_blank(found))
    }

    /// Where the line that `at` is in ends: at its line end, or at the end of the file.
    pub(super) fn line_end(&self, at: usize) -> usize {
        let ends = |byte: &u8| *byte == b'\n' || (*byte == b'\r' && self.rules.newline == Newline::Any);
        self.source[at..].iter().position(ends).map_or(self.source.len(), |found| at + found)
    }

    /// The place after the line end at `at`, if there is one.
    pub(super) fn after_line_end(&self, at: usize) -> Option<usize> {
        match (self.byte(at)?, self.byte(at + 1)) {
            (b'\n', _) => Some(at + 1),
            (b'\r', Some(b'\n')) if self.rules.newline == Newline::Any => Some(at + 2),
            (b'\r', _) if self.rules.newline == Newline::Any => Some(at + 1),
            _ => None,
        }
    }

    /// Where the blanks before `end` begin; not before `start`.
    pub(super) fn trim_end(&self, start: usize, end: usize) -> usize {
        let mut at = end;
        while at > start {
            let mut before = at - 1;
            while before > start && at - before < 4 && self.source[before] & 0xC0 == 0x80 {
                before -= 1;
            }
            match self.character(before) {
                Some((found, length)) if before + length == at && self.is_blank(found) => at = before,
                _ => break,
            }
        }
        at
    }

    /// Whether a name can have `found` after its first character.
    pub(super) fn is_of_key(&self, found: char) -> bool {
        match self.rules.key {
            Key::Strict => found.is_ascii_alphanumeric() || matches!(found, '_' | '.' | '-'),
            Key::Compose => found.is_alphanumeric() || matches!(found, '_' | '.' | '-' | '[' | ']'),
            Key::Word => found.is_ascii_alphanumeric() || matches!(found, '_' | '.' | '-'),
            Key::Dotted | Key::WordWithoutDash => found.is_ascii_alphanumeric() || matches!(found, '_' | '.'),
            Key::Shell => found.is_ascii_alphanumeric() || found == '_',
            Key::Python => !matches!(found, '=' | '#') && !self.is_blank(found),
            Key::Anything => found != '=',
        }
    }

    /// Whether a name can begin with `found`.
    pub(super) fn starts_key(&self, found: char) -> bool {
        match self.rules.key {
            Key::Strict | Key::Dotted | Key::Shell => found.is_ascii_alphabetic() || found == '_',
            _ => self.is_of_key(found),
        }
    }

    /// Where the value that a quote at `at` opens is closed, if it is: backslashes keep the character after them from closing it.
    pub(super) fn closing(&self, at: usize) -> Option<usize> {
        let quote = self.source[at];
        let mut place = at + 1;
        while let Some(byte) = self.byte(place) {
            match byte {
                b'\\' => place += 2,
                byte if byte == quote => return Some(place),
                _ => place += 1,
            }
        }
        None
    }
}
