//! A repository that is read: one door, and behind it libgit2 or, where that cannot read a repository or would read it otherwise than
//! Git does, the `git` program. Nothing here changes anything.

mod libgit;
mod opened;
mod plumbing;
mod settings;
mod source;
#[cfg(test)]
mod tests;

use std::cell::OnceCell;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

pub(crate) use settings::Settings;

use self::libgit::Libgit;
use self::plumbing::Plumbing;
use self::source::Choice;
use super::commit::Commit;
use super::graph::{Graph, Link};
use super::id::Id;
use super::operation::{self, Operation};
use super::worktree::{Change, Flag};
use crate::error::{Failure, fail};

/// A repository, open for reading.
pub(crate) struct Repository {
    place: Place,
    backend: Box<dyn Backend>,
    /// For what only Git itself can tell.
    plumbing: Plumbing,
    settings: OnceCell<Settings>,
    refs: OnceCell<Vec<Ref>>,
    shallow: OnceCell<Vec<Id>>,
}

/// Where a repository is.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    /// Where the command stands: `git` is run there.
    dir: PathBuf,
    /// The Git directory; that of the linked worktree, where it is one.
    git_dir: PathBuf,
    /// The one that all worktrees share.
    common_dir: PathBuf,
    /// `None` in a bare repository.
    work_tree: Option<PathBuf>,
}

/// What is checked out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Head {
    /// A branch by its short name, and its commit, if it has one yet.
    Branch(String, Option<Id>),
    Detached(Id),
}

/// A name for an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ref {
    /// In full: `refs/heads/main`.
    pub(crate) name: String,
    /// What it names: for an annotated tag the tag itself.
    pub(crate) id: Id,
    /// What a tag comes to in the end.
    pub(crate) peeled: Id,
    /// The full name of the ref that it stands for, as `refs/remotes/origin/HEAD` does.
    pub(crate) symbolic: Option<String>,
}

/// What Git makes of a signature that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signature {
    Good,
    Bad,
    Revoked,
    /// It cannot be checked, as where the key is missing.
    Unknown,
}

/// What answers. Refs are in the order of their names.
trait Backend {
    fn head(&self) -> anyhow::Result<Head>;
    fn refs(&self) -> anyhow::Result<Vec<Ref>>;
    /// The ref of that full name, as it is now.
    fn look_up(&self, name: &str) -> anyhow::Result<Option<Ref>>;
    /// The commit that `revision` names, in Git's own language for that; `None` where there is none.
    fn resolve(&self, revision: &str) -> anyhow::Result<Option<Id>>;
    fn settings(&self) -> anyhow::Result<Settings>;
    /// All that `tips` come from, in any order.
    fn links(&self, tips: &[Id]) -> anyhow::Result<Vec<Link>>;
    /// What comes from `include` and not from `exclude`, children before parents.
    fn range(&self, include: &[Id], exclude: &[Id]) -> anyhow::Result<Vec<Id>>;
    /// The best common ancestors of two commits, in any order.
    fn merge_bases(&self, one: Id, other: Id) -> anyhow::Result<Vec<Id>>;
    /// In the order asked for. One that is not there is an error.
    fn commits(&self, ids: &[Id]) -> anyhow::Result<Vec<Commit>>;
    /// The content of a file in a commit; `None` where the commit has none at `path`.
    fn file(&self, commit: Id, path: &str) -> anyhow::Result<Option<Vec<u8>>>;
    /// What the reflog of a ref says: each id that it had, and how it came to it; empty where there is no log.
    fn reflog(&self, name: &str) -> anyhow::Result<Vec<(Id, String)>>;
    /// What is otherwise in the tree of `to` than in that of `from`.
    fn changes(&self, from: Id, to: Id) -> anyhow::Result<Vec<Change>>;
    /// Paths of the index that Git does not look at in the working tree, and why.
    fn flagged(&self) -> anyhow::Result<Vec<(String, Flag)>>;
    /// Whether there is a pseudo-ref such as `CHERRY_PICK_HEAD`.
    fn has_pseudo_ref(&self, name: &str) -> bool;
}

impl Repository {
    /// Opens the repository that `dir` (absolute) is in, or that Git's own variables name.
    ///
    /// # Errors
    /// Where there is none, or one that cannot be read.
    pub(crate) fn open(dir: &Path) -> anyhow::Result<Self> {
        Self::around(dir)?.ok_or_else(|| Self::missing(dir).into())
    }

    /// The failure that there is none.
    pub(crate) fn missing(dir: &Path) -> Failure {
        fail(format!("`{}` is not in a Git repository", dir.display())).hint("create one with `git init`")
    }

    /// The same; `None` where there is none.
    pub(crate) fn around(dir: &Path) -> anyhow::Result<Option<Self>> {
        let choice = source::choice();
        if choice != Choice::Plumbing {
            match Libgit::open(dir) {
                Ok(Some((place, backend))) => return Ok(Some(Self::of(place, Box::new(backend)))),
                // To be nowhere is the same to both, but for what only variables name.
                Ok(None) if !source::is_named() => return Ok(None),
                Err(error) if choice == Choice::Libgit => return Err(error),
                // `git` says better what is wrong, if it is not just libgit2 that cannot read it.
                Ok(None) | Err(_) => {}
            }
        }
        Ok(Plumbing::open(dir)?.map(|(place, backend)| Self::of(place, Box::new(backend))))
    }

    fn of(place: Place, backend: Box<dyn Backend>) -> Self {
        let plumbing = Plumbing::at(&place);
        Self { place, backend, plumbing, settings: OnceCell::new(), refs: OnceCell::new(), shallow: OnceCell::new() }
    }

    /// The Git directory; that of the linked worktree, where it is one.
    pub(crate) fn git_dir(&self) -> &Path {
        &self.place.git_dir
    }

    /// The Git directory that all worktrees share.
    pub(crate) fn common_dir(&self) -> &Path {
        &self.place.common_dir
    }

    /// The top of the working tree; `None` in a bare repository.
    pub(crate) fn work_tree(&self) -> Option<&Path> {
        self.place.work_tree.as_deref()
    }

    pub(crate) fn head(&self) -> anyhow::Result<Head> {
        self.backend.head().context("could not read `HEAD`")
    }

    /// All refs, by name.
    pub(crate) fn refs(&self) -> anyhow::Result<&[Ref]> {
        if let Some(refs) = self.refs.get() {
            return Ok(refs);
        }
        let refs = self.backend.refs().context("could not read the refs")?;
        Ok(self.refs.get_or_init(|| refs))
    }

    /// The ref of that full name, as it was when the refs were read.
    pub(crate) fn find(&self, name: &str) -> anyhow::Result<Option<&Ref>> {
        let refs = self.refs()?;
        Ok(refs.binary_search_by(|one| one.name.as_str().cmp(name)).ok().map(|at| &refs[at]))
    }

    /// The same, as it is at this very moment, and without a look at the others.
    pub(crate) fn look_up(&self, name: &str) -> anyhow::Result<Option<Ref>> {
        self.backend.look_up(name).with_context(|| format!("could not read `{name}`"))
    }

    /// Local branches: short name and commit.
    pub(crate) fn branches(&self) -> anyhow::Result<impl Iterator<Item = (&str, Id)>> {
        self.below("refs/heads/")
    }

    /// Tags: short name and the commit (or what else) that they come to.
    pub(crate) fn tags(&self) -> anyhow::Result<impl Iterator<Item = (&str, Id)>> {
        self.below("refs/tags/")
    }

    /// Refs whose full name begins with `prefix`: what comes after it, and the commit.
    pub(crate) fn below<'a>(&'a self, prefix: &'a str) -> anyhow::Result<impl Iterator<Item = (&'a str, Id)>> {
        let refs = self.refs()?;
        let start = refs.partition_point(|one| one.name.as_str() < prefix);
        let named = refs[start..].iter().map_while(move |one| Some((one.name.strip_prefix(prefix)?, one)));
        Ok(named.filter(|(_, one)| one.symbolic.is_none()).map(|(name, one)| (name, one.peeled)))
    }

    /// The commit that `revision` names, as `HEAD~3` or `v1.0`.
    pub(crate) fn resolve(&self, revision: &str) -> anyhow::Result<Option<Id>> {
        // What begins with a dash is an option to `git` and nothing to libgit2.
        if revision.is_empty() || revision.starts_with('-') {
            return Ok(None);
        }
        self.backend.resolve(revision).with_context(|| format!("could not look up `{revision}`"))
    }

    /// Whether the commit is here.
    pub(crate) fn has(&self, id: Id) -> bool {
        self.backend.resolve(&id.to_string()).is_ok_and(|found| found == Some(id))
    }

    /// Git's configuration as it holds here.
    pub(crate) fn settings(&self) -> anyhow::Result<&Settings> {
        if let Some(settings) = self.settings.get() {
            return Ok(settings);
        }
        let settings = self.backend.settings().context("could not read Git's configuration")?;
        Ok(self.settings.get_or_init(|| settings))
    }

    /// All that `tips` come from, as a graph.
    pub(crate) fn graph(&self, tips: impl IntoIterator<Item = Id>) -> anyhow::Result<Graph> {
        let mut tips: Vec<Id> = tips.into_iter().collect();
        tips.sort_unstable();
        tips.dedup();
        Ok(Graph::of(&self.backend.links(&tips).context("could not read the history")?))
    }

    /// What comes from `include` and not from `exclude`, children before parents.
    pub(crate) fn range(&self, include: &[Id], exclude: &[Id]) -> anyhow::Result<Vec<Id>> {
        self.backend.range(include, exclude).context("could not read the history")
    }

    /// Paths of the index that Git does not look at in the working tree, and why.
    pub(crate) fn flagged(&self) -> anyhow::Result<Vec<(String, Flag)>> {
        self.backend.flagged().context("could not read the index")
    }

    /// What is otherwise in the tree of the commit (or in the tree) `to` than in that of `from`.
    pub(crate) fn changes(&self, from: Id, to: Id) -> anyhow::Result<Vec<Change>> {
        if from == to {
            return Ok(Vec::new());
        }
        self.backend.changes(from, to).context("could not compare two commits")
    }

    /// What two commits had in common last: several where branches have crossed, none where they have nothing in common.
    pub(crate) fn merge_bases(&self, one: Id, other: Id) -> anyhow::Result<Vec<Id>> {
        self.backend.merge_bases(one, other).context("could not read the history")
    }

    /// These commits, in this order.
    pub(crate) fn commits(&self, ids: &[Id]) -> anyhow::Result<Vec<Commit>> {
        self.backend.commits(ids).context("could not read the commits")
    }

    /// The content of a file in a commit, as it is stored there.
    pub(crate) fn file(&self, commit: Id, path: &str) -> anyhow::Result<Option<Vec<u8>>> {
        self.backend.file(commit, path).with_context(|| format!("could not read `{path}` in `{commit}`"))
    }

    /// What this machine remembers of a ref: each id that it had, newest first, and how it came to it.
    pub(crate) fn reflog(&self, name: &str) -> anyhow::Result<Vec<(Id, String)>> {
        self.backend.reflog(name).with_context(|| format!("could not read the reflog of `{name}`"))
    }

    /// Where a shallow clone ends; empty where it is none.
    pub(crate) fn shallow(&self) -> &[Id] {
        self.shallow.get_or_init(|| {
            let text = std::fs::read(self.place.common_dir.join("shallow")).unwrap_or_default();
            text.split(|byte| *byte == b'\n').filter_map(|line| Id::parse(line.trim_ascii())).collect()
        })
    }

    /// What is being merged into what is checked out.
    pub(crate) fn merge_heads(&self) -> Vec<Id> {
        let text = std::fs::read(self.place.git_dir.join("MERGE_HEAD")).unwrap_or_default();
        let heads: Vec<Id> =
            text.split(|byte| *byte == b'\n').filter_map(|line| Id::parse(line.trim_ascii())).collect();
        // Before the file is there, Git tells its hooks by variables.
        if heads.is_empty() { source::merged_heads() } else { heads }
    }

    /// What Git makes of the signatures of these commits, which are signed.
    pub(crate) fn signatures(&self, ids: &[Id]) -> anyhow::Result<Vec<Signature>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        self.plumbing.signatures(ids).context("could not check the signatures")
    }

    /// What Git makes of the signature of a tag; `None` where it has none.
    pub(crate) fn tag_signature(&self, tag: Id) -> anyhow::Result<Option<Signature>> {
        self.plumbing.tag_signature(tag).context("could not check the signature of a tag")
    }

    /// What is going on here that is not done yet.
    pub(crate) fn operation(&self) -> Option<Operation> {
        operation::of(&self.place.git_dir, |name| self.backend.has_pseudo_ref(name))
    }
}

impl Head {
    /// The branch that is checked out.
    pub(crate) fn branch(&self) -> Option<&str> {
        match self {
            Self::Branch(name, _) => Some(name),
            Self::Detached(_) => None,
        }
    }

    /// The commit that is checked out.
    pub(crate) fn commit(&self) -> Option<Id> {
        match self {
            Self::Branch(_, id) => *id,
            Self::Detached(id) => Some(*id),
        }
    }
}
