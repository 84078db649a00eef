//! How much of a text is in another: for finding where the user moved a file to.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// Shorter texts resemble each other too easily.
const FEWEST_LINES: usize = 10;

/// Of a hundred: how much two texts must have in common.
const ENOUGH: usize = 70;

/// A text as its lines, ready to be compared.
#[derive(Debug)]
pub(super) struct Lines {
    counts: HashMap<u64, usize>,
    total: usize,
}

impl Lines {
    pub(super) fn of(bytes: &[u8]) -> Self {
        let mut counts = HashMap::new();
        let mut total = 0;
        for line in bytes.split(|byte| *byte == b'\n') {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            let mut hasher = DefaultHasher::new();
            line.hash(&mut hasher);
            *counts.entry(hasher.finish()).or_default() += 1;
            total += 1;
        }
        Self { counts, total }
    }

    /// Of a hundred; `None` where they have too little in common, or are too short to tell.
    pub(super) fn likeness(&self, other: &Self) -> Option<usize> {
        if self.total < FEWEST_LINES || other.total < FEWEST_LINES {
            return None;
        }
        let common: usize =
            self.counts.iter().map(|(line, count)| (*count).min(other.counts.get(line).copied().unwrap_or(0))).sum();
        let likeness = common * 100 / self.total.max(other.total);
        (likeness >= ENOUGH).then_some(likeness)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn likeness_is_counted_in_lines() {
        let lines = |range: std::ops::Range<u32>| {
            let lines: Vec<String> = range.map(|n| format!("line {n}")).collect();
            Lines::of(lines.join("\n").as_bytes())
        };
        assert_eq!(lines(0..20).likeness(&lines(0..20)), Some(100));
        assert_eq!(lines(0..20).likeness(&lines(4..20)), Some(80));
        assert_eq!(lines(0..20).likeness(&lines(10..30)), None);
        assert_eq!(lines(0..9).likeness(&lines(0..9)), None);
    }
}
