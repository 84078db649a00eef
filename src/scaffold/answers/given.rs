//! Answers that were given before anybody is asked: `--set`, `--answers` files, and the user's own configuration.

use std::path::Path;

use anyhow::Context as _;
use indexmap::IndexMap;
use serde_json::Value as Json;

use crate::error::{Exit, Failure, Problem, fail};
use crate::scaffold::manifest::Kind;
use crate::scaffold::values;

/// In the order in which they count: the first that has an answer gives it.
#[derive(Debug, Default)]
pub(in crate::scaffold) struct Given {
    /// `--set NAME=VALUE`; the last one for a name counts.
    pub(in crate::scaffold) set: Vec<(String, String)>,
    /// `--answers FILE`, with the file's name; the last one counts.
    pub(in crate::scaffold) files: Vec<(String, IndexMap<String, Json>)>,
    /// `[answers]` of the user's configuration: for many templates, so unknown names are none of our business.
    pub(in crate::scaffold) user: toml::Table,
}

impl Given {
    /// The answer that was given for this run, or what is wrong with it; `None` where there is none.
    pub(super) fn answer(&self, name: &str, kind: Kind) -> Option<Result<Json, String>> {
        if let Some((_, text)) = self.set.iter().rev().find(|(given, _)| given == name) {
            return Some(values::from_text(kind, text));
        }
        let (file, value) = self.files.iter().rev().find_map(|(file, answers)| Some((file, answers.get(name)?)))?;
        Some(values::typed(kind, value.clone()).map_err(|why| format!("{why} (from `{file}`)")))
    }

    /// The answer that the user always gives.
    pub(super) fn habitual(&self, name: &str, kind: Kind) -> Option<Result<Json, String>> {
        self.user.get(name).map(|value| values::typed(kind, values::from_toml(value)))
    }

    /// Where an answer was given for just this run, if it was.
    pub(super) fn explicit(&self, name: &str) -> Option<String> {
        if self.set.iter().any(|(given, _)| given == name) {
            return Some("`--set`".to_owned());
        }
        self.files.iter().find(|(_, answers)| answers.contains_key(name)).map(|(file, _)| format!("`{file}`"))
    }

    /// A problem for each answer to a question that nobody asks.
    pub(super) fn unknown(&self, known: &[&str]) -> Vec<Problem> {
        let set = self.set.iter().map(|(name, _)| (name, "--set".to_owned()));
        let files = self.files.iter().flat_map(|(file, answers)| answers.keys().map(move |name| (name, file.clone())));
        set.chain(files)
            .filter(|(name, _)| !known.contains(&name.as_str()))
            .map(|(name, origin)| {
                let problem = Problem::new(format!("this template has no question `{name}` (from `{origin}`)"));
                match crate::error::nearest(name, known.iter().copied()) {
                    Some(near) => problem.hint(format!("did you mean `{near}`?")),
                    None => problem.hint(format!("it asks for `{}`", known.join("`, `"))),
                }
            })
            .collect()
    }
}

/// Reads one `NAME=VALUE`.
///
/// # Errors
/// Where there is no `=`.
pub(in crate::scaffold) fn parse_set(text: &str) -> Result<(String, String), Failure> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().to_owned(), value.to_owned())),
        _ => Err(fail(format!("`--set {text}` has no name and value"))
            .hint("write `--set NAME=VALUE`")
            .exit(Exit::Usage)),
    }
}

/// Reads a file of answers: TOML, JSON or YAML by its ending.
///
/// # Errors
/// Where it cannot be read, or is no table of names and values.
pub(in crate::scaffold) fn read_file(path: &Path, shown: &str) -> anyhow::Result<IndexMap<String, Json>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("could not read `{shown}`"))?;
    let broken = |why: String| fail(format!("`{shown}` cannot be read")).cause(why).exit(Exit::Usage);
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    let value = match ending {
        "toml" => {
            let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
                let place = crate::error::Place::of(shown, &text, &error.span().unwrap_or(0..0));
                fail(error.message().to_owned()).at(place).exit(Exit::Usage)
            })?;
            values::from_toml(&toml::Value::Table(table))
        }
        "json" => serde_json::from_str(&text).map_err(|error| broken(error.to_string()))?,
        "yaml" | "yml" => values::from_yaml(&text).map_err(broken)?,
        _ => {
            return Err(fail(format!("`{shown}` has an ending that says nothing"))
                .hint("name it `.toml`, `.yaml` or `.json`")
                .exit(Exit::Usage)
                .into());
        }
    };
    match value {
        Json::Object(map) => Ok(map.into_iter().collect()),
        Json::Null => Ok(IndexMap::new()),
        _ => Err(broken("it must be a table of names and values".to_owned()).into()),
    }
}
