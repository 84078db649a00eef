//! Values that a shell can complete: templates, and the components, presets and questions of the one that stands on the line.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use clap_complete::engine::{CompletionCandidate, PathCompleter, ValueCompleter as _};

use super::manifest::{Choices, Kind, Literal, Manifest, Option_, Question};
use super::{new, source, state, values};
use crate::config::user::{self, User};
use crate::ctx::Ctx;

/// Names, and folders once it looks like one.
pub(super) fn templates(current: &OsStr) -> Vec<CompletionCandidate> {
    let typed = current.to_string_lossy();
    let named = names().into_iter().filter(|candidate| candidate.get_value().to_string_lossy().starts_with(&*typed));
    let mut found: Vec<CompletionCandidate> = named.collect();
    if typed.contains('/') || typed.starts_with(['.', '~']) || (found.is_empty() && !typed.contains(':')) {
        found.extend(PathCompleter::dir().complete(current));
    }
    found
}

fn names() -> Vec<CompletionCandidate> {
    let builtin =
        source::builtin_names().filter_map(|name| Some((name, source::load(name, Path::new(".")).ok()?))).map(
            |(name, template)| CompletionCandidate::new(name).help(Some(template.manifest.template.description.into())),
        );
    let own = own().templates.into_iter().filter(|(_, source)| !source.contains("{}"));
    builtin.chain(own.map(|(name, source)| CompletionCandidate::new(name).help(Some(source.into())))).collect()
}

/// The names under which this project keeps its templates.
pub(super) fn records() -> Vec<CompletionCandidate> {
    project().map(|root| state::names(&root)).unwrap_or_default().into_iter().map(CompletionCandidate::new).collect()
}

/// Components that the project does not have, and those that it has.
pub(super) fn switched_off() -> Vec<CompletionCandidate> {
    switches(false)
}

pub(super) fn switched_on() -> Vec<CompletionCandidate> {
    switches(true)
}

fn switches(wanted: bool) -> Vec<CompletionCandidate> {
    let Some(root) = project() else { return Vec::new() };
    let states = state::names(&root).into_iter().filter_map(|name| state::glance(&root, &name));
    let components = states.flat_map(|state| state.components).filter(|(_, is_on)| *is_on == wanted);
    components.map(|(name, _)| CompletionCandidate::new(name)).collect()
}

/// The project around the shell.
fn project() -> Option<PathBuf> {
    let here = Path::new(".").canonicalize().ok()?;
    here.ancestors().find(|folder| !state::names(folder).is_empty()).map(Path::to_owned)
}

/// The user's own configuration; a shell is told nothing of what is wrong with it.
fn own() -> User {
    Ctx::user_config().and_then(|path| user::read(&path).ok()).unwrap_or_default()
}

pub(super) fn components() -> Vec<CompletionCandidate> {
    from_line(|manifest| {
        manifest.components.iter().map(|(name, component)| (name.clone(), component.title.clone())).collect()
    })
}

pub(super) fn presets() -> Vec<CompletionCandidate> {
    from_line(|manifest| {
        manifest.presets.iter().map(|(name, components)| (name.clone(), components.join(", "))).collect()
    })
}

/// `NAME=` for each question; behind one that has few answers, these.
pub(super) fn questions(current: &OsStr) -> Vec<CompletionCandidate> {
    let current = current.to_string_lossy();
    let found = match current.split_once('=') {
        None => from_line(|manifest| {
            let prompt = |question: &Question| question.prompt.as_ref().map(|prompt| prompt.text.clone());
            let questions = manifest.questions.iter();
            questions.map(|(name, question)| (format!("{name}="), prompt(question).unwrap_or_default())).collect()
        }),
        Some((name, _)) => from_line(|manifest| {
            let values = manifest.questions.get(name).map(answers).unwrap_or_default();
            values.into_iter().map(|(value, label)| (format!("{name}={value}"), label)).collect()
        }),
    };
    found.into_iter().filter(|candidate| candidate.get_value().to_string_lossy().starts_with(&*current)).collect()
}

/// All answers of a question that has few, with their labels.
fn answers(question: &Question) -> Vec<(String, String)> {
    let shown = |literal: &Literal| values::show(&values::from_toml(&literal.value));
    match (&question.choices, question.kind) {
        (Some(Choices::Fixed(options)), _) => options
            .iter()
            .map(|option| match option {
                Option_::Plain(value) => (shown(value), String::new()),
                Option_::Full(full) => {
                    (shown(&full.value), full.label.as_ref().map(|label| label.text.clone()).unwrap_or_default())
                }
            })
            .collect(),
        (_, Kind::Bool) => ["true", "false"].map(|value| (value.to_owned(), String::new())).into(),
        _ => Vec::new(),
    }
}

/// What the template on the command line has. The shell passes the line's words as this process's own arguments.
fn from_line(list: impl Fn(&Manifest) -> Vec<(String, String)>) -> Vec<CompletionCandidate> {
    let words = std::env::args().skip_while(|word| !["new", "show", "adopt"].contains(&word.as_str())).skip(1);
    let own = own();
    let found = words
        .filter(|word| !word.starts_with('-'))
        .find_map(|word| source::load(&new::expand(&word, &own), Path::new(".")).ok());
    let Some(template) = found else { return Vec::new() };
    let candidate = |(name, about): (String, String)| {
        let help = about.lines().next().filter(|line| !line.is_empty()).map(|line| line.to_owned().into());
        CompletionCandidate::new(name).help(help)
    };
    list(&template.manifest).into_iter().map(candidate).collect()
}
