//! Whether a template makes sense before anything is asked: names, references between its parts, expressions, globs. All at once.

mod contributions;
mod size;
mod tasks;

use std::collections::{BTreeSet, HashSet};

use super::jinja::has_markup;
use super::manifest::{Choices, Component, Delimiters, Kind, Literal, Option_, Question, Rename, Text};
use super::render::{glob, names_of};
use super::slots;
use super::source::{Source, Template};
use crate::config::tree::Tree;
use crate::error::{Exit, Failure, Problem};
use crate::plan::path::TreePath;

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
    let Check { mut problems, .. } = looked_at(template);
    if problems.is_empty() {
        return Ok(());
    }
    problems.sort_by_key(|problem| problem.place.as_ref().map(|place| (place.line, place.column)));
    let count = problems.len();
    Err(Failure::of(format!("`{}` has {count} problems", template.manifest_file), problems).exit(Exit::Usage))
}

/// Globs of an heir that fit nothing: what they were for, the base may have had once. They are in nobody's way.
pub(super) fn stale(template: &Template) -> Vec<Problem> {
    looked_at(template).stale
}

fn looked_at(template: &Template) -> Check<'_> {
    let manifest = &template.manifest;
    let tree = Tree::of(&template.manifest_file, &template.manifest_text);
    let mut check = Check { template, tree, problems: Vec::new(), stale: Vec::new() };
    if !is_record_name(&manifest.template.name.text) {
        let message = format!("`{}` cannot be a template's name: {RECORD_NAME}", manifest.template.name.text);
        check.report(message, &manifest.template.name.span);
    }
    for (name, question) in &manifest.questions {
        check.question(name, question);
    }
    for (name, expression) in &manifest.computed {
        check.variable(&["computed", name], name);
        if manifest.questions.contains_key(name) {
            check.key(&["computed", name], format!("`{name}` is both a question and computed"));
        }
        check.expression(expression);
    }
    for (name, component) in &manifest.components {
        check.component(name, component);
    }
    for (name, components) in &manifest.presets {
        check.references(&["presets", name], components);
    }
    for (index, rule) in manifest.files.iter().enumerate() {
        // Those of a base fit its own files.
        if let Some(index) = index.checked_sub(template.inherited.rules) {
            check.globs(&["files", &index.to_string(), "match"], rule.globs.iter());
        }
        for expression in rule.when.iter().chain(&rule.for_each) {
            check.expression(expression);
        }
        if let Some(name) = rule.item.as_deref().filter(|name| *name != "item") {
            let index = index.saturating_sub(template.inherited.rules).to_string();
            check.variable(&["files", &index, "as"], name);
        }
    }
    for rename in &manifest.renames {
        check.rename(rename);
    }
    check.tasks();
    for (index, contribution) in manifest.contributions.iter().enumerate() {
        let index = index.saturating_sub(template.inherited.contributions);
        check.contribution(&index.to_string(), contribution);
    }
    for message in [&manifest.messages.before, &manifest.messages.after].into_iter().flatten() {
        check.text(message);
    }
    check.slots();
    check.problems.extend(size::check(template));
    check
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
    is_name(text) && !matches!(text, "journal" | "update") && !text.starts_with("kept-")
}

struct Check<'a> {
    template: &'a Template,
    /// For what is wrong with a key, whose place the manifest does not keep.
    tree: Tree<'a>,
    problems: Vec<Problem>,
    stale: Vec<Problem>,
}

impl Check<'_> {
    fn at(&mut self, path: &[&str], problem: Problem) {
        self.problems.push(Problem { place: self.tree.place(path), ..problem });
    }

    fn key(&mut self, path: &[&str], message: String) {
        self.problems.push(Problem { place: self.tree.key_place(path), ..Problem::new(message) });
    }

    fn report(&mut self, message: String, span: &std::ops::Range<usize>) {
        let place = self.template.place(span);
        self.problems.push(Problem::new(message).at(place));
    }

    fn question(&mut self, name: &str, question: &Question) {
        self.variable(&["questions", name], name);
        let takes_choices = matches!(question.kind, Kind::Choice | Kind::Multi);
        match (&question.choices, takes_choices) {
            (None, true) if question.kind == Kind::Choice => {
                self.key(&["questions", name], format!("`questions.{name}` is a choice and has no `choices`"));
            }
            (Some(_), false) => {
                let message = format!(
                    "`questions.{name}` has `choices`, and its type is `{}`: make it `choice` or `multi`",
                    question.kind
                );
                self.key(&["questions", name, "choices"], message);
            }
            _ => {}
        }
        match &question.choices {
            Some(Choices::Dynamic(expression)) => self.expression(expression),
            Some(Choices::Fixed(options)) => options.iter().for_each(|option| self.option(option)),
            None => {}
        }
        if let Some(pattern) = &question.pattern
            && let Err(error) = regex::Regex::new(&pattern.text)
        {
            let why = error.to_string();
            let why = why.lines().last().unwrap_or_default().trim_start_matches("error: ");
            self.report(format!("`questions.{name}.pattern` is no regular expression: {why}"), &pattern.span);
        }
        for text in [&question.prompt, &question.help, &question.placeholder].into_iter().flatten() {
            self.text(text);
        }
        if let Some(default) = &question.default {
            self.literal(default);
        }
        if let Some(when) = &question.when {
            self.expression(when);
        }
        for validator in question.validator.iter() {
            self.expression(&validator.expr);
            self.text(&validator.message);
        }
    }

    /// What a rename says must hold for every project; that is told before any is updated.
    fn rename(&mut self, rename: &Rename) {
        self.past_version(&rename.since, "nothing is renamed yet");
        for path in [&rename.from, &rename.to] {
            self.text(path);
            if !has_markup(&path.text)
                && let Err(why) = TreePath::new(&path.text)
            {
                self.report(format!("the path `{}` {why}", path.text.escape_debug()), &path.span);
            }
        }
    }

    /// A version that the template has reached.
    fn past_version(&mut self, version: &Text, otherwise: &str) {
        match semver::Version::parse(&version.text) {
            Ok(since) if since > self.template.manifest.template.version => {
                self.report(format!("`{since}` is newer than the template itself, so {otherwise}"), &version.span);
            }
            Ok(_) => {}
            Err(error) => {
                self.report(format!("`{}` is no semantic version: {error}", version.text), &version.span);
            }
        }
    }

    fn option(&mut self, option: &Option_) {
        let (value, rest) = match option {
            Option_::Plain(value) => (value, None),
            Option_::Full(full) => (&full.value, Some(full)),
        };
        self.literal(value);
        if let Some(label) = rest.and_then(|full| full.label.as_ref()) {
            self.text(label);
        }
        if let Some(disabled) = rest.and_then(|full| full.disabled.as_ref()) {
            self.expression(disabled);
        }
    }

    /// Every folder of fragments must have a slot that it fills.
    fn slots(&mut self) {
        let mut slots: HashSet<&str> = HashSet::new();
        for file in &self.template.files {
            if let Source::File { bytes, .. } = &file.content
                && let Ok(text) = std::str::from_utf8(bytes)
            {
                match slots::named_in(text) {
                    Some(names) => slots.extend(names),
                    None => return,
                }
            }
        }
        let folders: BTreeSet<&str> =
            self.template.fragments.iter().filter_map(|file| file.path.split('/').next()).collect();
        for folder in folders.into_iter().filter(|folder| !slots.contains(folder)) {
            let mut sorted: Vec<&str> = slots.iter().copied().collect();
            sorted.sort_unstable();
            self.problems.push(
                Problem::new(format!("no file has a slot `{folder}`, which `fragments/{folder}/` fills"))
                    .suggest(folder, sorted),
            );
        }
    }

    fn component(&mut self, name: &str, component: &Component) {
        if !is_name(name) {
            let message =
                format!("`{name}` cannot be a component's name: lowercase letters, digits and dashes, a letter first");
            self.key(&["components", name], message);
        }
        self.references(&["components", name, "requires"], &component.requires);
        self.references(&["components", name, "conflicts"], &component.conflicts);
        self.globs(&["components", name, "files"], component.files.iter());
    }

    fn references(&mut self, path: &[&str], names: &[String]) {
        let known = self.template.manifest.components.keys().map(String::as_str);
        for (index, name) in names.iter().enumerate().filter(|(_, name)| !known.clone().any(|known| known == *name)) {
            let problem = Problem::new(format!("`{}` names a component `{name}` that is not there", path.join(".")));
            self.at(&[path, &[index.to_string().as_str()]].concat(), problem.suggest(name, known.clone()));
        }
    }

    /// A name that expressions will use.
    fn variable(&mut self, path: &[&str], name: &str) {
        let plain = name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if !plain {
            let message =
                format!("`{name}` cannot be used in an expression: letters, digits and underscores, a letter first");
            self.key(path, message);
        } else if RESERVED.contains(&name) {
            self.key(path, format!("`{name}` means something else in expressions; choose another name"));
        }
    }

    /// Holds a list of globs at `path` against the files: each must be one, and one of them must fit something.
    fn globs<'b>(&mut self, path: &[&str], globs: impl Iterator<Item = &'b String>) {
        let mut first = None;
        let mut fits = false;
        for (index, text) in globs.enumerate() {
            let index = index.to_string();
            match glob(text) {
                Err(error) => {
                    self.at(
                        &[path, &[&index]].concat(),
                        Problem::new(format!("`{text}` is no glob: {}", error.kind())),
                    );
                    return;
                }
                Ok(glob) => {
                    let matcher = glob.compile_matcher();
                    fits |= self
                        .template
                        .files
                        .iter()
                        .any(|file| names_of(&file.path).iter().any(|name| matcher.is_match(name)));
                    first.get_or_insert(text);
                }
            }
        }
        if let Some(text) = first.filter(|_| !fits) {
            let problem = Problem::new(format!("`{text}` matches no file in `files/`"));
            let problem = problem.hint("`*` stays within a folder, `**` crosses them");
            if self.template.bases.is_empty() {
                self.at(&[path, &["0"]].concat(), problem);
            } else {
                self.stale.push(Problem { place: self.tree.place(&[path, &["0"]].concat()), ..problem });
            }
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

    fn literal(&mut self, literal: &Literal) {
        if let Some(text) = literal.value.as_str() {
            self.text(&Text { text: text.to_owned(), span: literal.span.clone() });
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
