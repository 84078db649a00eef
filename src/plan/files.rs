//! Single files: shown and written; a file appears whole or not at all, and never over another. And folders of prodev's own that are removed.

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use anyhow::Context as _;

use super::{Line, fault};
use crate::error::fail;
use crate::ui::Interrupt;

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
    pub(super) fn apply(self) -> anyhow::Result<()> {
        let interrupt = Interrupt::hold()?;
        let folder = self.path.parent().with_context(|| format!("`{}` has no folder", self.shown))?;
        let cannot = || format!("could not write `{}`", self.shown);
        // The process's umask takes away from 0666 what the user wants taken away.
        let mode = std::fs::Permissions::from_mode(0o666);
        let mut file =
            tempfile::Builder::new().prefix(".prodev-").permissions(mode).tempfile_in(folder).with_context(cannot)?;
        fault::point().with_context(cannot)?;
        file.write_all(&self.bytes).with_context(cannot)?;
        file.as_file().sync_all().with_context(cannot)?;
        interrupt.check()?;
        match file.persist_noclobber(&self.path) {
            Ok(_) => Ok(()),
            Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => {
                Err(fail(format!("`{}` appeared while prodev was working", self.shown))
                    .hint("look at it, and run the command again")
                    .into())
            }
            Err(error) => Err(error.error).with_context(cannot),
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
