//! A private place for text that somebody edits: in memory where the system has such a place, gone on every exit, swept after a kill.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use rustix::fs::{FlockOperation, flock};

/// How its folders begin.
const PREFIX: &str = "prodev-edit-";

/// A folder with one file in it, both for their owner alone.
#[derive(Debug)]
pub(crate) struct Scratch {
    folder: PathBuf,
    file: PathBuf,
    /// Its lock tells a living run from a killed one; kept open for that alone.
    lock: File,
}

impl Scratch {
    /// Writes `bytes` to a file called `name` in a new folder below `place`.
    ///
    /// # Errors
    /// Where that cannot be written.
    pub(crate) fn new(place: &Path, name: &str, bytes: &[u8]) -> anyhow::Result<Self> {
        let cannot = || format!("could not write to `{}`", place.display());
        sweep(place);
        let random = getrandom::u64().context("the system has no random numbers")?;
        let folder = place.join(format!("{PREFIX}{random:016x}"));
        fs::DirBuilder::new().mode(0o700).create(&folder).with_context(cannot)?;
        let lock = File::open(&folder).with_context(cannot)?;
        // From here on it is removed when it is dropped.
        let scratch = Self { file: folder.join(name), folder, lock };
        flock(&scratch.lock, FlockOperation::NonBlockingLockExclusive).with_context(cannot)?;
        let mut file =
            fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&scratch.file).with_context(cannot)?;
        file.write_all(bytes).with_context(cannot)?;
        Ok(scratch)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.file
    }

    /// What it holds now.
    ///
    /// # Errors
    /// Where somebody removed it.
    pub(crate) fn read(&self) -> anyhow::Result<Vec<u8>> {
        fs::read(&self.file).context("could not read what was edited")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        remove(&self.folder);
    }
}

#[allow(clippy::disallowed_methods, reason = "what was made here is removed here")]
fn remove(folder: &Path) {
    // What cannot be removed now is swept by the next run.
    let _ = fs::remove_dir_all(folder);
}

/// Removes what killed runs left.
fn sweep(place: &Path) {
    let user = rustix::process::geteuid().as_raw();
    for entry in fs::read_dir(place).into_iter().flatten().flatten() {
        let is_ours = entry.file_name().to_str().is_some_and(|name| name.starts_with(PREFIX))
            && entry.metadata().is_ok_and(|meta| meta.is_dir() && meta.uid() == user);
        let lock = File::open(entry.path()).ok().filter(|_| is_ours);
        if lock.is_some_and(|lock| flock(&lock, FlockOperation::NonBlockingLockExclusive).is_ok()) {
            remove(&entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_private_and_goes_away() {
        let place = tempfile::tempdir().unwrap();
        let stray = place.path().join("prodev-edit-0123456789abcdef");
        fs::create_dir(&stray).unwrap();
        let scratch = Scratch::new(place.path(), ".env", b"A=1\n").unwrap();
        assert!(!stray.exists());
        let other = Scratch::new(place.path(), ".env", b"B=1\n").unwrap();
        assert_eq!((scratch.read().unwrap(), other.read().unwrap()), (b"A=1\n".to_vec(), b"B=1\n".to_vec()));
        assert_eq!(scratch.path().metadata().unwrap().mode() & 0o777, 0o600);
        assert_eq!(scratch.path().parent().unwrap().metadata().unwrap().mode() & 0o777, 0o700);
        drop((scratch, other));
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
    }
}
