//! Where in a shell's text a spot is: in plain words, or where a quoted reference would mean something else. A reader of contexts, no parser.

/// What is around a spot of a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Context {
    Plain,
    SingleQuotes,
    DoubleQuotes,
    Heredoc,
    Comment,
    Arithmetic,
    /// `${…}`
    Expansion,
    /// Behind what takes its meaning away.
    Literal,
}

impl Context {
    /// As it reads after `in `; `None` for plain words.
    pub(super) fn describe(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::SingleQuotes => Some("single quotes"),
            Self::DoubleQuotes => Some("double quotes"),
            Self::Heredoc => Some("a here-document"),
            Self::Comment => Some("a comment"),
            Self::Arithmetic => Some("arithmetic"),
            Self::Expansion => Some("`${…}`"),
            Self::Literal => Some("a place that is taken literally"),
        }
    }
}

/// The contexts of `spots` (byte offsets, ascending) in `text`. What stands between `{{` and `}}` at a spot is taken for a word.
pub(super) fn contexts(text: &str, spots: &[(usize, usize)]) -> Vec<Context> {
    let mut reader =
        Reader { bytes: text.as_bytes(), at: 0, stack: vec![Level::Top], heredocs: Vec::new(), word: true };
    let mut found = Vec::with_capacity(spots.len());
    let mut spots = spots.iter().peekable();
    while let Some((start, end)) = spots.peek() {
        if reader.at >= reader.bytes.len() || reader.at >= *start {
            // A backslash before it, or the end of a here-document that holds it, takes part of it away.
            found.push(match reader.context() {
                Context::Plain if reader.at > *start => Context::Literal,
                context => context,
            });
            reader.at = reader.at.max(*end);
            reader.word = false;
            spots.next();
            continue;
        }
        reader.step();
    }
    found
}

/// What has been opened and not closed.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Level {
    Top,
    /// `(…)` and `$(…)`, and how many `case`s are open in it.
    Parens(usize),
    Backquotes,
    Single,
    /// `$'…'`
    Ansi,
    Double,
    Expansion,
    /// `$((…))` and `((…))`, and how many other parentheses are open in it.
    Arithmetic(usize),
    Comment,
    Heredoc(Heredoc),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Heredoc {
    end: Vec<u8>,
    strips_tabs: bool,
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    stack: Vec<Level>,
    /// Here-documents whose bodies begin behind this line.
    heredocs: Vec<Heredoc>,
    /// Whether a word can begin here.
    word: bool,
}

impl Reader<'_> {
    fn context(&self) -> Context {
        // Quotes around a command substitution do not reach into it, but its own backquotes do not end them.
        let mut levels = self.stack.iter().rev();
        match levels.next() {
            Some(Level::Single | Level::Ansi) => Context::SingleQuotes,
            Some(Level::Double) => Context::DoubleQuotes,
            Some(Level::Heredoc(_)) => Context::Heredoc,
            Some(Level::Comment) => Context::Comment,
            Some(Level::Arithmetic(_)) => Context::Arithmetic,
            Some(Level::Expansion) => Context::Expansion,
            Some(Level::Backquotes) => match levels.next() {
                Some(Level::Double) => Context::DoubleQuotes,
                Some(Level::Heredoc(_)) => Context::Heredoc,
                _ => Context::Plain,
            },
            _ => Context::Plain,
        }
    }

    fn looks_at(&self, text: &[u8]) -> bool {
        self.bytes[self.at..].starts_with(text)
    }

    /// Goes on by `count` bytes into something new.
    fn open(&mut self, level: Level, count: usize) {
        self.stack.push(level);
        self.at += count;
        self.word = true;
    }

    fn close(&mut self, count: usize) {
        if self.stack.len() > 1 {
            self.stack.pop();
        }
        self.at += count;
        self.word = false;
    }

    /// Reads the next piece.
    fn step(&mut self) {
        let byte = self.bytes[self.at];
        let level = self.stack.last().cloned().unwrap_or(Level::Top);
        match level {
            Level::Ansi if byte == b'\\' => self.at += 2,
            Level::Single | Level::Ansi if byte == b'\'' => self.close(1),
            Level::Comment if byte == b'\n' => {
                self.stack.pop();
                self.newline();
            }
            Level::Single | Level::Ansi | Level::Comment => self.at += 1,
            Level::Heredoc(heredoc) => self.heredoc(&heredoc),
            Level::Double if byte == b'"' => self.close(1),
            Level::Expansion if byte == b'}' => self.close(1),
            Level::Expansion if byte == b'\'' => self.open(Level::Single, 1),
            Level::Expansion if byte == b'"' => self.open(Level::Double, 1),
            Level::Arithmetic(0) if self.looks_at(b"))") => self.close(2),
            Level::Arithmetic(depth) if byte == b'(' || byte == b')' => {
                let depth = if byte == b'(' { depth + 1 } else { depth.saturating_sub(1) };
                self.close(1);
                self.stack.push(Level::Arithmetic(depth));
            }
            Level::Double | Level::Expansion | Level::Arithmetic(_) => self.expandable(byte),
            Level::Backquotes if byte == b'`' => self.close(1),
            Level::Top | Level::Parens(_) | Level::Backquotes => self.plain(byte),
        }
    }

    /// What is alike in double quotes, here-documents and plain words.
    fn expandable(&mut self, byte: u8) {
        match byte {
            b'\\' => self.at += 2,
            b'`' => self.open(Level::Backquotes, 1),
            b'$' if self.looks_at(b"$((") => self.open(Level::Arithmetic(0), 3),
            b'$' if self.looks_at(b"$(") => self.open(Level::Parens(0), 2),
            b'$' if self.looks_at(b"${") && !self.looks_at(b"${{") => self.open(Level::Expansion, 2),
            _ => self.at += 1,
        }
        if byte == b'\\' {
            self.word = false;
        }
    }

    fn plain(&mut self, byte: u8) {
        match byte {
            b'\n' => self.newline(),
            b'#' if self.word => self.open(Level::Comment, 1),
            b'\'' => self.open(Level::Single, 1),
            b'"' => self.open(Level::Double, 1),
            b'$' if self.looks_at(b"$'") => self.open(Level::Ansi, 2),
            b'(' if self.word && self.looks_at(b"((") => self.open(Level::Arithmetic(0), 2),
            b'(' => self.open(Level::Parens(0), 1),
            b')' => {
                if let Some(Level::Parens(0)) = self.stack.last() {
                    self.close(1);
                } else {
                    self.at += 1;
                    self.word = true;
                }
            }
            b'<' if self.looks_at(b"<<<") => self.at += 3,
            b'<' if self.looks_at(b"<<") => self.redirect(),
            b' ' | b'\t' | b';' | b'&' | b'|' | b'<' | b'>' => {
                self.at += 1;
                self.word = true;
            }
            b'$' | b'`' | b'\\' => {
                let before = self.at;
                self.expandable(byte);
                if self.at == before + 1 && byte != b'`' {
                    self.word = false;
                }
            }
            _ if self.word => self.begin_word(),
            _ => self.at += 1,
        }
    }

    /// `case` and `esac` say whose a `)` is.
    fn begin_word(&mut self) {
        let rest = &self.bytes[self.at..];
        let length = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
        if let Some(Level::Parens(cases)) = self.stack.last_mut() {
            match &rest[..length] {
                b"case" => *cases += 1,
                b"esac" => *cases = cases.saturating_sub(1),
                _ => {}
            }
        }
        self.at += length.max(1);
        self.word = false;
    }

    fn newline(&mut self) {
        self.at += 1;
        self.word = true;
        // The first announced comes first.
        let announced = std::mem::take(&mut self.heredocs);
        self.stack.extend(announced.into_iter().rev().map(Level::Heredoc));
    }

    /// `<<WORD` or `<<-WORD`.
    fn redirect(&mut self) {
        self.at += 2;
        let strips_tabs = self.looks_at(b"-");
        self.at += usize::from(strips_tabs);
        while matches!(self.bytes.get(self.at), Some(b' ' | b'\t')) {
            self.at += 1;
        }
        let mut end = Vec::new();
        let mut quote = None;
        while let Some(byte) = self.bytes.get(self.at).copied() {
            match (quote, byte) {
                (Some(open), byte) if open == byte => quote = None,
                (None, b'\'' | b'"') => quote = Some(byte),
                (None, b'\\') => {}
                (None, b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')') => break,
                (_, byte) => end.push(byte),
            }
            self.at += 1;
        }
        self.word = false;
        if !end.is_empty() {
            self.heredocs.push(Heredoc { end, strips_tabs });
        }
    }

    /// A here-document is read line by line: its end stands alone in one.
    fn heredoc(&mut self, heredoc: &Heredoc) {
        let is_start = self.at == 0 || self.bytes[self.at - 1] == b'\n';
        if is_start {
            let length = self.bytes[self.at..].iter().position(|byte| *byte == b'\n');
            let line = &self.bytes[self.at..length.map_or(self.bytes.len(), |length| self.at + length)];
            let tabs = line.iter().take_while(|byte| heredoc.strips_tabs && **byte == b'\t').count();
            if line[tabs..] == heredoc.end {
                let length = line.len();
                self.close(length);
                self.word = true;
                return;
            }
        }
        self.at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::super::reference::references;
    use super::*;

    fn of(text: &str) -> Vec<Context> {
        let spots: Vec<_> = references(text).iter().map(|it| (it.range.start, it.range.end)).collect();
        contexts(text, &spots)
    }

    #[test]
    fn contexts_are_told_apart() {
        use Context::{Arithmetic, Comment, DoubleQuotes, Expansion, Heredoc, Literal, Plain, SingleQuotes};
        let cases: [(&str, &[Context]); 36] = [
            ("echo \\{{ x }} \\\\{{ x }}", &[Literal, Plain]),
            ("cat <<{{ x }}\n", &[Literal]),
            ("echo {{ x }}", &[Plain]),
            ("{{ x }} {{ x }}", &[Plain, Plain]),
            ("echo '{{ x }}' {{ x }}", &[SingleQuotes, Plain]),
            ("echo \"a {{ x }}\" {{ x }}", &[DoubleQuotes, Plain]),
            ("echo \"\\\"{{ x }}\"", &[DoubleQuotes]),
            ("echo \\\"{{ x }}", &[Plain]),
            ("echo \\'{{ x }}", &[Plain]),
            ("echo \"$(cat {{ x }})\" {{ x }}", &[Plain, Plain]),
            ("echo \"$(cat \"{{ x }}\")\"", &[DoubleQuotes]),
            ("echo $(( {{ x }} + 1 )) {{ x }}", &[Arithmetic, Plain]),
            ("echo $(( (1) + {{ x }} )) {{ x }}", &[Arithmetic, Plain]),
            ("(( {{ x }} ))", &[Arithmetic]),
            ("( cd {{ x }} )", &[Plain]),
            ("echo ${y:-{{ x }}} {{ x }}", &[Expansion, Plain]),
            ("echo ${#y} {{ x }}", &[Plain]),
            ("echo a#b {{ x }}", &[Plain]),
            ("echo # {{ x }}\necho {{ x }}", &[Comment, Plain]),
            ("# it's {{ x }}\necho {{ x }}", &[Comment, Plain]),
            ("echo $# {{ x }}", &[Plain]),
            ("cat <<EOF {{ x }}\n{{ x }}\nEOF\necho {{ x }}", &[Plain, Heredoc, Plain]),
            ("cat <<'E O' # it's\n'{{ x }}\nE O\n{{ x }}", &[Heredoc, Plain]),
            ("cat <<-EOF\n\t{{ x }}\n\tEOF\n{{ x }}", &[Heredoc, Plain]),
            ("cat <<A <<B\n{{ x }}\nA\n{{ x }}\nB\n{{ x }}", &[Heredoc, Heredoc, Plain]),
            ("cat <<<'a' {{ x }}", &[Plain]),
            ("echo `cat {{ x }}` {{ x }}", &[Plain, Plain]),
            ("echo \"`cat {{ x }}`\"", &[DoubleQuotes]),
            ("echo $'it\\'s {{ x }}' {{ x }}", &[SingleQuotes, Plain]),
            ("trap 'rm {{ x }}' EXIT", &[SingleQuotes]),
            ("case {{ x }} in a) echo {{ x }};; esac", &[Plain, Plain]),
            ("y=$(case a in a) echo;; esac; echo {{ x }}) {{ x }}", &[Plain, Plain]),
            ("echo \"${y:-\"{{ x }}\"}\"", &[DoubleQuotes]),
            ("for i in {{ x }}; do\n  echo \"$i\"\ndone\n{{ x }}", &[Plain, Plain]),
            ("echo $((1<<2)) {{ x }}", &[Plain]),
            ("x={{ x }}", &[Plain]),
        ];
        for (text, expected) in cases {
            assert_eq!(of(text), expected, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn every_spot_gets_a_context(text in r#"(\{\{ x \}\}|[a '"$(){}`\\#<\nE-]){0,40}"#) {
            proptest::prop_assert_eq!(of(&text).len(), references(&text).len());
        }
    }
}
