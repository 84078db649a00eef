//! Values that a shell can complete: templates, and the components, presets and questions of the one that stands on the line.

use std::path::Path;

use clap_complete::engine::CompletionCandidate;

use super::manifest::Manifest;
use super::source;

pub(super) fn templates() -> Vec<CompletionCandidate> {
    source::builtin_names()
        .filter_map(|name| Some((name, source::load(name, Path::new(".")).ok()?)))
        .map(|(name, template)| {
            CompletionCandidate::new(name).help(Some(template.manifest.template.description.into()))
        })
        .collect()
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

pub(super) fn questions() -> Vec<CompletionCandidate> {
    from_line(|manifest| {
        let prompt = |question: &super::manifest::Question| question.prompt.as_ref().map(|prompt| prompt.text.clone());
        manifest
            .questions
            .iter()
            .map(|(name, question)| (format!("{name}="), prompt(question).unwrap_or_default()))
            .collect()
    })
}

/// What the template on the command line has. The shell passes the line's words as this process's own arguments.
fn from_line(list: impl Fn(&Manifest) -> Vec<(String, String)>) -> Vec<CompletionCandidate> {
    let words = std::env::args().skip_while(|word| word != "new" && word != "show").skip(1);
    let found = words.filter(|word| !word.starts_with('-')).find_map(|word| source::load(&word, Path::new(".")).ok());
    let Some(template) = found else { return Vec::new() };
    let candidate = |(name, about): (String, String)| {
        let help = about.lines().next().filter(|line| !line.is_empty()).map(|line| line.to_owned().into());
        CompletionCandidate::new(name).help(help)
    };
    list(&template.manifest).into_iter().map(candidate).collect()
}
