//! How others call prodev when a recipe's time has come.

use std::path::PathBuf;

use anyhow::Context as _;

use super::job::Job;
use crate::ctx::{self, Ctx};
use crate::error::fail;

/// The binary, and what it needs to find the project and its tools again.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    program: String,
    /// The project's directory.
    pub(super) root: String,
    config: Option<String>,
    /// The `PATH` of whoever set it up: a scheduler's own finds few tools.
    pub(super) path: String,
}

impl Caller {
    /// # Errors
    /// Where a path has something in it that no table of schedules can hold.
    pub(super) fn new(ctx: &Ctx) -> anyhow::Result<Self> {
        let program = std::env::current_exe().context("could not tell where prodev itself is")?;
        let text = |path: PathBuf, what: &str| {
            let text = path.into_os_string().into_string().ok().filter(|text| !text.contains(['\n', '\r', '\0']));
            text.ok_or_else(|| fail(format!("the path of {what} cannot be written into a table of schedules")))
        };
        Ok(Self {
            program: text(program, "prodev")?,
            root: text(ctx.config()?.dir.clone(), "the project")?,
            config: ctx.config_file.as_deref().map(|file| text(ctx.resolve(file), "the configuration")).transpose()?,
            path: ctx::variable("PATH").filter(|path| !path.contains(['\n', '\r'])).unwrap_or_default(),
        })
    }

    /// `prodev … run RECIPE` with the arguments of the schedule, word by word.
    pub(super) fn run<'a>(&'a self, job: &'a Job) -> Vec<&'a str> {
        let mut words = self.start();
        words.extend(["run", &job.recipe]);
        words.extend(job.arguments.iter().map(String::as_str));
        words
    }

    fn start(&self) -> Vec<&str> {
        let mut words = vec![self.program.as_str(), "-C", &self.root];
        words.extend(self.config.as_deref().into_iter().flat_map(|file| ["--config", file]));
        words
    }

    /// `prodev … schedule fire RECIPE`, word by word.
    pub(super) fn words<'a>(&'a self, job: &'a Job, options: &[&'a str]) -> Vec<&'a str> {
        let mut words = self.start();
        words.extend(["schedule", "fire"]);
        words.extend(options);
        words.push(&job.recipe);
        words
    }
}
