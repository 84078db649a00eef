//! Which names can be told: one that stands where a value may go on for some parser may be a part of a secret.

use super::subject::Subject;
use crate::dotenv::commented::is_name;
use crate::dotenv::syntax::Entry;

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
