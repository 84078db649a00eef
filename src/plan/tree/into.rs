//! A tree put into a folder that is there already: every change is journalled before the first is made, and all are taken back where one fails.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use anyhow::Context as _;

use super::journal::{Deed, Journal, Saved};
use super::{Action, Content, Entry, Git, Mode, Tree};
use crate::error::{Failure, fail};
use crate::plan::fault;
use crate::ui::{Interrupt, Progress, Ui};

pub(super) fn apply(tree: &Tree, ui: &Ui, interrupt: &Interrupt) -> anyhow::Result<()> {
    let root = &tree.target;
    let mut journal = Journal::open(root)?;
    if let Err(error) = prepare(tree, &mut journal) {
        journal.discard();
        return Err(error);
    }
    let progress = ui.progress("writing files", tree.entries.len());
    let done = put(tree, &journal, &progress, interrupt);
    progress.finish();
    if let Err(error) = done {
        for kept in journal.roll_back(root)? {
            ui.warn(&format!("`{kept}` was changed by somebody else meanwhile and is left as it is"));
        }
        return Err(error);
    }
    journal.close();
    Ok(())
}

/// Writes down what will be done, and changes nothing.
fn prepare(tree: &Tree, journal: &mut Journal) -> anyhow::Result<()> {
    let root = &tree.target;
    // Under the journal's lock: another prodev may have been here since the plan was made.
    verify(tree)?;
    for folder in tree.folders() {
        if root.join(folder).symlink_metadata().is_err() {
            journal.add(Deed::Folder { path: folder.to_owned() });
        }
    }
    for entry in tree.entries.iter().filter(|entry| entry.action != Action::Keep) {
        let old = match entry.action {
            Action::Replace(_) => Some(journal.save(root, &entry.path)?),
            Action::Create | Action::Keep => None,
        };
        journal.add(Deed::File { path: entry.path.to_string(), new: entry.content.digest(), old });
    }
    if tree.git != Git::Leave {
        journal.add(Deed::Repository);
    }
    journal.write()
}

fn put(tree: &Tree, journal: &Journal, progress: &Progress, interrupt: &Interrupt) -> anyhow::Result<()> {
    let root = &tree.target;
    for deed in journal.deeds() {
        interrupt.check()?;
        if let Deed::Folder { path } = deed {
            fault::point()?;
            fs::create_dir(root.join(path)).with_context(|| format!("could not create the folder `{path}`"))?;
        }
    }
    for entry in tree.entries.iter().filter(|entry| entry.action != Action::Keep) {
        interrupt.check()?;
        place(root, entry).with_context(|| format!("could not write `{}`", entry.path))?;
        progress.step();
    }
    if tree.git != Git::Leave {
        fault::point()?;
        crate::git::shell::init(root)?;
    }
    interrupt.check()?;
    // The last deed of all: where the commit is there, everything is, and nothing is taken back any more.
    tree.commit(root)
}

/// Whether all is still as the plan took it to be.
fn verify(tree: &Tree) -> Result<(), Failure> {
    for entry in &tree.entries {
        let path = entry.path.below(&tree.target);
        for folder in entry.path.folders() {
            let kind = tree.target.join(folder).symlink_metadata().map(|meta| meta.file_type());
            if kind.is_ok_and(|kind| !kind.is_dir()) {
                return Err(changed(folder));
            }
        }
        let as_planned = match entry.action {
            Action::Create => path.symlink_metadata().is_err(),
            Action::Replace(digest) => digest_of(&path).is_ok_and(|found| found == digest),
            Action::Keep => true,
        };
        if !as_planned {
            return Err(changed(entry.path.as_str()));
        }
    }
    Ok(())
}

fn changed(path: &str) -> Failure {
    fail(format!("`{path}` changed while prodev was working")).hint("look at it, and run the command again")
}

/// The digest of a file's bytes, or of a link's target.
pub(crate) fn digest_of(path: &Path) -> io::Result<blake3::Hash> {
    if path.symlink_metadata()?.is_symlink() {
        return Ok(link_digest(fs::read_link(path)?.as_os_str().as_bytes()));
    }
    Ok(blake3::hash(&fs::read(path)?))
}

/// A link's digest is never that of a file that holds the same text.
pub(super) fn link_digest(target: &[u8]) -> blake3::Hash {
    blake3::Hasher::new_derive_key("prodev 2025 symbolic link").update(target).finalize()
}

/// Puts one file in its place, whole: written beside it and renamed. A new file goes over nothing.
fn place(root: &Path, entry: &Entry) -> io::Result<()> {
    fault::point()?;
    let path = entry.path.below(root);
    let replaces = matches!(entry.action, Action::Replace(_));
    let beside = beside(&path);
    let made = match &entry.content {
        Content::Link(target) => symlink(target, &beside),
        Content::File { bytes, mode } => write_file(&beside, bytes, mode_for(&path, *mode, replaces), replaces),
    };
    let made = made
        .and_then(|()| fault::point())
        .and_then(|()| if replaces { rename(&beside, &path) } else { claim(&beside, &path) });
    if made.is_err() {
        remove_file(&beside);
    }
    made
}

/// The name under which a file is written before it takes its place. Known in advance, so that a killed run's can be found.
pub(super) fn beside(path: &Path) -> std::path::PathBuf {
    let name = blake3::hash(path.file_name().unwrap_or_default().as_encoded_bytes()).to_hex();
    path.with_file_name(format!(".prodev-new-{}", &name[..16]))
}

/// A replaced file keeps its permissions but for the executable bits, which are the template's to say.
fn mode_for(path: &Path, mode: Mode, replaces: bool) -> u32 {
    let old =
        path.symlink_metadata().ok().filter(|meta| replaces && meta.is_file()).map(|meta| meta.permissions().mode());
    match (old, mode) {
        (None, mode) => mode.bits(),
        (Some(old), Mode::Executable) => old | (old & 0o444) >> 2,
        (Some(old), Mode::Plain) => old & !0o111,
        (Some(old), Mode::Private) => old & 0o700,
    }
}

fn write_file(path: &Path, bytes: &[u8], mode: u32, replaces: bool) -> io::Result<()> {
    let mut file = open_new(path, mode)?;
    file.write_all(bytes)?;
    if replaces {
        // The umask has no say over a file that was there before.
        file.set_permissions(fs::Permissions::from_mode(mode & 0o7777))?;
        file.sync_all()?;
    }
    Ok(())
}

fn open_new(path: &Path, mode: u32) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    fs::OpenOptions::new().write(true).create_new(true).mode(mode & 0o7777).open(path)
}

/// Gives a file its name only where nobody has it: a hard link refuses to replace, a rename would not. Links to links are not
/// portable, so a symbolic link is made anew.
fn claim(from: &Path, to: &Path) -> io::Result<()> {
    if from.symlink_metadata()?.is_symlink() {
        symlink(fs::read_link(from)?, to)?;
    } else if let Err(error) = fs::hard_link(from, to) {
        // A file system without hard links: the check right before is the best there is.
        if error.kind() == io::ErrorKind::AlreadyExists || to.symlink_metadata().is_ok() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        return rename(from, to);
    }
    remove_file(from);
    Ok(())
}

/// Puts the saved content back in its place.
pub(super) fn restore(path: &Path, saved: &Saved, bytes: &[u8]) -> io::Result<()> {
    let beside = beside(path);
    remove_file(&beside);
    if saved.link {
        symlink(OsStr::from_bytes(bytes), &beside)?;
    } else {
        write_file(&beside, bytes, saved.mode, true)?;
    }
    rename(&beside, path)
}

#[allow(clippy::disallowed_methods, reason = "this is where a plan changes files")]
pub(super) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)
}

/// Removes a file of our own; that it is gone already is fine.
#[allow(clippy::disallowed_methods, reason = "this is where a plan changes files")]
pub(super) fn remove_file(path: &Path) {
    let _ = fs::remove_file(path);
}

/// Removes a folder that is empty; one that is not stays.
#[allow(clippy::disallowed_methods, reason = "this is where a plan changes files")]
pub(super) fn remove_empty(path: &Path) {
    let _ = fs::remove_dir(path);
}

/// Removes a folder of our own with all that is in it.
#[allow(clippy::disallowed_methods, reason = "this is where a plan changes files")]
pub(super) fn remove_all(path: &Path) {
    let _ = fs::remove_dir_all(path);
}
