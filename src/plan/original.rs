//! A user's file as it was when a decision was made on it, and the lock that keeps every other prodev from changing it until the decision is done.
//!
//! The lock is the folder's, advisory and gone with the process: it needs no file of its own, covers files that belong together, and a killed
//! process leaves nothing locked.

use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use rustix::fs::{Access, AtFlags, CWD, FlockOperation, Mode, OFlags, accessat, flock, open};
use rustix::io::Errno;

use crate::error::{Failure, fail};

/// How long others may hold a folder before this run gives up.
const PATIENCE: Duration = Duration::from_secs(30);

/// The longest nap between two looks at a lock.
const NAP: Duration = Duration::from_millis(16);

/// Links that lead to links, until that is taken for a circle (as the kernel does).
const LINKS: usize = 40;

/// A file, or the place where one will be.
#[derive(Debug, Clone)]
pub(crate) struct Original {
    /// As the user reads it.
    pub(crate) shown: String,
    /// As it was asked for.
    path: PathBuf,
    /// Where links lead: what is replaced is the file at their end, never a link.
    target: PathBuf,
    found: Option<Arc<Found>>,
    /// Nobody else's while a value holds it.
    lock: Arc<File>,
}

/// What was there.
#[derive(Debug)]
struct Found {
    bytes: Vec<u8>,
    meta: Metadata,
    writable: bool,
}

/// Whether a file is replaced that its owner protected, or that is somebody else's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protected {
    Respect,
    Force,
}

impl Original {
    /// One file alone, as the tests need it.
    #[cfg(test)]
    pub(crate) fn take(path: &Path, shown: &str) -> anyhow::Result<Self> {
        let mut taken = Self::take_all(&[(path.to_owned(), shown.to_owned())])?;
        taken.pop().context("one was asked for")
    }

    /// Waits until nobody changes files in the folders of these, which are changed together, and reads them, in the order given. The paths
    /// are absolute.
    ///
    /// # Errors
    /// Where a folder is not there or stays locked, or something is at a path that is no file or cannot be read.
    pub(crate) fn take_all(files: &[(PathBuf, String)]) -> anyhow::Result<Vec<Self>> {
        let mut targets = Vec::new();
        for (path, shown) in files {
            targets.push(end_of(path).with_context(|| format!("could not find `{shown}`"))?);
        }
        // Always in the same order, so that two runs never wait for each other.
        let mut folders: Vec<&Path> = targets.iter().filter_map(|target| target.parent()).collect();
        folders.sort_unstable();
        folders.dedup();
        let mut locks = Vec::new();
        for folder in folders {
            locks.push((folder.to_owned(), Arc::new(lock(folder)?)));
        }
        let originals = files.iter().zip(&targets).map(|((path, shown), target)| {
            let folder = target.parent().unwrap_or(target);
            let lock = locks.iter().find(|(locked, _)| locked == folder).map(|(_, lock)| Arc::clone(lock));
            Ok(Self {
                shown: shown.clone(),
                path: path.clone(),
                target: target.clone(),
                found: read(target).with_context(|| format!("could not read `{shown}`"))?.map(Arc::new),
                lock: lock.with_context(|| format!("`{shown}` has no folder"))?,
            })
        });
        originals.collect()
    }

    /// What the file holds; `None` where there is none.
    pub(crate) fn bytes(&self) -> Option<&[u8]> {
        self.found.as_ref().map(|found| found.bytes.as_slice())
    }

    /// The same file once it holds `bytes`, for a step that comes after the one that writes them.
    pub(crate) fn after(&self, bytes: &[u8]) -> Self {
        let changed = |found: &Arc<Found>| {
            Arc::new(Found { bytes: bytes.to_vec(), meta: found.meta.clone(), writable: found.writable })
        };
        Self { found: self.found.as_ref().map(changed), ..self.clone() }
    }

    pub(super) fn target(&self) -> &Path {
        &self.target
    }

    pub(super) fn meta(&self) -> Option<&Metadata> {
        self.found.as_ref().map(|found| &found.meta)
    }

    pub(super) fn folder(&self) -> &File {
        &self.lock
    }

    /// How many other names the file has: they keep what was there.
    pub(super) fn other_names(&self) -> u64 {
        self.meta().map_or(0, |meta| meta.nlink().saturating_sub(1))
    }

    /// Whether it may be replaced.
    ///
    /// # Errors
    /// A file that nobody may write, or that would change hands.
    pub(super) fn check(&self, protected: Protected) -> Result<(), Failure> {
        let (Some(found), Protected::Respect) = (&self.found, protected) else { return Ok(()) };
        let Self { shown, .. } = self;
        if !found.writable {
            return Err(fail(format!("`{shown}` is read-only"))
                .hint(format!("make it writable with `chmod u+w {}`, or add `--force`", quoted(shown))));
        }
        let user = rustix::process::geteuid();
        if found.meta.uid() != user.as_raw() && !user.is_root() {
            return Err(fail(format!("`{shown}` belongs to somebody else, and would be yours afterwards"))
                .hint("let its owner change it, or add `--force`"));
        }
        Ok(())
    }

    /// Whether all is still as it was read: editors know nothing of the lock.
    ///
    /// # Errors
    /// Where it is not.
    pub(super) fn verify(&self) -> anyhow::Result<()> {
        let cannot = || format!("could not read `{}`", self.shown);
        let is_same = end_of(&self.path).with_context(cannot)? == self.target
            && match (&self.found, read(&self.target).with_context(cannot)?) {
                (None, None) => true,
                (Some(was), Some(is)) => was.bytes == is.bytes,
                _ => false,
            };
        if is_same {
            return Ok(());
        }
        Err(fail(format!("`{}` changed while prodev was working", self.shown))
            .hint("look at it, and run the command again")
            .into())
    }
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let is_plain = !word.starts_with('-') && word.chars().all(|c| c.is_ascii_alphanumeric() || "._/-+:@".contains(c));
    if is_plain { word.to_owned() } else { format!("'./{}'", word.replace('\'', "'\\''")) }
}

/// Where the links at `path` lead, whether a file is there or not.
fn end_of(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..LINKS {
        let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?.canonicalize()?;
        path = folder.join(path.file_name().ok_or(io::ErrorKind::InvalidInput)?);
        match path.symlink_metadata() {
            Ok(meta) if meta.is_symlink() => path = folder.join(fs::read_link(&path)?),
            _ => return Ok(path),
        }
    }
    Err(Errno::LOOP.into())
}

fn read(target: &Path) -> anyhow::Result<Option<Found>> {
    let meta = match target.symlink_metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        meta => meta?,
    };
    // A pipe would be waited for, and is nothing that can be replaced.
    anyhow::ensure!(meta.is_file(), "it is no file");
    let may_write = accessat(CWD, target, Access::WRITE_OK, AtFlags::EACCESS).is_ok();
    // Root may write everything, and still respects what nobody is meant to.
    let writable = may_write && meta.permissions().mode() & 0o222 != 0;
    Ok(Some(Found { bytes: fs::read(target)?, meta, writable }))
}

/// Locks a folder, and waits for it.
fn lock(folder: &Path) -> anyhow::Result<File> {
    let cannot = || format!("could not open the folder `{}`", folder.display());
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let file = File::from(open(folder, flags, Mode::empty()).with_context(cannot)?);
    let (start, mut nap) = (Instant::now(), Duration::from_millis(1));
    loop {
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Err(Errno::WOULDBLOCK) if start.elapsed() < PATIENCE => {
                std::thread::sleep(nap);
                nap = (nap * 2).min(NAP);
            }
            Err(Errno::WOULDBLOCK) => {
                return Err(fail(format!("another prodev has been changing files in `{}` for long", folder.display()))
                    .hint("wait until it has ended, and run the command again")
                    .into());
            }
            // Some network file systems lock no folders. What changes meanwhile is noticed before it is replaced, if only just.
            Ok(()) | Err(Errno::BADF | Errno::NOLCK | Errno::NOTSUP | Errno::INVAL) => return Ok(file),
            Err(error) => return Err(error).with_context(cannot),
        }
    }
}
