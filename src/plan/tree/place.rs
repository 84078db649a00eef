//! Folders and names that only one process may have: locks, and renames that replace nothing.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use rustix::fs::{CWD, FlockOperation, Mode, OFlags, RenameFlags, flock, open, renameat_with};
use rustix::io::Errno;

/// What came of an attempt to lock a folder.
pub(in crate::plan) enum Lock {
    /// Ours as long as the file is open.
    Taken(File),
    /// Somebody else is at work.
    Busy,
    /// The folder went away, or another took its place, before it was locked: that lock would keep nobody out.
    Gone,
}

/// Locks a folder, without waiting.
///
/// # Errors
/// Where something is there that is no folder, or cannot be opened.
pub(in crate::plan) fn lock_folder(path: &Path) -> io::Result<Lock> {
    let file = match open(path, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())
    {
        Err(Errno::NOENT) => return Ok(Lock::Gone),
        opened => File::from(opened?),
    };
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Err(Errno::WOULDBLOCK) => return Ok(Lock::Busy),
        locked => locked?,
    }
    let held = file.metadata()?;
    let is_same = path.symlink_metadata().is_ok_and(|meta| (meta.dev(), meta.ino()) == (held.dev(), held.ino()));
    Ok(if is_same { Lock::Taken(file) } else { Lock::Gone })
}

/// Renames to a name that nobody has.
///
/// # Errors
/// `AlreadyExists` where somebody has it.
#[allow(clippy::disallowed_methods, reason = "this is where a plan changes files")]
pub(in crate::plan) fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        // A file system or a kernel that cannot do it in one step: the check right before is the best there is.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
            if to.symlink_metadata().is_ok() {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            fs::rename(from, to)
        }
        done => Ok(done?),
    }
}
