//! TypeScript: an interface and a function that makes one. The code has types only where a runtime that strips them can do so.

use std::fmt::Write as _;

use super::model::{Field, Helpers, Shape, any, four_digits, quoted};

pub(super) fn write(fields: &[Field]) -> String {
    let mut text = String::from(
        "// The variables of the environment, as they are declared.\n// Made by `prodev env types --lang typescript`; change the declarations, and not this file.\n\n",
    );
    if any(fields, &Shape::Json) {
        text.push_str("export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };\n\n");
    }
    text.push_str(
        "/** All variables, each of its own type; spans of time are milliseconds. */\nexport interface Env {\n",
    );
    for field in fields {
        for line in &field.doc {
            let _ = writeln!(text, "  /** {line} */");
        }
        let optional = if field.is_optional { "?" } else { "" };
        let undefined = if field.is_optional { " | undefined" } else { "" };
        let _ = writeln!(text, "  readonly {}{optional}: {}{undefined};", key(field.name), kind(&field.shape));
    }
    text.push_str(HEAD);
    for field in fields {
        let name = text_of(field.name);
        let parse = parser(&field.shape);
        let empty = if field.allow_empty { ", true" } else { "" };
        let read = format!("read(source, problems, {name}, {parse}{empty})");
        let value = match (&field.default, field.is_optional) {
            (Some(default), _) => format!("{read} ?? {parse}({})", text_of(default)),
            (None, true) => read,
            (None, false) => format!("need(source, problems, {name}, {read})"),
        };
        let _ = writeln!(text, "    {}: {value},", key(field.name));
    }
    text.push_str(TAIL);
    text.push_str(&helpers(fields));
    text
}

const HEAD: &str = "}

/** Variables that are missing, or that cannot be used; values are not told. */
export class EnvError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join(\"\\n\"));
    this.name = \"EnvError\";
    this.problems = problems;
  }
}

type Source = Record<string, string | undefined>;

declare const process: { env: Source };

/** Reads the environment; every problem is told at once. */
export function loadEnv(source: Source = process.env): Env {
  const problems: string[] = [];
  const env: Env = {
";

const TAIL: &str = "  };
  if (problems.length > 0) {
    throw new EnvError(problems);
  }
  return env;
}

function read<T>(
  source: Source,
  problems: string[],
  name: string,
  parse: (text: string) => T,
  allowEmpty = false,
): T | undefined {
  const text = source[name];
  if (text === undefined || (text === \"\" && !allowEmpty)) {
    return undefined;
  }
  try {
    return parse(text);
  } catch (error) {
    problems.push(`${name} ${error instanceof Error ? error.message : \"cannot be used\"}`);
    return undefined;
  }
}

function need<T>(source: Source, problems: string[], name: string, value: T | undefined): T {
  if (value === undefined && !problems.some((problem) => problem.startsWith(`${name} `))) {
    problems.push(`${name} is ${source[name] === undefined ? \"not set\" : \"empty\"}`);
  }
  return value as T;
}
";

fn kind(shape: &Shape) -> String {
    match shape {
        Shape::Text | Shape::Path => "string".to_owned(),
        Shape::Int | Shape::Port | Shape::Float | Shape::Duration => "number".to_owned(),
        Shape::Bool => "boolean".to_owned(),
        Shape::Json => "Json".to_owned(),
        Shape::Enum(values) => values.iter().map(|value| text_of(value)).collect::<Vec<_>>().join(" | "),
        Shape::List(item, _) => format!("{}[]", kind(item)),
        Shape::Map(item, _) => format!("Record<string, {}>", kind(item)),
    }
}

fn parser(shape: &Shape) -> String {
    match shape {
        Shape::Text | Shape::Path => "String".to_owned(),
        Shape::Int => "parseWhole".to_owned(),
        Shape::Port => "parsePort".to_owned(),
        Shape::Float => "parseFinite".to_owned(),
        Shape::Bool => "parseSwitch".to_owned(),
        Shape::Duration => "parseSpan".to_owned(),
        Shape::Json => "parseJson".to_owned(),
        Shape::Enum(values) => {
            let list = values.iter().map(|value| text_of(value)).collect::<Vec<_>>().join(", ");
            format!("oneOf([{list}] as const)")
        }
        Shape::List(item, separator) => format!("listOf({}, {})", parser(item), text_of(separator)),
        Shape::Map(item, separator) => format!("mapOf({}, {})", parser(item), text_of(separator)),
    }
}

fn helpers(fields: &[Field]) -> String {
    let mut helpers = Helpers::behind("\n");
    helpers.add(
        any(fields, &Shape::Int) || any(fields, &Shape::Port),
        "function parseWhole(text: string): number {\n  const value = Number(text);\n  if (!/^[+-]?[0-9]+$/.test(text) || !Number.isSafeInteger(value)) {\n    throw new Error(\"must be a whole number\");\n  }\n  return value;\n}\n",
    );
    helpers.add(
        any(fields, &Shape::Port),
        "function parsePort(text: string): number {\n  const port = parseWhole(text);\n  if (port < 1 || port > 65535) {\n    throw new Error(\"must be a port from 1 to 65535\");\n  }\n  return port;\n}\n",
    );
    helpers.add(
        any(fields, &Shape::Float),
        "function parseFinite(text: string): number {\n  const value = Number(text);\n  if (text.trim() === \"\" || !Number.isFinite(value)) {\n    throw new Error(\"must be a number\");\n  }\n  return value;\n}\n",
    );
    helpers.add(
        any(fields, &Shape::Bool),
        "function parseSwitch(text: string): boolean {\n  const word = text.toLowerCase();\n  if ([\"true\", \"yes\", \"on\", \"1\"].includes(word)) {\n    return true;\n  }\n  if ([\"false\", \"no\", \"off\", \"0\"].includes(word)) {\n    return false;\n  }\n  throw new Error(\"must be true or false\");\n}\n",
    );
    helpers.add(
        any(fields, &Shape::Duration),
        "function parseSpan(text: string): number {\n  if (!/^([0-9]+(ms|[smhdw])\\s*)+$/.test(text.trim())) {\n    throw new Error(\"must be a duration such as 30s or 1h30m\");\n  }\n  const units: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };\n  let total = 0;\n  for (const part of text.matchAll(/([0-9]+)(ms|[smhdw])/g)) {\n    total += Number(part[1]) * (units[part[2] ?? \"\"] ?? 0);\n  }\n  return total;\n}\n",
    );
    helpers.add(
        any(fields, &Shape::Json),
        "function parseJson(text: string): Json {\n  try {\n    return JSON.parse(text) as Json;\n  } catch {\n    throw new Error(\"must be JSON\");\n  }\n}\n",
    );
    helpers.add(
        any(fields, &Shape::Enum(Vec::new())),
        "function oneOf<const T extends readonly string[]>(values: T): (text: string) => T[number] {\n  return (text) => {\n    if (!values.includes(text)) {\n      throw new Error(`must be one of ${values.join(\", \")}`);\n    }\n    return text;\n  };\n}\n",
    );
    helpers.add(
        any(fields, &Shape::List(Box::new(Shape::Text), String::new())),
        "function listOf<T>(parse: (text: string) => T, separator: string): (text: string) => T[] {\n  return (text) => text.split(separator).map((item) => parse(item.trim()));\n}\n",
    );
    helpers.add(
        any(fields, &Shape::Map(Box::new(Shape::Text), String::new())),
        "function mapOf<T>(parse: (text: string) => T, separator: string): (text: string) => Record<string, T> {\n  return (text) => {\n    const entries = text.split(separator).map((item): [string, T] => {\n      const at = item.indexOf(\"=\");\n      if (at < 0) {\n        throw new Error(\"must have items such as key=value\");\n      }\n      return [item.slice(0, at).trim(), parse(item.slice(at + 1).trim())];\n    });\n    return Object.fromEntries(entries);\n  };\n}\n",
    );
    helpers.text
}

/// A name as the key of an object.
fn key(name: &str) -> String {
    let is_plain = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    // `__proto__` as a key would be something else.
    if is_plain && name != "__proto__" {
        name.to_owned()
    } else if name == "__proto__" {
        "[\"__proto__\"]".to_owned()
    } else {
        text_of(name)
    }
}

fn text_of(text: &str) -> String {
    quoted(text, four_digits)
}
