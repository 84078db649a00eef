//! Bringing back what is stored: all of it is at hand before the first file of the project is touched.
#![allow(clippy::disallowed_methods, reason = "what a recipe makes is its own, and so is what is restored of it")]

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::PathBuf;

use super::decide::{Hit, Reason, Seat, is_same, look, made};
use super::files::DRAFT;
use super::index::{self, Index};
use super::keep::{Pending, is_reachable};
use super::store::{Entry, Output};
use crate::plan::path::TreePath;

/// What is stored under the key of a recipe.
pub(crate) struct Restore {
    seat: Seat,
    entry: Entry,
    reason: Reason,
}

/// A file that only has to be given its name.
enum Draft {
    File(tempfile::TempPath, PathBuf),
    Link(String, PathBuf),
}

impl Restore {
    pub(super) fn new(seat: Seat, entry: Entry, reason: Reason) -> Self {
        Self { seat, entry, reason }
    }

    /// Why it does not lie in the project as it is.
    pub(crate) fn reason(&self) -> &Reason {
        &self.reason
    }

    /// Puts everything in its place. Where that cannot be done the recipe has to run.
    pub(crate) fn perform(self) -> Result<Hit, Box<Pending>> {
        match self.bring() {
            Ok(outputs) => {
                let _ = self.seat.remember(&self.entry, outputs);
                let log = self.entry.log.and_then(|log| self.seat.store.bytes(&log));
                Ok(Hit { log, made: made(&self.entry.outputs, &self.seat.key) })
            }
            Err(error) => {
                let reason = Reason::Unrestored(error.to_string());
                Err(Box::new(Pending { seat: self.seat, reason }))
            }
        }
    }

    fn bring(&self) -> io::Result<Index> {
        let drafts: Vec<Draft> =
            self.entry.outputs.iter().map(|output| self.draft(output)).collect::<io::Result<_>>()?;
        for draft in drafts {
            match draft {
                Draft::File(draft, place) => draft.persist(place).map_err(|error| error.error)?,
                Draft::Link(target, place) => {
                    let folder = place.parent().unwrap_or(&self.seat.base);
                    let draft =
                        tempfile::Builder::new().prefix(DRAFT).make_in(folder, |path| symlink(&target, path))?;
                    draft.into_temp_path().persist(place).map_err(|error| error.error)?;
                }
            }
        }
        self.clear();
        let mut seen = Index::new();
        for output in &self.entry.outputs {
            let file = look(&self.seat.base, &output.path).ok_or(io::ErrorKind::NotFound)?;
            seen.insert(output.path.clone(), index::read(&self.seat.base, &file)?);
        }
        Ok(seen)
    }

    /// The file beside its place, whole and with its mode.
    fn draft(&self, output: &Output) -> io::Result<Draft> {
        let seat = &self.seat;
        let refused = |why: &str| io::Error::other(format!("`{}` {why}", output.path));
        let path = TreePath::new(&output.path).map_err(&refused)?;
        if !seat.outputs.has(path.as_str()) {
            return Err(refused("is none of its outputs"));
        }
        if !is_reachable(&seat.base, path.as_str()) {
            return Err(refused("lies behind a link or a file"));
        }
        let place = path.below(&seat.base);
        if place.symlink_metadata().is_ok_and(|meta| meta.is_dir()) {
            return Err(refused("is a folder"));
        }
        let folder = place.parent().unwrap_or(&seat.base);
        fs::create_dir_all(folder)?;
        if let Some(target) = &output.link {
            return Ok(Draft::Link(target.clone(), place));
        }
        let mode = Permissions::from_mode(output.mode & 0o777);
        let mut draft = tempfile::Builder::new().prefix(DRAFT).tempfile_in(folder)?;
        seat.store.fetch(&output.digest, draft.as_file_mut())?;
        draft.as_file().set_permissions(mode)?;
        Ok(Draft::File(draft.into_temp_path(), place))
    }

    /// Takes away what the last run made and this one did not, as long as it is what that run made.
    fn clear(&self) {
        let Some(state) = &self.seat.state else { return };
        let stays = |path: &str| self.entry.outputs.iter().any(|output| output.path == path);
        for output in state.head.outputs.iter().filter(|output| !stays(&output.path)) {
            let base = &self.seat.base;
            let is_ours = is_reachable(base, &output.path)
                && look(base, &output.path)
                    .is_some_and(|file| index::read(base, &file).is_ok_and(|seen| is_same(output, &file, &seen)));
            if is_ours {
                let _ = fs::remove_file(base.join(&output.path));
            }
        }
    }
}
