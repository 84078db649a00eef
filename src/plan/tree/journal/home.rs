//! Where a journal lies, and whose it is: `prodev/NAME` in the Git directory, or `.prodev/NAME` outside of Git, for its owner alone, locked by whoever
//! is at work.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::super::into::{remove_all, remove_empty};
use super::super::place::{Lock, lock_folder};
use crate::error::{Failure, fail};
use crate::git;
use crate::plan::path::STATE_FOLDER;

/// The folder of a change that is being made: one for each repository, so that whatever runs there next takes it back.
pub(super) const RUNNING: &str = "journal";
/// The folder of a change that waits for somebody to resolve its conflicts: one for each project, of which a repository may have several.
const OPEN: &str = "update";

/// How often a journal's folder may be taken away by others before that is no coincidence.
const ATTEMPTS: usize = 100;

/// Where the journal of a folder lies, and what it belongs to.
pub(super) struct Home {
    /// The journal of a change that is being made.
    pub(super) running: PathBuf,
    /// The same change while it is open.
    pub(super) open: PathBuf,
    /// `root` as seen from the folder that both belong to, so that they can be moved together.
    pub(super) place: PathBuf,
}

pub(super) fn of(root: &Path) -> Home {
    let repository = root.ancestors().find_map(|folder| Some((folder, git::directory(folder)?)));
    let Some((folder, git)) = repository else {
        let own = root.join(STATE_FOLDER);
        return Home { running: own.join(RUNNING), open: own.join(OPEN), place: PathBuf::new() };
    };
    let place = root.strip_prefix(folder).unwrap_or(Path::new("")).to_owned();
    let open = match place.as_os_str() {
        top if top.is_empty() => OPEN.to_owned(),
        inner => format!("{OPEN}-{}", &blake3::hash(inner.as_encoded_bytes()).to_hex()[..16]),
    };
    let own = git.join("prodev");
    Home { running: own.join(RUNNING), open: own.join(open), place }
}

/// Makes the journal's folder where it is not there, and locks it.
pub(super) fn take(home: &Path) -> anyhow::Result<File> {
    let cannot = || format!("could not create `{}`", home.display());
    let parent = home.parent().unwrap_or(home);
    for _ in 0..ATTEMPTS {
        fs::create_dir_all(parent).with_context(cannot)?;
        match fs::DirBuilder::new().mode(0o700).create(home) {
            Err(error) if !matches!(error.kind(), io::ErrorKind::AlreadyExists | io::ErrorKind::NotFound) => {
                let _ = remove_empty(parent);
                return Err(error).with_context(cannot);
            }
            _ => {}
        }
        match lock_folder(home) {
            Ok(Lock::Gone) => {}
            Ok(Lock::Busy) if is_ours(home) => return Err(busy().into()),
            Ok(Lock::Taken(lock)) if is_ours(home) => return Ok(lock),
            Err(error) if is_ours(home) => return Err(error).with_context(cannot),
            _ => {
                return Err(fail(format!(
                    "`{}` is where prodev keeps its journal, and is not prodev's",
                    home.display()
                ))
                .hint("it came with somebody else's files: look at it, then remove it")
                .into());
            }
        }
    }
    Err(busy().into())
}

pub(super) fn busy() -> Failure {
    fail("another prodev is changing this project").hint("wait until it has ended, and run the command again")
}

/// Which folder it is, under whatever name.
pub(super) fn identity(path: &Path) -> Option<String> {
    let meta = path.symlink_metadata().ok()?;
    Some(format!("{}:{}", meta.dev(), meta.ino()))
}

/// The number of a folder, which stays where that is moved within its file system.
pub(super) fn inode(path: &Path) -> Option<u64> {
    path.symlink_metadata().ok().filter(fs::Metadata::is_dir).map(|meta| meta.ino())
}

/// Removes the journal's folder, and the one around it where it held nothing else. What stays of a journal that does not count any more is
/// removed by the next run.
pub(super) fn discard(home: &Path) {
    let _ = remove_all(home);
    if let Some(parent) = home.parent() {
        let _ = remove_empty(parent);
    }
}

/// The journal of a running change that speaks of `start`, and the folder that it belongs to.
pub(super) fn running(start: &Path) -> Option<(PathBuf, PathBuf)> {
    around(start, |parent| vec![parent.join(RUNNING)]).into_iter().next()
}

/// The journals of open changes that may speak of `start`, the nearest first, and the folder that each belongs to.
pub(super) fn open(start: &Path) -> Vec<(PathBuf, PathBuf)> {
    around(start, open_in)
}

/// So far down journals are looked for, and in so many folders: it is for a hint alone.
const DEEPEST: usize = 4;
const MOST: usize = 10_000;

/// The journals of open changes of projects and repositories below `start`, where that is in no repository itself.
pub(super) fn open_below(start: &Path) -> Vec<(PathBuf, PathBuf)> {
    let mut found = Vec::new();
    if git::is_inside(start) {
        return found;
    }
    let mut folders = vec![(start.to_owned(), 0)];
    let mut at = 0;
    while let Some((folder, depth)) = folders.get(at).cloned().filter(|_| at < MOST) {
        at += 1;
        found.extend(own(&folder, open_in));
        let inner = fs::read_dir(&folder).into_iter().flatten().flatten();
        // Neither through links nor into what is hidden.
        let inner = inner.filter(|it| {
            depth < DEEPEST
                && it.file_type().is_ok_and(|kind| kind.is_dir())
                && !it.file_name().as_encoded_bytes().starts_with(b".")
        });
        folders.extend(inner.map(|it| (it.path(), depth + 1)));
    }
    found
}

/// The names that journals of open changes have, among those that lie in `parent`.
fn open_in(parent: &Path) -> Vec<PathBuf> {
    let names = fs::read_dir(parent).into_iter().flatten().flatten().filter_map(|it| it.file_name().into_string().ok());
    let is_open = |name: &String| name.strip_prefix(OPEN).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
    let mut names: Vec<String> = names.filter(is_open).collect();
    names.sort_unstable();
    names.into_iter().map(|name| parent.join(name)).collect()
}

/// The journals that are ours among those that `journals` names in the folders where journals lie.
fn around(start: &Path, journals: impl Fn(&Path) -> Vec<PathBuf>) -> Vec<(PathBuf, PathBuf)> {
    let mut found = Vec::new();
    let Some(start) = start.ancestors().find_map(|folder| folder.canonicalize().ok()) else { return found };
    for folder in start.ancestors() {
        found.extend(own(folder, &journals));
        if git::directory(folder).is_some() {
            break;
        }
    }
    found
}

/// The same of one folder alone.
fn own(folder: &Path, journals: impl Fn(&Path) -> Vec<PathBuf>) -> Vec<(PathBuf, PathBuf)> {
    let inside = git::directory(folder).map(|git| git.join("prodev"));
    let parents = std::iter::once(folder.join(STATE_FOLDER)).chain(inside);
    let ours = parents.flat_map(|parent| journals(&parent)).filter(|home| is_ours(home));
    ours.map(|home| (home, folder.to_owned())).collect()
}

/// A journal that came with somebody's files is not ours: a clone does not keep 0700. (An archive may, so nothing is believed of a journal that
/// could do harm outside of the folder that it lies in.)
fn is_ours(home: &Path) -> bool {
    let folder = |path: &Path| path.symlink_metadata().ok().filter(fs::Metadata::is_dir);
    let private =
        |meta: fs::Metadata| meta.mode() & 0o777 == 0o700 && meta.uid() == rustix::process::geteuid().as_raw();
    home.parent().and_then(folder).is_some() && folder(home).is_some_and(private)
}
