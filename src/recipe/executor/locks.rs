//! Locks that all prodevs of a project share: files in the state directory, each held by the kernel's own lock, so that one who is killed
//! lets go of them.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{FlockOperation, flock};

use crate::ctx::{self, Ctx};

/// By this a recipe's own prodev knows what is held for it already.
pub(super) const HELD: &str = "PRODEV_LOCKS";

/// How often it is tried again to get what another prodev holds.
pub(super) const AGAIN: Duration = Duration::from_millis(50);

#[derive(Debug)]
pub(super) struct Locks {
    /// Where the files are; `None` where no home is known: then only this run knows of its locks.
    folder: Option<PathBuf>,
    /// What each job holds.
    held: HashMap<usize, Vec<File>>,
    /// What the recipe holds that has started this run.
    inherited: HashSet<String>,
    /// What was said to be held by others.
    told: HashSet<String>,
    /// Something could not be had at the last look.
    pub(super) is_waiting: bool,
}

impl Locks {
    pub(super) fn of(project: &Path) -> Self {
        let folder = Ctx::memories().map(|memories| memories.join("locks"));
        let inherited = ctx::variable(HELD).unwrap_or_default().split(',').map(str::to_owned).collect();
        let digest = blake3::hash(project.as_os_str().as_bytes()).to_hex()[..16].to_owned();
        let folder = folder.map(|folder| folder.join(digest));
        Self { folder, held: HashMap::new(), inherited, told: HashSet::new(), is_waiting: false }
    }

    /// Takes all of `names`, each with how many can hold it, or none. What could not be had and was not told of yet is in `Err`.
    pub(super) fn take(&mut self, job: usize, names: &[(&str, usize)]) -> Result<(), Option<String>> {
        let mut files = Vec::new();
        for (name, size) in names {
            let key = key(name);
            if self.inherited.contains(&key) {
                continue;
            }
            match self.one(&key, *size) {
                Taken::Held(file) => files.push(file),
                Taken::Nothing => {}
                Taken::Busy => {
                    self.is_waiting = true;
                    return Err(self.told.insert((*name).to_owned()).then(|| (*name).to_owned()));
                }
            }
        }
        self.held.insert(job, files);
        Ok(())
    }

    fn one(&self, key: &str, size: usize) -> Taken {
        let Some(folder) = &self.folder else { return Taken::Nothing };
        // Where nothing can be written, a run is what it is without.
        if fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).is_err() {
            return Taken::Nothing;
        }
        for place in 0..size {
            let path = folder.join(format!("{key}.{place}"));
            let Ok(file) = File::options().write(true).create(true).truncate(false).mode(0o600).open(path) else {
                return Taken::Nothing;
            };
            match flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => return Taken::Held(file),
                Err(rustix::io::Errno::WOULDBLOCK) => {}
                Err(_) => return Taken::Nothing,
            }
        }
        Taken::Busy
    }

    pub(super) fn release(&mut self, job: usize) {
        self.held.remove(&job);
    }

    /// What a job and all above it hold, for [`HELD`].
    pub(super) fn names(&self, names: &[String]) -> String {
        let mut all: Vec<String> = self.inherited.iter().filter(|key| !key.is_empty()).cloned().collect();
        all.extend(names.iter().map(|name| key(name)));
        all.sort();
        all.dedup();
        all.join(",")
    }
}

enum Taken {
    Held(File),
    /// It cannot be shared with others here.
    Nothing,
    Busy,
}

/// A name of a file for any name of a lock.
fn key(name: &str) -> String {
    blake3::hash(name.as_bytes()).to_hex()[..16].to_owned()
}
