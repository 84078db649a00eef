//! Commands in values, `$(…)`: run where that is allowed, in the shell that the original starts, and only where the file itself has them. What comes out is
//! taken as it is.

use std::path::Path;
use std::time::Duration;

use super::expand::{Fault, LARGEST, command_end};
use crate::plan::process::{Unheard, hear};

/// How long a command may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// What commands of a file are run with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Commands<'a> {
    /// Where they run.
    pub(super) dir: &'a Path,
}

impl Commands<'_> {
    /// What a command prints, without the line ends behind it. It sees the environment, and what the file has set so far.
    ///
    /// # Errors
    /// Where it fails, takes too long, or prints what no value can have.
    pub(super) fn run(self, command: &str, variables: &[(&str, &str)]) -> Result<String, Fault> {
        if command.contains('\0') || variables.iter().any(|(name, value)| name.contains('\0') || value.contains('\0')) {
            return Err(Fault::Failed("a NUL ends what a program can be given".to_owned()));
        }
        let bytes = hear(command, self.dir, variables, PATIENCE, LARGEST).map_err(|unheard| {
            Fault::Failed(match unheard {
                Unheard::Start(reason) => format!("`sh` cannot be started: {reason}"),
                Unheard::Status(status) => {
                    match (status.code(), std::os::unix::process::ExitStatusExt::signal(&status)) {
                        (Some(code), _) => format!("it ended with {code}"),
                        (None, signal) => format!("signal {} ended it", signal.unwrap_or_default()),
                    }
                }
                Unheard::Late => format!("it took longer than {} s", PATIENCE.as_secs()),
                Unheard::Held => {
                    format!("it ended, but what it left running held its output for {} s", PATIENCE.as_secs())
                }
                Unheard::Much => format!("it printed more than {} MiB", LARGEST >> 20),
            })
        })?;
        let text = String::from_utf8(bytes).map_err(|_| Fault::Failed("what it printed is no UTF-8".to_owned()))?;
        if text.contains('\0') {
            return Err(Fault::Failed("what it printed has a NUL".to_owned()));
        }
        Ok(text.trim_end_matches(['\n', '\r']).to_owned())
    }
}

/// The text with what `run` makes of each command in it.
///
/// # Errors
/// Those of `run`.
pub(super) fn replaced(text: &str, mut run: impl FnMut(&str) -> Result<String, Fault>) -> Result<String, Fault> {
    let mut result = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(start) = text[at..].find("$(").map(|found| at + found) {
        let Some(end) = command_end(text, start) else { break };
        result.push_str(&text[at..start]);
        result.push_str(&run(&text[start + 2..end - 1])?);
        at = end;
        if result.len() > LARGEST {
            return Err(Fault::Endless);
        }
    }
    result.push_str(&text[at..]);
    Ok(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_command_is_run_once_and_what_comes_out_is_not_looked_at() {
        let mut seen = Vec::new();
        let mut run = |command: &str| {
            seen.push(command.to_owned());
            Ok(format!("<$({command})>"))
        };
        let made = replaced("a $(x $(y ')')) b$(z) $(open", &mut run);
        assert_eq!(made, Ok("a <$(x $(y ')'))> b<$(z)> $(open".to_owned()));
        assert_eq!(seen, ["x $(y ')')", "z"]);
    }
}
