//! A process between prodev and a program that it stays with: where prodev is killed, it ends the program, and all that came of that. One that listens
//! hands on what the program prints, too, and ends all when nobody hears it any more.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::fd::AsFd as _;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
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
const LISTENER: &str = "listener";

/// How long what a killed prodev has left running may take to end.
const PATIENCE: Duration = Duration::from_secs(1);

/// A guardian of this process; its arguments are the program's words.
///
/// # Errors
/// Where prodev's own program is not to be found.
pub(super) fn command() -> anyhow::Result<Command> {
    kin::command(ROLE)
}

/// A guardian that listens, too. It ends when the program has ended and nothing that came of it can print any more. Where nobody hears it any more it ends all, with
/// success if the program itself had ended before.
///
/// # Errors
/// Where prodev's own program is not to be found.
pub(super) fn listener() -> anyhow::Result<Command> {
    kin::command(LISTENER)
}

/// What this process is there for, where it is a guardian.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Duty {
    parent: i32,
    listens: bool,
}

impl Duty {
    /// `None` where it is none.
    pub(crate) fn own() -> Option<Self> {
        let guardian = kin::of(ROLE).map(|parent| Self { parent, listens: false });
        guardian.or_else(|| kin::of(LISTENER).map(|parent| Self { parent, listens: true }))
    }
}

/// Runs the program that the arguments are, and ends as it does. Signals are the program's to hear, and for the process that started this one to send.
///
/// # Errors
/// Where it cannot be started or watched.
pub(crate) fn guard(duty: Duty) -> anyhow::Result<u8> {
    let _hold = Interrupt::hold();
    system::inherit_orphans().context("could not become the one who inherits orphans")?;
    let _bells = [Signal::INT, Signal::TERM, Signal::HUP, Signal::QUIT].map(Bell::on);
    let gone = || fail("the prodev that this is for is not there any more");
    let watched = Pid::from_raw(duty.parent).and_then(|pid| Handle::of(pid).ok()).ok_or_else(gone)?;
    // Its number may have become another's before it could be held.
    if rustix::process::getppid().map(|pid| pid.as_raw_nonzero().get()) != Some(duty.parent) {
        return Err(gone().into());
    }
    let mut child = program(duty)?;
    let mut relay = child.stdout.take().map(Relay::of).transpose().context("could not hand on what it prints")?;
    let id = i32::try_from(child.id()).ok().and_then(Pid::from_raw).context("the program has no number")?;
    let handle = Handle::of(id).context("could not watch the program")?;
    let mut ended: Option<ExitStatus> = None;
    loop {
        if ended.is_none() {
            ended = child.try_wait().context("could not wait for the program")?;
        }
        if let Some(status) = ended.filter(|_| relay.as_ref().is_none_or(|relay| relay.from.is_none())) {
            return Ok(like(status));
        }
        let mut fds = vec![PollFd::new(&watched, PollFlags::IN)];
        // That nobody hears it any more is told unasked.
        fds.extend(relay.as_ref().map(|relay| PollFd::new(&relay.to, PollFlags::empty())));
        let gone_by = fds.len();
        let from = relay.as_ref().and_then(|relay| relay.from.as_ref());
        fds.extend(from.map(|from| PollFd::new(from, PollFlags::IN)));
        if ended.is_none() {
            fds.push(PollFd::new(&handle, PollFlags::IN));
        }
        match poll(&mut fds, None) {
            Ok(_) => {}
            Err(rustix::io::Errno::INTR) => continue,
            Err(error) => return Err(error).context("could not wait for the program"),
        }
        let mut is_gone = fds[..gone_by].iter().any(|fd| !fd.revents().is_empty());
        let has_news = from.is_some() && !fds[gone_by].revents().is_empty();
        if let Some(relay) = relay.as_mut().filter(|_| has_news && !is_gone) {
            is_gone = relay.hand_on().is_err();
        }
        if is_gone {
            processes::sweep(PATIENCE);
            return Ok(if ended.is_some() { 0 } else { Exit::Interrupted.code() });
        }
    }
}

/// What a program prints, on its way to who hears it.
struct Relay {
    /// `None` once nobody can print any more.
    from: Option<ChildStdout>,
    to: File,
}

impl Relay {
    fn of(from: ChildStdout) -> io::Result<Self> {
        Ok(Self { from: Some(from), to: File::from(io::stdout().as_fd().try_clone_to_owned()?) })
    }

    /// # Errors
    /// Where nobody hears it.
    fn hand_on(&mut self) -> io::Result<()> {
        let Some(from) = &mut self.from else { return Ok(()) };
        let mut buffer = [0; 16 * 1024];
        match from.read(&mut buffer)? {
            0 => self.from = None,
            count => self.to.write_all(&buffer[..count])?,
        }
        Ok(())
    }
}

#[allow(clippy::disallowed_methods, reason = "it starts what it guards")]
fn program(duty: Duty) -> anyhow::Result<Child> {
    let mut words = std::env::args_os().skip(1);
    let program = words.next().ok_or_else(|| fail("there is no program to run"))?;
    let stdout = if duty.listens { Stdio::piped() } else { Stdio::inherit() };
    let started = Command::new(&program).args(words).stdout(stdout).spawn();
    started.with_context(|| format!("could not start `{}`", program.display()))
}

/// Ends as the program did, where a signal ended that; else gives its code.
fn like(status: ExitStatus) -> u8 {
    if let Some(signal) = status.signal() {
        let _ = signal_hook::low_level::emulate_default_handler(signal);
    }
    status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or_else(|| Exit::Failed.code())
}
