//! A marked block of lines in a table that belongs to the user. All outside of it stays as it is, byte for byte.

use crate::error::{Failure, fail};

/// The two lines around the block of one project.
#[derive(Debug, Clone)]
pub(super) struct Block {
    begin: String,
    end: String,
}

impl Block {
    pub(super) fn of(root: &str) -> Self {
        let begin = format!("# BEGIN prodev schedules of {root} (`prodev schedule install` writes this)");
        Self { begin, end: format!("# END prodev schedules of {root}") }
    }

    /// The lines in the block, without its marks; none where it is not there.
    pub(super) fn lines(&self, table: &[u8]) -> Result<Vec<String>, Failure> {
        let Some((start, end)) = self.find(table)? else { return Ok(Vec::new()) };
        let text = String::from_utf8_lossy(&table[start..end]).into_owned();
        let lines: Vec<&str> = text.lines().collect();
        Ok(lines[1..lines.len() - 1].iter().map(|line| (*line).to_owned()).collect())
    }

    /// The table with these lines in the block. Without lines there is no block.
    ///
    /// # Errors
    /// Where only one of the marks is there.
    pub(super) fn put(&self, table: &[u8], lines: &[String]) -> Result<Vec<u8>, Failure> {
        let mut block = Vec::new();
        if !lines.is_empty() {
            for line in [&self.begin].into_iter().chain(lines).chain([&self.end]) {
                block.extend(line.bytes());
                block.push(b'\n');
            }
        }
        let (start, end) = self.find(table)?.unwrap_or((table.len(), table.len()));
        let mut after = table[..start].to_vec();
        if !block.is_empty() && after.last().is_some_and(|byte| *byte != b'\n') {
            after.push(b'\n');
        }
        after.extend(block);
        after.extend(&table[end..]);
        Ok(after)
    }

    /// From the beginning of the first mark's line to the end of the last one's.
    fn find(&self, table: &[u8]) -> Result<Option<(usize, usize)>, Failure> {
        let mut at = 0;
        let (mut begin, mut end) = (None, None);
        for line in table.split_inclusive(|byte| *byte == b'\n') {
            let text = line.strip_suffix(b"\n").unwrap_or(line);
            if begin.is_none() && text == self.begin.as_bytes() {
                begin = Some(at);
            } else if begin.is_some() && end.is_none() && text == self.end.as_bytes() {
                end = Some(at + line.len());
            } else if text == self.begin.as_bytes() || text == self.end.as_bytes() {
                return Err(self.broken());
            }
            at += line.len();
        }
        match (begin, end) {
            (Some(begin), Some(end)) => Ok(Some((begin, end))),
            (None, None) => Ok(None),
            _ => Err(self.broken()),
        }
    }

    fn broken(&self) -> Failure {
        fail("the marks of prodev's block in your crontab do not belong together")
            .cause(format!("there should be one `{}` and, below it, one `{}`", self.begin, self.end))
            .hint("put that right with `crontab -e`")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whatever the user has there is there afterwards, and all of it when the block is gone again.
        #[test]
        fn what_is_the_users_stays(before in "([ -~é]{0,8}\n){0,4}", after in "([ -~]{0,8}\n){0,4}", lines in proptest::collection::vec("[ -~]{1,9}", 1..4)) {
            let block = Block::of("/p");
            let table = format!("{before}{after}").into_bytes();
            let with = block.put(before.as_bytes(), &lines).expect("no marks");
            let with = [with, after.clone().into_bytes()].concat();
            prop_assert!(with.starts_with(before.as_bytes()) && with.ends_with(after.as_bytes()));
            prop_assert_eq!(block.lines(&with).expect("whole"), lines.clone());
            prop_assert_eq!(block.put(&with, &lines).expect("whole"), with.clone());
            prop_assert_eq!(block.put(&with, &[]).expect("whole"), table);
        }
    }

    #[test]
    fn projects_do_not_meet_and_broken_marks_are_told() {
        let (one, two) = (Block::of("/p"), Block::of("/p/q"));
        let line = |text: &str| vec![text.to_owned()];
        let table = two.put(&one.put(b"mine\n", &line("a")).expect("no marks"), &line("b")).expect("whole");
        assert_eq!(one.lines(&table).expect("whole"), ["a"]);
        let table = one.put(&table, &[]).expect("whole");
        assert_eq!(two.lines(&table).expect("whole"), ["b"]);
        for broken in
            [format!("{}\n", one.begin), format!("{}\n", one.end), format!("{0}\n{0}\n{1}\n", one.begin, one.end)]
        {
            assert!(one.put(broken.as_bytes(), &line("a")).is_err(), "{broken}");
        }
    }
}
