//! Names by content as servers of results know them: SHA-256 in hexadecimal digits, and the size.

use std::fmt;

use sha2::{Digest as _, Sha256};

use super::wire::{Field, Fields, Malformed, Message};

/// What names a piece of content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Digest {
    pub(super) hash: Sum,
    /// In bytes.
    pub(super) size: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Sum([u8; 32]);

impl Sum {
    pub(super) fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    pub(super) fn bytes(self) -> [u8; 32] {
        self.0
    }

    /// From 64 small hexadecimal digits; anything else is no sum.
    pub(super) fn read(text: &[u8]) -> Option<Self> {
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Some(byte - b'0'),
            b'a'..=b'f' => Some(byte - b'a' + 10),
            _ => None,
        };
        let text: &[u8; 64] = text.try_into().ok()?;
        let mut sum = [0; 32];
        for (byte, pair) in sum.iter_mut().zip(text.chunks_exact(2)) {
            *byte = (digit(pair[0])? << 4) | digit(pair[1])?;
        }
        Some(Self(sum))
    }
}

impl fmt::Display for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Adds up what comes piece by piece.
#[derive(Debug, Clone, Default)]
pub(super) struct Adder {
    hasher: Sha256,
    size: u64,
}

impl Adder {
    pub(super) fn add(&mut self, bytes: &[u8]) {
        self.hasher.update(bytes);
        self.size += bytes.len() as u64;
    }

    pub(super) fn size(&self) -> u64 {
        self.size
    }

    pub(super) fn digest(self) -> Digest {
        Digest { hash: Sum(self.hasher.finalize().into()), size: self.size }
    }
}

impl Digest {
    pub(super) fn of(bytes: &[u8]) -> Self {
        Self { hash: Sum::of(bytes), size: bytes.len() as u64 }
    }

    /// Nothing has to be sent or fetched for it.
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::of(b"")
    }

    pub(super) fn message(&self) -> Message {
        Message::default().bytes(1, self.hash.to_string().as_bytes()).number(2, self.size)
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let (mut hash, mut size) = (None, 0);
        for field in Fields::of(bytes) {
            match field? {
                (1, Field::Bytes(text)) => hash = Sum::read(text),
                (2, Field::Number(number)) => size = number,
                _ => {}
            }
        }
        // What is negative there is larger than any file here.
        let size = i64::try_from(size).map_err(|_| Malformed)?.unsigned_abs();
        Ok(Self { hash: hash.ok_or(Malformed)?, size })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_written_and_read() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(Sum::of(b"").to_string(), empty);
        assert_eq!(Sum::read(empty.as_bytes()), Some(Sum::of(b"")));
        for text in [&empty[1..], &empty.to_uppercase(), &format!("{empty}0"), &empty.replace('e', "g"), ""] {
            assert_eq!(Sum::read(text.as_bytes()), None, "{text}");
        }
        let mut adder = Adder::default();
        adder.add(b"who");
        adder.add(b"le");
        assert_eq!(adder.digest(), Digest::of(b"whole"));
        assert_eq!(Digest::decode(&Digest::of(b"whole").message().into_bytes()), Ok(Digest::of(b"whole")));
        let negative = Message::default().bytes(1, empty.as_bytes()).number(2, u64::MAX);
        assert_eq!(Digest::decode(&negative.into_bytes()), Err(Malformed));
    }
}
