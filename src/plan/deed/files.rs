//! Files that a deed writes and commits.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use crate::plan::fault;

/// A tracked file, and what it will hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct NewText {
    /// From the top of the worktree.
    pub(crate) path: String,
    pub(crate) text: String,
}

impl NewText {
    /// Writes it whole or not at all, with the mode that it has.
    pub(super) fn write(&self, top: &Path) -> anyhow::Result<()> {
        let cannot = || format!("could not write `{}`", self.path);
        let path: PathBuf = top.join(&self.path);
        // A link is followed: what it leads to is what Git's users edit.
        let path = path.canonicalize().unwrap_or(path);
        let folder = path.parent().with_context(cannot)?;
        fault::point().with_context(cannot)?;
        let mut file = tempfile::Builder::new().prefix(".prodev-").tempfile_in(folder).with_context(cannot)?;
        std::io::Write::write_all(&mut file, self.text.as_bytes()).with_context(cannot)?;
        let mode = match path.metadata() {
            Ok(meta) => meta.permissions(),
            Err(_) => std::os::unix::fs::PermissionsExt::from_mode(0o644),
        };
        file.as_file().set_permissions(mode).with_context(cannot)?;
        file.as_file().sync_all().with_context(cannot)?;
        file.persist(&path).map_err(|error| error.error).with_context(cannot)?;
        Ok(())
    }
}
