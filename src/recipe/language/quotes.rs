//! Where in a text for fish, PowerShell or nu a spot is. They differ in their quotes, and are alike in how these lie in each other.

use super::super::context::Context;
use super::Language;

/// The contexts of `spots` (byte offsets, ascending) in `text`. What stands at a spot is taken for a word.
pub(super) fn contexts(language: Language, text: &str, spots: &[(usize, usize)]) -> Vec<Context> {
    let mut reader = Reader { language, text, at: 0, stack: Vec::new(), is_edge: true };
    let mut found = Vec::with_capacity(spots.len());
    for (start, end) in spots {
        while reader.at < *start {
            reader.step();
        }
        // Something that reaches over the beginning of the reference takes part of it away, and so does a sign for a variable.
        let is_taken = reader.at > *start || text[..*start].ends_with('$');
        found.push(match reader.context() {
            Context::Plain if is_taken => Context::Literal,
            context => context,
        });
        reader.at = reader.at.max(*end);
        reader.is_edge = false;
    }
    found
}

/// What has been opened and not closed.
#[derive(Debug, Clone)]
enum Level {
    /// Parentheses: there a text is plain again.
    Code,
    Quote(Quote),
}

/// How a text in quotes is read.
#[derive(Debug, Clone)]
struct Quote {
    context: Context,
    /// What ends it, any of them.
    ends: Vec<String>,
    /// Twice the end stands for itself.
    doubles: bool,
    /// What takes the meaning from the next character.
    escape: Option<char>,
    /// What begins code in it.
    code: Option<&'static str>,
}

impl Quote {
    fn new(context: Context, ends: &[&str]) -> Self {
        let ends = ends.iter().map(|end| (*end).to_owned()).collect();
        Self { context, ends, doubles: false, escape: None, code: None }
    }

    fn escaped(self, escape: char) -> Self {
        Self { escape: Some(escape), ..self }
    }

    fn code(self, code: &'static str) -> Self {
        Self { code: Some(code), ..self }
    }
}

struct Reader<'a> {
    language: Language,
    text: &'a str,
    at: usize,
    stack: Vec<Level>,
    /// Whether a word can begin here, and so a remark.
    is_edge: bool,
}

impl Reader<'_> {
    fn context(&self) -> Context {
        match self.stack.last() {
            Some(Level::Quote(quote)) => quote.context,
            _ => Context::Plain,
        }
    }

    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    /// Goes on behind the next character and the one behind it.
    fn skip_escaped(&mut self) {
        let length = self.rest().chars().take(2).map(char::len_utf8).sum::<usize>();
        self.at += length;
        self.is_edge = false;
    }

    fn step(&mut self) {
        match self.stack.last().cloned() {
            Some(Level::Quote(quote)) => self.quoted(&quote),
            _ => self.plain(),
        }
    }

    fn quoted(&mut self, quote: &Quote) {
        let Some(next) = self.rest().chars().next() else { return self.at += 1 };
        if quote.escape == Some(next) {
            return self.skip_escaped();
        }
        if let Some(code) = quote.code.filter(|code| self.rest().starts_with(*code)) {
            self.at += code.len();
            self.stack.push(Level::Code);
            self.is_edge = true;
            return;
        }
        let end = quote.ends.iter().find(|end| self.rest().starts_with(end.as_str()));
        let Some(end) = end else { return self.at += next.len_utf8() };
        self.at += end.len();
        // Its twin may be another of its kind: PowerShell takes typographic quotes for plain ones.
        let twin = quote.ends.iter().find(|end| quote.doubles && self.rest().starts_with(end.as_str()));
        if let Some(twin) = twin {
            return self.at += twin.len();
        }
        self.stack.pop();
        self.is_edge = quote.context == Context::Comment;
    }

    fn plain(&mut self) {
        let Some(next) = self.rest().chars().next() else { return self.at += 1 };
        if next == self.escape() {
            return self.skip_escaped();
        }
        if let Some((length, quote)) = self.opened() {
            self.at += length;
            self.stack.push(Level::Quote(quote));
            self.is_edge = false;
            return;
        }
        match next {
            '(' => self.stack.push(Level::Code),
            ')' => {
                self.stack.pop();
            }
            _ => {}
        }
        self.at += next.len_utf8();
        self.is_edge = next.is_whitespace() || "();|&{}[],".contains(next);
    }

    fn escape(&self) -> char {
        match self.language {
            Language::Fish => '\\',
            Language::PowerShell => '`',
            // Nothing does this in nu's words; no text has a NUL.
            _ => '\0',
        }
    }

    /// A quote or a remark that begins here, and how long its beginning is.
    fn opened(&self) -> Option<(usize, Quote)> {
        use Context::{Comment, DoubleQuotes, Expansion, Heredoc, SingleQuotes};
        let rest = self.rest();
        let next = rest.chars().next()?;
        if next == '#' && self.is_edge {
            return Some((1, Quote::new(Comment, &["\n"])));
        }
        match self.language {
            Language::Fish => match next {
                '\'' => Some((1, Quote::new(SingleQuotes, &["'"]).escaped('\\'))),
                '"' => Some((1, Quote::new(DoubleQuotes, &["\""]).escaped('\\').code("$("))),
                _ => None,
            },
            Language::PowerShell => {
                // Typographic quotes are quotes there.
                const SINGLE: [&str; 5] = ["'", "\u{2018}", "\u{2019}", "\u{201a}", "\u{201b}"];
                const DOUBLE: [&str; 4] = ["\"", "\u{201c}", "\u{201d}", "\u{201e}"];
                if rest.starts_with("<#") {
                    return Some((2, Quote::new(Comment, &["#>"])));
                }
                if rest.starts_with("${") {
                    return Some((2, Quote::new(Expansion, &["}"])));
                }
                if rest.starts_with("--%") && self.is_edge {
                    return Some((3, Quote::new(Context::Literal, &["\n"])));
                }
                if let Some(header) = rest.strip_prefix('@') {
                    let quotes = [(&SINGLE[..], SingleQuotes), (&DOUBLE[..], DoubleQuotes)];
                    for (signs, kind) in quotes {
                        let Some(sign) = signs.iter().find(|sign| header.starts_with(**sign)) else { continue };
                        let body = header[sign.len()..].trim_start_matches([' ', '\t', '\r']);
                        if !body.starts_with('\n') {
                            continue;
                        }
                        let ends: Vec<String> = signs.iter().map(|sign| format!("\n{sign}@")).collect();
                        let ends: Vec<&str> = ends.iter().map(String::as_str).collect();
                        let quote = Quote::new(Heredoc, &ends);
                        let length = rest.len() - body.len();
                        return Some((
                            length,
                            if kind == DoubleQuotes { quote.escaped('`').code("$(") } else { quote },
                        ));
                    }
                }
                if SINGLE.iter().any(|sign| rest.starts_with(sign)) {
                    return Some((next.len_utf8(), Quote { doubles: true, ..Quote::new(SingleQuotes, &SINGLE) }));
                }
                if DOUBLE.iter().any(|sign| rest.starts_with(sign)) {
                    let quote = Quote { doubles: true, ..Quote::new(DoubleQuotes, &DOUBLE) };
                    return Some((next.len_utf8(), quote.escaped('`').code("$(")));
                }
                None
            }
            _ => {
                if let Some(signs) = rest.strip_prefix('r') {
                    let count = signs.len() - signs.trim_start_matches('#').len();
                    if count > 0 && self.is_edge && signs[count..].starts_with('\'') {
                        let end = format!("'{}", "#".repeat(count));
                        return Some((count + 2, Quote::new(SingleQuotes, &[&end])));
                    }
                }
                if rest.starts_with("$\"") {
                    return Some((2, Quote::new(DoubleQuotes, &["\""]).escaped('\\').code("(")));
                }
                if rest.starts_with("$'") {
                    return Some((2, Quote::new(SingleQuotes, &["'"]).code("(")));
                }
                match next {
                    '"' => Some((1, Quote::new(DoubleQuotes, &["\""]).escaped('\\'))),
                    '\'' => Some((1, Quote::new(SingleQuotes, &["'"]))),
                    '`' => Some((1, Quote::new(SingleQuotes, &["`"]))),
                    _ => None,
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::reference::references;
    use super::*;

    fn of(language: Language, text: &str) -> Vec<Context> {
        let spots: Vec<_> = references(text).iter().map(|it| (it.range.start, it.range.end)).collect();
        contexts(language, text, &spots)
    }

    #[test]
    fn quotes_of_each_language_are_told_apart() {
        use Context::{Comment, DoubleQuotes, Expansion, Heredoc, Literal, Plain, SingleQuotes};
        use Language::{Fish, Nu, PowerShell};
        let cases: [(Language, &str, &[Context]); 38] = [
            (Fish, "echo {{ x }}{{ x }}", &[Plain, Plain]),
            (Fish, "echo '{{ x }}' {{ x }}", &[SingleQuotes, Plain]),
            (Fish, "echo 'it\\'s {{ x }}' {{ x }}", &[SingleQuotes, Plain]),
            (Fish, "echo \"{{ x }}\" (cat {{ x }})", &[DoubleQuotes, Plain]),
            (Fish, "echo \"a $(cat {{ x }} '{{ x }}') {{ x }}\"", &[Plain, SingleQuotes, DoubleQuotes]),
            (Fish, "echo a#b {{ x }} # {{ x }}\n{{ x }}", &[Plain, Comment, Plain]),
            (Fish, "echo \\{{ x }} \\\\{{ x }}", &[Literal, Plain]),
            (Fish, "echo ${{ x }}", &[Literal]),
            (Fish, "set y $list[{{ x }}]", &[Plain]),
            (Fish, "echo (echo \"(\" {{ x }}) {{ x }}", &[Plain, Plain]),
            (PowerShell, "echo {{ x }}", &[Plain]),
            (PowerShell, "echo '{{ x }}' 'it''s {{ x }}' {{ x }}", &[SingleQuotes, SingleQuotes, Plain]),
            (PowerShell, "echo \"{{ x }}\" \"a `\" {{ x }}\" {{ x }}", &[DoubleQuotes, DoubleQuotes, Plain]),
            (PowerShell, "echo \"\"\"{{ x }}\"\"\" {{ x }}", &[DoubleQuotes, Plain]),
            (PowerShell, "echo \"$(cat {{ x }})\"", &[Plain]),
            (PowerShell, "echo \u{2018}{{ x }}\u{2019} {{ x }}", &[SingleQuotes, Plain]),
            (PowerShell, "echo \u{201c}{{ x }}\u{201d} {{ x }}", &[DoubleQuotes, Plain]),
            (PowerShell, "$y = @\"\n\"{{ x }}\"\n\"@\necho {{ x }}", &[Heredoc, Plain]),
            (PowerShell, "$y = @'  \n'{{ x }}\n'@; echo {{ x }}", &[Heredoc, Plain]),
            (PowerShell, "$y = @{ a = {{ x }} }", &[Plain]),
            (PowerShell, "<# {{ x }} #> {{ x }} # {{ x }}\n{{ x }}", &[Comment, Plain, Comment, Plain]),
            (PowerShell, "echo ${a {{ x }}} {{ x }}", &[Expansion, Plain]),
            (PowerShell, "echo `{{ x }} ``{{ x }}", &[Literal, Plain]),
            (PowerShell, "cmd --% {{ x }}\n{{ x }}", &[Literal, Plain]),
            (PowerShell, "if ({{ x }}) { {{ x }} }", &[Plain, Plain]),
            (Nu, "print {{ x }}", &[Plain]),
            (Nu, "print '{{ x }}' \"{{ x }}\" `{{ x }}` {{ x }}", &[SingleQuotes, DoubleQuotes, SingleQuotes, Plain]),
            (Nu, "print \"a \\\" {{ x }}\" {{ x }}", &[DoubleQuotes, Plain]),
            (Nu, "print 'a \\' {{ x }}", &[Plain]),
            (Nu, "print $\"a ({{ x }}) {{ x }}\" {{ x }}", &[Plain, DoubleQuotes, Plain]),
            (Nu, "print $\"a \\( {{ x }}\"", &[DoubleQuotes]),
            (Nu, "print $'a ({{ x }}) {{ x }}' {{ x }}", &[Plain, SingleQuotes, Plain]),
            (Nu, "print r#'a ' {{ x }}'# {{ x }}", &[SingleQuotes, Plain]),
            (Nu, "print r##'a '# {{ x }}'## {{ x }}", &[SingleQuotes, Plain]),
            (Nu, "print a#b {{ x }} # {{ x }}\n{{ x }}", &[Plain, Comment, Plain]),
            (Nu, "ls | where name == {{ x }}", &[Plain]),
            (Nu, "[1 {{ x }}] | each {|it| print {{ x }} }", &[Plain, Plain]),
            (Nu, "print ${{ x }}", &[Literal]),
        ];
        for (language, text, expected) in cases {
            assert_eq!(of(language, text), expected, "{language:?}: {text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn every_spot_gets_a_context(text in r#"(\{\{ x \}\}|[a '"$(){}`\\#@<>\nr%‘”-]){0,40}"#) {
            for language in [Language::Fish, Language::PowerShell, Language::Nu] {
                proptest::prop_assert_eq!(of(language, &text).len(), references(&text).len());
            }
        }
    }
}
