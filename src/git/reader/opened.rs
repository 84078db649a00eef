//! Repositories that libgit2 has opened, kept as long as the program runs: to open one takes longer than most of what it is asked, since each
//! time its place is looked for and all of Git's configuration read.

use std::cell::RefCell;
use std::collections::HashMap;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::Place;

/// An open repository. What it is asked for is read from the files as they are then; only where it is stays as it was.
#[derive(Clone)]
pub(super) struct Opened {
    pub(super) repository: Rc<git2::Repository>,
    pub(super) place: Place,
}

/// An open repository, and how the files looked that say where it is and of what kind.
struct Kept {
    opened: Opened,
    marks: [Option<Mark>; 3],
}

/// What tells a file from one that has taken its place, or was written anew.
#[derive(PartialEq, Eq)]
struct Mark {
    place: (u64, u64),
    size: u64,
    changed: (i64, i64),
}

thread_local! {
    /// By the folder from which it was opened.
    static KEPT: RefCell<HashMap<PathBuf, Kept>> = RefCell::default();
}

impl Opened {
    /// The repository that was opened from `dir` before; `None` where it was not, or may be another one now.
    pub(super) fn again(dir: &Path) -> Option<Self> {
        KEPT.with_borrow_mut(|kept| {
            let known = kept.get(dir)?;
            if marks(&known.opened.place) == known.marks && known.opened.place.is_nearest(dir) {
                return Some(known.opened.clone());
            }
            kept.remove(dir);
            None
        })
    }

    /// Keeps it for the next time.
    pub(super) fn keep(&self) {
        let kept = Kept { opened: self.clone(), marks: marks(&self.place) };
        KEPT.with_borrow_mut(|all| all.insert(self.place.dir.clone(), kept));
    }
}

impl Place {
    /// Whether no other repository has come to be between `dir` and the top of this one.
    fn is_nearest(&self, dir: &Path) -> bool {
        let top = self.work_tree.as_deref().unwrap_or(&self.git_dir);
        dir.starts_with(top)
            && dir.ancestors().take_while(|folder| *folder != top).all(|folder| !folder.join(".git").exists())
    }
}

/// The Git directory itself may be another one, and its configuration says what kind of repository it is.
fn marks(place: &Place) -> [Option<Mark>; 3] {
    let folder = |path: &Path| {
        let meta = path.metadata().ok()?;
        // What is in it comes and goes.
        Some(Mark { place: (meta.dev(), meta.ino()), size: 0, changed: (0, 0) })
    };
    let file = |path: PathBuf| {
        let meta = path.metadata().ok()?;
        let changed = (meta.mtime(), meta.mtime_nsec());
        Some(Mark { place: (meta.dev(), meta.ino()), size: meta.size(), changed })
    };
    [folder(&place.git_dir), file(place.common_dir.join("config")), file(place.git_dir.join("config.worktree"))]
}

#[cfg(test)]
mod tests {
    use super::super::libgit::Libgit;
    use super::super::{Backend as _, Repository};
    use super::*;

    fn made(folder: &Path) -> git2::Repository {
        git2::Repository::init(folder).unwrap()
    }

    #[allow(clippy::disallowed_methods, reason = "a test moves what is its own")]
    fn put_aside(git_dir: &Path) {
        std::fs::rename(git_dir, git_dir.with_file_name("old")).unwrap();
    }

    /// The folder that the repository of `dir` is in, and whether it was open already.
    fn opened(dir: &Path) -> (PathBuf, bool) {
        let was_open = Opened::again(dir).is_some();
        (Repository::open(dir).unwrap().git_dir().to_owned(), was_open)
    }

    #[test]
    fn a_repository_is_opened_once_while_it_is_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().canonicalize().unwrap();
        let inner = top.join("a/b");
        std::fs::create_dir_all(&inner).unwrap();
        made(&top);
        assert_eq!(opened(&inner), (top.join(".git"), false));
        assert_eq!(opened(&inner), (top.join(".git"), true));
        // Another one has come to be nearer.
        made(&top.join("a"));
        assert_eq!(opened(&inner), (top.join("a/.git"), false));
        // It has gone, and another one is in its place.
        put_aside(&top.join("a/.git"));
        made(&top.join("a"));
        assert_eq!(opened(&inner), (top.join("a/.git"), false));
        assert_eq!(opened(&inner), (top.join("a/.git"), true));
    }

    #[test]
    fn what_it_is_asked_is_as_it_is_now() {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().canonicalize().unwrap();
        let other = made(&top);
        let (_, first) = Libgit::open(&top).unwrap().unwrap();
        assert_eq!(first.look_up("refs/heads/main").unwrap(), None);
        assert_eq!(first.settings().unwrap().get("a.b"), None);
        other.config().unwrap().set_str("a.b", "c").unwrap();
        let author = git2::Signature::now("Ada", "ada@example.org").unwrap();
        let tree = other.find_tree(other.index().unwrap().write_tree().unwrap()).unwrap();
        let commit = other.commit(Some("refs/heads/main"), &author, &author, "one", &tree, &[]).unwrap();
        let found = first.look_up("refs/heads/main").unwrap().unwrap();
        assert_eq!((found.id.to_string(), found.name.as_str()), (commit.to_string(), "refs/heads/main"));
        assert_eq!(first.settings().unwrap().get("a.b"), Some("c"));
        // Its configuration was written, so that it may be a repository of another kind.
        assert!(Opened::again(&top).is_none());
    }
}
