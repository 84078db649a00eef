//! Commands that a template brings: shown word for word before anything is done, then run in the project, one after the other, each once.

use std::fmt::Write as _;
use std::io;
use std::os::fd::AsFd as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, kill_process};
use serde::{Deserialize, Serialize};

use super::system::{Handle, children};
use super::{Line, fault, guardian};
use crate::config::value;
use crate::error::{Failure, fail};
use crate::git::shell::LOCAL_VARIABLES;
use crate::ui::style::BOLD;
use crate::ui::{Interrupt, Ui};

/// How long a task may take to end by itself, when the user has stopped it, before it is told to, and then made to.
const GRACE: Duration = Duration::from_secs(3);

/// How often a running task is looked at, beside when it ends.
const GLANCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };

/// How many of the commands that did not run a failure names.
const NAMED: usize = 3;

/// Tasks of one project, in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tasks {
    /// The project's folder; absolute.
    pub(crate) root: PathBuf,
    /// The folder as the user reads it.
    pub(crate) shown: String,
    /// Variables that all of them get, to know what they are run for.
    pub(crate) context: Vec<(String, String)>,
    pub(crate) list: Vec<Task>,
    pub(crate) place: Place,
}

/// Where in a change tasks stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Place {
    /// Nothing else is done yet.
    Ahead,
    /// All else is done.
    Behind,
}

/// One command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Task {
    /// The folder below the project that it runs in; empty for the project's own.
    pub(crate) dir: String,
    pub(crate) run: value::Command,
    /// Its own variables, in order.
    pub(crate) variables: Vec<(String, String)>,
}

impl Task {
    /// The command as somebody would type it in the project's folder: exactly what is run.
    pub(crate) fn command_line(&self) -> String {
        let mut line = String::new();
        if !self.dir.is_empty() {
            let _ = write!(line, "cd {} && ", quoted(&self.dir));
        }
        for (name, value) in &self.variables {
            let _ = write!(line, "{name}={} ", quoted(value));
        }
        match &self.run {
            value::Command::Words(words) => {
                let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
                line.push_str(&words.join(" "));
            }
            // Several lines, or variables in front, are for one shell of their own.
            value::Command::Script(script) if script.trim().contains('\n') || !self.variables.is_empty() => {
                let _ = write!(line, "sh -c {}", quoted(script.trim()));
            }
            value::Command::Script(script) => line.push_str(script.trim()),
        }
        line
    }

    /// A guardian that runs it.
    fn command(&self, tasks: &Tasks) -> anyhow::Result<Command> {
        let mut command = guardian::command()?;
        for name in LOCAL_VARIABLES {
            command.env_remove(name);
        }
        let variables = tasks.context.iter().chain(&self.variables);
        command
            .args(self.words())
            .current_dir(tasks.root.join(&self.dir))
            .envs(variables.map(|(name, value)| (name, value)));
        Ok(command)
    }

    fn words(&self) -> Vec<&str> {
        match &self.run {
            value::Command::Script(script) => vec!["sh", "-c", script],
            value::Command::Words(words) => words.iter().map(String::as_str).collect(),
        }
    }
}

impl Tasks {
    /// One line each.
    pub(super) fn lines(&self) -> Vec<Line> {
        // A command of several lines stays one entry of the plan.
        let line =
            |task: &Task| Line { action: "run", path: laid_open(&task.command_line()).replace('\n', "\n          ") };
        self.list.iter().map(line).collect()
    }

    /// # Errors
    /// Where one of them fails, or the user stops it: those after it are not run, and it is said which these are.
    pub(super) fn apply(self, ui: &Ui) -> anyhow::Result<()> {
        let interrupt = Interrupt::hold()?;
        for (at, task) in self.list.iter().enumerate() {
            fault::moment();
            let stopped = |error: io::Error| {
                ui.warn(&self.stopped(at));
                error
            };
            interrupt.check().map_err(stopped)?;
            ui.note(&format!("{BOLD}run{BOLD:#} {}", laid_open(&task.command_line())));
            let ended = self.run(task, ui, &interrupt)?;
            interrupt.check().map_err(stopped)?;
            if let Some(why) = ended {
                return Err(self.failure(at, &why).into());
            }
        }
        Ok(())
    }

    /// Runs one; why it failed, if it did.
    fn run(&self, task: &Task, ui: &Ui, interrupt: &Interrupt) -> anyhow::Result<Option<String>> {
        // stdout is prodev's own answer.
        let stderr = io::stderr().as_fd().try_clone_to_owned().context("could not hand on stderr")?;
        let stdin = if ui.is_interactive() { Stdio::inherit() } else { Stdio::null() };
        let dir = self.root.join(&task.dir);
        if !dir.is_dir() {
            return Ok(Some(format!("there is no folder `{}`", task.dir)));
        }
        let program = task.words().first().copied().unwrap_or_default();
        if !is_there(program, &dir) {
            return Ok(Some(format!("there is no program `{program}`")));
        }
        let mut child = task.command(self)?.stdin(stdin).stdout(stderr).spawn().context("could not start a task")?;
        let status = wait(&mut child, interrupt).context("could not wait for a task")?;
        Ok((!status.success()).then(|| ended(status)))
    }

    fn failure(&self, at: usize, why: &str) -> Failure {
        let failure = fail(format!("the task `{}` failed", self.list[at].command_line())).cause(why);
        failure.hint(self.stopped(at))
    }

    /// What is said where the task `at` came to no good end.
    fn stopped(&self, at: usize) -> String {
        match self.place {
            Place::Ahead => {
                "what it did stays, and nothing else is done yet; mend it, and run the command again".to_owned()
            }
            Place::Behind => format!("`{}` is written, and stays; {}", self.shown, self.left(at)),
        }
    }

    /// What is still to do from the task `at` on.
    fn left(&self, at: usize) -> String {
        let left = &self.list[at..];
        let named: Vec<String> = left.iter().take(NAMED).map(|task| format!("`{}`", task.command_line())).collect();
        let more = if left.len() > NAMED { format!(", and {} more", left.len() - NAMED) } else { String::new() };
        format!("what is left to run there: {}{more}", named.join(", then "))
    }
}

/// Whether there is such a program: asked here, since whoever starts it is not heard by anybody.
#[allow(clippy::disallowed_methods, reason = "`PATH` is what finds a program")]
fn is_there(program: &str, dir: &Path) -> bool {
    if program.contains('/') {
        return dir.join(program).exists();
    }
    // Without a `PATH` the system has one of its own.
    let Some(path) = std::env::var_os("PATH") else { return true };
    std::env::split_paths(&path).any(|folder| dir.join(folder).join(program).exists())
}

fn ended(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt as _;
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("it ended with exit code {code}"),
        (None, Some(signal)) => format!("signal {signal} ended it"),
        (None, None) => status.to_string(),
    }
}

/// Waits until a task has ended. The terminal's keys reach it by themselves; what was sent to prodev alone is passed on after a moment.
fn wait(child: &mut Child, interrupt: &Interrupt) -> io::Result<ExitStatus> {
    let id = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let handle = id.and_then(|id| Handle::of(id).ok());
    let mut signals = [Signal::KILL, Signal::TERM].to_vec();
    let mut since: Option<Instant> = None;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        let mut waited: Vec<PollFd> = handle.iter().map(|handle| PollFd::new(handle, PollFlags::IN)).collect();
        // A signal ends the waiting early, which is what it is for.
        let _ = poll(&mut waited, Some(&GLANCE));
        if interrupt.check().is_err() {
            let since = since.get_or_insert_with(Instant::now);
            if since.elapsed() > GRACE
                && let Some(signal) = signals.pop()
            {
                id.into_iter().flat_map(family).for_each(|process| {
                    let _ = kill_process(process, signal);
                });
                *since = Instant::now();
            }
        }
    }
}

/// A process and all that came of it, as far as the system tells.
fn family(root: Pid) -> Vec<Pid> {
    let mut all = vec![root];
    let mut at = 0;
    while let Some(process) = all.get(at).copied() {
        at += 1;
        all.extend(children(process));
    }
    all
}

/// Control characters, and those that turn the direction of text round or take no room.
pub(crate) fn is_hidden(c: char) -> bool {
    (c.is_control() && !matches!(c, '\n' | '\t'))
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{ad}')
}

/// A command of whatever origin, with all that would hide in it.
pub(crate) fn laid_open(command: &str) -> String {
    let open = |c: char| if is_hidden(c) { c.escape_unicode().to_string() } else { c.to_string() };
    command.chars().map(open).collect()
}

/// A word as a shell reads it back.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=@,+%".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_it_would_be_typed() {
        let words = |words: &[&str]| value::Command::Words(words.iter().map(|word| (*word).to_owned()).collect());
        let script = |text: &str| value::Command::Script(text.to_owned());
        let variables = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        for (dir, run, given, expected) in [
            ("", words(&["uv", "sync"]), &[][..], "uv sync"),
            ("", words(&["echo", "it's $HOME", ""]), &[], r"echo 'it'\''s $HOME' ''"),
            ("back end", words(&["make"]), &[], "cd 'back end' && make"),
            ("", script("make && make test\n"), &[], "make && make test"),
            ("a", script("make"), &[("NAME", "My Shop")], "cd a && NAME='My Shop' sh -c make"),
            ("", script("a\nb"), &[], "sh -c 'a\nb'"),
        ] {
            let task = Task { dir: dir.to_owned(), run, variables: variables(given) };
            assert_eq!(task.command_line(), expected);
        }
    }
}
