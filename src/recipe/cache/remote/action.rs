//! What a recipe made as `ActionResult` says it (`build.bazel.remote.execution.v2`): written so that any server takes it, read so that nobody can
//! make this program keep more than it wants.

use super::digest::{Adder, Digest};
use super::wire::{Field, Fields, Malformed, Message, number, put_number};
use crate::recipe::cache::log;
use crate::ui::Stream;

/// More outputs than this are nobody's.
pub(super) const MOST_OUTPUTS: usize = 100_000;

/// What is kept of what a recipe says has fewer pieces.
const MOST_PIECES: usize = log::LONGEST / 5;

/// A longer text is a blob of its own.
const LONGEST_INLINE: usize = 64 * 1024;

/// What prodev's own are called among the details of an execution: in which order the output came (1), and a seal (2).
const DETAILS: &[u8] = b"type.googleapis.com/prodev.cache.v1.Details";

/// What a recipe made.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct ActionResult<'a> {
    pub(super) files: Vec<File<'a>>,
    /// Each with where it is and where it points to.
    pub(super) links: Vec<(&'a str, &'a str)>,
    pub(super) stdout: Text<'a>,
    pub(super) stderr: Text<'a>,
    /// In which order the pieces of both came: whose it is, and how long.
    pub(super) order: Vec<(Stream, u64)>,
    /// How long it took, in nanoseconds.
    pub(super) time: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct File<'a> {
    pub(super) path: &'a str,
    pub(super) digest: Digest,
    /// The bits of permission alone.
    pub(super) mode: u32,
}

/// What was said on a stream.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Text<'a> {
    #[default]
    Nothing,
    Inline(&'a [u8]),
    Blob(Digest),
}

/// Why a result is not taken, as the end of a sentence about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Odd(pub(super) String);

impl From<Malformed> for Odd {
    fn from(_: Malformed) -> Self {
        Self("is no result".to_owned())
    }
}

impl<'a> Text<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        match bytes.len() {
            0 => Self::Nothing,
            length if length <= LONGEST_INLINE => Self::Inline(bytes),
            _ => Self::Blob(Digest::of(bytes)),
        }
    }

    fn into(self, message: Message, inline: u64, blob: u64) -> Message {
        match self {
            Self::Nothing => message,
            Self::Inline(bytes) => message.bytes(inline, bytes),
            Self::Blob(digest) => message.message(blob, &digest.message()),
        }
    }
}

impl ActionResult<'_> {
    pub(super) fn encode(&self) -> Vec<u8> {
        let order = self.order();
        let details = Message::default().bytes(1, &order).bytes(2, &self.seal(&order));
        let details = Message::default().bytes(1, DETAILS).bytes(2, &details.into_bytes());
        let (seconds, rest) = (self.time / 1_000_000_000, self.time % 1_000_000_000);
        let time = Message::default().number(1, seconds).number(2, rest);
        let metadata = Message::default().bytes(1, b"prodev").message(11, &details).message(12, &time);
        self.with(Some(&metadata)).into_bytes()
    }

    fn with(&self, metadata: Option<&Message>) -> Message {
        let mut message = Message::default();
        for file in &self.files {
            message = message.message(2, &file.message());
        }
        // The exit code (4) is 0, which is left out.
        message = self.stdout.into(message, 5, 6);
        message = self.stderr.into(message, 7, 8);
        if let Some(metadata) = metadata {
            message = message.message(9, metadata);
        }
        for (path, target) in &self.links {
            let link = Message::default().bytes(1, path.as_bytes()).bytes(2, target.as_bytes());
            message = message.message(12, &link);
        }
        message
    }

    fn order(&self) -> Vec<u8> {
        let mut order = Vec::new();
        for (stream, length) in &self.order {
            put_number(&mut order, (length << 1) | u64::from(*stream == Stream::Err));
        }
        order
    }

    /// Tells a result that was damaged: content has a name that does so, a result has none. Of what it means, not of its bytes, since servers may write
    /// it anew, with a detail of their own.
    fn seal(&self, order: &[u8]) -> [u8; 32] {
        let mut adder = Adder::default();
        adder.add(&self.with(None).into_bytes());
        adder.add(order);
        adder.digest().hash.bytes()
    }

    /// # Errors
    /// Where it is none, or holds what no recipe of prodev makes.
    pub(super) fn decode(bytes: &[u8]) -> Result<ActionResult<'_>, Odd> {
        let mut result = ActionResult::default();
        let mut seal = None;
        for field in Fields::of(bytes) {
            match field? {
                (2, Field::Bytes(bytes)) => result.files.push(File::decode(bytes)?),
                (12, Field::Bytes(bytes)) => result.links.push(link(bytes)?),
                (3 | 10 | 11, _) => return Err(Odd("has outputs of another kind than prodev makes".to_owned())),
                (4, Field::Number(0)) => {}
                (4, _) => return Err(Odd("is that of something that failed".to_owned())),
                (5, Field::Bytes(bytes)) if !bytes.is_empty() => result.stdout = Text::Inline(bytes),
                (6, Field::Bytes(bytes)) => result.stdout = Text::Blob(Digest::decode(bytes)?),
                (7, Field::Bytes(bytes)) if !bytes.is_empty() => result.stderr = Text::Inline(bytes),
                (8, Field::Bytes(bytes)) => result.stderr = Text::Blob(Digest::decode(bytes)?),
                (9, Field::Bytes(bytes)) => seal = result.metadata(bytes)?.or(seal),
                _ => {}
            }
            if result.files.len() + result.links.len() > MOST_OUTPUTS {
                return Err(Odd(format!("has more than {MOST_OUTPUTS} outputs")));
            }
        }
        match seal {
            None => Err(Odd("is none of prodev's".to_owned())),
            Some(seal) if seal != result.seal(&result.order()) => Err(Odd("is damaged".to_owned())),
            Some(_) => Ok(result),
        }
    }

    /// Takes in what is told of the execution, and gives the seal.
    fn metadata<'a>(&mut self, bytes: &'a [u8]) -> Result<Option<&'a [u8]>, Malformed> {
        let mut seal = None;
        for field in Fields::of(bytes) {
            match field? {
                (11, Field::Bytes(detail)) => {
                    let [name, value] = two(detail)?;
                    // Another's detail says nothing here.
                    if name == DETAILS {
                        let [order, own] = two(value)?;
                        self.order = read_order(order)?;
                        seal = Some(own);
                    }
                }
                (12, Field::Bytes(duration)) => {
                    let (mut seconds, mut rest) = (0, 0);
                    for field in Fields::of(duration) {
                        match field? {
                            (1, Field::Number(number)) => seconds = number,
                            (2, Field::Number(number)) => rest = number,
                            _ => {}
                        }
                    }
                    self.time = seconds.saturating_mul(1_000_000_000).saturating_add(rest);
                }
                _ => {}
            }
        }
        Ok(seal)
    }
}

/// The first two fields of a message that are bytes.
fn two(bytes: &[u8]) -> Result<[&[u8]; 2], Malformed> {
    let mut found = [&[][..]; 2];
    for field in Fields::of(bytes) {
        match field? {
            (1, Field::Bytes(bytes)) => found[0] = bytes,
            (2, Field::Bytes(bytes)) => found[1] = bytes,
            _ => {}
        }
    }
    Ok(found)
}

impl<'a> File<'a> {
    fn message(&self) -> Message {
        let mode = Message::default().number(1, self.mode.into());
        Message::default()
            .bytes(1, self.path.as_bytes())
            .message(2, &self.digest.message())
            .number(4, u64::from(self.mode & 0o111 != 0))
            .message(7, &Message::default().message(3, &mode))
    }

    fn decode(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let (mut path, mut digest, mut is_executable, mut mode) = ("", None, false, None);
        for field in Fields::of(bytes) {
            match field? {
                (1, Field::Bytes(bytes)) => path = text(bytes)?,
                (2, Field::Bytes(bytes)) => digest = Some(Digest::decode(bytes)?),
                (4, Field::Number(number)) => is_executable = number != 0,
                (7, Field::Bytes(bytes)) => mode = unix_mode(bytes)?,
                _ => {}
            }
        }
        let plain = if is_executable { 0o755 } else { 0o644 };
        // Nobody would find a mode that contradicts the other field; a file that its owner cannot read could not be verified.
        let mode = mode.filter(|mode| (mode & 0o111 != 0) == is_executable).unwrap_or(plain) | 0o400;
        Ok(Self { path, digest: digest.ok_or(Malformed)?, mode })
    }
}

/// The bits of permission that properties of a file tell, if they do.
fn unix_mode(properties: &[u8]) -> Result<Option<u32>, Malformed> {
    let mut mode = None;
    for field in Fields::of(properties) {
        if let (3, Field::Bytes(value)) = field? {
            let mut bits = 0;
            for field in Fields::of(value) {
                if let (1, Field::Number(number)) = field? {
                    bits = number;
                }
            }
            mode = u32::try_from(bits & 0o777).ok();
        }
    }
    Ok(mode)
}

fn link(bytes: &[u8]) -> Result<(&str, &str), Malformed> {
    let [path, target] = two(bytes)?;
    Ok((text(path)?, text(target)?))
}

fn read_order(mut bytes: &[u8]) -> Result<Vec<(Stream, u64)>, Malformed> {
    let mut order = Vec::new();
    while !bytes.is_empty() {
        if order.len() > MOST_PIECES {
            return Err(Malformed);
        }
        let piece = number(&mut bytes)?;
        order.push((if piece & 1 == 1 { Stream::Err } else { Stream::Out }, piece >> 1));
    }
    Ok(order)
}

fn text(bytes: &[u8]) -> Result<&str, Malformed> {
    std::str::from_utf8(bytes).map_err(|_| Malformed)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use proptest::prelude::*;

    use super::*;

    /// As `tests/data/cache/action.txt` says, which was written by another implementation (`tests/data/cache/action.py`).
    #[test]
    fn results_are_written_as_others_write_them() {
        let file = |path, content: &[u8], mode| File { path, digest: Digest::of(content), mode };
        let result = ActionResult {
            files: vec![
                file("out/all", b"AB", 0o644),
                file("out/tool", b"#!/bin/sh\n", 0o755),
                file("empty", b"", 0o600),
            ],
            links: vec![("out/latest", "all")],
            stdout: Text::Inline(b"joined\n"),
            stderr: Text::Blob(Digest::of(b"long")),
            order: vec![(Stream::Out, 3), (Stream::Err, 4), (Stream::Out, 4)],
            time: 1_500_000_000,
        };
        let recorded = include_str!("../../../../tests/data/cache/action.txt");
        let digits: String = recorded.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(hex(&result.encode()), digits);
        assert_eq!(ActionResult::decode(&result.encode()), Ok(result));
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    #[test]
    fn what_prodev_does_not_make_is_not_taken() {
        let file = Message::default().bytes(1, b"a").message(2, &Digest::of(b"").message());
        let cases = [
            (Message::default().message(3, &Message::default()), "has outputs of another kind than prodev makes"),
            (Message::default().number(4, 7), "is that of something that failed"),
            (Message::default().message(2, &Message::default().bytes(1, b"no digest")), "is no result"),
            (Message::default().message(2, &Message::default().bytes(1, b"\xff")), "is no result"),
            (Message::default().message(2, &file), "is none of prodev's"),
            (
                (0..=MOST_OUTPUTS).fold(Message::default(), |all, _| all.message(2, &file)),
                "has more than 100000 outputs",
            ),
        ];
        for (message, odd) in cases {
            assert_eq!(ActionResult::decode(&message.into_bytes()), Err(Odd(odd.to_owned())));
        }
    }

    #[test]
    fn modes_are_those_of_plain_files() {
        let cases = [
            (0o100_644, false, 0o644),
            (0o4755, true, 0o755),
            (0o755, false, 0o644),
            (0o644, true, 0o755),
            (0o111, true, 0o511),
            (u64::MAX, true, 0o777),
            (0, false, 0o400),
        ];
        for (given, is_executable, expected) in cases {
            let mode = Message::default().number(1, given);
            let file = Message::default()
                .bytes(1, b"a")
                .message(2, &Digest::of(b"").message())
                .number(4, u64::from(is_executable))
                .message(7, &Message::default().message(3, &mode));
            let file = File::decode(&file.into_bytes()).map(|file| file.mode);
            assert_eq!(file, Ok(expected), "{given:o} {is_executable}");
        }
    }

    proptest! {
        #[test]
        fn results_are_read_as_they_were_written(
            paths in proptest::collection::vec(("[a-zä/]{1,20}", any::<Vec<u8>>(), 0_u32..0o1000), 0..6),
            links in proptest::collection::vec(("[a-z]{1,9}", "[a-z./]{1,9}"), 0..4),
            out in proptest::collection::vec(any::<u8>(), 0..40),
            err in proptest::option::of(proptest::collection::vec(any::<u8>(), 0..40)),
            order in proptest::collection::vec((any::<bool>(), 0..u64::MAX >> 1), 0..5),
            time in any::<u64>(),
        ) {
            let file = |(path, content, mode): &'_ (String, Vec<u8>, u32)| (path.clone(), Digest::of(content), mode | 0o400);
            let files: Vec<_> = paths.iter().map(file).collect();
            let result = ActionResult {
                files: files.iter().map(|(path, digest, mode)| File { path, digest: *digest, mode: *mode }).collect(),
                links: links.iter().map(|(path, target)| (path.as_str(), target.as_str())).collect(),
                stdout: Text::of(&out),
                stderr: err.as_deref().map_or(Text::Nothing, |err| Text::Blob(Digest::of(err))),
                order: order.iter().map(|(is_err, length)| (if *is_err { Stream::Err } else { Stream::Out }, *length)).collect(),
                time,
            };
            let bytes = result.encode();
            prop_assert_eq!(ActionResult::decode(&bytes), Ok(result));
        }

        #[test]
        fn any_bytes_are_read_as_something(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = ActionResult::decode(&bytes);
        }

        /// A message that is nearly one comes further than noise does.
        #[test]
        fn damage_is_survived(at in 0_usize..200, byte in any::<u8>(), cut in 0_usize..200) {
            let files = vec![File { path: "out/all", digest: Digest::of(b"AB"), mode: 0o644 }];
            let order = vec![(Stream::Err, 4)];
            let mut bytes = ActionResult { files, order, stdout: Text::Inline(b"said"), ..ActionResult::default() }.encode();
            let at = at.min(bytes.len() - 1);
            bytes[at] = byte;
            let _ = ActionResult::decode(&bytes);
            let _ = ActionResult::decode(&bytes[..cut.min(bytes.len())]);
        }
    }
}
