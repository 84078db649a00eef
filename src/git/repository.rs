//! What the files of a repository tell without opening it.

use std::path::{Path, PathBuf};

/// The Git directory of the working tree whose top is `folder`: `.git` itself, or where a `.git` file points to.
pub(crate) fn directory(folder: &Path) -> Option<PathBuf> {
    let git = folder.join(".git");
    let meta = git.metadata().ok()?;
    if meta.is_dir() {
        return is_repository(&git).then_some(git);
    }
    // https://git-scm.com/docs/gitrepository-layout: `gitdir: PATH`, relative to the file's folder.
    let text = std::fs::read_to_string(&git).ok()?;
    let target = text.strip_prefix("gitdir:")?.trim();
    let path = folder.join(target);
    is_repository(&path).then_some(path)
}

/// Git asks for more, but a folder without this is none to it.
fn is_repository(git: &Path) -> bool {
    // It may be a link to a branch that has no commit yet.
    git.join("HEAD").symlink_metadata().is_ok()
}

/// The Git directory that `folder` (or what will be there) lies in itself: `.git`, or a bare repository.
pub(crate) fn around(folder: &Path) -> Option<&Path> {
    let is_bare =
        |folder: &Path| is_repository(folder) && ["objects", "refs"].iter().all(|it| folder.join(it).is_dir());
    folder.ancestors().find(|folder| folder.file_name().is_some_and(|name| name == ".git") || is_bare(folder))
}

/// Whether `folder` (or what will be there) lies in a working tree.
pub(crate) fn is_inside(folder: &Path) -> bool {
    folder.ancestors().any(|folder| directory(folder).is_some())
}
