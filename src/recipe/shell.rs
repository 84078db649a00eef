//! Who reads a recipe's text: a shell that prodev knows, or any interpreter.

use std::path::Path;

use super::language::Language;
use crate::config::value::OneOrMany;

/// An interpreter and its own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shell {
    pub(super) words: Vec<String>,
}

/// How the text gets to the interpreter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// As the file of this word.
    File(usize),
    /// As a word of its own, behind `-c`.
    Word,
}

/// What a shell by this name is started with: to stop at the first error, at unset variables, and (where it can) at errors in pipes.
const KNOWN: [(&str, &[&str]); 6] = [
    ("sh", &["-eu"]),
    ("dash", &["-eu"]),
    ("ash", &["-eu"]),
    ("bash", &["-eu", "-o", "pipefail"]),
    ("ksh", &["-eu", "-o", "pipefail"]),
    ("zsh", &["-eu", "-o", "pipefail"]),
];

impl Shell {
    /// The one that a recipe names, else that of the settings, else `sh`.
    pub(super) fn of(own: Option<&OneOrMany<String>>, general: Option<&OneOrMany<String>>) -> Self {
        match own.or(general) {
            None => Self::named("sh"),
            Some(OneOrMany::One(name)) => Self::named(name),
            Some(OneOrMany::Many(words)) => Self { words: words.clone() },
        }
    }

    fn named(name: &str) -> Self {
        let flags = KNOWN.iter().find(|(known, _)| *known == name).map_or(&[][..], |(_, flags)| flags);
        Self { words: std::iter::once(name).chain(flags.iter().copied()).map(str::to_owned).collect() }
    }

    /// The program's own name.
    pub(super) fn name(&self) -> &str {
        let program = self.words.first().map_or("", String::as_str);
        Path::new(program).file_name().and_then(|name| name.to_str()).unwrap_or(program)
    }

    /// What its texts are written in.
    pub(super) fn language(&self) -> Language {
        match self.name() {
            "busybox" if self.words.get(1).is_some_and(|it| it == "sh") => Language::Posix,
            name => Language::of(name),
        }
    }

    /// How it takes a text. Never by its stdin, which belongs to what the recipe runs.
    pub(super) fn way(&self) -> Way {
        if let Some(at) = self.words.iter().skip(1).position(|word| word == "-") {
            return Way::File(at + 1);
        }
        if self.words.last().is_some_and(|word| word == "-c") { Way::Word } else { Way::File(self.words.len()) }
    }

    /// What a script's file ends with; PowerShell for one runs no others.
    pub(super) fn extension(&self) -> &'static str {
        match self.name() {
            "pwsh" | "powershell" => ".ps1",
            "node" | "deno" | "bun" => ".js",
            "nu" => ".nu",
            _ => "",
        }
    }
}

/// The words of a text that needs no shell: one program with plain arguments. What a shell does itself is left to it.
pub(super) fn simple(text: &str) -> Option<Vec<&str>> {
    let text = text.trim_matches([' ', '\t', '\n']);
    let mut words = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let mut end = 0;
        while end < rest.len() && !rest[end..].starts_with([' ', '\t']) {
            let here = &rest[end..];
            end += if here.starts_with("{{") {
                let reference = super::reference::references(here).into_iter().next()?;
                if reference.range.start != 0 || reference.is_raw || words.is_empty() {
                    return None;
                }
                reference.range.end
            } else {
                let c = here.chars().next()?;
                let is_plain = c.is_alphanumeric() || "_-./,:+@%".contains(c) || (c == '=' && !words.is_empty());
                if !is_plain {
                    return None;
                }
                c.len_utf8()
            };
        }
        words.push(&rest[..end]);
        rest = rest[end..].trim_start_matches([' ', '\t']);
    }
    let program = words.first()?;
    (!BUILTINS.contains(program)).then_some(words)
}

/// What shells know without a program, or know otherwise than the program of that name. (`true` and `false` are the same.)
const BUILTINS: [&str; 66] = [
    ".", ":", "[", "alias", "bg", "bind", "break", "builtin", "caller", "case", "cd", "chdir", "command", "continue",
    "declare", "dirs", "disown", "do", "done", "echo", "elif", "else", "enable", "esac", "eval", "exec", "exit",
    "export", "fc", "fg", "fi", "for", "function", "getopts", "hash", "help", "history", "if", "in", "jobs", "kill",
    "let", "local", "popd", "printf", "pushd", "pwd", "read", "readonly", "return", "select", "set", "shift", "source",
    "test", "then", "time", "times", "trap", "type", "typeset", "ulimit", "umask", "unalias", "unset", "until",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_command_needs_no_shell() {
        let cases: [(&str, Option<&[&str]>); 16] = [
            ("true", Some(&["true"])),
            ("\n  cargo build --release\n", Some(&["cargo", "build", "--release"])),
            ("docker tag {{ image }}:x a={{ b }}", Some(&["docker", "tag", "{{ image }}:x", "a={{ b }}"])),
            ("{{ program }} x", None),
            ("a {{ x | raw }}", None),
            ("docker ps --format {{.Names}}", None),
            ("a=1 b", None),
            ("echo x", None),
            ("a | b", None),
            ("a\nb", None),
            ("a \"$x\"", None),
            ("a *.c", None),
            ("a ~", None),
            ("a 'b'", None),
            ("if", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(simple(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn interpreters_get_scripts_in_their_way() {
        let words = |words: &[&str]| OneOrMany::Many(words.iter().map(|word| (*word).to_owned()).collect());
        let cases = [
            (OneOrMany::One("bash".to_owned()), Way::File(4), Language::Posix),
            (OneOrMany::One("python3".to_owned()), Way::File(1), Language::Other),
            (words(&["python3", "-", "x"]), Way::File(1), Language::Other),
            (words(&["/bin/bash", "-c"]), Way::Word, Language::Posix),
            (words(&["busybox", "sh"]), Way::File(2), Language::Posix),
            (OneOrMany::One("/usr/bin/fish".to_owned()), Way::File(1), Language::Fish),
        ];
        for (named, way, language) in cases {
            let shell = Shell::of(Some(&named), None);
            assert_eq!((shell.way(), shell.language()), (way, language), "{named:?}");
        }
        assert_eq!(Shell::of(None, None).words, ["sh", "-eu"]);
    }
}
