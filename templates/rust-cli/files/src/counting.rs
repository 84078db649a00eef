//! Counts what is in a text. Knows nothing of files or command lines, so it is easy to test.

use std::io::{self, BufRead};
use std::iter::Sum;

use serde::Serialize;

/// How much there is of what.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub(crate) struct Counts {
    pub(crate) lines: u64,
    pub(crate) words: u64,
    pub(crate) bytes: u64,
}

impl Sum for Counts {
    fn sum<I: Iterator<Item = Self>>(counts: I) -> Self {
        counts.fold(Self::default(), |total, one| Self {
            lines: total.lines + one.lines,
            words: total.words + one.words,
            bytes: total.bytes + one.bytes,
        })
    }
}

/// Counts all that `reader` yields; a last line without its newline is one too.
pub(crate) fn count(mut reader: impl BufRead) -> io::Result<Counts> {
    let mut counts = Counts::default();
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line)? > 0 {
        counts.lines += 1;
        counts.words += line
            .split(u8::is_ascii_whitespace)
            .filter(|word| !word.is_empty())
            .map(|_| 1)
            .sum::<u64>();
        counts.bytes += line.len() as u64;
        line.clear();
    }
    Ok(counts)
}

#[cfg(test)]
mod tests {
    use super::{Counts, count};

    fn counts(lines: u64, words: u64, bytes: u64) -> Counts {
        Counts {
            lines,
            words,
            bytes,
        }
    }

    #[test]
    fn texts_are_counted() {
        for (text, expected) in [
            ("", counts(0, 0, 0)),
            ("\n", counts(1, 0, 1)),
            ("one two\nthree\n", counts(2, 3, 14)),
            ("no newline at the end", counts(1, 5, 21)),
            ("Käse\n", counts(1, 1, 6)),
        ] {
            let counted = count(text.as_bytes()).expect("memory can be read");
            assert_eq!(counted, expected, "{text:?}");
        }
    }

    #[test]
    fn counts_add_up() {
        let total: Counts = [counts(1, 2, 3), counts(10, 20, 30)].into_iter().sum();
        assert_eq!(total, counts(11, 22, 33));
    }
}
