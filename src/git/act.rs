//! The `git` program where it changes something: with hooks, signing, credentials and filters as the user has them.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::process::Stdio;

use anyhow::Context as _;

use super::id::Id;
use super::shell::{self, LOCAL_VARIABLES};
use crate::error::{Failure, fail};

/// Whether the user's hooks run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hooks {
    Run,
    /// What is put back as it was is nothing that a hook has to judge.
    Skip,
}

/// How a `git` is run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Actor<'a> {
    /// The worktree that it works in.
    pub(crate) dir: &'a Path,
    pub(crate) hooks: Hooks,
    /// A locked file that it holds open: the lock lasts as long as it lives, also where prodev is killed before it.
    pub(crate) lock: Option<&'a File>,
    /// Where it writes down what it did, event by event.
    pub(crate) trace: Option<&'a Path>,
}

/// What became of it.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: Vec<u8>,
    /// All that it and its hooks said, first on stderr, then on stdout.
    pub(crate) words: String,
}

impl<'a> Actor<'a> {
    pub(crate) fn new(dir: &'a Path) -> Self {
        Self { dir, hooks: Hooks::Run, lock: None, trace: None }
    }

    /// The same, for what hooks do not have to judge.
    pub(crate) fn without_hooks(self) -> Self {
        Self { hooks: Hooks::Skip, ..self }
    }

    /// Runs it, whatever comes of it.
    ///
    /// # Errors
    /// Where there is no `git`.
    pub(crate) fn run(self, arguments: &[&str], input: &[u8]) -> anyhow::Result<Said> {
        let mut command = shell::command();
        for name in LOCAL_VARIABLES {
            command.env_remove(name);
        }
        command
            // Names are names, and nobody sits at an editor. Words are English, since some are looked at.
            .envs([("GIT_LITERAL_PATHSPECS", "1"), ("GIT_EDITOR", ":"), ("LANGUAGE", "en")])
            .current_dir(self.dir)
            // What Git cleans up on the way would outlive the command, and hold its lock.
            .args(["-c", "gc.auto=0", "-c", "maintenance.auto=false"]);
        if let Some(trace) = self.trace {
            command.env("GIT_TRACE2_EVENT", trace);
        }
        if self.hooks == Hooks::Skip {
            command.args(["-c", "core.hooksPath=/dev/null"]);
        }
        // Connections are kept open by helpers that live on: they must not hold the lock.
        let is_local = !matches!(arguments.first(), Some(&"fetch" | &"push" | &"ls-remote"));
        if let Some(lock) = self.lock.filter(|_| is_local) {
            rustix::io::fcntl_setfd(lock, rustix::io::FdFlags::empty()).context("could not hand on the lock")?;
        }
        let spawned = shell::spawned(command.args(arguments), input);
        if let Some(lock) = self.lock {
            rustix::io::fcntl_setfd(lock, rustix::io::FdFlags::CLOEXEC).context("could not keep the lock")?;
        }
        let output = shell::fed(spawned?, input)?;
        let mut words = String::from_utf8_lossy(&output.stderr).into_owned();
        words.push_str(&String::from_utf8_lossy(&output.stdout));
        Ok(Said { code: output.status.code(), stdout: output.stdout, words })
    }

    /// Where refs are at a remote, by their full names; where it cannot be reached, the last that was said.
    ///
    /// # Errors
    /// Where there is no `git`.
    pub(crate) fn at_remote(
        self,
        remote: &str,
        names: &[String],
    ) -> anyhow::Result<Result<BTreeMap<String, Id>, String>> {
        // Without a name Git would tell of all.
        if names.is_empty() {
            return Ok(Ok(BTreeMap::new()));
        }
        let mut arguments = vec!["ls-remote", "--", remote];
        arguments.extend(names.iter().map(String::as_str));
        let said = self.run(&arguments, b"")?;
        let text = String::from_utf8_lossy(&said.stdout);
        let place = |line: &str| {
            let (id, name) = line.split_once('\t')?;
            Some((name.to_owned(), Id::parse(id.as_bytes())?))
        };
        Ok(if said.is_success() { Ok(text.lines().filter_map(place).collect()) } else { Err(said.last(1)) })
    }

    /// Runs another program as hooks are run: with the same directory and words.
    ///
    /// # Errors
    /// Where it cannot be started.
    #[allow(clippy::disallowed_methods, reason = "hooks of git-flow are started where those of Git are")]
    pub(crate) fn script(self, program: &Path, arguments: &[String]) -> anyhow::Result<Said> {
        let mut command = std::process::Command::new(program);
        for name in LOCAL_VARIABLES {
            command.env_remove(name);
        }
        let output = command.args(arguments).current_dir(self.dir).stdin(Stdio::null()).output();
        let output = output.with_context(|| format!("could not run `{}`", program.display()))?;
        let mut words = String::from_utf8_lossy(&output.stderr).into_owned();
        words.push_str(&String::from_utf8_lossy(&output.stdout));
        Ok(Said { code: output.status.code(), stdout: output.stdout, words })
    }

    /// Runs it; it must succeed.
    ///
    /// # Errors
    /// With the last of what it said.
    pub(crate) fn must(self, arguments: &[&str], input: &[u8]) -> anyhow::Result<Said> {
        let said = self.run(arguments, input)?;
        if said.is_success() { Ok(said) } else { Err(said.failure(arguments).into()) }
    }
}

/// What Git says after it has named a lock, or a hook has refused, line by line: it would push out the line that matters.
const ADVICE: [&str; 6] = [
    "Not committing merge; use 'git commit' to complete the merge.",
    "Another git process seems to be running in this repository",
    "an editor opened by 'git commit'. Please make sure all processes",
    "are terminated then try again. If it still fails, a git process",
    "may have crashed in this repository earlier:",
    "remove the file manually to continue.",
];

impl Said {
    pub(crate) fn is_success(&self) -> bool {
        self.code == Some(0)
    }

    /// The last lines of what it said, without the advice that Git gives about every lock and hook.
    pub(crate) fn last(&self, lines: usize) -> String {
        let says_something = |line: &&str| !line.is_empty() && !ADVICE.iter().any(|advice| line.starts_with(advice));
        let all: Vec<&str> = self.words.lines().map(str::trim_end).filter(says_something).collect();
        all[all.len().saturating_sub(lines)..].join("\n")
    }

    pub(crate) fn failure(&self, arguments: &[&str]) -> Failure {
        fail(format!("`git {}` failed", arguments.first().copied().unwrap_or_default())).cause(self.last(4))
    }
}
