//! Programs that are asked something: started without a shell unless one is wanted, heard to the end.

use std::io::Read as _;
use std::path::Path;
use std::process::{ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::{fault, guardian};
use crate::config::value;
use crate::error::{Failure, fail};

/// How many lines of what a program complained about are told: the first, and as many of the last.
const TOLD: usize = 3;

/// Why a program that was asked has no answer.
#[derive(Debug)]
pub(crate) enum Unasked {
    /// It could not be started.
    Start(Failure),
    /// It failed.
    Failed(Failure),
}

impl From<Unasked> for Failure {
    fn from(unasked: Unasked) -> Self {
        match unasked {
            Unasked::Start(failure) | Unasked::Failed(failure) => failure,
        }
    }
}

/// What a program prints. It reads nothing, and sees the environment and `variables`.
///
/// # Errors
/// Where it cannot be started, or fails: with the first and the last lines of its complaint.
#[allow(clippy::disallowed_methods, reason = "the one place that asks programs")]
pub(crate) fn ask(program: &value::Command, dir: &Path, variables: &[(&str, &str)]) -> Result<Vec<u8>, Unasked> {
    let words: Vec<&str> = match program {
        value::Command::Script(script) => vec!["sh", "-c", script],
        value::Command::Words(words) => words.iter().map(String::as_str).collect(),
    };
    let shown = match program {
        value::Command::Script(script) => script.as_str(),
        value::Command::Words(words) => words.first().map_or("", String::as_str),
    };
    let Some((first, rest)) = words.split_first() else {
        return Err(Unasked::Start(fail("there is no program to ask")));
    };
    let run = Command::new(first)
        .args(rest)
        .current_dir(dir)
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .stdout(Stdio::piped())
        .output();
    let output =
        run.map_err(|error| Unasked::Start(fail(format!("could not run `{shown}`")).cause(error.to_string())))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said = told(&said);
    let cause = if said.is_empty() { output.status.to_string() } else { said };
    Err(Unasked::Failed(fail(format!("`{shown}` failed")).cause(cause)))
}

/// How a complaint begins, where most programs say what is wrong, and how it ends.
fn told(said: &str) -> String {
    let lines: Vec<&str> = said.trim_end().lines().collect();
    if lines.len() <= 2 * TOLD {
        return lines.join("\n");
    }
    [&lines[..TOLD], &["…"], &lines[lines.len() - TOLD..]].concat().join("\n")
}

/// Why there is nothing to hear of a program.
#[derive(Debug)]
pub(crate) enum Unheard {
    Start(String),
    Status(ExitStatus),
    Late,
    /// It had ended, and what it left behind could still print something.
    Held,
    Much,
}

/// What a script for `sh` prints, within `patience` and up to `most` bytes; what it complains about goes where prodev's own complaints go. It reads nothing,
/// and sees the environment and `variables`. One that is given up is ended with all that came of it, and so is one whose prodev is.
pub(crate) fn hear(
    script: &str,
    dir: &Path,
    variables: &[(&str, &str)],
    patience: Duration,
    most: usize,
) -> Result<Vec<u8>, Unheard> {
    let start = |error: String| Unheard::Start(error);
    let mut listener = guardian::listener().map_err(|error| start(format!("{error:#}")))?;
    let mut child = listener
        .args(["sh", "-c", script])
        .current_dir(dir)
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| start(error.to_string()))?;
    let heard = match child.stdout.take() {
        Some(stdout) => listen(stdout, fault::patience(patience), most),
        None => Ok(Vec::new()),
    };
    let status = child.wait().map_err(|error| start(error.to_string()))?;
    match heard {
        Err(Unheard::Late) if status.success() => Err(Unheard::Held),
        Ok(_) if !status.success() => Err(Unheard::Status(status)),
        heard => heard,
    }
}

/// All that comes, up to its end. Who stops listening closes it, which is how the other side hears of it.
fn listen(mut from: ChildStdout, patience: Duration, most: usize) -> Result<Vec<u8>, Unheard> {
    let start = Instant::now();
    let mut bytes = Vec::new();
    let mut buffer = [0; 16 * 1024];
    loop {
        let left = patience.saturating_sub(start.elapsed());
        if left.is_zero() {
            return Err(Unheard::Late);
        }
        let left = Timespec::try_from(left).map_err(|error| Unheard::Start(error.to_string()))?;
        match poll(&mut [PollFd::new(&from, PollFlags::IN)], Some(&left)) {
            Ok(0) | Err(rustix::io::Errno::INTR) => continue,
            Ok(_) => {}
            Err(error) => return Err(Unheard::Start(error.to_string())),
        }
        match from.read(&mut buffer) {
            Ok(0) => return Ok(bytes),
            Ok(count) => bytes.extend_from_slice(&buffer[..count]),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Unheard::Start(error.to_string())),
        }
        if bytes.len() > most {
            return Err(Unheard::Much);
        }
    }
}

/// A word as a shell reads it back.
pub(crate) fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=@,+".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_complaints_keep_their_beginning_and_their_end() {
        for (said, expected) in [
            ("", ""),
            ("a\n", "a"),
            ("1\n2\n3\n4\n5\n6\n", "1\n2\n3\n4\n5\n6"),
            ("1\n2\n3\n4\n5\n6\n7\n", "1\n2\n3\n…\n5\n6\n7"),
        ] {
            assert_eq!(told(said), expected);
        }
    }

    #[test]
    fn words_are_quoted_where_they_must_be() {
        for (word, expected) in
            [("/usr/bin/a", "/usr/bin/a"), ("", "''"), ("a b", "'a b'"), ("it's", r"'it'\''s'"), ("$x", "'$x'")]
        {
            assert_eq!(quoted(word), expected);
        }
    }
}
