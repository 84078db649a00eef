//! After a run: whether what was made can be kept, and keeping it.

use std::path::{Component, Path};

use super::decide::{Keep, Reason, Seat, look, made};
use super::files::{Found, Links};
use super::index::{self, Index};
use super::remote::Fetch;
use super::restore::Restore;
use super::store::{Entry, Output};

/// A recipe that has to run.
pub(crate) struct Pending {
    pub(super) seat: Seat,
    pub(super) reason: Reason,
}

/// What became of what a recipe made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kept {
    /// The next run can be skipped, and what was made restored. What it made, for the keys of those that need it.
    Stored { made: String },
    /// The next run can be skipped; the reason why nothing can be restored, where that is not what its author wants.
    Noted { made: String, reason: Option<String> },
    /// The next run runs.
    Not { reason: String },
}

impl Pending {
    pub(crate) fn reason(&self) -> &Reason {
        &self.reason
    }

    /// Whether others may have what it makes.
    pub(crate) fn is_shared(&self) -> bool {
        self.seat.keep == Keep::Remote && !self.seat.outputs.is_empty()
    }

    /// Whether it is worth asking others for what it makes.
    pub(crate) fn is_to_be_had(&self) -> bool {
        self.is_shared() && self.reason != Reason::Forced
    }

    /// What was fetched for it is in the store: it can be brought back.
    pub(crate) fn restore(self, fetch: Fetch) -> Restore {
        let Fetch(entry) = fetch;
        // It costs another way to the server alone where it cannot be written.
        let _ = self.seat.store.put_entry(&self.seat.key, &entry);
        self.seat.store.trim(&self.seat.key);
        Restore::new(self.seat, entry, self.reason)
    }

    /// Keeps what the recipe made. It has succeeded, and said `log` (without its secrets).
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub(crate) fn keep(&self, log: &[u8], seconds: f64) -> std::io::Result<Kept> {
        let seat = &self.seat;
        if let Some(reason) = self.disturbed() {
            return Ok(Kept::Not { reason });
        }
        let found = match seat.outputs.find(&seat.base, Links::Keep) {
            Ok(found) => found,
            Err(error) => return Ok(Kept::Not { reason: format!("what it made cannot be read: {error}") }),
        };
        if let Some(glob) = seat.outputs.idle(&found).first() {
            return Ok(Kept::Not { reason: format!("it made nothing that is called `{glob}`") });
        }
        let seen = match index::digests(&seat.base, &found, &Index::new()) {
            Ok(seen) => seen,
            Err(error) => return Ok(Kept::Not { reason: format!("what it made cannot be read: {error}") }),
        };
        let outputs = found.iter().zip(&seen).map(|(file, seen)| Output {
            path: file.path.clone(),
            digest: seen.digest,
            size: file.stat.size,
            mode: file.stat.mode & 0o777,
            link: file.link.clone(),
        });
        let log = if log.is_empty() { None } else { Some(seat.store.keep_bytes(log)?) };
        let entry = Entry { recipe: seat.manifest.recipe.clone(), outputs: outputs.collect(), log, seconds };
        let reason = if seat.keep == Keep::Nothing || found.is_empty() {
            None
        } else if let Some(link) = found.iter().find(|file| leads_out(file)) {
            Some(format!("the link `{}` leads out of the recipe's directory", link.path))
        } else {
            for (file, output) in found.iter().zip(&entry.outputs).filter(|(file, _)| file.link.is_none()) {
                if let Err(error) = seat.store.keep_file(&seat.base.join(&file.path), &output.digest) {
                    return Ok(Kept::Not { reason: format!("`{}` cannot be kept: {error}", file.path) });
                }
            }
            seat.store.put_entry(&seat.key, &entry)?;
            seat.store.trim(&seat.key);
            None
        };
        let index: Index = found.iter().map(|file| file.path.clone()).zip(seen).collect();
        seat.remember(&entry, index)?;
        let made = made(&entry.outputs, &seat.key);
        let is_stored = seat.keep != Keep::Nothing && !found.is_empty() && reason.is_none();
        Ok(if is_stored { Kept::Stored { made } } else { Kept::Noted { made, reason } })
    }

    /// Whether an input is another than before the run, or was in between: then what was made may come from something else than the key says.
    fn disturbed(&self) -> Option<String> {
        let seat = &self.seat;
        let now = match seat.inputs.find(&seat.base, Links::Follow) {
            Ok(now) => now,
            Err(error) => return Some(format!("its inputs cannot be read any more: {error}")),
        };
        let before = |path: &str| seat.read.binary_search_by(|(file, _)| file.path.as_str().cmp(path)).ok();
        for file in &now {
            let changed = match before(&file.path) {
                None if seat.outputs.has(&file.path) => {
                    return Some(format!("`{}` is an input and an output of it", file.path));
                }
                None => true,
                Some(index) => {
                    let (old, seen) = &seat.read[index];
                    // What was written in the tick in which it was read is read again.
                    old != file
                        || (!seen.holds(file.stat)
                            && index::read(&seat.base, file).map_or(true, |again| again.digest != seen.digest))
                }
            };
            if changed {
                return Some(format!("`{}` was changed while it ran", file.path));
            }
        }
        let gone = seat.read.iter().find(|(old, _)| now.binary_search_by(|file| file.path.cmp(&old.path)).is_err());
        gone.map(|(file, _)| format!("`{}` went away while it ran", file.path))
    }
}

/// Whether a link points to something that is not below the recipe's directory.
fn leads_out(file: &Found) -> bool {
    let Some(target) = &file.link else { return false };
    let mut depth = file.path.matches('/').count();
    for component in Path::new(target).components() {
        match component {
            Component::Normal(_) => depth += 1,
            Component::CurDir => {}
            Component::ParentDir if depth > 0 => depth -= 1,
            _ => return true,
        }
    }
    false
}

/// Whether `path` can be written below `base` without passing through a link.
pub(super) fn is_reachable(base: &Path, path: &str) -> bool {
    let above: Vec<usize> = path.match_indices('/').map(|(at, _)| at).collect();
    above.iter().all(|at| look(base, &path[..*at]).is_none())
}
