//! Mirrors of other people's repositories, kept so that what was fetched once is there without a network. Fetched by the `git` program, which knows
//! the user's keys and proxies, and is told to run nothing; read through git2.
//!
//! A mirror is made beside its place and renamed, and from then on Git's own rules keep it whole: objects first, names last. One that a killed `git`
//! left locked is made anew in the same way.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use anyhow::Context as _;
use git2::{Oid, Repository};
use rustix::fs::{CWD, FlockOperation, RenameFlags, flock, renameat_with};

use super::blobs::{self, Blob, Limits};
use super::fetch;
use crate::error::Failure;
use crate::ui::Ui;

/// Where somebody else's repository is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Remote<'a> {
    /// Without credentials.
    pub(crate) url: &'a str,
    /// `USER:PASSWORD`, where they were typed, as they stand in addresses. Never on a command line, which everybody can read.
    pub(crate) secret: Option<&'a str>,
}

/// How new a mirror must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Age {
    /// Whatever is there; nothing is fetched.
    Any,
    /// Fetched within this time.
    Within(Duration),
    /// Asked of the remote now; where that does not answer, what is there will do.
    Now,
}

/// A repository that was fetched.
pub(crate) struct Mirror {
    path: PathBuf,
    repository: Repository,
}

/// Inside a mirror: the address, and a file whose time says when it was fetched.
const SOURCE: &str = "prodev-source";
const FETCHED: &str = "prodev-fetched";

/// The commit that the remote's `HEAD` is at.
const HEAD: &str = "refs/prodev/head";

impl Mirror {
    /// The mirror of `remote` on `shelf`; `None` where there is none and none may be made.
    ///
    /// # Errors
    /// Where it cannot be fetched and there is nothing to fall back upon.
    pub(crate) fn open(shelf: &Path, remote: Remote, age: Age, ui: Option<&Ui>) -> anyhow::Result<Option<Self>> {
        let path = shelf.join(name(remote.url));
        let asked = SystemTime::now();
        let is_new_enough = |fetched: Option<SystemTime>| match (fetched, age) {
            (None, _) | (Some(_), Age::Now) => false,
            (Some(_), Age::Any) => true,
            (Some(fetched), Age::Within(limit)) => asked.duration_since(fetched).is_ok_and(|age| age <= limit),
        };
        if is_new_enough(fetched(&path)) {
            return Self::at(path).map(Some);
        }
        if age == Age::Any {
            return Ok(None);
        }
        let _lock = lock(shelf, &path, ui)?;
        // Whoever had the lock before may just have fetched it.
        if fetched(&path).is_some_and(|fetched| fetched >= asked) {
            return Self::at(path).map(Some);
        }
        if let Some(ui) = ui {
            ui.note(&format!("fetching `{}`", remote.url));
        }
        let offline = !ui.is_some_and(Ui::is_interactive);
        match (refresh(&path, remote, offline), fetched(&path)) {
            (Ok(()), _) => {}
            (Err(error), None) => return Err(error),
            (Err(error), Some(then)) => {
                let why = error.downcast_ref::<Failure>().and_then(|failure| failure.cause.clone());
                let why = why.as_deref().and_then(|cause| cause.lines().last()).unwrap_or("it does not answer");
                if let Some(ui) = ui {
                    let age = ago(asked.duration_since(then).unwrap_or_default());
                    ui.warn(&format!("`{}` could not be fetched, so this is as it was {age} ({why})", remote.url));
                }
            }
        }
        Self::at(path).map(Some)
    }

    fn at(path: PathBuf) -> anyhow::Result<Self> {
        let repository = Repository::open_bare(&path)
            .map_err(|error| anyhow::anyhow!("{}", error.message().to_owned()))
            .with_context(|| format!("could not open `{}`", path.display()))?;
        Ok(Self { path, repository })
    }

    /// The commit at the remote's `HEAD`; `None` where the repository is empty.
    pub(crate) fn head(&self) -> Option<String> {
        self.commit_at(HEAD)
    }

    /// All tags.
    pub(crate) fn tags(&self) -> Vec<String> {
        let names = self.repository.tag_names(None);
        names.iter().flat_map(|names| names.iter()).filter_map(|name| name.ok().flatten()).map(str::to_owned).collect()
    }

    /// The commit that a tag, a branch or a commit's id names.
    pub(crate) fn resolve(&self, reference: &str) -> Option<String> {
        self.commit_at(&format!("refs/tags/{reference}"))
            .or_else(|| self.commit_at(&format!("refs/heads/{reference}")))
            .or_else(|| self.commit_of_id(reference))
    }

    fn commit_at(&self, name: &str) -> Option<String> {
        let commit = self.repository.find_reference(name).ok()?.peel_to_commit().ok()?;
        Some(commit.id().to_string())
    }

    fn commit_of_id(&self, id: &str) -> Option<String> {
        if id.len() < 7 || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let commit = self.repository.revparse_single(id).ok()?.peel_to_commit().ok()?;
        Some(commit.id().to_string())
    }

    /// Fetches one commit that no branch and no tag leads to, from hosts that give it. Whether it came shows when it is looked for.
    pub(crate) fn fetch_commit(&self, remote: Remote, id: &str, ui: Option<&Ui>) {
        if is_id(id) {
            let refspec = format!("+{id}:refs/prodev/kept/{id}");
            let _ = fetch::some(&self.path, remote, &[&refspec], !ui.is_some_and(Ui::is_interactive));
        }
    }

    /// The folders of `commit`, some levels deep, in which there is a file of this name.
    pub(crate) fn folders_with(&self, commit: &str, file: &str) -> Vec<String> {
        let id = Oid::from_str(commit).ok();
        id.map(|id| blobs::folders_with(&self.repository, id, file)).unwrap_or_default()
    }

    /// The files of `folder` in `commit`; `None` where it has no such folder.
    ///
    /// # Errors
    /// As `blobs::read`.
    pub(crate) fn read(&self, commit: &str, folder: &str, limits: Limits) -> anyhow::Result<Option<Vec<Blob>>> {
        let id = Oid::from_str(commit).context("a commit has an id")?;
        blobs::read(&self.repository, id, folder, limits)
    }
}

/// Whether `text` is the whole id of a commit.
pub(crate) fn is_id(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// A mirror on the shelf, as it looks from outside.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) path: PathBuf,
    pub(crate) url: String,
    pub(crate) fetched: SystemTime,
    pub(crate) bytes: u64,
}

/// What is on the shelf, by address.
pub(crate) fn kept(shelf: &Path) -> Vec<Kept> {
    let entries = fs::read_dir(shelf).into_iter().flatten().flatten();
    let mut all: Vec<Kept> = entries
        .filter_map(|entry| {
            let path = entry.path();
            let url = fs::read_to_string(path.join(SOURCE)).ok()?.trim_end().to_owned();
            let is_whole = path.file_name().is_some_and(|found| *found == *name(&url));
            let fetched = fetched(&path).filter(|_| is_whole)?;
            Some(Kept { bytes: size(&path), path, url, fetched })
        })
        .collect();
    all.sort_by(|a, b| a.url.cmp(&b.url));
    all
}

fn size(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(meta) if meta.is_dir() => size(&entry.path()),
            Ok(meta) => meta.len(),
            Err(_) => 0,
        })
        .sum()
}

/// How long ago something was, in words.
pub(crate) fn ago(age: Duration) -> String {
    let seconds = age.as_secs();
    let (count, unit) = match seconds {
        0..60 => return "just now".to_owned(),
        60..3600 => (seconds / 60, "minute"),
        3600..86_400 => (seconds / 3600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    format!("{count} {unit}{} ago", if count == 1 { "" } else { "s" })
}

/// The folder of a repository's mirror: something to recognise it by, and a digest that tells it from all others.
fn name(url: &str) -> String {
    let readable: String = url
        .trim_end_matches(".git")
        .rsplit(['/', ':'])
        .find(|part| !part.is_empty())
        .unwrap_or_default()
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '-')
        .take(40)
        .collect();
    let digest = blake3::hash(url.as_bytes()).to_hex();
    format!("{readable}-{}.git", &digest[..16])
}

fn fetched(mirror: &Path) -> Option<SystemTime> {
    mirror.join(FETCHED).metadata().and_then(|meta| meta.modified()).ok()
}

/// Waits until nobody else fetches the same mirror.
fn lock(shelf: &Path, mirror: &Path, ui: Option<&Ui>) -> anyhow::Result<File> {
    use std::os::unix::fs::DirBuilderExt as _;
    let cannot = || format!("could not create `{}`", shelf.display());
    // What is private to fetch is private to keep.
    fs::DirBuilder::new().recursive(true).mode(0o700).create(shelf).with_context(cannot)?;
    let path = mirror.with_extension("lock");
    let file = File::options().create(true).append(true).open(&path).with_context(cannot)?;
    if flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
        if let Some(ui) = ui {
            ui.note("waiting for another prodev that fetches the same template");
        }
        flock(&file, FlockOperation::LockExclusive).with_context(|| format!("could not lock `{}`", path.display()))?;
    }
    Ok(file)
}

fn refresh(mirror: &Path, remote: Remote, offline: bool) -> anyhow::Result<()> {
    sweep(mirror);
    if mirror.exists() {
        let fetched = fetch::all(mirror, remote, offline).and_then(|()| stamp(mirror));
        match fetched {
            Err(_) if is_locked(mirror) => {}
            fetched => return fetched,
        }
    }
    let staging = Staging::beside(mirror)?;
    let path = &staging.0;
    fetch::init(path)?;
    fetch::all(path, remote, offline)?;
    fetch::pack(path);
    write(&path.join(SOURCE), &format!("{}\n", remote.url))?;
    stamp(path)?;
    become_mirror(path, mirror).with_context(|| format!("could not create `{}`", mirror.display()))
}

/// Whether a `git` that was killed left a lock behind. No other is at work here: they would hold the lock beside the mirror.
fn is_locked(mirror: &Path) -> bool {
    let has_lock = |folder: &Path| {
        let mut entries = fs::read_dir(folder).into_iter().flatten().flatten();
        entries.any(|entry| entry.path().extension().is_some_and(|ending| ending == "lock"))
    };
    let folders = ["", "refs", "refs/heads", "refs/tags", "refs/prodev"];
    folders.iter().any(|folder| has_lock(&mirror.join(folder)))
}

/// Takes the place of an old mirror in one step.
#[allow(clippy::disallowed_methods, reason = "the cache of templates is kept here")]
fn become_mirror(new: &Path, mirror: &Path) -> io::Result<()> {
    if !mirror.exists() {
        return fs::rename(new, mirror);
    }
    if renameat_with(CWD, new, CWD, mirror, RenameFlags::EXCHANGE).is_ok() {
        return Ok(());
    }
    // A file system that cannot exchange: killed in between, it is fetched again.
    fs::remove_dir_all(mirror)?;
    fs::rename(new, mirror)
}

/// A folder in which a mirror is made; what of it has not become one is removed.
struct Staging(PathBuf);

impl Staging {
    fn beside(mirror: &Path) -> anyhow::Result<Self> {
        let random = getrandom::u64().context("the system has no random numbers")?;
        Ok(Self(mirror.with_extension(format!("new-{random:016x}"))))
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        remove(&self.0);
    }
}

/// Removes what killed runs left behind; only whoever holds the lock does that.
fn sweep(mirror: &Path) {
    let (Some(folder), Some(stem)) = (mirror.parent(), mirror.file_stem().and_then(|stem| stem.to_str())) else {
        return;
    };
    let prefix = format!("{stem}.new-");
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        if name.to_str().is_some_and(|name| name.starts_with(&prefix) || name == format!("{stem}.git.old")) {
            remove(&entry.path());
        }
    }
}

#[allow(clippy::disallowed_methods, reason = "the cache of templates is kept here")]
fn remove(path: &Path) {
    // What cannot be removed now is swept by the next run.
    let _ = fs::remove_dir_all(path);
}

#[allow(clippy::disallowed_methods, reason = "the cache of templates is kept here")]
fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    fs::write(path, text).with_context(|| format!("could not write `{}`", path.display()))
}

fn stamp(mirror: &Path) -> anyhow::Result<()> {
    write(&mirror.join(FETCHED), "")?;
    let now = File::options().append(true).open(mirror.join(FETCHED));
    now.and_then(|file| file.set_modified(SystemTime::now()))
        .with_context(|| format!("could not write in `{}`", mirror.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mirrors_have_names_that_tell_and_differ() {
        let one = name("https://github.com/acme/web");
        assert!(one.starts_with("web-") && Path::new(&one).extension().is_some_and(|ending| ending == "git"), "{one}");
        assert_ne!(one, name("https://gitlab.com/acme/web"));
        assert!(name("git@host:../..").starts_with('-'));
    }

    #[test]
    fn ages_are_told_in_words() {
        for (seconds, words) in [
            (3, "just now"),
            (60, "1 minute ago"),
            (7200, "2 hours ago"),
            (90_000, "1 day ago"),
            (200_000, "2 days ago"),
        ] {
            assert_eq!(ago(Duration::from_secs(seconds)), words);
        }
    }
}
