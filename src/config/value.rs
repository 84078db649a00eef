//! The small values that sections are made of: texts that must be well formed, scalars, one thing or several, severities.

use std::fmt;
use std::time::Duration as Time;

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, de};

/// Names with values, in the order of the file.
pub(crate) type Map<T> = IndexMap<String, T>;

/// How much a rule matters
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Severity {
    /// Not looked at
    Off,
    /// Told, and nothing more
    Warn,
    /// A failure
    Error,
}

/// A text, number or bool
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Scalar {
    /// True or false
    Bool(bool),
    /// A whole number
    Integer(i64),
    /// A number
    Float(f64),
    /// A text
    Text(String),
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => value.fmt(f),
            Self::Integer(value) => value.fmt(f),
            Self::Float(value) => value.fmt(f),
            Self::Text(value) => value.fmt(f),
        }
    }
}

/// One thing, or a list of them
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum OneOrMany<T> {
    // A list is looked at first: serde's structs would take one for themselves.
    /// Several
    Many(Vec<T>),
    /// One
    One(T),
}

impl<T> Default for OneOrMany<T> {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

impl<T> OneOrMany<T> {
    /// All of them, in order.
    pub(crate) fn as_slice(&self) -> &[T] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}

/// A program to run: a text for a shell, or a list of words for no shell
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Command {
    /// A text for the shell
    Script(String),
    /// A program and its arguments
    Words(Vec<String>),
}

/// A kind of text that has to be well formed. It is checked when the file is read, and kept as it was written.
macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $format:literal, $example:literal, $check:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
        pub(crate) struct $name(String);

        impl std::ops::Deref for $name {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                let check: fn(&str) -> Result<(), String> = $check;
                check(&text).map_err(de::Error::custom)?;
                Ok(Self(text))
            }
        }

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "format": $format, "examples": [$example] })
            }
        }
    };
}

text!(
    /// A span of time.
    Duration,
    "prodev-duration",
    "1m30s",
    |text| duration(text).map(drop)
);
text!(
    /// A number of bytes.
    Size,
    "prodev-size",
    "2 GiB",
    |text| size(text).map(drop)
);
text!(
    /// A regular expression as the crate `regex` reads it.
    Pattern,
    "prodev-pattern",
    "[a-z]+",
    pattern
);
text!(
    /// A glob over paths or branch names.
    Glob,
    "prodev-glob",
    "src/**/*.py",
    glob
);
text!(
    /// A requirement on versions.
    Requirement,
    "prodev-requirement",
    ">=1.2",
    requirement
);
text!(
    /// An expression.
    Expression,
    "prodev-expression",
    "os == 'linux'",
    expression
);

impl Default for Duration {
    fn default() -> Self {
        Self("0s".to_owned())
    }
}

impl Duration {
    /// One that this program itself gives; the text is known to be right.
    pub(super) fn given(text: &'static str) -> Self {
        Self(text.to_owned())
    }
}

impl Glob {
    /// One that this program itself gives.
    pub(crate) fn given(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

/// What is wrong with a text of this `format`, if anything; unknown formats are always right.
pub(super) fn check(format: &str, text: &str) -> Result<(), String> {
    match format {
        "prodev-duration" => duration(text).map(drop),
        "prodev-size" => size(text).map(drop),
        "prodev-pattern" => pattern(text),
        "prodev-glob" => glob(text),
        "prodev-requirement" => requirement(text),
        "prodev-expression" => expression(text),
        _ => Ok(()),
    }
}

/// `500ms`, `10s`, `1m30s`, `2h`, `30d`, `2w`. A day has 24 hours.
pub(crate) fn duration(text: &str) -> Result<Time, String> {
    let wrong = || format!("`{text}` is no duration like `10s`, `1m30s`, `2h` or `30d`");
    let units = [("ms", 1_u64), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000), ("w", 604_800_000)];
    let mut rest = text.trim();
    let mut total = 0_u64;
    if rest.is_empty() {
        return Err(wrong());
    }
    while !rest.is_empty() {
        let (number, after) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?);
        let (unit, after) = after.split_at(after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len()));
        let number: u64 = number.parse().map_err(|_| wrong())?;
        let (_, unit) = units.iter().find(|(name, _)| *name == unit).ok_or_else(wrong)?;
        total = number.checked_mul(*unit).and_then(|part| total.checked_add(part)).ok_or_else(wrong)?;
        rest = after.trim_start();
    }
    Ok(Time::from_millis(total))
}

/// `500 MiB`, `2GiB`, `10 kB`, `4096`.
pub(crate) fn size(text: &str) -> Result<u64, String> {
    let wrong = || format!("`{text}` is no size like `500 MiB` or `2GiB`");
    let text = text.trim();
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let number: u64 = number.parse().map_err(|_| wrong())?;
    let factor: u64 = match unit.trim() {
        "" | "B" => 1,
        "kB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        "TiB" => 1 << 40,
        _ => return Err(wrong()),
    };
    number.checked_mul(factor).ok_or_else(wrong)
}

/// Parses without compiling: compiling `\w` alone takes longer than reading most files.
fn pattern(text: &str) -> Result<(), String> {
    let Err(error) = regex_syntax::parse(text) else { return Ok(()) };
    let reason = match &error {
        regex_syntax::Error::Parse(error) => error.kind().to_string(),
        regex_syntax::Error::Translate(error) => error.kind().to_string(),
        other => other.to_string(),
    };
    Err(format!("`{text}` is no regular expression: {reason}"))
}

fn glob(text: &str) -> Result<(), String> {
    // A leading `!` takes away from what other globs of the list match.
    let plain = text.strip_prefix('!').unwrap_or(text);
    if plain.is_empty() {
        return Err("a glob cannot be empty".to_owned());
    }
    match globset::GlobBuilder::new(plain).literal_separator(true).build() {
        Ok(_) => Ok(()),
        Err(error) => Err(format!("`{text}` is no glob: {}", error.kind())),
    }
}

fn requirement(text: &str) -> Result<(), String> {
    match semver::VersionReq::parse(text) {
        Ok(_) => Ok(()),
        Err(error) => Err(format!("`{text}` is no version requirement like `>=1.2`: {error}")),
    }
}

fn expression(text: &str) -> Result<(), String> {
    match minijinja::Environment::new().compile_expression(text) {
        Ok(_) => Ok(()),
        Err(error) => {
            let reason = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
            Err(format!("`{text}` is no expression: {reason}"))
        }
    }
}

/// Whether a text can be the name of a variable of the environment that programs and shells ask for.
pub(crate) fn is_variable_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_sums_of_units() {
        let cases = [
            ("500ms", Some(500)),
            ("10s", Some(10_000)),
            ("1m30s", Some(90_000)),
            ("1h 5m", Some(3_900_000)),
            ("30d", Some(2_592_000_000)),
            ("2w", Some(1_209_600_000)),
            ("", None),
            ("10", None),
            ("s", None),
            ("1.5s", None),
            ("-1s", None),
            ("1y", None),
            ("99999999999999999999s", None),
            ("18446744073709551615w", None),
        ];
        for (text, expected) in cases {
            assert_eq!(duration(text).ok().map(|time| time.as_millis()), expected, "{text}");
        }
    }

    #[test]
    fn sizes_know_both_kinds_of_prefix() {
        let cases =
            [("4096", Some(4096)), ("10 kB", Some(10_000)), ("2GiB", Some(2 << 30)), ("2 gb", None), ("", None)];
        for (text, expected) in cases {
            assert_eq!(size(text).ok(), expected, "{text}");
        }
    }

    #[test]
    fn malformed_texts_say_why() {
        let cases = [
            ("prodev-pattern", "[a-z", "`[a-z` is no regular expression: unclosed character class"),
            ("prodev-glob", "a[", "`a[` is no glob: unclosed character class; missing ']'"),
            ("prodev-glob", "!", "a glob cannot be empty"),
            ("prodev-duration", "soon", "`soon` is no duration like `10s`, `1m30s`, `2h` or `30d`"),
            ("prodev-expression", "a ==", "`a ==` is no expression: unexpected end of input, expected expression"),
        ];
        for (format, text, message) in cases {
            assert_eq!(check(format, text), Err(message.to_owned()));
        }
        assert!(check("prodev-requirement", "three").is_err());
        assert_eq!(check("date-time", "never"), Ok(()));
    }

    #[test]
    fn names_are_of_variables() {
        for (text, expected) in
            [("CACHE_TOKEN", true), ("_x1", true), ("", false), ("1X", false), ("ghp_abc-def", false), ("A B", false)]
        {
            assert_eq!(is_variable_name(text), expected, "{text}");
        }
    }
}
