//! What all languages are told alike: which fields there are, of which shape, and what they are where nothing is set.

use crate::config::environment::{EnvironmentVariable, VariableType};
use crate::config::value::Map;

/// A variable as a field.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Field<'a> {
    pub(super) name: &'a str,
    pub(super) doc: Vec<String>,
    pub(super) shape: Shape,
    /// Nothing where it has none, where it is a secret, or where it is made of other variables.
    pub(super) default: Option<String>,
    /// It can be that it is not set.
    pub(super) is_optional: bool,
    pub(super) is_secret: bool,
    /// An empty value is a value.
    pub(super) allow_empty: bool,
}

/// What a program makes of the text.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shape {
    Text,
    Int,
    Float,
    Bool,
    Port,
    Duration,
    Path,
    Json,
    Enum(Vec<String>),
    /// Items, and what stands between them.
    List(Box<Shape>, String),
    Map(Box<Shape>, String),
}

/// The fields of all variables, in the order of the declarations.
pub(super) fn fields(vars: &Map<EnvironmentVariable>) -> Vec<Field<'_>> {
    vars.iter().map(|(name, variable)| field(name, variable)).collect()
}

fn field<'a>(name: &'a str, variable: &EnvironmentVariable) -> Field<'a> {
    let default = variable.default.as_ref().map(ToString::to_string);
    let is_known = |default: &String| !variable.secret && !default.contains('$');
    let doc = variable.doc.iter().flat_map(|doc| doc.lines());
    Field {
        name,
        // A `*/` would end the comment that it stands in.
        doc: doc.map(|line| line.trim().replace("*/", "* /").replace("\"\"\"", "'''").replace('\\', "/")).collect(),
        shape: shape(variable),
        is_optional: !variable.required && default.is_none(),
        default: default.filter(is_known),
        is_secret: variable.secret,
        allow_empty: variable.allow_empty,
    }
}

fn shape(variable: &EnvironmentVariable) -> Shape {
    let separator = variable.separator.clone().unwrap_or_else(|| ",".to_owned());
    let item = || Box::new(scalar(variable.items.unwrap_or_default()));
    match variable.kind {
        VariableType::Enum => Shape::Enum(variable.values.iter().map(ToString::to_string).collect()),
        VariableType::List => Shape::List(item(), separator),
        VariableType::Map => Shape::Map(item(), separator),
        kind => scalar(kind),
    }
}

fn scalar(kind: VariableType) -> Shape {
    match kind {
        VariableType::Int => Shape::Int,
        VariableType::Float => Shape::Float,
        VariableType::Bool => Shape::Bool,
        VariableType::Port => Shape::Port,
        VariableType::Duration => Shape::Duration,
        VariableType::Path => Shape::Path,
        VariableType::Json => Shape::Json,
        _ => Shape::Text,
    }
}

impl Shape {
    /// Whether this, or what it is made of, is like `wanted`.
    pub(super) fn has(&self, wanted: &Shape) -> bool {
        match self {
            Self::List(item, _) | Self::Map(item, _) => {
                std::mem::discriminant(self) == std::mem::discriminant(wanted) || item.has(wanted)
            }
            other => std::mem::discriminant(other) == std::mem::discriminant(wanted),
        }
    }
}

/// Whether any of the fields has this shape in it.
pub(super) fn any(fields: &[Field], wanted: &Shape) -> bool {
    fields.iter().any(|field| field.shape.has(wanted))
}

/// Names that are all different: what a language makes of two of them alike gets a number.
pub(super) fn distinct(names: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut known: Vec<String> = Vec::new();
    for name in names {
        let mut candidate = name.clone();
        let mut number = 2;
        while known.contains(&candidate) {
            candidate = format!("{name}{number}");
            number += 1;
        }
        known.push(candidate);
    }
    known
}

/// Those pieces of code that are used, each behind a `gap`.
#[derive(Debug)]
pub(super) struct Helpers {
    gap: &'static str,
    pub(super) text: String,
}

impl Helpers {
    pub(super) fn behind(gap: &'static str) -> Self {
        Self { gap, text: String::new() }
    }

    pub(super) fn add(&mut self, is_used: bool, code: &str) {
        if is_used {
            self.text.push_str(self.gap);
            self.text.push_str(code);
        }
    }
}

/// A text in double quotes, as Rust, Go, JSON, Python and JavaScript all read it where `unicode` writes a character by its number.
pub(super) fn quoted(text: &str, unicode: impl Fn(char) -> String) -> String {
    let mut result = "\"".to_owned();
    for found in text.chars() {
        match found {
            '"' => result.push_str("\\\""),
            '\\' => result.push_str("\\\\"),
            '\n' => result.push_str("\\n"),
            '\r' => result.push_str("\\r"),
            '\t' => result.push_str("\\t"),
            found
                if found.is_control()
                    || matches!(found, '\u{2028}' | '\u{2029}' | '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') =>
            {
                result.push_str(&unicode(found));
            }
            found => result.push(found),
        }
    }
    result.push('"');
    result
}

/// `\u0007`, which is enough for all characters that are written so.
pub(super) fn four_digits(found: char) -> String {
    format!("\\u{:04x}", u32::from(found))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kept_apart_and_texts_are_quoted() {
        let names = ["a", "b", "a", "a"].map(str::to_owned);
        assert_eq!(distinct(names), ["a", "b", "a2", "a3"]);
        assert_eq!(quoted("a\"\\\n\u{7}\u{202e}ä", four_digits), "\"a\\\"\\\\\\n\\u0007\\u202eä\"");
    }

    #[test]
    fn what_a_field_is_comes_from_its_declaration() {
        let vars: Map<EnvironmentVariable> = toml::from_str(
            "[A]\nrequired = true\n[B]\ndefault = 1\ntype = 'int'\n[C]\nsecret = true\ndefault = 'x'\n[D]\ndefault = '${A}'\n[E]\ntype = 'list'\nitems = 'port'",
        )
        .expect("these are variables");
        let fields = fields(&vars);
        let seen: Vec<_> =
            fields.iter().map(|field| (field.name, field.default.as_deref(), field.is_optional)).collect();
        assert_eq!(
            seen,
            [("A", None, false), ("B", Some("1"), false), ("C", None, false), ("D", None, false), ("E", None, true)]
        );
        assert!(any(&fields, &Shape::Port) && any(&fields, &Shape::List(Box::new(Shape::Text), String::new())));
    }
}
