//! Rust: a struct with the standard library alone. Spans of time are `Duration`s, JSON stays text.

use std::fmt::Write as _;

use heck::ToUpperCamelCase as _;

use super::model::{Field, Helpers, Shape, any, distinct, quoted};

/// Words that cannot be names.
const TAKEN: [&str; 52] = [
    "as", "async", "await", "break", "const", "continue", "crate", "dyn", "else", "enum", "extern", "false", "fn",
    "for", "gen", "if", "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub", "ref", "return", "self",
    "static", "struct", "super", "trait", "true", "type", "union", "unsafe", "use", "where", "while", "abstract",
    "become", "box", "do", "final", "macro", "override", "priv", "try", "typeof", "unsized", "virtual", "yield",
];

pub(super) fn write(fields: &[Field]) -> String {
    let names = distinct(fields.iter().map(|field| name(field.name)));
    let enums = distinct(fields.iter().map(|field| {
        let name = camel(field.name);
        if matches!(
            name.as_str(),
            "Env"
                | "EnvError"
                | "Reader"
                | "Option"
                | "Result"
                | "String"
                | "Vec"
                | "Some"
                | "None"
                | "Ok"
                | "Err"
                | "Self"
        ) {
            format!("{name}Value")
        } else {
            name
        }
    }));
    let mut text = String::from(
        "//! The variables of the environment, as they are declared.\n//! Made by `prodev env types --lang rust`; change the declarations, and not this file.\n\n",
    );
    text.push_str("/// All variables, each of its own type.\n#[derive(Clone, PartialEq)]\npub struct Env {\n");
    for ((field, name), choice) in fields.iter().zip(&names).zip(&enums) {
        for line in &field.doc {
            let _ = writeln!(text, "    /// {line}");
        }
        let kind = kind(&field.shape, choice);
        let kind = if field.is_optional { format!("Option<{kind}>") } else { kind };
        let _ = writeln!(text, "    pub {name}: {kind},");
    }
    text.push_str("}\n");
    for (field, choice) in fields.iter().zip(&enums) {
        if let Shape::Enum(values) = &field.shape {
            text.push_str(&choices(choice, values));
        }
    }
    text.push_str(ERROR);
    for ((field, name), choice) in fields.iter().zip(&names).zip(&enums) {
        let parse = parser(&field.shape, choice);
        let (shown, empty) = (text_of(field.name), field.allow_empty);
        let read = format!("reader.read({shown}, {empty}, {parse})");
        let _ = match (&field.default, field.is_optional) {
            (Some(default), _) => {
                writeln!(text, "        let {name} = {read}.or_else(|| ({parse})({}).ok());", text_of(default))
            }
            (None, true) => writeln!(text, "        let {name} = {read};"),
            (None, false) => {
                writeln!(text, "        let {name} = {read};\n        reader.need({shown}, {name}.is_some());")
            }
        };
    }
    let needed: Vec<&String> =
        fields.iter().zip(&names).filter(|(field, _)| !field.is_optional).map(|(_, name)| name).collect();
    if needed.is_empty() {
        let _ = writeln!(
            text,
            "        if !reader.problems.is_empty() {{\n            return Err(EnvError {{ problems: reader.problems }});\n        }}"
        );
    } else {
        let list = needed.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ");
        let somes = needed.iter().map(|name| format!("Some({name})")).collect::<Vec<_>>().join(", ");
        let _ = writeln!(
            text,
            "        let (true, ({somes},)) = (reader.problems.is_empty(), ({list},)) else {{\n            return Err(EnvError {{ problems: reader.problems }});\n        }};"
        );
    }
    let _ = writeln!(text, "        Ok(Self {{ {} }})\n    }}\n}}", names.join(", "));
    text.push_str(&debug(fields, &names));
    text.push_str(READER);
    text.push_str(&helpers(fields));
    text
}

const ERROR: &str = "
/// Variables that are missing, or that cannot be used; values are not told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvError {
    pub problems: Vec<String>,
}

impl std::fmt::Display for EnvError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.problems.join(\"\\n\"))
    }
}

impl std::error::Error for EnvError {}

impl Env {
    /// Reads the environment of this process.
    ///
    /// # Errors
    /// Every problem at once.
    pub fn load() -> Result<Self, EnvError> {
        Self::load_from(|name| std::env::var(name).ok())
    }

    /// The same from somewhere else.
    ///
    /// # Errors
    /// Every problem at once.
    pub fn load_from(source: impl Fn(&str) -> Option<String>) -> Result<Self, EnvError> {
        let mut reader = Reader { source: &source, problems: Vec::new() };
";

const READER: &str = "
struct Reader<'a> {
    source: &'a dyn Fn(&str) -> Option<String>,
    problems: Vec<String>,
}

impl Reader<'_> {
    fn read<T>(&mut self, name: &str, allow_empty: bool, parse: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        let text = (self.source)(name).filter(|text| allow_empty || !text.is_empty())?;
        match parse(&text) {
            Ok(value) => Some(value),
            Err(reason) => {
                self.problems.push(format!(\"{name} {reason}\"));
                None
            }
        }
    }

    #[allow(dead_code)]
    fn need(&mut self, name: &str, is_there: bool) {
        let begin = format!(\"{name} \");
        if !is_there && !self.problems.iter().any(|problem| problem.starts_with(&begin)) {
            let is_set = (self.source)(name).is_some();
            self.problems.push(format!(\"{name} is {}\", if is_set { \"empty\" } else { \"not set\" }));
        }
    }
}
";

/// Secrets are not shown.
fn debug(fields: &[Field], names: &[String]) -> String {
    let mut text = String::from(
        "\nimpl std::fmt::Debug for Env {\n    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {\n        f.debug_struct(\"Env\")\n",
    );
    for (field, name) in fields.iter().zip(names) {
        let value = if field.is_secret { "&\"********\"".to_owned() } else { format!("&self.{name}") };
        let _ = writeln!(text, "            .field(\"{name}\", {value})");
    }
    text.push_str("            .finish()\n    }\n}\n");
    text
}

/// An enum of its own, with the way there and back.
fn choices(name: &str, values: &[String]) -> String {
    let variants = distinct(values.iter().map(|value| {
        let plain = camel(value);
        if plain == "Self" { "Self_".to_owned() } else { plain }
    }));
    let mut text = format!("\n#[derive(Debug, Clone, Copy, PartialEq, Eq)]\npub enum {name} {{\n");
    for variant in &variants {
        let _ = writeln!(text, "    {variant},");
    }
    let _ = writeln!(
        text,
        "}}\n\nimpl {name} {{\n    /// As it is written.\n    #[allow(dead_code)]\n    pub fn as_str(self) -> &'static str {{\n        match self {{"
    );
    for (variant, value) in variants.iter().zip(values) {
        let _ = writeln!(text, "            Self::{variant} => {},", text_of(value));
    }
    let _ = writeln!(
        text,
        "        }}\n    }}\n\n    fn parse(text: &str) -> Result<Self, String> {{\n        match text {{"
    );
    for (variant, value) in variants.iter().zip(values) {
        let _ = writeln!(text, "            {} => Ok(Self::{variant}),", text_of(value));
    }
    let list = text_of(&format!("must be one of {}", values.join(", ")));
    let _ = writeln!(text, "            _ => Err({list}.to_owned()),\n        }}\n    }}\n}}");
    text
}

fn kind(shape: &Shape, choice: &str) -> String {
    match shape {
        Shape::Text | Shape::Json => "String".to_owned(),
        Shape::Int => "i64".to_owned(),
        Shape::Port => "u16".to_owned(),
        Shape::Float => "f64".to_owned(),
        Shape::Bool => "bool".to_owned(),
        Shape::Duration => "std::time::Duration".to_owned(),
        Shape::Path => "std::path::PathBuf".to_owned(),
        Shape::Enum(_) => choice.to_owned(),
        Shape::List(item, _) => format!("Vec<{}>", kind(item, choice)),
        Shape::Map(item, _) => format!("std::collections::BTreeMap<String, {}>", kind(item, choice)),
    }
}

fn parser(shape: &Shape, choice: &str) -> String {
    match shape {
        Shape::Text | Shape::Json => "parse_text".to_owned(),
        Shape::Int => "parse_whole".to_owned(),
        Shape::Port => "parse_port".to_owned(),
        Shape::Float => "parse_number".to_owned(),
        Shape::Bool => "parse_switch".to_owned(),
        Shape::Duration => "parse_span".to_owned(),
        Shape::Path => "parse_path".to_owned(),
        Shape::Enum(_) => format!("{choice}::parse"),
        Shape::List(item, separator) => {
            format!("|given: &str| parse_list(given, {}, {})", text_of(separator), parser(item, choice))
        }
        Shape::Map(item, separator) => {
            format!("|given: &str| parse_map(given, {}, {})", text_of(separator), parser(item, choice))
        }
    }
}

fn helpers(fields: &[Field]) -> String {
    let mut helpers = Helpers::behind("\n");
    let simple = |name: &str, kind: &str, condition: &str, what: &str| {
        format!(
            "fn {name}(text: &str) -> Result<{kind}, String> {{\n    {condition}.ok_or_else(|| \"must be {what}\".to_owned())\n}}\n"
        )
    };
    helpers.add(
        any(fields, &Shape::Text) || any(fields, &Shape::Json),
        "#[allow(clippy::unnecessary_wraps)]\nfn parse_text(text: &str) -> Result<String, String> {\n    Ok(text.to_owned())\n}\n",
    );
    helpers.add(
        any(fields, &Shape::Path),
        "#[allow(clippy::unnecessary_wraps)]\nfn parse_path(text: &str) -> Result<std::path::PathBuf, String> {\n    Ok(text.into())\n}\n",
    );
    helpers.add(any(fields, &Shape::Int), &simple("parse_whole", "i64", "text.parse().ok()", "a whole number"));
    helpers.add(
        any(fields, &Shape::Port),
        &simple("parse_port", "u16", "text.parse().ok().filter(|port| *port > 0)", "a port from 1 to 65535"),
    );
    helpers.add(
        any(fields, &Shape::Float),
        &simple("parse_number", "f64", "text.parse().ok().filter(|number: &f64| number.is_finite())", "a number"),
    );
    helpers.add(
        any(fields, &Shape::Bool),
        "fn parse_switch(text: &str) -> Result<bool, String> {\n    match text.to_ascii_lowercase().as_str() {\n        \"true\" | \"yes\" | \"on\" | \"1\" => Ok(true),\n        \"false\" | \"no\" | \"off\" | \"0\" => Ok(false),\n        _ => Err(\"must be true or false\".to_owned()),\n    }\n}\n",
    );
    helpers.add(
        any(fields, &Shape::Duration),
        "fn parse_span(text: &str) -> Result<std::time::Duration, String> {\n    let wrong = || \"must be a duration such as 30s or 1h30m\".to_owned();\n    let units = [(\"ms\", 1_u64), (\"s\", 1_000), (\"m\", 60_000), (\"h\", 3_600_000), (\"d\", 86_400_000), (\"w\", 604_800_000)];\n    let (mut rest, mut total) = (text.trim(), 0_u64);\n    if rest.is_empty() {\n        return Err(wrong());\n    }\n    while !rest.is_empty() {\n        let (number, behind) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?);\n        let (unit, behind) = behind.split_at(behind.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(behind.len()));\n        let number: u64 = number.parse().map_err(|_| wrong())?;\n        let (_, unit) = units.iter().find(|(name, _)| *name == unit).ok_or_else(wrong)?;\n        total = number.checked_mul(*unit).and_then(|part| total.checked_add(part)).ok_or_else(wrong)?;\n        rest = behind.trim_start();\n    }\n    Ok(std::time::Duration::from_millis(total))\n}\n",
    );
    helpers.add(
        any(fields, &Shape::List(Box::new(Shape::Text), String::new())),
        "fn parse_list<T>(text: &str, separator: &str, parse: impl Fn(&str) -> Result<T, String>) -> Result<Vec<T>, String> {\n    text.split(separator).map(|item| parse(item.trim())).collect()\n}\n",
    );
    helpers.add(
        any(fields, &Shape::Map(Box::new(Shape::Text), String::new())),
        "fn parse_map<T>(\n    text: &str,\n    separator: &str,\n    parse: impl Fn(&str) -> Result<T, String>,\n) -> Result<std::collections::BTreeMap<String, T>, String> {\n    let pair = |item: &str| {\n        let (key, value) = item.split_once('=').ok_or(\"must have items such as key=value\")?;\n        Ok((key.trim().to_owned(), parse(value.trim())?))\n    };\n    text.split(separator).map(pair).collect()\n}\n",
    );
    helpers.text
}

/// A name as a field.
fn name(variable: &str) -> String {
    let plain: String =
        variable.to_ascii_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    match plain.as_str() {
        taken if TAKEN.contains(&taken) || matches!(taken, "reader" | "source") => format!("{plain}_"),
        // One underscore is no name.
        plain if plain.trim_matches('_').is_empty() || plain.starts_with(|c: char| c.is_ascii_digit()) => {
            format!("v_{plain}")
        }
        plain => plain.to_owned(),
    }
}

fn camel(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' }).collect();
    let name = plain.to_upper_camel_case();
    if name.starts_with(|c: char| c.is_ascii_alphabetic()) { name } else { format!("V{name}") }
}

fn text_of(text: &str) -> String {
    quoted(text, |found| format!("\\u{{{:x}}}", u32::from(found)))
}
