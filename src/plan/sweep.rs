//! Files of prodev's own that go: parts of a cache, each of which can be made again.
#![allow(clippy::disallowed_methods, reason = "the one place where files of a cache are removed")]

use std::io::ErrorKind;
use std::path::PathBuf;

use anyhow::Context as _;

use super::{Line, fault};
use crate::ui::Interrupt;

/// Files that are removed in this order. One that is gone already is as good as removed.
#[derive(Debug)]
pub(crate) struct Sweep {
    /// Absolute.
    pub(crate) files: Vec<PathBuf>,
    /// What they are, in words.
    pub(crate) lines: Vec<Line>,
}

impl Sweep {
    /// # Errors
    /// Where one cannot be removed, or a signal came: those before it are gone.
    pub(super) fn apply(self) -> anyhow::Result<()> {
        let interrupt = Interrupt::hold()?;
        for file in &self.files {
            let cannot = || format!("could not remove `{}`", file.display());
            interrupt.check().with_context(cannot)?;
            fault::moment();
            match std::fs::remove_file(file) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error).with_context(cannot),
                _ => {}
            }
        }
        Ok(())
    }
}
