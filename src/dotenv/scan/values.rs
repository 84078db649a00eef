//! Finds secrets that are known by their value, also as base64, in an address or in JSON.

use aho_corasick::{AhoCorasick, MatchKind};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::tokens::Hit;

/// Shorter values stand in too many texts by chance.
pub(super) const SHORTEST: usize = 8;

/// All spellings of all known secrets.
#[derive(Debug)]
pub(super) struct Values {
    finder: AhoCorasick,
    /// Whose value a spelling is, and how it is spelled.
    owners: Vec<(String, &'static str)>,
}

impl Values {
    /// `None` where nothing can be looked for: no secret is long enough.
    pub(super) fn new<'a>(secrets: impl IntoIterator<Item = (&'a str, &'a str)>) -> Option<Self> {
        let mut spellings: Vec<Vec<u8>> = Vec::new();
        let mut owners: Vec<(String, &'static str)> = Vec::new();
        for (name, value) in secrets.into_iter().filter(|(_, value)| is_worth_looking_for(value)) {
            for (spelling, how) in spellings_of(value) {
                if spelling.len() >= SHORTEST && !spellings.contains(&spelling) {
                    spellings.push(spelling);
                    owners.push((name.to_owned(), how));
                }
            }
        }
        if spellings.is_empty() {
            return None;
        }
        // Of spellings that begin at one place, the longest covers all of the secret.
        let finder = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(spellings).ok()?;
        Some(Self { finder, owners })
    }

    pub(super) fn find(&self, text: &[u8]) -> Vec<Hit> {
        let hit = |found: aho_corasick::Match| {
            let (name, how) = &self.owners[found.pattern().as_usize()];
            Hit {
                kind: "declared-secret",
                what: format!("the value of `{name}`{how}"),
                start: found.start(),
                end: found.end(),
            }
        };
        self.finder.find_iter(text).map(hit).collect()
    }
}

/// Whether a value is long and particular enough: `development` is not, though somebody may have declared it.
fn is_worth_looking_for(value: &str) -> bool {
    let mut seen: Vec<char> = value.chars().collect();
    seen.sort_unstable();
    seen.dedup();
    value.len() >= SHORTEST && seen.len() >= 4
}

fn spellings_of(value: &str) -> Vec<(Vec<u8>, &'static str)> {
    let mut all = vec![(value.as_bytes().to_vec(), "")];
    // Some part of it may stand in a longer text, so there are three ways in which its bits can fall.
    for shift in 0..3 {
        let mut bytes = vec![0; shift];
        bytes.extend(value.as_bytes());
        for encoded in [STANDARD_NO_PAD.encode(&bytes), URL_SAFE_NO_PAD.encode(&bytes)] {
            let skip = (shift * 8).div_ceil(6);
            // The last character also has bits of what follows.
            let end = bytes.len() * 8 / 6;
            all.push((encoded.as_bytes()[skip..end].to_vec(), " in base64"));
        }
    }
    for hex in [b"0123456789ABCDEF", b"0123456789abcdef"] {
        for kept in ["-._~", "-._~!*'()", "-._~!$&'()*+,;=:@/"] {
            all.push((percent(value, hex, kept, b"%20"), " as part of an address"));
            all.push((percent(value, hex, kept, b"+"), " as part of an address"));
        }
    }
    let json = serde_json::Value::from(value).to_string();
    let json = json[1..json.len() - 1].to_owned();
    all.push((json.replace('/', "\\/").into_bytes(), " in JSON"));
    all.push((ascii(&json).into_bytes(), " in JSON"));
    all.push((json.into_bytes(), " in JSON"));
    all
}

fn percent(value: &str, hex: &[u8; 16], kept: &str, blank: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || kept.as_bytes().contains(&byte) {
            text.push(byte);
        } else if byte == b' ' {
            text.extend(blank);
        } else {
            text.extend([b'%', hex[usize::from(byte >> 4)], hex[usize::from(byte & 15)]]);
        }
    }
    text
}

/// As JSON writes what is not ASCII, where it must be.
fn ascii(json: &str) -> String {
    let mut text = String::new();
    let mut units = [0; 2];
    for c in json.chars() {
        if c.is_ascii() {
            text.push(c);
        } else {
            text.extend(c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(secret: &str, text: &str) -> Vec<String> {
        let values = Values::new([("KEY", secret)]);
        values.map(|values| values.find(text.as_bytes())).unwrap_or_default().into_iter().map(|hit| hit.what).collect()
    }

    #[test]
    fn every_spelling_is_found() {
        let secret = "pa/ss wörd+\"1\\";
        let base64 = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
        let cases = [
            (format!("x{secret}y"), "the value of `KEY`"),
            (base64(secret), "the value of `KEY` in base64"),
            (base64(&format!("u:{secret}:more")), "the value of `KEY` in base64"),
            (base64(&format!("us:{secret}")), "the value of `KEY` in base64"),
            ("pa%2Fss%20w%C3%B6rd%2B%221%5C".to_owned(), "the value of `KEY` as part of an address"),
            ("pa%2fss+w%c3%b6rd%2b%221%5c".to_owned(), "the value of `KEY` as part of an address"),
            (r#"pa/ss wörd+\"1\\"#.to_owned(), "the value of `KEY` in JSON"),
            (r#"pa\/ss wörd+\"1\\"#.to_owned(), "the value of `KEY` in JSON"),
            (r#"pa/ss w\u00f6rd+\"1\\"#.to_owned(), "the value of `KEY` in JSON"),
        ];
        for (text, what) in cases {
            assert_eq!(found(secret, &format!("a {text} b")), [what], "{text}");
        }
    }

    #[test]
    fn short_and_plain_values_are_not_looked_for() {
        for secret in ["", "true", "1234567", "aaaaaaaaaaaa", "        "] {
            assert!(found(secret, &format!("a {secret} b")).is_empty(), "{secret}");
        }
    }

    proptest! {
        #[test]
        fn a_secret_is_found_wherever_it_stands(before in "[ -~]{0,20}", secret in "[!-~]{10,40}", after in "[ -~]{0,20}") {
            prop_assume!(is_worth_looking_for(&secret));
            let text = format!("{before}{secret}{after}");
            prop_assert!(!found(&secret, &text).is_empty());
            let encoded = base64::engine::general_purpose::STANDARD.encode(&text);
            prop_assert!(!found(&secret, &encoded).is_empty());
        }
    }
}
