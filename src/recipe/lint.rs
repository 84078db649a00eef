//! `prodev run --lint`: what is right in recipes, and yet not what its author wants. What is wrong is refused whenever recipes are read.

mod eval;
mod functions;

use std::collections::HashSet;

use serde_json::{Value, json};

use super::catalog::{Catalog, Entry};
use super::check::{Text, Texts};
use super::language::Language;
use super::reference::references;
use super::shell::Shell;
use crate::config::condition::{Requires, Tool};
use crate::config::parameter::Manner;
use crate::config::recipe::{Finally, Need};
use crate::config::tree::Tree;
use crate::config::value::Severity;
use crate::error::{Place, nearest};
use crate::findings::{Finding, Findings, Format, Object, Verdict};
use crate::outcome::{Outcome, object};

/// The rules, each with what it finds.
const RULES: [(&str, &str); 8] = [
    ("unused-parameter", "a parameter that nothing in the recipe speaks of"),
    ("unused-variable", "a variable of [vars] that nothing speaks of"),
    ("unused-recipe", "a private recipe that no other runs"),
    ("unused-tool", "a tool that a recipe requires and does not call"),
    ("raw-value", "a value that is pasted into a text"),
    ("eval-of-value", "a value that is read as program text by eval"),
    ("unknown-name", "braces around what is nearly a name"),
    ("need-without-result", "a need of a cached recipe whose result is not known to the cache"),
];

/// Holds the recipes that are named, or all of them, against the rules.
///
/// # Errors
/// Where there is no such recipe (exit 2).
pub(super) fn lint(catalog: &Catalog, names: &[String], format: Format) -> anyhow::Result<Outcome> {
    let mut wanted = HashSet::new();
    for name in names {
        wanted.insert(catalog.get(name)?);
    }
    let mut findings = Findings::default();
    let is_wanted = |at: usize| names.is_empty() || wanted.contains(&at);
    for (_, entry) in catalog.entries.iter().enumerate().filter(|(at, _)| is_wanted(*at)) {
        let said = Said::of(entry);
        parameters(entry, &said, &mut findings);
        texts(catalog, entry, &mut findings);
        tools(entry, &said, &mut findings);
        needs(catalog, entry, &mut findings);
    }
    if names.is_empty() {
        private(catalog, &mut findings);
        variables(catalog, &mut findings);
    }
    let good = Some("nothing to find in the recipes".to_owned());
    let json = object(json!({ "recipes": catalog.entries.len() }));
    Ok(Outcome::Verdict(Box::new(Verdict { findings, format, rules: RULES.to_vec(), good, json })))
}

fn found(entry: &Entry, rule: &'static str, severity: Severity, place: Option<Place>, message: String) -> Finding {
    let object = place.map_or_else(|| Object::File(entry.file.shown.clone()), Object::Place);
    Finding::new(rule, severity, object, message)
}

/// All that a recipe says, without the names of its parameters.
struct Said {
    texts: Vec<String>,
    /// The words of a script file of its own.
    script: Option<String>,
}

impl Said {
    fn of(entry: &Entry) -> Self {
        let mut all = json!(entry.recipe);
        if let Some(table) = all.as_object_mut() {
            let defaults: Vec<Value> = entry.params.iter().map(|param| json!(param.default)).collect();
            for key in ["doc", "alias", "group", "requires", "params"] {
                table.remove(key);
            }
            table.insert("params".to_owned(), defaults.into());
        }
        let mut texts = Vec::new();
        gather(&all, &mut texts);
        // What a script of the project reads is told by its text.
        let script = entry.recipe.script.as_ref().map(|path| {
            let text = std::fs::read(entry.home().join(path)).unwrap_or_default();
            String::from_utf8_lossy(&text).into_owned()
        });
        Self { texts, script }
    }

    fn mentions(&self, name: &str) -> bool {
        let variable = name.replace('-', "_");
        self.all().any(|text| mentions(text, name) || mentions(text, &variable))
    }

    fn all(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().chain(&self.script).map(String::as_str)
    }

    /// Whether it may look at its arguments without their names.
    fn takes_arguments(&self) -> bool {
        let signs = ["$@", "$*", "$#", "${@", "${*", "argv", "ARGV", "args", "getopts", "shift"];
        let numbered = |text: &str| {
            // A function has arguments of its own.
            let text = functions::without(text);
            text.match_indices('$')
                .any(|(at, _)| text[at + 1..].trim_start_matches('{').starts_with(|c: char| c.is_ascii_digit()))
        };
        let named = |text: &str| {
            let text = functions::without(text);
            signs.iter().any(|sign| text.contains(sign))
        };
        self.all().any(|text| named(text) || numbered(text))
    }
}

/// Keys and texts; a key can be the name of a variable.
fn gather(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Array(list) => list.iter().for_each(|value| gather(value, found)),
        Value::Object(table) => table.values().for_each(|value| gather(value, found)),
        _ => {}
    }
}

fn mentions(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        !text[..at].chars().next_back().is_some_and(is_word)
            && !text[at + name.len()..].chars().next().is_some_and(is_word)
    })
}

fn tree<'a>(entry: &'a Entry) -> Tree<'a> {
    Tree::of(&entry.file.shown, &entry.file.source)
}

fn parameters(entry: &Entry, said: &Said, findings: &mut Findings) {
    let takes_arguments = said.takes_arguments();
    for (at, param) in entry.params.iter().enumerate() {
        let is_positional = matches!(param.manner(), Manner::Positional | Manner::Variadic);
        if said.mentions(&param.name) || (is_positional && takes_arguments) {
            continue;
        }
        let place = tree(entry).place(&entry.path(&["params", &at.to_string()]));
        let message = format!("nothing in `{}` speaks of its parameter `{}`", entry.name, param.name);
        let hint = match param.manner() {
            Manner::Variadic => format!("write `{{{{ {} }}}}` where its values belong, or take it out", param.name),
            _ => format!("write `{{{{ {} }}}}` where its value belongs, or take it out", param.name),
        };
        findings.add(found(entry, "unused-parameter", Severity::Warn, place, message).hint(hint));
    }
}

fn texts(catalog: &Catalog, entry: &Entry, findings: &mut Findings) {
    let all = Texts::of(entry);
    let shell = Shell::of(entry.recipe.shell.as_ref(), catalog.project.policy.settings.shell.as_ref());
    let known = |name: &str| {
        entry.params.iter().any(|param| param.name == name)
            || entry.axes().any(|axis| axis == name)
            || catalog.variable(&entry.file.namespace, name).is_some()
    };
    let names: Vec<&str> = (entry.params.iter().map(|param| param.name.as_str()))
        .chain(entry.axes())
        .chain(catalog.variables(&entry.file.namespace).into_iter().map(|(name, _)| name))
        .collect();
    for text in all.scripts.iter().chain(&all.words) {
        for reference in references(text.text) {
            let place = || place(entry, text, &text.text[reference.range.clone()], reference.range.start);
            let name = reference.name;
            if known(name) && reference.is_raw {
                let message = format!("the value of `{name}` becomes program text, whatever it holds");
                let hint = format!("write `{{{{ {name} }}}}`, which is one word");
                findings.add(found(entry, "raw-value", Severity::Warn, place(), message).hint(hint));
            } else if !known(name)
                && let Some(near) = nearest(name, names.iter().copied())
            {
                let message = format!("`{name}` is no name here, so the braces stay as they are");
                findings.add(
                    found(entry, "unknown-name", Severity::Warn, place(), message)
                        .hint(format!("did you mean `{near}`?")),
                );
            }
        }
    }
    for text in all.scripts.iter().filter(|_| matches!(shell.language(), Language::Posix | Language::Fish)) {
        for (at, what) in eval::evals(entry, text.text) {
            let message = format!("`eval` reads {what} as program text, whatever it holds");
            let hint = "call the program itself, with the value as an argument";
            let place = place(entry, text, "eval", at);
            findings.add(found(entry, "eval-of-value", Severity::Error, place, message).hint(hint));
        }
    }
}

/// Where the `needle` that begins at `at` stands in its file.
fn place(entry: &Entry, text: &Text, needle: &str, at: usize) -> Option<Place> {
    let path: Vec<&str> = text.path.iter().map(String::as_str).collect();
    let nth = text.text[..at].matches(needle).count();
    tree(entry).place_in(&entry.path(&path), needle, nth)
}

fn tools(entry: &Entry, said: &Said, findings: &mut Findings) {
    // What a recipe without commands requires is for those that it needs.
    if entry.recipe.run.is_none() && entry.recipe.script.is_none() {
        return;
    }
    let tools: Vec<(&str, Option<&Tool>)> = match entry.recipe.requires.as_deref() {
        None => return,
        Some(Requires::Tools(names)) => names.iter().map(|name| (name.as_str(), None)).collect(),
        Some(Requires::Full(full)) => full.tools.iter().map(|(name, tool)| (name.as_str(), Some(tool))).collect(),
    };
    for (name, _) in tools {
        let shell = entry.recipe.shell.as_ref().map(crate::config::value::OneOrMany::as_slice).unwrap_or_default();
        if !said.mentions(name) && !shell.iter().any(|word| mentions(word, name)) {
            let place = tree(entry).place(&entry.path(&["requires"]));
            let message = format!("`{}` requires `{name}` and does not call it", entry.name);
            findings.add(
                found(entry, "unused-tool", Severity::Warn, place, message)
                    .hint("take it out, or name it where it is called"),
            );
        }
    }
}

/// A cached recipe runs again when what it needs has made something else: that has to be known.
fn needs(catalog: &Catalog, entry: &Entry, findings: &mut Findings) {
    if entry.recipe.inputs.is_empty() {
        return;
    }
    for (at, need) in entry.recipe.needs.iter().enumerate() {
        let Some(other) = catalog.find_in(&entry.file.namespace, needed(need)).map(|at| &catalog.entries[at]) else {
            continue;
        };
        let runs = other.recipe.run.is_some() || other.recipe.script.is_some();
        if runs && other.recipe.inputs.is_empty() && other.recipe.outputs.is_empty() {
            let place = tree(entry).place(&entry.path(&["needs", &at.to_string()]));
            let message = format!(
                "`{}` runs only when its inputs change, and what `{}` makes is not among them",
                entry.name, other.name
            );
            let hint = format!("give `{}` `inputs` or `outputs`", other.name);
            findings.add(found(entry, "need-without-result", Severity::Warn, place, message).hint(hint));
        }
    }
}

fn needed(need: &Need) -> &str {
    match need {
        Need::Name(name) => name,
        Need::Call(call) => &call.recipe,
    }
}

fn private(catalog: &Catalog, findings: &mut Findings) {
    let mut used = HashSet::new();
    for entry in &catalog.entries {
        let mut names: Vec<&str> = entry.recipe.needs.iter().chain(&entry.recipe.after).map(needed).collect();
        if let Some(Finally::Full(full)) = entry.recipe.finally.as_deref() {
            names.extend(full.recipe.as_deref());
        }
        used.extend(names.into_iter().filter_map(|name| catalog.find_in(&entry.file.namespace, name)));
    }
    let mut elsewhere = Vec::new();
    gather(&json!(catalog.project.policy.hooks), &mut elsewhere);
    gather(&json!(catalog.project.policy.flow), &mut elsewhere);
    for (at, entry) in catalog.entries.iter().enumerate() {
        let is_named = elsewhere.iter().any(|text| text == &entry.name || text == entry.local);
        if entry.recipe.private && !used.contains(&at) && !is_named && entry.recipe.schedule.is_none() {
            let place = tree(entry).key_place(&entry.path(&[]));
            let message = format!("`{}` is private, and no other recipe runs it", entry.name);
            findings.add(
                found(entry, "unused-recipe", Severity::Warn, place, message)
                    .hint("take it out, or let a recipe need it"),
            );
        }
    }
}

fn variables(catalog: &Catalog, findings: &mut Findings) {
    let mut said: Vec<String> = Vec::new();
    for entry in &catalog.entries {
        let Said { texts, script } = Said::of(entry);
        said.extend(texts.into_iter().chain(script));
    }
    for file in &catalog.project.files {
        for name in file.part.vars.keys() {
            if said.iter().any(|text| mentions(text, name)) {
                continue;
            }
            let place = Tree::of(&file.shown, &file.source).key_place(&["vars", name]);
            let object = place.map_or_else(|| Object::File(file.shown.clone()), Object::Place);
            let message = format!("no recipe speaks of the variable `{name}`");
            let hint = "take it out, unless a program reads it from its environment";
            findings.add(Finding::new("unused-variable", Severity::Warn, object, message).hint(hint));
        }
    }
}
