//! The branches that a finish goes to, how each stands to the remote, and which worktrees that concerns.

use std::path::PathBuf;

use super::Request;
use super::merged::is_merged;
use crate::error::Problem;
use crate::flow::kind::{Kind, Point};
use crate::flow::see::Seen;
use crate::git::{Id, Untracked, Worktree, dirt};
use crate::plan::process::quoted;

/// A branch that it goes to.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) name: String,
    pub(crate) id: Id,
    /// The worktree in which it is checked out, if that is not the one that the command stands in.
    pub(crate) dir: Option<PathBuf>,
    /// Where it is at the remote, if the branch is merged there already and this only has to follow.
    pub(crate) follows: Option<Id>,
    /// Where it is at the remote, if it is brought up to that before it is merged into.
    pub(crate) forward: Option<Id>,
    /// It is left to a pull request.
    pub(crate) by_request: bool,
}

impl Target {
    /// Where it is when it is merged into.
    pub(crate) fn base(&self) -> Id {
        self.follows.or(self.forward).unwrap_or(self.id)
    }
}

/// The branches that it goes to, in order.
pub(super) fn targets(seen: &Seen, kind: &Kind, branch: &str) -> anyhow::Result<Vec<String>> {
    let base = seen.recorded_base(branch)?.filter(|base| *base != kind.start.name());
    if let Some(base) = base {
        let is_target = kind.targets.contains(&Point::Branch(base.clone()));
        if !is_target && seen.branch(&base)?.is_some() {
            if seen.rules.may_merge(branch, &base) == Some(false) {
                return Err(crate::error::fail(format!(
                    "a {} may not be merged into `{base}`, which it started from",
                    kind.name
                ))
                .hint(format!(
                    "if it shall go to `{}`: `git config --unset gitflow.branch.{branch}.base`",
                    kind.parent.name(),
                    branch = quoted(branch)
                ))
                .into());
            }
            return Ok(vec![base]);
        }
    }
    let mut names = Vec::new();
    for point in &kind.targets {
        names.extend(seen.at_point(point)?.into_iter().filter(|name| name != branch));
    }
    let main = seen.rules.main().to_owned();
    // What goes straight to production is wanted in the release that comes next, too.
    if seen.rules.flow.hotfix_into_release && kind.start == Point::Branch(main.clone()) && names.first() == Some(&main)
    {
        let releases =
            seen.rules.kinds.iter().filter(|other| other.tag && other.name != kind.name && other.start != kind.start);
        let mut at = 1;
        for release in releases.cloned().collect::<Vec<_>>() {
            for open in seen.open(&release)? {
                names.insert(at, open);
                at += 1;
            }
        }
    }
    if names.is_empty() {
        return Err(crate::error::fail(format!("a {} is not merged anywhere: it stays", kind.name))
            .hint(format!("name its targets with `merge_into` in `[flow.kinds.{}]`", kind.name))
            .into());
    }
    names.dedup();
    Ok(names)
}

pub(super) fn target(
    seen: &Seen,
    name: &str,
    tip: Id,
    others: &[Worktree],
    is_published: bool,
    problems: &mut Vec<Problem>,
) -> anyhow::Result<Option<Target>> {
    let remote = seen.rules.remote();
    let at = quoted(remote);
    let there = seen.at_remote(name)?;
    let Some(id) = seen.branch(name)? else {
        let problem = Problem::new(format!("there is no branch `{name}`"));
        let hint = if there.is_some() {
            format!("make it from the remote's: `git branch {name} {at}/{name}`", name = quoted(name))
        } else {
            format!("make it with `git branch {} {}`", quoted(name), quoted(seen.rules.main()))
        };
        problems.push(problem.hint(hint));
        return Ok(None);
    };
    let dir = others.iter().find(|tree| tree.branch.as_deref() == Some(name)).map(|tree| tree.path.clone());
    let mut target = Target { name: name.to_owned(), id, dir, follows: None, forward: None, by_request: false };
    if let Some(there) = there.filter(|there| *there != id) {
        let is_behind = seen.contains(there, id)?;
        if is_behind && is_merged(seen, tip, there)? {
            target.follows = Some(there);
        } else if is_behind && seen.rules.flow.fast_forward {
            target.forward = Some(there);
        } else if is_behind {
            let hint = format!(
                "take in what is there: `git fetch {at} {name}:{name}`, or `git pull --ff-only` on it",
                name = quoted(name)
            );
            problems.push(Problem::new(format!("`{name}` is behind `{remote}/{name}`")).hint(hint));
        } else if !seen.contains(id, there)? {
            // A plain rebase would flatten the merges of what was finished here.
            let hint = format!(
                "bring them together: `git switch {name} && git pull --rebase=merges {at} {name}`",
                name = quoted(name)
            );
            problems.push(Problem::new(format!("`{name}` and `{remote}/{name}` have diverged")).hint(hint));
        }
    } else if is_published && !seen.contains(id, tip)? && is_merged(seen, tip, id)? {
        target.follows = Some(id);
    }
    Ok(Some(target))
}

/// Branches that take pull requests only. The first target is the branch's own way; what comes after it is left to a pull request of its own.
pub(super) fn pull_requests(
    seen: &Seen,
    request: &Request,
    tip: Id,
    targets: &mut [Target],
    problems: &mut Vec<Problem>,
) -> anyhow::Result<()> {
    for (number, target) in targets.iter_mut().enumerate() {
        if target.follows.is_some() || !seen.rules.takes_pull_requests_only(&target.name) {
            continue;
        }
        if number > 0 {
            target.by_request = true;
        } else if !seen.contains(target.id, tip)? {
            problems.push(
                Problem::new(format!("`{}` takes pull requests only", target.name))
                    .hint(format!("open one: `prodev flow finish {} --pr`", quoted(&request.branch))),
            );
        }
    }
    Ok(())
}

pub(super) fn other_worktree(tree: &Worktree, problems: &mut Vec<Problem>) -> anyhow::Result<()> {
    let branch = tree.branch.as_deref().unwrap_or_default();
    let path = tree.path.display();
    let wrong = if tree.is_locked {
        Some("locked")
    } else if crate::git::Repository::open(&tree.path)?.operation().is_some() {
        Some("in the middle of something")
    } else if !dirt(&tree.path, Untracked::Leave)?.changed.is_empty() {
        Some("changed")
    } else {
        None
    };
    if let Some(state) = wrong {
        let hint = format!("look at it with `git -C {} status`", quoted(&tree.path.to_string_lossy()));
        problems.push(Problem::new(format!("`{branch}` is checked out in `{path}`, which is {state}")).hint(hint));
    }
    Ok(())
}
