//! Variables of the .env files: names, what their values look like, and of examples the values that are no secrets.

use std::path::Path;

use super::{read, tools};
use crate::config::environment::{EnvironmentVariable, VariableType};
use crate::config::secrecy;
use crate::config::value::is_variable_name;

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
            if found.list.iter().any(|known| known.name == line.name) || !is_variable_name(line.name) {
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

fn variable(line: &Line, is_example: bool) -> Variable {
    let kind = kind(line.name, &line.value);
    let secret = secrecy::is_secret(line.name, kind, &line.value);
    let declared = EnvironmentVariable { kind, ..EnvironmentVariable::default() };
    let is_shown = is_example && secrecy::is_harmless(line.name, kind, &line.value);
    let example = Some(line.value.clone()).filter(|value| is_shown && declared.refuse(value).is_none());
    // A comment in somebody's own file may hold what nobody else should read.
    let doc = line.comment.filter(|text| is_example && secrecy::is_harmless_comment(text)).map(str::to_owned);
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
    fn types_are_told_apart() {
        let cases = [
            ("PORT", "8000", VariableType::Port),
            ("WORKERS", "4", VariableType::Int),
            ("DEBUG", "True", VariableType::Bool),
            ("SITE", "https://example.org", VariableType::Url),
            ("DATABASE_URL", "postgres://u:p@h/d", VariableType::Url),
            ("ADMIN_EMAIL", "a@example.org", VariableType::Email),
            ("SECRET_KEY", "change-me", VariableType::String),
            ("ORIGINS", "http://a,http://b", VariableType::String),
        ];
        for (name, value, expected) in cases {
            assert_eq!(kind(name, value), expected, "{name}");
        }
    }

    #[test]
    fn no_secret_of_an_example_file_is_taken_over() {
        let text = "STRIPE_APIKEY=sk_live_51Habc\nWEBHOOK=https://hooks.example/T0/B0/xyz\nAUTH=Basic dXNlcjpwYXNz\n\
                    SIGNING_JWT=eyJhbGciOiJIUzI1NiJ9.e30.x\nMYSQL_PW=hunter2\nLICENSE_PASSPHRASE='correct horse'\n\
                    REMOTE=https://ghp_token@host\nDATABASE_URL=postgres://u:p@h/d\n# like sk_live_51Habc\nPLAN=\n";
        let found: Vec<Variable> = lines(text).iter().map(|line| variable(line, true)).collect();
        assert_eq!(found.len(), 9);
        for found in &found {
            assert_eq!((&found.example, &found.doc), (&None, &None), "{}", found.name);
            assert_eq!(found.secret, found.name != "PLAN", "{}", found.name);
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
