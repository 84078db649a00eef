//! A user's file, replaced whole: written beside its place, flushed, renamed. Mode, owner and attributes stay; so do links, whose target it is.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, fchown};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use rustix::fs::{XattrFlags, fgetxattr, flistxattr, fsetxattr};

use super::original::{Original, Protected};
use super::tree::rename_new;
use super::{Line, fault};
use crate::error::Failure;
use crate::ui::{Interrupt, Ui};

/// What stands between a file's name and the random part of the name under which it is written.
const MARK: &str = ".prodev-";
const RANDOM: usize = 16;

/// A name may have 255 bytes; a long one is cut for its draft.
const LONGEST_STEM: usize = 200;

/// Attributes beyond this size are no more than a file system holds.
const LARGEST_ATTRIBUTE: usize = 64 * 1024;

/// New bytes for a file that was read and locked.
#[derive(Debug)]
pub(crate) struct Replacement {
    original: Original,
    bytes: Vec<u8>,
    privacy: Privacy,
}

/// Who may read a file that is new. One that was there keeps its mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Privacy {
    /// As the umask says.
    Ordinary,
    /// Its owner alone.
    Private,
}

impl Replacement {
    /// The change of `original` to `bytes`; `None` where that is what it holds.
    ///
    /// # Errors
    /// Where the file is protected, and that is respected.
    pub(crate) fn new(
        original: &Original,
        bytes: Vec<u8>,
        privacy: Privacy,
        protected: Protected,
    ) -> Result<Option<Self>, Failure> {
        if original.bytes() == Some(&bytes) {
            return Ok(None);
        }
        original.check(protected)?;
        Ok(Some(Self { original: original.clone(), bytes, privacy }))
    }

    pub(super) fn line(&self) -> Line {
        let action = if self.original.meta().is_some() { "replace" } else { "create" };
        Line { action, path: self.original.shown.clone() }
    }

    /// What somebody should know who does this.
    pub(super) fn warning(&self) -> Option<String> {
        let others = self.original.other_names();
        let names = if others == 1 { "one other name, which keeps" } else { "other names, which keep" };
        (others > 0).then(|| format!("`{}` has {names} the old content", self.original.shown))
    }

    /// # Errors
    /// Where the file was changed since it was read, or cannot be written, or a signal came: then it is as it was, and nothing lies beside it.
    pub(super) fn apply(self, ui: &Ui) -> anyhow::Result<()> {
        let interrupt = Interrupt::hold()?;
        self.original.verify()?;
        let cannot = || format!("could not write `{}`", self.original.shown);
        let folder = self.original.target().parent().with_context(cannot)?;
        sweep(folder);
        let draft = Draft::create(self.original.target(), self.mode_of_new()).with_context(cannot)?;
        self.fill(&draft).with_context(cannot)?;
        interrupt.check()?;
        draft.become_file(self.original.target(), self.original.meta().is_some()).with_context(cannot)?;
        fault::moment();
        // The rename is done; what is not on the disk yet, a power cut can undo, but not damage.
        if let Err(error) = self.original.folder().sync_all() {
            ui.warn(&format!(
                "`{}` is written, but the disk did not say that it kept it: {error}",
                self.original.shown
            ));
        }
        Ok(())
    }

    /// Until it has its own mode, a draft is for its owner alone.
    fn mode_of_new(&self) -> u32 {
        match (self.original.meta(), self.privacy) {
            (None, Privacy::Ordinary) => 0o666,
            _ => 0o600,
        }
    }

    fn fill(&self, draft: &Draft) -> anyhow::Result<()> {
        let mut file = &draft.file;
        fault::point()?;
        file.write_all(&self.bytes)?;
        if let Some(meta) = self.original.meta() {
            keep_owner(file, meta);
            copy_attributes(self.original.target(), file);
            file.set_permissions(fs::Permissions::from_mode(meta.mode() & 0o7777))?;
        }
        fault::point()?;
        file.sync_all()?;
        fault::point()?;
        Ok(())
    }
}

/// Gives the file to whom the old one belongs. Without the right to do so the group is kept, where that is one of the user's own.
fn keep_owner(file: &File, meta: &fs::Metadata) {
    let is_kept = file.metadata().is_ok_and(|now| (now.uid(), now.gid()) == (meta.uid(), meta.gid()));
    if !is_kept && fchown(file, Some(meta.uid()), Some(meta.gid())).is_err() {
        let _ = fchown(file, None, Some(meta.gid()));
    }
}

/// Access lists, labels and what else lies beside the bytes, as far as the file system and the user's rights go.
fn copy_attributes(from: &Path, to: &File) {
    let Ok(from) = File::open(from) else { return };
    let mut names = vec![0; LARGEST_ATTRIBUTE];
    let Ok(length) = flistxattr(&from, &mut names[..]) else { return };
    let mut value = Vec::new();
    for name in names[..length].split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
        value.resize(LARGEST_ATTRIBUTE, 0);
        if let Ok(length) = fgetxattr(&from, name, &mut value[..]) {
            let _ = fsetxattr(to, name, &value[..length], XattrFlags::empty());
        }
    }
}

/// A file beside the one whose place it will take; removed when it is dropped before that.
struct Draft {
    path: PathBuf,
    file: File,
    moved: bool,
}

impl Draft {
    fn create(target: &Path, mode: u32) -> io::Result<Self> {
        let name = target.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_string_lossy();
        let stem: String = name.chars().scan(0, within).collect();
        fault::point()?;
        let random = getrandom::u64().map_err(io::Error::other)?;
        // After the file's own name, so that what ignores `.env*` ignores it too.
        let path = target.with_file_name(format!("{stem}{MARK}{random:016x}"));
        let file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&path)?;
        Ok(Self { path, file, moved: false })
    }

    #[allow(clippy::disallowed_methods, reason = "this is where a plan changes files")]
    fn become_file(mut self, target: &Path, is_there: bool) -> io::Result<()> {
        let done = if is_there { fs::rename(&self.path, target) } else { rename_new(&self.path, target) };
        done?;
        self.moved = true;
        Ok(())
    }
}

/// A character, as long as all of them fit into a name.
fn within(length: &mut usize, c: char) -> Option<char> {
    *length += c.len_utf8();
    (*length <= LONGEST_STEM).then_some(c)
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.moved {
            remove(&self.path);
        }
    }
}

#[allow(clippy::disallowed_methods, reason = "this is where a plan changes files")]
fn remove(path: &Path) {
    // What cannot be removed now is swept by the next run.
    let _ = fs::remove_file(path);
}

/// Removes the drafts of killed runs. Whoever calls this holds the folder's lock, so no living run has one.
pub(super) fn sweep(folder: &Path) {
    let user = rustix::process::geteuid().as_raw();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let is_draft = name.to_str().and_then(|name| name.rsplit_once(MARK)).is_some_and(|(stem, random)| {
            !stem.is_empty() && random.len() == RANDOM && random.bytes().all(|b| b.is_ascii_hexdigit())
        });
        if is_draft && entry.metadata().is_ok_and(|meta| meta.is_file() && meta.uid() == user) {
            remove(&entry.path());
        }
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "tests change files themselves")]
mod tests;
