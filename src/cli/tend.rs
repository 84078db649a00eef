//! A program that prodev stays with: its output passes through a mask, or it is started again when its environment changes.

use std::io::{PipeReader, Read as _};
use std::os::fd::AsFd;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::Context as _;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal};

use super::child;
use crate::ctx::Ctx;
use crate::error::Exit;
use crate::outcome::Child;
use crate::plan::bell::Bell;
use crate::plan::processes;
use crate::plan::system::{self, Handle, Watch};
use crate::ui::{Interrupt, Secrets, Stream, Ui, Volume};

/// How long bytes are held back that may be the beginning of a secret.
const HELD: Duration = Duration::from_millis(50);

/// How long the files have to be quiet before they are read again: an editor writes more than once.
const QUIET: Duration = Duration::from_millis(100);

/// What the old program has between TERM and KILL before the new one is started.
const GRACE: Duration = Duration::from_secs(5);

/// Makes the child anew, from the files as they are now.
pub(super) type Again<'a> = &'a dyn Fn() -> anyhow::Result<Child>;

/// Runs the child, and stays until it is over for good.
///
/// # Errors
/// Where it cannot be started, or its files not be watched.
pub(super) fn tend(first: Child, again: Again<'_>, ctx: &Ctx) -> anyhow::Result<Exit> {
    let _hold = Interrupt::hold();
    system::inherit_orphans().context("could not become the one who inherits orphans")?;
    let mut tender = Tender {
        bells: [
            (Bell::on(Signal::INT)?, Signal::INT),
            (Bell::on(Signal::TERM)?, Signal::TERM),
            (Bell::on(Signal::HUP)?, Signal::HUP),
        ],
        watch: if first.watched.is_empty() { None } else { Some(Watch::on(&first.watched)?) },
        child: first,
        again,
        ctx,
    };
    loop {
        let mut after = tender.run()?;
        if let After::Ended(code) = after {
            if tender.watch.is_none() {
                return Ok(Exit::Own(code));
            }
            ctx.ui.note(&format!("ended with {code}; waiting for a change"));
            after = tender.idle()?;
        }
        match after {
            After::Stopped(signal) => return Ok(stopped(signal)),
            After::Changed(child) => {
                ctx.ui.note("the environment has changed; starting again");
                tender.child = *child;
            }
            After::Ended(_) => {}
        }
    }
}

fn stopped(signal: Signal) -> Exit {
    if signal == Signal::INT {
        Exit::Interrupted
    } else {
        Exit::Own(128 + u8::try_from(signal.as_raw()).unwrap_or_default())
    }
}

/// Why a wait is over.
enum After {
    Ended(u8),
    /// The environment is another one.
    Changed(Box<Child>),
    Stopped(Signal),
}

struct Tender<'a> {
    bells: [(Bell, Signal); 3],
    watch: Option<Watch>,
    child: Child,
    again: Again<'a>,
    ctx: &'a Ctx,
}

/// The end of a pipe that the child writes into.
struct Pipe {
    reader: Option<PipeReader>,
    stream: Stream,
    held: Vec<u8>,
}

impl Pipe {
    /// Where nobody reads any more the program learns it as it would without anybody in between: its end of the pipe leads nowhere.
    fn show(&mut self, bytes: &[u8]) {
        if !bytes.is_empty() && Ui::hand_on(self.stream, bytes).is_err() {
            self.reader = None;
            self.held.clear();
        }
    }
}

impl Tender<'_> {
    /// Starts the child, and waits for what comes first.
    fn run(&mut self) -> anyhow::Result<After> {
        let mut secrets = Secrets::default();
        for secret in &self.child.masked {
            secrets.add(secret);
        }
        let mut pipes = Vec::new();
        let mut command = child::command(&self.child, self.ctx)?;
        if !secrets.is_empty() {
            for stream in [Stream::Out, Stream::Err] {
                let (reader, writer) = std::io::pipe().context("could not make a pipe")?;
                pipes.push(Pipe { reader: Some(reader), stream, held: Vec::new() });
                match stream {
                    Stream::Out => command.stdout(writer),
                    Stream::Err => command.stderr(writer),
                };
            }
        }
        let spawned = command.stdin(Stdio::inherit()).spawn();
        // With it go this process's own ends of the pipes.
        drop(command);
        let mut process = spawned.map_err(|error| child::not_started(&self.child, &error))?;
        let id = i32::try_from(process.id()).ok().and_then(Pid::from_raw).context("the program has no number")?;
        let handle = Handle::of(id).context("could not watch the program")?;
        let after = loop {
            self.wait(Some(&handle), &mut pipes, &secrets)?;
            if let Some(signal) = self.rung() {
                if self.watch.is_some() {
                    break After::Stopped(signal);
                }
                // The terminal has told everybody in front of it already.
                if !(signal == Signal::INT && is_in_front()) {
                    let _ = handle.send(signal);
                }
            }
            if let Some(status) = process.try_wait().context("could not wait for the program")? {
                break After::Ended(code(status));
            }
            // The same environment in other words is no reason, and one that cannot be made is no better.
            let is_other = |child: &Child| child.variables != self.child.variables;
            if let Some(child) = self.news().filter(is_other) {
                break After::Changed(Box::new(child));
            }
        };
        if matches!(after, After::Ended(_)) && self.watch.is_none() {
            drain(&mut pipes, &secrets);
        } else {
            // The whole tree goes before anything takes its place; its last words are shown.
            processes::sweep_beside(GRACE, || pass_on(&mut pipes, &secrets));
            drain(&mut pipes, &secrets);
        }
        Ok(after)
    }

    /// Waits for a change where nothing runs.
    fn idle(&self) -> anyhow::Result<After> {
        loop {
            self.wait(None, &mut [], &Secrets::default())?;
            if let Some(signal) = self.rung() {
                return Ok(After::Stopped(signal));
            }
            if let Some(child) = self.news() {
                return Ok(After::Changed(Box::new(child)));
            }
        }
    }

    /// The child of the files as they are now, where they have changed and it can be made.
    fn news(&self) -> Option<Child> {
        let watch = self.watch.as_ref().filter(|watch| watch.has_changed())?;
        // Whoever writes them may not be done.
        while watch.is_busy(QUIET) {}
        match (self.again)() {
            Ok(child) => Some(child),
            Err(error) => {
                Ui::failure(&error, Volume::Normal);
                self.ctx.ui.note("waiting for a change");
                None
            }
        }
    }

    fn rung(&self) -> Option<Signal> {
        self.bells.iter().find(|(bell, _)| bell.rung() > 0).map(|(_, signal)| *signal)
    }

    /// Until something has happened; what the child writes is passed on meanwhile.
    fn wait(&self, process: Option<&Handle>, pipes: &mut [Pipe], secrets: &Secrets) -> anyhow::Result<()> {
        let mut ready = Vec::new();
        {
            let mut fds: Vec<PollFd> = process.iter().map(|fd| PollFd::new(*fd, PollFlags::IN)).collect();
            fds.extend(self.bells.iter().map(|(bell, _)| PollFd::from_borrowed_fd(bell.as_fd(), PollFlags::IN)));
            fds.extend(self.watch.iter().map(|watch| PollFd::new(watch, PollFlags::IN)));
            let first = fds.len();
            let open: Vec<usize> = (0..pipes.len()).filter(|at| pipes[*at].reader.is_some()).collect();
            let readers = pipes.iter().filter_map(|pipe| pipe.reader.as_ref());
            fds.extend(readers.map(|reader| PollFd::new(reader, PollFlags::IN)));
            let is_holding = pipes.iter().any(|pipe| !pipe.held.is_empty());
            let patience = Timespec { tv_sec: 0, tv_nsec: i64::from(HELD.subsec_nanos()) };
            match poll(&mut fds, is_holding.then_some(&patience)) {
                Ok(0) => {
                    drop(fds);
                    for pipe in pipes.iter_mut() {
                        let rest = secrets.finish(&mut pipe.held);
                        pipe.show(&rest);
                    }
                    return Ok(());
                }
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error).context("could not wait for the program"),
            }
            let has_something = |fd: &PollFd| fd.revents().intersects(PollFlags::IN | PollFlags::HUP | PollFlags::ERR);
            ready.extend(fds[first..].iter().zip(open).filter(|(fd, _)| has_something(fd)).map(|(_, at)| at));
        }
        for at in ready {
            read(&mut pipes[at], secrets);
        }
        Ok(())
    }
}

/// Reads once from a pipe that has something, and shows what can be shown of it.
fn read(pipe: &mut Pipe, secrets: &Secrets) {
    let mut buffer = [0; 16 * 1024];
    let Some(reader) = &mut pipe.reader else { return };
    match reader.read(&mut buffer) {
        Ok(count @ 1..) => {
            pipe.held.extend_from_slice(&buffer[..count]);
            let part = secrets.release(&mut pipe.held);
            pipe.show(&part);
        }
        Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
        _ => {
            pipe.reader = None;
            let rest = secrets.finish(&mut pipe.held);
            pipe.show(&rest);
        }
    }
}

/// Passes on what is there already.
fn pass_on(pipes: &mut [Pipe], secrets: &Secrets) {
    for pipe in pipes {
        while pipe.reader.as_ref().is_some_and(has_something) {
            read(pipe, secrets);
        }
    }
}

/// What is left in the pipes. Whoever still holds their other ends is not waited for.
fn drain(pipes: &mut [Pipe], secrets: &Secrets) {
    pass_on(pipes, secrets);
    for pipe in pipes {
        let rest = secrets.finish(&mut pipe.held);
        pipe.show(&rest);
    }
}

fn has_something(reader: &PipeReader) -> bool {
    let mut fds = [PollFd::new(reader, PollFlags::IN)];
    let now = Timespec { tv_sec: 0, tv_nsec: 0 };
    poll(&mut fds, Some(&now)).is_ok_and(|count| count > 0)
}

/// Whether the terminal's keys reach this process, and with it the child.
fn is_in_front() -> bool {
    let own = rustix::process::getpgrp();
    rustix::termios::tcgetpgrp(std::io::stdin()).is_ok_and(|front| front == own)
}

fn code(status: ExitStatus) -> u8 {
    let own = status.code().and_then(|code| u8::try_from(code).ok());
    own.unwrap_or_else(|| 128 + status.signal().and_then(|signal| u8::try_from(signal).ok()).unwrap_or_default())
}
