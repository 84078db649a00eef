//! A change taken back, last deed first. What somebody else changed meanwhile is left as it is, unless it was copied before.

use std::path::{Path, PathBuf};
use std::{fmt, fs};

use anyhow::Context as _;

use super::clear;
use super::into::{beside, digest_of, remove_empty, remove_file, rename, restore};
use super::journal::{Deed, Journal, checked, is_behind_a_link};
use super::undo::copy_aside;
use crate::error::{Failure, Problem, fail};
use crate::git::shell;
use crate::plan::{Line, fault};
use crate::ui::Interrupt;

/// What is in a place that the journal speaks of, and is somebody else's.
pub(super) enum Other {
    /// It stays as it is.
    Left(String),
    /// It was moved there.
    Moved(String, PathBuf),
}

impl fmt::Display for Other {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Left(path) => write!(f, "`{path}` was changed by somebody else meanwhile and is left as it is"),
            Self::Moved(path, to) => write!(f, "your folder `{path}` is kept in `{}`", to.display()),
        }
    }
}

impl Journal {
    /// Takes all back, last deed first, and names what somebody else changed meanwhile and so is not lost.
    ///
    /// # Errors
    /// What could not be taken back, all at once. The rest is, and the journal stays.
    pub(super) fn roll_back(self, root: &Path) -> Result<Vec<Other>, Failure> {
        let mut others = Vec::new();
        let mut problems = Vec::new();
        for deed in self.deeds().iter().rev() {
            if self.is_backwards() {
                fault::moment();
            }
            match self.take_back(root, deed) {
                Ok(other) => others.extend(other),
                Err(error) => problems.push(Problem::new(format!("{error:#}"))),
            }
        }
        if problems.is_empty() {
            match self.forget() {
                Ok(()) => return Ok(others),
                Err(error) => problems.push(Problem::new(format!("the journal cannot be removed: {error}"))),
            }
        }
        let summary = format!("a change to `{}` could not be taken back", root.display());
        let hint = format!(
            "set right what is in the way, and run any prodev command there: the journal `{}` knows the rest",
            self.home.display()
        );
        let failure = Failure { problems, ..fail(summary) }.hint(hint);
        let moved = others.iter().filter(|other| matches!(other, Other::Moved(..)));
        Err(moved.fold(failure, |failure, moved| failure.hint(moved.to_string())))
    }

    fn take_back(&self, root: &Path, deed: &Deed) -> anyhow::Result<Option<Other>> {
        let mut moved = None;
        let path = match deed {
            // What is not in place yet goes with the journal.
            Deed::Repository => return Ok(None),
            Deed::Index { before } => {
                shell::restore_index(root, before).context("could not restore Git's index")?;
                return Ok(None);
            }
            Deed::Folder { path }
            | Deed::Emptied { path, .. }
            | Deed::Removed { path, .. }
            | Deed::File { path, .. } => path,
        };
        let inner = checked(path)?;
        let at = inner.below(root);
        if is_behind_a_link(root, &inner) {
            let is_file = matches!(deed, Deed::File { .. } | Deed::Removed { .. });
            return Ok(is_file.then(|| Other::Left(path.clone())));
        }
        match deed {
            Deed::Repository | Deed::Index { .. } => {}
            Deed::Folder { .. } => {
                if at.symlink_metadata().is_ok_and(|meta| meta.is_dir()) {
                    remove_empty(&at).with_context(|| format!("could not remove the folder `{path}`"))?;
                }
            }
            Deed::Emptied { mode, .. } => clear::remake(root, &inner, *mode)?,
            Deed::Removed { old, .. } => {
                if self.is_backwards() && !old.is_at(&at) {
                    moved = self.make_room(root, path)?;
                }
                if !clear::put_back(root, &inner, old, &self.copy(old)?)? {
                    return Ok(Some(Other::Left(path.clone())));
                }
            }
            Deed::File { new, old, .. } => {
                remove_file(&beside(&at)).with_context(|| format!("could not remove the draft of `{path}`"))?;
                let now = digest_of(&at).ok();
                let is_ours = now == Some(*new) || self.is_backwards();
                match old {
                    None if is_ours && now.is_some() => {
                        remove_file(&at).with_context(|| format!("could not remove `{path}`"))?;
                    }
                    Some(saved) if is_ours && !saved.is_at(&at) => {
                        if at.is_dir() && !at.is_symlink() {
                            moved = self.make_room(root, path)?;
                        }
                        let put = || -> std::io::Result<()> {
                            // The user may have removed the folder since.
                            fs::create_dir_all(at.parent().unwrap_or(root))?;
                            restore(&at, saved, &self.copy(saved).map_err(std::io::Error::other)?)
                        };
                        put().with_context(|| format!("could not restore `{path}` from its copy"))?;
                    }
                    None if now.is_some() => return Ok(Some(Other::Left(path.clone()))),
                    Some(saved) if now != Some(saved.digest) => return Ok(Some(Other::Left(path.clone()))),
                    _ => {}
                }
            }
        }
        Ok(moved)
    }

    /// Takes away what stands where a file is to be again: a file, which was copied before, or a folder, which is moved to what is kept.
    fn make_room(&self, root: &Path, path: &str) -> anyhow::Result<Option<Other>> {
        let at = root.join(path);
        if !at.symlink_metadata().is_ok_and(|meta| meta.is_dir()) {
            return remove_file(&at).map(|()| None).with_context(|| format!("could not remove `{path}`"));
        }
        let cannot = || format!("could not keep your folder `{path}`");
        remove_empty(&at).with_context(cannot)?;
        if at.symlink_metadata().is_err() {
            return Ok(None);
        }
        let kept = self.keeps(|kept| kept.join(path).symlink_metadata().is_err()).join(path);
        fs::create_dir_all(kept.parent().unwrap_or(root)).and_then(|()| rename(&at, &kept)).with_context(cannot)?;
        Ok(Some(Other::Moved(path.to_owned(), kept)))
    }

    /// Whether this very thing has been copied already, by a run that went no further.
    fn is_kept(&self, path: &str, digest: blake3::Hash) -> bool {
        let folders = (1..).map(|number| self.home.with_file_name(format!("kept-{number}")));
        let mut folders = folders.take_while(|folder| folder.symlink_metadata().is_ok());
        folders.any(|folder| digest_of(&folder.join(path)).is_ok_and(|kept| kept == digest))
    }

    /// The first folder for what the user changed that is fit for it.
    fn keeps(&self, is_fit: impl Fn(&Path) -> bool) -> PathBuf {
        let mut number = 1;
        loop {
            let folder = self.home.with_file_name(format!("kept-{number}"));
            if is_fit(&folder) {
                return folder;
            }
            number += 1;
        }
    }

    /// What taking it all back does, in words.
    pub(super) fn lines_back(&self) -> Vec<Line> {
        let own = |path: &str| path.starts_with(".prodev/");
        let mut lines: Vec<Line> = self
            .deeds()
            .iter()
            .filter_map(|deed| match deed {
                Deed::Removed { path, .. } | Deed::File { path, old: Some(_), .. } if !own(path) => {
                    Some(Line { action: "restore", path: path.clone() })
                }
                Deed::File { path, old: None, .. } if !own(path) => Some(Line { action: "remove", path: path.clone() }),
                _ => None,
            })
            .collect();
        lines.sort_by(|a, b| a.path.cmp(&b.path));
        lines.push(Line { action: "restore", path: ".prodev/".to_owned() });
        lines
    }

    /// The files that were written, and are not what they were then.
    pub(super) fn changed(&self) -> impl Iterator<Item = &str> {
        self.deeds().iter().filter_map(|deed| match deed {
            Deed::File { path, new, .. } => {
                let at = checked(path).ok()?.below(self.root());
                digest_of(&at).map_or(true, |now| now != *new).then_some(path.as_str())
            }
            _ => None,
        })
    }

    /// Copies what the user changed since out of the way. Says where to, and what.
    pub(super) fn set_aside(&self, interrupt: &Interrupt) -> anyhow::Result<Option<(PathBuf, Vec<String>)>> {
        let root = self.root();
        let mut edited = Vec::new();
        for deed in self.deeds() {
            let (path, known) = match deed {
                Deed::File { path, new, old } => (path, [Some(*new), old.as_ref().map(|old| old.digest)]),
                Deed::Removed { path, old } => (path, [Some(old.digest), None]),
                _ => continue,
            };
            let inner = checked(path)?;
            let is_edited = |now: blake3::Hash| !known.contains(&Some(now)) && !self.is_kept(path, now);
            if !is_behind_a_link(root, &inner) && digest_of(&inner.below(root)).is_ok_and(is_edited) {
                edited.push(path.clone());
            }
        }
        if edited.is_empty() {
            return Ok(None);
        }
        let folder = self.keeps(|folder| folder.symlink_metadata().is_err());
        for path in &edited {
            interrupt.check()?;
            fault::point()?;
            copy_aside(root, &folder, path)?;
        }
        Ok(Some((folder, edited)))
    }
}
