//! Text from anywhere, made harmless for a terminal: templates, branches and files may hold escape sequences that move the cursor, rename the
//! window or worse.

use std::borrow::Cow;

/// Takes control characters out, but for newlines, tabs and the colors that prodev itself sets (`ESC [ … m`).
pub(super) fn tame(text: &str) -> Cow<'_, str> {
    if !text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t')) {
        return Cow::Borrowed(text);
    }
    let mut tamed = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c.is_control() && !matches!(c, '\n' | '\t')) {
        let (before, after) = rest.split_at(at);
        tamed.push_str(before);
        let length = color(after).unwrap_or_else(|| after.chars().next().map_or(1, char::len_utf8));
        if length > 1 && after.starts_with('\u{1b}') {
            tamed.push_str(&after[..length]);
        }
        rest = &after[length..];
    }
    tamed.push_str(rest);
    Cow::Owned(tamed)
}

/// How long the color sequence is that `text` begins with.
fn color(text: &str) -> Option<usize> {
    let inner = text.strip_prefix("\u{1b}[")?;
    let end = inner.find(|c: char| !(c.is_ascii_digit() || c == ';'))?;
    inner[end..].starts_with('m').then_some("\u{1b}[".len() + end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colors_stay_and_all_else_goes() {
        for (text, expected) in [
            ("plain\n\ttext", "plain\n\ttext"),
            ("\u{1b}[1;31merror:\u{1b}[0m x", "\u{1b}[1;31merror:\u{1b}[0m x"),
            ("a\u{1b}]0;owned\u{7}b", "a]0;ownedb"),
            ("a\u{1b}[2Jb\rc\u{8}", "a[2Jbc"),
            ("\u{9b}31m\u{85}ä\u{1b}", "31mä"),
        ] {
            assert_eq!(tame(text), expected);
        }
    }
}
