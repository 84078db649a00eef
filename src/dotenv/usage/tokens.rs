//! The words, signs and texts of a program, without its comments: enough to tell `getenv("X")` in code from the same in a comment or a text.

use std::borrow::Cow;

/// What a language writes comments and texts with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    Python,
    JavaScript,
    Rust,
    Go,
}

/// A part of a program.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token<'a> {
    /// A name, a keyword or a number.
    Word(&'a str),
    /// A text without anything in it that is computed.
    Text(Cow<'a, str>),
    /// A text with computed parts; these follow as tokens of their own, between two signs `\u{1}` and `\u{2}`.
    Mixed,
    Sign(u8),
}

/// A token and where it begins, in bytes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Placed<'a> {
    pub(super) token: Token<'a>,
    pub(super) at: usize,
}

/// Before and behind the computed part of a text.
pub(super) const OPEN: u8 = 1;
pub(super) const CLOSE: u8 = 2;

/// How deep computed parts may hold texts with computed parts.
const DEEPEST: usize = 8;

/// The tokens of `source`. What is no program of the language gives some tokens or other, and never an error.
pub(super) fn tokens(source: &str, language: Language) -> Vec<Placed<'_>> {
    let mut lexer = Lexer { source, language, at: 0, found: Vec::new(), depth: 0 };
    lexer.run(source.len());
    lexer.found
}

struct Lexer<'a> {
    source: &'a str,
    language: Language,
    at: usize,
    found: Vec<Placed<'a>>,
    depth: usize,
}

impl<'a> Lexer<'a> {
    fn run(&mut self, end: usize) {
        while self.at < end {
            self.step(end);
        }
    }

    fn rest(&self) -> &'a str {
        &self.source[self.at..]
    }

    fn byte(&self, ahead: usize) -> u8 {
        self.source.as_bytes().get(self.at + ahead).copied().unwrap_or_default()
    }

    fn push(&mut self, token: Token<'a>, at: usize) {
        self.found.push(Placed { token, at });
    }

    fn step(&mut self, end: usize) {
        let byte = self.byte(0);
        if byte.is_ascii_whitespace() {
            self.at += 1;
        } else if self.comment() {
            // Passed over.
        } else if is_word(byte) {
            self.word(end);
        } else if !self.text(0) {
            if byte == b'/' && self.language == Language::JavaScript && self.is_pattern() {
                self.pattern();
                return;
            }
            if self.language == Language::Rust && byte == b'\'' {
                self.quoted_character();
                return;
            }
            self.push(Token::Sign(byte), self.at);
            self.at += 1;
        }
    }

    /// A comment, if one begins here.
    fn comment(&mut self) -> bool {
        let rest = self.rest();
        let is_line = match self.language {
            Language::Python => rest.starts_with('#'),
            Language::JavaScript => rest.starts_with("//") || self.at == 0 && rest.starts_with("#!"),
            Language::Rust | Language::Go => rest.starts_with("//"),
        };
        if is_line {
            self.at += rest.find('\n').unwrap_or(rest.len());
            return true;
        }
        if self.language == Language::Python || !rest.starts_with("/*") {
            return false;
        }
        let bytes = rest.as_bytes();
        let (mut depth, mut at) = (1, 2);
        while at < bytes.len() && depth > 0 {
            match (bytes[at], bytes.get(at + 1)) {
                (b'*', Some(b'/')) => (depth, at) = (depth - 1, at + 1),
                (b'/', Some(b'*')) if self.language == Language::Rust => (depth, at) = (depth + 1, at + 1),
                _ => {}
            }
            at += 1;
        }
        self.at += at;
        true
    }

    /// A word; or the text that it is the prefix of.
    fn word(&mut self, _end: usize) {
        let start = self.at;
        let length = self.rest().bytes().position(|byte| !is_word(byte)).unwrap_or(self.rest().len());
        let word = &self.rest()[..length];
        let next = self.byte(length);
        let is_prefix = match self.language {
            Language::Python => {
                matches!(next, b'"' | b'\'') && length <= 2 && word.bytes().all(|byte| b"rRbBuUfFtT".contains(&byte))
            }
            Language::Rust => matches!(next, b'"' | b'#') && matches!(word, "r" | "b" | "br" | "c" | "cr"),
            Language::JavaScript | Language::Go => false,
        };
        if is_prefix && self.text(length) {
            return;
        }
        self.push(Token::Word(word), start);
        self.at = start + length;
    }

    /// A text, if one begins behind a prefix of this length.
    fn text(&mut self, prefix: usize) -> bool {
        let start = self.at;
        let before = &self.source[start..start + prefix];
        let is_raw = before.contains(['r', 'R']);
        let quote = self.byte(prefix);
        let open =
            match (self.language, quote) {
                (Language::Rust, b'#') if is_raw => {
                    let hashes = self.rest()[prefix..].bytes().take_while(|byte| *byte == b'#').count();
                    if self.byte(prefix + hashes) != b'"' {
                        return false;
                    }
                    let inside = start + prefix + hashes + 1;
                    let closing = format!("\"{}", "#".repeat(hashes));
                    self.plain(start, inside, &closing);
                    return true;
                }
                (Language::Rust, b'"') if is_raw => {
                    self.plain(start, start + prefix + 1, "\"");
                    return true;
                }
                (Language::Go, b'`') => {
                    self.plain(start, start + 1, "`");
                    return true;
                }
                (Language::Rust | Language::Go, b'"')
                | (Language::Go, b'\'')
                | (Language::JavaScript, b'"' | b'\'' | b'`') => 1,
                (Language::Python, b'"' | b'\'') => {
                    if self.byte(prefix + 1) == quote && self.byte(prefix + 2) == quote { 3 } else { 1 }
                }
                _ => return false,
            };
        let computed = match (self.language, quote) {
            (Language::Python, _) if before.contains(['f', 'F', 't', 'T']) => Some("{"),
            (Language::JavaScript, b'`') => Some("${"),
            _ => None,
        };
        let runs_on = open == 3 || quote == b'`' || self.language == Language::Rust;
        self.at = start + prefix + open;
        self.inside(&Shape { start, quote, open, is_raw, computed, runs_on });
        true
    }

    /// A text without escapes.
    fn plain(&mut self, start: usize, inside: usize, closing: &str) {
        let rest = &self.source[inside..];
        let length = rest.find(closing).unwrap_or(rest.len());
        self.push(Token::Text(Cow::Borrowed(&rest[..length])), start);
        self.at = (inside + length + closing.len()).min(self.source.len());
    }

    fn inside(&mut self, shape: &Shape) {
        let mut value: Cow<str> = Cow::Borrowed("");
        let mut from = self.at;
        let slot = self.found.len();
        self.push(Token::Mixed, shape.start);
        let mut is_mixed = false;
        let bytes = self.source.as_bytes();
        while self.at < bytes.len() {
            let byte = bytes[self.at];
            let is_end = byte == shape.quote && (shape.open == 1 || bytes[self.at..].starts_with(&[shape.quote; 3]));
            if is_end || byte == b'\n' && !shape.runs_on {
                break;
            }
            if byte == b'\\' {
                value.to_mut().push_str(&self.source[from..self.at]);
                let escaped = self.source[self.at + 1..].chars().next();
                if let Some(escaped) = escaped {
                    match escaped {
                        _ if shape.is_raw => value.to_mut().extend(['\\', escaped]),
                        'n' => value.to_mut().push('\n'),
                        't' => value.to_mut().push('\t'),
                        'r' => value.to_mut().push('\r'),
                        '\n' => {}
                        other => value.to_mut().push(other),
                    }
                }
                self.at += 1 + escaped.map_or(0, char::len_utf8);
                from = self.at;
                continue;
            }
            if let Some(mark) = shape.computed.filter(|mark| self.rest().starts_with(mark)) {
                if mark == "{" && bytes.get(self.at + 1) == Some(&b'{') {
                    self.at += 2;
                    continue;
                }
                is_mixed = true;
                self.computed(mark.len());
                from = self.at;
                continue;
            }
            self.at += 1;
            while !self.source.is_char_boundary(self.at) {
                self.at += 1;
            }
        }
        let tail = &self.source[from..self.at];
        if value.is_empty() {
            value = Cow::Borrowed(tail);
        } else {
            value.to_mut().push_str(tail);
        }
        if !is_mixed {
            self.found[slot].token = Token::Text(value);
        }
        if self.at < bytes.len() && bytes[self.at] == shape.quote {
            self.at += shape.open;
        }
    }

    /// The part of a text that is computed, up to its closing brace.
    fn computed(&mut self, mark: usize) {
        self.push(Token::Sign(OPEN), self.at);
        self.at += mark;
        self.depth += 1;
        let mut braces = 1;
        while self.at < self.source.len() {
            match self.byte(0) {
                b'{' => braces += 1,
                b'}' => braces -= 1,
                _ => {}
            }
            if braces == 0 {
                self.at += 1;
                break;
            }
            if self.depth > DEEPEST {
                self.at += self.rest().chars().next().map_or(1, char::len_utf8);
            } else {
                self.step(self.source.len());
            }
        }
        self.depth -= 1;
        self.push(Token::Sign(CLOSE), self.at);
    }

    /// Whether a `/` begins a regular expression: it does where a value can stand.
    fn is_pattern(&self) -> bool {
        match self.found.last().map(|last| &last.token) {
            None => true,
            Some(Token::Sign(sign)) => !matches!(sign, b')' | b']' | b'}'),
            Some(Token::Word(word)) => matches!(*word, "return" | "typeof" | "case" | "in" | "of" | "do" | "else"),
            Some(Token::Text(_) | Token::Mixed) => false,
        }
    }

    fn pattern(&mut self) {
        let start = self.at;
        let bytes = self.source.as_bytes();
        let (mut at, mut in_class) = (start + 1, false);
        while at < bytes.len() && bytes[at] != b'\n' {
            match bytes[at] {
                b'\\' => at += 1,
                b'[' => in_class = true,
                b']' => in_class = false,
                b'/' if !in_class => break,
                _ => {}
            }
            at += 1;
        }
        let is_closed = bytes.get(at) == Some(&b'/');
        // A division by something, after all.
        self.at = if is_closed { at + 1 } else { start + 1 };
        self.push(Token::Sign(b'/'), start);
    }

    /// Rust's `'x'`; a lifetime is a sign and a word.
    fn quoted_character(&mut self) {
        let start = self.at;
        let mut rest = self.rest().char_indices().skip(1);
        let first = rest.next();
        let end = match first {
            Some((_, '\\')) => self.rest()[2..].char_indices().skip(1).find(|(_, c)| *c == '\'').map(|(at, _)| at + 2),
            _ => rest.next().filter(|(_, c)| *c == '\'').map(|(at, _)| at),
        };
        self.push(Token::Sign(b'\''), start);
        self.at += end.map_or(1, |end| end + 1);
    }
}

struct Shape {
    start: usize,
    quote: u8,
    open: usize,
    is_raw: bool,
    computed: Option<&'static str>,
    /// A line end does not end it.
    runs_on: bool,
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(source: &str, language: Language) -> String {
        let word = |one: &Placed| match &one.token {
            Token::Word(word) => (*word).to_owned(),
            Token::Text(text) => format!("{text:?}"),
            Token::Mixed => "~".to_owned(),
            Token::Sign(OPEN) => "<".to_owned(),
            Token::Sign(CLOSE) => ">".to_owned(),
            Token::Sign(sign) => char::from(*sign).to_string(),
        };
        tokens(source, language).iter().map(word).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn comments_and_texts_are_told_apart() {
        use Language::{Go, JavaScript, Python, Rust};
        let cases = [
            (Python, "a # b\n'''c # d''' e", "a \"c # d\" e"),
            (Python, r#"x = "a\"b" 'c'"#, r#"x = "a\"b" "c""#),
            (Python, r#"f"a {b['c']} {{d}}" e"#, r#"~ < b [ "c" ] > e"#),
            (Python, r"r'\d' rb'x' ref'y'", r#""\\d" "x" ref "y""#),
            (JavaScript, "a // b\n/* c */ d", "a d"),
            (JavaScript, "`a ${b + `${c}`} d` e", "~ < b + ~ < c > > e"),
            (JavaScript, "x = /['\"]/g; y = a / b / 'c'", "x = / g ; y = a / b / \"c\""),
            (JavaScript, "'it\n'", "\"it\" \"\""),
            (Rust, "a /* b /* c */ d */ e", "a e"),
            (Rust, r##"r#"a"b"# 'x' '\'' 'a z "c"##, r#""a\"b" ' ' ' a z "c""#),
            (Go, "`a\"b` \"c\\\"d\" 'e'", "\"a\\\"b\" \"c\\\"d\" \"e\""),
        ];
        for (language, source, expected) in cases {
            assert_eq!(shown(source, language), expected, "{source}");
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_is_an_error(source in "[a-z'\"`{}$#/*\\\\\n ä]{0,60}") {
            for language in [Language::Python, Language::JavaScript, Language::Rust, Language::Go] {
                tokens(&source, language);
            }
        }
    }
}
