//! What a recipe did when it last succeeded: its key, what that was made of, and what its files looked like.

use blake3::Hash;
use serde::{Deserialize, Serialize};

use super::files::Stat;
use super::index::{Index, Seen};
use super::manifest::Manifest;
use super::store::Output;

#[derive(Debug, Clone, PartialEq)]
pub(super) struct State {
    pub(super) head: Head,
    /// The inputs in order of their paths, and what the outputs looked like.
    pub(super) inputs: Vec<(String, Seen)>,
    pub(super) outputs: Index,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Head {
    pub(super) key: Hash,
    pub(super) manifest: Manifest,
    pub(super) outputs: Vec<Output>,
    pub(super) log: Option<Hash>,
}

impl State {
    /// The head as a line of JSON, then the files: ten thousand of them are read in a millisecond, which JSON would not be.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec(&self.head).unwrap_or_default();
        bytes.push(b'\n');
        let count = |bytes: &mut Vec<u8>, count: usize| bytes.extend((count as u64).to_le_bytes());
        count(&mut bytes, self.inputs.len());
        self.inputs.iter().for_each(|(path, seen)| put(&mut bytes, path, seen));
        count(&mut bytes, self.outputs.len());
        self.outputs.iter().for_each(|(path, seen)| put(&mut bytes, path, seen));
        bytes
    }

    /// `None` where it is not whole.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let end = bytes.iter().position(|byte| *byte == b'\n')?;
        let head = serde_json::from_slice(&bytes[..end]).ok()?;
        let mut rest = Reader(&bytes[end + 1..]);
        let inputs = (0..rest.number()?).map(|_| rest.file()).collect::<Option<Vec<_>>>()?;
        let outputs = (0..rest.number()?).map(|_| rest.file()).collect::<Option<Index>>()?;
        rest.0.is_empty().then_some(Self { head, inputs, outputs })
    }

    /// What is known of all files.
    pub(super) fn index(&self) -> Index {
        let outputs = self.outputs.iter().map(|(path, seen)| (path.clone(), *seen));
        self.inputs.iter().cloned().chain(outputs).collect()
    }
}

fn put(bytes: &mut Vec<u8>, path: &str, seen: &Seen) {
    let Seen { digest, stat, at } = seen;
    bytes.extend((path.len() as u64).to_le_bytes());
    bytes.extend(path.as_bytes());
    bytes.extend(digest.as_bytes());
    for number in [stat.size, stat.inode, stat.device, u64::from(stat.mode)] {
        bytes.extend(number.to_le_bytes());
    }
    for number in [stat.modified, stat.changed, *at] {
        bytes.extend(number.to_le_bytes());
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn number(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    fn signed(&mut self) -> Option<i64> {
        self.array().map(i64::from_le_bytes)
    }

    fn file(&mut self) -> Option<(String, Seen)> {
        let length = usize::try_from(self.number()?).ok()?;
        let path = std::str::from_utf8(self.take(length)?).ok()?.to_owned();
        let digest = Hash::from_bytes(self.array()?);
        let (size, inode, device) = (self.number()?, self.number()?, self.number()?);
        let mode = u32::try_from(self.number()?).ok()?;
        let (modified, changed, at) = (self.signed()?, self.signed()?, self.signed()?);
        Some((path, Seen { digest, stat: Stat { size, modified, changed, inode, device, mode }, at }))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn state() -> State {
        let stat = Stat { size: 1, modified: -2, changed: 3, inode: 4, device: 5, mode: 0o100_644 };
        let seen = Seen { digest: blake3::hash(b"x"), stat, at: 6 };
        let head = Head { key: blake3::hash(b"k"), manifest: Manifest::default(), outputs: Vec::new(), log: None };
        State { head, inputs: vec![("ä/b".to_owned(), seen)], outputs: [("o".to_owned(), seen)].into() }
    }

    #[test]
    fn a_state_is_read_as_it_was_written() {
        assert_eq!(State::decode(&state().encode()), Some(state()));
    }

    proptest! {
        /// What was cut off or damaged is read as nothing or as something, and never ends the program.
        #[test]
        fn damage_is_survived(cut in 0_usize..600, at in 0_usize..600, byte in any::<u8>()) {
            let mut bytes = state().encode();
            let cut = cut.min(bytes.len());
            prop_assert!(cut == bytes.len() || State::decode(&bytes[..cut]).is_none());
            let at = at.min(bytes.len() - 1);
            bytes[at] = byte;
            State::decode(&bytes);
        }
    }
}
