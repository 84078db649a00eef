//! The journal of a deed: written before the first change, and again after each. It lies in the Git directory that all worktrees share, and
//! whoever holds the lock on its folder is the only one at work.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use super::Deed;
use crate::error::{Failure, fail};
use crate::git::Id;
use crate::plan::fault;
use crate::plan::process::quoted;
use crate::plan::system::holders;
use crate::plan::tree::{Lock, lock_folder};

/// What is known of a deed that was begun.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Record {
    version: u32,
    pub(super) deed: Deed,
    /// The change that is next, or is being made.
    pub(super) at: usize,
    pub(super) phase: Phase,
    /// Where refs have come to, by their full names; `None` where they were deleted.
    pub(super) made: BTreeMap<String, Option<Id>>,
    /// Whether others have seen what was made.
    pub(super) pushed: bool,
    /// Whether the user has resolved a conflict of it.
    #[serde(default)]
    pub(super) resolved: bool,
    /// Refs on which there are commits of the user's own, made on top of what a conflict came to.
    #[serde(default)]
    pub(super) beyond: BTreeSet<String>,
    /// Lock files that were there before the change was begun, or after its `git` had ended: another one's.
    #[serde(default)]
    pub(super) locks: Vec<PathBuf>,
}

/// Where a deed stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Phase {
    /// A change is being made.
    Acting,
    /// Inside a conflict, which the user resolves.
    Stopped,
    /// All is done here, and the remote did not take it.
    Unpushed,
    /// It is being taken back.
    Aborting,
}

/// A journal in hand. The lock lasts as long as it lives, and as long as the `git` that it has started.
pub(super) struct Journal {
    folder: PathBuf,
    /// Where `git` writes down which hooks ran.
    trace: PathBuf,
    pub(super) lock: File,
    pub(super) record: Record,
}

impl Drop for Journal {
    /// Whatever it has started has ended. A program that a hook of Git has left behind has the locked file open as well, and may run for days: it
    /// is let go here for all who have it. Where prodev is killed nothing lets it go, and the `git` that outlives it keeps others out.
    fn drop(&mut self) {
        let _ = rustix::fs::flock(&self.lock, rustix::fs::FlockOperation::Unlock);
    }
}

const RECORD: &str = "journal.json";
const TRACE: &str = "trace";
/// An empty file that is as old as the journal, by the clock of its file system.
const BEGUN: &str = "begun";

/// How often its folder may be taken away by others before that is no coincidence.
const ATTEMPTS: usize = 100;

fn folder(common_dir: &Path) -> PathBuf {
    common_dir.join("prodev/flow")
}

/// The deed that was begun in this repository and not ended, where it stands, and its next change.
///
/// # Errors
/// Where there is a journal that cannot be read.
pub(crate) fn pending(common_dir: &Path) -> Result<Option<(Deed, Phase, usize)>, Failure> {
    Ok(read(&folder(common_dir))?.map(|record| (record.deed, record.phase, record.at)))
}

fn read(folder: &Path) -> Result<Option<Record>, Failure> {
    // One that came with somebody's files is not ours: a clone or a copy does not keep 0700.
    let is_ours = folder.symlink_metadata().is_ok_and(|meta| {
        meta.is_dir() && meta.mode() & 0o777 == 0o700 && meta.uid() == rustix::process::geteuid().as_raw()
    });
    let path = folder.join(RECORD);
    let Some(bytes) = is_ours.then(|| fs::read(&path).ok()).flatten() else { return Ok(None) };
    let record: Result<Record, _> = serde_json::from_slice(&bytes);
    match record {
        Ok(record) if record.version == 1 && self::folder(&record.deed.common_dir) == folder => Ok(Some(record)),
        // A copy of a repository must not change the one that it was copied from.
        Ok(record) if record.version == 1 => {
            Err(fail("this repository was moved or copied while something was under way")
                .cause(format!("the journal speaks of `{}`", record.deed.common_dir.display()))
                .hint(format!("go on with it there, or forget it here: `rm -r {}`", quoted(&folder.to_string_lossy()))))
        }
        other => Err(fail(format!("the journal `{}` cannot be read", path.display()))
            .cause(other.err().map_or_else(|| "it is of another version".to_owned(), |error| error.to_string()))
            .hint(format!("look at the branches, then forget it: `rm -r {}`", quoted(&folder.to_string_lossy())))),
    }
}

impl Journal {
    /// Begins the journal of `deed`.
    ///
    /// # Errors
    /// Where another prodev is at work, or a deed was begun and not ended.
    pub(super) fn begin(deed: Deed) -> anyhow::Result<Self> {
        let folder = folder(&deed.common_dir);
        fault::point().with_context(|| format!("could not create `{}`", folder.display()))?;
        let lock = take(&folder)?;
        if let Some(Record { deed: Deed { command, branch, .. }, .. }) = read(&folder)? {
            return Err(fail(format!("the {command} of `{branch}` is under way"))
                .hint(format!("complete it with `prodev flow {command} --continue`"))
                .hint(format!("or take it back with `prodev flow {command} --abort`"))
                .into());
        }
        let locks = deed.locks()?;
        let (phase, made, beyond) = (Phase::Acting, BTreeMap::new(), BTreeSet::new());
        let record = Record { version: 1, deed, at: 0, phase, made, pushed: false, resolved: false, beyond, locks };
        let journal = Self { trace: folder.join(TRACE), folder, lock, record };
        if let Err(error) = journal.keep_files().and_then(|()| journal.write()) {
            journal.discard();
            return Err(error);
        }
        Ok(journal)
    }

    /// Takes the journal of a deed that was begun in hand; `None` where there is none.
    ///
    /// # Errors
    /// Where another prodev is at work.
    pub(super) fn open(common_dir: &Path) -> anyhow::Result<Option<Self>> {
        let folder = folder(common_dir);
        if read(&folder)?.is_none() {
            return Ok(None);
        }
        let lock = take(&folder)?;
        Ok(read(&folder)?.map(|record| Self { trace: folder.join(TRACE), folder, lock, record }))
    }

    /// Writes down what is known, so that it outlives a kill and a loss of power.
    pub(super) fn write(&self) -> anyhow::Result<()> {
        let write = || -> io::Result<()> {
            fault::point()?;
            let draft = self.folder.join("journal.new");
            let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
            file.write_all(&serde_json::to_vec(&self.record)?)?;
            file.sync_all()?;
            fault::point()?;
            rename(&draft, &self.folder.join(RECORD))?;
            File::open(&self.folder)?.sync_all()
        };
        write().with_context(|| format!("could not write the journal in `{}`", self.folder.display()))
    }

    /// An empty place for the record of hooks.
    pub(super) fn trace(&self) -> &Path {
        let _ = remove(&self.trace);
        &self.trace
    }

    /// The hook that refused, if one did, by what `git` has written down since [`Journal::trace`].
    pub(super) fn refusing_hook(&self) -> Option<String> {
        crate::git::failed_hook(&fs::read(&self.trace).ok()?)
    }

    /// Copies of ignored files that a checkout will take away on its way back.
    fn keep_files(&self) -> anyhow::Result<()> {
        File::create(self.folder.join(BEGUN))
            .with_context(|| format!("could not write in `{}`", self.folder.display()))?;
        for (number, path) in self.record.deed.kept.iter().enumerate() {
            let from = self.record.deed.home.join(path);
            fs::copy(&from, self.folder.join(format!("kept-{number}")))
                .with_context(|| format!("could not keep a copy of `{path}`"))?;
        }
        Ok(())
    }

    /// Whether a file has not been touched since this was begun.
    pub(super) fn is_older(&self, path: &Path) -> bool {
        let Ok(begun) = self.folder.join(BEGUN).symlink_metadata() else { return false };
        let since = (begun.mtime(), begun.mtime_nsec());
        path.symlink_metadata().is_ok_and(|meta| (meta.ctime(), meta.ctime_nsec()) < since)
    }

    /// Puts those back that are gone.
    pub(super) fn put_back_files(&self) -> anyhow::Result<()> {
        for (number, path) in self.record.deed.kept.iter().enumerate() {
            let (copy, to) = (self.folder.join(format!("kept-{number}")), self.record.deed.home.join(path));
            if copy.exists() && to.symlink_metadata().is_err() {
                let cannot = || format!("could not put `{path}` back");
                fs::create_dir_all(to.parent().unwrap_or(&to)).with_context(cannot)?;
                fs::copy(&copy, &to).with_context(cannot)?;
            }
        }
        Ok(())
    }

    /// Saves a file that nobody but the user can have written, and says where.
    pub(super) fn save_aside(&self, top: &Path, path: &str) -> anyhow::Result<PathBuf> {
        let aside = self.folder.parent().unwrap_or(&self.folder).join("saved");
        let cannot = || format!("could not save `{path}` aside");
        for number in 0..10_000_u32 {
            let to = aside.join(number.to_string()).join(path);
            if to.symlink_metadata().is_err() {
                fs::create_dir_all(to.parent().unwrap_or(&aside)).with_context(cannot)?;
                fs::copy(top.join(path), &to).with_context(cannot)?;
                return Ok(to);
            }
        }
        Err(anyhow::anyhow!("there are too many files in `{}`", aside.display())).with_context(cannot)
    }

    /// All is done, or all is as it was.
    pub(super) fn close(self) -> anyhow::Result<()> {
        fault::moment();
        remove(&self.folder.join(RECORD)).with_context(|| {
            format!("all is done, but the journal in `{}` cannot be removed", self.folder.display())
        })?;
        fault::moment();
        self.discard();
        Ok(())
    }

    /// What stays of a journal without a record means nothing to anybody.
    pub(super) fn discard(self) {
        let _ = remove_all(&self.folder);
        if let Some(parent) = self.folder.parent() {
            let _ = remove_empty(parent);
        }
    }
}

/// Makes the journal's folder where it is not there, and locks it.
fn take(folder: &Path) -> anyhow::Result<File> {
    let cannot = || format!("could not create `{}`", folder.display());
    for _ in 0..ATTEMPTS {
        fs::create_dir_all(folder.parent().unwrap_or(folder)).with_context(cannot)?;
        match fs::DirBuilder::new().mode(0o700).create(folder) {
            Err(error) if !matches!(error.kind(), io::ErrorKind::AlreadyExists | io::ErrorKind::NotFound) => {
                return Err(error).with_context(cannot);
            }
            _ => {}
        }
        match lock_folder(folder).with_context(cannot)? {
            Lock::Gone => {}
            Lock::Busy => break,
            Lock::Taken(lock) => return Ok(lock),
        }
    }
    Err(busy(folder).into())
}

/// That somebody holds the lock: a prodev at work, or what one that was killed had started and left behind.
fn busy(folder: &Path) -> Failure {
    let failure = fail("another prodev is at work in this repository");
    let holders = folder.canonicalize().map(|folder| holders(&folder)).unwrap_or_default();
    if holders.is_empty() {
        let shown = quoted(&folder.to_string_lossy());
        return failure.hint(format!("wait until it has ended, and run the command again (`fuser {shown}` names it)"));
    }
    let names: Vec<String> = holders.iter().take(4).map(|(pid, name)| format!("{pid} (`{name}`)")).collect();
    let word = if holders.len() == 1 { "process" } else { "processes" };
    let failure = failure.cause(format!("its lock is held by the {word} {}", names.join(", ")));
    let failure = failure.hint("wait until it has ended, and run the command again");
    if holders.iter().any(|(_, name)| matches!(name.as_str(), "prodev" | "git")) {
        return failure;
    }
    // No prodev, and no `git` of one: what a hook has left behind, after a prodev that was killed.
    let pids: Vec<String> = holders.iter().map(|(pid, _)| pid.to_string()).collect();
    failure.hint(format!("or, if a prodev that was killed has left it behind, end it: `kill {}`", pids.join(" ")))
}

#[allow(clippy::disallowed_methods, reason = "the journal is this file's business")]
fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)
}

#[allow(clippy::disallowed_methods, reason = "the journal is this file's business")]
fn remove(path: &Path) -> io::Result<()> {
    fs::remove_file(path)
}

#[allow(clippy::disallowed_methods, reason = "the journal is this file's business")]
fn remove_all(path: &Path) -> io::Result<()> {
    fs::remove_dir_all(path)
}

#[allow(clippy::disallowed_methods, reason = "the journal is this file's business")]
fn remove_empty(path: &Path) -> io::Result<()> {
    fs::remove_dir(path)
}
