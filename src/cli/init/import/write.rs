//! Imported recipes as TOML: only what they say, and as a person would write it.

use std::fmt::Write as _;

use toml::{Table, Value};

use super::Imported;
use crate::config::recipe::Recipe;

/// `[vars]` and `[recipes]`, with what was left behind in comments.
pub(in crate::cli::init) fn write(text: &mut String, imported: &Imported) {
    let _ = writeln!(text, "\n# Recipes, from {}.", plain(&imported.shown));
    if !imported.vars.is_empty() {
        text.push_str("[vars]\n");
        for (name, variable) in &imported.vars {
            if let Ok(value) = Value::try_from(variable) {
                let _ = writeln!(text, "{} = {}", key(name), inline(&pruned(value)));
            }
        }
        text.push('\n');
    }
    let usual = Table::try_from(Recipe::default()).unwrap_or_default();
    for (name, recipe) in &imported.recipes {
        let _ = writeln!(text, "[recipes.{}]", key(name));
        for (field, value) in Table::try_from(recipe).unwrap_or_default() {
            if usual.get(&field) != Some(&value) {
                let _ = writeln!(text, "{field} = {}", block(&pruned(value)));
            }
        }
        text.push('\n');
    }
    if !imported.left.is_empty() {
        text.push_str("# Not carried over:\n");
        for left in &imported.left {
            let _ = writeln!(text, "# - {}", plain(left));
        }
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
}

/// Without what is so anyway.
fn pruned(value: Value) -> Value {
    match value {
        Value::Table(table) => {
            let is_said = |value: &Value| match value {
                Value::Boolean(value) => *value,
                Value::Array(list) => !list.is_empty(),
                Value::Table(table) => !table.is_empty(),
                _ => true,
            };
            Value::Table(
                table
                    .into_iter()
                    .filter(|(_, value)| is_said(value))
                    .map(|(key, value)| (key, pruned(value)))
                    .collect(),
            )
        }
        Value::Array(list) => Value::Array(list.into_iter().map(pruned).collect()),
        other => other,
    }
}

/// A value behind its key: long ones over several lines.
fn block(value: &Value) -> String {
    match value {
        Value::String(text) => string(text),
        Value::Array(list) if list.iter().any(Value::is_table) => {
            let items: Vec<String> = list.iter().map(|item| format!("    {},\n", inline(item))).collect();
            format!("[\n{}]", items.concat())
        }
        other => inline(other),
    }
}

/// A value in one line.
fn inline(value: &Value) -> String {
    match value {
        Value::String(text) => single(text),
        Value::Array(list) => format!("[{}]", list.iter().map(inline).collect::<Vec<_>>().join(", ")),
        Value::Table(table) => {
            let pairs: Vec<String> =
                table.iter().map(|(name, value)| format!("{} = {}", key(name), inline(value))).collect();
            format!("{{ {} }}", pairs.join(", "))
        }
        other => other.to_string(),
    }
}

fn string(text: &str) -> String {
    let is_plain = !text.contains("'''") && !text.chars().any(|c| c.is_control() && c != '\n' && c != '\t');
    if text.contains('\n') && is_plain && !text.ends_with('\'') { format!("'''\n{text}'''") } else { single(text) }
}

/// A string in one line, whatever is in it.
fn single(text: &str) -> String {
    if !text.contains('\n') {
        return toml_edit::Value::from(text).to_string();
    }
    serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}

fn key(name: &str) -> String {
    toml_edit::Key::new(name).to_string()
}

/// A text that can stand in a comment.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
