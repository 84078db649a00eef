//! What the files of a repository tell without opening it.

use std::path::{Path, PathBuf};

/// The Git directory of the working tree whose top is `folder`: `.git` itself, or where a `.git` file points to.
pub(crate) fn directory(folder: &Path) -> Option<PathBuf> {
    let git = folder.join(".git");
    let meta = git.metadata().ok()?;
    if meta.is_dir() {
        return Some(git);
    }
    // https://git-scm.com/docs/gitrepository-layout: `gitdir: PATH`, relative to the file's folder.
    let text = std::fs::read_to_string(&git).ok()?;
    let target = text.strip_prefix("gitdir:")?.trim();
    let path = folder.join(target);
    path.is_dir().then_some(path)
}

/// Whether `folder` (or what will be there) lies in a working tree.
pub(crate) fn is_inside(folder: &Path) -> bool {
    folder.ancestors().any(|folder| directory(folder).is_some())
}

/// Whether the repository at `folder` has no branch with a commit yet.
pub(crate) fn is_without_commits(folder: &Path) -> bool {
    let Some(git) = directory(folder) else { return false };
    let holds = |folder: &str| std::fs::read_dir(git.join(folder)).is_ok_and(|mut inside| inside.next().is_some());
    // The newer format of references cannot be read here; without objects there is no commit in it either.
    let elsewhere = git.join("reftable").exists()
        && std::fs::read_dir(git.join("objects")).map_or(true, |all| all.flatten().any(|it| it.file_name().len() == 2));
    !holds("refs/heads") && !holds("objects/pack") && !elsewhere && !git.join("packed-refs").exists()
}
