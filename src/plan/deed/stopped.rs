//! A deed that waits in a conflict: the user may have gone on from there, have given the merge up, or have gone elsewhere meanwhile.

use std::path::{Path, PathBuf};

use super::Spot;
use super::act::{Act, Source, head, short};
use super::run::{Failed, Run, moved};
use super::view::View;
use crate::error::{Failure, fail, first_of};
use crate::git::{Forecast, Forecaster, Id, Operation, Untracked, dirt};
use crate::plan::process::quoted;

/// The change that came into a conflict.
struct Place<'a> {
    dir: &'a Path,
    /// The branch that it changes.
    branch: &'a str,
    /// What it takes in.
    source: &'a Source,
}

impl<'a> Place<'a> {
    fn of(act: &'a Act) -> Option<Self> {
        match act {
            Act::Merge { dir, into, from, .. } | Act::Squash { dir, into, from, .. } => {
                Some(Self { dir, branch: into, source: from })
            }
            Act::Rebase { dir, branch, onto } => Some(Self { dir, branch, source: onto }),
            _ => None,
        }
    }
}

impl Run {
    /// Whether the user left a worktree in which the change that came into a conflict can go on, or be counted as made.
    ///
    /// # Errors
    /// What is in the way.
    pub(super) fn stands(&self, act: &Act) -> anyhow::Result<()> {
        let Some(Place { dir, branch, source }) = Place::of(act) else { return Ok(()) };
        let view = View::of(dir)?;
        if let Source::Ref(name) = source
            && view.id(name)?.is_none()
            && let Some(left) = self.expected(name)
        {
            return Err(fail(format!("`{}` is gone", short(name)))
                .hint(format!("bring it back: `git update-ref {} {left}`", quoted(name)))
                .into());
        }
        let is_rebase = matches!(act, Act::Rebase { .. });
        match view.repository.operation() {
            Some(Operation::Rebase(Some(name))) if is_rebase && name == branch => return Ok(()),
            Some(Operation::Merge) if !is_rebase && view.repository.merge_heads() == [view.source(source)?] => {}
            None | Some(Operation::Bisect) => {}
            Some(other) => {
                let command = other.command();
                return Err(fail(format!("another {} is in progress in `{}`", other.name(), dir.display()))
                    .hint(format!("end it with `git {command} --continue` or `git {command} --abort`"))
                    .into());
            }
        }
        if view.spot()? != Spot::Branch(branch.to_owned()) {
            let git = if dir == self.home() { "git".to_owned() } else { format!("git -C {}", quoted_path(dir)) };
            return Err(fail(format!("`{branch}` is not checked out any more"))
                .hint(format!("go back to it with `{git} switch {}`", quoted(branch)))
                .into());
        }
        if is_rebase {
            // It has moved the branch, or will.
            return Ok(());
        }
        // Commits of the user's on top are theirs to make; what was there is part of it.
        let (is, was) = (view.branch(branch)?, self.expected(&head(branch)));
        match is.zip(was) {
            Some((is, was)) if view.contains(is, was)? => Ok(()),
            _ => {
                let back = was.map(|was| format!("bring it back: `git reset --keep {was}`"));
                Err(back.into_iter().fold(moved(&head(branch), was, is), Failure::hint).into())
            }
        }
    }

    /// Whether Git is still in the midst of the change that came into a conflict; if not, the user has given it up.
    fn is_inside(act: &Act) -> anyhow::Result<bool> {
        let Some(Place { dir, .. }) = Place::of(act) else { return Ok(false) };
        let view = View::of(dir)?;
        Ok(match act {
            Act::Merge { .. } => view.has("MERGE_HEAD"),
            Act::Rebase { .. } => view.is_rebasing(),
            _ => view.is_squashing(dir)?,
        })
    }

    /// What going on would come to, as far as it can be told. Nothing is changed.
    ///
    /// # Errors
    /// What is in the way, or would be.
    pub(super) fn foresee(&self, act: &Act) -> anyhow::Result<()> {
        self.stands(act)?;
        let Some(Place { dir, branch, source }) = Place::of(act) else { return Ok(()) };
        if self.is_made(act)? {
            return Ok(());
        }
        Self::may_begin_anew(act)?;
        let outcome = self.nothing_unmerged(dir, branch, &source.shown());
        let view = View::of(dir)?;
        let outcome = match (outcome, view.branch(branch)?) {
            (Ok(()), Some(tip)) if !Self::is_inside(act)? => {
                let mut forecaster = Forecaster::new(&view.repository);
                let source_id = view.source(source)?;
                let forecast = match act {
                    Act::Rebase { .. } => forecaster.rebase(source_id, tip)?,
                    _ => forecaster.merge(tip, source_id)?,
                };
                match forecast {
                    Forecast::Clean(_) => Ok(()),
                    Forecast::Conflict(paths) => Err(self.conflict(branch, &source.shown(), &paths)),
                }
            }
            (outcome, _) => outcome,
        };
        match outcome {
            Err(Failed::Conflict(failure)) => Err(failure.into()),
            Err(Failed::Other(error)) => Err(error),
            Ok(()) => Ok(()),
        }
    }

    /// Whether a change that was given up can begin anew: nothing of it must be left.
    ///
    /// # Errors
    /// Where something is.
    pub(super) fn may_begin_anew(act: &Act) -> anyhow::Result<()> {
        let Some(Place { dir, .. }) = Place::of(act) else { return Ok(()) };
        if Self::is_inside(act)? {
            return Ok(());
        }
        let dirt = dirt(dir, Untracked::Leave)?;
        if dirt.changed.is_empty() || !dirt.unmerged.is_empty() {
            return Ok(());
        }
        let (action, paths) = (act.line().action, first_of(&dirt.changed, 4));
        Err(fail(format!("the {action} was given up, and left changes in {paths}"))
            .hint("commit them, or put them aside with `git stash`; then it begins anew")
            .into())
    }

    /// Whether somebody has gone on from what a change came to: those commits are theirs.
    pub(super) fn is_gone_beyond(&self, act: &Act) -> anyhow::Result<bool> {
        let view = View::of(act.dir().map_or(self.home(), PathBuf::as_path))?;
        let places = |branch: &str| anyhow::Ok(view.branch(branch)?.zip(self.expected(&head(branch))));
        match act {
            Act::Merge { into, from, .. } => match places(into)? {
                Some((is, was)) if is != was => Ok(!view.is_merge_of(is, was, view.source(from)?)?),
                _ => Ok(false),
            },
            Act::Open { branch, at, .. } => Ok(view.branch(branch)?.is_some_and(|is| is != *at)),
            Act::Squash { into, .. } => match places(into)? {
                Some((is, was)) if is != was => Ok(view.commit(is)?.parents != [was]),
                _ => Ok(false),
            },
            Act::Rebase { branch, onto, .. } => match places(branch)? {
                Some((is, was)) if is != was => {
                    let onto = view.source(onto)?;
                    let own = |tip: Id| anyhow::Ok(view.repository.range(&[tip], &[onto])?.len());
                    Ok(own(is)? > own(was)?)
                }
                _ => Ok(false),
            },
            _ => Ok(false),
        }
    }

    /// Why a deed that has something of the user's in it waits, and is not taken back for a failure that came later.
    pub(super) fn waiting(&self, error: anyhow::Error) -> anyhow::Error {
        let command = self.command();
        let hints = [
            format!("what you have resolved is kept; go on with `prodev flow {command} --continue`"),
            format!("or take all back with `prodev flow {command} --abort`"),
        ];
        match error.downcast::<Failure>() {
            Ok(failure) => hints.into_iter().fold(failure, Failure::hint).into(),
            Err(error) => hints.into_iter().fold(fail(format!("{error:#}")), Failure::hint).into(),
        }
    }
}

impl View {
    /// Whether a squash that came into a conflict is still there. A reset leaves its message, and takes away the rest.
    pub(super) fn is_squashing(&self, dir: &Path) -> anyhow::Result<bool> {
        if !self.has("SQUASH_MSG") {
            return Ok(false);
        }
        let is_merged = self.has("AUTO_MERGE") || self.id("AUTO_MERGE")?.is_some();
        Ok(is_merged || !dirt(dir, Untracked::Leave)?.changed.is_empty())
    }
}

fn quoted_path(path: &Path) -> String {
    quoted(&path.to_string_lossy())
}
