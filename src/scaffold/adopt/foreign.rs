//! What other tools wrote down of the project that they made: copier's `.copier-answers.yml`, cruft's `.cruft.json`. Only answers and the
//! template's source are taken from them.

use std::path::Path;

use indexmap::IndexMap;
use serde_json::Value as Json;

use crate::error::{Exit, Failure, fail};
use crate::scaffold::manifest::{Kind, Manifest};
use crate::scaffold::values;

/// The notes of another tool.
#[derive(Debug)]
pub(super) struct Foreign {
    /// Where they stand.
    pub(super) file: &'static str,
    pub(super) source: Option<String>,
    answers: IndexMap<String, Json>,
}

/// Notes are short.
const LARGEST: u64 = 16 << 20;

/// Reads what is there.
///
/// # Errors
/// Exit 2: a file that is not what its name says.
pub(super) fn read(root: &Path) -> Result<Option<Foreign>, Failure> {
    let text = |file: &str| -> Option<String> {
        let at = root.join(file);
        let meta = at.symlink_metadata().ok()?;
        (meta.is_file() && meta.len() < LARGEST).then(|| std::fs::read_to_string(at).ok()).flatten()
    };
    let broken = |file: &str, why: String| {
        fail(format!("`{file}` cannot be read")).cause(why).hint("correct it, or move it away").exit(Exit::Usage)
    };
    for file in [".copier-answers.yml", ".copier-answers.yaml"] {
        if let Some(text) = text(file) {
            let value = values::from_yaml(&text).map_err(|error| broken(file, error.to_string()))?;
            let source = value["_src_path"].as_str().map(ToOwned::to_owned);
            return Ok(Some(Foreign { file, source, answers: own(&value) }));
        }
    }
    let file = ".cruft.json";
    if let Some(text) = text(file) {
        let value: Json = serde_json::from_str(&text).map_err(|error| broken(file, error.to_string()))?;
        let source = value["template"].as_str().map(ToOwned::to_owned);
        return Ok(Some(Foreign { file, source, answers: own(&value["context"]["cookiecutter"]) }));
    }
    Ok(None)
}

/// Names with an underscore in front are the tool's own.
fn own(value: &Json) -> IndexMap<String, Json> {
    let entries = value.as_object().into_iter().flatten();
    entries.filter(|(name, _)| !name.starts_with('_')).map(|(name, value)| (name.clone(), value.clone())).collect()
}

impl Foreign {
    /// The answers to what this template asks, as it asks for them. What does not fit is as good as not there.
    pub(super) fn answers_for(&self, manifest: &Manifest) -> IndexMap<String, Json> {
        let fit = |kind: Kind, value: &Json| {
            let is_text = matches!(kind, Kind::String | Kind::Text | Kind::Path | Kind::Choice);
            match value {
                Json::String(text) if !is_text => values::from_text(kind, text).ok(),
                Json::Number(_) | Json::Bool(_) if is_text => Some(Json::from(values::show(value))),
                _ => values::typed(kind, value.clone()).ok(),
            }
        };
        let known = self.answers.iter().filter_map(|(name, value)| {
            let question = manifest.questions.get(name).filter(|question| question.kind != Kind::Secret)?;
            Some((name.clone(), fit(question.kind, value)?))
        });
        known.collect()
    }
}
