//! Programs that are asked something: started without a shell unless one is wanted, heard to the end.

use std::path::Path;
use std::process::{Command, Stdio};

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
    fn words_are_quoted_where_they_must_be() {
        for (word, expected) in
            [("/usr/bin/a", "/usr/bin/a"), ("", "''"), ("a b", "'a b'"), ("it's", r"'it'\''s'"), ("$x", "'$x'")]
        {
            assert_eq!(quoted(word), expected);
        }
    }
}
