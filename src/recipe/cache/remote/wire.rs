//! The wire format of protocol buffers, as far as results need it: numbers and bytes by field, borrowed from what was read.

/// Not a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Malformed;

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field<'a> {
    Number(u64),
    Bytes(&'a [u8]),
    /// A number of fixed width; no message here has one.
    Fixed,
}

/// The fields of a message, one after another. Nothing is kept of them, so that whoever reads decides how many are too many.
#[derive(Debug)]
pub(super) struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    pub(super) fn of(message: &'a [u8]) -> Self {
        Self(message)
    }

    fn field(&mut self) -> Result<(u64, Field<'a>), Malformed> {
        let tag = number(&mut self.0)?;
        let (name, kind) = (tag >> 3, tag & 7);
        let field = match kind {
            _ if name == 0 => return Err(Malformed),
            0 => Field::Number(number(&mut self.0)?),
            2 => {
                let length = usize::try_from(number(&mut self.0)?).map_err(|_| Malformed)?;
                Field::Bytes(self.take(length)?)
            }
            1 => self.take(8).map(|_| Field::Fixed)?,
            5 => self.take(4).map(|_| Field::Fixed)?,
            _ => return Err(Malformed),
        };
        Ok((name, field))
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Malformed)?;
        self.0 = rest;
        Ok(taken)
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u64, Field<'a>), Malformed>;

    /// Ends behind the first thing that is no field.
    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_err() {
            self.0 = &[];
        }
        Some(field)
    }
}

/// Takes a number of variable length from the front of `bytes`.
pub(super) fn number(bytes: &mut &[u8]) -> Result<u64, Malformed> {
    let mut value = 0_u64;
    for at in 0..10 {
        let (byte, rest) = bytes.split_first().ok_or(Malformed)?;
        *bytes = rest;
        // The tenth byte has room for one bit.
        if at == 9 && *byte > 1 {
            return Err(Malformed);
        }
        value |= u64::from(byte & 0x7f) << (7 * at);
        if *byte < 0x80 {
            return Ok(value);
        }
    }
    Err(Malformed)
}

/// Puts a number of variable length behind `bytes`.
pub(super) fn put_number(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    bytes.push(value.to_le_bytes()[0]);
}

/// A message that is being written. Fields come in the order of their numbers, and what is nothing is left out, so that the same message is always
/// the same bytes.
#[derive(Debug, Default)]
pub(super) struct Message(Vec<u8>);

impl Message {
    pub(super) fn number(mut self, name: u64, value: u64) -> Self {
        if value != 0 {
            put_number(&mut self.0, name << 3);
            put_number(&mut self.0, value);
        }
        self
    }

    pub(super) fn bytes(self, name: u64, value: &[u8]) -> Self {
        if value.is_empty() { self } else { self.always(name, value) }
    }

    /// A message that says nothing is there all the same.
    pub(super) fn message(self, name: u64, message: &Self) -> Self {
        self.always(name, &message.0)
    }

    fn always(mut self, name: u64, value: &[u8]) -> Self {
        put_number(&mut self.0, (name << 3) | 2);
        put_number(&mut self.0, value.len() as u64);
        self.0.extend(value);
        self
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_written_as_the_format_says() {
        let cases: [(u64, &[u8]); 5] = [
            (0, &[0]),
            (127, &[0x7f]),
            (128, &[0x80, 1]),
            (300, &[0xac, 2]),
            (u64::MAX, &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]),
        ];
        for (value, expected) in cases {
            let mut bytes = Vec::new();
            put_number(&mut bytes, value);
            assert_eq!(bytes, expected, "{value}");
            assert_eq!(number(&mut &*bytes), Ok(value));
        }
    }

    #[test]
    fn what_is_no_message_is_told() {
        let cases: [&[u8]; 7] = [
            &[0x08],
            &[0x00, 0x00],
            &[0x0a, 0x05, b'x'],
            &[0x0b],
            &[0x09, 1, 2],
            &[0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02],
            &[0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
        ];
        for bytes in cases {
            assert_eq!(Fields::of(bytes).collect::<Result<Vec<_>, _>>(), Err(Malformed), "{bytes:?}");
        }
        let fixed = [0x0d, 1, 2, 3, 4, 0x11, 1, 2, 3, 4, 5, 6, 7, 8];
        assert_eq!(Fields::of(&fixed).collect::<Vec<_>>(), [Ok((1, Field::Fixed)), Ok((2, Field::Fixed))]);
    }

    proptest! {
        #[test]
        fn any_bytes_come_to_an_end(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(Fields::of(&bytes).count() <= bytes.len());
        }
    }
}
