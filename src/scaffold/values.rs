//! Answers as values: how a text becomes one, what kind of value answers what kind of question, and how one is shown.

use serde_json::Value as Json;

use super::manifest::{Kind, Question};

/// Reads what was typed, or given by `--set`, as the question's kind of value. Choices are looked up elsewhere.
///
/// # Errors
/// What is expected instead.
pub(super) fn from_text(kind: Kind, text: &str) -> Result<Json, String> {
    match kind {
        Kind::String | Kind::Text | Kind::Path | Kind::Secret | Kind::Choice => Ok(Json::from(text)),
        Kind::Int => {
            text.trim().parse::<i64>().map(Json::from).map_err(|_| format!("{} is no whole number", quote(text)))
        }
        Kind::Float => match text.trim().parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Json::from(number)),
            _ => Err(format!("{} is no number", quote(text))),
        },
        Kind::Bool => match text.trim().to_lowercase().as_str() {
            "true" | "yes" | "y" | "on" | "1" => Ok(Json::from(true)),
            "false" | "no" | "n" | "off" | "0" => Ok(Json::from(false)),
            _ => Err(format!("{} is neither `true` nor `false`", quote(text))),
        },
        Kind::Multi => list_from_text(text),
        Kind::Json => serde_json::from_str(text).map_err(|error| format!("this is no JSON: {error}")),
        Kind::Yaml => from_yaml(text).map_err(|error| format!("this is no YAML: {error}")),
    }
}

/// A JSON list, or words separated by commas.
fn list_from_text(text: &str) -> Result<Json, String> {
    if text.trim_start().starts_with('[') {
        return serde_json::from_str::<Vec<Json>>(text)
            .map(Json::from)
            .map_err(|error| format!("this is no JSON list: {error}"));
    }
    Ok(text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(Json::from).collect())
}

/// YAML 1.2, where `no` and `on` are texts.
///
/// # Errors
/// The parser's own words and where it stopped.
pub(super) fn from_yaml(text: &str) -> Result<Json, serde_saphyr::Error> {
    serde_saphyr::from_str_with_options(text, serde_saphyr::options! { strict_booleans: true, with_snippet: false })
}

/// Whether a value that has a type already (from an answers file, or a default) answers this kind of question.
///
/// # Errors
/// What is expected instead.
pub(super) fn typed(kind: Kind, value: Json) -> Result<Json, String> {
    let expected = match (kind, &value) {
        // One number has one form, however it was given: the same answers give the same bytes.
        (Kind::Float, Json::Number(number)) => return Ok(Json::from(number.as_f64())),
        (Kind::Int, Json::Number(number)) if number.is_i64() => return Ok(value),
        (Kind::Bool, Json::Bool(_))
        | (Kind::Multi, Json::Array(_))
        | (Kind::Json | Kind::Yaml | Kind::Choice, _)
        | (Kind::String | Kind::Text | Kind::Path | Kind::Secret, Json::String(_)) => return Ok(value),
        (Kind::Int, _) => "a whole number",
        (Kind::Float, _) => "a number",
        (Kind::Bool, _) => "true or false",
        (Kind::Multi, _) => "a list",
        (Kind::String | Kind::Text | Kind::Path | Kind::Secret, _) => "a text (in quotes)",
    };
    Err(format!("{} is not {expected}", given(kind, &value)))
}

/// Holds a value against the question's bounds and pattern.
///
/// # Errors
/// What is wrong with it.
pub(super) fn check_bounds(question: &Question, value: &Json) -> Result<(), String> {
    if let Some(text) = value.as_str().filter(|_| question.kind == Kind::Path)
        && text.contains('\0')
    {
        return Err("a path cannot hold a NUL".to_owned());
    }
    let size = match (question.kind, value) {
        (Kind::Int | Kind::Float, Json::Number(number)) => number.as_f64(),
        (Kind::String | Kind::Text | Kind::Path | Kind::Secret, Json::String(text)) => {
            Some(count(text.chars().count()))
        }
        (Kind::Multi, Json::Array(items)) => Some(count(items.len())),
        _ => None,
    };
    if let Some(size) = size {
        let (small, great, unit) = match question.kind {
            Kind::Int | Kind::Float => ("is too low", "is too high", None),
            _ => ("is too short", "is too long", Some("character")),
        };
        let given = given(question.kind, value);
        if let Some(min) = question.min.filter(|min| size < *min) {
            return Err(match question.kind {
                Kind::Multi => format!("choose at least {min}"),
                _ => format!("{given} {small}: at least {}", amount(min, unit)),
            });
        }
        if let Some(max) = question.max.filter(|max| size > *max) {
            return Err(match question.kind {
                Kind::Multi => format!("choose at most {max}"),
                _ => format!("{given} {great}: at most {}", amount(max, unit)),
            });
        }
    }
    if let (Some(pattern), Json::String(text)) = (&question.pattern, value)
        && !matches_whole(&pattern.text, text)
    {
        return Err(format!("{} does not match the pattern `{}`", given(question.kind, value), pattern.text));
    }
    Ok(())
}

#[allow(clippy::cast_precision_loss, reason = "no text has 2^52 characters")]
fn count(size: usize) -> f64 {
    size as f64
}

/// A bound in words: `1 character`, `8 characters`, `65535`.
fn amount(number: f64, unit: Option<&str>) -> String {
    match unit {
        None => number.to_string(),
        Some(unit) if (number - 1.0).abs() < f64::EPSILON => format!("{number} {unit}"),
        Some(unit) => format!("{number} {unit}s"),
    }
}

/// The value as a message may name it: a secret is never shown.
fn given(kind: Kind, value: &Json) -> String {
    match show(value) {
        _ if kind == Kind::Secret => "the secret".to_owned(),
        text if text.is_empty() => "an empty text".to_owned(),
        text => quote(&text),
    }
}

/// The longest part of an answer that a message repeats.
const LONGEST_QUOTE: usize = 60;

/// A text in backticks, on one line and of bearable length, without anything that a terminal would obey.
pub(super) fn quote(text: &str) -> String {
    let shown: String =
        if text.chars().any(char::is_control) { text.escape_debug().collect() } else { text.to_owned() };
    match shown.char_indices().nth(LONGEST_QUOTE) {
        Some((end, _)) => format!("`{}…`", &shown[..end]),
        None => format!("`{shown}`"),
    }
}

/// The pattern was compiled when the template was checked; one that does not compile matches nothing.
fn matches_whole(pattern: &str, text: &str) -> bool {
    regex::Regex::new(&format!("^(?:{pattern})$")).is_ok_and(|regex| regex.is_match(text))
}

/// A value as a message names it.
pub(super) fn show(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Null => String::new(),
        Json::Array(items) if items.iter().all(Json::is_string) => items.iter().map(show).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

/// A value as a person would type it: `from_text` makes the same value of it.
pub(super) fn as_typed(kind: Kind, value: &Json) -> String {
    let is_word = |item: &Json| {
        item.as_str().is_some_and(|text| !text.is_empty() && text.trim() == text && !text.contains([',', '[']))
    };
    match (kind, value) {
        (Kind::Json | Kind::Yaml, _) => value.to_string(),
        (Kind::Multi, Json::Array(items)) if !items.iter().all(is_word) => value.to_string(),
        _ => show(value),
    }
}

/// A TOML value as JSON; a date is its text.
pub(super) fn from_toml(value: &toml::Value) -> Json {
    match value {
        toml::Value::String(text) => Json::from(text.as_str()),
        toml::Value::Integer(number) => Json::from(*number),
        toml::Value::Float(number) => Json::from(*number),
        toml::Value::Boolean(flag) => Json::from(*flag),
        toml::Value::Datetime(date) => Json::from(date.to_string()),
        toml::Value::Array(items) => items.iter().map(from_toml).collect(),
        toml::Value::Table(table) => {
            Json::Object(table.iter().map(|(key, value)| (key.clone(), from_toml(value))).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn texts_become_values() {
        for (kind, text, expected) in [
            (Kind::String, "3", json!("3")),
            (Kind::Int, " -3 ", json!(-3)),
            (Kind::Float, "2.5", json!(2.5)),
            (Kind::Bool, "Yes", json!(true)),
            (Kind::Bool, "off", json!(false)),
            (Kind::Multi, "a, b,,c", json!(["a", "b", "c"])),
            (Kind::Multi, "[\"a,b\", 2]", json!(["a,b", 2])),
            (Kind::Json, "{\"a\": [1]}", json!({ "a": [1] })),
            (Kind::Yaml, "a: [1, no]", json!({ "a": [1, "no"] })),
        ] {
            assert_eq!(from_text(kind, text), Ok(expected));
        }
        for (kind, text) in [
            (Kind::Int, "1.5"),
            (Kind::Float, "inf"),
            (Kind::Bool, "maybe"),
            (Kind::Json, "{"),
            (Kind::Multi, "[1,"),
            (Kind::Yaml, "a: ["),
        ] {
            assert!(from_text(kind, text).is_err(), "{kind} took {text}");
        }
    }

    #[test]
    fn types_are_kept_apart() {
        assert_eq!(typed(Kind::String, json!(3.1)), Err("`3.1` is not a text (in quotes)".to_owned()));
        assert_eq!(typed(Kind::Int, json!("3")), Err("`3` is not a whole number".to_owned()));
        assert_eq!(typed(Kind::Float, json!(3)), Ok(json!(3.0)));
        assert_eq!(typed(Kind::Secret, json!(12_345_678)), Err("the secret is not a text (in quotes)".to_owned()));
    }

    #[test]
    fn what_is_shown_can_be_typed() {
        for (kind, value) in [
            (Kind::String, json!("a, b")),
            (Kind::Int, json!(-3)),
            (Kind::Float, json!(2.0)),
            (Kind::Bool, json!(true)),
            (Kind::Multi, json!(["a", "b"])),
            (Kind::Multi, json!([])),
            (Kind::Multi, json!(["a,b", 2, ""])),
            (Kind::Json, json!(["a", "b"])),
            (Kind::Json, json!("text")),
            (Kind::Json, json!(null)),
            (Kind::Yaml, json!({ "a": ["b", "no", 1.5] })),
        ] {
            assert_eq!(from_text(kind, &as_typed(kind, &value)), Ok(value));
        }
    }

    #[test]
    fn quotes_are_short_and_harmless() {
        assert_eq!(quote("two\nlines \u{1b}[31m"), "`two\\nlines \\u{1b}[31m`");
        assert_eq!(quote(&"x".repeat(99)), format!("`{}…`", "x".repeat(60)));
    }

    #[test]
    fn bounds_and_patterns_hold() {
        let question = |text: &str| toml::from_str::<Question>(text).expect("a question");
        let name = question("min = 2\nmax = 4\npattern = '[a-z]+'");
        assert_eq!(check_bounds(&name, &json!("abc")), Ok(()));
        assert_eq!(check_bounds(&name, &json!("a")), Err("`a` is too short: at least 2 characters".to_owned()));
        assert_eq!(check_bounds(&name, &json!("abcde")), Err("`abcde` is too long: at most 4 characters".to_owned()));
        assert_eq!(check_bounds(&name, &json!("ab1")), Err("`ab1` does not match the pattern `[a-z]+`".to_owned()));
        let text = question("min = 1");
        assert_eq!(check_bounds(&text, &json!("")), Err("an empty text is too short: at least 1 character".to_owned()));
        let few = question("type = 'multi'\nmin = 1\nmax = 2");
        assert_eq!(check_bounds(&few, &json!([])), Err("choose at least 1".to_owned()));
        assert_eq!(check_bounds(&few, &json!(["a", "b", "c"])), Err("choose at most 2".to_owned()));
        let port = question("type = 'int'\nmin = 1\nmax = 65535");
        assert_eq!(check_bounds(&port, &json!(70000)), Err("`70000` is too high: at most 65535".to_owned()));
        let secret = question("type = 'secret'\nmin = 8");
        assert_eq!(
            check_bounds(&secret, &json!("hunter2")),
            Err("the secret is too short: at least 8 characters".to_owned())
        );
    }
}
