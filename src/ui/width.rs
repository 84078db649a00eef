//! How wide text is where it is shown, and how it is made to fit.

use std::io::IsTerminal as _;

use dialoguer::console::{Term, measure_text_width, truncate_str};

/// The columns of the terminal that answers go to.
pub(super) fn of_stdout() -> Option<usize> {
    std::io::stdout().is_terminal().then(|| usize::from(Term::stdout().size().1).max(20))
}

/// How many columns a text takes.
pub(crate) fn shown_width(text: &str) -> usize {
    measure_text_width(text)
}

/// The text, cut where it is wider than `room`; nothing where not even a part of it has room.
pub(crate) fn fitted(text: &str, room: usize) -> String {
    if measure_text_width(text) <= room {
        return text.to_owned();
    }
    if room < 2 { String::new() } else { truncate_str(text, room, "…").into_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_fits_its_columns() {
        for (text, room, expected) in
            [("abc", 3, "abc"), ("abcd", 3, "ab…"), ("漢字", 3, "漢…"), ("ab", 1, ""), ("", 0, ""), ("é", 1, "é")]
        {
            assert_eq!(fitted(text, room), expected);
        }
    }
}
