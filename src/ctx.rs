//! Where a command stands: the directory, the user's own directories, and a voice for questions.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::config::project::Project;
use crate::config::user::{self, User};
use crate::error::{Failure, fail};
use crate::plan::tree;
use crate::ui::Ui;

/// Everything around a command that is not on its command line.
#[derive(Debug)]
pub(crate) struct Ctx {
    /// The directory that paths are relative to; absolute.
    pub(crate) dir: PathBuf,
    /// `--config` or `PRODEV_CONFIG`.
    pub(crate) config_file: Option<PathBuf>,
    pub(crate) ui: Ui,
    /// What this command may do about a run that was killed.
    pub(crate) recovery: Recovery,
    /// What is configured, once somebody has asked.
    config: OnceCell<Project>,
    /// The same of the user's own.
    user: OnceCell<User>,
}

/// What a command does about a change that a killed run left half done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Recovery {
    /// Takes it back; where that does not work there is no going on.
    TakeBack,
    /// Takes it back where that works, and answers in any case.
    Try,
    /// Says that it is there, since nothing may be changed.
    Refuse,
}

impl Ctx {
    /// Stands in `dir` (`-C`), or in the current directory.
    pub(crate) fn new(dir: Option<&Path>, config_file: Option<PathBuf>, ui: Ui) -> anyhow::Result<Self> {
        let current = current_dir()?;
        let dir = match dir {
            Some(dir) => std::fs::canonicalize(dir)
                .ok()
                .filter(|path| path.is_dir())
                .ok_or_else(|| fail(format!("`{}` is no directory", dir.display())).exit(crate::error::Exit::Usage))?,
            None => current,
        };
        Ok(Self { dir, config_file, ui, recovery: Recovery::TakeBack, config: OnceCell::new(), user: OnceCell::new() })
    }

    /// `path` as seen from where the command stands.
    pub(crate) fn resolve(&self, path: &Path) -> PathBuf {
        self.dir.join(path)
    }

    /// `path` as `-C` takes it where the user is.
    pub(crate) fn from_here(path: &Path) -> PathBuf {
        let inner = current_dir().ok().and_then(|current| path.strip_prefix(current).ok().map(Path::to_owned));
        inner.filter(|inner| !inner.as_os_str().is_empty()).unwrap_or_else(|| path.to_owned())
    }

    /// Comes to a folder that the command is about: a run that was killed there is taken back before anything is looked at.
    ///
    /// # Errors
    /// Where that cannot be done, or may not.
    pub(crate) fn enter(&self, place: &Path) -> anyhow::Result<()> {
        if self.recovery == Recovery::Refuse {
            if tree::is_pending(place) {
                return Err(fail("a change that was interrupted is to be taken back here first")
                    .hint("run the command without `--dry-run`, or any other prodev command")
                    .into());
            }
            return Ok(());
        }
        match tree::recover(place) {
            Ok(said) => said.iter().for_each(|said| self.ui.warn(said)),
            Err(error) if self.recovery == Recovery::Try => self.ui.warn(&in_one_line(&error)),
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// What is configured here; read when it is first asked for.
    ///
    /// # Errors
    /// Where a file cannot be read or has problems (exit 2), or belongs to somebody else (exit 4).
    pub(crate) fn config(&self) -> Result<&Project, Failure> {
        self.config_for(&[])
    }

    /// The same, with the nested files that `names` of recipes speak of. Who asks for names asks first.
    ///
    /// # Errors
    /// As [`Ctx::config`].
    pub(crate) fn config_for(&self, names: &[&str]) -> Result<&Project, Failure> {
        if let Some(config) = self.config.get() {
            return Ok(config);
        }
        let file = self.config_file.as_deref().map(|file| self.resolve(file));
        let config = Project::load_for(&self.dir, file.as_deref(), names)?;
        Ok(self.config.get_or_init(|| config))
    }

    /// The directory of the project, without a look into any file.
    pub(crate) fn project_dir(&self) -> PathBuf {
        let file = self.config_file.as_deref().map(|file| self.resolve(file));
        Project::home(&self.dir, file.as_deref())
    }

    /// What the user has configured for all projects; read when it is first asked for.
    ///
    /// # Errors
    /// Exit 2 with everything that is wrong in the file.
    pub(crate) fn user(&self) -> Result<&User, Failure> {
        if let Some(user) = self.user.get() {
            return Ok(user);
        }
        let user = Self::user_config().map(|path| user::read(&path)).transpose()?.unwrap_or_default();
        Ok(self.user.get_or_init(|| user))
    }

    /// The user's configuration file, whether it is there or not; `None` where no home can be told.
    pub(crate) fn user_config() -> Option<PathBuf> {
        let base = variable("XDG_CONFIG_HOME")
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
            .or_else(|| variable("HOME").map(|home| PathBuf::from(home).join(".config")))?;
        Some(base.join("prodev/config.toml"))
    }

    /// Where is kept what prodev remembers from one run to the next; `None` where no home can be told.
    pub(crate) fn memories() -> Option<PathBuf> {
        let base = variable("XDG_STATE_HOME")
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
            .or_else(|| variable("HOME").map(|home| PathBuf::from(home).join(".local/state")))?;
        Some(base.join("prodev"))
    }

    /// Where fetched templates are kept; `None` where no home can be told.
    pub(crate) fn template_cache() -> Option<PathBuf> {
        let base = variable("XDG_CACHE_HOME")
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
            .or_else(|| variable("HOME").map(|home| PathBuf::from(home).join(".cache")))?;
        Some(base.join("prodev/templates"))
    }
}

/// A failure that does not end the command: what it says, and of what.
fn in_one_line(error: &anyhow::Error) -> String {
    let mut parts = vec![format!("{error:#}")];
    if let Some(failure) = error.downcast_ref::<Failure>() {
        parts.extend(failure.problems.iter().map(|problem| problem.message.clone()));
        parts.extend(failure.cause.clone());
    }
    parts.join("; ")
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

/// The whole environment.
pub(crate) fn environment() -> impl Iterator<Item = (std::ffi::OsString, std::ffi::OsString)> {
    std::env::vars_os()
}
