//! Taskfiles that another includes: their tasks, by the names under which task runs them.

use std::path::{Path, PathBuf};

use serde_json::Value;

/// How deep files may include each other.
const DEPTH: usize = 10;

/// A task of another file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Task {
    pub(super) name: String,
    pub(super) aliases: Vec<String>,
    pub(super) doc: Option<String>,
    /// The file, as the one that includes it names it.
    pub(super) of: String,
}

/// All tasks that are included from `folder`, and what cannot be found.
pub(super) fn tasks(file: &Value, folder: &Path) -> (Vec<Task>, Vec<String>) {
    let (mut found, mut left) = (Vec::new(), Vec::new());
    gather(file, folder, "", DEPTH, &mut found, &mut left);
    (found, left)
}

fn gather(file: &Value, folder: &Path, prefix: &str, depth: usize, found: &mut Vec<Task>, left: &mut Vec<String>) {
    let object = |value: &Value| value.as_object().cloned().unwrap_or_default();
    for (namespace, include) in object(&file["includes"]) {
        let is = |key: &str| include[key].as_bool().unwrap_or_default();
        let Some(place) = include.as_str().or_else(|| include["taskfile"].as_str()) else {
            left.push(format!("`{namespace}:` of `includes:`: it names no file"));
            continue;
        };
        if place.contains("{{") || place.contains("://") || place.starts_with("git@") {
            left.push(format!("`{namespace}:` of `includes:`: only task knows where `{place}` is"));
            continue;
        }
        let read = at(&folder.join(place)).and_then(|path| {
            let text = std::fs::read_to_string(&path).ok()?;
            Some((path, serde_saphyr::from_str::<Value>(&text).ok()?))
        });
        let Some((path, inner)) = read.filter(|_| depth > 0) else {
            if !is("optional") {
                left.push(format!("`{namespace}:` of `includes:`: `{place}` could not be read"));
            }
            continue;
        };
        // What is internal is run by the tasks of the file alone.
        if is("internal") {
            continue;
        }
        let under = if is("flatten") { prefix.to_owned() } else { format!("{prefix}{namespace}:") };
        let excluded: Vec<&str> =
            include["excludes"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        for (name, task) in object(&inner["tasks"]) {
            if task["internal"].as_bool().unwrap_or_default() || excluded.contains(&name.as_str()) {
                continue;
            }
            let own = task["aliases"].as_array().into_iter().flatten().filter_map(Value::as_str);
            let mut aliases: Vec<String> = own.map(|alias| format!("{under}{alias}")).collect();
            // A namespace alone is its task `default`.
            if name == "default" && !is("flatten") {
                aliases.push(format!("{prefix}{namespace}"));
            }
            let doc = task.get("desc").or_else(|| task.get("summary")).and_then(Value::as_str);
            let doc = doc.and_then(|doc| doc.lines().next()).map(str::to_owned);
            found.push(Task { name: format!("{under}{name}"), aliases, doc, of: place.to_owned() });
        }
        gather(&inner, path.parent().unwrap_or(folder), &under, depth - 1, found, left);
    }
}

/// The file itself, or that of a directory.
fn at(path: &Path) -> Option<PathBuf> {
    const NAMES: [&str; 8] = [
        "Taskfile.yml",
        "taskfile.yml",
        "Taskfile.yaml",
        "taskfile.yaml",
        "Taskfile.dist.yml",
        "taskfile.dist.yml",
        "Taskfile.dist.yaml",
        "taskfile.dist.yaml",
    ];
    if path.is_file() {
        return Some(path.to_owned());
    }
    NAMES.iter().map(|name| path.join(name)).find(|path| path.is_file())
}
