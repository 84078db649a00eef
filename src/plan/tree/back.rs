//! A change taken back, last deed first. What somebody else changed meanwhile is left as it is, unless it was copied before.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::clear;
use super::into::{beside, digest_of, remove_empty, remove_file, restore};
use super::journal::{Deed, Journal, checked, is_behind_a_link};
use super::undo::copy_aside;
use crate::error::{Failure, Problem, fail};
use crate::git::shell;
use crate::plan::{Line, fault};
use crate::ui::Interrupt;

impl Journal {
    /// Takes all back, last deed first, and names what somebody else changed meanwhile and so is left alone.
    ///
    /// # Errors
    /// What could not be taken back, all at once. The rest is, and the journal stays.
    pub(super) fn roll_back(self, root: &Path) -> Result<Vec<String>, Failure> {
        let mut left = Vec::new();
        let mut problems = Vec::new();
        for deed in self.deeds().iter().rev() {
            if self.is_backwards() {
                fault::moment();
            }
            match self.take_back(root, deed) {
                Ok(path) => left.extend(path),
                Err(error) => problems.push(Problem::new(format!("{error:#}"))),
            }
        }
        if problems.is_empty() {
            match self.forget() {
                Ok(()) => return Ok(left),
                Err(error) => problems.push(Problem::new(format!("the journal cannot be removed: {error}"))),
            }
        }
        let summary = format!("a change to `{}` could not be taken back", root.display());
        let hint = format!(
            "set right what is in the way, and run any prodev command there: the journal `{}` knows the rest",
            self.home.display()
        );
        Err(Failure { problems, ..fail(summary) }.hint(hint))
    }

    fn take_back(&self, root: &Path, deed: &Deed) -> anyhow::Result<Option<String>> {
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
            return Ok(is_file.then(|| path.clone()));
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
                    remove_file(&at).with_context(|| format!("could not remove `{path}`"))?;
                }
                if !clear::put_back(root, &inner, old, &self.copy(old)?)? {
                    return Ok(Some(path.clone()));
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
                        restore(&at, saved, &self.copy(saved)?)
                            .with_context(|| format!("could not restore `{path}` from its copy"))?;
                    }
                    None if now.is_some() => return Ok(Some(path.clone())),
                    Some(saved) if now != Some(saved.digest) => return Ok(Some(path.clone())),
                    _ => {}
                }
            }
        }
        Ok(None)
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
            if !is_behind_a_link(root, &inner)
                && digest_of(&inner.below(root)).is_ok_and(|now| !known.contains(&Some(now)))
            {
                edited.push(path.clone());
            }
        }
        if edited.is_empty() {
            return Ok(None);
        }
        let mut number = 1;
        let folder = loop {
            let folder = self.home.with_file_name(format!("kept-{number}"));
            if folder.symlink_metadata().is_err() {
                break folder;
            }
            number += 1;
        };
        for path in &edited {
            interrupt.check()?;
            fault::point()?;
            copy_aside(root, &folder, path)?;
        }
        Ok(Some((folder, edited)))
    }
}
