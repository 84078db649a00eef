//! What looks like a secret and is none: placeholders, references, digests, what is public or encrypted anyway.

/// What stands in tokens that documentation shows.
const PLACEHOLDERS: [&str; 21] = [
    "example",
    "changeme",
    "change-me",
    "change_me",
    "placeholder",
    "your-",
    "your_",
    "yourpassword",
    "yoursecret",
    "yourtoken",
    "yourkey",
    "<your",
    "xxxx",
    "****",
    "....",
    "redacted",
    "dummy",
    "insert",
    "replace",
    "todo-",
    "sample",
];

/// What stands besides in values that somebody is to replace.
const STOPGAPS: [&str; 9] =
    ["fake", "foobar", "notasecret", "not-a-secret", "not_a_secret", "deadbeef", "my-secret", "my_secret", "mysecret"];

/// Words of a name that say that its value is no secret, though another word of it says so.
const PUBLIC: [&str; 33] = [
    "public",
    "pub",
    "hash",
    "hashed",
    "digest",
    "checksum",
    "sha",
    "sha1",
    "sha256",
    "sha512",
    "md5",
    "fingerprint",
    "integrity",
    "etag",
    "publishable",
    "id",
    "ids",
    "name",
    "field",
    "url",
    "uri",
    "path",
    "file",
    "length",
    "type",
    "count",
    "max",
    "min",
    "ttl",
    "expiry",
    "expires",
    "label",
    "header",
];

/// Whether a token is one that documentation shows rather than one that opens something.
pub(super) fn is_example(token: &str) -> bool {
    let lower = token.to_ascii_lowercase();
    PLACEHOLDERS.iter().any(|word| lower.contains(word)) || is_repetition(token)
}

/// Whether a name says that its value is public.
pub(super) fn is_public_name(name: &str) -> bool {
    words(name).any(|word| PUBLIC.contains(&word.as_str()))
}

/// The words of a name, lower case: of `apiKey_hash` they are `api`, `key` and `hash`.
pub(super) fn words(name: &str) -> impl Iterator<Item = String> + '_ {
    let mut rest = name;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
        let mut end = rest.len();
        let mut before = None;
        for (at, c) in rest.char_indices() {
            let is_hump = c.is_ascii_uppercase() && before.is_some_and(|before: char| before.is_ascii_lowercase());
            if !c.is_ascii_alphanumeric() || is_hump {
                end = at;
                break;
            }
            before = Some(c);
        }
        let (word, after) = rest.split_at(end);
        rest = after;
        (!word.is_empty()).then(|| word.to_ascii_lowercase())
    })
}

/// Whether a value that stands beside a telling name is no secret all the same.
pub(super) fn is_harmless(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    is_example(value)
        || STOPGAPS.iter().any(|word| lower.contains(word))
        || is_reference(value)
        || is_digest(value)
        || is_encrypted(value)
        || is_place(value)
        || is_prose(value)
}

/// Whether the password in an address is none that anybody has to keep: a word, a variable, a placeholder.
pub(super) fn is_harmless_password(value: &str) -> bool {
    is_harmless(value) || value.len() < 4
}

/// One character over and over, or hardly more.
fn is_repetition(value: &str) -> bool {
    let mut seen: Vec<char> = value.chars().filter(char::is_ascii_alphanumeric).collect();
    seen.sort_unstable();
    seen.dedup();
    seen.len() <= 3
}

/// A variable, a template's place, an expression: what stands elsewhere.
fn is_reference(value: &str) -> bool {
    let begins =
        ["process.env", "os.", "env.", "env(", "secrets.", "var.", "data.", "settings.", "config.", "self.", "this."];
    let holds = ["${", "{{", "$(", "<%", "%(", "#{", "()", "](", "process.env", "os.environ", "getenv"];
    // A password may begin with such a character, but then it ends otherwise.
    let closes = |open: char, close: char| value.starts_with(open) && value.ends_with(close);
    begins.iter().any(|start| value.starts_with(start))
        || holds.iter().any(|part| value.contains(part))
        || value.starts_with('$') && value[1..].chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        || closes('<', '>')
        || closes('{', '}')
        || closes('%', '%')
        || closes('[', ']')
        || closes('(', ')')
}

/// What a secret was hashed to, and digests of files.
fn is_digest(value: &str) -> bool {
    let prefixes = [
        "sha1-", "sha256-", "sha384-", "sha512-", "sha256:", "sha512:", "md5:", "$2a$", "$2b$", "$2y$", "$argon2",
        "$1$", "$5$", "$6$", "$y$", "pbkdf2", "bcrypt", "scrypt:", "{SSHA}", "{SHA",
    ];
    prefixes.iter().any(|prefix| value.starts_with(prefix))
}

/// What nobody can read without a key, or everybody may.
fn is_encrypted(value: &str) -> bool {
    let prefixes = [
        "encrypted:",
        "ENC[",
        "vault:",
        "op://",
        "arn:",
        "data:",
        "ssh-rsa ",
        "ssh-ed25519 ",
        "ecdsa-",
        "age1",
        "-----BEGIN PUBLIC",
        "-----BEGIN CERT",
        "pk_live_",
        "pk_test_",
        "pk.",
    ];
    prefixes.iter().any(|prefix| value.starts_with(prefix))
}

/// A path, or an address: whose password is found on its own.
fn is_place(value: &str) -> bool {
    let is_path = value.starts_with(['/', '~', '.']) && value[1..].contains('/') && !value.contains(['+', '=']);
    is_path || value.contains("://") || value.starts_with("./") || value.starts_with("../")
}

/// Text for people, and the names of things: nothing but words.
fn is_prose(value: &str) -> bool {
    if value.contains(char::is_whitespace) {
        return true;
    }
    let mut parts = value.split(['_', '-', '.', '/', ':', ',']).filter(|part| !part.is_empty());
    parts.all(|part| {
        let letters = part.trim_end_matches(|c: char| c.is_ascii_digit());
        part.len() - letters.len() <= 2
            && letters.len() < 24
            && letters.chars().all(char::is_alphabetic)
            && is_one_case(letters)
    })
}

/// `word`, `Word`, `WORD`, `camelCase`: what names are written in, and random letters are not.
fn is_one_case(letters: &str) -> bool {
    let humps = letters
        .as_bytes()
        .windows(2)
        .filter(|pair| pair[0].is_ascii_lowercase() != pair[1].is_ascii_lowercase())
        .count();
    humps <= letters.len() / 4 || letters.chars().skip(1).all(char::is_lowercase)
}

/// Bits per character, by how often each is there.
#[allow(clippy::cast_precision_loss, reason = "a token is no longer than a file")]
pub(super) fn entropy(token: &[u8]) -> f64 {
    let mut counts = [0_usize; 256];
    for byte in token {
        counts[usize::from(*byte)] += 1;
    }
    let length = token.len().max(1) as f64;
    let shares = counts.iter().filter(|count| **count > 0).map(|count| *count as f64 / length);
    shares.map(|share| -share * share.log2()).sum()
}
