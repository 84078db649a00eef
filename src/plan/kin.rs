//! prodev's own program started again under a name that tells what it is there for, and for which process. A name reaches no grandchild, as a variable
//! would.

use std::os::unix::process::CommandExt as _;
use std::process::Command;

use anyhow::Context as _;

use super::{processes, system};

/// This program as the `role` of this process; arguments and streams are the caller's to say.
///
/// # Errors
/// Where the program is not to be found.
#[allow(clippy::disallowed_methods, reason = "it is this program, started again")]
pub(crate) fn command(role: &str) -> anyhow::Result<Command> {
    let mut command = Command::new(system::own_program().context("could not find this program")?);
    command.arg0(format!("prodev-{role}:{}", processes::own()));
    Ok(command)
}

/// The process that this one is the `role` of; `None` where it is none.
pub(crate) fn of(role: &str) -> Option<i32> {
    let name = std::env::args_os().next()?;
    name.to_str()?.strip_prefix("prodev-")?.strip_prefix(role)?.strip_prefix(':')?.parse().ok()
}
