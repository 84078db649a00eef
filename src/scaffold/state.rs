//! What a project remembers of its template: `.prodev/NAME/state.toml`, in `.prodev/NAME/base/` every file as the template made it, so that an
//! update can tell the user's changes from the template's without the old template, and beside it the digests of these.
//!
//! All of it is made to be merged by Git: see `docs/updates.md`.

mod digests;
mod read;
mod write;

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::contribution::Done;
use super::manifest::Kind;
use super::source::{Origin as TemplateOrigin, Pin};
use super::values;
use crate::plan::path::TreePath;
use crate::plan::tree::Content;

pub(super) use read::{find, glance, names, no_link, project, read};
pub(super) use write::{Made, records};

/// `state.toml`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct State {
    pub(super) template: Origin,
    /// All that the template has, and whether it is selected. Each has a line of its own, apart from the others, so that two branches which each
    /// switch one merge.
    #[serde(default)]
    pub(super) components: IndexMap<String, bool>,
    #[serde(default)]
    pub(super) answers: toml::Table,
    /// Answers to questions that did not apply.
    #[serde(default)]
    pub(super) unasked: toml::Table,
}

/// Where a project comes from.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Origin {
    pub(super) name: String,
    pub(super) source: String,
    /// The tag or branch of a repository that was followed.
    #[serde(rename = "ref", default, skip_serializing_if = "Option::is_none")]
    pub(super) reference: Option<String>,
    /// Which commit of it this is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) commit: Option<String>,
    pub(super) version: String,
    /// What `dir_name` stands for, where the template asks for it outside of defaults.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) folder: Option<String>,
    /// The instant that `now` stands for, where the template asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) created: Option<String>,
    /// What the template extends, the nearest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) bases: Vec<Pin>,
}

/// A project's records, read and found to be whole.
#[derive(Debug)]
pub(super) struct Recorded {
    /// Under which they are kept: `.prodev/NAME/`.
    pub(super) name: String,
    pub(super) state: State,
    /// Every file as the template made it.
    pub(super) base: BTreeMap<TreePath, Based>,
    /// The digests of the paths of files that are written but once.
    pub(super) once: Vec<String>,
    /// What was put into files that are not the template's own.
    pub(super) contributions: Vec<Done>,
    /// Files whose record Git joined from two branches, so that no digest tells whether it is right.
    pub(super) joined: Vec<TreePath>,
    /// Every file of the records, by its path in the project.
    pub(super) files: BTreeMap<TreePath, Content>,
}

/// A file of the base.
#[derive(Debug, Clone)]
pub(super) struct Based {
    pub(super) content: Content,
    /// Which file of the template it came from.
    pub(super) key: String,
    pub(super) owner: Option<String>,
}

/// How the digest of a path is written down that may have a secret in it.
pub(super) fn once_mark(path: &TreePath) -> String {
    blake3::hash(path.as_str().as_bytes()).to_hex()[..32].to_owned()
}

/// How the list of what a component put into files is called.
fn contributions_of(owner: Option<&str>) -> String {
    // No component can have that name.
    format!("{}.toml", owner.unwrap_or("_shared"))
}

/// The template as seen from the project's folder, so that both can be moved and cloned together; absolute where they share nothing but `/`.
pub(super) fn source(origin: &TemplateOrigin, destination: &Path) -> String {
    let TemplateOrigin::Folder(folder) = origin else { return origin.record() };
    let shared = folder.components().zip(destination.components()).take_while(|(a, b)| a == b).count();
    // The first component is `/` itself.
    if shared < 2 {
        return origin.record();
    }
    let up = destination.components().skip(shared).map(|_| Component::ParentDir);
    let path: PathBuf = up.chain(folder.components().skip(shared)).collect();
    // A name alone would be a built-in template's.
    match path.as_os_str().is_empty() {
        true => ".".to_owned(),
        false if path.starts_with("..") => path.display().to_string(),
        false => format!("./{}", path.display()),
    }
}

/// An answer as TOML. Data that TOML cannot hold is its JSON; so is a lone text, so that the two cannot be mixed up.
fn record(kind: Kind, value: &Json) -> Option<toml::Value> {
    match (kind, value) {
        (_, Json::Null) => None,
        (Kind::Json | Kind::Yaml, value) if value.is_string() || !fits_toml(value) => Some(value.to_string().into()),
        _ => to_toml(value),
    }
}

fn fits_toml(value: &Json) -> bool {
    match value {
        Json::Null => false,
        Json::Number(number) => number.is_i64() || number.is_f64(),
        Json::Array(items) => items.iter().all(fits_toml),
        Json::Object(map) => map.values().all(fits_toml),
        Json::Bool(_) | Json::String(_) => true,
    }
}

/// TOML has no null: where there is no answer there is no line.
fn to_toml(value: &Json) -> Option<toml::Value> {
    Some(match value {
        Json::Null => return None,
        Json::Bool(flag) => toml::Value::from(*flag),
        Json::Number(number) => match number.as_i64() {
            Some(whole) => toml::Value::from(whole),
            None => toml::Value::from(number.as_f64()?),
        },
        Json::String(text) => toml::Value::from(text.as_str()),
        Json::Array(items) => toml::Value::Array(items.iter().filter_map(to_toml).collect()),
        Json::Object(map) => {
            toml::Value::Table(map.iter().filter_map(|(key, value)| Some((key.clone(), to_toml(value)?))).collect())
        }
    })
}

/// An answer that `record` wrote.
///
/// # Errors
/// What is expected instead.
pub(super) fn recall(kind: Kind, value: &toml::Value) -> Result<Json, String> {
    match (kind, value) {
        (Kind::Json | Kind::Yaml, toml::Value::String(text)) => {
            serde_json::from_str(text).map_err(|error| format!("it is no JSON: {error}"))
        }
        _ => values::typed(kind, values::from_toml(value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_recorded_as_the_project_sees_it() {
        for (folder, project, expected) in [
            ("/home/ada/tpl", "/home/ada/shop", "../tpl"),
            ("/home/ada/tpl", "/home/ada/work/shop", "../../tpl"),
            ("/home/ada/shop/tpl", "/home/ada/shop", "./tpl"),
            ("/home/ada/tpl/shop", "/home/ada/tpl/shop", "."),
            ("/home/ada/tpl", "/home/ada/tpl/shop", ".."),
            ("/srv/tpl", "/home/ada/shop", "/srv/tpl"),
        ] {
            let origin = TemplateOrigin::Folder(PathBuf::from(folder));
            assert_eq!(source(&origin, Path::new(project)), expected, "{folder} from {project}");
        }
    }
}
