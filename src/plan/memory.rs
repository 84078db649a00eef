//! What is remembered for the next time, in the user's own state folder: what they agreed to, and what ran already. One small file for each.

use std::io::{self, Write as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::fault;

/// Something to remember, or to remember no more.
#[derive(Debug)]
pub(crate) enum Memory {
    /// The file's path, absolute, which says what it is of; and its text, for people.
    Keep { path: PathBuf, text: String },
    /// The same of what can be done without: it never fails, and is not flushed to disk.
    Note { path: PathBuf, text: String },
    /// A folder of such files that goes.
    Forget { folder: PathBuf },
}

impl Memory {
    /// # Errors
    /// Where it cannot be written or removed. That it is so already is fine.
    pub(super) fn apply(self) -> anyhow::Result<()> {
        match self {
            Self::Keep { path, text } => {
                let cannot = || format!("could not write `{}`", path.display());
                let folder = path.parent().with_context(cannot)?;
                std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).with_context(cannot)?;
                let mut file = tempfile::Builder::new().prefix(".prodev-").tempfile_in(folder).with_context(cannot)?;
                fault::point().with_context(cannot)?;
                file.write_all(text.as_bytes()).with_context(cannot)?;
                file.as_file().sync_all().with_context(cannot)?;
                file.persist(&path).map_err(|error| error.error).with_context(cannot)?;
                Ok(())
            }
            Self::Note { path, text } => {
                // Where it cannot be written there is nothing to compare with the next time.
                let _ = note(&path, &text);
                Ok(())
            }
            Self::Forget { folder } => forget(&folder),
        }
    }
}

fn note(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().ok_or(io::ErrorKind::NotFound)?;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let mut file = tempfile::Builder::new().prefix(".prodev-").tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.persist(path).map(drop).map_err(|error| error.error)
}

#[allow(clippy::disallowed_methods, reason = "this is where a plan changes files")]
fn forget(folder: &Path) -> anyhow::Result<()> {
    fault::moment();
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("could not remove `{}`", folder.display()))
        }
        _ => Ok(()),
    }
}
