//! Whether a recipe has to run: what it reads and makes, held against what it last did and what is stored.

use std::path::{Path, PathBuf};

use blake3::Hash;

use super::files::{Found, Globs, Links};
use super::index::{self, Index, Seen};
use super::keep::Pending;
use super::manifest::{self, Difference, Manifest, Value, What, short};
use super::restore::Restore;
use super::state::State;
use super::store::{Entry, Output, Store};

/// A recipe with its arguments, as the cache sees it.
pub(crate) struct Subject<'a> {
    pub(crate) manifest: Manifest,
    /// The directory that its globs are seen from; absolute.
    pub(crate) base: &'a Path,
    pub(crate) inputs: Vec<&'a str>,
    pub(crate) outputs: Vec<&'a str>,
    pub(crate) keep: Keep,
    /// Run it in any case.
    pub(crate) force: bool,
}

/// Where what it makes is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    /// Nowhere: it is skipped, or it runs.
    Nothing,
    Local,
    /// On this machine, and where the team shares results.
    Remote,
}

/// What to do.
pub(crate) enum Decision {
    /// Run it: there is nothing to compare. The reason, where that is not what its author wants.
    Always(Option<String>),
    /// It did this already, and what it made is there.
    Skip(Hit),
    /// What it would make is stored.
    Restore(Box<Restore>),
    /// Run it, then have what it made kept.
    Run(Box<Pending>),
}

/// What need not be made again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hit {
    /// What the recipe said when it ran.
    pub(crate) log: Option<Vec<u8>>,
    /// What it made, for the keys of those that need it.
    pub(crate) made: String,
}

/// Why a recipe runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reason {
    Forced,
    /// It has not succeeded here yet, with these arguments.
    First,
    /// Something is other than when it last succeeded.
    Changed(Vec<Difference>),
    /// What it made is gone or was changed.
    Outputs(Vec<Difference>),
    /// What was stored could not be brought back.
    Unrestored(String),
}

/// All that was found out on the way to a decision.
#[derive(Debug, Clone)]
pub(super) struct Seat {
    pub(super) store: Store,
    /// Of the recipe, its arguments and its directory.
    pub(super) id: Hash,
    pub(super) key: Hash,
    pub(super) manifest: Manifest,
    pub(super) base: PathBuf,
    pub(super) inputs: Globs,
    pub(super) outputs: Globs,
    pub(super) read: Vec<(Found, Seen)>,
    pub(super) state: Option<State>,
    pub(super) keep: Keep,
}

impl Store {
    /// Decides about a recipe. Changes nothing in the project.
    pub(crate) fn decide(&self, subject: Subject) -> Decision {
        match self.seat(subject) {
            Ok(None) => Decision::Always(None),
            Ok(Some((seat, force))) => seat.decide(force),
            Err(reason) => Decision::Always(Some(reason)),
        }
    }

    /// # Errors
    /// Why what it reads cannot be told, in words.
    fn seat(&self, subject: Subject) -> Result<Option<(Seat, bool)>, String> {
        let Subject { mut manifest, base, inputs, outputs, keep, force } = subject;
        manifest.outputs = outputs.iter().map(|&glob| glob.to_owned()).collect();
        let globs = |globs: Vec<&str>| Globs::new(globs).map_err(|error| error.to_string());
        let (inputs, outputs) = (globs(inputs)?, globs(outputs)?);
        if inputs.is_empty() {
            return Ok(None);
        }
        let id = id(base, &manifest);
        let state = self.state(&id);
        let known = state.as_ref().map(State::index).unwrap_or_default();
        let unreadable = |error: std::io::Error| format!("its inputs cannot be read: {error}");
        let found = inputs.find(base, Links::Follow).map_err(unreadable)?;
        if let Some(file) = found.iter().find(|file| outputs.has(&file.path)) {
            return Err(format!("`{}` is an input and an output of it", file.path));
        }
        let seen = index::digests(base, &found, &known).map_err(unreadable)?;
        let read: Vec<(Found, Seen)> = found.into_iter().zip(seen).collect();
        let files = read.iter().map(|(file, seen)| (file.path.as_str(), seen.digest, file.stat.is_executable()));
        let key = manifest::key(&manifest, files);
        let base = base.to_owned();
        let seat = Seat { store: self.clone(), id, key, manifest, base, inputs, outputs, read, state, keep };
        Ok(Some((seat, force)))
    }
}

/// The same recipe with the same arguments in the same place has one state.
fn id(base: &Path, manifest: &Manifest) -> Hash {
    let mut hasher = blake3::Hasher::new();
    let arguments = serde_json::to_string(&manifest.parameters).unwrap_or_default();
    for part in [base.to_string_lossy().as_bytes(), manifest.recipe.as_bytes(), arguments.as_bytes()] {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.finalize()
}

impl Seat {
    fn decide(self, force: bool) -> Decision {
        if force {
            return self.run(Reason::Forced);
        }
        let Some(state) = self.state.clone() else {
            return self.stored(Reason::First);
        };
        if state.head.key != self.key {
            let reason = Reason::Changed(self.differences(&state));
            return self.stored(reason);
        }
        match self.present(&state) {
            Ok(outputs) => {
                let hit = Hit {
                    log: state.head.log.and_then(|log| self.store.bytes(&log)),
                    made: made(&state.head.outputs, &self.key),
                };
                self.refresh(state, outputs);
                Decision::Skip(hit)
            }
            Err(differences) => self.stored(Reason::Outputs(differences)),
        }
    }

    /// Brings it back if it is stored. What makes no files has nothing to bring back: it is what it did last that counts.
    fn stored(self, reason: Reason) -> Decision {
        let entry =
            (self.keep != Keep::Nothing && !self.outputs.is_empty()).then(|| self.store.entry(&self.key)).flatten();
        match entry {
            Some(entry) => Decision::Restore(Box::new(Restore::new(self, entry, reason))),
            None => self.run(reason),
        }
    }

    fn run(self, reason: Reason) -> Decision {
        Decision::Run(Box::new(Pending { seat: self, reason }))
    }

    /// Whether what it made is there as it was made; else what is not.
    fn present(&self, state: &State) -> Result<Index, Vec<Difference>> {
        let mut wrong = Vec::new();
        let mut seen = Index::new();
        for output in &state.head.outputs {
            let Some(file) = look(&self.base, &output.path) else {
                wrong.push(of_output(output, None));
                continue;
            };
            let now = match state.outputs.get(&output.path) {
                Some(seen) if seen.holds(file.stat) => Ok(*seen),
                _ => index::read(&self.base, &file),
            };
            match now {
                Ok(now) if is_same(output, &file, &now) => drop(seen.insert(output.path.clone(), now)),
                Ok(now) => wrong.push(of_output(output, Some(short(&now.digest)))),
                Err(error) => wrong.push(of_output(output, Some(error.to_string()))),
            }
        }
        if wrong.is_empty() { Ok(seen) } else { Err(wrong) }
    }

    /// Remembers what was read, so that it need not be read next time.
    fn refresh(&self, mut state: State, outputs: Index) {
        let inputs = self.seen_inputs();
        if state.inputs != inputs || state.outputs != outputs {
            state.inputs = inputs;
            state.outputs = outputs;
            // It costs time alone where it cannot be written.
            let _ = self.store.put_state(&self.id, &state);
        }
    }

    pub(super) fn seen_inputs(&self) -> Vec<(String, Seen)> {
        self.read.iter().map(|(file, seen)| (file.path.clone(), *seen)).collect()
    }

    /// Remembers that what the entry says is what lies in the project.
    pub(super) fn remember(&self, entry: &Entry, outputs: Index) -> std::io::Result<()> {
        let head = super::state::Head {
            key: self.key,
            manifest: self.manifest.clone(),
            outputs: entry.outputs.clone(),
            log: entry.log,
        };
        self.store.put_state(&self.id, &State { head, inputs: self.seen_inputs(), outputs })
    }

    fn differences(&self, state: &State) -> Vec<Difference> {
        let mut found = manifest::differences(&state.head.manifest, &self.manifest);
        let told = |seen: &Seen| {
            let mode = if seen.stat.is_executable() { " (executable)" } else { "" };
            format!("{}{mode}", short(&seen.digest))
        };
        let old: Index = state.inputs.iter().cloned().collect();
        let mut push = |name: &str, old: Option<String>, new: Option<String>| {
            if old != new {
                found.push(Difference { what: What::Input, name: name.to_owned(), old, new });
            }
        };
        for (file, seen) in &self.read {
            push(&file.path, old.get(&file.path).map(told), Some(told(seen)));
        }
        for (path, seen) in &state.inputs {
            if self.read.binary_search_by(|(file, _)| file.path.cmp(path)).is_err() {
                push(path, Some(told(seen)), None);
            }
        }
        found
    }
}

/// What lies at a path, links unread.
pub(super) fn look(base: &Path, path: &str) -> Option<Found> {
    let full = base.join(path);
    let meta = std::fs::symlink_metadata(&full).ok().filter(|meta| meta.is_file() || meta.is_symlink())?;
    let link = if meta.is_symlink() { Some(std::fs::read_link(&full).ok()?.to_str()?.to_owned()) } else { None };
    Some(Found { path: path.to_owned(), stat: super::files::Stat::of(&meta), link })
}

pub(super) fn is_same(output: &Output, file: &Found, seen: &Seen) -> bool {
    output.digest == seen.digest
        && output.link == file.link
        && (output.link.is_some() || output.mode & 0o111 == file.stat.mode & 0o111)
}

/// A digest of everything that was made; of what it was made from, where that is nothing.
pub(super) fn made(outputs: &[Output], key: &Hash) -> String {
    if outputs.is_empty() {
        return key.to_hex().to_string();
    }
    let parts = outputs.iter().map(|output| (output.path.as_str(), output.digest, output.mode & 0o111 != 0));
    manifest::key(&Manifest::default(), parts).to_hex().to_string()
}

fn of_output(output: &Output, new: Option<String>) -> Difference {
    Difference { what: What::Output, name: output.path.clone(), old: Some(short(&output.digest)), new }
}

impl Value {
    /// A secret as a part of keys: told apart by who has `key`, and by nobody else.
    pub(crate) fn secret(text: &str, key: &[u8; 32]) -> Self {
        Self::Secret(blake3::keyed_hash(key, text.as_bytes()).to_hex().to_string())
    }
}
