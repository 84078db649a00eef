//! The words in which a document's problems speak of types and choices.

use serde_json::Value;
use toml::de::DeValue;

use crate::error::listed;

/// `a`, `b` or `c`.
pub(crate) fn either(names: &[&str]) -> String {
    match names.split_last() {
        None => "nothing".to_owned(),
        Some((last, [])) => format!("`{last}`"),
        Some((last, first)) => format!("{} or `{last}`", listed(first)),
    }
}

pub(super) fn kind(value: &DeValue) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a float",
        DeValue::Boolean(_) => "a bool",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// What the schema wants instead, where the value is of another type.
pub(super) fn wrong_type(value: &DeValue, schema: &Value) -> Option<String> {
    let names: &[&str] = match value {
        DeValue::String(_) | DeValue::Datetime(_) => &["string"],
        DeValue::Integer(_) => &["integer", "number"],
        DeValue::Float(_) => &["number"],
        DeValue::Boolean(_) => &["boolean"],
        DeValue::Array(_) => &["array"],
        DeValue::Table(_) => &["object"],
    };
    let fits = |expected: &Value| expected.as_str().is_some_and(|expected| names.contains(&expected));
    let fits = match schema.get("type") {
        None => schema.get("const").is_none_or(|constant| constant.as_str() == value.as_str()),
        Some(Value::Array(several)) => several.iter().any(fits),
        Some(one) => fits(one),
    };
    if fits { None } else { type_names(schema) }
}

/// The types that a schema allows, in words.
pub(super) fn type_names(schema: &Value) -> Option<String> {
    let word = |name: &str| match name {
        "string" => "a string",
        "integer" => "an integer",
        "number" => "a number",
        "boolean" => "a bool",
        "array" => "a list",
        "object" => "a table",
        _ => "null",
    };
    match schema.get("type")? {
        Value::String(name) => Some(word(name).to_owned()),
        Value::Array(names) => {
            let words: Vec<&str> =
                names.iter().filter_map(Value::as_str).filter(|name| *name != "null").map(word).collect();
            Some(words.join(" or "))
        }
        _ => None,
    }
}
