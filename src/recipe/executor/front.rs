//! The process that the user started. It starts the executor, hands signals on, waits, and ends with the executor's code; where the executor
//! is killed, it ends what that leaves behind. Both inherit orphans, so that nothing a recipe starts gets away.

use std::cell::Cell;
use std::os::unix::process::ExitStatusExt as _;
use std::process::Child;
use std::time::Duration;

use anyhow::Context as _;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::AsFd;
use rustix::process::{Pid, Signal};

use crate::error::Exit;
use crate::plan::bell::Bell;
use crate::plan::system::{self, Handle, Watch};
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
    let front = Front::new()?;
    let mut running = front.start()?;
    loop {
        if let Heard::Ended(code) = front.wait(Some(&mut running), None, None)? {
            return Ok(code);
        }
    }
}

/// The process that waits.
pub(in crate::recipe) struct Front {
    _hold: std::io::Result<Interrupt>,
    /// Each with what the executor is told, and the code of being ended by it.
    bells: [(Bell, Signal, u8); 3],
    _quit: Bell,
    /// The code of being ended by the signal that came, if one did.
    stopped: Cell<Option<u8>>,
    has_started: Cell<bool>,
}

/// An executor that runs.
pub(in crate::recipe) struct Running {
    child: Child,
    handle: Handle,
}

/// What a wait was over for.
pub(in crate::recipe) enum Heard {
    /// The executor is over, with this code.
    Ended(u8),
    /// This process was told to end; the executor, if there is one, has been told as well.
    Stopped(u8),
    /// Something is to be read from the watch.
    Change,
    Nothing,
}

impl Front {
    pub(in crate::recipe) fn new() -> anyhow::Result<Self> {
        let hold = Interrupt::hold();
        system::inherit_orphans().context("could not become the one who inherits orphans")?;
        let bells = [
            (Bell::on(Signal::INT)?, Signal::USR1, Exit::Interrupted.code()),
            (Bell::on(Signal::TERM)?, Signal::TERM, 143),
            (Bell::on(Signal::HUP)?, Signal::HUP, 129),
        ];
        // The terminal's Ctrl-\ is for the recipes, and for the executor, which hears it too.
        let quit = Bell::on(Signal::QUIT)?;
        Ok(Self { _hold: hold, bells, _quit: quit, stopped: Cell::new(None), has_started: Cell::new(false) })
    }

    /// Starts an executor. What an earlier one left is ended first, unless it is meant to stay.
    pub(in crate::recipe) fn start(&self) -> anyhow::Result<Running> {
        if self.has_started.replace(true) {
            process::sweep(PATIENCE);
        }
        let mut command = kin::command(ROLE)?;
        let child = command.args(std::env::args_os().skip(1)).spawn().context("could not start the executor")?;
        let id = i32::try_from(child.id()).ok().and_then(Pid::from_raw).context("the executor has no number")?;
        let handle = Handle::of(id).context("could not watch the executor")?;
        Ok(Running { child, handle })
    }

    /// The code to end with where this process was told to end.
    pub(in crate::recipe) fn stopped(&self) -> Option<u8> {
        self.stopped.get()
    }

    /// Waits for what comes first; not longer than `patience`.
    pub(in crate::recipe) fn wait(
        &self,
        running: Option<&mut Running>,
        watch: Option<&Watch>,
        patience: Option<Duration>,
    ) -> anyhow::Result<Heard> {
        let mut fds: Vec<PollFd> = Vec::with_capacity(5);
        fds.extend(self.bells.iter().map(|(bell, ..)| PollFd::from_borrowed_fd(bell.as_fd(), PollFlags::IN)));
        fds.extend(running.as_ref().map(|running| PollFd::from_borrowed_fd(running.handle.as_fd(), PollFlags::IN)));
        let has_watch = watch.is_some();
        fds.extend(watch.map(|watch| PollFd::from_borrowed_fd(watch.as_fd(), PollFlags::IN)));
        let timeout: Option<Timespec> = patience.and_then(|time| time.try_into().ok());
        match poll(&mut fds, timeout.as_ref()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error).context("could not wait for the executor"),
        }
        let has_changed = has_watch && fds.last().is_some_and(|fd| !fd.revents().is_empty());
        drop(fds);
        let mut heard = Heard::Nothing;
        for (bell, signal, code) in &self.bells {
            for _ in 0..bell.rung() {
                self.stopped.set(Some(*code));
                heard = Heard::Stopped(*code);
                if let Some(running) = &running {
                    let _ = running.handle.send(*signal);
                }
            }
        }
        if let Some(running) = running
            && let Some(code) = ended(&mut running.child)?
        {
            return Ok(Heard::Ended(code));
        }
        Ok(if matches!(heard, Heard::Nothing) && has_changed { Heard::Change } else { heard })
    }
}

impl Running {
    /// As TERM to prodev would.
    pub(in crate::recipe) fn ask_to_end(&mut self) {
        let _ = self.handle.send(Signal::TERM);
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
    if status.signal() == Some(Signal::USR1.as_raw()) {
        // Ctrl-C was passed on before it listened.
        return Ok(Some(Exit::Interrupted.code()));
    }
    let signal = status.signal().and_then(|signal| u8::try_from(signal).ok()).unwrap_or_default();
    Ok(Some(128_u8.saturating_add(signal)))
}
