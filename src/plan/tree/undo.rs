//! A change that waits for its conflicts to be resolved: its journal is kept beside the one of running changes, and tells how all was before.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::journal::{self, Journal};
use crate::error::Failure;
use crate::plan::{Line, fault};
use crate::ui::{Interrupt, Ui};

/// A change that is still open, and what is to become of it.
#[derive(Debug)]
pub(crate) struct Undo {
    journal: Journal,
    /// As whoever opened it wrote.
    pub(crate) note: serde_json::Value,
    pub(crate) way: Way,
}

/// How an open change ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// It stays.
    Forget,
    /// All is as it was before.
    TakeBack,
}

impl Undo {
    /// The change that is open in the folder `start` or around it, up to the folder of the project that `start` is in.
    ///
    /// # Errors
    /// Where it cannot be read, or somebody else is at it.
    pub(crate) fn find(start: &Path, project: &Path) -> anyhow::Result<Option<Self>> {
        let Some((journal, note)) = journal::open_change(start, project)? else { return Ok(None) };
        Ok(Some(Self { journal, note, way: Way::Forget }))
    }

    /// Whether a change is open there.
    pub(crate) fn is_open(start: &Path, project: &Path) -> bool {
        journal::is_open(start, project)
    }

    /// The folders of the projects below `start` in which a change is open.
    pub(crate) fn below(start: &Path) -> Vec<PathBuf> {
        journal::open_below(start)
    }

    /// The folders of projects with an open change around `start` that are not there any more, each with what is kept of that.
    pub(crate) fn nowhere(start: &Path) -> Vec<(PathBuf, PathBuf)> {
        journal::open_nowhere(start)
    }

    /// The folder that was changed.
    pub(crate) fn root(&self) -> PathBuf {
        self.journal.root().to_owned()
    }

    /// The files that were written, and are something else by now.
    pub(crate) fn changed(&self) -> impl Iterator<Item = &str> {
        self.journal.changed()
    }

    /// One line per file that will be another.
    pub(crate) fn lines(&self) -> Vec<Line> {
        match self.way {
            Way::Forget => vec![Line { action: "finish", path: "the update".to_owned() }],
            Way::TakeBack => self.journal.lines_back(),
        }
    }

    /// # Errors
    /// Where something could not be taken back; what was is, and running it again goes on.
    pub(crate) fn apply(self, ui: &Ui) -> anyhow::Result<()> {
        let interrupt = Interrupt::hold()?;
        match self.way {
            Way::Forget => {
                fault::moment();
                self.journal.close()
            }
            Way::TakeBack => {
                let aside = self.journal.set_aside(&interrupt)?;
                // From here on a killed run is finished by the next one.
                let journal = self.journal.resume_backwards()?;
                // Said before anything is taken back: where that fails it is needed most.
                if let Some((folder, paths)) = aside {
                    ui.warn(&format!("what you changed since is kept in `{}`: {}", folder.display(), paths.join(", ")));
                }
                let root = journal.root().to_owned();
                for other in journal.roll_back(&root).map_err(|failure: Failure| anyhow::Error::from(failure))? {
                    ui.warn(&other.to_string());
                }
                Ok(())
            }
        }
    }
}

/// Copies a file of the user, and the folders above it, into `folder`.
pub(super) fn copy_aside(root: &Path, folder: &Path, path: &str) -> anyhow::Result<()> {
    let from = root.join(path);
    let to = folder.join(path);
    let copy = || -> std::io::Result<()> {
        fs::create_dir_all(to.parent().unwrap_or(folder))?;
        if from.symlink_metadata()?.is_symlink() {
            return std::os::unix::fs::symlink(fs::read_link(&from)?, &to);
        }
        fs::copy(&from, &to)?;
        fs::File::open(&to)?.sync_all()
    };
    copy().with_context(|| format!("could not keep your `{path}`"))
}
