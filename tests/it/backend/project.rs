//! A generated project on the bench: where it is, what is in it, and how its commands are run.

use std::ffi::OsStr;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::report::{Fault, Verdict, broken, ensure};
use super::selection::Selection;
use crate::sandbox::{PRODEV, Sandbox};

/// How long a command may take before the check gives up on it, on a busy machine.
const PATIENCE: Duration = Duration::from_mins(15);

/// How many of a failing command's last lines are shown.
const LAST_LINES: usize = 30;

/// A project in a sandbox of its own.
pub(super) struct Project {
    pub(super) sandbox: Sandbox,
    pub(super) selection: Selection,
    /// Where it was generated, in the sandbox's working directory.
    pub(super) dir: PathBuf,
}

/// A check in words, and how it is done.
pub(super) type Check = (&'static str, fn(&Project) -> Verdict);

/// What a command printed.
pub(super) struct Said {
    pub(super) command: String,
    /// None where a signal ended it, or our patience.
    pub(super) code: Option<i32>,
    /// The same in words.
    ended: String,
    pub(super) stdout: String,
    pub(super) stderr: String,
}

impl Project {
    pub(super) fn new(sandbox: Sandbox, selection: Selection) -> Self {
        let dir = sandbox.path(NAME);
        Self { sandbox, selection, dir }
    }

    pub(super) fn has(&self, component: &str) -> bool {
        self.selection.components.iter().any(|it| it == component)
    }

    pub(super) fn path(&self, path: &str) -> PathBuf {
        self.dir.join(path)
    }

    pub(super) fn read(&self, path: &str) -> Result<String, Fault> {
        std::fs::read_to_string(self.path(path)).map_err(|error| Fault::Broken(format!("`{path}`: {error}")))
    }

    /// A program of the project's environment or of the machine, in the project's folder.
    pub(super) fn command(&self, program: impl AsRef<OsStr>, args: &[&str]) -> Command {
        let mut command = self.sandbox.tool(program);
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = [self.path(".venv/bin")].into_iter().chain(std::env::split_paths(&path));
        command.current_dir(&self.dir).args(args).stdin(Stdio::null());
        command.env("PATH", std::env::join_paths(path).unwrap()).env("PYTHONDONTWRITEBYTECODE", "1");
        command
    }

    /// Runs a program of the project's environment to its end, whatever that is.
    pub(super) fn ask(&self, words: &str, variables: &[(&str, &str)]) -> Result<Said, Fault> {
        let words: Vec<&str> = words.split_whitespace().collect();
        let own = self.path(".venv/bin").join(words[0]);
        let program = if own.is_file() { own } else { PathBuf::from(words[0]) };
        let mut command = self.command(program, &words[1..]);
        command.envs(variables.iter().copied());
        finish(command, &words.join(" "))
    }

    /// Runs a program of the project's environment, which must succeed.
    pub(super) fn run(&self, words: &str) -> Result<Said, Fault> {
        self.run_with(words, &[])
    }

    pub(super) fn run_with(&self, words: &str, variables: &[(&str, &str)]) -> Result<Said, Fault> {
        self.ask(words, variables)?.succeeds()
    }

    /// Runs Python code inside the project and returns what it printed.
    pub(super) fn python(&self, code: &str, variables: &[(&str, &str)]) -> Result<String, Fault> {
        let mut command =
            self.command(self.path(".venv/bin/python"), &["manage.py", "shell", "--verbosity", "0", "-c", code]);
        command.envs(variables.iter().copied());
        Ok(finish(command, "manage.py shell")?.succeeds()?.stdout)
    }

    /// Runs prodev in the project's folder. The sandbox's own way would compare the whole environment before and after.
    pub(super) fn prodev(&self, words: &str, code: i32) -> Result<Said, Fault> {
        let mut command = self.sandbox.command(PRODEV);
        command.current_dir(&self.dir).args(words.split_whitespace()).stdin(Stdio::null());
        let said = finish(command, &format!("prodev {words}"))?;
        if said.code == Some(code) { Ok(said) } else { broken(format!("exit {code} was to come: {said}")) }
    }

    pub(super) fn manage(&self, words: &str) -> Result<Said, Fault> {
        self.run(&format!("python manage.py {words}"))
    }
}

/// The folder that every project is generated into: the answers depend on it.
pub(super) const NAME: &str = "shop";

impl Said {
    pub(super) fn succeeds(self) -> Result<Self, Fault> {
        if self.code == Some(0) { Ok(self) } else { broken(self.to_string()) }
    }

    /// It failed, and said nothing but one line, which starts with `error: ` and the variable's name.
    pub(super) fn refuses(&self, variable: &str) -> Verdict {
        let lines: Vec<&str> = self.stderr.lines().collect();
        let named = lines.len() == 1 && lines[0].starts_with(&format!("error: {variable} "));
        ensure(named && self.code.is_some_and(|code| code != 0), || {
            format!("one line that names {variable} was to come:\n{self}")
        })
    }
}

impl std::fmt::Display for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "$ {} ({})\n{}{}", self.command, self.ended, last(&self.stdout), last(&self.stderr))
    }
}

/// The last lines of a text.
pub(super) fn last(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let shown = &lines[lines.len().saturating_sub(LAST_LINES)..];
    shown.join("\n") + if shown.is_empty() { "" } else { "\n" }
}

/// Runs a command to its end. Its output goes through files: whoever it leaves behind cannot keep us waiting.
pub(super) fn finish(mut command: Command, shown: &str) -> Result<Said, Fault> {
    let folder = tempfile::tempdir().unwrap();
    let (stdout, stderr) = (folder.path().join("stdout"), folder.path().join("stderr"));
    command.stdout(File::create(&stdout).unwrap()).stderr(File::create(&stderr).unwrap());
    let mut child = command.spawn().map_err(|error| Fault::Broken(format!("`{shown}`: {error}")))?;
    let start = Instant::now();
    let (code, ended) = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break (status.code(), status.to_string());
        }
        if start.elapsed() > PATIENCE {
            let _ = child.kill();
            let _ = child.wait();
            break (None, format!("given up after {} s", PATIENCE.as_secs()));
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    let read = |path: &Path| String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned();
    Ok(Said { command: shown.to_owned(), code, ended, stdout: read(&stdout), stderr: read(&stderr) })
}
