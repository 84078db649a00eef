//! The user's crontab: read and replaced whole through the `crontab` program, which alone may write it.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use anyhow::Context as _;

use super::{Line, fault};
use crate::error::{Failure, fail};
use crate::ui::Interrupt;

/// New content for the user's crontab.
#[derive(Debug)]
pub(crate) struct Crontab {
    pub(crate) before: Vec<u8>,
    pub(crate) after: Vec<u8>,
    /// What is different, in words.
    pub(crate) lines: Vec<Line>,
}

/// What the user's crontab holds; nothing where there is none.
///
/// # Errors
/// Where there is no `crontab`, or it fails.
pub(crate) fn read() -> Result<Vec<u8>, Failure> {
    let output = run(&["-l"], None)?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    // All of them say it so, and none has an exit code of its own for it.
    if said.contains("no crontab for") {
        return Ok(Vec::new());
    }
    Err(failed("-l", &output))
}

impl Crontab {
    /// # Errors
    /// Where it was changed since it was read, or `crontab` refuses it: then it is as it was.
    pub(super) fn apply(self) -> anyhow::Result<()> {
        let interrupt = Interrupt::hold()?;
        if read()? != self.before {
            return Err(fail("your crontab was changed while prodev was working")
                .hint("look at it with `crontab -l`, and run the command again")
                .into());
        }
        interrupt.check().context("could not change your crontab")?;
        fault::point().context("could not change your crontab")?;
        // An empty table is none: that is how it was before the first line.
        let (arguments, input): (&[&str], _) =
            if self.after.is_empty() { (&["-r"], None) } else { (&["-"], Some(self.after.as_slice())) };
        let output = run(arguments, input)?;
        fault::moment();
        if !output.status.success() {
            return Err(failed(arguments[0], &output).into());
        }
        if read()? != self.after {
            return Err(fail("`crontab` did not keep what it was given").hint("look at it with `crontab -l`").into());
        }
        Ok(())
    }
}

fn failed(arguments: &str, output: &Output) -> Failure {
    let said = String::from_utf8_lossy(&output.stderr);
    let last: Vec<&str> = said.trim_end().lines().rev().take(3).collect();
    fail(format!("`crontab {arguments}` failed"))
        .cause(last.into_iter().rev().collect::<Vec<_>>().join("\n"))
        .hint("see whether you may use cron: `crontab -l`")
}

#[allow(clippy::disallowed_methods, reason = "the one place that starts `crontab`")]
fn run(arguments: &[&str], input: Option<&[u8]>) -> Result<Output, Failure> {
    let cannot = |error: std::io::Error| {
        fail("could not run `crontab`")
            .cause(error.to_string())
            .hint("install cron, or use systemd's timers: `prodev schedule install --with systemd`")
    };
    let mut child = Command::new("crontab")
        .args(arguments)
        .stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // What it says is looked at.
        .env("LC_ALL", "C")
        .spawn()
        .map_err(cannot)?;
    if let (Some(mut stdin), Some(input)) = (child.stdin.take(), input) {
        // A `crontab` that does not read says why itself.
        let _ = stdin.write_all(input);
    }
    child.wait_with_output().map_err(cannot)
}
