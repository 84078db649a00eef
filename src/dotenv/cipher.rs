//! Encrypted values, in the format of dotenvx: one value, one key. Which keys there are and where they are kept is not known here.
//!
//! A value is `encrypted:` and base64 of an ephemeral public key (65 bytes, uncompressed), a nonce (16), a tag (16) and the ciphertext; the key of
//! AES-256-GCM comes from HKDF-SHA-256 over the ephemeral public key and the shared point, both uncompressed.

use std::fmt;

use aes_gcm::AesGcm;
use aes_gcm::aead::{AeadInOut as _, KeyInit as _};
use aes_gcm::aes::Aes256;
use aes_gcm::aes::cipher::consts::U16;
use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_PAD_INDIFFERENT};

/// What an encrypted value begins with.
pub(super) const PREFIX: &str = "encrypted:";

/// The ephemeral key, nonce and tag: what an encrypted empty text has.
const SHORTEST: usize = 65 + 16 + 16;

/// Where the nonce lies in it.
const NONCE: std::ops::Range<usize> = 65..65 + 16;

/// How a nonce begins that says how the value was spelled; then one byte says it.
const SPELLED: &[u8; 7] = b"prodev\x01";

/// From here on, base64 after the prefix is taken for what is left of a ciphertext rather than for somebody's plain text.
const SUSPICIOUS: usize = 32;

/// Half of a pair: it encrypts, and everybody may know it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct PublicKey([u8; 33]);

/// The other half. It is never shown unless somebody asks for its text.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct PrivateKey([u8; 32]);

/// Why a value was not decrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Undecipherable {
    /// It is no whole ciphertext.
    Damaged,
    /// It was encrypted for another key, or was tampered with: nobody can tell the two apart.
    Refused,
}

impl PublicKey {
    /// Reads 66 hexadecimal digits.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let bytes = unhex::<33>(text)?;
        ecies::PublicKey::parse_slice(&bytes, None).ok().map(|_| Self(bytes))
    }

    /// # Errors
    /// Where the system has no random numbers.
    pub(super) fn encrypt(&self, plain: &[u8]) -> anyhow::Result<String> {
        let sealed = ecies::encrypt(&self.0, plain).map_err(|error| anyhow::anyhow!("could not encrypt: {error}"))?;
        Ok(format!("{PREFIX}{}", STANDARD.encode(sealed)))
    }

    /// The same with a byte that everybody can read: which of several spellings the value had. It takes a part of the nonce, which needs not be
    /// random where a key is used once, as each of these is.
    ///
    /// # Errors
    /// As `encrypt`.
    pub(super) fn encrypt_spelled(&self, plain: &[u8], spelling: u8) -> anyhow::Result<String> {
        let mut nonce = [0; NONCE.end - NONCE.start];
        getrandom::fill(&mut nonce).map_err(|error| anyhow::anyhow!("no random numbers: {error}"))?;
        nonce[..SPELLED.len()].copy_from_slice(SPELLED);
        nonce[SPELLED.len()] = spelling;
        let sealed = self.seal(plain, nonce).context("could not encrypt")?;
        Ok(format!("{PREFIX}{}", STANDARD.encode(sealed)))
    }

    fn seal(&self, plain: &[u8], nonce: [u8; 16]) -> Option<Vec<u8>> {
        let (secret, public) = ecies::utils::generate_keypair();
        let receiver = ecies::PublicKey::parse_slice(&self.0, None).ok()?;
        let key = ecies::utils::encapsulate(&secret, &receiver, false).ok()?;
        let mut text = plain.to_vec();
        let cipher = AesGcm::<Aes256, U16>::new_from_slice(&key).ok()?;
        let tag = cipher.encrypt_inout_detached(&nonce.into(), &[], text.as_mut_slice().into()).ok()?;
        Some([public.serialize().as_slice(), &nonce, &tag, &text].concat())
    }
}

/// Which spelling the value had, where that was written down.
pub(super) fn spelling(value: &str) -> Option<u8> {
    let bytes = sealed(value)?;
    bytes[NONCE].strip_prefix(SPELLED).and_then(|rest| rest.first().copied())
}

impl PrivateKey {
    /// Reads 64 hexadecimal digits.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let bytes = unhex::<32>(text)?;
        ecies::SecretKey::parse_slice(&bytes).ok().map(|_| Self(bytes))
    }

    /// A new one.
    ///
    /// # Errors
    /// Where the system has no random numbers.
    pub(super) fn generate() -> anyhow::Result<Self> {
        loop {
            let mut bytes = [0; 32];
            getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("no random numbers: {error}"))?;
            // All but one of 2^128 numbers are keys.
            if ecies::SecretKey::parse_slice(&bytes).is_ok() {
                return Ok(Self(bytes));
            }
        }
    }

    pub(super) fn public(&self) -> PublicKey {
        let key = ecies::SecretKey::parse_slice(&self.0).expect("a private key is checked where it is made");
        PublicKey(ecies::PublicKey::from_secret_key(&key).serialize_compressed())
    }

    /// The key itself, for the file of keys alone.
    pub(super) fn reveal(&self) -> String {
        hex(&self.0)
    }

    /// # Errors
    /// Where the value is no ciphertext, or one for another key.
    pub(super) fn decrypt(&self, value: &str) -> Result<Vec<u8>, Undecipherable> {
        let sealed = sealed(value).ok_or(Undecipherable::Damaged)?;
        ecies::decrypt(&self.0, &sealed).map_err(|_| Undecipherable::Refused)
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({self})")
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey(..)")
    }
}

/// Whether a value is a ciphertext, or what is left of one: such a value must never be handed on as if it were the secret.
pub(super) fn is_encrypted(value: &str) -> bool {
    let is_base64 = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'+' | b'/' | b'=');
    value.strip_prefix(PREFIX).is_some_and(|rest| rest.len() >= SUSPICIOUS && rest.bytes().all(is_base64))
}

/// Whether all parts of a ciphertext are there. Only its key tells whether they fit.
pub(super) fn is_whole(value: &str) -> bool {
    sealed(value).is_some()
}

/// Whether the plain text is empty, which everybody can see: it is as long as what is encrypted.
pub(super) fn is_empty(value: &str) -> bool {
    sealed(value).is_some_and(|bytes| bytes.len() == SHORTEST)
}

fn sealed(value: &str) -> Option<Vec<u8>> {
    let text = value.strip_prefix(PREFIX)?;
    let bytes = STANDARD_PAD_INDIFFERENT.decode(text).ok()?;
    (bytes.len() >= SHORTEST && bytes[0] == 4).then_some(bytes)
}

fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16).expect("a nibble is a digit");
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let text = text.trim();
    let digits: Option<Vec<u8>> = text.chars().map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok())).collect();
    let digits = digits.filter(|digits| digits.len() == 2 * N)?;
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = pair[0] << 4 | pair[1];
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Made by dotenvx 2.38.2: a key, and awkward values beside their ciphertext.
    fn vectors() -> (PrivateKey, PublicKey, Vec<(String, String)>) {
        let recorded: serde_json::Value =
            serde_json::from_str(include_str!("../../tests/data/dotenv/dotenvx-vectors.json")).unwrap();
        let text = |name: &str| recorded[name].as_str().unwrap();
        let values = serde_json::from_value(recorded["values"].clone()).unwrap();
        (PrivateKey::parse(text("private_key")).unwrap(), PublicKey::parse(text("public_key")).unwrap(), values)
    }

    #[test]
    fn what_dotenvx_encrypted_is_decrypted() {
        let (private, public, values) = vectors();
        assert_eq!(private.public(), public);
        assert!(values.len() >= 42);
        for (plain, encrypted) in values {
            assert_eq!(private.decrypt(&encrypted), Ok(plain.into_bytes()));
        }
    }

    #[test]
    fn a_spelling_is_written_down_beside_the_value() {
        let (private, public, _) = vectors();
        let encrypted = public.encrypt_spelled(b"a\nb", 7).unwrap();
        assert_eq!((private.decrypt(&encrypted), spelling(&encrypted)), (Ok(b"a\nb".to_vec()), Some(7)));
        assert_eq!(spelling(&public.encrypt(b"a").unwrap()), None);
    }

    #[test]
    fn another_key_and_every_damage_are_noticed() {
        let (private, public, _) = vectors();
        let encrypted = public.encrypt(b"hunter2").unwrap();
        assert_eq!(PrivateKey::generate().unwrap().decrypt(&encrypted), Err(Undecipherable::Refused));
        for length in 0..encrypted.len() - 2 {
            assert!(private.decrypt(&encrypted[..length]).is_err(), "cut to {length}");
        }
        let bytes = sealed(&encrypted).unwrap();
        for index in 0..bytes.len() {
            let mut bytes = bytes.clone();
            bytes[index] ^= 1;
            assert!(private.decrypt(&format!("{PREFIX}{}", STANDARD.encode(bytes))).is_err(), "byte {index}");
        }
    }

    #[test]
    fn what_is_a_ciphertext_and_what_a_text() {
        let (_, public, _) = vectors();
        let encrypted = public.encrypt(b"").unwrap();
        assert!(is_encrypted(&encrypted) && is_encrypted(&encrypted[..60]));
        for text in ["encrypted:abc", "encrypted:", "encrypted: no, this is a sentence about it all", "x"] {
            assert!(!is_encrypted(text), "{text}");
        }
    }

    #[test]
    fn keys_are_hexadecimal_and_hide_themselves() {
        let (private, public, _) = vectors();
        assert_eq!(PrivateKey::parse(&private.reveal()), Some(private.clone()));
        assert_eq!(PrivateKey::parse(&format!(" {}\n", private.reveal().to_uppercase())), Some(private.clone()));
        assert_eq!(format!("{private:?} {public}"), format!("PrivateKey(..) {}", &public.to_string()));
        for wrong in ["", "00", &"0".repeat(64), &"f".repeat(64), &"g".repeat(64), &"é".repeat(32)] {
            assert!(PrivateKey::parse(wrong).is_none(), "{wrong}");
        }
        assert!(PublicKey::parse(&"00".repeat(33)).is_none() && PublicKey::parse(&private.reveal()).is_none());
    }

    proptest! {
        #[test]
        fn decrypting_gives_back_every_byte(bytes: Vec<u8>) {
            let (private, public, _) = vectors();
            let encrypted = public.encrypt(&bytes).unwrap();
            prop_assert!(is_encrypted(&encrypted));
            prop_assert_eq!(private.decrypt(&encrypted), Ok(bytes));
        }
    }
}
