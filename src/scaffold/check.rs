//! Whether a template makes sense before anything is asked: names, references between its parts, expressions, globs. All at once.

mod size;

use std::collections::{BTreeSet, HashSet};

use super::jinja::has_markup;
use super::manifest::{Choices, Component, Delimiters, Kind, Question, Text};
use super::render::glob;
use super::slots;
use super::source::{Source, Template};
use crate::error::{Exit, Failure, Place, Problem};

/// Names that mean something else in expressions.
const RESERVED: [&str; 12] = [
    "components",
    "dir_name",
    "fail",
    "item",
    "loop",
    "now",
    "prodev",
    "random_secret",
    "self",
    "slot",
    "template",
    "value",
];

/// # Errors
/// Exit 2 with everything that is wrong with `template.toml`.
pub(super) fn check(template: &Template) -> Result<(), Failure> {
    let manifest = &template.manifest;
    let mut check = Check { template, problems: Vec::new() };
    if !is_record_name(&manifest.template.name.text) {
        let message = format!("`{}` cannot be a template's name: {RECORD_NAME}", manifest.template.name.text);
        check.report(message, &manifest.template.name.span);
    }
    for (name, question) in &manifest.questions {
        check.question(name, question);
    }
    for (name, expression) in &manifest.computed {
        check.variable(name, "computed");
        if manifest.questions.contains_key(name) {
            check.plain(format!("`{name}` is both a question and computed"));
        }
        check.expression(expression);
    }
    for (name, component) in &manifest.components {
        check.component(name, component);
    }
    for (name, components) in &manifest.presets {
        check.references(&format!("the preset `{name}`"), components);
    }
    for rule in &manifest.files {
        for text in rule.globs.iter() {
            check.glob("a rule of `[[files]]`", text);
        }
        if let Some(item) = rule.item.as_ref().filter(|item| *item != "item") {
            check.variable(item, "files.as");
        }
        for expression in rule.when.iter().chain(&rule.for_each) {
            check.expression(expression);
        }
    }
    check.slots();
    check.problems.extend(size::check(template));
    if check.problems.is_empty() {
        return Ok(());
    }
    let count = check.problems.len();
    Err(Failure::of(format!("`{}` has {count} problems", template.manifest_file), check.problems).exit(Exit::Usage))
}

/// Lowercase letters, digits and dashes, a letter first: what can be a folder and a flag's value everywhere.
pub(super) fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

/// What a name under which a template is recorded looks like.
pub(super) const RECORD_NAME: &str =
    "lowercase letters, digits and dashes, a letter first, and not `journal`, which is prodev's own";

/// A name that can be a folder in `.prodev/`.
pub(super) fn is_record_name(text: &str) -> bool {
    is_name(text) && text != "journal"
}

struct Check<'a> {
    template: &'a Template,
    problems: Vec<Problem>,
}

impl Check<'_> {
    fn plain(&mut self, message: String) {
        self.problems.push(Problem::new(message));
    }

    fn report(&mut self, message: String, span: &std::ops::Range<usize>) {
        let place = Place::of(&self.template.manifest_file, &self.template.manifest_text, span);
        self.problems.push(Problem::new(message).at(place));
    }

    fn question(&mut self, name: &str, question: &Question) {
        self.variable(name, "questions");
        let takes_choices = matches!(question.kind, Kind::Choice | Kind::Multi);
        match (&question.choices, takes_choices) {
            (None, true) if question.kind == Kind::Choice => {
                self.plain(format!("`questions.{name}` is a choice and has no `choices`"));
            }
            (Some(_), false) => {
                self.plain(format!(
                    "`questions.{name}` has `choices`, and its type is `{}`: make it `choice` or `multi`",
                    question.kind
                ));
            }
            _ => {}
        }
        if let Some(Choices::Dynamic(expression)) = &question.choices {
            self.expression(expression);
        }
        if let Some(pattern) = &question.pattern
            && let Err(error) = regex::Regex::new(&pattern.text)
        {
            let why = error.to_string();
            let why = why.lines().last().unwrap_or_default();
            self.report(format!("`questions.{name}.pattern` is no regular expression: {why}"), &pattern.span);
        }
        for text in [&question.prompt, &question.help, &question.placeholder].into_iter().flatten() {
            self.text(text);
        }
        if let Some(literal) = &question.default
            && let Some(text) = literal.value.as_str()
        {
            self.text(&Text { text: text.to_owned(), span: literal.span.clone() });
        }
        if let Some(when) = &question.when {
            self.expression(when);
        }
        for validator in question.validator.iter() {
            self.expression(&validator.expr);
            self.text(&validator.message);
        }
    }

    /// Every folder of fragments must have a slot that it fills.
    fn slots(&mut self) {
        let mut named: HashSet<&str> = HashSet::new();
        for file in &self.template.files {
            if let Source::File { bytes, .. } = &file.content
                && let Ok(text) = std::str::from_utf8(bytes)
            {
                match slots::named_in(text) {
                    Some(names) => named.extend(names),
                    None => return,
                }
            }
        }
        let folders: BTreeSet<&str> =
            self.template.fragments.iter().filter_map(|file| file.path.split('/').next()).collect();
        for folder in folders.into_iter().filter(|folder| !named.contains(folder)) {
            let mut sorted: Vec<&str> = named.iter().copied().collect();
            sorted.sort_unstable();
            self.problems.push(
                Problem::new(format!("no file has a slot `{folder}`, which `fragments/{folder}/` fills"))
                    .suggest(folder, sorted),
            );
        }
    }

    fn component(&mut self, name: &str, component: &Component) {
        if !is_name(name) {
            self.plain(format!(
                "`components.{name}`: a component's name has lowercase letters, digits and dashes, a letter first"
            ));
        }
        let whose = format!("`components.{name}`");
        self.references(&whose, &component.requires);
        self.references(&whose, &component.conflicts);
        for text in &component.files {
            self.glob(&format!("the files of {whose}"), text);
        }
    }

    fn references(&mut self, whose: &str, names: &[String]) {
        let known: HashSet<&str> = self.template.manifest.components.keys().map(String::as_str).collect();
        for name in names.iter().filter(|name| !known.contains(name.as_str())) {
            let problem = Problem::new(format!("{whose} names a component `{name}` that is not there"));
            let mut sorted: Vec<&str> = known.iter().copied().collect();
            sorted.sort_unstable();
            self.problems.push(problem.suggest(name, sorted));
        }
    }

    fn variable(&mut self, name: &str, section: &str) {
        let plain = name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if !plain {
            self.plain(format!(
                "`{section}.{name}` cannot be used in an expression: letters, digits and underscores, a letter first"
            ));
        } else if RESERVED.contains(&name) {
            self.plain(format!("`{section}.{name}`: this name means something else in expressions; choose another"));
        }
    }

    fn glob(&mut self, whose: &str, text: &str) {
        if let Err(error) = glob(text) {
            self.plain(format!("{whose}: `{text}` is no glob: {}", error.kind()));
        }
    }

    fn expression(&mut self, expression: &Text) {
        if expression.text.len() > size::LONGEST {
            self.report(format!("this is longer than {} KiB", size::LONGEST >> 10), &expression.span);
            return;
        }
        if let Err(error) = minijinja::Environment::new().compile_expression(&expression.text) {
            let why = error.detail().map_or_else(|| error.kind().to_string(), ToOwned::to_owned);
            self.report(format!("`{}` is no expression: {why}", expression.text), &expression.span);
        }
    }

    fn text(&mut self, text: &Text) {
        if size::giant(&text.text, &Delimiters::default()).is_some() {
            self.report(format!("this is longer than {} KiB", size::LONGEST >> 10), &text.span);
            return;
        }
        if has_markup(&text.text)
            && let Err(error) = minijinja::Environment::new().template_from_str(&text.text)
        {
            let why = error.detail().map_or_else(|| error.kind().to_string(), ToOwned::to_owned);
            self.report(format!("this text cannot be rendered: {why}"), &text.span);
        }
    }
}
