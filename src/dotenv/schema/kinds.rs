//! The types of `.env.schema` with their parameters, as the types, bounds and patterns that `prodev.toml` has.

use super::envspec::{arguments, unquoted};
use crate::config::environment::{EnvironmentVariable, VariableType};
use crate::config::value::{Pattern, Scalar};

/// What varlock takes for a span of time.
const DURATION: &str = r"[0-9]+(?:\.[0-9]+)?\s*(?:|ms|msecs?|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?)";

/// What types can be told in parentheses. Some changes the value alone, and says nothing of which are right.
const PARAMETERS: [(&str, &[&str]); 9] = [
    (
        "string",
        &[
            "minLength",
            "maxLength",
            "isLength",
            "startsWith",
            "endsWith",
            "matches",
            "allowEmpty",
            "toUpperCase",
            "toLowerCase",
        ],
    ),
    ("number", &["min", "max", "coerceToMinMaxRange", "isInt", "precision"]),
    ("port", &["min", "max"]),
    ("url", &["prependHttps", "matches", "allowedDomains", "noTrailingSlash"]),
    ("email", &["normalize"]),
    ("ip", &["version", "normalize"]),
    ("duration", &["output"]),
    ("array", &["type", "separator", "minLength", "maxLength", "isLength"]),
    ("record", &["type", "keyType"]),
];

/// A type with its parameters, as `prodev.toml` has it.
pub(super) fn set_type(variable: &mut EnvironmentVariable, text: &str) -> Result<(), String> {
    let name = text.split('(').next().unwrap_or_default().trim();
    let given = if text.contains('(') { arguments(text) } else { Vec::new() };
    let named =
        |wanted: &str| given.iter().find(|(name, _)| name.as_deref() == Some(wanted)).map(|(_, value)| value.as_str());
    let count = |wanted: &str| named(wanted).and_then(|value| value.parse::<usize>().ok());
    let known = PARAMETERS.iter().find(|(kind, _)| *kind == name).map_or(&[] as &[&str], |(_, known)| known);
    let mut parameters = given.iter().filter_map(|(name, _)| name.as_deref());
    if let Some(other) = parameters.find(|parameter| !known.contains(parameter) && name != "enum") {
        return Err(format!("`{other}` of `{name}` is not understood"));
    }
    let mut patterns: Vec<String> = Vec::new();
    variable.kind = match name {
        "string" => {
            variable.min_length = count("minLength").or(count("isLength"));
            variable.max_length = count("maxLength").or(count("isLength"));
            variable.allow_empty = named("allowEmpty") == Some("true");
            let (start, end) = (named("startsWith").map(regex::escape), named("endsWith").map(regex::escape));
            if start.is_some() || end.is_some() {
                patterns.push(format!("{}.*{}", start.unwrap_or_default(), end.unwrap_or_default()));
            }
            patterns.extend(named("matches").map(|pattern| format!(".*(?:{}).*", expression(pattern))));
            VariableType::String
        }
        "number" | "port" => {
            // What is beyond them is brought within.
            let is_bound = named("coerceToMinMaxRange") != Some("true");
            let bound = |name: &str| named(name).filter(|_| is_bound).map(|bound| Scalar::Text(bound.to_owned()));
            (variable.min, variable.max) = (bound("min"), bound("max"));
            if name == "port" { VariableType::Port } else { VariableType::Float }
        }
        "boolean" => VariableType::Bool,
        // Without a scheme it is an address, too, once one is put in front.
        "url" => {
            let is_prepended = named("prependHttps") == Some("true");
            patterns.extend(named("matches").map(|pattern| format!(".*(?:{}).*", expression(pattern))));
            patterns.extend(named("allowedDomains").map(|domains| at_domains(domains, is_prepended)));
            patterns.extend(named("noTrailingSlash").filter(|is| *is == "true").map(|_| r"\S*[^\s/]".to_owned()));
            if is_prepended && patterns.is_empty() {
                patterns.push(r"\S+".to_owned());
            }
            if is_prepended { VariableType::String } else { VariableType::Url }
        }
        "email" => {
            patterns.push(r"[^@\s]+@[^@\s]+\.[^@\s]+".to_owned());
            VariableType::Email
        }
        "ip" => {
            variable.version = named("version").and_then(|version| version.parse().ok());
            VariableType::Ip
        }
        "semver" => VariableType::Semver,
        "isoDate" => VariableType::Date,
        "uuid" => VariableType::Uuid,
        "md5" => {
            patterns.push("[0-9a-fA-F]{32}".to_owned());
            VariableType::String
        }
        "duration" => {
            patterns.push(DURATION.to_owned());
            VariableType::String
        }
        "simple-object" | "record" => {
            patterns.push(r"\s*\{.*\}\s*".to_owned());
            VariableType::Json
        }
        "array" => {
            variable.min_length = count("minLength").or(count("isLength"));
            variable.max_length = count("maxLength").or(count("isLength"));
            variable.separator = named("separator").map(str::to_owned);
            let item = given.iter().find(|(name, _)| name.as_deref().is_none_or(|name| name == "type"));
            variable.items = item.and_then(|(_, item)| match item.as_str() {
                "number" => Some(VariableType::Float),
                "boolean" => Some(VariableType::Bool),
                "url" => Some(VariableType::Url),
                "email" => Some(VariableType::Email),
                "port" => Some(VariableType::Port),
                "uuid" => Some(VariableType::Uuid),
                _ => None,
            });
            VariableType::List
        }
        "enum" => {
            variable.values = given.into_iter().map(|(_, value)| Scalar::Text(value)).collect();
            if variable.values.is_empty() {
                return Err("an `enum` needs values: `enum(a, b)`".to_owned());
            }
            VariableType::Enum
        }
        other => return Err(format!("there is no type `{other}`")),
    };
    match patterns.as_slice() {
        [] => {}
        [pattern] => {
            let pattern = serde_json::from_value::<Pattern>(format!("(?s:{pattern})").into());
            variable.pattern = Some(pattern.map_err(|error| error.to_string())?);
        }
        _ => {
            return Err(format!("so many checks of one `{name}` are not understood; put all into one `matches`"));
        }
    }
    Ok(())
}

/// An address at one of the domains of `[a.com, b.com]`.
fn at_domains(domains: &str, is_prepended: bool) -> String {
    let domains = domains.trim_matches(['[', ']']).split(',').map(|domain| regex::escape(unquoted(domain.trim())));
    let scheme = if is_prepended { "?" } else { "" };
    format!(
        r"(?:[A-Za-z][A-Za-z0-9+.-]*://){scheme}(?:[^/@\s]*@)?(?:{})(?::[0-9]+)?(?:[/?#]\S*)?",
        domains.collect::<Vec<_>>().join("|")
    )
}

/// `"…"` or `regex("…")`.
fn expression(text: &str) -> &str {
    let inner = text.strip_prefix("regex(").and_then(|inner| inner.strip_suffix(')'));
    unquoted(inner.unwrap_or(text))
}
