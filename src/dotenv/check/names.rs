//! Which names can be told: one that stands where a value may go on for some parser may be a part of a secret.

use clap::ValueEnum as _;

use super::subject::Subject;
use crate::config::environment::Dialect;
use crate::dotenv::lexer::parse;
use crate::dotenv::syntax::{Entry, Item, Why};

/// Whether it is a name, and nothing that was only taken for one.
pub(super) fn is_name(text: &str) -> bool {
    let is_first = |c: char| c.is_ascii_alphabetic() || c == '_';
    text.starts_with(is_first) && text.chars().all(|c| is_first(c) || c.is_ascii_digit() || matches!(c, '.' | '-'))
}

/// Whether the name of an entry begins its line, stands alone before what separates it from its value, and is a name.
pub(super) fn is_plain(subject: &Subject, entry: &Entry) -> bool {
    let source = subject.source();
    let Some(line) = subject.lines().get(subject.line_of(entry.key.start)) else { return false };
    let (Some(before), Some(after)) =
        (source.get(line.start..entry.key.start), source.get(entry.key.end..line.end.max(entry.key.end)))
    else {
        return false;
    };
    let before = before.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(before).trim_ascii();
    let is_first = before.is_empty() || before == b"export";
    let is_separated = matches!(after.trim_ascii_start().first(), None | Some(b'=' | b':'));
    is_first && is_separated && is_name(&subject.document.text(&entry.key))
}

/// Of each line, whether a value may go on in it: in some dialect, behind a backslash, or between the first and the last line of a key.
pub(super) fn within(subject: &Subject) -> Vec<bool> {
    let (source, lines) = (subject.source(), subject.lines());
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
            let (first, last) = (subject.line_of(span.start), subject.line_of(end.saturating_sub(1).max(span.start)));
            if let Some(inside) = within.get_mut(known.max(first + 1)..=last.min(lines.len().saturating_sub(1))) {
                inside.fill(true);
                known = last + 1;
            }
        }
    }
    within
}
