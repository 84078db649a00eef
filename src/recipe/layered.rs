//! Which recipes get the .env layers, and what these hold: read once, before anything runs.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::catalog::{Catalog, Entry};
use super::graph::{Graph, Kind};
use super::{Layers, Loaded};
use crate::config::recipe::Finally;
use crate::config::value::OneOrMany;
use crate::config::variable::Dotenv;
use crate::error::Failure;

/// Where layers are seen from, under which profile, and the files that are named.
type Wanted = (PathBuf, Option<String>, Vec<String>);

/// The layers of a run.
pub(super) struct Layered<'a> {
    layers: &'a dyn Layers,
    /// The profile of the whole run.
    profile: Option<String>,
    /// The files win over the environment.
    overrides: bool,
    known: RefCell<HashMap<Wanted, Rc<Loaded>>>,
}

impl<'a> Layered<'a> {
    /// The layers of all recipes that are to run.
    ///
    /// # Errors
    /// Where files cannot be read.
    pub(super) fn load(
        layers: &'a dyn Layers,
        (profile, overrides): (Option<String>, bool),
        catalog: &Catalog,
        graph: &Graph,
    ) -> Result<Self, Failure> {
        let layered = Self { layers, profile, overrides, known: RefCell::default() };
        for entry in entries(catalog, graph) {
            layered.of(entry, catalog)?;
        }
        Ok(layered)
    }

    /// The files that all recipes get their variables from, whether they are there or not.
    pub(super) fn files(
        layers: &dyn Layers,
        (profile, _): &(Option<String>, bool),
        catalog: &Catalog,
        graph: &Graph,
    ) -> Vec<PathBuf> {
        let mut found = Vec::new();
        for entry in entries(catalog, graph) {
            if let Some((home, profile, files)) = wanted(entry, profile.as_ref(), catalog) {
                found.extend(layers.files(&home, profile.as_deref(), &files));
            }
        }
        found.sort();
        found.dedup();
        found
    }

    /// What the layers hold for a recipe: nothing, where neither it nor the configuration speaks of them.
    ///
    /// # Errors
    /// Where files cannot be read.
    pub(super) fn of(&self, entry: &Entry, catalog: &Catalog) -> Result<Rc<Loaded>, Failure> {
        let Some(wanted) = wanted(entry, self.profile.as_ref(), catalog) else { return Ok(Rc::default()) };
        if let Some(known) = self.known.borrow().get(&wanted) {
            return Ok(Rc::clone(known));
        }
        let loaded = Rc::new(self.layers.load(&wanted.0, wanted.1.as_deref(), &wanted.2, self.overrides)?);
        self.known.borrow_mut().insert(wanted, Rc::clone(&loaded));
        Ok(loaded)
    }

    /// All values that are never shown, as far as they are known.
    pub(super) fn secrets(&self) -> Vec<String> {
        self.known.borrow().values().flat_map(|loaded| loaded.secrets.iter().cloned()).collect()
    }
}

/// What a recipe's variables are read from; `None` where it gets none.
fn wanted(entry: &Entry, profile: Option<&String>, catalog: &Catalog) -> Option<Wanted> {
    let home = entry.home();
    let files = match &entry.recipe.dotenv {
        Some(Dotenv::Files(files)) => OneOrMany::as_slice(files).to_vec(),
        Some(Dotenv::Layers(true)) => Vec::new(),
        None if is_spoken_of(&home, catalog) => Vec::new(),
        Some(Dotenv::Layers(false)) | None => return None,
    };
    Some((home, profile.cloned().or_else(|| entry.recipe.profile.clone()), files))
}

/// The recipes that are to run, with those that run at the end of them.
fn entries<'a, 'b>(catalog: &'a Catalog<'b>, graph: &'a Graph) -> impl Iterator<Item = &'a Entry<'b>> {
    graph.nodes.iter().filter(|node| node.kind == Kind::Run).flat_map(|node| {
        let entry = &catalog.entries[node.entry];
        let last = match entry.recipe.finally.as_deref() {
            Some(Finally::Full(full)) => {
                full.recipe.as_ref().and_then(|name| catalog.find_in(&entry.file.namespace, name))
            }
            _ => None,
        };
        std::iter::once(entry).chain(last.map(|last| &catalog.entries[last]))
    })
}

/// Whether a configuration in `home` or around it has `[env]`.
pub(super) fn is_spoken_of(home: &Path, catalog: &Catalog) -> bool {
    let speaking = catalog.project.files.iter().filter(|file| file.part.env.is_some());
    speaking.filter_map(|file| file.path.parent()).any(|folder| home.starts_with(folder))
}

impl Loaded {
    /// The value of a variable.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.variables.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}
