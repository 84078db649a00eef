//! A declaration in words, and as data.

use serde_json::{Map, Value};

use super::super::mask;
use crate::config::environment::{Deprecated, EnvironmentVariable, VariableType};

/// What is declared, in one line: `port from 1024 to 9999, required`.
pub(in super::super) fn in_words(variable: &EnvironmentVariable) -> String {
    let mut parts = vec![kind(variable)];
    match (&variable.when, variable.required) {
        (_, true) => parts.push("required".to_owned()),
        (Some(when), _) => parts.push(format!("required where `{}`", &**when)),
        _ => {}
    }
    if variable.secret {
        parts.push("secret".to_owned());
    }
    if let Some(pattern) = &variable.pattern {
        parts.push(format!("matches `{}`", &**pattern));
    }
    if variable.allow_empty {
        parts.push("may be empty".to_owned());
    }
    if let Some(default) = &variable.default {
        let default = default.to_string();
        parts.push(format!(
            "`{}` without it",
            if variable.secret { mask::MASK.to_owned() } else { mask::on_one_line(&default) }
        ));
    }
    match &variable.deprecated {
        Some(Deprecated::Plain(true)) => parts.push("deprecated".to_owned()),
        Some(Deprecated::Instead(instead)) => parts.push(format!("deprecated: {instead}")),
        _ => {}
    }
    parts.join(", ")
}

/// The type with its parameters.
fn kind(variable: &EnvironmentVariable) -> String {
    let mut text = match variable.kind {
        VariableType::Enum => {
            let values: Vec<String> = variable.values.iter().map(|value| format!("`{value}`")).collect();
            values.join(" or ")
        }
        VariableType::List | VariableType::Map => {
            let items = variable.items.map_or("string", type_name);
            let separator = variable.separator.as_deref().unwrap_or(",");
            format!("{} of {items} between `{separator}`", type_name(variable.kind))
        }
        VariableType::Ip if variable.version.is_some() => format!("ipv{}", variable.version.unwrap_or_default()),
        kind => type_name(kind).to_owned(),
    };
    let schemes = variable.schemes.as_slice();
    if !schemes.is_empty() {
        text = format!("{text} with `{}`", schemes.join("` or `"));
    }
    match (&variable.min, &variable.max) {
        (Some(min), Some(max)) => text = format!("{text} from {min} to {max}"),
        (Some(min), None) => text = format!("{text} from {min}"),
        (None, Some(max)) => text = format!("{text} up to {max}"),
        (None, None) => {}
    }
    let what = if matches!(variable.kind, VariableType::List | VariableType::Map) { "items" } else { "characters" };
    match (variable.min_length, variable.max_length) {
        (Some(min), Some(max)) => text = format!("{text} of {min} to {max} {what}"),
        (Some(min), None) => text = format!("{text} of at least {min} {what}"),
        (None, Some(max)) => text = format!("{text} of at most {max} {what}"),
        (None, None) => {}
    }
    if variable.exists { format!("{text} that exists") } else { text }
}

/// A type as `prodev.toml` calls it.
pub(in super::super) fn type_name(kind: VariableType) -> &'static str {
    match kind {
        VariableType::String => "string",
        VariableType::Int => "int",
        VariableType::Float => "float",
        VariableType::Bool => "bool",
        VariableType::Url => "url",
        VariableType::Email => "email",
        VariableType::Port => "port",
        VariableType::Ip => "ip",
        VariableType::Uuid => "uuid",
        VariableType::Semver => "semver",
        VariableType::Duration => "duration",
        VariableType::Date => "date",
        VariableType::Enum => "enum",
        VariableType::Json => "json",
        VariableType::Path => "path",
        VariableType::List => "list",
        VariableType::Map => "map",
    }
}

/// The keys of a declaration that say something. The default of a secret is not shown.
pub(in super::super) fn as_data(variable: &EnvironmentVariable) -> Value {
    let Ok(Value::Object(all)) = serde_json::to_value(variable) else { return Value::Null };
    let says = |value: &Value| match value {
        Value::Null | Value::Bool(false) => false,
        Value::Array(items) => !items.is_empty(),
        _ => true,
    };
    let mut said: Map<String, Value> = all.into_iter().filter(|(_, value)| says(value)).collect();
    if let Some(default) = said.get_mut("default").filter(|_| variable.secret) {
        *default = mask::MASK.into();
    }
    Value::Object(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declarations_read_as_sentences() {
        let cases = [
            ("type = 'port'\nmin = 1024\nrequired = true", "port from 1024, required"),
            ("type = 'enum'\nvalues = ['a', 'b']\ndefault = 'a'", "`a` or `b`, `a` without it"),
            (
                "secret = true\nmin_length = 50\ndefault = 'x'",
                "string of at least 50 characters, secret, `********` without it",
            ),
            ("type = 'list'\nitems = 'int'\nmax_length = 3", "list of int between `,` of at most 3 items"),
            ("type = 'url'\nschemes = ['a', 'b']\nwhen = 'X'", "url with `a` or `b`, required where `X`"),
            ("type = 'ip'\nversion = 6\ndeprecated = 'use HOST'", "ipv6, deprecated: use HOST"),
        ];
        for (source, expected) in cases {
            let variable: EnvironmentVariable = toml::from_str(source).expect("this is a variable");
            assert_eq!(in_words(&variable), expected, "{source}");
        }
    }
}
