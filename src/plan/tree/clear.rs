//! What goes from a folder: files, and the folders that they leave empty.

use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::Path;

use anyhow::Context as _;

use super::into::{remove_empty, remove_file, restore};
use super::journal::{Deed, Journal, Saved};
use super::{Action, Tree};
use crate::plan::fault;
use crate::plan::path::TreePath;
use crate::ui::Interrupt;

/// Writes down what will go.
pub(super) fn prepare(tree: &Tree, journal: &mut Journal) -> anyhow::Result<()> {
    let root = &tree.target;
    for entry in tree.removed() {
        let Action::Remove(digest) = entry.action else { continue };
        let old = journal.save(root, &entry.path, digest)?;
        journal.add(Deed::Removed { path: entry.path.to_string(), old });
    }
    for (path, mode) in emptied(tree) {
        journal.add(Deed::Emptied { path, mode });
    }
    Ok(())
}

/// The folders in which nothing will be left, inner ones first.
fn emptied(tree: &Tree) -> Vec<(String, u32)> {
    let mut gone: HashSet<&str> = tree.removed().map(|entry| entry.path.as_str()).collect();
    let needed = tree.folders();
    let mut folders: Vec<&str> = tree.removed().flat_map(|entry| entry.path.folders()).collect();
    folders.sort_unstable_by_key(|folder| std::cmp::Reverse(folder.len()));
    folders.dedup();
    let mut emptied = Vec::new();
    for folder in folders {
        let path = tree.target.join(folder);
        let children = || -> std::io::Result<Vec<String>> {
            fs::read_dir(&path)?.map(|child| Ok(child?.file_name().to_string_lossy().into_owned())).collect()
        };
        let is_emptied = !needed.contains(folder)
            && children()
                .is_ok_and(|names| names.iter().all(|name| gone.contains(format!("{folder}/{name}").as_str())));
        if let (true, Ok(meta)) = (is_emptied, path.symlink_metadata()) {
            gone.insert(folder);
            emptied.push((folder.to_owned(), meta.permissions().mode() & 0o7777));
        }
    }
    emptied
}

/// Does what was written down.
pub(super) fn clear(root: &Path, journal: &Journal, interrupt: &Interrupt) -> anyhow::Result<()> {
    for deed in journal.deeds() {
        let (path, removed) = match deed {
            Deed::Removed { path, .. } => {
                interrupt.check()?;
                fault::moment();
                (path, remove_file(&root.join(path)))
            }
            Deed::Emptied { path, .. } => {
                fault::moment();
                (path, remove_empty(&root.join(path)))
            }
            _ => continue,
        };
        removed.with_context(|| format!("could not remove `{path}`"))?;
    }
    Ok(())
}

/// Puts a removed file back, where nothing took its place. Says whether something did.
pub(super) fn put_back(root: &Path, path: &TreePath, old: &Saved, copy: &Path) -> anyhow::Result<bool> {
    let at = path.below(root);
    if old.is_at(&at) {
        return Ok(true);
    }
    if at.symlink_metadata().is_ok() {
        return Ok(false);
    }
    let parent = at.parent().unwrap_or(root);
    let put = || -> anyhow::Result<()> {
        fs::create_dir_all(parent)?;
        restore(&at, old, copy)?;
        Ok(())
    };
    put().with_context(|| format!("could not restore `{path}`"))?;
    Ok(true)
}

/// Makes a folder again that went.
pub(super) fn remake(root: &Path, path: &TreePath, mode: u32) -> anyhow::Result<()> {
    let at = path.below(root);
    if at.symlink_metadata().is_ok() {
        return Ok(());
    }
    let make = || -> std::io::Result<()> {
        fs::DirBuilder::new().recursive(true).mode(0o777).create(&at)?;
        fs::set_permissions(&at, fs::Permissions::from_mode(mode & 0o777))
    };
    make().with_context(|| format!("could not restore the folder `{path}`"))
}
