//! Variables of the .env files: names, what their values look like, and of examples the values that are no secrets.

use std::path::Path;

use super::{read, tools};
use crate::config::environment::{EnvironmentVariable, VariableType};

/// What the files hold.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Variables {
    pub(super) list: Vec<Variable>,
    /// The files that were read.
    pub(super) files: Vec<String>,
    /// Who else reads them.
    pub(super) dialects: Vec<&'static str>,
    /// Whose order they have, where it is not the usual one.
    pub(super) order: Option<&'static str>,
}

/// A variable.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Variable {
    pub(super) name: String,
    pub(super) kind: VariableType,
    pub(super) secret: bool,
    pub(super) example: Option<String>,
    pub(super) doc: Option<String>,
}

/// Files whose values are made up, in the order in which they are believed.
const EXAMPLES: [&str; 5] = [".env.example", ".env.sample", ".env.template", ".env.dist", "env.example"];

pub(super) fn look(home: &Path) -> Variables {
    let mut found = Variables { dialects: tools::dialects(home), order: tools::order(home), ..Variables::default() };
    for (name, is_example) in EXAMPLES.iter().map(|name| (*name, true)).chain([(".env", false)]) {
        let Some(text) = read(&home.join(name)) else { continue };
        found.files.push(name.to_owned());
        for line in lines(&text) {
            if found.list.iter().any(|known| known.name == line.name) || !is_name(line.name) {
                continue;
            }
            found.list.push(variable(&line, is_example));
        }
    }
    found
}

/// An assignment: its key, value and the comment right above it.
struct Line<'a> {
    name: &'a str,
    value: String,
    comment: Option<&'a str>,
}

/// The assignments of a file. This is no parser of a dialect: values that it does not understand are only not suggested.
fn lines(text: &str) -> Vec<Line<'_>> {
    let mut found = Vec::new();
    let mut comment = None;
    let mut open: Option<char> = None;
    for line in text.trim_start_matches('\u{feff}').lines().map(str::trim) {
        if let Some(quote) = open {
            open = (!line.ends_with(quote)).then_some(quote);
            continue;
        }
        if let Some(text) = line.strip_prefix('#') {
            comment = Some(text.trim()).filter(|text| !text.is_empty() && !text.contains('='));
            continue;
        }
        let assignment = line.strip_prefix("export ").unwrap_or(line).split_once('=');
        let Some((name, value)) = assignment else {
            comment = None;
            continue;
        };
        let value = value.trim();
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'));
        let value = match quote.map(|quote| (quote, value[1..].split_once(quote))) {
            Some((_, Some((inner, _)))) => inner.to_owned(),
            Some((quote, None)) => {
                open = Some(quote);
                String::new()
            }
            None => value.split(" #").next().unwrap_or_default().trim().to_owned(),
        };
        found.push(Line { name: name.trim(), value, comment: comment.take() });
    }
    found
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn variable(line: &Line, is_example: bool) -> Variable {
    let kind = kind(line.name, &line.value);
    let secret = is_secret(line.name, &line.value);
    let declared = EnvironmentVariable { kind, ..EnvironmentVariable::default() };
    let is_shown = is_example && !secret && !line.value.is_empty() && !line.value.contains(['$', '\n']);
    let example = Some(line.value.clone()).filter(|value| is_shown && declared.refuse(value).is_none());
    // A comment in somebody's own file may hold what nobody else should read.
    let doc = line.comment.filter(|_| is_example).map(str::to_owned);
    Variable { name: line.name.to_owned(), kind, secret, example, doc }
}

/// The type that a value is surely of.
fn kind(name: &str, value: &str) -> VariableType {
    let fits = |kind| EnvironmentVariable { kind, ..EnvironmentVariable::default() }.refuse(value).is_none();
    if matches!(value.to_ascii_lowercase().as_str(), "true" | "false") {
        VariableType::Bool
    } else if (name == "PORT" || name.ends_with("_PORT")) && fits(VariableType::Port) {
        VariableType::Port
    } else if fits(VariableType::Int) {
        VariableType::Int
    } else if value.contains("://") && !value.contains(',') && fits(VariableType::Url) {
        VariableType::Url
    } else if name.contains("MAIL") && value.contains('@') && fits(VariableType::Email) {
        VariableType::Email
    } else {
        VariableType::String
    }
}

/// Whether a variable holds what must not be shown: by its name, or because its value is an address with a password.
fn is_secret(name: &str, value: &str) -> bool {
    const WORDS: [&str; 12] = [
        "SECRET",
        "PASSWORD",
        "PASSWD",
        "PASS",
        "PWD",
        "TOKEN",
        "KEY",
        "CREDENTIAL",
        "CREDENTIALS",
        "PRIVATE",
        "DSN",
        "SALT",
    ];
    let is_named = name.to_ascii_uppercase().split('_').any(|word| WORDS.contains(&word) || word.ends_with("PASSWORD"));
    let has_password = value
        .split_once("://")
        .and_then(|(_, rest)| rest.split(['/', '?']).next()?.rsplit_once('@'))
        .is_some_and(|(user, _)| user.contains(':'));
    is_named || has_password
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_values_and_comments_are_read() {
        let text = "\u{feff}# Where the server listens\nexport PORT=8000 # not 80\n\n# OLD=1\nDEBUG='false'\nKEY=\"a\nB=c\nd\"\nC=\n";
        let found: Vec<(String, String, Option<String>)> = lines(text)
            .into_iter()
            .map(|line| (line.name.to_owned(), line.value, line.comment.map(str::to_owned)))
            .collect();
        let line = |name: &str, value: &str, comment: Option<&str>| {
            (name.to_owned(), value.to_owned(), comment.map(str::to_owned))
        };
        let expected = [
            line("PORT", "8000", Some("Where the server listens")),
            line("DEBUG", "false", None),
            line("KEY", "", None),
            line("C", "", None),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn types_and_secrets_are_told_apart() {
        let cases = [
            ("PORT", "8000", VariableType::Port, false),
            ("WORKERS", "4", VariableType::Int, false),
            ("DEBUG", "True", VariableType::Bool, false),
            ("SITE", "https://example.org", VariableType::Url, false),
            ("DATABASE_URL", "postgres://u:p@h/d", VariableType::Url, true),
            ("ADMIN_EMAIL", "a@example.org", VariableType::Email, false),
            ("SECRET_KEY", "change-me", VariableType::String, true),
            ("DBPASSWORD", "x", VariableType::String, true),
            ("MONKEY", "x", VariableType::String, false),
            ("ORIGINS", "http://a,http://b", VariableType::String, false),
        ];
        for (name, value, expected, secret) in cases {
            assert_eq!((kind(name, value), is_secret(name, value)), (expected, secret), "{name}");
        }
    }

    #[test]
    fn values_of_secrets_and_of_the_real_file_are_left_out() {
        let line = Line { name: "API_TOKEN", value: "abc".to_owned(), comment: None };
        assert_eq!(variable(&line, true).example, None);
        let line = Line { name: "SITE", value: "https://internal".to_owned(), comment: Some("ask Bob") };
        let found = variable(&line, false);
        assert_eq!((found.example, found.doc), (None, None));
    }
}
