//! All recipes that can be run from here, by their names, and what they can see. Where they come from is known in `config`.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::config::parameter::FullParameter;
use crate::config::project::{Loaded, Project};
use crate::config::recipe::Recipe;
use crate::config::repeat::ForEach;
use crate::config::variable::Variable;
use crate::error::{Exit, Failure, fail, nearest};

/// Every recipe of every file that was read.
#[derive(Debug)]
pub(super) struct Catalog<'a> {
    pub(super) project: &'a Project,
    pub(super) entries: Vec<Entry<'a>>,
    /// Full names and full aliases.
    names: HashMap<String, usize>,
    /// The namespace of where the command stands.
    here: String,
}

/// A recipe, and where it stands.
#[derive(Debug)]
pub(super) struct Entry<'a> {
    /// With its namespace.
    pub(super) name: String,
    /// As its file has it.
    pub(super) local: &'a str,
    pub(super) recipe: &'a Recipe,
    pub(super) file: &'a Loaded,
    pub(super) params: Vec<FullParameter>,
    /// Where it runs, where that is not the directory of its file.
    place: Option<PathBuf>,
}

/// A variable of `[vars]`, and the file that declares it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Declared<'a> {
    pub(super) file: &'a Loaded,
    pub(super) variable: &'a Variable,
}

impl<'a> Catalog<'a> {
    /// The recipes of `project`, seen from `dir` (absolute).
    pub(super) fn of(project: &'a Project, dir: &Path) -> Self {
        let mut catalog = Self { project, entries: Vec::new(), names: HashMap::new(), here: here(project, dir) };
        for file in &project.files {
            for (local, recipe) in &file.part.recipes {
                let name = join(&file.namespace, local);
                let index = catalog.entries.len();
                for alias in recipe.alias.as_slice() {
                    catalog.names.insert(join(&file.namespace, alias), index);
                }
                catalog.names.insert(name.clone(), index);
                let params = recipe.params.iter().map(crate::config::parameter::Parameter::full).collect();
                catalog.entries.push(Entry { name, local, recipe, file, params, place: None });
            }
        }
        catalog
    }

    /// The recipes of a file that is for all projects: they run in `dir`.
    pub(super) fn of_user(project: &'a Project, dir: &Path) -> Self {
        let mut catalog = Self::of(project, dir);
        for entry in &mut catalog.entries {
            entry.place = Some(dir.to_owned());
        }
        catalog
    }

    /// The recipe that `name` means in `namespace`: its own, else that of the nearest namespace around it; `::name` means the root's.
    pub(super) fn find_in(&self, namespace: &str, name: &str) -> Option<usize> {
        if let Some(name) = name.strip_prefix("::") {
            return self.names.get(name).copied();
        }
        around(namespace).find_map(|namespace| self.names.get(&join(namespace, name)).copied())
    }

    /// The recipe that `name` means where the command stands. A private one is not there for it.
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        self.find_in(&self.here, name).filter(|index| !self.entries[*index].recipe.private)
    }

    /// As [`Catalog::find`].
    ///
    /// # Errors
    /// With the nearest name (exit 2) where there is no such recipe.
    pub(super) fn get(&self, name: &str) -> Result<usize, Failure> {
        if let Some(index) = self.find(name) {
            return Ok(index);
        }
        if self.find_in(&self.here, name).is_some() {
            return Err(fail(format!("the recipe `{name}` is private: only other recipes run it"))
                .exit(Exit::Usage)
                .hint("`prodev run --list` shows what can be run"));
        }
        let known: Vec<&str> = self.public().flat_map(|entry| self.spellings(entry)).collect();
        let failure = fail(format!("there is no recipe `{name}`")).exit(Exit::Usage);
        Err(match nearest(name, known) {
            Some(near) => failure.hint(format!("did you mean `{near}`?")),
            None if self.entries.is_empty() => failure.hint("write one in prodev.toml: `prodev init` makes the file"),
            None => failure.hint("`prodev run --list` shows what can be run"),
        })
    }

    /// The names by which an entry can be called from here.
    fn spellings<'b>(&self, entry: &'b Entry<'a>) -> Vec<&'b str> {
        let is_near = entry.file.namespace.is_empty() || entry.file.namespace == self.here;
        if is_near { vec![entry.local, entry.name.as_str()] } else { vec![entry.name.as_str()] }
    }

    /// The recipes that can be called, in the order of the files.
    pub(super) fn public(&self) -> impl Iterator<Item = &Entry<'a>> {
        self.entries.iter().filter(|entry| !entry.recipe.private)
    }

    /// The variable that `name` means in `namespace`.
    pub(super) fn variable(&self, namespace: &str, name: &str) -> Option<Declared<'a>> {
        around(namespace).find_map(|namespace| {
            let mut files = self.project.files.iter().filter(|file| file.namespace == namespace);
            files.find_map(|file| file.part.vars.get(name).map(|variable| Declared { file, variable }))
        })
    }

    /// All variables that can be seen in `namespace`, the nearest first where several have a name.
    pub(super) fn variables(&self, namespace: &str) -> Vec<(&'a str, Declared<'a>)> {
        let mut found: Vec<(&str, Declared)> = Vec::new();
        for namespace in around(namespace) {
            for file in self.project.files.iter().filter(|file| file.namespace == namespace) {
                for (name, variable) in &file.part.vars {
                    if !found.iter().any(|(known, _)| known == name) {
                        found.push((name, Declared { file, variable }));
                    }
                }
            }
        }
        found
    }
}

impl Entry<'_> {
    /// The directory of its file, from which all its paths are seen.
    pub(super) fn home(&self) -> PathBuf {
        self.place.clone().unwrap_or_else(|| self.file.path.parent().unwrap_or(Path::new("/")).to_owned())
    }

    /// Names that hold one of several values: the axes of `matrix`, and the name of `for_each`.
    pub(super) fn axes(&self) -> impl Iterator<Item = &str> {
        let each = self.recipe.for_each.as_deref().map(|each| match each {
            ForEach::Values(_) => "item",
            ForEach::Full(full) => full.name.as_deref().unwrap_or("item"),
        });
        self.recipe.matrix.keys().map(String::as_str).chain(each)
    }

    /// Where a key of it stands in its file.
    pub(super) fn path<'b>(&'b self, rest: &[&'b str]) -> Vec<&'b str> {
        ["recipes", self.local].into_iter().chain(rest.iter().copied()).collect()
    }
}

/// `namespace` and those around it, up to the root's own, which is empty.
fn around(namespace: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(namespace), |inner| {
        (!inner.is_empty()).then(|| inner.rsplit_once("::").map_or("", |(outer, _)| outer))
    })
}

/// The namespace of the nested file that is nearest to `dir`.
fn here(project: &Project, dir: &Path) -> String {
    let nested = project.files.iter().filter(|file| {
        let folder = file.path.parent().unwrap_or(Path::new("/"));
        let way: Vec<_> = folder.strip_prefix(&project.dir).into_iter().flat_map(Path::components).collect();
        let way: Vec<_> = way.iter().map(|part| part.as_os_str().to_string_lossy()).collect();
        file.namespace == way.join("::") && dir.starts_with(folder)
    });
    nested.map(|file| file.namespace.clone()).max_by_key(String::len).unwrap_or_default()
}

/// `namespace::name`, or the name alone in the root's own namespace.
fn join(namespace: &str, name: &str) -> String {
    if namespace.is_empty() { name.to_owned() } else { format!("{namespace}::{name}") }
}
