//! The repository as a deed sees it: looked at anew for each change, since hooks and others move refs meanwhile.

use std::path::Path;

use anyhow::Context as _;

use super::Spot;
use super::act::Source;
use crate::git::{Commit, Head, Id, Repository};

/// A repository, seen from one of its worktrees.
pub(super) struct View {
    pub(super) repository: Repository,
}

impl View {
    pub(super) fn of(dir: &Path) -> anyhow::Result<Self> {
        Ok(Self { repository: Repository::open(dir)? })
    }

    /// Where a ref is; for a tag, its own object.
    pub(super) fn id(&self, name: &str) -> anyhow::Result<Option<Id>> {
        Ok(self.repository.look_up(name)?.map(|found| found.id))
    }

    pub(super) fn source(&self, source: &Source) -> anyhow::Result<Id> {
        match source {
            Source::Commit(id) => Ok(*id),
            Source::Ref(name) => {
                let found = self.repository.look_up(name)?.map(|found| found.peeled);
                found.with_context(|| format!("`{name}` is gone"))
            }
        }
    }

    pub(super) fn spot(&self) -> anyhow::Result<Spot> {
        Ok(match self.repository.head()? {
            Head::Branch(name, _) => Spot::Branch(name),
            Head::Detached(id) => Spot::Commit(id),
        })
    }

    pub(super) fn commit(&self, id: Id) -> anyhow::Result<Commit> {
        self.repository.commits(&[id])?.pop().with_context(|| format!("the commit `{id}` is not there"))
    }

    /// Whether all of `old` is in `new`.
    pub(super) fn contains(&self, new: Id, old: Id) -> anyhow::Result<bool> {
        Ok(new == old || self.repository.range(&[old], &[new])?.is_empty())
    }

    /// Whether Git is in the middle of something in the worktree that this is seen from.
    pub(super) fn has(&self, mark: &str) -> bool {
        self.repository.git_dir().join(mark).exists()
    }

    pub(super) fn is_rebasing(&self) -> bool {
        self.has("rebase-merge") || self.has("rebase-apply")
    }
}
