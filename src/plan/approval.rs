//! What the user has agreed to, written down so that they are not asked again: one small file for each, in their own state folder.

use std::io::Write as _;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::PathBuf;

use anyhow::Context as _;

use super::fault;

/// An agreement.
#[derive(Debug)]
pub(crate) struct Approval {
    /// Absolute; its name says to what.
    pub(crate) path: PathBuf,
    /// The same for people.
    pub(crate) text: String,
}

impl Approval {
    /// # Errors
    /// Where it cannot be written. That it is there already is fine.
    pub(super) fn apply(self) -> anyhow::Result<()> {
        let cannot = || format!("could not write `{}`", self.path.display());
        let folder = self.path.parent().with_context(cannot)?;
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).with_context(cannot)?;
        let mut file = tempfile::Builder::new().prefix(".prodev-").tempfile_in(folder).with_context(cannot)?;
        fault::point().with_context(cannot)?;
        file.write_all(self.text.as_bytes()).with_context(cannot)?;
        file.as_file().sync_all().with_context(cannot)?;
        file.persist(&self.path).map_err(|error| error.error).with_context(cannot)?;
        Ok(())
    }
}
