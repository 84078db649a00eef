//! `docs/configuration.md`: its tables of keys are those of the schema.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::sandbox::Sandbox;

/// A table of keys begins with `<!-- keys: PATH -->` (`<!-- keys of your own file: PATH -->` for the user's) and ends with this.
const END: &str = "<!-- end of keys -->";

#[test]
fn the_tables_of_keys_are_those_of_the_schema() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/configuration.md");
    let text = fs::read_to_string(&path).unwrap();
    let mut covered = BTreeSet::new();
    let mut fresh = text.clone();
    for (mark, flag) in [("<!-- keys: ", ""), ("<!-- keys of your own file: ", " --user")] {
        let schema: Value =
            serde_json::from_str(&Sandbox::new().run(&format!("config schema{flag}")).succeeds().stdout).unwrap();
        let mut parts = fresh.split(mark);
        let mut made = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (at, rest) = part.split_once(" -->\n").expect("a mark ends with ` -->`");
            let (_, rest) = rest.split_once(END).expect("a table of keys has an end");
            let table = find(&schema, at);
            if flag.is_empty() {
                covered.insert(table.to_string());
            }
            let _ = write!(made, "{mark}{at} -->\n{}{END}{rest}", rows(&schema, table));
        }
        fresh = made;
        if flag.is_empty() {
            let mut missing = Vec::new();
            uncovered(&schema, &covered, &mut missing);
            assert!(missing.is_empty(), "docs/configuration.md has no table for {missing:?}");
        }
    }
    if std::env::var_os("PRODEV_BLESS").is_some() {
        fs::write(&path, &fresh).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap();
    assert!(kept == fresh, "docs/configuration.md is stale: run `PRODEV_BLESS=1 cargo test --test it configuration`");
}

#[test]
fn every_rule_of_the_policy_is_described() {
    let schema: Value = serde_json::from_str(&Sandbox::new().run("config schema").succeeds().stdout).unwrap();
    let rules = schema["$defs"]["Flow"]["properties"]["rules"]["properties"].as_object().unwrap();
    assert!(rules.len() > 20, "{rules:?}");
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/policy.md")).unwrap();
    let missing: Vec<&String> = rules.keys().filter(|rule| !text.contains(&format!("`{rule}`"))).collect();
    assert!(missing.is_empty(), "docs/policy.md does not tell of {missing:?}");
}

/// Follows references, and of several forms takes the table.
fn resolve<'a>(root: &'a Value, mut schema: &'a Value) -> &'a Value {
    loop {
        if let Some(pointer) = schema.get("$ref").and_then(Value::as_str) {
            schema = root.pointer(pointer.trim_start_matches('#')).unwrap();
            continue;
        }
        let forms = schema.get("anyOf").and_then(Value::as_array).into_iter().flatten();
        let forms: Vec<&Value> = forms.map(|form| resolve(root, form)).collect();
        let is_table = |form: &&&Value| {
            let mut form: &Value = form;
            while let Some(inner) = inner(form).filter(|_| form.get("properties").is_none()) {
                form = resolve(root, inner);
            }
            form.get("properties").is_some()
        };
        match forms.iter().find(is_table).or_else(|| forms.iter().find(|form| inner(form).is_some())) {
            Some(form) => schema = form,
            None => return schema,
        }
    }
}

/// What a table or a list of tables holds.
fn inner(schema: &Value) -> Option<&Value> {
    let list = schema.get("items");
    schema.get("properties").or(list).or_else(|| schema.get("additionalProperties").filter(|it| it.is_object()))
}

/// The table at a path like `recipes.NAME.params`; a word in capitals stands for any name.
fn find<'a>(root: &'a Value, path: &str) -> &'a Value {
    let mut schema = resolve(root, root);
    for name in path.split('.').filter(|name| *name != "top") {
        while let Some(items) = schema.get("items") {
            schema = resolve(root, items);
        }
        let next =
            schema.get("properties").and_then(|known| known.get(name)).or_else(|| schema.get("additionalProperties"));
        schema = resolve(root, next.unwrap_or_else(|| panic!("`{path}` leads nowhere at `{name}`")));
    }
    while let Some(items) = schema.get("items") {
        schema = resolve(root, items);
    }
    assert!(schema.get("properties").is_some(), "`{path}` is no table of known keys");
    schema
}

/// Tables that the schema defines and no mark shows.
fn uncovered(schema: &Value, covered: &BTreeSet<String>, missing: &mut Vec<String>) {
    for (name, table) in schema["$defs"].as_object().into_iter().flatten() {
        if table.get("properties").is_some() && !covered.contains(&table.to_string()) {
            missing.push(name.clone());
        }
    }
}

fn rows(root: &Value, table: &Value) -> String {
    let required: Vec<&str> = table["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let mut text = "\n| key | value | default | what |\n|---|---|---|---|\n".to_owned();
    for (name, schema) in table["properties"].as_object().unwrap() {
        let words = words(root, schema).replace('|', "\\|");
        let default = match schema.get("default") {
            _ if required.contains(&name.as_str()) => "must be given".to_owned(),
            Some(value) if !is_nothing(value) => format!("`{value}`").replace('|', "\\|"),
            _ => String::new(),
        };
        let what = schema["description"].as_str().unwrap_or_default().replace('\n', " ").replace('|', "\\|");
        let _ = writeln!(text, "| `{name}` | {words} | {default} | {what} |");
    }
    text.push('\n');
    text
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.is_empty(),
        // What a table holds by default stands in its own table.
        _ => value.is_null() || value.is_object(),
    }
}

fn list_of(words: &str) -> String {
    format!("list of {}", grouped(words))
}

/// Several words as one.
fn grouped(words: &str) -> String {
    if words.contains([' ', ',']) { format!("({words})") } else { words.to_owned() }
}

/// What a value is, in words.
fn words(root: &Value, schema: &Value) -> String {
    if let Some(pointer) = schema.get("$ref").and_then(Value::as_str) {
        return words(root, root.pointer(pointer.trim_start_matches('#')).unwrap());
    }
    if let Some(value) = schema.get("const") {
        return format!("`{}`", value.as_str().unwrap_or_default());
    }
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        let names: Vec<String> = values.iter().filter_map(Value::as_str).map(|name| format!("`{name}`")).collect();
        return names.join(", ");
    }
    for (key, between) in [("oneOf", ", "), ("anyOf", " or ")] {
        if let Some(forms) = schema.get(key).and_then(Value::as_array) {
            let forms: Vec<String> = forms.iter().map(|form| words(root, form)).collect();
            if forms == ["bool", "integer", "number", "text"] {
                return "scalar".to_owned();
            }
            return match forms.as_slice() {
                [list, one] if *list == list_of(one) => format!("{one} or a list"),
                _ => forms.join(between),
            };
        }
    }
    match schema.get("type").and_then(Value::as_str) {
        Some("string") => {
            match schema.get("format").and_then(Value::as_str).and_then(|it| it.strip_prefix("prodev-")) {
                Some(kind) => kind.to_owned(),
                None => "text".to_owned(),
            }
        }
        Some(name @ ("integer" | "number")) => name.to_owned(),
        Some("boolean") => "bool".to_owned(),
        Some("array") => list_of(&words(root, &schema["items"])),
        Some("object") => match schema.get("additionalProperties").filter(|it| it.is_object()) {
            Some(inner) if schema.get("properties").is_none() => format!("table of {}", grouped(&words(root, inner))),
            _ => "table".to_owned(),
        },
        _ => "any value".to_owned(),
    }
}
