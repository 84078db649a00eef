//! What is wrong with `{{ name }}` in recipes, told when they are read: a reference in quotes would be no reference.

use super::catalog::{Catalog, Entry};
use super::context::Context;
use super::language::Language;
use super::reference::{Reference, references};
use super::shell::Shell;
use crate::config::parameter::Manner;
use crate::config::recipe::{Finally, Run, Step};
use crate::config::tree::Tree;
use crate::config::value::Command;
use crate::error::{Exit, Failure, Problem};

/// A text of a recipe and where it stands.
pub(super) struct Text<'a> {
    /// Keys from the recipe on.
    pub(super) path: Vec<String>,
    pub(super) text: &'a str,
}

/// Holds all texts of all recipes against what their names can be.
///
/// # Errors
/// One failure (exit 2) of all problems, each with its place.
pub(super) fn check(catalog: &Catalog) -> Result<(), Failure> {
    let mut problems = Vec::new();
    for entry in &catalog.entries {
        let texts = Texts::of(entry);
        for text in texts.scripts.iter().filter(|text| text.text.contains("{{")) {
            script(catalog, entry, text, &mut problems);
        }
        for text in texts.words.iter().filter(|text| text.text.contains("{{")) {
            word(entry, text, &mut problems);
        }
    }
    if problems.is_empty() {
        return Ok(());
    }
    Err(Failure::of(format!("the recipes have {} problems", problems.len()), problems).exit(Exit::Usage))
}

/// The texts for a shell, and the words for none.
#[derive(Default)]
pub(super) struct Texts<'a> {
    pub(super) scripts: Vec<Text<'a>>,
    pub(super) words: Vec<Text<'a>>,
}

impl<'a> Texts<'a> {
    pub(super) fn of(entry: &Entry<'a>) -> Self {
        let mut texts = Self::default();
        match &entry.recipe.run {
            Some(Run::Script(text)) => texts.script(text, &["run"]),
            Some(Run::Words(words)) => texts.words(words, &["run"]),
            Some(Run::Steps(steps)) => {
                for (index, step) in steps.iter().enumerate() {
                    let index = index.to_string();
                    match step {
                        Step::Words(words) => texts.words(words, &["run", &index]),
                        Step::Full(full) => texts.command(&full.run, &["run", &index, "run"]),
                    }
                }
            }
            None => {}
        }
        match entry.recipe.finally.as_deref() {
            Some(Finally::Script(text)) => texts.script(text, &["finally"]),
            Some(Finally::Words(words)) => texts.words(words, &["finally"]),
            Some(Finally::Full(full)) => {
                if let Some(command) = &full.run {
                    texts.command(command, &["finally", "run"]);
                }
            }
            None => {}
        }
        texts
    }

    fn script(&mut self, text: &'a str, path: &[&str]) {
        self.scripts.push(Text { path: path.iter().map(|key| (*key).to_owned()).collect(), text });
    }

    fn words(&mut self, words: &'a [String], path: &[&str]) {
        for (index, text) in words.iter().enumerate() {
            let path = path.iter().map(|key| (*key).to_owned()).chain([index.to_string()]).collect();
            self.words.push(Text { path, text });
        }
    }

    fn command(&mut self, command: &'a Command, path: &[&str]) {
        match command {
            Command::Script(text) => self.script(text, path),
            Command::Words(words) => self.words(words, path),
        }
    }
}

/// What a name is.
#[derive(PartialEq, Eq)]
enum Kind {
    One,
    Many,
}

fn kind(catalog: &Catalog, entry: &Entry, name: &str) -> Option<Kind> {
    if let Some(param) = entry.params.iter().find(|param| param.name == name) {
        return Some(if param.manner() == Manner::Variadic { Kind::Many } else { Kind::One });
    }
    let is_known = entry.axes().any(|axis| axis == name) || catalog.variable(&entry.file.namespace, name).is_some();
    is_known.then_some(Kind::One)
}

fn script(catalog: &Catalog, entry: &Entry, text: &Text, problems: &mut Vec<Problem>) {
    let shell = Shell::of(entry.recipe.shell.as_ref(), catalog.project.policy.settings.shell.as_ref());
    let language = shell.language();
    let found = references(text.text);
    let spots: Vec<(usize, usize)> = found.iter().map(|found| (found.range.start, found.range.end)).collect();
    let contexts = language.contexts(text.text, &spots);
    for (reference, context) in found.iter().zip(contexts) {
        let Some(kind) = kind(catalog, entry, reference.name).filter(|_| !reference.is_raw) else { continue };
        let variable = reference.name.replace('-', "_");
        let (message, hint) = if language == Language::Other {
            let message = format!("`{{{{ {} }}}}` cannot stand in a text for `{}`", reference.name, shell.name());
            (message, format!("read the environment variable `{variable}`, or the arguments"))
        } else if let Some(place) = context.describe() {
            let message = format!("`{{{{ {} }}}}` cannot stand in {place}", reference.name);
            let is_many = kind == Kind::Many && context != Context::Literal;
            (message, if is_many { "put it outside of them".to_owned() } else { language.hint(context, &variable) })
        } else if kind == Kind::Many && !is_word(text.text, reference) {
            let message = format!("`{{{{ {} }}}}` is several words, so it stands alone", reference.name);
            (message, "put blanks around it".to_owned())
        } else if !language.joins() && !is_operand(text.text, reference) {
            let message = format!("`{{{{ {} }}}}` cannot be part of a word for `{}`", reference.name, shell.name());
            (message, format!("put it in double quotes, as `{}`", language.within(&variable)))
        } else {
            continue;
        };
        problems.push(problem(entry, text, reference, message, hint));
    }
}

fn is_word(text: &str, reference: &Reference) -> bool {
    let is_edge = |c: char| c.is_whitespace() || ";&|()<>".contains(c);
    let before = text[..reference.range.start].chars().next_back();
    let after = text[reference.range.end..].chars().next();
    before.is_none_or(is_edge) && after.is_none_or(is_edge)
}

/// The same where other signs part words, too: a value of an expression.
fn is_operand(text: &str, reference: &Reference) -> bool {
    let is_edge = |c: char| c.is_whitespace() || ";&|(){}[],=".contains(c);
    let before = text[..reference.range.start].chars().next_back();
    let after = text[reference.range.end..].chars().next();
    before.is_none_or(is_edge) && after.is_none_or(is_edge)
}

/// In a list of words a variadic parameter is a word of its own.
fn word(entry: &Entry, text: &Text, problems: &mut Vec<Problem>) {
    for reference in references(text.text) {
        let is_many = entry.params.iter().any(|it| it.name == reference.name && it.manner() == Manner::Variadic);
        if is_many && reference.range != (0..text.text.len()) {
            let message = format!("`{{{{ {} }}}}` is several words, so it stands alone", reference.name);
            problems.push(problem(entry, text, &reference, message, "make it a word of its own".to_owned()));
        }
    }
}

fn problem(entry: &Entry, text: &Text, reference: &Reference, message: String, hint: String) -> Problem {
    let needle = &text.text[reference.range.clone()];
    let nth = text.text[..reference.range.start].matches(needle).count();
    let path: Vec<&str> = text.path.iter().map(String::as_str).collect();
    let place = Tree::of(&entry.file.shown, &entry.file.source).place_in(&entry.path(&path), needle, nth);
    Problem { message, place, hint: Some(hint) }
}
