//! A tree where nothing was: written beside its place, then renamed. Before the rename there is nothing, after it there is everything.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, symlink};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use rayon::prelude::*;

use super::place::{Lock, lock_folder, rename_new};
use super::{Content, Entry, Git, Tree};
use crate::error::fail;
use crate::git::shell;
use crate::plan::fault;
use crate::ui::{Interrupt, Progress, Ui};

/// Below this many files a second thread costs more than it brings.
const FILES_PER_TASK: usize = 64;

pub(super) fn apply(tree: &Tree, ui: &Ui, interrupt: &Interrupt) -> anyhow::Result<()> {
    let (root, inner) = topmost_missing(&tree.target)?;
    let staging = Staging::create(&root)?;
    let site = staging.path.join(&inner);
    fs::create_dir_all(&site).with_context(|| format!("could not create `{}`", site.display()))?;
    for folder in tree.folders() {
        fs::create_dir(site.join(folder)).with_context(|| format!("could not create the folder `{folder}`"))?;
    }
    let progress = ui.progress("writing files", tree.entries.len());
    let written = write_all(&tree.entries, &site, &progress, interrupt);
    progress.finish();
    written?;
    if tree.git != Git::Leave {
        fault::point()?;
        shell::init(&site)?;
    }
    tree.commit(shell::Place::of(&site))?;
    interrupt.check()?;
    fault::point()?;
    staging.become_root(&root, &tree.target)
}

/// The outermost folder of `target` that is not there, and the rest of the path below it: renaming that one makes all of it appear at once.
fn topmost_missing(target: &Path) -> anyhow::Result<(PathBuf, PathBuf)> {
    let mut root = target;
    while let Some(parent) = root.parent() {
        if parent.symlink_metadata().is_ok() {
            let inner = target.strip_prefix(root).context("a path starts with its own parent")?;
            return Ok((root.to_owned(), inner.to_owned()));
        }
        root = parent;
    }
    Err(fail(format!("`{}` has no parent folder", target.display())).into())
}

fn write_all(entries: &[Entry], site: &Path, progress: &Progress, interrupt: &Interrupt) -> anyhow::Result<()> {
    entries.par_iter().with_min_len(FILES_PER_TASK).try_for_each(|entry| {
        interrupt.check()?;
        write(&entry.path.below(site), &entry.content).with_context(|| format!("could not write `{}`", entry.path))?;
        progress.step();
        Ok(())
    })
}

/// Writes what is not there yet. Nothing is flushed to disk: the rename makes it all or nothing for a killed process, and for a
/// power cut a flush per file would cost eight times the whole.
pub(super) fn write(path: &Path, content: &Content) -> io::Result<()> {
    fault::point()?;
    match content {
        Content::File { bytes, mode } => {
            OpenOptions::new().write(true).create_new(true).mode(mode.bits()).open(path)?.write_all(bytes)
        }
        Content::Link(target) => symlink(target, path),
    }
}

/// A folder beside the target that is locked while it is written, and gone when it is dropped.
struct Staging {
    path: PathBuf,
    /// Kept open: its lock tells a living run from a killed one.
    _lock: File,
    /// Whether it has become the project.
    moved: bool,
}

impl Staging {
    fn create(root: &Path) -> anyhow::Result<Self> {
        let parent = root.parent().context("a missing folder has a parent")?;
        let prefix = staging_prefix(root);
        sweep(parent, &prefix);
        fault::point()?;
        loop {
            let random = getrandom::u64().context("the system has no random numbers")?;
            let path = parent.join(format!("{prefix}{random:016x}"));
            fs::create_dir(&path).with_context(|| format!("could not create a folder in `{}`", parent.display()))?;
            if let Ok(Lock::Taken(lock)) = lock_folder(&path) {
                return Ok(Self { path, _lock: lock, moved: false });
            }
            // Before it was locked, another run took it for a killed one's.
            remove_all(&path);
        }
    }

    fn become_root(mut self, root: &Path, target: &Path) -> anyhow::Result<()> {
        match rename_new(&self.path, root) {
            Ok(()) => self.moved = true,
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::AlreadyExists | io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::NotADirectory
                ) =>
            {
                return Err(appeared(target).into());
            }
            Err(error) => {
                return Err(error).with_context(|| format!("could not move the new files to `{}`", root.display()));
            }
        }
        Ok(())
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        if !self.moved {
            remove_all(&self.path);
        }
    }
}

/// How the staging folders of `root` begin. A long name is cut, since the whole must not be longer than a name may be.
fn staging_prefix(root: &Path) -> String {
    let name: String = root.file_name().unwrap_or_default().to_string_lossy().chars().take(50).collect();
    format!(".{name}.prodev-")
}

fn appeared(target: &Path) -> crate::error::Failure {
    fail(format!("`{}` appeared while prodev was working", target.display()))
        .hint("look at it, and run the command again")
}

#[allow(clippy::disallowed_methods, reason = "this is where a plan changes files")]
fn remove_all(path: &Path) {
    // What cannot be removed now is swept by the next run.
    let _ = fs::remove_dir_all(path);
}

/// Removes what killed runs left behind. A folder whose lock is held belongs to a run that lives.
fn sweep(parent: &Path, prefix: &str) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let ours = name
            .to_str()
            .and_then(|name| name.strip_prefix(prefix))
            .is_some_and(|random| random.len() == 16 && random.bytes().all(|b| b.is_ascii_hexdigit()));
        if !ours || !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            continue;
        }
        // Held while the folder is removed, so that no living run takes it for its own meanwhile.
        if let Ok(Lock::Taken(_lock)) = lock_folder(&entry.path()) {
            remove_all(&entry.path());
        }
    }
}
