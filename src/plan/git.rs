//! Single changes that `git` makes: shown as a line, done by one process.

use std::path::{Path, PathBuf};

use super::Line;
use crate::error::fail;
use crate::git::{Actor, Hooks};
use crate::ui::{Interrupt, Ui};

/// One change.
#[derive(Debug)]
pub(crate) struct Git {
    /// The worktree (or the bare repository) that it is made in.
    pub(crate) dir: PathBuf,
    pub(crate) line: Line,
    pub(crate) arguments: Vec<String>,
    pub(crate) hooks: Hooks,
    /// What may be wrong if it fails, to do something about.
    pub(crate) hint: Option<String>,
}

/// An empty commit on a branch that is not there, with which a history begins. What is in the index stays out of it.
#[derive(Debug)]
pub(crate) struct Root {
    pub(crate) dir: PathBuf,
    pub(crate) branch: String,
    pub(crate) message: String,
}

impl Root {
    pub(super) fn line(&self) -> Line {
        Line { action: "create", path: format!("{} with an empty commit", self.branch) }
    }

    pub(super) fn apply(self) -> anyhow::Result<()> {
        let _interrupt = Interrupt::hold()?;
        let git = Actor::new(&self.dir);
        let id = |said: &crate::git::Said| String::from_utf8_lossy(said.stdout.trim_ascii()).into_owned();
        let tree = id(&git.must(&["hash-object", "-t", "tree", "-w", "--stdin"], b"")?);
        let commit = id(&git.must(&["commit-tree", "-F", "-", &tree], self.message.as_bytes())?);
        let name = format!("refs/heads/{}", self.branch);
        // Only where it is still not there.
        git.must(&["update-ref", "-m", "prodev: begin", &name, &commit, ""], b"")?;
        Ok(())
    }
}

/// One program of the user's, which can say no.
#[derive(Debug)]
pub(crate) struct Script {
    pub(crate) dir: PathBuf,
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<String>,
    pub(crate) line: Line,
}

impl Script {
    pub(super) fn apply(self, ui: &Ui) -> anyhow::Result<()> {
        run_script(&self.dir, &self.program, &self.arguments, &self.line.path, ui)
    }
}

/// Runs a script of git-flow's that is called `shown`. What comes after the fact (`post-…`) cannot refuse it, and one that was taken away
/// meanwhile has nothing to say: that is told of, and no failure.
pub(super) fn run_script(dir: &Path, program: &Path, arguments: &[String], shown: &str, ui: &Ui) -> anyhow::Result<()> {
    let said = Actor::new(dir).script(program, arguments);
    if shown.starts_with("post-") {
        match said {
            Ok(said) if said.is_success() => {}
            Ok(said) => {
                ui.warn(format!("`{shown}` failed, when all was done: {}", said.last(5)).trim_end_matches(": "));
            }
            Err(_) if !program.exists() => ui.warn(&format!("`{shown}` is gone, and was left out")),
            Err(error) => ui.warn(&format!("`{shown}` did not run: {error:#}")),
        }
        return Ok(());
    }
    let said = said?;
    if said.is_success() {
        return Ok(());
    }
    let failure = fail(format!("`{shown}` refused it")).cause(said.last(5));
    Err(failure.hint("satisfy it, and run the command again").into())
}

impl Git {
    pub(super) fn apply(self) -> anyhow::Result<()> {
        // A signal reaches `git`, too, which ends as it should.
        let _interrupt = Interrupt::hold()?;
        let arguments: Vec<&str> = self.arguments.iter().map(String::as_str).collect();
        let said = Actor { hooks: self.hooks, ..Actor::new(&self.dir) }.run(&arguments, b"")?;
        if said.is_success() {
            return Ok(());
        }
        let Line { action, path } = &self.line;
        // The line of a push names two things.
        let what = match path.split_once(" to ") {
            Some((what, to)) if *action == "push" => format!("`{what}` to `{to}`"),
            _ => format!("`{path}`"),
        };
        let failure = fail(format!("could not {action} {what}")).cause(said.last(4));
        Err(self.hint.into_iter().fold(failure, crate::error::Failure::hint).into())
    }
}
