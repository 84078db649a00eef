//! Single files: shown and written; a file appears whole or not at all, and never over another. And folders of prodev's own that are removed.

use std::path::PathBuf;

use anyhow::Context as _;

use super::original::{Original, Protected};
use super::{Line, Privacy, Replacement, fault};
use crate::error::fail;
use crate::ui::Ui;

/// A file that is not there yet.
#[derive(Debug)]
pub(crate) struct NewFile {
    /// Absolute; its folder exists.
    pub(crate) path: PathBuf,
    /// The path as the user reads it.
    pub(crate) shown: String,
    pub(crate) bytes: Vec<u8>,
}

impl NewFile {
    pub(super) fn line(&self) -> Line {
        Line { action: "create", path: self.shown.clone() }
    }

    /// # Errors
    /// Where the file appeared in the meantime, or cannot be written, or a signal came: then nothing is left behind.
    pub(super) fn apply(self, ui: &Ui) -> anyhow::Result<()> {
        // With the folder's lock, so that the drafts of killed runs can be told from those of living ones, and go.
        let [original] = <[Original; 1]>::try_from(Original::take_all(&[(self.path.clone(), self.shown.clone())])?)
            .map_err(|_| anyhow::anyhow!("one file was asked for"))?;
        // Not through a link either, whether it leads to something or not.
        let replacement = match self.path.symlink_metadata() {
            Err(_) => Replacement::new(&original, self.bytes, Privacy::Ordinary, Protected::Respect)?,
            Ok(_) => None,
        };
        match replacement {
            Some(replacement) => replacement.apply(ui),
            None => Err(fail(format!("`{}` appeared while prodev was working", self.shown))
                .hint("look at it, and run the command again")
                .into()),
        }
    }
}

/// A folder of prodev's own, outside of any project, that is not needed any more.
#[derive(Debug)]
pub(crate) struct OldFolder {
    /// Absolute.
    pub(crate) path: PathBuf,
    /// The path as the user reads it.
    pub(crate) shown: String,
}

impl OldFolder {
    pub(super) fn line(&self) -> Line {
        Line { action: "remove", path: self.shown.clone() }
    }

    /// Takes it out of its place first, so that nobody finds half of it there.
    ///
    /// # Errors
    /// Where it cannot be removed. That it is gone already is fine.
    #[allow(clippy::disallowed_methods, reason = "this is where a plan changes files")]
    pub(super) fn apply(self) -> anyhow::Result<()> {
        let cannot = || format!("could not remove `{}`", self.shown);
        fault::point().with_context(cannot)?;
        let mut aside = self.path.clone().into_os_string();
        aside.push(".old");
        let removed = match std::fs::remove_dir_all(&aside) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
            _ => std::fs::rename(&self.path, &aside).and_then(|()| {
                fault::moment();
                std::fs::remove_dir_all(&aside)
            }),
        };
        match removed {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            removed => removed.with_context(cannot),
        }
    }
}
