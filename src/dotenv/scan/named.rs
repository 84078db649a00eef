//! Values that a name beside them calls a secret, such as `db_password = "…"`: found by the name, believed by the look of the value.

use std::sync::LazyLock;

use regex::bytes::{Regex, RegexBuilder};

use super::decoys;
use super::tokens::{Hit, Place};

/// One of these is in every name that calls its value a secret.
pub(super) const WORDS: [&str; 22] = [
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "token",
    "apikey",
    "api_key",
    "api-key",
    "accesskey",
    "access_key",
    "access-key",
    "privatekey",
    "private_key",
    "private-key",
    "authkey",
    "auth_key",
    "credential",
    "encryption_key",
    "signing_key",
    "_pass",
    "_key",
];

/// Names whose value is a word that a person chose, and so need not look random.
const CHOSEN: [&str; 5] = ["password", "passwd", "passphrase", "pwd", "pass"];

/// How far a name reaches to either side of its telling word.
const LONGEST_NAME: usize = 80;

/// Longer values are no passwords.
const LONGEST: usize = 500;

/// What may stand between a name and its value: a sign, with a type or a default's name beside it; `value:` on the next line, as in lists of
/// variables; an attribute or the end of a tag. Then the value, in one of three quotes or bare.
static VALUE: LazyLock<Regex> = LazyLock::new(|| {
    let sign = r#"["'\]]{0,3}[ \t]*(?::[ \t]*[A-Za-z_&]{1,12}[ \t]*)?(?:=>|:=|==?|:|,)[ \t]*(?:default[ \t]*=[ \t]*)?"#;
    let line = r#"["']?[ \t]*\r?\n[ \t-]*value[ \t]*:[ \t]*"#;
    let tag = r#"["'][ \t]+[Vv]alue[ \t]*=[ \t]*|>"#;
    let value = r#"[rbfu]?"([^"\n]{6,500})"|[rbfu]?'([^'\n]{6,500})'|`([^`\n]{6,500})`|([^\s"'`,;<>(){}\[\]]{6,500})"#;
    let pattern = format!(r"\A(?:{sign}|{line}|{tag})(?:{value})");
    RegexBuilder::new(&pattern).unicode(false).build().expect("a test uses this pattern")
});

/// Looks at the places where a telling word begins.
pub(super) fn find(text: &[u8], starts: &[usize], place: Place) -> Vec<Hit> {
    let mut hits = Vec::new();
    let mut reached = 0;
    for start in starts.iter().copied() {
        if start < reached {
            continue;
        }
        let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
        let before = text[..start].iter().rev().take(LONGEST_NAME).take_while(|byte| is_name(byte)).count();
        let after = text[start..].iter().take(LONGEST_NAME).take_while(|byte| is_name(byte)).count();
        let end = start + after;
        reached = end;
        let name = String::from_utf8_lossy(&text[start - before..end]);
        if let Some((start, length)) = value(&text[end..text.len().min(end + LONGEST + 40)], &name, place) {
            let what = format!("the value of `{name}`");
            hits.push(Hit { kind: "named-secret", what, start: end + start, end: end + start + length });
        }
    }
    hits
}

/// Where the value stands after the name, if it is a secret.
fn value(rest: &[u8], name: &str, place: Place) -> Option<(usize, usize)> {
    let groups = VALUE.captures(rest)?;
    let bare = groups.get(4);
    let found = bare.or_else(|| groups.iter().skip(1).flatten().next())?;
    if bare.is_some() && place == Place::Code {
        return None;
    }
    let value = String::from_utf8_lossy(found.as_bytes());
    (is_telling(name) && is_secret(name, &value)).then_some((found.start(), found.len()))
}

/// Whether the name as a whole calls its value a secret: `token` does, `token_count` does not, nor does `tokenizer`.
fn is_telling(name: &str) -> bool {
    let words: Vec<String> = decoys::words(name).collect();
    let last = words.last().map(String::as_str).unwrap_or_default();
    let known = |word: &String| {
        matches!(
            word.as_str(),
            "password"
                | "passwd"
                | "passphrase"
                | "pwd"
                | "pass"
                | "secret"
                | "secrets"
                | "token"
                | "credential"
                | "credentials"
        ) || ["apikey", "accesskey", "privatekey", "authkey", "secretkey", "password", "secret", "token", "passwd"]
            .iter()
            .any(|end| word.ends_with(end))
    };
    let is_key = last == "key"
        && words.iter().any(|word| {
            matches!(
                word.as_str(),
                "api"
                    | "access"
                    | "private"
                    | "auth"
                    | "encryption"
                    | "signing"
                    | "master"
                    | "app"
                    | "license"
                    | "service"
                    | "account"
                    | "storage"
                    | "admin"
                    | "shared"
                    | "write"
                    | "client"
                    | "jwt"
                    | "session"
                    | "cipher"
                    | "aes"
                    | "hmac"
            )
        });
    (words.iter().any(known) || is_key) && !decoys::is_public_name(name)
}

fn is_secret(name: &str, value: &str) -> bool {
    if decoys::is_harmless(value) {
        return false;
    }
    let has = |test: fn(&char) -> bool| value.chars().any(|c| test(&c));
    let digits = has(char::is_ascii_digit);
    let letters = has(char::is_ascii_alphabetic);
    let kinds = [digits, has(char::is_ascii_lowercase), has(char::is_ascii_uppercase), has(char::is_ascii_punctuation)];
    let kinds = kinds.into_iter().filter(|there| *there).count();
    let entropy = decoys::entropy(value.as_bytes());
    let is_chosen = decoys::words(name).any(|word| CHOSEN.iter().any(|chosen| word.ends_with(chosen)));
    if is_chosen {
        return value.len() >= 8 && kinds >= 2 && entropy > 2.5 && (letters || value.len() >= 12);
    }
    value.len() >= 12 && digits && letters && entropy > 3.2 || value.len() >= 20 && kinds >= 2 && entropy > 3.7
}
