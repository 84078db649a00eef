//! Taskfiles that another includes: their tasks, by the names under which task runs them.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// How many files are read at most: some that include each other twice are many, and deep ones make up names without end.
const FILES: usize = 200;

/// How many names a namespace can have.
const NAMES: usize = 16;

/// A task of another file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Task {
    pub(super) name: String,
    pub(super) aliases: Vec<String>,
    pub(super) doc: Option<String>,
    /// The file, as the one that includes it names it.
    pub(super) of: String,
    /// The file itself.
    path: PathBuf,
}

/// All tasks that are included from the file at `path`, and what cannot be found.
pub(super) fn tasks(file: &Value, path: &Path) -> (Vec<Task>, Vec<String>) {
    let mut gathering = Gathering { chain: vec![canonical(path)], ..Gathering::default() };
    gathering.gather(file, &[String::new()]);
    let Gathering { mut found, left, circular, .. } = gathering;
    found.retain(|task| !circular.contains(&task.path));
    (found, left)
}

#[derive(Debug, Default)]
struct Gathering {
    found: Vec<Task>,
    left: Vec<String>,
    /// The files that include each other, up to the one that is looked at.
    chain: Vec<PathBuf>,
    /// Those that include themselves by way of others or not: task runs none of them.
    circular: HashSet<PathBuf>,
    files: usize,
}

impl Gathering {
    /// `prefixes` are what the names of its tasks begin with; the first is that of the namespace itself, the others are of its aliases.
    fn gather(&mut self, file: &Value, prefixes: &[String]) {
        let Some(folder) = self.chain.last().and_then(|path| path.parent()).map(Path::to_owned) else { return };
        for (namespace, include) in file["includes"].as_object().into_iter().flatten() {
            let is = |key: &str| include[key].as_bool().unwrap_or_default();
            let what = format!("`{namespace}:` of `includes:`");
            let Some(place) = include.as_str().or_else(|| include["taskfile"].as_str()) else {
                self.left.push(format!("{what}: it names no file"));
                continue;
            };
            if place.contains("{{") || place.contains("://") || place.starts_with("git@") {
                self.left.push(format!("{what}: only task knows where `{place}` is"));
                continue;
            }
            let path = at(&folder.join(place)).map(|path| canonical(&path));
            if let Some(begin) = path.as_ref().and_then(|path| self.chain.iter().position(|above| above == path)) {
                let is_new = !self.circular.contains(&self.chain[begin]);
                self.circular.extend(self.chain[begin..].iter().cloned());
                if is_new {
                    self.left.push(format!("{what}: `{place}` includes itself, which task refuses"));
                }
                continue;
            }
            if self.files == FILES {
                let all = format!("`includes:`: there are more than {FILES} files, and those that follow are left out");
                if !self.left.contains(&all) {
                    self.left.push(all);
                }
                return;
            }
            self.files += 1;
            let read = path.and_then(|path| {
                let text = std::fs::read_to_string(&path).ok()?;
                Some((path, serde_saphyr::from_str::<Value>(&text).ok()?))
            });
            let Some((path, inner)) = read else {
                if !is("optional") {
                    self.left.push(format!("{what}: `{place}` could not be read"));
                }
                continue;
            };
            // What is internal is run by the tasks of the file alone.
            if is("internal") {
                continue;
            }
            let names = if is("flatten") { None } else { Some(self.names(&what, namespace, include, prefixes)) };
            self.tasks(&inner, include, names.as_deref().unwrap_or(prefixes), names.is_some(), (place, &path));
            self.chain.push(path);
            match names {
                Some(names) => self.gather(&inner, &names),
                None => self.gather(&inner, prefixes),
            }
            self.chain.pop();
        }
    }

    /// What the names of the tasks of an included file begin with.
    fn names(&mut self, what: &str, namespace: &str, include: &Value, prefixes: &[String]) -> Vec<String> {
        let aliases = include["aliases"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let own: Vec<&str> = std::iter::once(namespace).chain(aliases).collect();
        let mut all = Vec::new();
        for prefix in prefixes {
            all.extend(own.iter().map(|name| format!("{prefix}{name}:")));
        }
        if all.len() > NAMES {
            all.truncate(NAMES);
            self.left.push(format!("{what}: some of its aliases"));
        }
        all
    }

    fn tasks(&mut self, inner: &Value, include: &Value, under: &[String], has_name: bool, (of, path): (&str, &Path)) {
        let excluded: Vec<&str> =
            include["excludes"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        for (name, task) in inner["tasks"].as_object().into_iter().flatten() {
            if task["internal"].as_bool().unwrap_or_default() || excluded.contains(&name.as_str()) {
                continue;
            }
            let own = task["aliases"].as_array().into_iter().flatten().filter_map(Value::as_str);
            let own: Vec<&str> = std::iter::once(name.as_str()).chain(own).collect();
            let mut names = under.iter().flat_map(|under| own.iter().map(move |own| format!("{under}{own}")));
            let Some(full) = names.next() else { continue };
            let mut aliases: Vec<String> = names.collect();
            // A namespace alone is its task `default`.
            if name == "default" && has_name {
                aliases.extend(under.iter().map(|under| under.trim_end_matches(':').to_owned()));
            }
            let doc = task.get("desc").or_else(|| task.get("summary")).and_then(Value::as_str);
            let doc = doc.and_then(|doc| doc.lines().next()).map(str::to_owned);
            self.found.push(Task { name: full, aliases, doc, of: of.to_owned(), path: path.to_owned() });
        }
    }
}

fn canonical(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
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
