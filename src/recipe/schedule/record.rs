//! What this machine knows of a scheduled recipe: whether it runs now, whether one waits, and when it last did.
#![allow(clippy::disallowed_methods, reason = "these are prodev's own files, beside the project")]

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::PathBuf;

use jiff::Timestamp;
use rustix::fs::{FlockOperation, flock};
use rustix::process::{Pid, Signal};

use crate::ctx::Ctx;
use crate::error::{Exit, Failure, fail};

/// The record of one recipe of one project.
#[derive(Debug)]
pub(super) struct Record {
    folder: PathBuf,
}

/// Nobody else runs the recipe as long as it lives.
#[derive(Debug)]
pub(super) struct Turn(#[allow(dead_code, reason = "the lock goes with the file")] File);

impl Record {
    /// # Errors
    /// Where it cannot be made.
    pub(super) fn open(root: &str, recipe: &str) -> Result<Self, Failure> {
        let base = Ctx::memories()
            .ok_or_else(|| fail("no home is known to keep records in").exit(Exit::Usage).hint("set `HOME`"))?;
        let digest = blake3::hash(format!("{root}\n{recipe}").as_bytes()).to_hex();
        let folder = base.join("schedules").join(&digest[..32]);
        let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder);
        made.map_err(|error| fail(format!("could not make `{}`", folder.display())).cause(error.to_string()))?;
        Ok(Self { folder })
    }

    fn file(&self, name: &str) -> io::Result<File> {
        OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(self.folder.join(name))
    }

    /// Takes the turn if nobody has it.
    pub(super) fn take(&self) -> io::Result<Option<Turn>> {
        let file = self.file("turn")?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => begin(file).map(Some),
            Err(error) if error == rustix::io::Errno::WOULDBLOCK => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Waits for the turn. One can wait: `None` where another does.
    pub(super) fn queue(&self) -> io::Result<Option<Turn>> {
        let place = self.file("queue")?;
        match flock(&place, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(error) if error == rustix::io::Errno::WOULDBLOCK => return Ok(None),
            Err(error) => return Err(error.into()),
        }
        self.wait().map(Some)
    }

    /// Stops whoever has the turn, and waits for it.
    pub(super) fn stop(&self) -> io::Result<Turn> {
        let mut file = self.file("turn")?;
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        // As long as the lock is held its holder lives, and the number is its own.
        if let Some(pid) = text.trim().parse().ok().and_then(Pid::from_raw)
            && flock(&file, FlockOperation::NonBlockingLockExclusive).is_err()
        {
            let _ = rustix::process::kill_process(pid, Signal::TERM);
        }
        drop(file);
        self.wait()
    }

    fn wait(&self) -> io::Result<Turn> {
        let file = self.file("turn")?;
        loop {
            match flock(&file, FlockOperation::LockExclusive) {
                Ok(()) => return begin(file),
                Err(error) if error == rustix::io::Errno::INTR => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// When the recipe's time was last seen to.
    pub(super) fn last(&self) -> Option<Timestamp> {
        fs::read_to_string(self.folder.join("last")).ok()?.trim().parse().ok()
    }

    /// Its time has been seen to.
    pub(super) fn note(&self, at: Timestamp) -> io::Result<()> {
        let mut draft = tempfile::Builder::new().prefix(".prodev-").tempfile_in(&self.folder)?;
        writeln!(draft, "{at}")?;
        draft.persist(self.folder.join("last")).map(drop).map_err(|error| error.error)
    }
}

/// Writes down who has the turn.
fn begin(mut file: File) -> io::Result<Turn> {
    file.set_len(0)?;
    file.rewind()?;
    write!(file, "{}", rustix::process::getpid().as_raw_nonzero())?;
    Ok(Turn(file))
}
