//! Answers that were given before anybody is asked: `--set`, `--answers` files, and the user's own configuration.

use std::path::Path;

use indexmap::IndexMap;
use serde_json::Value as Json;

use crate::error::{Exit, Failure, Place, Problem, fail, listed};
use crate::scaffold::manifest::{Kind, Manifest};
use crate::scaffold::{state, values};

/// In the order in which they count: the first that has an answer gives it.
#[derive(Debug, Default)]
pub(in crate::scaffold) struct Given {
    /// `--set NAME=VALUE`; the last one for a name counts.
    pub(in crate::scaffold) set: Vec<(String, String)>,
    /// `--answers FILE`; the last one counts.
    pub(in crate::scaffold) files: Vec<AnswerFile>,
    /// `[answers]` of the user's configuration: for many templates, so unknown names are none of our business.
    pub(in crate::scaffold) user: toml::Table,
    /// What a project that is there already was made with.
    pub(in crate::scaffold) record: Record,
    pub(in crate::scaffold) secrets: Secrets,
}

/// Answers that a project keeps.
#[derive(Debug, Default)]
pub(in crate::scaffold) struct Record {
    /// Those that somebody gave.
    pub(in crate::scaffold) answers: toml::Table,
    /// Those of questions that did not apply.
    pub(in crate::scaffold) unasked: toml::Table,
    /// Which of them are asked again all the same.
    pub(in crate::scaffold) reask: Option<globset::GlobSet>,
}

/// What becomes of secrets that nobody gave: a project's own are in its `once` files, and nowhere else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::scaffold) enum Secrets {
    #[default]
    Asked,
    /// Nothing that is written will hold them.
    Blank,
}

impl Given {
    /// The answer that was given for this run, or what is wrong with it; `None` where there is none.
    pub(super) fn answer(&self, name: &str, kind: Kind) -> Option<Result<Json, String>> {
        if let Some((_, text)) = self.set.iter().rev().find(|(given, _)| given == name) {
            return Some(values::from_text(kind, text));
        }
        let (file, value) = self.files.iter().rev().find_map(|file| Some((&file.name, file.answers.get(name)?)))?;
        Some(values::typed(kind, value.clone()).map_err(|why| format!("{why} (from `{file}`)")))
    }

    /// The answer that the project was made with, unless it is to be given again.
    pub(super) fn standing(&self, name: &str, kind: Kind) -> Option<Result<Json, String>> {
        let value = self.record.answers.get(name).filter(|_| !self.is_reasked(name))?;
        Some(state::recall(kind, value))
    }

    /// The answer that the project has, whether its question applied or not.
    pub(super) fn recorded(&self, name: &str, kind: Kind) -> Option<Result<Json, String>> {
        let value = self.record.answers.get(name).or_else(|| self.record.unasked.get(name))?;
        Some(state::recall(kind, value))
    }

    /// Whether an answer that is recorded is to be given again.
    pub(super) fn is_reasked(&self, name: &str) -> bool {
        self.record.reask.as_ref().is_some_and(|globs| globs.is_match(name))
    }

    /// The answer that the user always gives.
    pub(super) fn habitual(&self, name: &str, kind: Kind) -> Option<Result<Json, String>> {
        self.user.get(name).map(|value| values::typed(kind, values::from_toml(value)))
    }

    /// Whether `--set` answers it.
    pub(super) fn is_set(&self, name: &str) -> bool {
        self.set.iter().any(|(given, _)| given == name)
    }

    /// # Errors
    /// Exit 2: every answer to a question that nobody asks.
    pub(in crate::scaffold) fn check_names(&self, manifest: &Manifest) -> Result<(), Failure> {
        let problems = self.unknown(manifest);
        if problems.is_empty() {
            return Ok(());
        }
        Err(Failure::of("some answers are to nothing that is asked", problems).exit(Exit::Usage))
    }

    /// Where an answer was given for just this run, if it was.
    pub(super) fn explicit(&self, name: &str) -> Option<String> {
        if self.is_set(name) {
            return Some("`--set`".to_owned());
        }
        self.files.iter().find(|file| file.answers.contains_key(name)).map(|file| format!("`{}`", file.name))
    }

    /// A problem for each answer to a question that nobody asks.
    pub(super) fn unknown(&self, manifest: &Manifest) -> Vec<Problem> {
        let set = self.set.iter().map(|(name, _)| (name, "--set".to_owned()));
        let files = self.files.iter().flat_map(|file| file.answers.keys().map(move |name| (name, file.name.clone())));
        set.chain(files)
            .filter(|(name, _)| !manifest.questions.contains_key(*name))
            .map(|(name, origin)| {
                let quoted = values::quote(name);
                let problem = Problem::new(format!("this template has no question {quoted} (from `{origin}`)"));
                if manifest.computed.contains_key(name) {
                    return problem.hint("it is computed from other answers");
                }
                let known: Vec<&str> = manifest.questions.keys().map(String::as_str).collect();
                match crate::error::nearest(name, known.iter().copied()) {
                    Some(near) => problem.hint(format!("did you mean `{near}`?")),
                    None if known.is_empty() => problem.hint("it asks nothing"),
                    None => problem.hint(format!("it asks for {}", listed(&known))),
                }
            })
            .collect()
    }
}

/// Reads all `NAME=VALUE`s.
///
/// # Errors
/// Each one without a `=`, or without a name before it.
pub(in crate::scaffold) fn parse_set(texts: &[String]) -> Result<Vec<(String, String)>, Failure> {
    let mut set = Vec::new();
    let mut problems = Vec::new();
    for text in texts {
        match text.split_once('=') {
            Some((name, value)) if !name.trim().is_empty() => set.push((name.trim().to_owned(), value.to_owned())),
            Some(_) => problems.push(Problem::new(format!("`--set {text}` has no name before the `=`"))),
            None => problems.push(Problem::new(format!("`--set {text}` has no value"))),
        }
    }
    if problems.is_empty() {
        return Ok(set);
    }
    Err(Failure::of("some `--set` cannot be read", problems).hint("write `--set NAME=VALUE`").exit(Exit::Usage))
}

/// What a file of answers is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Toml,
    Json,
    Yaml,
}

/// A file of answers.
#[derive(Debug, Clone)]
pub(in crate::scaffold) struct AnswerFile {
    /// As it is told.
    pub(in crate::scaffold) name: String,
    pub(in crate::scaffold) answers: IndexMap<String, Json>,
    /// The components that are on, where the file is the record of a project.
    pub(in crate::scaffold) components: Option<Vec<String>>,
}

impl AnswerFile {
    /// Answers that come from somewhere else.
    pub(in crate::scaffold) fn plain(name: &str, answers: IndexMap<String, Json>) -> Self {
        Self { name: name.to_owned(), answers, components: None }
    }

    fn new(name: String, mut map: IndexMap<String, Json>) -> Self {
        let is_record = map.get("template").is_some_and(|about| about.get("source").is_some_and(Json::is_string));
        if !is_record {
            return Self { name, answers: map, components: None };
        }
        // A template that asks nothing, or has no components, leaves the one or the other out; what a newer prodev keeps there is none of these.
        let answers = match map.shift_remove("answers") {
            Some(Json::Object(answers)) => answers.into_iter().collect(),
            _ => IndexMap::new(),
        };
        let components = match map.get("components") {
            Some(Json::Object(components)) => {
                let on = components.iter().filter(|(_, on)| **on == Json::Bool(true)).map(|(name, _)| name.clone());
                Some(on.collect())
            }
            _ => None,
        };
        Self { name, answers, components }
    }
}

/// Reads a file of answers: TOML, JSON or YAML by its ending; or, where there is none, by what is in it. Where `typed` is `-` it is stdin.
/// The record of a project (`state.toml`) is one, too.
///
/// # Errors
/// Exit 2: it cannot be read, or is no table of names and values. No line of it is shown: it may hold a secret.
pub(in crate::scaffold) fn read_file(typed: &Path, path: &Path) -> Result<AnswerFile, Failure> {
    let is_stdin = typed == Path::new("-");
    let shown = if is_stdin { "stdin".to_owned() } else { typed.display().to_string() };
    let text = if is_stdin { std::io::read_to_string(std::io::stdin()) } else { std::fs::read_to_string(path) };
    let text = text.map_err(|error| {
        fail(format!("could not read `{shown}`"))
            .cause(error.to_string())
            .hint("`--answers` takes a TOML, YAML or JSON file of names and values")
            .exit(Exit::Usage)
    })?;
    let format = match path.extension().and_then(|ending| ending.to_str()) {
        Some("toml") => Format::Toml,
        Some("json") => Format::Json,
        Some("yaml" | "yml") => Format::Yaml,
        Some(_) if !is_stdin => {
            return Err(fail(format!("`{shown}` has an ending that says nothing"))
                .hint("name it `.toml`, `.yaml` or `.json`")
                .exit(Exit::Usage));
        }
        _ => sniff(&text),
    };
    match parse(format, &shown, &text)? {
        Json::Object(map) => Ok(AnswerFile::new(shown, map.into_iter().collect())),
        Json::Null => Ok(AnswerFile::new(shown, IndexMap::new())),
        _ => Err(fail(format!("`{shown}` must be a table of names and values"))
            .hint("for example `project_name: My Shop`")
            .exit(Exit::Usage)),
    }
}

/// The format that a text without a name is in. What is none of them is told as the one that it resembles.
fn sniff(text: &str) -> Format {
    if text.trim_start().starts_with('{') {
        return Format::Json;
    }
    let is_yaml = || matches!(values::from_yaml(text), Ok(Json::Object(_)));
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let resembles_yaml = lines.next().is_some_and(|line| line.starts_with("---") || !line.contains('='));
    if text.parse::<toml::Table>().is_ok() || !(is_yaml() || resembles_yaml) { Format::Toml } else { Format::Yaml }
}

fn parse(format: Format, shown: &str, text: &str) -> Result<Json, Failure> {
    let broken = |message: String, place: Place| {
        fail(message)
            .at(place.hide())
            .hint("correct that line; it is not shown here, for it may hold a secret")
            .exit(Exit::Usage)
    };
    match format {
        Format::Toml => {
            let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
                let place = Place::of(shown, text, &error.span().unwrap_or(0..0));
                broken(error.message().replace('\n', " "), place)
            })?;
            Ok(values::from_toml(&toml::Value::Table(table)))
        }
        Format::Json => serde_json::from_str(text).map_err(|error| {
            let why = error.to_string();
            let why = why.split(" at line ").next().unwrap_or_default();
            broken(format!("this is no JSON: {why}"), place_at(shown, text, error.line(), error.column()))
        }),
        Format::Yaml => values::from_yaml(text).map_err(|error| {
            let (line, column) = error.location().map_or((1, 1), |place| (place.line(), place.column()));
            let size = |number| usize::try_from(number).unwrap_or(1);
            let why = error.to_string();
            let why = why.split(" at line ").next().unwrap_or_default();
            broken(format!("this is no YAML: {why}"), place_at(shown, text, size(line), size(column)))
        }),
    }
}

/// A place that a parser tells in lines and columns, both from 1.
fn place_at(shown: &str, text: &str, line: usize, column: usize) -> Place {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let at = start + column.saturating_sub(1);
    Place::of(shown, text, &(at..at))
}
