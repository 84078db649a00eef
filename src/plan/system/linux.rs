//! Linux: a process is held by a pidfd, orphans are inherited, processes are read off `/proc`, files are watched by inotify.

use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::fs;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use rustix::fs::inotify;
use rustix::io::Result;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal, set_child_subreaper};

use super::Seen;

/// A process that is held: its number can become another's, this cannot. It is ready to be read when the process has ended.
#[derive(Debug)]
pub(crate) struct Handle(OwnedFd);

impl Handle {
    /// # Errors
    /// Where there is no such process.
    pub(crate) fn of(process: Pid) -> Result<Self> {
        pidfd_open(process, PidfdFlags::empty()).map(Self)
    }

    /// # Errors
    /// Where the process has ended, or is another user's.
    pub(crate) fn send(&self, signal: Signal) -> Result<()> {
        pidfd_send_signal(&self.0, signal)
    }
}

impl AsFd for Handle {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// Makes this process the parent of what its descendants leave behind.
///
/// # Errors
/// Where the system refuses it.
pub(crate) fn inherit_orphans() -> Result<()> {
    set_child_subreaper(Some(rustix::process::getpid()))
}

/// This very program, even where its file has been replaced or removed.
///
/// # Errors
/// None here.
#[allow(clippy::unnecessary_wraps, reason = "other systems have to ask for it")]
pub(crate) fn own_program() -> std::io::Result<PathBuf> {
    Ok("/proc/self/exe".into())
}

/// All processes at one moment.
pub(in crate::plan) fn all() -> HashMap<i32, Seen> {
    let mut seen = HashMap::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let name = entry.file_name();
        let Some(pid) = name.to_str().and_then(|name| name.parse().ok()) else { continue };
        if let Some(process) = look(pid) {
            seen.insert(pid, process);
        }
    }
    seen
}

/// `/proc/PID/stat`: the state and the parent stand behind the name, which can hold anything.
fn look(pid: i32) -> Option<Seen> {
    let stat = fs::read(format!("/proc/{pid}/stat")).ok()?;
    let end = stat.iter().rposition(|byte| *byte == b')')?;
    let rest = std::str::from_utf8(&stat[end + 1..]).ok()?;
    let mut words = rest.split_ascii_whitespace();
    let is_dead = matches!(words.next()?, "Z" | "X");
    Some(Seen { parent: words.next()?.parse().ok()?, is_dead })
}

/// The variables that a process was started with, each with a zero byte behind it.
pub(in crate::plan) fn environment(pid: i32) -> Option<Vec<u8>> {
    fs::read(format!("/proc/{pid}/environ")).ok()
}

/// The words that a process was started with, each with a zero byte behind it.
pub(in crate::plan) fn arguments(pid: i32) -> Option<Vec<u8>> {
    fs::read(format!("/proc/{pid}/cmdline")).ok()
}

/// The children of a process.
pub(in crate::plan) fn children(process: Pid) -> Vec<Pid> {
    let process = process.as_raw_nonzero();
    let children = fs::read_to_string(format!("/proc/{process}/task/{process}/children"));
    let children = children.unwrap_or_default();
    children.split_whitespace().filter_map(|child| Pid::from_raw(child.parse().ok()?)).collect()
}

/// The processes that have a file open with a lock on it, and what each is called; only those that this user may look at.
pub(in crate::plan) fn holders(path: &Path) -> Vec<(i32, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let name = entry.file_name();
        let Some(pid) = name.to_str().and_then(|name| name.parse::<i32>().ok()) else { continue };
        let has_lock = |file: &fs::DirEntry| {
            let about = entry.path().join("fdinfo").join(file.file_name());
            fs::read_link(file.path()).is_ok_and(|to| to == path)
                && fs::read_to_string(about).is_ok_and(|text| text.contains("FLOCK"))
        };
        if fs::read_dir(entry.path().join("fd")).into_iter().flatten().flatten().any(|file| has_lock(&file)) {
            // Not its arguments, which may hold what is nobody's business.
            let called = fs::read_to_string(entry.path().join("comm")).unwrap_or_default();
            found.push((pid, called.trim_end().to_owned()));
        }
    }
    found.sort_unstable();
    found
}

/// Sends `signal` to each of `pids`. Between seeing and signalling a number can have become another process's, so it is looked at again when
/// it is held.
pub(in crate::plan) fn signal(pids: &[i32], signal: Signal, root: i32) {
    for pid in pids {
        let Some(held) = Pid::from_raw(*pid) else { continue };
        let Ok(handle) = Handle::of(held) else { continue };
        if is_below(*pid, root) {
            let _ = handle.send(signal);
        }
    }
}

/// Whether a process descends from `root`.
fn is_below(pid: i32, root: i32) -> bool {
    let mut at = pid;
    // Deeper than any real tree; a circle cannot be.
    for _ in 0..10_000 {
        match look(at) {
            Some(Seen { parent, .. }) if parent == root => return true,
            Some(Seen { parent, .. }) if parent > 1 => at = parent,
            _ => return false,
        }
    }
    false
}

/// Files that are looked at when something is said of their folders.
#[derive(Debug)]
pub(crate) struct Watch {
    fd: OwnedFd,
    /// The names that matter; `None` where all do.
    names: Option<HashSet<OsString>>,
}

impl Watch {
    /// A file that is replaced is another one, so that the folders are watched and not the files.
    ///
    /// # Errors
    /// Where a folder cannot be watched.
    pub(crate) fn on(files: &[PathBuf]) -> anyhow::Result<Self> {
        let fd = inotify::init(inotify::CreateFlags::CLOEXEC | inotify::CreateFlags::NONBLOCK)
            .context("could not watch the files")?;
        let folders: HashSet<_> =
            files.iter().filter_map(|file| file.parent()).filter(|folder| folder.is_dir()).collect();
        let what = inotify::WatchFlags::CLOSE_WRITE
            | inotify::WatchFlags::MOVED_TO
            | inotify::WatchFlags::MOVED_FROM
            | inotify::WatchFlags::DELETE;
        for folder in folders {
            inotify::add_watch(&fd, folder, what).with_context(|| format!("could not watch `{}`", folder.display()))?;
        }
        let names = files.iter().filter_map(|file| file.file_name()).map(std::ffi::OsStr::to_owned).collect();
        Ok(Self { fd, names: Some(names) })
    }

    /// All that happens in `folders`; `files` are those that are there.
    ///
    /// # Errors
    /// Where a folder cannot be watched.
    pub(crate) fn tree(folders: &[PathBuf], _files: &[PathBuf]) -> anyhow::Result<Self> {
        let fd = inotify::init(inotify::CreateFlags::CLOEXEC | inotify::CreateFlags::NONBLOCK)
            .context("could not watch the files")?;
        let what = inotify::WatchFlags::CLOSE_WRITE
            | inotify::WatchFlags::MOVED_TO
            | inotify::WatchFlags::MOVED_FROM
            | inotify::WatchFlags::CREATE
            | inotify::WatchFlags::DELETE
            | inotify::WatchFlags::ATTRIB
            | inotify::WatchFlags::ONLYDIR;
        for folder in folders {
            match inotify::add_watch(&fd, folder, what) {
                // It has gone away since it was seen.
                Ok(_) | Err(rustix::io::Errno::NOENT | rustix::io::Errno::NOTDIR) => {}
                Err(error) => return Err(error).with_context(|| format!("could not watch `{}`", folder.display())),
            }
        }
        Ok(Self { fd, names: None })
    }

    /// Whether one of the files has changed since the last look.
    pub(crate) fn has_changed(&self) -> bool {
        use std::os::unix::ffi::OsStrExt as _;
        let mut buffer = [MaybeUninit::uninit(); 4096];
        let mut reader = inotify::Reader::new(&self.fd, &mut buffer);
        let mut has_changed = false;
        while let Ok(event) = reader.next() {
            let name = event.file_name().map(|name| std::ffi::OsStr::from_bytes(name.to_bytes()));
            has_changed |= self.names.as_ref().is_none_or(|names| name.is_some_and(|name| names.contains(name)));
        }
        has_changed
    }
}

impl AsFd for Watch {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}
