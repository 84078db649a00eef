//! Python: a frozen data class that a class method loads.

use std::fmt::Write as _;

use super::model::{Field, Helpers, Shape, any, distinct, four_digits, quoted};

/// Words that cannot be names, and names that the class has itself.
const TAKEN: [&str; 37] = [
    "false", "none", "true", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
    "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
    "not", "or", "pass", "raise", "return", "try", "while", "with", "yield", "load", "cls",
];

pub(super) fn write(fields: &[Field]) -> String {
    let names = distinct(fields.iter().map(|field| name(field.name)));
    let mut text = String::from(
        "\"\"\"The variables of the environment, as they are declared.\n\nMade by `prodev env types --lang python`; change the declarations, and not this file.\n\"\"\"\n\nfrom __future__ import annotations\n\n",
    );
    text.push_str(&imports(fields));
    text.push_str(
        "\n\nclass EnvError(ValueError):\n    \"\"\"Variables that are missing, or that cannot be used; values are not told.\"\"\"\n\n\n@dataclass(frozen=True)\nclass Env:\n    \"\"\"All variables, each of its own type.\"\"\"\n\n",
    );
    for (field, name) in fields.iter().zip(&names) {
        for line in &field.doc {
            let _ = writeln!(text, "    # {line}");
        }
        let optional = if field.is_optional { " | None" } else { "" };
        let hidden = if field.is_secret { " = field(repr=False)" } else { "" };
        let _ = writeln!(text, "    {name}: {}{optional}{hidden}", kind(&field.shape));
    }
    text.push_str(
        "\n    @classmethod\n    def load(cls, environ: Mapping[str, str] | None = None) -> Env:\n        \"\"\"Read the environment; every problem is told at once.\"\"\"\n        source = os.environ if environ is None else environ\n        problems: list[str] = []\n",
    );
    for (field, name) in fields.iter().zip(&names) {
        let empty = if field.allow_empty { ", allow_empty=True" } else { "" };
        let _ = writeln!(
            text,
            "        {name} = _read(source, problems, {}, {}{empty})",
            text_of(field.name),
            parser(&field.shape)
        );
        if let Some(default) = &field.default {
            let _ = writeln!(
                text,
                "        if {name} is None:\n            {name} = {}({})",
                parser(&field.shape),
                text_of(default)
            );
        } else if !field.is_optional {
            let _ = writeln!(text, "        _need(source, problems, {}, {name})", text_of(field.name));
        }
    }
    let needed = fields.iter().zip(&names).filter(|(field, _)| field.default.is_none() && !field.is_optional);
    let missing = needed.fold(String::new(), |mut text, (_, name)| {
        let _ = write!(text, " or {name} is None");
        text
    });
    let _ = writeln!(
        text,
        "        if problems{missing}:\n            raise EnvError(\"\\n\".join(problems))\n        return cls("
    );
    for name in &names {
        let _ = writeln!(text, "            {name}={name},");
    }
    text.push_str("        )\n");
    text.push_str(READ);
    text.push_str(&helpers(fields));
    text
}

const READ: &str = "

def _read(
    source: Mapping[str, str],
    problems: list[str],
    name: str,
    parse: Callable[[str], T],
    allow_empty: bool = False,
) -> T | None:
    text = source.get(name)
    if text is None or (text == \"\" and not allow_empty):
        return None
    try:
        return parse(text)
    except ValueError as error:
        problems.append(f\"{name} {error}\")
        return None


def _need(source: Mapping[str, str], problems: list[str], name: str, value: object) -> None:
    if value is None and not any(problem.startswith(f\"{name} \") for problem in problems):
        problems.append(f\"{name} is {'empty' if name in source else 'not set'}\")
";

fn imports(fields: &[Field]) -> String {
    let mut text = String::new();
    if any(fields, &Shape::Json) {
        text.push_str("import json\n");
    }
    text.push_str("import os\n");
    if any(fields, &Shape::Duration) || any(fields, &Shape::Int) || any(fields, &Shape::Port) {
        text.push_str("import re\n");
    }
    text.push_str("from collections.abc import Callable, Mapping\n");
    let hides = fields.iter().any(|field| field.is_secret);
    text.push_str(if hides {
        "from dataclasses import dataclass, field\n"
    } else {
        "from dataclasses import dataclass\n"
    });
    if any(fields, &Shape::Duration) {
        text.push_str("from datetime import timedelta\n");
    }
    if any(fields, &Shape::Path) {
        text.push_str("from pathlib import Path\n");
    }
    let mut typing = Vec::new();
    if any(fields, &Shape::Json) {
        typing.push("Any");
    }
    if any(fields, &Shape::Enum(Vec::new())) {
        typing.push("Literal");
    }
    typing.push("TypeVar");
    let _ = writeln!(text, "from typing import {}\n\nT = TypeVar(\"T\")", typing.join(", "));
    text
}

fn kind(shape: &Shape) -> String {
    match shape {
        Shape::Text => "str".to_owned(),
        Shape::Int | Shape::Port => "int".to_owned(),
        Shape::Float => "float".to_owned(),
        Shape::Bool => "bool".to_owned(),
        Shape::Duration => "timedelta".to_owned(),
        Shape::Path => "Path".to_owned(),
        Shape::Json => "Any".to_owned(),
        Shape::Enum(values) => literal(values),
        Shape::List(item, _) => format!("list[{}]", kind(item)),
        Shape::Map(item, _) => format!("dict[str, {}]", kind(item)),
    }
}

fn literal(values: &[String]) -> String {
    format!("Literal[{}]", values.iter().map(|value| text_of(value)).collect::<Vec<_>>().join(", "))
}

fn parser(shape: &Shape) -> String {
    match shape {
        Shape::Text => "str".to_owned(),
        Shape::Int => "_int".to_owned(),
        Shape::Port => "_port".to_owned(),
        Shape::Float => "_float".to_owned(),
        Shape::Bool => "_bool".to_owned(),
        Shape::Duration => "_duration".to_owned(),
        Shape::Path => "Path".to_owned(),
        Shape::Json => "_json".to_owned(),
        Shape::Enum(values) => format!("_{}", enum_name(values)),
        Shape::List(item, separator) => format!("_list({}, {})", parser(item), text_of(separator)),
        Shape::Map(item, separator) => format!("_map({}, {})", parser(item), text_of(separator)),
    }
}

/// The name of the function for an enum, by its values, so that two of the same kind share it.
fn enum_name(values: &[String]) -> String {
    format!("enum_{}", &blake3::hash(values.join("\0").as_bytes()).to_hex()[..8])
}

fn helpers(fields: &[Field]) -> String {
    let mut helpers = Helpers::behind("\n\n");
    helpers.add(
        any(fields, &Shape::Int) || any(fields, &Shape::Port),
        "def _int(text: str) -> int:\n    if not re.fullmatch(r\"[+-]?[0-9]+\", text):\n        raise ValueError(\"must be a whole number\")\n    return int(text)\n",
    );
    helpers.add(
        any(fields, &Shape::Port),
        "def _port(text: str) -> int:\n    port = _int(text)\n    if not 0 < port < 65536:\n        raise ValueError(\"must be a port from 1 to 65535\")\n    return port\n",
    );
    helpers.add(
        any(fields, &Shape::Float),
        "def _float(text: str) -> float:\n    try:\n        value = float(text)\n    except ValueError:\n        raise ValueError(\"must be a number\") from None\n    if value in (float(\"inf\"), float(\"-inf\")) or value != value:\n        raise ValueError(\"must be a number\")\n    return value\n",
    );
    helpers.add(
        any(fields, &Shape::Bool),
        "def _bool(text: str) -> bool:\n    if text.lower() in (\"true\", \"yes\", \"on\", \"1\"):\n        return True\n    if text.lower() in (\"false\", \"no\", \"off\", \"0\"):\n        return False\n    raise ValueError(\"must be true or false\")\n",
    );
    helpers.add(
        any(fields, &Shape::Duration),
        "def _duration(text: str) -> timedelta:\n    units = {\"ms\": 1, \"s\": 1_000, \"m\": 60_000, \"h\": 3_600_000, \"d\": 86_400_000, \"w\": 604_800_000}\n    text = text.strip()\n    if not re.fullmatch(r\"([0-9]+(ms|[smhdw])\\s*)+\", text):\n        raise ValueError(\"must be a duration such as 30s or 1h30m\")\n    parts = re.findall(r\"([0-9]+)(ms|[smhdw])\", text)\n    return timedelta(milliseconds=sum(int(number) * units[unit] for number, unit in parts))\n",
    );
    helpers.add(
        any(fields, &Shape::Json),
        "def _json(text: str) -> Any:\n    try:\n        return json.loads(text)\n    except ValueError:\n        raise ValueError(\"must be JSON\") from None\n",
    );
    helpers.add(
        any(fields, &Shape::List(Box::new(Shape::Text), String::new())),
        "def _list(parse: Callable[[str], T], separator: str) -> Callable[[str], list[T]]:\n    return lambda text: [parse(item.strip()) for item in text.split(separator)]\n",
    );
    helpers.add(
        any(fields, &Shape::Map(Box::new(Shape::Text), String::new())),
        "def _map(parse: Callable[[str], T], separator: str) -> Callable[[str], dict[str, T]]:\n    def pairs(text: str) -> dict[str, T]:\n        result: dict[str, T] = {}\n        for item in text.split(separator):\n            key, equals, value = item.strip().partition(\"=\")\n            if not equals:\n                raise ValueError(\"must have items such as key=value\")\n            result[key] = parse(value)\n        return result\n\n    return pairs\n",
    );
    let mut known: Vec<&[String]> = Vec::new();
    for field in fields {
        let Shape::Enum(values) = &field.shape else { continue };
        if known.contains(&values.as_slice()) {
            continue;
        }
        known.push(values);
        let _ = write!(helpers.text, "\n\ndef _{}(text: str) -> {}:\n", enum_name(values), literal(values));
        for value in values {
            let value = text_of(value);
            let _ = writeln!(helpers.text, "    if text == {value}:\n        return {value}");
        }
        let list = values.join(", ");
        let _ = writeln!(helpers.text, "    raise ValueError({})", text_of(&format!("must be one of {list}")));
    }
    helpers.text
}

/// A name as Python writes it.
fn name(variable: &str) -> String {
    let plain: String =
        variable.to_ascii_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    let is_taken = TAKEN.contains(&plain.as_str())
        || matches!(plain.as_str(), "source" | "problems" | "field" | "os" | "re" | "json");
    // Names of the module's own begin with one underscore, and two would be mangled.
    let plain = plain.trim_start_matches('_');
    let begins = plain.starts_with(|c: char| c.is_ascii_alphabetic());
    match (begins, is_taken) {
        (false, _) => format!("v_{plain}"),
        (true, true) => format!("{plain}_"),
        (true, false) => plain.to_owned(),
    }
}

fn text_of(text: &str) -> String {
    quoted(text, four_digits)
}
