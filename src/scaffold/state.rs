//! What a project remembers of its template: `.prodev/NAME/state.toml`, and in `.prodev/NAME/base/` every file as the template made it, so that an
//! update can tell the user's changes from the template's without the old template.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value as Json;

use super::answers::Answers;
use super::components::Selection;
use super::manifest::Kind;
use super::render::{RenderedFile, Rendering, collisions};
use super::source::{Origin as TemplateOrigin, Template};
use crate::error::{Failure, fail};
use crate::plan::path::{STATE_FOLDER, TreePath};
use crate::plan::tree::{Action, Content, Entry, Mode};

/// `state.toml`.
#[derive(Debug, Serialize)]
struct State {
    /// One per line, so that two branches which each add one merge.
    components: Vec<String>,
    template: Origin,
    #[serde(skip_serializing_if = "toml::Table::is_empty")]
    answers: toml::Table,
}

#[derive(Debug, Serialize)]
struct Origin {
    name: String,
    source: String,
    version: String,
    /// Of all that is in `base/`.
    digest: String,
    /// The instant that `now` stands for, where the template asks for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    created: Option<String>,
}

const HEAD: &str = "# Written by prodev: which template this project comes from, and the answers behind it.\n\
                    # Commit it with `base/` beside it; `prodev update` needs both.\n\n";

/// Git and its web pages are told that these files are nobody's to read or convert.
const ATTRIBUTES: &str = "* -text linguist-generated\n";

/// The project's own rules may leave out what the base needs, such as `.env.*` its `.env.example`: git takes all of it, except a
/// journal, which holds a change that is under way.
const IGNORED: &str = "!*\n/journal/\n";

/// The records of a project, for the folder `.prodev/NAME/`.
///
/// # Errors
/// A path that is too long with the ending of its record.
pub(super) fn records(
    name: &str,
    template: &Template,
    selection: &Selection,
    answers: &Answers,
    rendering: &Rendering,
    now: jiff::Timestamp,
    destination: &Path,
) -> Result<Vec<Entry>, Failure> {
    let kept: Vec<&RenderedFile> = rendering.files.iter().filter(|file| !file.once).collect();
    let state = State {
        components: selection.names.clone(),
        template: Origin {
            name: template.manifest.template.name.text.clone(),
            source: source(&template.origin, destination),
            version: template.manifest.template.version.to_string(),
            digest: format!("blake3:{}", digest(&kept)),
            created: rendering.has_now.then(|| now.to_string()),
        },
        answers: answers
            .stored
            .iter()
            .filter_map(|(name, value)| {
                Some((name.clone(), record(template.manifest.questions.get(name)?.kind, value)?))
            })
            .collect(),
    };
    let text = toml::to_string_pretty(&state).map_err(|error| {
        fail("the answers cannot be written as TOML")
            .cause(error.to_string())
            .hint("take what TOML cannot hold out of the answers")
    })?;
    let folder = format!("{STATE_FOLDER}/{name}");
    let mut entries = vec![
        entry(&format!("{STATE_FOLDER}/.gitattributes"), plain(ATTRIBUTES))?,
        entry(&format!("{STATE_FOLDER}/.gitignore"), plain(IGNORED))?,
        entry(&format!("{folder}/state.toml"), plain(&format!("{HEAD}{text}")))?,
    ];
    for file in kept {
        entries.push(entry(&format!("{folder}/base/{}.base", file.path), file.content.clone())?);
    }
    let problems = collisions(entries.iter().map(|entry| (&entry.path, "its record")));
    if !problems.is_empty() {
        return Err(Failure::of("the records of some files would lie on each other", problems)
            .hint("give the file or the folder whose name ends in `.base` another name"));
    }
    Ok(entries)
}

/// The template as seen from the project's folder, so that both can be moved and cloned together; absolute where they share nothing but `/`.
fn source(origin: &TemplateOrigin, destination: &Path) -> String {
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

fn plain(text: &str) -> Content {
    Content::File { bytes: Arc::new(text.as_bytes().to_vec()), mode: Mode::Plain }
}

fn entry(path: &str, content: Content) -> Result<Entry, Failure> {
    let path = TreePath::own(path).map_err(|why| {
        fail(format!("the record `{path}` {why}"))
            .hint("give the file, or the template's record (`--as NAME`), a shorter name")
    })?;
    Ok(Entry { path, content, action: Action::Create })
}

/// One number for all of the base: paths, modes, links and bytes, each with its length, so that no two bases read alike.
fn digest(files: &[&RenderedFile]) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    for file in files {
        let (kind, bytes): (u8, &[u8]) = match &file.content {
            Content::File { bytes, mode: Mode::Executable } => (b'x', bytes),
            Content::File { bytes, .. } => (b'f', bytes),
            Content::Link(target) => (b'l', target.as_bytes()),
        };
        hasher.update(&[kind]);
        for part in [file.path.as_str().as_bytes(), bytes] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
    }
    hasher.finalize()
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
