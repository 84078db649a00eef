//! Lines of which each has a shell of its own, as one script where that comes to the same, else as steps.

use crate::config::parameter::{FullParameter, Parameter};
use crate::config::recipe::{FullStep, Recipe, Run, Step};
use crate::config::value::{Command, Map, OneOrMany, Scalar};
use crate::recipe::{Held, Piece};

/// Why a command is left to its runner that asks for `$1` and its like.
pub(super) const BY_PLACE: &str = "it speaks of what is given to its shell by place, as `$1`";

/// One command, with references in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) text: String,
    /// It may fail.
    pub(super) ignores: bool,
}

/// The shell that a runner gives its lines to: `-c` stands behind its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Foreign {
    pub(super) words: Vec<String>,
}

impl Foreign {
    pub(super) fn of(words: &[&str]) -> Self {
        Self { words: words.iter().map(|word| (*word).to_owned()).collect() }
    }

    /// From the words of a file, of which the last holds `c`.
    pub(super) fn named(program: &str, flags: &[String]) -> Self {
        let mut words = vec![program.to_owned()];
        for flag in flags {
            match flag.strip_prefix('-').filter(|rest| !rest.starts_with('-') && rest.ends_with('c')) {
                Some("c") => {}
                Some(rest) => words.push(format!("-{}", rest.trim_end_matches('c'))),
                None => words.push(flag.clone()),
            }
        }
        Self { words }
    }

    fn has(&self, letter: char, long: &str) -> bool {
        self.words
            .iter()
            .any(|word| (word.starts_with('-') && !word.starts_with("--") && word.contains(letter)) || word == long)
    }

    /// Whether a text comes to the same in prodev's own `sh -eu`.
    fn is_as_ours(&self, text: &str) -> bool {
        let is_plain = self.words[0] == "sh" || self.words[0] == "/bin/sh";
        is_plain
            && (self.has('e', "errexit") || !has_several(text))
            && (self.has('u', "nounset") || !has_variables(text))
    }
}

/// Whether a shell that stops at errors could end it earlier than one that does not.
fn has_several(text: &str) -> bool {
    let mut rest = text.replace("\\\n", " ").trim().to_owned();
    for word in ["then", "else", "fi", "esac"] {
        rest = rest.replace(&format!("; {word}"), "");
    }
    rest.contains([';', '\n'])
}

/// Whether a shell would read it by rules of its own that `sh` does not have, or has otherwise. Where that cannot be seen, it would.
pub(super) fn is_beyond_sh(text: &str) -> bool {
    const WORDS: [&str; 26] = [
        "[[",
        "((",
        "<(",
        ">(",
        "<<<",
        "&>",
        "|&",
        "$'",
        "$\"",
        "$[",
        "=(",
        "+=",
        "==",
        "${!",
        "source ",
        "function ",
        "declare ",
        "typeset ",
        "shopt ",
        "let ",
        "select ",
        "pipefail",
        "BASH",
        "RANDOM",
        "SECONDS",
        "printf -v",
    ];
    // `${X:0:2}`, `${X//a/b}`, `${X^}`, `${X,}`, `${X[0]}`, `${X@Q}`; the braces of `{1..3}` and `{a,b}`; and what `echo` makes of
    // options and backslashes differs from shell to shell.
    const FORMS: [&str; 3] = [
        r"\$\{\w+(:[^-=?+}]|/|\^|,|\[|@)",
        r"(^|[^$])\{[^{}\s]*(,|\.\.)[^{}\s]*\}",
        r"\becho\s+(-\w*[eE]|[^;&|\n]*\\)",
    ];
    let plain = text.replace("$((", "");
    WORDS.iter().any(|word| plain.contains(word))
        || FORMS.iter().any(|form| regex::Regex::new(form).is_ok_and(|form| form.is_match(text)))
}

/// Whether it speaks of what is given to a shell by place: `$1`, `$@`, `$#`; in single quotes that is for another program.
pub(super) fn speaks_of_places(text: &str) -> bool {
    let mut quote = None;
    let mut all = text.chars().peekable();
    while let Some(c) = all.next() {
        match (c, quote) {
            ('\\', None | Some('"')) => {
                all.next();
            }
            ('\'' | '"', None) => quote = Some(c),
            (_, Some(open)) if c == open => quote = None,
            ('$', None | Some('"')) => {
                let mut rest = all.clone();
                let is_braced = rest.next_if_eq(&'{').is_some();
                match rest.next() {
                    Some('0'..='9' | '@' | '*') => return true,
                    // With a name behind it, it is the length of that.
                    Some('#') if !is_braced || !rest.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_') => {
                        return true;
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }
    false
}

/// Whether it speaks of variables that may not be set.
fn has_variables(text: &str) -> bool {
    let is_name = |rest: &str| {
        let rest = rest.strip_prefix('{').unwrap_or(rest);
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
        let is_guarded = rest[end..].starts_with(['-', ':', '+', '=']);
        !is_guarded && rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
    };
    text.match_indices('$').any(|(at, _)| is_name(&text[at + 1..]))
}

/// Whether nothing of it is left for the line behind it.
fn is_stateless(text: &str) -> bool {
    const KEEPING: [&str; 19] = [
        "cd", "export", "exit", "set", "exec", "trap", ".", "source", "umask", "ulimit", "alias", "unset", "return",
        "shift", "pushd", "popd", "eval", "local", "readonly",
    ];
    let words: Vec<&str> = text.split(|c: char| c.is_whitespace() || ";&|(){}".contains(c)).collect();
    let assigns = |word: &str| {
        let name = word.split('=').next().unwrap_or_default();
        word.contains('=') && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') && !name.is_empty()
    };
    !words.iter().any(|word| KEEPING.contains(word))
        && !words.first().is_some_and(|word| assigns(word))
        && !text.contains("<<")
        && !text.trim_end().ends_with('&')
        && !text.contains("() ")
}

/// Gives a recipe what it runs.
pub(super) fn give(recipe: &mut Recipe, mut lines: Vec<Line>, shell: &Foreign) {
    lines.retain(|line| !line.text.trim().is_empty());
    let is_ours = lines.iter().all(|line| shell.is_as_ours(&line.text));
    if !is_ours {
        let words = shell.words.iter().cloned().chain(["-c".to_owned()]);
        recipe.shell = Some(OneOrMany::Many(words.collect()));
    }
    recipe.run = match lines.as_slice() {
        [] => None,
        [one] if !one.ignores => Some(Run::Script(one.text.trim_end().to_owned())),
        all if is_ours && all.iter().all(|line| !line.ignores && is_stateless(&line.text)) => {
            let texts: Vec<&str> = all.iter().map(|line| line.text.trim_end()).collect();
            Some(Run::Script(format!("{}\n", texts.join("\n"))))
        }
        _ => Some(Run::Steps(lines.iter().map(step).collect())),
    };
}

fn step(line: &Line) -> Step {
    Step::Full(FullStep {
        run: Command::Script(line.text.trim_end().to_owned()),
        name: None,
        dir: None,
        env: Map::new(),
        ignore_errors: line.ignores,
    })
}

/// How a constant is spoken of: as the shell would have read it where it was pasted.
pub(super) fn held(value: &str) -> Held {
    let is_word = |c: char| c.is_alphanumeric() || "_-./:=@,+%".contains(c);
    if !value.is_empty() && value.chars().all(is_word) { Held::Word } else { Held::Words }
}

pub(super) fn named(name: &str, held: Held) -> Piece {
    Piece::Name { name: name.to_owned(), held }
}

/// A name as prodev reads it in a word.
pub(super) fn reference(name: &str) -> String {
    format!("{{{{ {name} }}}}")
}

/// The text of pieces that are nothing else.
pub(super) fn constant(pieces: &[Piece]) -> Option<String> {
    let texts = pieces.iter().map(|piece| match piece {
        Piece::Text(text) => Some(text.as_str()),
        Piece::Name { .. } => None,
    });
    texts.collect()
}

/// A variadic parameter for what is handed on.
pub(super) fn rest(name: &str) -> Parameter {
    Parameter::Full(Box::new(FullParameter { name: name.to_owned(), variadic: true, ..FullParameter::default() }))
}

pub(super) fn scalar(text: impl Into<String>) -> Scalar {
    Scalar::Text(text.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(lines: &[&str], shell: &[&str]) -> (Option<Run>, Option<OneOrMany<String>>) {
        let mut recipe = Recipe::default();
        let lines = lines
            .iter()
            .map(|text| Line { text: text.trim_start_matches('-').to_owned(), ignores: text.starts_with('-') });
        give(&mut recipe, lines.collect(), &Foreign::of(shell));
        (recipe.run, recipe.shell)
    }

    #[test]
    fn lines_become_a_script_where_that_is_the_same() {
        let script = |text: &str| (Some(Run::Script(text.to_owned())), None);
        assert_eq!(given(&["a", "b c"], &["sh", "-u"]), script("a\nb c\n"));
        assert_eq!(given(&["if a; then b; fi"], &["sh"]), script("if a; then b; fi"));
        let (run, shell) = given(&["cd x && y", "z"], &["sh", "-u"]);
        assert!(matches!(run, Some(Run::Steps(_))) && shell.is_none());
        let (run, shell) = given(&["a; b"], &["sh"]);
        assert_eq!(shell, Some(OneOrMany::Many(vec!["sh".to_owned(), "-c".to_owned()])));
        assert_eq!(run, Some(Run::Script("a; b".to_owned())));
        assert!(given(&["echo $X"], &["sh"]).1.is_some());
        assert!(given(&["echo ${X-}"], &["sh"]).1.is_none());
        assert!(given(&["-a", "b"], &["sh"]).0.is_some_and(|run| matches!(run, Run::Steps(_))));
    }

    #[test]
    fn what_only_some_shells_read_is_seen() {
        let beyond = [
            "for i in {1..3}; do echo $i; done",
            "[[ a == b ]]",
            "echo ${HOME:0:2}",
            "cat <(echo a)",
            "echo -e 'a\\tb'",
            "echo 'a\\tb'",
            "touch x.{a,b}",
            "{a,b}",
            "echo ${X//a/b}",
            "echo ${X^^}",
            "a=(1 2)",
            "cat <<<x",
            "set -o pipefail; a",
            "((i++))",
        ];
        for text in beyond {
            assert!(is_beyond_sh(text), "{text}");
        }
        let plain = [
            "echo a",
            "echo -n a",
            "echo $((1 + 2))",
            "echo ${X:-a} ${X%.c} ${X:+b}",
            "{ a; b; }",
            "printf 'a\\n'",
            "cd / && pwd",
            "docker inspect -f {}",
        ];
        for text in plain {
            assert!(!is_beyond_sh(text), "{text}");
        }
    }

    #[test]
    fn what_is_given_by_place_is_seen() {
        for text in ["echo $1", "f \"$@\"", "echo $#", "echo ${#}", "echo ${1:-x}", "echo $*", "sh -c \"echo '$1'\""] {
            assert!(speaks_of_places(text), "{text}");
        }
        for text in ["awk '{print $1}' x", "echo $HOME ${#HOME} $? $$", "echo \\$1"] {
            assert!(!speaks_of_places(text), "{text}");
        }
    }

    #[test]
    fn flags_of_shells_are_told_apart() {
        let flags = |flags: &[&str]| {
            Foreign::named("bash", &flags.iter().map(|flag| (*flag).to_owned()).collect::<Vec<_>>()).words
        };
        assert_eq!(flags(&["-uc"]), ["bash", "-u"]);
        assert_eq!(flags(&["-eu", "-o", "pipefail", "-c"]), ["bash", "-eu", "-o", "pipefail"]);
    }
}
