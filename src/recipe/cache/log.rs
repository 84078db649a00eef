//! What a recipe said, stream by stream, as it is stored: each piece is its stream, its length, and its bytes.

use crate::ui::Stream;

/// Longer outputs are not said again.
pub(super) const LONGEST: usize = 4 * 1024 * 1024;

/// What is being said.
#[derive(Debug, Default)]
pub(crate) struct Log {
    bytes: Vec<u8>,
    is_too_long: bool,
}

impl Log {
    pub(crate) fn add(&mut self, stream: Stream, bytes: &[u8]) {
        if self.is_too_long || self.bytes.len() + bytes.len() > LONGEST {
            (self.is_too_long, self.bytes) = (true, Vec::new());
            return;
        }
        let Ok(length) = u32::try_from(bytes.len()) else { return };
        self.bytes.push(u8::from(stream == Stream::Err));
        self.bytes.extend(length.to_le_bytes());
        self.bytes.extend(bytes);
    }

    /// As it is stored.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// From what was said on each stream, and in which order: whose each piece is, and how long. Where that does not add up, one stream comes after the
    /// other.
    pub(super) fn weave(stdout: &[u8], stderr: &[u8], order: &[(Stream, u64)]) -> Self {
        Self::in_order(stdout, stderr, order).unwrap_or_else(|| {
            let mut log = Self::default();
            for (stream, bytes) in [(Stream::Out, stdout), (Stream::Err, stderr)] {
                if !bytes.is_empty() {
                    log.add(stream, bytes);
                }
            }
            log
        })
    }

    fn in_order<'a>(mut stdout: &'a [u8], mut stderr: &'a [u8], order: &[(Stream, u64)]) -> Option<Self> {
        let mut log = Self::default();
        for (stream, length) in order {
            let from = if *stream == Stream::Out { &mut stdout } else { &mut stderr };
            let (piece, rest) = from.split_at_checked(usize::try_from(*length).ok()?)?;
            log.add(*stream, piece);
            *from = rest;
        }
        (stdout.is_empty() && stderr.is_empty()).then_some(log)
    }
}

/// The pieces of a stored log, up to where it is none.
pub(crate) fn pieces(mut bytes: &[u8]) -> impl Iterator<Item = (Stream, &[u8])> {
    std::iter::from_fn(move || {
        let [stream, a, b, c, d, rest @ ..] = bytes else { return None };
        let length = usize::try_from(u32::from_le_bytes([*a, *b, *c, *d])).ok()?;
        let (piece, rest) = rest.split_at_checked(length)?;
        bytes = rest;
        Some((if *stream == 1 { Stream::Err } else { Stream::Out }, piece))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_does_not_add_up_comes_one_after_the_other() {
        let plain = Log::weave(b"out", b"err", &[]);
        assert_eq!(pieces(plain.as_bytes()).collect::<Vec<_>>(), [(Stream::Out, &b"out"[..]), (Stream::Err, b"err")]);
        for order in [&[(Stream::Out, 4), (Stream::Err, 3)][..], &[(Stream::Out, 3)], &[(Stream::Err, u64::MAX)]] {
            assert_eq!(Log::weave(b"out", b"err", order).as_bytes(), plain.as_bytes());
        }
        assert!(Log::weave(b"", b"", &[]).as_bytes().is_empty());
    }

    proptest! {
        #[test]
        fn what_was_taken_apart_is_woven_again(said in proptest::collection::vec((any::<bool>(), proptest::collection::vec(any::<u8>(), 0..9)), 0..9)) {
            let mut log = Log::default();
            let (mut streams, mut order) = ([Vec::new(), Vec::new()], Vec::new());
            for (is_err, bytes) in &said {
                let stream = if *is_err { Stream::Err } else { Stream::Out };
                log.add(stream, bytes);
                streams[usize::from(*is_err)].extend(bytes);
                order.push((stream, bytes.len() as u64));
            }
            prop_assert_eq!(pieces(log.as_bytes()).count(), said.len());
            let woven = Log::weave(&streams[0], &streams[1], &order);
            prop_assert_eq!(woven.as_bytes(), log.as_bytes());
        }

        #[test]
        fn any_bytes_come_to_an_end(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(pieces(&bytes).count() <= bytes.len());
        }
    }
}
