//! Which variables are secrets, and which values can be shown. In doubt nothing is shown: a file that is committed is read by many.

use super::environment::VariableType;

/// Words of a name that say that its value must not be shown, whatever it is.
const SECRET: [&str; 24] = [
    "SECRET",
    "SECRETS",
    "PASSWORD",
    "PASSWORDS",
    "PASSWD",
    "PASSPHRASE",
    "PASS",
    "PWD",
    "PW",
    "TOKEN",
    "KEY",
    "KEYS",
    "CREDENTIAL",
    "CREDENTIALS",
    "CREDS",
    "PRIVATE",
    "DSN",
    "SALT",
    "PEPPER",
    "WEBHOOK",
    "HOOK",
    "COOKIE",
    "OTP",
    "PIN",
];

/// How words end that were written together, as `APIKEY` or `DBPASSWORD`. `KEY` alone is not among them: `MONKEY`.
const SECRET_ENDINGS: [&str; 10] = [
    "SECRET",
    "PASSWORD",
    "PASSWD",
    "PASSPHRASE",
    "TOKEN",
    "APIKEY",
    "ACCESSKEY",
    "SECRETKEY",
    "PRIVATEKEY",
    "WEBHOOK",
];

/// Words that say so unless the value is a switch, a number or a plain address: `AUTH_URL`, `JWT_LIFETIME`, `MAX_TOKENS`.
const PROBABLY_SECRET: [&str; 8] = ["AUTH", "AUTHORIZATION", "BEARER", "JWT", "TOKENS", "SIGNING", "SIGNATURE", "CERT"];

/// Names whose text is harmless, alone or at the end of a longer name.
const HARMLESS: [&str; 22] = [
    "HOST",
    "HOSTS",
    "HOSTNAME",
    "PORT",
    "DEBUG",
    "LOG_LEVEL",
    "LOGLEVEL",
    "LOG_FORMAT",
    "RUST_LOG",
    "TIMEZONE",
    "TIME_ZONE",
    "TZ",
    "LANG",
    "LANGUAGE",
    "LANGUAGE_CODE",
    "LOCALE",
    "REGION",
    "ENV",
    "ENVIRONMENT",
    "SETTINGS_MODULE",
    "PROTOCOL",
    "SCHEME",
];

/// How tokens begin that well-known services hand out.
const TOKENS: [&str; 27] = [
    "sk_",
    "sk-",
    "pk_",
    "rk_",
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat_",
    "glpat-",
    "xox",
    "AKIA",
    "ASIA",
    "eyJ",
    "AIza",
    "ya29.",
    "SG.",
    "npm_",
    "pypi-",
    "hf_",
    "dop_v1_",
    "shpat_",
    "whsec_",
    "Basic ",
    "Bearer ",
    "-----BEGIN",
];

/// Whether a variable holds what must not be shown: by its name, or by what its value looks like.
pub(crate) fn is_secret(name: &str, kind: VariableType, value: &str) -> bool {
    // A switch has nothing to tell: `USE_TOKEN_AUTH=true`.
    if kind == VariableType::Bool {
        return false;
    }
    let name = name.to_ascii_uppercase();
    is_named(&name) || is_revealing(value) || is_probable(&name) && !value.is_empty() && !is_plain(kind, value)
}

/// Whether a name in capitals says that its value is a secret.
fn is_named(name: &str) -> bool {
    name.split('_').any(|word| SECRET.contains(&word) || SECRET_ENDINGS.iter().any(|ending| word.ends_with(ending)))
}

fn is_probable(name: &str) -> bool {
    name.split('_').any(|word| PROBABLY_SECRET.contains(&word))
}

/// Whether a value can stand in a file that everybody reads.
pub(crate) fn is_harmless(name: &str, kind: VariableType, value: &str) -> bool {
    let is_written_plainly = !value.is_empty() && !value.contains(['$', '\n']);
    is_written_plainly && !is_secret(name, kind, value) && (is_plain(kind, value) || is_known(name, value))
}

/// Whether a comment can stand in a file that everybody reads.
pub(crate) fn is_harmless_comment(text: &str) -> bool {
    !is_revealing(text) && !text.split_whitespace().any(is_revealing)
}

/// Switches, numbers and addresses without anything that could be a secret.
fn is_plain(kind: VariableType, value: &str) -> bool {
    match kind {
        VariableType::Bool | VariableType::Port => true,
        // Long ones are numbers of accounts or telephones.
        VariableType::Int => value.len() <= 9,
        VariableType::Url => is_plain_address(value),
        _ => false,
    }
}

/// A scheme, a host and a path of plain words: nobody's name, no query.
fn is_plain_address(value: &str) -> bool {
    let Some((_, rest)) = value.split_once("://") else { return false };
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let is_host = host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | ':' | '-' | '[' | ']'));
    let is_path = path.split('/').all(|word| {
        word.len() <= 20 && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_'))
    });
    is_host && is_path && !rest.split(['/', '.', '_']).any(is_token)
}

/// A value of plain words under a name that is known for those.
fn is_known(name: &str, value: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let ends = |known: &str| name.strip_suffix(known).is_some_and(|before| before.is_empty() || before.ends_with('_'));
    HARMLESS.into_iter().any(ends)
        && value.len() <= 60
        && !value.contains("://")
        && value.chars().all(|c| c.is_ascii_alphanumeric() || " .,:/_-+*[]".contains(c))
}

/// Whether a value looks like a secret: a token, or an address with a password or a token in it.
pub(crate) fn is_revealing(value: &str) -> bool {
    let Some((scheme, rest)) = value.split_once("://") else {
        // `localhost,127.0.0.1` is long and mixed as a whole only.
        return begins_as_token(value) || value.split([' ', ',', ';', '.', ':', '/']).any(is_token);
    };
    is_account(scheme, rest)
        || has_secret_parameter(rest)
        || rest.split(['/', '?', '&', '=', '@', '.', '#']).any(is_token)
}

/// Whether a value is an address with a password or a token before its host, or under a name of its own behind it.
pub(crate) fn is_of_somebody(value: &str) -> bool {
    value.split_once("://").is_some_and(|(scheme, rest)| is_account(scheme, rest) || has_secret_parameter(rest))
}

/// Whether an address hands over a secret by its name: `?api_key=…`.
fn has_secret_parameter(rest: &str) -> bool {
    let parameters = rest.split(['?', '#']).skip(1).flat_map(|part| part.split(['&', ';']));
    parameters.filter_map(|parameter| parameter.split_once('=')).any(|(name, value)| {
        let name = name.to_ascii_uppercase().replace(['-', '.'], "_");
        // What Azure signs with is called so.
        !value.is_empty() && (is_named(&name) || is_probable(&name) || name == "SIG")
    })
}

fn is_account(scheme: &str, rest: &str) -> bool {
    // A password can hold a `/` that should have been escaped, so the last `@` of all counts.
    rest.rsplit_once('@').is_some_and(|(user, _)| {
        // Over HTTP a name alone is a token.
        user.contains(':') || scheme.ends_with("http") || scheme.ends_with("https") || is_token(user)
    })
}

/// Whether a word was made up by a machine: by its beginning, or long and without a pattern.
fn is_token(word: &str) -> bool {
    let has = |test: fn(&char) -> bool| word.chars().any(|c| test(&c));
    let length = word.chars().count();
    let is_mixed = has(char::is_ascii_digit) && has(char::is_ascii_alphabetic);
    // The longest words of languages stay below, words with a digit at the end (`postgresql16`) too.
    begins_as_token(word)
        || length >= 16 && is_mixed
        || length >= 20 && !word.contains(char::is_whitespace) && entropy(word) > 3.9
}

fn begins_as_token(value: &str) -> bool {
    TOKENS.iter().any(|prefix| value.starts_with(prefix))
}

/// Bits per character, by how often each is there.
#[allow(clippy::cast_precision_loss, reason = "a value is no longer than a file")]
fn entropy(word: &str) -> f64 {
    let length = word.chars().count() as f64;
    let mut counts = std::collections::BTreeMap::<char, usize>::new();
    word.chars().for_each(|c| *counts.entry(c).or_default() += 1);
    counts.values().map(|count| *count as f64 / length).map(|share| -share * share.log2()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_known_by_name_or_value() {
        use VariableType::{Bool, Int, Port, String, Url};
        let cases = [
            ("STRIPE_APIKEY", String, "sk_live_51Habc", true),
            ("STRIPE", String, "sk_live_51Habc", true),
            ("WEBHOOK", Url, "https://hooks.example/T0/B0/xyz", true),
            ("AUTH", String, "Basic dXNlcjpwYXNz", true),
            ("SIGNING_JWT", String, "eyJhbGciOiJIUzI1NiJ9.e30.x", true),
            ("MYSQL_PW", String, "x", true),
            ("LICENSE_PASSPHRASE", String, "correct horse", true),
            ("REMOTE", Url, "https://ghp_token@host", true),
            ("REMOTE", Url, "https://somebody@host/x", true),
            ("DATABASE_URL", Url, "postgres://u:p@h/d", true),
            ("DATABASE_URL", Url, "postgres://u:p/q@h/d", true),
            ("SENTRY", Url, "https://4f5e6d7c8b9a0f1e2d3c@o1.ingest.example/1", true),
            ("CALLBACK", Url, "https://h/x?code=ghp_abc", true),
            ("URLZ", Url, "https://x.y/?api_key=abcdef", true),
            ("URLZ", Url, "https://x.y/?page=1&accessToken=abcdef", true),
            ("URLZ", Url, "https://x.y/c?sv=1&sig=abcdef", true),
            ("URLZ", Url, "https://x.y/?page=1&token=", false),
            ("AWS_ID", String, "AKIAIOSFODNN7EXAMPLE", true),
            ("SLACK", String, "xoxb-1-2", true),
            ("ANYTHING", String, "a8f5f167f44f4964e6c998dee827110c", true),
            ("ANYTHING", String, "QmFzZTY0IGlzIG5vdA/uZXQK+x", true),
            ("DATABASE_URL", Url, "postgres://app@localhost/app", false),
            ("AUTH_URL", Url, "https://auth.example.org/login", false),
            ("USE_TOKEN_AUTH", Bool, "true", false),
            ("JWT_LIFETIME", Int, "3600", false),
            ("MAX_TOKENS", Int, "4096", false),
            ("AUTH_PORT", Port, "8000", false),
            ("MONKEY", String, "x", false),
            ("IMAGE", String, "postgres:16-alpine", false),
            ("SETTINGS", String, "config.settings.development", false),
        ];
        for (name, kind, value, expected) in cases {
            assert_eq!(is_secret(name, kind, value), expected, "{name}={value}");
        }
    }

    #[test]
    fn only_plain_values_are_shown() {
        use VariableType::{Bool, Email, Int, Port, String, Url};
        let cases = [
            ("DEBUG", Bool, "true", true),
            ("WORKERS", Int, "4", true),
            ("PORT", Port, "8000", true),
            ("SITE", Url, "https://example.org/api/v1", true),
            ("REDIS_URL", Url, "redis://localhost:6379/0", true),
            ("HOST", String, "0.0.0.0", true),
            ("ALLOWED_HOSTS", String, "localhost,127.0.0.1", true),
            ("APP_LOG_LEVEL", String, "info", true),
            ("TIMEZONE", String, "Europe/Berlin", true),
            ("TIMEZONE", String, "sk_live_51Habc", false),
            ("HOST", String, "user:pass@host", false),
            ("GHOST", String, "boo", false),
            ("ACCOUNT", Int, "4915112345678", false),
            ("SITE", Url, "https://example.org/?x=1", false),
            ("SITE", Url, "https://hooks.example/T0/B0/xyz", false),
            ("DATABASE_URL", Url, "postgres://app@localhost/app", false),
            ("ADMIN_EMAIL", Email, "a@example.org", false),
            ("GREETING", String, "hello", false),
            ("HOST", String, "", false),
            ("PORT_KEY", Int, "12", false),
        ];
        for (name, kind, value, expected) in cases {
            assert_eq!(is_harmless(name, kind, value), expected, "{name}={value}");
        }
    }

    #[test]
    fn comments_do_not_tell_secrets_either() {
        for (text, expected) in [
            ("Where the server listens", true),
            ("see https://example.org/docs", true),
            ("was sk_live_51Habc before", false),
            ("like postgres://u:p@h/d", false),
        ] {
            assert_eq!(is_harmless_comment(text), expected, "{text}");
        }
    }
}
