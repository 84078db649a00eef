//! References in values: the five ways in which parsers replace `$X` and `${X…}`. Commands are found here; whether they run is `Names`' matter.

mod go;
mod repeated;
mod shell;
mod template;
mod word;

use crate::config::secrecy;

pub(super) use go::go;
pub(super) use repeated::{Literals, repeated};
pub(super) use shell::shell;
pub(super) use template::template;
pub(super) use word::word;

/// How deep defaults of defaults may go; beyond it a value counts as malformed.
const DEEPEST: usize = 64;

/// The most that one value may grow to. What doubles with each line would fill the memory otherwise.
pub(super) const LARGEST: usize = 16 * 1024 * 1024;

/// Where references find values.
pub(super) trait Names {
    /// The value of a name, if it is set.
    fn find(&mut self, name: &str) -> Option<String>;

    /// What a command prints that stands in the value itself.
    ///
    /// # Errors
    /// Where commands are not run, or this one fails.
    fn run(&mut self, _command: &str) -> Result<String, Fault> {
        Err(Fault::Command)
    }
}

/// Why a value has no meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// `${…` that is not closed or holds what is no name.
    Malformed,
    /// `${X:?message}` of a variable that is not set; the message as it is written.
    Required { name: String, message: String },
    /// `$(…)`, which would run a program.
    Command,
    /// Its command was run and gave nothing that can be used: the reason.
    Failed(String),
    /// A value that refers to itself without an end, or grows beyond all measure.
    Endless,
    /// All values together have become too many.
    Large,
    /// A backslash before something that it cannot escape.
    Escape,
    /// A blank outside of quotes.
    Blank,
    /// A special parameter of a shell, which only a shell knows.
    Special(char),
}

impl Fault {
    /// In words, with the value's name. Nothing of the value is told: it may be a secret.
    pub(super) fn words(&self, key: &str) -> String {
        match self {
            Self::Malformed => format!("`{key}` has a malformed reference or quote"),
            Self::Required { name, message } if is_for_people(message) => format!("`{key}` needs `{name}`: {message}"),
            Self::Required { name, .. } => format!("`{key}` needs `{name}`, which is not set"),
            Self::Command => format!("`{key}` has a `$(…)` that would run a program"),
            Self::Failed(reason) => format!("the command in `{key}` failed: {reason}"),
            Self::Endless => format!("`{key}` refers to itself without an end, or grows beyond 16 MiB"),
            Self::Large => format!("with `{key}` the values of the file grow beyond 64 MiB"),
            Self::Escape => format!("`{key}` has a backslash before something that it cannot escape"),
            Self::Blank => format!("`{key}` has a value with blanks, which needs quotes"),
            Self::Special(name) => format!("`{key}` uses `${name}`, which only a shell knows"),
        }
    }
}

/// Whether the message of `${X:?message}` is a sentence, and nothing that could be the rest of a password.
fn is_for_people(message: &str) -> bool {
    let is_word = |word: &str| {
        let has = |is: fn(char) -> bool| word.contains(is);
        word.len() <= 32 && !(has(|c| c.is_ascii_digit()) && has(char::is_alphabetic))
    };
    let has_words = message.split_whitespace().count() > 1 && message.split_whitespace().all(is_word);
    has_words && !message.contains(|c: char| c.is_control() || c == '$') && secrecy::is_harmless_comment(message)
}

/// Python's: `${X}` and `${X:-default}`; the default ends at the first brace and is taken as it is.
pub(super) fn braces(text: &str, names: &mut dyn Names) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let inside = &rest[start + 2..];
        let end = inside.find(['}', ':']);
        let found = match end.map(|end| (end, inside.as_bytes()[end])) {
            Some((end, b'}')) => Some((&inside[..end], "", end + 1)),
            Some((end, _)) => inside[end..].strip_prefix(":-").and_then(|default| {
                let length = default.find('}')?;
                Some((&inside[..end], &default[..length], end + 2 + length + 1))
            }),
            None => None,
        };
        let Some((name, default, length)) = found else {
            result.push_str(&rest[..start + 2]);
            rest = inside;
            continue;
        };
        result.push_str(&rest[..start]);
        result.push_str(&names.find(name).unwrap_or_else(|| default.to_owned()));
        rest = &inside[length..];
        if result.len() > LARGEST {
            break;
        }
    }
    result.push_str(rest);
    result
}

/// Whether `text` has a `$(…)` that is closed.
pub(super) fn has_command(text: &str) -> bool {
    // Each search may run to the end of the text; a text with this many openings is not worth finding out more about.
    const PATIENCE: usize = 256;
    text.match_indices("$(").enumerate().any(|(count, (at, _))| count == PATIENCE || command_end(text, at).is_some())
}

/// The place behind the `)` that closes the `$(` at `at`.
pub(super) fn command_end(text: &str, at: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    // The quote that is open in each pair of parentheses.
    let mut open: Vec<Option<u8>> = vec![None];
    let mut at = at + 2;
    while at < bytes.len() {
        let byte = bytes[at];
        at += 1;
        match open.last().copied()? {
            Some(b'\'') if byte == b'\'' => *open.last_mut()? = None,
            Some(b'\'') => {}
            Some(_) if byte == b'\\' => at += 1,
            Some(quote) if byte == quote => *open.last_mut()? = None,
            Some(_) if byte == b'$' && bytes.get(at) == Some(&b'(') => {
                open.push(None);
                at += 1;
            }
            Some(_) => {}
            None => match byte {
                b'\\' => at += 1,
                b'\'' | b'"' | b'`' => *open.last_mut()? = Some(byte),
                b'(' => open.push(None),
                b')' => {
                    open.pop();
                    if open.is_empty() {
                        return Some(at);
                    }
                }
                _ => {}
            },
        }
    }
    None
}

/// Whether a name can begin with `byte`.
fn starts_name(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}

/// How long the name at the front of `text` is; 0 where there is none.
fn name_length(text: &str) -> usize {
    if !text.bytes().next().is_some_and(starts_name) {
        return 0;
    }
    text.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed;

    impl Names for Fixed {
        fn find(&mut self, name: &str) -> Option<String> {
            match name {
                "X" => Some("1".to_owned()),
                "E" => Some(String::new()),
                _ => None,
            }
        }
    }

    #[test]
    fn the_template_has_six_operators() {
        let cases = [
            ("$X ${X} $$X", "1 1 $X"),
            ("${E:-d}${E-d}${N:-d}${N-d}", "ddd"),
            ("${X:+a}${E:+a}${E+a}${N+a}", "aa"),
            ("${X:?m}${E?m}", "1"),
            ("${N:-${M:-z}}-${N:-a${X}b}", "z-a1b"),
            ("a$ $1 ${N:-}", "a$ $1 "),
            ("${X:-${}", "1"),
        ];
        for (text, value) in cases {
            assert_eq!(template(text, &mut Fixed), Ok(value.to_owned()), "{text}");
        }
        for text in ["${X", "${ X }", "${X^^}", "${a.b}", "${N:-${}", "${N:-a\nb}"] {
            assert!(template(text, &mut Fixed) == Err(Fault::Malformed), "{text}");
        }
        let required = Fault::Required { name: "N".into(), message: "set $X".into() };
        assert_eq!(template("${N:?set $X}", &mut Fixed), Err(required));
    }

    #[test]
    fn braces_end_at_the_first() {
        let cases =
            [("${X}${N:-a b}", "1a b"), ("${N:-${X}}", "${X}"), ("${E:-d}", ""), ("${X:+a}", "${X:+a}"), ("$X", "$X")];
        for (text, value) in cases {
            assert_eq!(braces(text, &mut Fixed), value, "{text}");
        }
    }

    #[test]
    fn commands_are_told_by_their_parentheses() {
        for text in ["$(x)", "a $(x $(y)) b", "$(echo ')')", "$(( $(x)"] {
            assert!(has_command(text), "{text}");
        }
        for text in ["$(x", "(x)", "$ (x)", "$(echo ')'"] {
            assert!(!has_command(text), "{text}");
        }
    }

    #[test]
    fn a_shell_knows_quotes_in_words() {
        let cases = [
            ("'a'\\''b'", "a'b"),
            ("\"$X\"'$X'$X", "1$X1"),
            ("${N:-\"a b\"}", "a b"),
            ("\"a\\$b\\n\"", "a$b\\n"),
            ("a\\ b", "a b"),
            ("${E:-$X}", "1"),
        ];
        for (text, value) in cases {
            assert_eq!(shell(text, &mut Fixed), Ok(value.to_owned()), "{text}");
        }
        assert_eq!(shell("$(x)", &mut Fixed), Err(Fault::Command));
        assert_eq!(shell("\"`x`\"", &mut Fixed), Err(Fault::Command));
        assert!(shell("${X^^}", &mut Fixed) == Err(Fault::Malformed));
    }
}
