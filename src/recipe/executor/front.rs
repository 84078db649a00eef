//! The process that the user started. It starts the executor, hands signals on, waits, and ends with the executor's code; where the executor
//! is killed, it ends what that leaves behind. Both inherit orphans, so that nothing a recipe starts gets away.

use std::os::unix::process::ExitStatusExt as _;
use std::process::Child;
use std::time::Duration;

use anyhow::Context as _;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::fd::AsFd;
use rustix::process::{Pid, Signal};

use crate::error::Exit;
use crate::plan::bell::Bell;
use crate::plan::system::{self, Handle};
use crate::plan::{kin, processes as process};
use crate::ui::Interrupt;

const ROLE: &str = "executor";

/// How long what a killed executor left behind may take to end.
const PATIENCE: Duration = Duration::from_secs(1);

/// The front that this process is the executor of; `None` where it is no executor.
pub(crate) fn executes_for() -> Option<i32> {
    kin::of(ROLE)
}

/// Runs this very command line in an executor, and gives the code that it ends with.
///
/// # Errors
/// Where it cannot be started.
pub(crate) fn run() -> anyhow::Result<u8> {
    let _hold = Interrupt::hold();
    system::inherit_orphans().context("could not become the one who inherits orphans")?;
    let bells = [
        (Bell::on(Signal::INT)?, Signal::USR1),
        (Bell::on(Signal::TERM)?, Signal::TERM),
        (Bell::on(Signal::HUP)?, Signal::HUP),
    ];
    // The terminal's Ctrl-\ is for the recipes, and for the executor, which hears it too.
    let _quit = Bell::on(Signal::QUIT)?;
    let mut child =
        kin::command(ROLE)?.args(std::env::args_os().skip(1)).spawn().context("could not start the executor")?;
    let id = i32::try_from(child.id()).ok().and_then(Pid::from_raw).context("the executor has no number")?;
    let handle = Handle::of(id).context("could not watch the executor")?;
    loop {
        let mut fds = vec![PollFd::new(&handle, PollFlags::IN)];
        fds.extend(bells.iter().map(|(bell, _)| PollFd::from_borrowed_fd(bell.as_fd(), PollFlags::IN)));
        match poll(&mut fds, None) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error).context("could not wait for the executor"),
        }
        for (bell, signal) in &bells {
            for _ in 0..bell.rung() {
                let _ = handle.send(*signal);
            }
        }
        if let Some(code) = ended(&mut child)? {
            return Ok(code);
        }
    }
}

/// The code of the executor, if it has ended. One that was killed has its recipes ended for it.
fn ended(child: &mut Child) -> anyhow::Result<Option<u8>> {
    let Some(status) = child.try_wait().context("could not wait for the executor")? else { return Ok(None) };
    if let Some(code) = status.code().and_then(|code| u8::try_from(code).ok()) {
        if code == Exit::Interrupted.code() {
            // It may have been asked to end before it could listen.
            process::sweep(PATIENCE);
        }
        return Ok(Some(code));
    }
    process::sweep(PATIENCE);
    let signal = status.signal().and_then(|signal| u8::try_from(signal).ok()).unwrap_or_default();
    Ok(Some(128_u8.saturating_add(signal)))
}
