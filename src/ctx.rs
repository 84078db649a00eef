//! Where a command stands: the directory, the user's own directories, and a voice for questions.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::config::project::Project;
use crate::error::Failure;
use crate::ui::Ui;

/// Everything around a command that is not on its command line.
#[derive(Debug)]
pub(crate) struct Ctx {
    /// The directory that paths are relative to; absolute.
    pub(crate) dir: PathBuf,
    /// `--config` or `PRODEV_CONFIG`.
    pub(crate) config_file: Option<PathBuf>,
    pub(crate) ui: Ui,
    /// What is configured, once somebody has asked.
    config: OnceCell<Project>,
}

impl Ctx {
    /// Stands in `dir` (`-C`), or in the current directory.
    pub(crate) fn new(dir: Option<&Path>, config_file: Option<PathBuf>, ui: Ui) -> anyhow::Result<Self> {
        let current = current_dir()?;
        let dir = match dir {
            Some(dir) => std::fs::canonicalize(dir).ok().filter(|path| path.is_dir()).ok_or_else(|| {
                crate::error::fail(format!("`{}` is no directory", dir.display())).exit(crate::error::Exit::Usage)
            })?,
            None => current,
        };
        Ok(Self { dir, config_file, ui, config: OnceCell::new() })
    }

    /// `path` as seen from where the command stands.
    pub(crate) fn resolve(&self, path: &Path) -> PathBuf {
        self.dir.join(path)
    }

    /// What is configured here; read when it is first asked for.
    ///
    /// # Errors
    /// Where a file cannot be read or has problems (exit 2), or belongs to somebody else (exit 4).
    pub(crate) fn config(&self) -> Result<&Project, Failure> {
        if let Some(config) = self.config.get() {
            return Ok(config);
        }
        let file = self.config_file.as_deref().map(|file| self.resolve(file));
        let config = Project::load(&self.dir, file.as_deref())?;
        Ok(self.config.get_or_init(|| config))
    }

    /// The user's configuration file, whether it is there or not; `None` where no home can be told.
    pub(crate) fn user_config() -> Option<PathBuf> {
        let base = variable("XDG_CONFIG_HOME")
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
            .or_else(|| variable("HOME").map(|home| PathBuf::from(home).join(".config")))?;
        Some(base.join("prodev/config.toml"))
    }
}

#[allow(clippy::disallowed_methods, reason = "the one place where the working directory is read")]
fn current_dir() -> anyhow::Result<PathBuf> {
    std::env::current_dir().context("could not tell the current directory")
}

/// An environment variable that is set to something.
#[allow(clippy::disallowed_methods, reason = "the one place where the environment is read")]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
