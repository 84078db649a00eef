//! JSON Schema: an object whose properties are variables. Values are texts, so that types are read as what a text can be.

use serde_json::{Map, Value};

use super::files::{File, Wrong};
use crate::config::environment::{Deprecated, EnvironmentVariable, VariableType};
use crate::config::value::{Pattern, Scalar, Severity};

/// Keywords that change what is allowed, and that nothing here can say.
const REFUSED: [&str; 13] = [
    "$ref",
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "if",
    "dependentSchemas",
    "dependentRequired",
    "patternProperties",
    "propertyNames",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
];

/// The declarations of a file.
///
/// # Errors
/// What is no JSON, and every keyword that is not understood and would change what is declared.
pub(super) fn read(source: &str) -> Result<File, Vec<Wrong>> {
    let root: Value = serde_json::from_str(source).map_err(|error| {
        let start: usize = source.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
        let at = (start + error.column().saturating_sub(1)).min(source.len());
        vec![Wrong { span: at..at, message: format!("this is no JSON: {error}") }]
    })?;
    let mut wrong = Vec::new();
    let mut file = File::default();
    let empty = Map::new();
    let object = root.as_object().unwrap_or(&empty);
    let properties = object.get("properties").and_then(Value::as_object).unwrap_or(&empty);
    if properties.is_empty() {
        wrong.push(Wrong { span: 0..0, message: "a schema of variables has `properties`".to_owned() });
    }
    refuse(object, source, 0, &mut wrong);
    let required: Vec<&str> =
        object.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    if object.get("additionalProperties") == Some(&Value::Bool(false)) {
        file.undeclared = Some(Severity::Error);
    }
    let from = source.find("\"properties\"").unwrap_or_default();
    for (name, property) in properties {
        let key = Value::from(name.as_str()).to_string();
        let at = source[from..].find(&key).map_or(from, |at| from + at + 1);
        let span = at..at + name.len();
        let Some(property) = property.as_object() else {
            wrong.push(Wrong { span, message: format!("`{name}` is described by no object") });
            continue;
        };
        refuse(property, source, at, &mut wrong);
        match variable(property) {
            Ok(mut variable) => {
                variable.required = required.contains(&name.as_str());
                file.vars.insert(name.clone(), variable);
                file.places.insert(name.clone(), span);
            }
            Err(message) => wrong.push(Wrong { span, message: format!("`{name}`: {message}") }),
        }
    }
    if wrong.is_empty() { Ok(file) } else { Err(wrong) }
}

fn refuse(object: &Map<String, Value>, source: &str, from: usize, wrong: &mut Vec<Wrong>) {
    for keyword in REFUSED.iter().filter(|keyword| object.contains_key(**keyword)) {
        let at = source[from..].find(&format!("\"{keyword}\"")).map_or(from, |at| from + at + 1);
        wrong.push(Wrong {
            span: at..at + keyword.len(),
            message: format!("`{keyword}` is not understood for variables"),
        });
    }
}

fn variable(property: &Map<String, Value>) -> Result<EnvironmentVariable, String> {
    let text = |key: &str| property.get(key).and_then(Value::as_str);
    let count = |key: &str| property.get(key).and_then(Value::as_u64).and_then(|count| usize::try_from(count).ok());
    let is = |key: &str| property.get(key) == Some(&Value::Bool(true));
    let mut variable = EnvironmentVariable {
        doc: text("description").or_else(|| text("title")).map(str::to_owned),
        default: property.get("default").and_then(scalar).map(literal),
        example: property.get("examples").and_then(Value::as_array).and_then(|list| list.first()).and_then(scalar),
        secret: is("writeOnly") || text("format") == Some("password"),
        deprecated: is("deprecated").then_some(Deprecated::Plain(true)),
        min_length: count("minLength"),
        max_length: count("maxLength"),
        min: property.get("minimum").and_then(scalar),
        max: property.get("maximum").and_then(scalar),
        ..EnvironmentVariable::default()
    };
    if let Some(pattern) = text("pattern") {
        // Theirs need not match the whole.
        let whole = format!("(?s:.*(?:{pattern}).*)");
        variable.pattern = Some(serde_json::from_value::<Pattern>(whole.into()).map_err(|error| error.to_string())?);
    }
    let values = property.get("enum").and_then(Value::as_array).cloned();
    let values = values.or_else(|| property.get("const").map(|value| vec![value.clone()]));
    variable.kind = match (values, kind(property)?) {
        (Some(values), _) => {
            variable.values = values.iter().filter_map(scalar).collect();
            if variable.values.is_empty() {
                return Err("an `enum` needs values that a text can be".to_owned());
            }
            VariableType::Enum
        }
        (None, "integer") => VariableType::Int,
        (None, "number") => VariableType::Float,
        (None, "boolean") => VariableType::Bool,
        (None, "array") => {
            variable.min_length = count("minItems");
            variable.max_length = count("maxItems");
            let item = property.get("items").and_then(Value::as_object);
            variable.items = match item.and_then(|item| item.get("type")).and_then(Value::as_str) {
                Some("integer") => Some(VariableType::Int),
                Some("number") => Some(VariableType::Float),
                Some("boolean") => Some(VariableType::Bool),
                _ => None,
            };
            VariableType::List
        }
        (None, "object") => VariableType::Json,
        (None, _) => match text("format") {
            Some("email" | "idn-email") => VariableType::Email,
            Some("uri" | "url" | "iri") => VariableType::Url,
            Some("uuid") => VariableType::Uuid,
            Some("ipv4") => {
                variable.version = Some(4);
                VariableType::Ip
            }
            Some("ipv6") => {
                variable.version = Some(6);
                VariableType::Ip
            }
            Some("date" | "date-time") => VariableType::Date,
            _ => VariableType::String,
        },
    };
    if variable.kind == VariableType::Int && (variable.min.is_some() || variable.max.is_some()) {
        let whole = |bound: &Scalar| matches!(bound, Scalar::Integer(_));
        if !variable.min.iter().chain(&variable.max).all(whole) {
            variable.kind = VariableType::Float;
        }
    }
    Ok(variable)
}

/// The type; of several the first that is no `null`.
fn kind(property: &Map<String, Value>) -> Result<&str, String> {
    match property.get("type") {
        None => Ok("string"),
        Some(Value::String(kind)) => known(kind),
        Some(Value::Array(kinds)) => {
            let mut kinds = kinds.iter().filter_map(Value::as_str).filter(|kind| *kind != "null");
            match (kinds.next(), kinds.next()) {
                (Some(kind), None) => known(kind),
                // A text can be any of them.
                _ => Ok("string"),
            }
        }
        Some(_) => Err("its `type` is no name".to_owned()),
    }
}

fn known(kind: &str) -> Result<&str, String> {
    let is_known = ["string", "integer", "number", "boolean", "array", "object"].contains(&kind);
    if is_known { Ok(kind) } else { Err(format!("there is no type `{kind}`")) }
}

fn scalar(value: &Value) -> Option<Scalar> {
    match value {
        Value::Bool(value) => Some(Scalar::Bool(*value)),
        Value::Number(number) => number.as_i64().map(Scalar::Integer).or_else(|| number.as_f64().map(Scalar::Float)),
        Value::String(text) => Some(Scalar::Text(text.clone())),
        _ => None,
    }
}

/// In such a schema a dollar is a dollar.
fn literal(value: Scalar) -> Scalar {
    match value {
        Scalar::Text(text) => Scalar::Text(text.replace('$', "$$")),
        other => other,
    }
}
