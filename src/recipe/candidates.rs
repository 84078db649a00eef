//! What a shell can complete: recipes, and behind one its options and the values of its parameters.

use std::ffi::OsStr;
use std::path::Path;

use clap_complete::engine::CompletionCandidate;

use super::catalog::{Catalog, Entry};
use super::run::user_file;
use crate::config::parameter::Manner;
use crate::config::project::Project;

/// Recipes, options and values for the word at the end of the command line.
pub(super) fn words(current: &OsStr) -> Vec<CompletionCandidate> {
    let current = current.to_string_lossy().into_owned();
    // The shell passes the line's words as this process's own arguments; the last one is what is being typed.
    let mut line: Vec<String> = std::env::args().skip_while(|word| word != "run").skip(1).collect();
    line.pop();
    let names: Vec<&str> = line.iter().map(String::as_str).chain([current.as_str()]).collect();
    let found = quietly(&names, is_global(&line), |catalog| candidates(catalog, &line, &current)).unwrap_or_default();
    found.into_iter().filter(|it| it.get_value().to_string_lossy().starts_with(&current)).collect()
}

fn candidates(catalog: &Catalog, line: &[String], current: &str) -> Vec<CompletionCandidate> {
    let Some(at) = line.iter().rposition(|word| catalog.find(word).is_some()) else { return recipes(catalog) };
    let Some(entry) = catalog.find(&line[at]).map(|at| &catalog.entries[at]) else { return recipes(catalog) };
    let behind = &line[at + 1..];
    if behind.iter().any(|word| word == ":::") {
        return recipes(catalog);
    }
    if current.starts_with('-') {
        let named = entry.params.iter().filter(|param| matches!(param.manner(), Manner::Flag | Manner::Option));
        return named.map(|param| candidate(&format!("--{}", param.name), param.doc.as_deref())).collect();
    }
    let option = behind.last().and_then(|word| {
        entry.params.iter().find(|param| {
            let short = param.short.as_ref().map(|short| format!("-{short}"));
            param.option && (*word == format!("--{}", param.name) || short.as_ref() == Some(word))
        })
    });
    if let Some(option) = option {
        return option.choices.iter().map(|choice| candidate(&choice.to_string(), None)).collect();
    }
    let count = behind.iter().filter(|word| !word.starts_with('-')).count();
    let mut positional =
        entry.params.iter().filter(|param| matches!(param.manner(), Manner::Positional | Manner::Variadic));
    match positional.nth(count).or_else(|| entry.params.iter().find(|param| param.variadic)) {
        Some(param) => param.choices.iter().map(|choice| candidate(&choice.to_string(), None)).collect(),
        None => recipes(catalog),
    }
}

fn recipes(catalog: &Catalog) -> Vec<CompletionCandidate> {
    let name = |entry: &Entry| candidate(&entry.name, entry.recipe.doc.as_deref());
    catalog.public().map(name).collect()
}

/// `NAME=` for each variable.
pub(super) fn variables(current: &OsStr) -> Vec<CompletionCandidate> {
    let current = current.to_string_lossy().into_owned();
    let line: Vec<String> = std::env::args().skip_while(|word| word != "run").skip(1).collect();
    let found = quietly(&[], is_global(&line), |catalog| {
        let files = catalog.project.files.iter();
        files
            .flat_map(|file| file.part.vars.keys())
            .map(|name| candidate(&format!("{name}="), None))
            .collect::<Vec<_>>()
    });
    found.unwrap_or_default().into_iter().filter(|it| it.get_value().to_string_lossy().starts_with(&current)).collect()
}

fn candidate(value: &str, about: Option<&str>) -> CompletionCandidate {
    CompletionCandidate::new(value)
        .help(about.and_then(|about| about.lines().next()).map(|line| line.to_owned().into()))
}

/// Whether the user's own recipes are meant: prodev's options stand before the first recipe.
fn is_global(line: &[String]) -> bool {
    const VALUED: [&str; 7] = ["-j", "--jobs", "--output", "--set", "--profile", "--timeout", "--format"];
    let mut is_value = false;
    for word in line {
        if std::mem::take(&mut is_value) {
            continue;
        }
        let is_short = word.starts_with('-') && !word.starts_with("--");
        if word == "--global" || (is_short && word.contains('g')) {
            return true;
        }
        if word == "--" || !word.starts_with('-') {
            return false;
        }
        is_value = VALUED.contains(&word.as_str());
    }
    false
}

/// The project as a shell sees it that completes words: without a word of what is wrong with it.
fn quietly<T>(names: &[&str], is_global: bool, look: impl FnOnce(&Catalog) -> T) -> Option<T> {
    let dir = std::path::absolute(Path::new(".")).ok()?;
    if is_global {
        let project = Project::load_for(&dir, Some(&user_file()?), names).ok()?;
        return Some(look(&Catalog::of_user(&project, &dir)));
    }
    let project = Project::load_for(&dir, None, names).ok()?;
    Some(look(&Catalog::of(&project, &dir)))
}
