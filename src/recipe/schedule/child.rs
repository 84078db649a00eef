//! The own binary as a child: started, told to end when this process is, waited for.

use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;

use anyhow::Context as _;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions};

use crate::ui::Interrupt;

/// How a child came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    Code(u8),
    Signal(u8),
}

/// Starts a program; its words are the command line.
#[allow(clippy::disallowed_methods, reason = "the one place where schedules start prodev itself")]
pub(super) fn start(words: &[&str]) -> anyhow::Result<Child> {
    let (program, arguments) = words.split_first().context("there is nothing to run")?;
    let child = Command::new(program).args(arguments).stdin(Stdio::null()).spawn();
    child.with_context(|| format!("could not run `{program}`"))
}

/// Runs a program to its end. Signals that are meant for this process are handed on to it, which knows how to end what it started; Ctrl-C has reached it
/// from the terminal.
pub(super) fn run(words: &[&str]) -> anyhow::Result<Ended> {
    let interrupt = Interrupt::hold()?;
    let mut child = start(words)?;
    let pid = pid_of(&child)?;
    // Whoever hands a signal on looks here first: a child that has been waited for has no number any more.
    let living: &'static Mutex<Option<Pid>> = Box::leak(Box::new(Mutex::new(Some(pid))));
    let (hear, ring) = std::os::unix::net::UnixStream::pair().context("could not listen to signals")?;
    for signal in [Signal::TERM, Signal::HUP] {
        let ring = ring.try_clone().context("could not listen to signals")?;
        signal_hook::low_level::pipe::register(signal.as_raw(), ring).context("could not listen to signals")?;
    }
    std::thread::spawn(move || {
        let mut byte = [0];
        while std::io::Read::read_exact(&mut &hear, &mut byte).is_ok() {
            if let Ok(living) = living.lock()
                && let Some(pid) = *living
            {
                let _ = rustix::process::kill_process(pid, Signal::TERM);
            }
        }
    });
    loop {
        match rustix::process::waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT) {
            Err(error) if error == rustix::io::Errno::INTR => {}
            _ => break,
        }
    }
    if let Ok(mut living) = living.lock() {
        *living = None;
    }
    let status = child.wait().context("could not wait for the recipe")?;
    drop(interrupt);
    Ok(ended(status))
}

pub(super) fn pid_of(child: &Child) -> anyhow::Result<Pid> {
    i32::try_from(child.id()).ok().and_then(Pid::from_raw).context("the child has no number")
}

pub(super) fn ended(status: std::process::ExitStatus) -> Ended {
    match (status.code(), status.signal()) {
        (Some(code), _) => Ended::Code(u8::try_from(code).unwrap_or(1)),
        (None, signal) => Ended::Signal(signal.and_then(|signal| u8::try_from(signal).ok()).unwrap_or(0)),
    }
}
