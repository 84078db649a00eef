//! The lines of a document: places in it without counting from its beginning each time.

use std::ops::Range;

use crate::error::Place;

/// A document by its lines.
#[derive(Debug)]
pub(super) struct Lines<'a> {
    file: &'a str,
    source: &'a str,
    /// Where lines end: counting them anew for every place would take longer than all else.
    ends: Vec<usize>,
}

impl<'a> Lines<'a> {
    pub(super) fn of(file: &'a str, source: &'a str) -> Self {
        Self { file, source, ends: source.match_indices('\n').map(|(at, _)| at).collect() }
    }

    /// The line (from 1) that a byte stands in.
    pub(super) fn number(&self, at: usize) -> usize {
        self.ends.partition_point(|end| *end < at) + 1
    }

    /// The place of a byte range. Ranges beyond the end or inside a character are drawn back to what exists.
    pub(super) fn place(&self, range: &Range<usize>) -> Place {
        let (start, end) = (self.floor(range.start), self.floor(range.end));
        let line = self.number(start);
        let first = line.checked_sub(2).and_then(|before| self.ends.get(before)).map_or(0, |end| end + 1);
        let last = self.ends.get(line - 1).copied().unwrap_or(self.source.len());
        Place {
            file: self.file.to_owned(),
            line,
            column: self.source[first..start].chars().count() + 1,
            text: self.source[first..last].trim_end_matches('\r').to_owned(),
            width: self.source[start..end.clamp(start, last)].chars().count().max(1),
        }
    }

    fn floor(&self, at: usize) -> usize {
        let mut at = at.min(self.source.len());
        while !self.source.is_char_boundary(at) {
            at -= 1;
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_is_that_which_is_counted_from_the_beginning() {
        for source in ["", "ä = 1\nöö = xyz\n", "a\r\n\r\nb", "\n\n"] {
            let lines = Lines::of("f", source);
            for start in 0..=source.len() + 1 {
                for end in start..=source.len() + 2 {
                    assert_eq!(lines.place(&(start..end)), Place::of("f", source, &(start..end)), "{source:?} {start}");
                }
            }
        }
    }
}
