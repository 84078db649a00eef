//! macOS and its kin: a process is watched by kqueue and signalled by its number, processes are listed by `ps`, files are looked at. Orphans
//! are not inherited: they are the system's first process's, and out of reach.

use std::collections::HashMap;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::sys::event::{EvFlags, EventFilter, FilterFlag, KEvent, Kqueue};
use rustix::process::{Pid, Signal, kill_process};

use super::Seen;
use super::portable::{listed, ps};

pub(crate) use super::portable::Watch;

/// A process that is watched: ready to be read when it has ended. A child keeps its number until it is taken in, so that a signal reaches it.
#[derive(Debug)]
pub(crate) struct Handle {
    process: Pid,
    fd: OwnedFd,
}

impl Handle {
    /// # Errors
    /// Where the system has no queue left.
    pub(crate) fn of(process: Pid) -> io::Result<Self> {
        let queue = Kqueue::new()?;
        let number = usize::try_from(process.as_raw_nonzero().get()).map_err(io::Error::other)?;
        let flags = EvFlags::EV_ADD | EvFlags::EV_ONESHOT;
        let ending = KEvent::new(number, EventFilter::EVFILT_PROC, flags, FilterFlag::NOTE_EXIT, 0, 0);
        // The event is never taken out, so that the queue stays ready.
        let fd = match queue.kevent(&[ending], &mut [], None) {
            Ok(_) => queue.into(),
            // It has ended already, and a pipe that nobody writes into is as ready.
            Err(Errno::ESRCH) => io::pipe()?.0.into(),
            Err(error) => return Err(error.into()),
        };
        Ok(Self { process, fd })
    }

    /// # Errors
    /// Where the process has ended, or is another user's.
    pub(crate) fn send(&self, signal: Signal) -> rustix::io::Result<()> {
        kill_process(self.process, signal)
    }
}

impl AsFd for Handle {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

/// Nothing here: only Linux lets a process that is not the first one do so.
///
/// # Errors
/// None.
#[allow(clippy::unnecessary_wraps, reason = "Linux can refuse it")]
pub(crate) fn inherit_orphans() -> io::Result<()> {
    Ok(())
}

/// The file of this program.
///
/// # Errors
/// Where the system does not know it.
pub(crate) fn own_program() -> io::Result<PathBuf> {
    std::env::current_exe()
}

/// All processes at one moment; none where `ps` cannot tell.
pub(in crate::plan) fn all() -> HashMap<i32, Seen> {
    let told = ps(&["-A", "-o", "pid=", "-o", "ppid=", "-o", "stat="]);
    told.map(|(text, own)| listed(&text, own)).unwrap_or_default()
}

/// The variables that a process was started with: not to be seen here.
pub(in crate::plan) fn environment(_: i32) -> Option<Vec<u8>> {
    None
}

/// What a process was started as.
pub(in crate::plan) fn arguments(pid: i32) -> Option<Vec<u8>> {
    ps(&["-ww", "-o", "command=", "-p", &pid.to_string()]).map(|(text, _)| text.into_bytes())
}

/// The children of a process.
pub(in crate::plan) fn children(process: Pid) -> Vec<Pid> {
    let parent = process.as_raw_nonzero().get();
    let living = all().into_iter().filter(|(_, seen)| seen.parent == parent && !seen.is_dead);
    living.filter_map(|(pid, _)| Pid::from_raw(pid)).collect()
}

/// Sends `signal` to each of `pids`, which were seen just now: where none can be held, a second look makes it no surer.
pub(in crate::plan) fn signal(pids: &[i32], signal: Signal, _: i32) {
    for process in pids.iter().filter_map(|pid| Pid::from_raw(*pid)) {
        let _ = kill_process(process, signal);
    }
}

/// Nobody can be named here: only Linux tells who has a file open.
pub(in crate::plan) fn holders(_path: &Path) -> Vec<(i32, String)> {
    Vec::new()
}
