//! Secrets taken out of a stream of bytes, wherever its pieces are cut.

/// What stands in place of a secret.
const MASK: &[u8] = b"********";

/// The shortest secret that is looked for: shorter ones are in every other word.
pub(crate) const SHORTEST: usize = 8;

/// The secrets of a run.
#[derive(Debug, Clone, Default)]
pub(crate) struct Secrets(Vec<Vec<u8>>);

impl Secrets {
    /// Takes one in, and its lines where it has several: programs print them one by one. Gives false for one that is too short.
    pub(crate) fn add(&mut self, secret: &str) -> bool {
        let pieces = std::iter::once(secret).chain(secret.lines().filter(|_| secret.contains('\n')));
        for piece in pieces.filter(|piece| piece.len() >= SHORTEST) {
            if !self.0.iter().any(|known| known == piece.as_bytes()) {
                self.0.push(piece.as_bytes().to_vec());
            }
        }
        // The longest first: one can be the beginning of another.
        self.0.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        secret.is_empty() || secret.len() >= SHORTEST
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What of `held` can be shown now: all but an end that may be the beginning of a secret. It is taken out of `held`.
    pub(crate) fn release(&self, held: &mut Vec<u8>) -> Vec<u8> {
        self.take(held, false)
    }

    /// All of `held`, as nothing follows it.
    pub(crate) fn finish(&self, held: &mut Vec<u8>) -> Vec<u8> {
        self.take(held, true)
    }

    fn take(&self, held: &mut Vec<u8>, is_end: bool) -> Vec<u8> {
        if self.0.is_empty() {
            return std::mem::take(held);
        }
        let mut shown = Vec::with_capacity(held.len());
        let mut at = 0;
        while at < held.len() {
            let rest = &held[at..];
            if let Some(secret) = self.0.iter().find(|secret| rest.starts_with(secret)) {
                shown.extend_from_slice(MASK);
                at += secret.len();
            } else if !is_end && self.0.iter().any(|secret| secret.starts_with(rest)) {
                break;
            } else {
                shown.push(held[at]);
                at += 1;
            }
        }
        held.drain(..at);
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(list: &[&str]) -> Secrets {
        let mut secrets = Secrets::default();
        for secret in list {
            secrets.add(secret);
        }
        secrets
    }

    #[test]
    fn secrets_are_masked_and_short_ones_are_not() {
        let secrets = secrets(&["hunter2hunter2", "short", "line one\nline two"]);
        let mut held = b"a hunter2hunter2 short line one\n hunter2h".to_vec();
        assert_eq!(secrets.release(&mut held), b"a ******** short ********\n ");
        assert_eq!(secrets.finish(&mut held), b"hunter2h");
        assert!(!Secrets::default().add("short"));
    }

    proptest::proptest! {
        #[test]
        fn it_does_not_matter_where_pieces_are_cut(text in "[ab]{0,40}", cuts in proptest::collection::vec(0_usize..40, 0..6)) {
            let secrets = secrets(&["abababab", "aabbaabbaa"]);
            let whole = secrets.finish(&mut text.clone().into_bytes());
            let mut cuts = cuts;
            cuts.sort_unstable();
            let (mut held, mut shown, mut from) = (Vec::new(), Vec::new(), 0);
            for cut in cuts.into_iter().filter(|cut| *cut <= text.len()) {
                held.extend_from_slice(&text.as_bytes()[from..cut]);
                shown.extend(secrets.release(&mut held));
                from = cut;
            }
            held.extend_from_slice(&text.as_bytes()[from..]);
            shown.extend(secrets.finish(&mut held));
            proptest::prop_assert_eq!(shown, whole);
        }
    }
}
