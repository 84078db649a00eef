//! Files that a deed changes itself, and commits: a version, a changelog. Each is replaced whole, and what a killed run left of it is told by its
//! content.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use super::run::{Failed, Run};
use super::view::View;
use crate::error::fail;
use crate::git::{Id, merge};
use crate::plan::original::{Original, Protected};
use crate::plan::replace::{self, Privacy, Replacement};
use crate::ui::Ui;

/// New text for a file, as Git stores it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Edit {
    /// From the top of the working tree.
    pub(crate) path: String,
    /// `None` where there is no such file.
    pub(crate) old: Option<String>,
    pub(crate) new: String,
}

impl Edit {
    /// What will be different, as `git diff` shows it.
    pub(super) fn diff(&self) -> anyhow::Result<String> {
        merge::unified(&self.path, self.old.as_deref().map(str::as_bytes), Some(self.new.as_bytes()))
    }

    /// The new text with the line ends that the file has on disk, which a checkout may have changed.
    fn bytes(&self, on_disk: &[u8]) -> Vec<u8> {
        let is_converted = on_disk.windows(2).any(|pair| pair == b"\r\n")
            && self.old.as_ref().is_some_and(|old| !old.contains("\r\n"));
        if is_converted { self.new.replace('\n', "\r\n").into_bytes() } else { self.new.clone().into_bytes() }
    }

    fn is_old(&self, on_disk: Option<&[u8]>) -> bool {
        let plain = on_disk.map(|bytes| String::from_utf8_lossy(bytes).replace("\r\n", "\n"));
        plain == self.old.as_ref().map(|old| old.replace("\r\n", "\n"))
    }

    fn is_new(&self, on_disk: Option<&[u8]>) -> bool {
        on_disk.is_some_and(|bytes| self.bytes(bytes) == bytes)
    }
}

impl Run {
    /// Changes files and commits them, on the branch that is checked out in `dir`.
    pub(super) fn edit(&self, dir: &Path, branch: &str, files: &[Edit], message: &str, ui: &Ui) -> Result<(), Failed> {
        for edit in files {
            let full = dir.join(&edit.path);
            let cannot = || format!("could not change `{}`", edit.path);
            if full.symlink_metadata().is_ok_and(|meta| !meta.is_file()) {
                let failure = fail(format!("`{}` is no file of its own", edit.path));
                return Err(Failed::Other(failure.hint("name the file that it leads to in `[flow.release]`").into()));
            }
            if let Some(parent) = full.parent().filter(|_| edit.old.is_none()) {
                std::fs::create_dir_all(parent).with_context(cannot)?;
            }
            // A folder that is a link would lead out of the working tree.
            let is_inside = full.parent().is_some_and(|parent| match (parent.canonicalize(), dir.canonicalize()) {
                (Ok(parent), Ok(dir)) => parent.starts_with(dir),
                _ => false,
            });
            if !is_inside {
                let failure = fail(format!("`{}` leads out of the working tree", edit.path));
                return Err(Failed::Other(failure.hint("name a file inside it in `[flow.release]`").into()));
            }
            let original = take(&full, &edit.path)?;
            if edit.is_new(original.bytes()) {
                continue;
            }
            if !edit.is_old(original.bytes()) {
                let failure = fail(format!("`{}` is another than when this was planned", edit.path));
                return Err(Failed::Other(failure.hint("run the command again").into()));
            }
            let bytes = edit.bytes(original.bytes().unwrap_or_default());
            let replacement = Replacement::new(&original, bytes, Privacy::Ordinary, Protected::Respect);
            if let Some(replacement) = replacement.map_err(anyhow::Error::from)? {
                replacement.apply(ui)?;
            }
        }
        let paths: Vec<&str> = files.iter().map(|edit| edit.path.as_str()).collect();
        self.git(dir).must(&[&["add", "--"], paths.as_slice()].concat(), b"")?;
        let said =
            self.tracing(dir).run(&["commit", "--quiet", "--cleanup=verbatim", "-F", "-"], message.as_bytes())?;
        self.judge(dir, branch, branch, &said, "commit")
    }

    /// Whether `commit` is the one that changed these files on top of `old`, whatever hooks made of them.
    pub(super) fn is_edit(view: &View, commit: Id, old: Id, files: &[Edit]) -> anyhow::Result<bool> {
        if view.commit(commit)?.parents != [old] {
            return Ok(false);
        }
        let changed = view.repository.changes(old, commit)?;
        Ok(files.iter().all(|edit| changed.iter().any(|change| change.path == edit.path)))
    }

    /// Puts the files back as HEAD has them. What is neither the old text nor the new one is the user's, and is saved aside.
    pub(super) fn put_back_edits(&self, dir: &Path, files: &[Edit], ui: &Ui) -> anyhow::Result<()> {
        let view = View::of(dir)?;
        let Some(head) = view.repository.head()?.commit() else { return Ok(()) };
        let paths: Vec<&str> = files.iter().map(|edit| edit.path.as_str()).collect();
        self.quiet(dir).run(&[&["reset", "--quiet", "--"], paths.as_slice()].concat(), b"")?;
        for edit in files {
            let full = dir.join(&edit.path);
            let Some(folder) = full.parent().filter(|folder| folder.is_dir()) else { continue };
            let original = take(&full, &edit.path)?;
            replace::sweep(folder);
            if original.bytes().is_some() && !edit.is_old(original.bytes()) && !edit.is_new(original.bytes()) {
                let to = self.journal.save_aside(dir, &edit.path)?;
                ui.warn(&format!("what was in `{}` is saved in `{}`", edit.path, to.display()));
            }
            if view.repository.file(head, &edit.path)?.is_some() {
                if original.bytes().is_none() || !edit.is_old(original.bytes()) {
                    self.quiet(dir).must(&["restore", "--quiet", "--worktree", "--", &edit.path], b"")?;
                }
            } else if original.bytes().is_some() {
                remove(&full).with_context(|| format!("could not remove `{}`", edit.path))?;
            }
        }
        Ok(())
    }
}

fn take(full: &Path, shown: &str) -> anyhow::Result<Original> {
    let mut taken = Original::take_all(&[(PathBuf::from(full), shown.to_owned())])?;
    taken.pop().context("one was asked for")
}

#[allow(clippy::disallowed_methods, reason = "a file that this deed has made is taken away here")]
fn remove(path: &Path) -> std::io::Result<()> {
    std::fs::remove_file(path)
}
