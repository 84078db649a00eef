//! A tree that is written somewhere aside, looked at, and thrown away.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::{Entry, Git, Site, Tree};
use crate::ui::{Ui, Volume};

/// A folder that goes with the value.
#[derive(Debug)]
pub(crate) struct Aside {
    /// Only kept.
    _folder: tempfile::TempDir,
    root: PathBuf,
}

impl Aside {
    /// An empty folder of this name, in one of its own.
    ///
    /// # Errors
    /// Where there is no place for it.
    pub(crate) fn new(name: &str) -> anyhow::Result<Self> {
        let folder =
            tempfile::Builder::new().prefix("prodev-").tempdir().context("could not make a temporary folder")?;
        let top = folder.path().canonicalize().context("could not make a temporary folder")?;
        Ok(Self { root: top.join(name), _folder: folder })
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Writes all of it, once.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub(crate) fn fill(&self, entries: Vec<Entry>) -> anyhow::Result<()> {
        let tree = Tree { target: self.root.clone(), site: Site::Fresh, entries, git: Git::Leave, open: None };
        tree.apply(&Ui::new(Volume::Quiet, true, false))
    }
}
