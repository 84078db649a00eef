//! Programs that are asked something: started without a shell unless one is wanted, heard to the end.

use std::io::Read as _;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

use super::processes::{self, Table};
use crate::config::value;
use crate::error::{Failure, fail};

/// How many lines of what a program complained about are told.
const TOLD: usize = 3;

/// What a program prints. It reads nothing, and sees the environment and `variables`.
///
/// # Errors
/// Where it cannot be started, or fails: with the last lines of its complaint.
#[allow(clippy::disallowed_methods, reason = "the one place that asks programs")]
pub(crate) fn ask(program: &value::Command, dir: &Path, variables: &[(&str, &str)]) -> Result<Vec<u8>, Failure> {
    let words: Vec<&str> = match program {
        value::Command::Script(script) => vec!["sh", "-c", script],
        value::Command::Words(words) => words.iter().map(String::as_str).collect(),
    };
    let shown = match program {
        value::Command::Script(script) => script.as_str(),
        value::Command::Words(words) => words.first().map_or("", String::as_str),
    };
    let Some((first, rest)) = words.split_first() else { return Err(fail("there is no program to ask")) };
    let run = Command::new(first)
        .args(rest)
        .current_dir(dir)
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .stdout(Stdio::piped())
        .output();
    let output = run.map_err(|error| fail(format!("could not run `{shown}`")).cause(error.to_string()))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = said.trim_end().lines().collect();
    let last = lines[lines.len().saturating_sub(TOLD)..].join("\n");
    let cause = if last.is_empty() { output.status.to_string() } else { last };
    Err(fail(format!("`{shown}` failed")).cause(cause))
}

/// Why there is nothing to hear of a program.
#[derive(Debug)]
pub(crate) enum Unheard {
    Start(String),
    Status(ExitStatus),
    Late,
    Much,
}

/// What a script for `sh` prints, within `patience` and up to `most` bytes; what it complains about goes where prodev's own complaints go. It reads nothing,
/// and sees the environment and `variables`. One that is given up is killed, with all below it.
#[allow(clippy::disallowed_methods, reason = "the one place that asks programs")]
pub(crate) fn hear(
    script: &str,
    dir: &Path,
    variables: &[(&str, &str)],
    patience: Duration,
    most: usize,
) -> Result<Vec<u8>, Unheard> {
    let mut child = Command::new("sh")
        .args(["-c", script])
        .current_dir(dir)
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| Unheard::Start(error.to_string()))?;
    let (sender, receiver) = std::sync::mpsc::channel();
    let stdout = child.stdout.take();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(stdout) = stdout {
            let _ = stdout.take(most as u64 + 1).read_to_end(&mut bytes);
        }
        // Nobody may be waiting any more.
        let _ = sender.send(bytes);
    });
    let heard = receiver.recv_timeout(patience).map_err(|_| Unheard::Late);
    let heard = heard.and_then(|bytes| if bytes.len() > most { Err(Unheard::Much) } else { Ok(bytes) });
    if heard.is_err() {
        let own = processes::own();
        let root = i32::try_from(child.id()).unwrap_or(own);
        let mut all = if root == own { Vec::new() } else { Table::read().below(root) };
        all.push(root);
        all.retain(|pid| *pid != own);
        processes::signal(&all, rustix::process::Signal::KILL, own);
    }
    let status = child.wait().map_err(|error| Unheard::Start(error.to_string()))?;
    heard.and_then(|bytes| if status.success() { Ok(bytes) } else { Err(Unheard::Status(status)) })
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
    fn who_is_not_done_in_time_or_says_too_much_is_ended_with_all_below() {
        let ask = |script: &str, patience: u64, most: usize| {
            hear(script, Path::new("/"), &[], Duration::from_millis(patience), most)
        };
        assert!(matches!(ask("sleep 1000 & wait; sleep 1000", 100, 10), Err(Unheard::Late)));
        assert!(matches!(ask("yes", 60_000, 10), Err(Unheard::Much)));
        assert!(matches!(ask("printf 1234567890", 60_000, 10), Ok(bytes) if bytes == b"1234567890"));
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
