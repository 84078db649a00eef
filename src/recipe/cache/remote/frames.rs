//! Many answers in one stream: behind each body comes a word that no server knows, and the status. What is read is handed on as it comes, so that
//! no body has to be held.

use memchr::memmem;

/// What comes next in the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part<'a> {
    Body(&'a [u8]),
    /// An answer is over. Its status; 0 where there was none.
    End(u16),
}

/// Takes a stream apart.
#[derive(Debug)]
pub(super) struct Frames {
    word: String,
    finder: memmem::Finder<'static>,
    /// What may be the beginning of the word.
    held: Vec<u8>,
}

/// The digits of a status and the end of its line.
const STATUS: usize = 4;

impl Frames {
    /// `word` is behind each body, and nobody else knows it.
    pub(super) fn new(word: &str) -> Self {
        Self { word: word.to_owned(), finder: memmem::Finder::new(word).into_owned(), held: Vec::new() }
    }

    /// Takes in the next bytes of the stream. `None` where what comes behind the word is no status, or whoever hears of it wants no more.
    pub(super) fn feed(&mut self, bytes: &[u8], mut hear: impl FnMut(Part) -> Option<()>) -> Option<()> {
        self.held.extend_from_slice(bytes);
        let mut from = 0;
        loop {
            let rest = &self.held[from..];
            let Some(at) = self.finder.find(rest) else {
                let certain = rest.len().saturating_sub(self.word.len() - 1);
                if certain > 0 {
                    hear(Part::Body(&rest[..certain]))?;
                    from += certain;
                }
                break;
            };
            if at > 0 {
                hear(Part::Body(&rest[..at]))?;
                from += at;
            }
            let Some(line) = self.held[from + self.word.len()..].get(..STATUS) else { break };
            let (digits, end) = line.split_at(STATUS - 1);
            let status = std::str::from_utf8(digits).ok()?.parse().ok().filter(|_| end == b"\n")?;
            hear(Part::End(status))?;
            from += self.word.len() + STATUS;
        }
        self.held.drain(..from);
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const WORD: &str = "0123456789abcdef";

    fn answers(stream: &[u8], size: usize) -> Option<Vec<(Vec<u8>, u16)>> {
        let (mut frames, mut body, mut answers) = (Frames::new(WORD), Vec::new(), Vec::new());
        for piece in stream.chunks(size) {
            frames.feed(piece, |part| {
                match part {
                    Part::Body(bytes) => body.extend_from_slice(bytes),
                    Part::End(status) => answers.push((std::mem::take(&mut body), status)),
                }
                Some(())
            })?;
        }
        Some(answers)
    }

    #[test]
    fn what_is_no_status_is_told() {
        for line in ["2000\n", "20x\n", "-20\n", "ok"] {
            assert_eq!(answers(format!("body{WORD}{line}....").as_bytes(), 100), None, "{line}");
        }
        assert_eq!(answers(format!("half{WORD}20").as_bytes(), 100), Some(Vec::new()));
    }

    proptest! {
        /// However the stream is cut, and whatever the bodies are, as long as the word is not in them.
        #[test]
        fn bodies_are_told_apart(
            bodies in proptest::collection::vec((prop_oneof![
                proptest::collection::vec(any::<u8>(), 0..50),
                (0_usize..16).prop_map(|length| WORD.as_bytes()[..length].to_vec()),
            ], prop_oneof![Just(0_u16), Just(200), Just(404)]), 0..6),
            size in 1_usize..40,
        ) {
            let mut stream = Vec::new();
            for (body, status) in &bodies {
                stream.extend(body);
                stream.extend(format!("{WORD}{status:03}\n").as_bytes());
            }
            prop_assert_eq!(answers(&stream, size), Some(bodies));
        }
    }
}
