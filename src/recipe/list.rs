//! The recipes that there are, under their headings.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::catalog::{Catalog, Entry};
use super::show;
use crate::outcome::Outcome;
use crate::ui::style;

/// The longest usage that the others are lined up with.
const WIDEST: usize = 36;

/// All that can be called, in the order of the files; as data or as text, since each of a thousand recipes takes more as data than it took to be read.
pub(super) fn list(catalog: &Catalog, is_json: bool) -> Outcome {
    let entries: Vec<&Entry> = catalog.public().collect();
    if is_json {
        return Outcome::answer(
            "",
            json!({ "recipes": entries.iter().map(|entry| data(entry)).collect::<Vec<Value>>() }),
        );
    }
    let mut groups: Vec<Option<&str>> = Vec::new();
    for entry in &entries {
        let group = entry.recipe.group.as_deref();
        if !groups.contains(&group) {
            groups.push(group);
        }
    }
    // What has no heading comes first.
    groups.sort_by_key(Option::is_some);
    let usages: Vec<String> = entries.iter().map(|entry| show::usage(entry)).collect();
    let widths = usages.iter().map(|usage| usage.chars().count()).filter(|width| *width <= WIDEST);
    let width = widths.max().unwrap_or_default();
    let mut text = String::new();
    for group in groups {
        let indent = if let Some(group) = group {
            if !text.is_empty() {
                text.push('\n');
            }
            let _ = writeln!(text, "{}{group}:{:#}", style::BOLD, style::BOLD);
            "  "
        } else {
            ""
        };
        for (entry, usage) in entries.iter().zip(&usages).filter(|(entry, _)| entry.recipe.group.as_deref() == group) {
            let line = match entry.recipe.doc.as_deref().and_then(|doc| doc.lines().next()) {
                Some(doc) => format!("{indent}{usage:<width$}  {}{doc}{:#}", style::DIM, style::DIM),
                None => format!("{indent}{usage}"),
            };
            let _ = writeln!(text, "{line}");
        }
    }
    Outcome::answer(text, json!({}))
}

/// A recipe as data.
pub(super) fn data(entry: &Entry) -> Value {
    let needs: Vec<Value> = entry.recipe.needs.iter().map(|need| json!(need)).collect();
    let params: Vec<Value> = entry.recipe.params.iter().map(|param| json!(param.full())).map(without_secrets).collect();
    json!({
        "name": entry.name,
        "doc": entry.recipe.doc,
        "group": entry.recipe.group,
        "aliases": entry.recipe.alias.as_slice(),
        "file": entry.file.shown,
        "params": params,
        "needs": needs,
    })
}

/// Defaults and choices of a secret parameter are secret as well; what says nothing is left out.
fn without_secrets(mut param: Value) -> Value {
    if let Some(param) = param.as_object_mut() {
        if param.get("secret") == Some(&Value::Bool(true)) {
            param.remove("default");
            param.remove("choices");
        }
        param.retain(|_, value| !(value.is_null() || *value == Value::Bool(false) || *value == json!([])));
    }
    param
}
