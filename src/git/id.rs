//! The name of an object: SHA-1 or SHA-256, so that no backend's own type is needed.

use std::fmt;

/// An object's id.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Id {
    bytes: [u8; 32],
    /// 20 or 32.
    length: u8,
}

impl Id {
    /// Of 20 or 32 bytes; `None` for any other number.
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        if !matches!(bytes.len(), 20 | 32) {
            return None;
        }
        let mut id = Self { bytes: [0; 32], length: u8::try_from(bytes.len()).ok()? };
        id.bytes[..bytes.len()].copy_from_slice(bytes);
        Some(id)
    }

    /// Of 40 or 64 hexadecimal digits.
    pub(crate) fn parse(text: &[u8]) -> Option<Self> {
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let bytes: Option<Vec<u8>> = text
            .chunks(2)
            .map(|pair| match pair {
                [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
                _ => None,
            })
            .collect();
        Self::of(&bytes?)
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }

    /// As people read it.
    pub(crate) fn short(&self) -> String {
        self.to_string()[..8].to_owned()
    }

    /// Nothing but zeros: hooks are told so of a ref that is not there.
    pub(crate) fn is_zero(&self) -> bool {
        self.bytes == [0; 32]
    }
}

impl serde::Serialize for Id {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Id {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(text.as_bytes()).ok_or_else(|| serde::de::Error::custom(format!("`{text}` names no object")))
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_bytes().iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_what_its_digits_say() {
        for text in ["0123456789abcdef0123456789abcdef01234567", &"f0".repeat(32)] {
            assert_eq!(Id::parse(text.as_bytes()).unwrap().to_string(), text);
        }
        for text in ["", "0", "0123", &"g".repeat(40), &"0".repeat(41)] {
            assert_eq!(Id::parse(text.as_bytes()), None, "{text}");
        }
        assert!(Id::parse("0".repeat(40).as_bytes()).unwrap().is_zero());
    }
}
