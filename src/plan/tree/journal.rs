//! What is about to be done to a folder, written down before the first change, so that a killed run can be taken back by the next one.
//!
//! The journal is a folder, `prodev/journal` in the Git directory or `.prodev/journal` outside of Git: `journal.json` (a `Record`) and
//! `old/N`, the files that will be replaced. It counts from the moment `journal.json` is there until that file is removed. A repository is made
//! in `repo/`; `made` says which folder that was, so that it is known again where it was moved to.

mod home;

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Component, Path, PathBuf};

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use self::home::Home;
use super::back::Other;
use super::into::{digest_of, remove_all, remove_empty, remove_file, rename};
use super::place::{Lock, lock_folder};
use crate::error::{Failure, fail};
use crate::plan::fault;
use crate::plan::path::{STATE_FOLDER, TreePath};
use crate::ui::Interrupt;

/// A journal that this process holds.
#[derive(Debug)]
pub(super) struct Journal {
    pub(super) home: PathBuf,
    /// Where it lies while the change is open.
    open: PathBuf,
    /// Kept open: whoever holds the lock is at work.
    _lock: File,
    record: Record,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    version: u32,
    /// The folder that the paths are in.
    root: PathBuf,
    /// The same as seen from the folder that the journal belongs to: that may have been moved, or copied, with all that is in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    place: Option<PathBuf>,
    /// The number that the file system knows the folder by, which it keeps where it is moved to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    inode: Option<u64>,
    deeds: Vec<Deed>,
    /// The folder was found elsewhere than it is written down.
    #[serde(skip)]
    is_moved: bool,
}

/// One change, in the order in which they are made.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "lowercase")]
pub(super) enum Deed {
    Folder {
        path: String,
    },
    File {
        path: String,
        new: blake3::Hash,
        old: Option<Saved>,
    },
    /// A file that goes.
    Removed {
        path: String,
        old: Saved,
    },
    /// A folder that goes, empty by then.
    Emptied {
        path: String,
        mode: u32,
    },
    /// Conflicts that the index is told of; `before` is what `git update-index` has to hear to forget them.
    Index {
        before: String,
    },
    /// A repository where none was. The last deed: where it is done, all are.
    Repository,
}

/// What was there before.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Saved {
    copy: String,
    pub(super) digest: blake3::Hash,
    pub(super) mode: u32,
    pub(super) link: bool,
}

impl Saved {
    /// Whether it stands at `path`, bytes and mode.
    pub(super) fn is_at(&self, path: &Path) -> bool {
        let mode = path.symlink_metadata().map(|meta| meta.permissions().mode() & 0o7777);
        digest_of(path).is_ok_and(|found| found == self.digest)
            && (self.link || mode.is_ok_and(|mode| mode == self.mode))
    }
}

const RECORD: &str = "journal.json";
const COPIES: &str = "old";
const WORKSHOP: &str = "repo";
const MADE: &str = "made";
const NOTE: &str = "note.json";
const BACK: &str = "back";

impl Journal {
    /// Takes the journal of `root` in hand.
    ///
    /// # Errors
    /// Where another prodev holds it, a killed run left one, or somebody else's files are in its place.
    pub(super) fn open(root: &Path) -> anyhow::Result<Self> {
        let Home { running: home, open, place } = home::of(root);
        fault::point().with_context(|| format!("could not create `{}`", home.display()))?;
        let lock = home::take(&home)?;
        if home.join(RECORD).exists() {
            return Err(fail("a change that was interrupted is to be taken back here first")
                .hint("run the command again")
                .into());
        }
        let inode = home::inode(root);
        let record =
            Record { version: 1, root: root.to_owned(), place: Some(place), inode, deeds: Vec::new(), is_moved: false };
        let journal = Self { home, open, _lock: lock, record };
        match journal.clear() {
            Ok(()) => Ok(journal),
            Err(error) => {
                let failed = Err(error).with_context(|| format!("could not create `{}`", journal.home.display()));
                journal.discard();
                failed
            }
        }
    }

    /// Takes out what a run left that was killed before the journal counted.
    fn clear(&self) -> io::Result<()> {
        for name in [COPIES, WORKSHOP] {
            remove_all(&self.home.join(name))?;
        }
        for name in [MADE, NOTE, BACK] {
            remove_file(&self.home.join(name))?;
        }
        // Not with its parents: the folder is locked, and another one in its place would not be.
        fs::create_dir(self.home.join(COPIES))
    }

    /// Forgets it all, where nothing was changed yet.
    pub(super) fn discard(self) {
        home::discard(&self.home);
    }

    pub(super) fn add(&mut self, deed: Deed) {
        self.record.deeds.push(deed);
    }

    pub(super) fn deeds(&self) -> &[Deed] {
        &self.record.deeds
    }

    /// A folder in which a repository can be made, unseen.
    pub(super) fn workshop(&self) -> anyhow::Result<PathBuf> {
        let path = self.home.join(WORKSHOP);
        fs::create_dir(&path).with_context(|| format!("could not create `{}`", path.display()))?;
        Ok(path)
    }

    /// Writes down that the folder `made` is about to be moved into place.
    pub(super) fn announce(&self, made: &Path) -> anyhow::Result<()> {
        fault::point()?;
        let announced = home::identity(made).context("the new repository is gone")?;
        write_synced(&self.home.join(MADE), announced.as_bytes())
            .with_context(|| format!("could not write the journal in `{}`", self.home.display()))
    }

    /// Keeps what stands at `path` and has this digest.
    pub(super) fn save(&self, root: &Path, path: &TreePath, digest: blake3::Hash) -> anyhow::Result<Saved> {
        let copy = format!("{:06}", self.record.deeds.len());
        let from = path.below(root);
        let save = || -> io::Result<Saved> {
            fault::point()?;
            let meta = from.symlink_metadata()?;
            let link = meta.is_symlink();
            let to = self.home.join(COPIES).join(&copy);
            // What is replaced or removed is never written into, so another name for it is as good as a copy, and need not be flushed to disk:
            // of a thousand files that is most of the time. Across file systems, or of somebody else's file, there is only a copy.
            if link {
                write_synced(&to, &fs::read_link(&from)?.into_os_string().into_vec())?;
            } else if fs::hard_link(&from, &to).is_err() {
                write_synced(&to, &fs::read(&from)?)?;
            }
            Ok(Saved { digest, mode: meta.permissions().mode() & 0o7777, link, copy })
        };
        save().with_context(|| format!("could not keep a copy of `{path}`"))
    }

    /// From here on a killed run is taken back. What it says is on disk once the folders that are handed back are flushed, which has to be
    /// before the first change.
    pub(super) fn write(&self) -> anyhow::Result<[File; 2]> {
        let write = || -> io::Result<[File; 2]> {
            fault::point()?;
            let draft = self.home.join("journal.new");
            remove_file(&draft)?;
            // Flushed by itself: after a power cut half a journal would be in the way of every command.
            write_synced(&draft, &serde_json::to_vec(&self.record)?)?;
            fault::point()?;
            rename(&draft, &self.home.join(RECORD))?;
            // A copy without its name in the folder would be no copy.
            Ok([File::open(self.home.join(COPIES))?, File::open(&self.home)?])
        };
        write().with_context(|| format!("could not write the journal in `{}`", self.home.display()))
    }

    /// All is done: from here on it stays.
    pub(super) fn close(self) -> anyhow::Result<()> {
        fault::moment();
        remove_file(&self.home.join(RECORD)).map_err(|error| {
            fail("all was written, but its journal cannot be removed, and the next prodev would take all back")
                .cause(error.to_string())
                .hint(format!("remove `{}`", self.home.display()))
        })?;
        fault::moment();
        home::discard(&self.home);
        Ok(())
    }

    /// The folder that it speaks of.
    pub(super) fn root(&self) -> &Path {
        &self.record.root
    }

    /// Where the copy of what was there lies.
    pub(super) fn copy(&self, saved: &Saved) -> Result<PathBuf, Failure> {
        Ok(self.home.join(COPIES).join(safe_copy(&saved.copy)?))
    }

    /// All is taken back: it does not count any more.
    pub(super) fn forget(&self) -> io::Result<()> {
        remove_file(&self.home.join(RECORD))?;
        home::discard(&self.home);
        Ok(())
    }

    /// Keeps a word for whoever goes on with the change.
    pub(super) fn note(&self, note: &serde_json::Value) -> anyhow::Result<()> {
        if self.open.exists() {
            return Err(fail("an update is still open here")
                .hint("end it with `prodev update --continue` or `--abort`")
                .into());
        }
        fault::point()?;
        write_synced(&self.home.join(NOTE), &serde_json::to_vec(note)?).context("could not write the journal")
    }

    /// All is done but for what somebody has to decide: what was there before is kept until then.
    pub(super) fn leave_open(self) -> anyhow::Result<()> {
        fault::moment();
        rename(&self.home, &self.open).context("could not keep what was there before")
    }

    /// What was open is a running change again, one that is on its way back.
    pub(super) fn resume_backwards(mut self) -> anyhow::Result<Self> {
        let running = self.home.with_file_name(home::RUNNING);
        if self.record.is_moved {
            // Whoever finishes a killed way back goes by what is written.
            for folder in self.write()? {
                folder.sync_all().context("could not write the journal")?;
            }
        }
        let turn = || -> io::Result<()> {
            fault::point()?;
            write_synced(&self.home.join(BACK), b"")?;
            if !running.join(RECORD).exists() {
                remove_all(&running)?;
            }
            fault::point()?;
            rename(&self.home, &running)
        };
        turn().context("could not turn back")?;
        self.home = running;
        Ok(self)
    }

    /// Whether what the user changes is copied before it is taken back, so that it is in nobody's way.
    pub(super) fn is_backwards(&self) -> bool {
        self.home.join(BACK).exists()
    }
}

/// The change that is open in the project around `start`, and the word that was kept of it.
pub(super) fn open_change(start: &Path, project: &Path) -> anyhow::Result<Option<(Journal, serde_json::Value)>> {
    let Some((home, folder)) = find_open(start, project)? else { return Ok(None) };
    let lock = match lock_folder(&home).with_context(|| format!("could not open `{}`", home.display()))? {
        Lock::Taken(lock) => lock,
        Lock::Busy => return Err(home::busy().into()),
        Lock::Gone => return Ok(None),
    };
    let record = located(&home, &folder, start)?;
    let note = fs::read(home.join(NOTE)).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    Ok(Some((Journal { open: home.clone(), home, _lock: lock, record }, note.unwrap_or_default())))
}

/// Whether a change is open in the project around `start`. One that cannot be read is.
pub(super) fn is_open(start: &Path, project: &Path) -> bool {
    find_open(start, project).map_or(true, |found| found.is_some())
}

/// The folders below `start` in which a change is open.
pub(super) fn open_below(start: &Path) -> Vec<PathBuf> {
    let start = start.canonicalize().unwrap_or_default();
    let homes = home::open(&start).into_iter().chain(home::open_below(&start));
    let records = homes.filter_map(|(home, folder)| read(&home, &folder).ok());
    let mut found: Vec<PathBuf> = records
        .map(|record| record.root)
        .filter(|root| *root != start && root.starts_with(&start) && root.is_dir())
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// The folders of which a change is open around `start`, and that are not there any more, each with its journal.
pub(super) fn open_nowhere(start: &Path) -> Vec<(PathBuf, PathBuf)> {
    let roots =
        home::open(start).into_iter().filter_map(|(home, folder)| Some((read(&home, &folder).ok()?.root, home)));
    roots.filter(|(root, _)| !root.exists()).collect()
}

/// The journal of the innermost folder around `start`, and the folder that it belongs to. What is around the project is another one.
fn find_open(start: &Path, project: &Path) -> anyhow::Result<Option<(PathBuf, PathBuf)>> {
    let real = |path: &Path| path.ancestors().find_map(|folder| folder.canonicalize().ok()).unwrap_or_default();
    let (start, project) = (real(start), real(project));
    let mut found: Vec<(PathBuf, (PathBuf, PathBuf))> = Vec::new();
    for (home, folder) in home::open(&start) {
        if !home.join(RECORD).exists() {
            continue;
        }
        let root = match located(&home, &folder, &start) {
            Ok(record) => record.root,
            Err(error) if project.parent().is_none() || home == home::of(&project).open => return Err(error),
            // Another project's, which is for whoever is at work there.
            Err(_) => continue,
        };
        if start.starts_with(&root) && root.starts_with(&project) {
            found.push((root, (home, folder)));
        }
    }
    Ok(found.into_iter().max_by_key(|(root, _)| root.components().count()).map(|(_, found)| found))
}

/// Looks for the journal of a killed run in `start` and the folders around it, and takes that run back. Says what it did.
///
/// # Errors
/// Where a run that lives holds the journal, or it cannot be read.
pub(crate) fn recover(start: &Path) -> anyhow::Result<Option<String>> {
    if let Some((home, folder)) = home::running(start) {
        return recover_from(&home, &folder, start);
    }
    // Killed before it had a journal, a run leaves an empty folder at the most.
    let _ = remove_empty(&start.join(STATE_FOLDER));
    Ok(None)
}

/// Whether a run was killed in `start` or around it, and is still to be taken back.
pub(crate) fn is_pending(start: &Path) -> bool {
    home::running(start).is_some_and(|(home, _)| home.join(RECORD).exists())
}

/// Whether a folder on the way to `path` has become a link: what lies behind it is none of the journal's.
pub(super) fn is_behind_a_link(root: &Path, path: &TreePath) -> bool {
    path.folders().any(|folder| root.join(folder).symlink_metadata().is_ok_and(|meta| !meta.is_dir()))
}

fn recover_from(home: &Path, folder: &Path, start: &Path) -> anyhow::Result<Option<String>> {
    let lock = match lock_folder(home).with_context(|| format!("could not open `{}`", home.display()))? {
        Lock::Taken(lock) => lock,
        Lock::Busy => return Err(home::busy().into()),
        // Whoever was at work has just ended.
        Lock::Gone => return Ok(None),
    };
    if !home.join(RECORD).exists() {
        // Killed before the first change, or after the last.
        home::discard(home);
        return Ok(None);
    }
    let record = located(home, folder, start)?;
    let root = record.root.clone();
    if !root.exists() {
        // Its owner removed the folder, and with it all that there was to take back.
        home::discard(home);
        return Ok(None);
    }
    let repository = record.deeds.iter().any(|deed| matches!(deed, Deed::Repository));
    let made = fs::read_to_string(home.join(MADE)).ok();
    if repository && made.is_some() && made == home::identity(&root.join(".git")) {
        // The very folder that was to be moved there last of all: all was done, and only the journal is left of it.
        home::discard(home);
        return Ok(None);
    }
    let journal = Journal { home: home.to_owned(), open: home::of(&root).open, _lock: lock, record };
    // Somebody may have worked on since the run was killed, or could not go on.
    let aside = if journal.is_backwards() { journal.set_aside(&Interrupt::hold()?)? } else { None };
    let kept = aside.map(|(folder, paths)| {
        format!("what you changed since is kept in `{}`: {}", folder.display(), paths.join(", "))
    });
    let others = journal.roll_back(&root).map_err(|failure| match &kept {
        Some(kept) => failure.hint(kept),
        None => failure,
    })?;
    let mut said = format!("took back a change to `{}` that was interrupted", root.display());
    let (mut left, mut moved) = (Vec::new(), Vec::new());
    for other in others {
        match other {
            Other::Left(path) => left.push(path),
            Other::Moved(..) => moved.push(other.to_string()),
        }
    }
    for kept in kept.into_iter().chain(moved) {
        said.push_str("; ");
        said.push_str(&kept);
    }
    if !left.is_empty() {
        said.push_str("; changed since and left as they are: ");
        said.push_str(&left.join(", "));
    }
    Ok(Some(said))
}

/// Reads a record whose folder may have been moved, within the one that the journal belongs to, to where `start` is in it.
fn located(home: &Path, folder: &Path, start: &Path) -> anyhow::Result<Record> {
    let mut record = read(home, folder)?;
    if record.inode.is_some() && !record.root.exists() {
        let start = start.canonicalize().unwrap_or_default();
        let inside = start.ancestors().take_while(|at| at.starts_with(folder) && *at != folder);
        if let Some(at) = inside.into_iter().find(|at| home::inode(at) == record.inode) {
            record.place = at.strip_prefix(folder).ok().map(Path::to_owned);
            record.root = at.to_owned();
            record.is_moved = true;
        }
    }
    Ok(record)
}

/// Reads a record. One that leads out of the folder that it lies in is not believed.
fn read(home: &Path, folder: &Path) -> anyhow::Result<Record> {
    let unreadable = || {
        fail(format!("the journal `{}` cannot be read", home.join(RECORD).display()))
            .hint(format!("look at the files around it, then remove `{}`", home.display()))
    };
    let bytes = fs::read(home.join(RECORD)).map_err(|error| unreadable().cause(error.to_string()))?;
    let mut record: Record = serde_json::from_slice(&bytes).map_err(|error| unreadable().cause(error.to_string()))?;
    if let Some(place) = &record.place {
        if !place.components().all(|part| matches!(part, Component::Normal(_))) {
            return Err(unreadable().into());
        }
        // Without an empty last part.
        record.root = folder.components().chain(place.components()).collect();
    }
    let root = &record.root;
    // A way back (`..`) or a link in it would lead out of the folder.
    let straight = !root.exists() || root.canonicalize().is_ok_and(|real| real.as_os_str() == root.as_os_str());
    if record.version != 1 || !straight || !root.starts_with(folder) {
        return Err(unreadable().into());
    }
    Ok(record)
}

pub(super) fn checked(path: &str) -> Result<TreePath, Failure> {
    TreePath::own(path).map_err(|why| fail(format!("the journal's path `{path}` {why}")))
}

fn safe_copy(name: &str) -> Result<&str, Failure> {
    if !name.is_empty() && name.bytes().all(|b| b.is_ascii_digit()) {
        Ok(name)
    } else {
        Err(fail(format!("the journal names a copy `{name}`, which it cannot have")))
    }
}

fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
