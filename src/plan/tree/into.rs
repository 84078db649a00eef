//! A tree put into a folder that is there already: every change is journalled before the first is made, and all are taken back where one fails.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use anyhow::Context as _;

use super::journal::{Deed, Journal, Saved};
use super::place::rename_new;
use super::{Action, Content, Entry, Git, Mode, Tree, clear, drafts, unmerged};
use crate::error::{Failure, fail};
use crate::git::shell;
use crate::plan::fault;
use crate::ui::{Interrupt, Progress, Ui};

pub(super) fn apply(tree: &Tree, ui: &Ui, interrupt: &Interrupt) -> anyhow::Result<()> {
    let root = &tree.target;
    let mut journal = Journal::open(root)?;
    let written_down = match prepare(tree, &mut journal) {
        Ok(written_down) => written_down,
        Err(error) => {
            journal.discard();
            return Err(error);
        }
    };
    let progress = ui.progress("writing files", tree.entries.len());
    let done = drafts::write(tree, written_down, &progress, interrupt)
        .and_then(|()| put(tree, &journal, &progress, interrupt));
    progress.finish();
    if let Err(error) = done {
        // What could not be taken back is worse than why that was tried, which is told beside it.
        let others = journal.roll_back(root).map_err(|failure| failure.cause(format!("{error:#}")))?;
        for other in others {
            ui.warn(&other.to_string());
        }
        return Err(error);
    }
    match &tree.open {
        None => journal.close(),
        Some(_) => journal.leave_open(),
    }
}

/// Writes down what will be done, and changes nothing.
fn prepare(tree: &Tree, journal: &mut Journal) -> anyhow::Result<[File; 2]> {
    let root = &tree.target;
    // Under the journal's lock: another prodev may have been here since the plan was made.
    verify(tree)?;
    clear::prepare(tree, journal)?;
    for folder in tree.folders() {
        // A file that makes room for a folder is still there.
        if root.join(folder).symlink_metadata().is_ok_and(|meta| meta.is_dir()) {
            continue;
        }
        journal.add(Deed::Folder { path: folder.to_owned() });
    }
    for entry in tree.written() {
        let old = match entry.action {
            Action::Replace(digest) => Some(journal.save(root, &entry.path, digest)?),
            _ => None,
        };
        journal.add(Deed::File { path: entry.path.to_string(), new: entry.content.digest(), old });
    }
    if tree.git != Git::Leave {
        journal.add(Deed::Repository);
    }
    if let Some(open) = &tree.open {
        unmerged::prepare(root, &open.unmerged, journal)?;
        journal.note(&open.note)?;
    }
    journal.write()
}

fn put(tree: &Tree, journal: &Journal, progress: &Progress, interrupt: &Interrupt) -> anyhow::Result<()> {
    let root = &tree.target;
    clear::clear(root, journal, interrupt)?;
    for deed in journal.deeds() {
        interrupt.check()?;
        if let Deed::Folder { path } = deed {
            fault::point()?;
            fs::create_dir(root.join(path)).with_context(|| format!("could not create the folder `{path}`"))?;
        }
    }
    for entry in tree.written() {
        interrupt.check()?;
        if drafts::is_drafted(entry) {
            take_place(root, entry)?;
        } else {
            place(root, entry).with_context(|| format!("could not write `{}`", entry.path))?;
            progress.step();
        }
    }
    if tree.git != Git::Leave {
        make_repository(tree, journal, interrupt)?;
    }
    if let Some(open) = &tree.open {
        interrupt.check()?;
        unmerged::put(root, &open.unmerged, &journal.workshop()?)?;
    }
    interrupt.check()?;
    // All renames have reached the file system's own journal by then, and with it the disk.
    File::open(root).and_then(|folder| folder.sync_all()).context("could not flush the project to disk")
}

/// Makes the repository inside the journal, commit and all, and moves it into place. That is the last deed: where the repository stands in the
/// project everything does, and one that stands there without having been moved is somebody else's.
fn make_repository(tree: &Tree, journal: &Journal, interrupt: &Interrupt) -> anyhow::Result<()> {
    fault::point()?;
    let made = journal.workshop()?;
    shell::init(&made)?;
    let made = made.join(".git");
    tree.commit(shell::Place { folder: &tree.target, repository: Some(&made) })?;
    interrupt.check()?;
    journal.announce(&made)?;
    fault::point()?;
    rename_new(&made, &tree.target.join(".git")).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => changed(".git").into(),
        _ => anyhow::Error::new(error).context("could not move the new repository into place"),
    })
}

/// Whether all is still as the plan took it to be.
fn verify(tree: &Tree) -> Result<(), Failure> {
    let removed: HashSet<&str> = tree.removed().map(|entry| entry.path.as_str()).collect();
    for entry in &tree.entries {
        let path = entry.path.below(&tree.target);
        for folder in entry.path.folders() {
            let kind = tree.target.join(folder).symlink_metadata().map(|meta| meta.file_type());
            if kind.is_ok_and(|kind| !kind.is_dir()) && !removed.contains(folder) {
                return Err(changed(folder));
            }
        }
        let as_planned = match entry.action {
            // A folder may make room for a file; whether it is empty by then is seen when it goes.
            Action::Create => path.symlink_metadata().map_or(true, |meta| meta.is_dir()),
            Action::Replace(digest) | Action::Remove(digest) => digest_of(&path).is_ok_and(|found| found == digest),
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

/// Puts one file in its place, whole: written beside it and renamed. A new file goes over nothing. Nothing is flushed to disk: a new file was
/// nowhere before, and prodev's own records can be had again, from Git or from the template.
fn place(root: &Path, entry: &Entry) -> io::Result<()> {
    fault::point()?;
    let path = entry.path.below(root);
    let beside = beside(&path);
    let made = draft(&path, entry)
        .and_then(|_| fault::point())
        .and_then(|()| if is_replaced(entry) { rename(&beside, &path) } else { claim(&beside, &path) });
    if made.is_err() {
        // The reason why it failed says more than why this does.
        let _ = remove_file(&beside);
    }
    made
}

/// Has a draft take the place of the user's file, unless that changed while the drafts were written: editors know nothing of the journal.
fn take_place(root: &Path, entry: &Entry) -> anyhow::Result<()> {
    let path = entry.path.below(root);
    if let Action::Replace(digest) = entry.action
        && !digest_of(&path).is_ok_and(|found| found == digest)
    {
        return Err(changed(entry.path.as_str()).into());
    }
    let take = || fault::point().and_then(|()| rename(&beside(&path), &path));
    take().with_context(|| format!("could not write `{}`", entry.path))
}

fn is_replaced(entry: &Entry) -> bool {
    matches!(entry.action, Action::Replace(_))
}

/// Writes what will stand at `path` beside it. Gives the file; a link has none.
pub(super) fn draft(path: &Path, entry: &Entry) -> io::Result<Option<File>> {
    let beside = beside(path);
    match &entry.content {
        Content::Link(target) => symlink(target, &beside).map(|()| None),
        Content::File { bytes, mode } => {
            let permissions = if is_replaced(entry) { permissions_for(path, *mode) } else { Permissions::New(*mode) };
            write_file(&beside, bytes, permissions).map(Some)
        }
    }
}

/// The name under which a file is written before it takes its place. Known in advance, so that a killed run's can be found.
pub(super) fn beside(path: &Path) -> std::path::PathBuf {
    let name = blake3::hash(path.file_name().unwrap_or_default().as_encoded_bytes()).to_hex();
    path.with_file_name(format!(".prodev-new-{}", &name[..16]))
}

/// What a file may be used for.
#[derive(Debug, Clone, Copy)]
enum Permissions {
    /// The umask takes away from them what the user wants taken away.
    New(Mode),
    /// Those of a file that was there, of which the umask has no say.
    Exact(u32),
}

/// A replaced file keeps its permissions but for the executable bits, which are the template's to say. A link has none to keep.
fn permissions_for(path: &Path, mode: Mode) -> Permissions {
    let Some(old) = path.symlink_metadata().ok().filter(fs::Metadata::is_file) else { return Permissions::New(mode) };
    let old = old.permissions().mode() & 0o7777;
    Permissions::Exact(match mode {
        Mode::Executable => old | (old & 0o444) >> 2,
        Mode::Plain => old & !0o111,
        Mode::Private => old & 0o700,
    })
}

fn write_file(path: &Path, bytes: &[u8], permissions: Permissions) -> io::Result<File> {
    let bits = match permissions {
        Permissions::New(mode) => mode.bits(),
        Permissions::Exact(bits) => bits,
    };
    let mut file = open_new(path, bits)?;
    file.write_all(bytes)?;
    if let Permissions::Exact(bits) = permissions {
        file.set_permissions(fs::Permissions::from_mode(bits))?;
    }
    Ok(file)
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
    remove_file(from)
}

/// Puts what was saved back in its place: the very file where its copy is another name of it, and else one with its bytes.
pub(super) fn restore(path: &Path, saved: &Saved, copy: &Path) -> io::Result<()> {
    let beside = beside(path);
    remove_file(&beside)?;
    let meta = copy.symlink_metadata()?;
    let is_the_file = meta.is_file() && meta.permissions().mode() & 0o7777 == saved.mode;
    if saved.link {
        symlink(OsStr::from_bytes(&fs::read(copy)?), &beside)?;
    } else if !is_the_file || fs::hard_link(copy, &beside).is_err() {
        write_file(&beside, &fs::read(copy)?, Permissions::Exact(saved.mode))?.sync_all()?;
    }
    rename(&beside, path)?;
    // Where both were names of one file, the rename did nothing at all.
    remove_file(&beside)
}

#[allow(clippy::disallowed_methods, reason = "this is where a plan changes files")]
pub(super) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)
}

/// Removes a file of our own; that it is gone already is fine.
#[allow(clippy::disallowed_methods, reason = "this is where a plan changes files")]
pub(super) fn remove_file(path: &Path) -> io::Result<()> {
    or_gone(fs::remove_file(path))
}

/// Removes a folder that is empty; one that is not stays.
#[allow(clippy::disallowed_methods, reason = "this is where a plan changes files")]
pub(super) fn remove_empty(path: &Path) -> io::Result<()> {
    match fs::remove_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => Ok(()),
        removed => or_gone(removed),
    }
}

/// Removes a folder of our own with all that is in it.
#[allow(clippy::disallowed_methods, reason = "this is where a plan changes files")]
pub(super) fn remove_all(path: &Path) -> io::Result<()> {
    or_gone(fs::remove_dir_all(path))
}

fn or_gone(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(()),
        removed => removed,
    }
}
