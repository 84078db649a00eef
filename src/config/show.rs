//! What is configured, key by key, each with the line that says so.

use std::fmt::Write as _;

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::{Map, Value};

use super::project::{Loaded, Project};
use super::tree::Tree;
use crate::ui::style;

/// One key with its value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    /// The keys from the top; namespaced where the file is not the root.
    pub(crate) path: Vec<String>,
    pub(crate) value: Value,
    /// The file that says so and the line; `None` where nobody has, and it is so by default.
    pub(crate) origin: Option<(String, usize)>,
}

/// What stands in place of a secret.
pub(super) const HIDDEN: &str = "********";

impl Project {
    /// Every key that has a value, in the order of sections. Values of secrets are hidden.
    pub(crate) fn entries(&self) -> Vec<Entry> {
        let mut entries = Vec::new();
        let root = self.files.first().map(|file| Lines { file, tree: Tree::of(&file.shown, &file.source) });
        let policy = &self.policy;
        take(&mut entries, root.as_ref(), &["settings"], &["settings"], &policy.settings, Defaults::Shown);
        for file in &self.files {
            let lines = Lines { file, tree: Tree::of(&file.shown, &file.source) };
            let part = &file.part;
            if !part.include.is_empty() && file.namespace.is_empty() {
                take(&mut entries, Some(&lines), &["include"], &["include"], &part.include, Defaults::Left);
            }
            for (name, variable) in &part.vars {
                let shown = file.full_name(name);
                take(&mut entries, Some(&lines), &["vars", &shown], &["vars", name], variable, Defaults::Left);
            }
            if let Some(environment) = &part.env {
                let section =
                    if file.namespace.is_empty() { "env".to_owned() } else { format!("{}::env", file.namespace) };
                take(&mut entries, Some(&lines), &[&section], &["env"], environment, Defaults::Shown);
            }
        }
        if let Some(flow) = &policy.flow {
            take(&mut entries, root.as_ref(), &["flow"], &["flow"], &flow.effective(), Defaults::Shown);
        }
        take(&mut entries, root.as_ref(), &["hooks"], &["hooks"], &policy.hooks, Defaults::Left);
        for file in &self.files {
            let lines = Lines { file, tree: Tree::of(&file.shown, &file.source) };
            for (name, recipe) in &file.part.recipes {
                let shown = file.full_name(name);
                take(&mut entries, Some(&lines), &["recipes", &shown], &["recipes", name], recipe, Defaults::Left);
            }
        }
        entries
    }
}

impl Loaded {
    fn full_name(&self, name: &str) -> String {
        if self.namespace.is_empty() { name.to_owned() } else { format!("{}::{name}", self.namespace) }
    }
}

/// A file whose lines can be looked up.
struct Lines<'a> {
    file: &'a Loaded,
    tree: Tree<'a>,
}

/// Whether keys are told that no file has. In recipes they would hide what is there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Defaults {
    Shown,
    Left,
}

/// Takes the keys of `value` in. It stands in the document at `path`, and is shown at `shown`.
fn take(
    entries: &mut Vec<Entry>,
    lines: Option<&Lines>,
    shown: &[&str],
    path: &[&str],
    value: &impl Serialize,
    defaults: Defaults,
) {
    // Configuration is made of plain data, which always has a JSON form.
    let Ok(mut value) = serde_json::to_value(value) else { return };
    hide_secrets(&mut value);
    let owned = |path: &[&str]| path.iter().map(|segment| (*segment).to_owned()).collect::<Vec<_>>();
    let mut walk = Walk { entries, lines, defaults, shown: owned(shown), path: owned(path) };
    walk.value(value);
}

struct Walk<'a, 'b> {
    entries: &'a mut Vec<Entry>,
    lines: Option<&'a Lines<'b>>,
    defaults: Defaults,
    shown: Vec<String>,
    path: Vec<String>,
}

impl Walk<'_, '_> {
    fn value(&mut self, value: Value) {
        let line = self.lines.and_then(|lines| lines.tree.line(&self.path));
        match value {
            Value::Null => {}
            Value::Object(map) if !self.is_inline() => {
                for (key, value) in map {
                    self.shown.push(key.clone());
                    self.path.push(key);
                    self.value(value);
                    self.shown.pop();
                    self.path.pop();
                }
            }
            value => {
                // Variables of the environment are many, and their defaults say nothing.
                let quiet = self.defaults == Defaults::Left || self.path.get(1).is_some_and(|key| key == "vars");
                let value = pruned(value, line.is_some());
                let Some(value) = value.filter(|value| line.is_some() || (!quiet && !is_nothing(value))) else {
                    return;
                };
                let origin = line.zip(self.lines).map(|(line, lines)| (lines.file.shown.clone(), line));
                self.entries.push(Entry { path: self.shown.clone(), value, origin });
            }
        }
    }

    /// Whether a table at this depth is written in one line.
    fn is_inline(&self) -> bool {
        match self.path.first().map(String::as_str) {
            Some("vars" | "hooks") => self.path.len() >= 2,
            Some("recipes") => self.path.len() >= 3,
            _ => self.path.len() >= 4,
        }
    }
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    }
}

/// A value without what says nothing: in an inline table nobody can tell what was written, so what is as by default goes.
fn pruned(value: Value, is_written: bool) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::Array(items) => Some(items.into_iter().filter_map(|item| pruned(item, true)).collect()),
        Value::Object(map) => {
            let map: Map<String, Value> = map
                .into_iter()
                .filter(|(_, value)| !is_nothing(value) && *value != Value::Bool(false))
                .filter_map(|(key, value)| Some((key, pruned(value, true)?)))
                .collect();
            (is_written || !map.is_empty()).then_some(Value::Object(map))
        }
        other => Some(other),
    }
}

/// Hides the values of whatever says of itself that it is secret.
fn hide_secrets(value: &mut Value) {
    match value {
        Value::Object(map) => {
            if map.get("secret") == Some(&Value::Bool(true)) {
                for key in ["value", "default", "example"] {
                    if let Some(value) = map.get_mut(key).filter(|value| !value.is_null()) {
                        *value = HIDDEN.into();
                    }
                }
            }
            map.values_mut().for_each(hide_secrets);
        }
        Value::Array(items) => items.iter_mut().for_each(hide_secrets),
        _ => {}
    }
}

/// `entries` as TOML; with `origins`, each with the line that it comes from.
pub(crate) fn toml(entries: &[Entry], origins: bool) -> String {
    // Keys of one table together, and those of a table before its tables.
    let mut tables: IndexMap<&[String], Vec<&Entry>> = IndexMap::new();
    for entry in entries {
        let Some((_, header)) = entry.path.split_last() else { continue };
        for depth in 0..header.len() {
            tables.entry(&header[..depth]).or_default();
        }
        tables.entry(header).or_default().push(entry);
    }
    let mut text = String::new();
    for (header, entries) in tables.iter().filter(|(_, entries)| !entries.is_empty()) {
        if !header.is_empty() {
            let gap = if text.is_empty() { "" } else { "\n" };
            let _ = writeln!(text, "{gap}[{}]", dotted(header));
        }
        for entry in entries {
            let _ = write!(text, "{} = {}", dotted(&entry.path[header.len()..]), inline(&entry.value));
            if origins {
                let origin =
                    entry.origin.as_ref().map_or("default".to_owned(), |(file, line)| format!("{file}:{line}"));
                let _ = write!(text, "  {}# {origin}{:#}", style::DIM, style::DIM);
            }
            text.push('\n');
        }
    }
    text
}

/// A path as TOML writes it.
pub(crate) fn dotted(path: &[String]) -> String {
    path.iter().map(|segment| word(segment)).collect::<Vec<_>>().join(".")
}

fn word(key: &str) -> String {
    toml_edit::Key::new(key).to_string()
}

fn inline(value: &Value) -> String {
    let mut text = String::new();
    match value.serialize(toml::ser::ValueSerializer::new(&mut text)) {
        Ok(_) => text,
        // Only null has no TOML form, and nulls are pruned.
        Err(_) => "\"\"".to_owned(),
    }
}
