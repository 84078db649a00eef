//! Lines in which a value may go on, and comments that were assignments: what stands there is as hidden as a value is.

use std::ops::Range;

use clap::ValueEnum as _;

use super::lexer::parse;
use super::syntax::{Item, Why};
use crate::config::environment::{Dialect, VariableType};
use crate::config::secrecy;

/// What an assignment that became a comment sets: `# NAME=…`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Commented<'a> {
    pub(super) name: &'a str,
    /// Where the value begins in the comment, with the blanks before it.
    pub(super) value: usize,
}

/// Whether it is a name, and nothing that was only taken for one.
pub(super) fn is_name(text: &str) -> bool {
    let is_first = |c: char| c.is_ascii_alphabetic() || c == '_';
    text.starts_with(is_first) && text.chars().all(|c| is_first(c) || c.is_ascii_digit() || matches!(c, '.' | '-'))
}

/// The assignment that a comment was. With a colon it is one where the name looks like a variable's: `note: …` is prose.
pub(super) fn assignment(comment: &str) -> Option<Commented<'_>> {
    let bare = bare(comment);
    let word = match bare.strip_prefix("export") {
        Some(rest) if rest.starts_with([' ', '\t']) => rest.trim_start(),
        _ => bare,
    };
    let start = comment.len() - word.len();
    let of = |separator: char| {
        let at = word.find(separator)?;
        Some(Commented { name: word[..at].trim_end(), value: start + at + 1 })
    };
    let is_word = |it: &Commented| {
        !it.name.is_empty()
            && !it.name.contains(char::is_whitespace)
            && !it.name.contains("://")
            && !it.name.starts_with('@')
    };
    let is_variable = |it: &Commented| {
        let is_upper = !it.name.bytes().any(|byte| byte.is_ascii_lowercase());
        is_name(it.name) && (is_upper || secrecy::is_secret(it.name, VariableType::String, ""))
    };
    of('=').filter(is_word).or_else(|| of(':').filter(is_variable))
}

/// A comment without its signs.
fn bare(comment: &str) -> &str {
    comment.trim_start_matches(['#', ' ', '\t'])
}

/// Of each line, whether a value may go on in it: in some dialect, behind a backslash, or between the first and the last line of a key; also where
/// all of it was made comments.
pub(super) fn within(source: &[u8], lines: &[Range<usize>]) -> Vec<bool> {
    let mut within = continued(source, lines, |_| true);
    let comment = |line: &Range<usize>| {
        let text = std::str::from_utf8(&source[line.clone()]).ok()?;
        text.trim_start().starts_with('#').then_some(text)
    };
    let mut at = 0;
    while at < lines.len() {
        let run: Vec<&str> = lines[at..].iter().map_while(comment).collect();
        let next = at + run.len().max(1);
        if let Some(first) = run.iter().position(|text| assignment(text.trim_start()).is_some()) {
            let mut bytes = Vec::new();
            let mut inner = Vec::new();
            for text in &run[first..] {
                let start = bytes.len();
                bytes.extend_from_slice(bare(text).as_bytes());
                inner.push(start..bytes.len());
                bytes.push(b'\n');
            }
            let starts: Vec<bool> = run[first..].iter().map(|text| assignment(text.trim_start()).is_some()).collect();
            let continued = continued(&bytes, &inner, |line| starts.get(line).copied().unwrap_or_default());
            for (all, own) in within[at + first..next].iter_mut().zip(continued) {
                *all |= own;
            }
        }
        at = next;
    }
    within
}

/// Of each line, whether something goes on in it that began in another one of which `is_start` holds.
fn continued(source: &[u8], lines: &[Range<usize>], is_start: impl Fn(usize) -> bool) -> Vec<bool> {
    let line_of = |at: usize| lines.partition_point(|line| line.start <= at).saturating_sub(1);
    let mut within = vec![false; lines.len()];
    let (mut is_key, mut is_joined) = (false, false);
    for (line, within) in lines.iter().zip(&mut within) {
        let text = &source[line.clone()];
        let has = |what: &[u8]| text.windows(what.len()).any(|part| part == what);
        *within = is_key || is_joined;
        is_joined = text.trim_ascii_end().ends_with(b"\\");
        is_key = (is_key || has(b"-----BEGIN")) && !has(b"-----END");
    }
    // Nothing else takes a value to another line.
    if !source.iter().any(|byte| b"\"'`\\$(".contains(byte)) {
        return within;
    }
    for dialect in Dialect::value_variants() {
        // What has no end covers all that follows, which is looked at once.
        let mut known = 0;
        for item in parse(source, *dialect).items {
            let span = item.span();
            let end = match &item {
                Item::Broken(broken) if broken.why == Why::Unterminated => source.len(),
                Item::Entry(_) | Item::Broken(_) => span.end,
                _ => continue,
            };
            let (first, last) = (line_of(span.start), line_of(end.saturating_sub(1).max(span.start)));
            if !is_start(first) {
                continue;
            }
            if let Some(inside) = within.get_mut(known.max(first + 1)..=last.min(lines.len().saturating_sub(1))) {
                inside.fill(true);
                known = last + 1;
            }
        }
    }
    within
}

/// The lines of a source without their ends.
pub(super) fn lines(source: &[u8]) -> Vec<Range<usize>> {
    let mut lines = Vec::new();
    let mut start = 0;
    while start < source.len() {
        let end = source[start..].iter().position(|byte| *byte == b'\n').map_or(source.len(), |at| start + at);
        let is_pair = end < source.len() && end > start && source[end - 1] == b'\r';
        lines.push(start..if is_pair { end - 1 } else { end });
        start = end + 1;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_have_no_ends() {
        assert_eq!(lines(b"a\r\nb\n\nc\r"), [0..1, 3..4, 5..5, 6..8]);
        assert!(lines(b"").is_empty());
    }

    #[test]
    fn comments_that_were_assignments_are_known() {
        for (comment, expected) in [
            ("# LOGIN=hunter2", Some(("LOGIN", "hunter2"))),
            ("##export  LOGIN = hunter2", Some(("LOGIN", " hunter2"))),
            ("# PASSWORD: hunter4", Some(("PASSWORD", " hunter4"))),
            ("# password: hunter4", Some(("password", " hunter4"))),
            ("# 'LOGIN'=x", Some(("'LOGIN'", "x"))),
            ("# note: A=1 is the default", None),
            ("# see https://example.org/?a=b", None),
            ("# https://example.org/?a=b", None),
            ("# @type=int", None),
            ("# prodev:off lowercase-key", None),
            ("# set A=1 here", None),
            ("#", None),
        ] {
            let found = assignment(comment).map(|it| (it.name, &comment[it.value..]));
            assert_eq!(found, expected, "{comment}");
        }
    }

    #[test]
    fn values_go_on_in_comments_too() {
        let within = |text: &str| within(text.as_bytes(), &lines(text.as_bytes()));
        assert_eq!(
            within("# it's\n# ML=\"abc\n#\n# hunter7\"\n# don't\nA=1\n"),
            [false, false, true, true, false, false]
        );
        assert_eq!(within("# A=\"x\n\n# y\"\nB=1\n"), [false, false, false, false]);
        assert_eq!(within("# A=\"x\"\n# it's \"quoted\"\nB=\"1\n2\"\n"), [false, false, false, true]);
    }
}
