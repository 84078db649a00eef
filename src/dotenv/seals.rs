//! Encrypted values while files are read. A mark stands for each one until it is known which of them are asked for, so that only those are decrypted;
//! and since references see the mark, what comes out of a ciphertext is never looked through for references or commands.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::{BuildHasher as _, Hasher as _};

use super::cipher;

/// How marks begin: with what no name, operator or escape has in it.
const BEGIN: char = '\u{F8FF}';

/// How many digits a number has in a mark.
const DIGITS: usize = 8;

/// The encrypted values of all files, in the order in which they were met.
#[derive(Debug)]
pub(super) struct Seals {
    /// What no file can foresee, so that none can hold a mark.
    begin: String,
    sealed: RefCell<Vec<Sealed>>,
}

/// An encrypted value.
#[derive(Debug, Clone)]
pub(super) struct Sealed {
    pub(super) key: String,
    pub(super) ciphertext: String,
    is_empty: bool,
}

impl Default for Seals {
    fn default() -> Self {
        let random = std::collections::hash_map::RandomState::new().build_hasher().finish();
        Self { begin: format!("{BEGIN}{random:016x}"), sealed: RefCell::default() }
    }
}

impl Seals {
    /// How many there are so far.
    pub(super) fn len(&self) -> usize {
        self.sealed.borrow().len()
    }

    /// The mark that stands for an encrypted value from now on.
    pub(super) fn seal(&self, key: &str, ciphertext: String) -> String {
        let mut sealed = self.sealed.borrow_mut();
        let mark = format!("{}{:0DIGITS$x}", self.begin, sealed.len());
        sealed.push(Sealed { key: key.to_owned(), is_empty: cipher::is_empty(&ciphertext), ciphertext });
        mark
    }

    pub(super) fn get(&self, number: usize) -> Option<Sealed> {
        self.sealed.borrow().get(number).cloned()
    }

    /// Whether there is a mark in a text.
    pub(super) fn is_in(&self, text: &str) -> bool {
        text.contains(&self.begin)
    }

    /// Whether a text is the mark of an empty value: what is empty without being decrypted, for `${X:-default}`.
    pub(super) fn is_empty(&self, text: &str) -> bool {
        text.starts_with(BEGIN)
            && matches!(self.numbers(text).as_slice(), [one] if text.len() == self.begin.len() + DIGITS && self.sealed.borrow()[*one].is_empty)
    }

    /// The numbers of the marks in a text.
    pub(super) fn numbers(&self, text: &str) -> Vec<usize> {
        let known = self.len();
        let marks = text.split(self.begin.as_str()).skip(1);
        marks.filter_map(number).filter(|number| *number < known).collect()
    }

    /// The text with what its marks stand for: the plain texts that are known, the ciphertexts elsewhere.
    pub(super) fn open(&self, text: &str, plain: &HashMap<usize, String>) -> String {
        let sealed = self.sealed.borrow();
        let mut parts = text.split(self.begin.as_str());
        let mut result = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let number = number(part).unwrap_or(usize::MAX);
            match plain.get(&number).or_else(|| sealed.get(number).map(|sealed| &sealed.ciphertext)) {
                Some(value) => {
                    result.push_str(value);
                    result.push_str(&part[DIGITS..]);
                }
                None => result.push_str(part),
            }
        }
        result
    }
}

fn number(rest: &str) -> Option<usize> {
    rest.get(..DIGITS).and_then(|digits| usize::from_str_radix(digits, 16).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_opened_with_what_is_known_and_ciphertext_elsewhere() {
        let seals = Seals::default();
        let (one, other) = (seals.seal("A", "encrypted:a".into()), seals.seal("B", "encrypted:b".into()));
        let text = format!("<{one}0{other}>");
        assert_eq!(seals.numbers(&text), [0, 1]);
        assert!(seals.is_in(&text) && !seals.is_in("x") && !seals.is_empty(&one));
        assert_eq!(
            seals.open(&text, &HashMap::from([(0, format!("${{B}}{other}"))])),
            format!("<${{B}}{other}0encrypted:b>")
        );
        assert_eq!(seals.open("plain", &HashMap::new()), "plain");
    }
}
