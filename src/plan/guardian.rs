//! A process between prodev and a program that it stays with: where prodev is killed, it ends the program, and all that came of that.

use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, ExitStatus};
use std::time::Duration;

use anyhow::Context as _;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Pid, Signal};

use super::bell::Bell;
use super::system::{self, Handle};
use super::{kin, processes};
use crate::error::{Exit, fail};
use crate::ui::Interrupt;

const ROLE: &str = "guardian";

/// How long what a killed prodev has left running may take to end.
const PATIENCE: Duration = Duration::from_secs(1);

/// A guardian of this process; its arguments are the program's words.
///
/// # Errors
/// Where prodev's own program is not to be found.
pub(super) fn command() -> anyhow::Result<Command> {
    kin::command(ROLE)
}

/// The process that this one is the guardian of; `None` where it is none.
pub(crate) fn guards_for() -> Option<i32> {
    kin::of(ROLE)
}

/// Runs the program that the arguments are, and ends as it does. Signals are the program's to hear, and for the process that started this one to send.
///
/// # Errors
/// Where it cannot be started or watched.
pub(crate) fn guard(parent: i32) -> anyhow::Result<u8> {
    let _hold = Interrupt::hold();
    system::inherit_orphans().context("could not become the one who inherits orphans")?;
    let _bells = [Signal::INT, Signal::TERM, Signal::HUP, Signal::QUIT].map(Bell::on);
    let gone = || fail("the prodev that this is for is not there any more");
    let watched = Pid::from_raw(parent).and_then(|pid| Handle::of(pid).ok()).ok_or_else(gone)?;
    // Its number may have become another's before it could be held.
    if rustix::process::getppid().map(|pid| pid.as_raw_nonzero().get()) != Some(parent) {
        return Err(gone().into());
    }
    let mut child = program()?;
    let id = i32::try_from(child.id()).ok().and_then(Pid::from_raw).context("the program has no number")?;
    let handle = Handle::of(id).context("could not watch the program")?;
    loop {
        if let Some(status) = child.try_wait().context("could not wait for the program")? {
            return Ok(like(status));
        }
        let mut fds = [PollFd::new(&handle, PollFlags::IN), PollFd::new(&watched, PollFlags::IN)];
        match poll(&mut fds, None) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error).context("could not wait for the program"),
        }
        if !fds[1].revents().is_empty() {
            processes::sweep(PATIENCE);
            return Ok(Exit::Interrupted.code());
        }
    }
}

#[allow(clippy::disallowed_methods, reason = "it starts what it guards")]
fn program() -> anyhow::Result<std::process::Child> {
    let mut words = std::env::args_os().skip(1);
    let program = words.next().ok_or_else(|| fail("there is no program to run"))?;
    let started = Command::new(&program).args(words).spawn();
    started.with_context(|| format!("could not start `{}`", program.display()))
}

/// Ends as the program did, where a signal ended that; else gives its code.
fn like(status: ExitStatus) -> u8 {
    if let Some(signal) = status.signal() {
        let _ = signal_hook::low_level::emulate_default_handler(signal);
    }
    status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or_else(|| Exit::Failed.code())
}
