//! Two versions of one file joined: by lines where they are texts, in the user's own newlines; otherwise they stay apart.

use std::borrow::Cow;
use std::sync::Arc;

use crate::git::merge::{Markers, Side, Sides, is_text, merge_texts};
use crate::plan::tree::{Content, Mode};

/// What the sides are called in a conflict.
#[derive(Debug, Clone, Copy)]
pub(super) struct Labels<'a> {
    pub(super) ours: &'a str,
    pub(super) base: &'a str,
    pub(super) theirs: &'a str,
}

/// What came of two versions.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Joined {
    Clean(Content),
    /// With markers in it.
    Marked(Content),
    /// They cannot be one.
    Apart,
}

/// How lines end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Newlines {
    Unix,
    Windows,
    Mixed,
}

/// Whether two contents differ in nothing but newlines.
pub(super) fn is_same(one: &Content, other: &Content) -> bool {
    if one == other {
        return true;
    }
    match (one, other) {
        (Content::File { bytes: a, mode: m }, Content::File { bytes: b, mode: n }) => {
            is_executable(*m) == is_executable(*n) && unix(a) == unix(b)
        }
        _ => false,
    }
}

/// # Errors
/// Where there is no memory for it.
pub(super) fn join(
    base: Option<&Content>,
    ours: &Content,
    theirs: &Content,
    labels: Labels,
    markers: Markers,
) -> anyhow::Result<Joined> {
    if base.is_some_and(|base| base == ours) {
        return Ok(Joined::Clean(theirs.clone()));
    }
    // The template did nothing, or just what the user did.
    if base.is_some_and(|base| base == theirs) || is_same(ours, theirs) {
        return Ok(Joined::Clean(ours.clone()));
    }
    let (Content::File { bytes: our_bytes, mode: our_mode }, Content::File { bytes: their_bytes, mode: their_mode }) =
        (ours, theirs)
    else {
        return Ok(Joined::Apart);
    };
    let (base_bytes, base_mode) = match base {
        Some(Content::File { bytes, mode }) => (bytes.as_slice(), Some(*mode)),
        Some(Content::Link(_)) => return Ok(Joined::Apart),
        None => (&b""[..], None),
    };
    let mode = join_modes(base_mode, *our_mode, *their_mode);
    let file = |bytes: Vec<u8>| Content::File { bytes: Arc::new(bytes), mode };
    // A mode and a content can each come from another side.
    let newlines = newlines(our_bytes);
    let [old, one, other] =
        [base_bytes, our_bytes.as_slice(), their_bytes.as_slice()].map(|bytes| plain(bytes, newlines));
    let back = |bytes: &[u8]| if newlines == Newlines::Windows { windows(bytes) } else { bytes.to_vec() };
    if one == other || old == other {
        return Ok(Joined::Clean(file(our_bytes.to_vec())));
    }
    if base.is_some() && one == old {
        return Ok(Joined::Clean(file(back(&other))));
    }
    if ![&old, &one, &other].iter().all(|bytes| is_text(bytes)) {
        return Ok(Joined::Apart);
    }
    let sides = Sides {
        base: Side { bytes: &old, name: labels.base },
        ours: Side { bytes: &one, name: labels.ours },
        theirs: Side { bytes: &other, name: labels.theirs },
    };
    let merged = merge_texts(sides, markers)?;
    let content = file(back(&merged.bytes));
    Ok(if merged.is_clean { Joined::Clean(content) } else { Joined::Marked(content) })
}

/// The executable bit of the side that changed it. A file that is for its owner alone stays so.
fn join_modes(base: Option<Mode>, ours: Mode, theirs: Mode) -> Mode {
    let base = base.unwrap_or(Mode::Plain);
    let taken = if is_executable(ours) == is_executable(base) { theirs } else { ours };
    if is_executable(taken) { Mode::Executable } else { Mode::Plain }
}

fn is_executable(mode: Mode) -> bool {
    mode == Mode::Executable
}

fn newlines(bytes: &[u8]) -> Newlines {
    let (mut unix, mut windows) = (false, false);
    let mut last = 0;
    for byte in bytes {
        if *byte == b'\n' {
            if last == b'\r' { windows = true } else { unix = true }
        }
        last = *byte;
    }
    match (unix, windows) {
        (_, false) => Newlines::Unix,
        (false, true) => Newlines::Windows,
        (true, true) => Newlines::Mixed,
    }
}

/// A text as it is compared. One with mixed newlines is compared as it is, since nobody could tell which of them to write back.
fn plain(bytes: &[u8], user: Newlines) -> Cow<'_, [u8]> {
    if user == Newlines::Mixed { Cow::Borrowed(bytes) } else { unix(bytes) }
}

fn unix(bytes: &[u8]) -> Cow<'_, [u8]> {
    if newlines(bytes) != Newlines::Windows || !is_text(bytes) {
        return Cow::Borrowed(bytes);
    }
    let mut out = Vec::with_capacity(bytes.len());
    for (at, byte) in bytes.iter().enumerate() {
        if *byte != b'\r' || bytes.get(at + 1) != Some(&b'\n') {
            out.push(*byte);
        }
    }
    Cow::Owned(out)
}

fn windows(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    for byte in bytes {
        if *byte == b'\n' && out.last() != Some(&b'\r') {
            out.push(b'\r');
        }
        out.push(*byte);
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(text: &str) -> Content {
        Content::File { bytes: Arc::new(text.as_bytes().to_vec()), mode: Mode::Plain }
    }

    fn joined(base: Option<&str>, ours: &str, theirs: &str) -> Joined {
        let labels = Labels { ours: "yours", base: "old", theirs: "new" };
        join(base.map(text).as_ref(), &text(ours), &text(theirs), labels, Markers::Two).expect("a merge")
    }

    #[test]
    fn newlines_are_the_users() {
        for (base, ours, theirs, expected) in [
            ("a\nb\nc\n", "a\r\nb\r\nc\r\n", "a\nB\nc\n", "a\r\nB\r\nc\r\n"),
            ("a\nb\nc\n", "a\r\nb\r\nC\r\n", "A\nb\nc\n", "A\r\nb\r\nC\r\n"),
            ("a\r\nb\r\n", "a\nb\n", "a\r\nB\r\n", "a\nB\n"),
            ("a\nb\n", "a\nb\n", "a\r\nb\r\n", "a\r\nb\r\n"),
            ("a\nb\nc\n", "a\r\nb\nc\n", "a\nb\nC\n", "a\r\nb\nC\n"),
        ] {
            assert_eq!(joined(Some(base), ours, theirs), Joined::Clean(text(expected)), "{base:?} {ours:?} {theirs:?}");
        }
    }

    #[test]
    fn what_is_no_text_stays_apart() {
        assert_eq!(joined(Some("a\0"), "b\0", "c\0"), Joined::Apart);
        assert_eq!(joined(Some("a\0"), "a\0", "c\0"), Joined::Clean(text("c\0")));
        let link = Content::Link("x".to_owned());
        let labels = Labels { ours: "", base: "", theirs: "" };
        let result = join(Some(&text("a")), &text("b"), &link, labels, Markers::Two).expect("a merge");
        assert_eq!(result, Joined::Apart);
    }

    #[test]
    fn modes_and_contents_come_from_either_side() {
        let executable = |bytes: &str| Content::File { bytes: Arc::new(bytes.into()), mode: Mode::Executable };
        let labels = Labels { ours: "", base: "", theirs: "" };
        let join = |base: &Content, ours: &Content, theirs: &Content| {
            join(Some(base), ours, theirs, labels, Markers::Two).expect("a merge")
        };
        assert_eq!(join(&text("a"), &text("b"), &executable("a")), Joined::Clean(executable("b")));
        assert_eq!(join(&text("a"), &executable("a"), &text("b")), Joined::Clean(executable("b")));
        assert_eq!(join(&executable("a"), &text("a"), &executable("b")), Joined::Clean(text("b")));
    }

    proptest! {
        #[test]
        fn whoever_did_nothing_has_no_say(base in "([ab]\r?\n){0,5}", other in "([abc]\r?\n){0,5}") {
            let clean = |content: &Joined, expected: &str| match content {
                Joined::Clean(content) => is_same(content, &text(expected)),
                _ => false,
            };
            prop_assert!(clean(&joined(Some(&base), &base, &other), &other));
            prop_assert!(clean(&joined(Some(&base), &other, &base), &other));
            prop_assert!(clean(&joined(None, &other, &other), &other));
        }
    }
}
