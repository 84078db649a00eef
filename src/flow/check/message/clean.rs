//! What Git makes of a message file before it becomes a message: comments, scissors, blank lines, ends of lines.
//! <https://git-scm.com/docs/git-commit#Documentation/git-commit.txt---cleanupmode>

use crate::git::Settings;

/// How Git cleans a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::flow::check) enum Cleanup {
    /// Blank lines at both ends and in a row, blanks at the ends of lines, and comments go.
    Strip,
    /// The same without the comments.
    Whitespace,
    /// Nothing goes.
    Verbatim,
    /// As `Whitespace`, and all from the line with the scissors on.
    Scissors,
}

/// How a message file is to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::flow::check) struct Reading {
    pub(in crate::flow::check) cleanup: Cleanup,
    /// What begins a comment; `None` where Git chooses it (`core.commentChar = auto`).
    pub(in crate::flow::check) comment: Option<String>,
    /// Whether somebody has edited the file: then the text of a diff may come after the scissors.
    pub(in crate::flow::check) is_edited: bool,
}

/// A line of a clean message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::flow::check) struct Line {
    /// Where it stands in the file, from 1.
    pub(in crate::flow::check) number: usize,
    pub(in crate::flow::check) text: String,
}

/// What Git cuts at, after the comment's beginning and a space.
const SCISSORS: &str = "------------------------ >8 ------------------------";

/// What Git chooses from.
const CANDIDATES: &str = "#;@!$%^&|:";

impl Reading {
    /// As Git is configured. Git tells a hook by `GIT_EDITOR=:` that nobody edits.
    pub(in crate::flow::check) fn new(settings: Option<&Settings>, is_edited: bool) -> Self {
        let get = |key: &str| settings.and_then(|settings| settings.get(key));
        let cleanup = match get("commit.cleanup") {
            Some("strip") => Cleanup::Strip,
            Some("whitespace") => Cleanup::Whitespace,
            Some("verbatim") => Cleanup::Verbatim,
            Some("scissors") if is_edited => Cleanup::Scissors,
            _ if is_edited => Cleanup::Strip,
            _ => Cleanup::Whitespace,
        };
        let comment = match settings.and_then(|settings| settings.last(&["core.commentchar", "core.commentstring"])) {
            Some("auto") => None,
            Some(text) if !text.is_empty() => Some(text.to_owned()),
            _ => Some("#".to_owned()),
        };
        Self { cleanup, comment, is_edited }
    }

    /// Cleans a whole file.
    pub(in crate::flow::check) fn clean(&self, text: &str) -> Vec<Line> {
        let comment = match &self.comment {
            Some(comment) => comment.clone(),
            None => chosen(text),
        };
        let mut lines =
            text.split_inclusive('\n').enumerate().map(|(index, line)| (index + 1, line)).collect::<Vec<_>>();
        if self.is_edited && self.cleanup != Cleanup::Verbatim {
            let scissors = format!("{comment} {SCISSORS}");
            let cut = lines.iter().position(|(_, line)| line.strip_suffix('\n') == Some(&scissors));
            lines.truncate(cut.unwrap_or(lines.len()));
        }
        match self.cleanup {
            Cleanup::Verbatim => lines
                .into_iter()
                .map(|(number, text)| Line { number, text: text.strip_suffix('\n').unwrap_or(text).to_owned() })
                .collect(),
            Cleanup::Strip => squeezed(lines.into_iter().filter(|(_, line)| !line.starts_with(&comment))),
            Cleanup::Whitespace | Cleanup::Scissors => squeezed(lines.into_iter()),
        }
    }
}

/// Without blanks at the ends of lines, blank lines at both ends, and more than one in a row.
fn squeezed<'a>(lines: impl Iterator<Item = (usize, &'a str)>) -> Vec<Line> {
    let mut kept: Vec<Line> = Vec::new();
    let mut blank = None;
    for (number, line) in lines {
        // Git's own idea of white space, which is none of Unicode's and not all of C's.
        let text = line.trim_end_matches([' ', '\t', '\n', '\r']);
        if text.is_empty() {
            blank = Some(number);
            continue;
        }
        if let Some(number) = blank.take().filter(|_| !kept.is_empty()) {
            kept.push(Line { number, text: String::new() });
        }
        kept.push(Line { number, text: text.to_owned() });
    }
    kept
}

/// What Git has chosen to begin its comments with: they come last, and explain themselves in more than one line.
fn chosen(text: &str) -> String {
    let cut =
        CANDIDATES.chars().find(|c| text.lines().any(|line| line.strip_prefix(*c) == Some(&format!(" {SCISSORS}"))));
    if let Some(cut) = cut {
        return cut.to_string();
    }
    let mut last = text.lines().rev().filter(|line| !line.trim().is_empty()).map(|line| line.chars().next());
    match (last.next().flatten(), last.next().flatten()) {
        (Some(one), Some(other)) if one == other && CANDIDATES.contains(one) => one.to_string(),
        _ => "#".to_owned(),
    }
}

#[cfg(test)]
fn joined(lines: &[Line]) -> String {
    lines.iter().flat_map(|line| [line.text.as_str(), "\n"]).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::disallowed_methods, reason = "the test asks Git itself")]

    use std::io::Write as _;
    use std::process::{Command, Stdio};

    use proptest::prelude::*;

    use super::*;

    fn reading(cleanup: Cleanup) -> Reading {
        Reading { cleanup, comment: Some("#".to_owned()), is_edited: true }
    }

    fn strip(cleanup: Cleanup, text: &str) -> String {
        joined(&reading(cleanup).clean(text))
    }

    /// What `git stripspace` makes of it.
    fn stripspace(args: &[&str], text: &str) -> String {
        let mut child = Command::new("git")
            .args(args)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap()
    }

    fn hostile() -> impl Strategy<Value = String> {
        let line = prop_oneof![
            Just(String::new()),
            Just("# comment".to_owned()),
            Just(" # no comment".to_owned()),
            Just("  \t".to_owned()),
            Just("text\r".to_owned()),
            Just("\u{a0}".to_owned()),
            Just("\u{b}\u{c}".to_owned()),
            "[ -~é]{0,12}",
        ];
        (prop::collection::vec(line, 0..8), any::<bool>())
            .prop_map(|(lines, ends)| lines.join("\n") + if ends { "\n" } else { "" })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]

        #[test]
        fn cleaning_is_git_s_own(text in hostile()) {
            prop_assert_eq!(strip(Cleanup::Strip, &text), stripspace(&["stripspace", "--strip-comments"], &text));
            prop_assert_eq!(strip(Cleanup::Whitespace, &text), stripspace(&["stripspace"], &text));
        }
    }

    proptest! {
        #[test]
        fn lines_know_where_they_stood(text in hostile()) {
            let raw: Vec<&str> = text.split('\n').collect();
            for line in reading(Cleanup::Strip).clean(&text) {
                prop_assert!(raw[line.number - 1].starts_with(line.text.as_str()));
            }
        }
    }

    #[test]
    fn what_comes_after_the_scissors_is_no_message() {
        let text = "fix: a\n\n# note\n# ------------------------ >8 ------------------------\n# more\ndiff --git\n";
        assert_eq!(strip(Cleanup::Strip, text), "fix: a\n");
        assert_eq!(strip(Cleanup::Scissors, text), "fix: a\n\n# note\n");
        let unedited = Reading { is_edited: false, ..reading(Cleanup::Whitespace) };
        assert_eq!(joined(&unedited.clean(text)), text, "nobody cuts what nobody has edited");
        let other = text.replace("# ---", "% ---");
        assert_eq!(strip(Cleanup::Scissors, &other), other, "only a comment is cut at");
    }

    #[test]
    fn comments_begin_as_git_is_told() {
        let with = |comment: Option<&str>, text: &str| {
            let comment = comment.map(str::to_owned);
            joined(&Reading { comment, ..reading(Cleanup::Strip) }.clean(text))
        };
        assert_eq!(with(Some(";"), "# title\n; note\n"), "# title\n");
        assert_eq!(with(Some("//"), "a\n// note\n/ b\n"), "a\n/ b\n");
        assert_eq!(with(None, "#12 fixed\n\n; Please enter\n; the message\n"), "#12 fixed\n");
        assert_eq!(with(None, "a\n# Please enter\n# the message\n"), "a\n");
        assert_eq!(with(None, "#12\n; ------------------------ >8 ------------------------\n; x\nd\n"), "#12\n");
    }

    #[test]
    fn what_is_verbatim_stays() {
        assert_eq!(strip(Cleanup::Verbatim, "\n# a \r\n\n\nb\n"), "\n# a \r\n\n\nb\n");
    }
}
