//! What a finish needs to see: where the branch goes, how all that stands to the remote, which worktrees are concerned, and what each merge would
//! come to.

use std::path::PathBuf;

use super::merged::is_merged;
use super::{Request, preflight, release, remote};
use crate::config::kind::Strategy;
use crate::ctx::Ctx;
use crate::error::{Failure, Problem};
use crate::flow::kind::{Kind, Point};
use crate::flow::see::{Obstacles, Seen, obstacles_beside};
use crate::git::{Change, Forecast, Forecaster, Id, Untracked, Worktree, dirt};
use crate::plan::deed::Edit;
use crate::plan::process::quoted;

/// What was seen.
pub(super) struct Look {
    /// Where the branch is.
    pub(super) tip: Id,
    /// Where it is at the remote.
    pub(super) remote_tip: Option<Id>,
    pub(super) targets: Vec<Target>,
    /// The other worktree in which the branch is checked out.
    pub(super) topic_dir: Option<PathBuf>,
    pub(super) same: Vec<String>,
    /// What a release changes on the branch first.
    pub(super) edits: Vec<Edit>,
}

/// A branch that it goes to.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub(super) name: String,
    pub(super) id: Id,
    /// The worktree in which it is checked out, if that is not the one that the command stands in.
    pub(super) dir: Option<PathBuf>,
    /// Where it is at the remote, if the branch is merged there already and this only has to follow.
    pub(super) follows: Option<Id>,
    /// Where it is at the remote, if it is brought up to that before it is merged into.
    pub(super) forward: Option<Id>,
    /// It is left to a pull request.
    pub(super) by_request: bool,
}

impl Target {
    /// Where it is when it is merged into.
    pub(super) fn base(&self) -> Id {
        self.follows.or(self.forward).unwrap_or(self.id)
    }
}

pub(super) fn look(seen: &mut Seen, request: &Request, no_fetch: bool, ctx: &Ctx) -> anyhow::Result<Look> {
    let names = targets(seen, &request.kind, &request.branch)?;
    let mut problems = Vec::new();
    if !no_fetch && seen.rules.flow.fetch {
        let mut all: Vec<&str> = names.iter().map(String::as_str).collect();
        all.push(&request.branch);
        problems = remote::ask(seen, &all, ctx)?;
    }
    let top = seen.top()?.to_owned();
    if let Err(failure) = seen.no_operation() {
        return Err(failure.into());
    }
    preflight::locks(seen, &mut problems);
    let tip = seen.branch(&request.branch)?.ok_or_else(|| crate::error::fail("the branch is gone"))?;
    let remote_tip = seen.at_remote(&request.branch)?;
    if let Some(there) = remote_tip.filter(|there| *there != tip) {
        remote::topic(seen, request, tip, there, &mut problems)?;
    }
    let others = seen.repository.other_worktrees()?;
    let mut found = Vec::new();
    let mut target_problems = Vec::new();
    for name in &names {
        found.extend(target(seen, name, tip, &others, remote_tip.is_some(), &mut target_problems)?);
    }
    pull_requests(seen, request, tip, &mut found, &mut target_problems)?;
    if !request.as_pull {
        // What becomes of its targets is the pull request's business.
        problems.extend(target_problems);
    }
    let topic_dir = others.iter().find(|tree| tree.branch.as_deref() == Some(&request.branch));
    for tree in others.iter().filter(|tree| {
        tree.branch.as_deref() == Some(&request.branch)
            || found.iter().any(|target| target.dir.as_ref() == Some(&tree.path) && !request.as_pull)
    }) {
        other_worktree(tree, &mut problems)?;
    }
    let dirty = dirt(&top, Untracked::Leave)?.changed;
    if !dirty.is_empty() {
        problems.push(
            Problem::new(format!("{} changed and not committed", are(&dirty)))
                .hint("commit what is changed, or put it aside with `git stash`"),
        );
    }
    let mut look = Look {
        tip,
        remote_tip,
        targets: found,
        topic_dir: topic_dir.map(|tree| tree.path.clone()),
        same: Vec::new(),
        edits: Vec::new(),
    };
    if problems.is_empty() && look.takes_edits(seen, request)? {
        look.edits = release::edits(seen, request, tip)?;
    }
    let repository = crate::git::Repository::open(&top)?;
    let mut forecaster = Forecaster::new(&repository);
    if problems.is_empty() {
        preflight::check(seen, request, &look, &mut forecaster, &mut problems)?;
    }
    if problems.is_empty() && !request.as_pull {
        forecasts(seen, request, &look, &mut forecaster, &mut problems)?;
    }
    if problems.is_empty() {
        let found = in_the_way(seen, request, &look)?;
        if let Err(failure) = found.refuse("the finish") {
            problems.push(Problem { message: failure.message, place: None, hint: failure.hints.into_iter().next() });
        }
        look.same = found.same;
    }
    if problems.is_empty() {
        return Ok(look);
    }
    Err(Failure::of(format!("`{}` cannot be finished", request.branch), problems).into())
}

impl Look {
    /// Whether version and changelog are still to be written: not where it is merged or tagged already.
    fn takes_edits(&self, seen: &Seen, request: &Request) -> anyhow::Result<bool> {
        if !request.kind.tag {
            return Ok(false);
        }
        let Some(first) = self.targets.first() else { return Ok(request.as_pull) };
        let is_merged = first.follows.is_some() || (first.id != self.tip && seen.contains(first.id, self.tip)?);
        let tag = seen.rules.tag(request.kind.bare(&request.branch));
        Ok(!is_merged && seen.repository.find(&format!("refs/tags/{tag}"))?.is_none())
    }
}

/// Branches that take pull requests only. The first target is the branch's own way; what comes after it is left to a pull request of its own.
fn pull_requests(
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

/// The branches that it goes to, in order.
fn targets(seen: &Seen, kind: &Kind, branch: &str) -> anyhow::Result<Vec<String>> {
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

fn target(
    seen: &Seen,
    name: &str,
    tip: Id,
    others: &[Worktree],
    is_published: bool,
    problems: &mut Vec<Problem>,
) -> anyhow::Result<Option<Target>> {
    let remote = seen.rules.remote();
    let there = seen.at_remote(name)?;
    let Some(id) = seen.branch(name)? else {
        let problem = Problem::new(format!("there is no branch `{name}`"));
        problems.push(match there {
            Some(_) => problem
                .hint(format!("make it from the remote's: `git branch {name} {remote}/{name}`", name = quoted(name))),
            None => {
                problem.hint(format!("make it with `git branch {name} {}`", seen.rules.main(), name = quoted(name)))
            }
        });
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
                "take in what is there: `git fetch {remote} {name}:{name}`, or `git pull --ff-only` on it",
                name = quoted(name)
            );
            problems.push(Problem::new(format!("`{name}` is behind `{remote}/{name}`")).hint(hint));
        } else if !seen.contains(id, there)? {
            // A plain rebase would flatten the merges of what was finished here.
            let hint = format!(
                "bring them together: `git switch {name} && git pull --rebase=merges {remote} {name}`",
                name = quoted(name)
            );
            problems.push(Problem::new(format!("`{name}` and `{remote}/{name}` have diverged")).hint(hint));
        }
    } else if is_published && !seen.contains(id, tip)? && is_merged(seen, tip, id)? {
        target.follows = Some(id);
    }
    Ok(Some(target))
}

fn other_worktree(tree: &Worktree, problems: &mut Vec<Problem>) -> anyhow::Result<()> {
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
        let hint = format!("look at it with `git -C {path} status`");
        problems.push(Problem::new(format!("`{branch}` is checked out in `{path}`, which is {state}")).hint(hint));
    }
    Ok(())
}

/// What each merge of the plan would come to.
fn forecasts(
    seen: &Seen,
    request: &Request,
    look: &Look,
    forecaster: &mut Forecaster,
    problems: &mut Vec<Problem>,
) -> anyhow::Result<()> {
    // What goes on to the next target: the branch, or the merge of it.
    let mut carried = look.tip;
    // Whether that is in the repository; what was only foretold is known to the forecaster alone.
    let mut is_real = true;
    if !look.edits.is_empty() {
        let files: Vec<(&str, &str)> = look.edits.iter().map(|edit| (edit.path.as_str(), edit.new.as_str())).collect();
        (carried, is_real) = (forecaster.edit(look.tip, &files)?, false);
    }
    for (number, target) in look.targets.iter().enumerate().filter(|(_, target)| !target.by_request) {
        let base = target.base();
        if let Some(follows) = target.follows {
            (carried, is_real) = (follows, true);
            continue;
        }
        let into_tip =
            if is_real { seen.contains(carried, base)? } else { number == 0 && seen.contains(look.tip, base)? };
        if request.strategy == Strategy::FfOnly && number == 0 && !into_tip {
            problems.push(
                Problem::new(format!("`{}` has moved since `{}` left it", target.name, request.branch))
                    .hint(format!("bring it in with `git merge {}`, or finish with `--rebase`", quoted(&target.name))),
            );
            continue;
        }
        if into_tip || (is_real && seen.contains(base, carried)?) {
            // Nothing to bring together: what comes out is one of the two.
            continue;
        }
        match forecaster.merge(base, carried)? {
            Forecast::Clean(tree) => {
                if number == 0 && look.targets.len() > 1 {
                    (carried, is_real) = (forecaster.commit(tree, [base, carried])?, false);
                }
            }
            Forecast::Conflict(_) if request.resolve => break,
            Forecast::Conflict(paths) => {
                let shown: Vec<String> = paths.iter().take(6).map(|path| format!("`{path}`")).collect();
                let hint = if request.kind.tag {
                    format!("go into the conflict with `prodev flow finish {} --resolve`", quoted(&request.branch))
                } else if seen.parent(&request.branch)?.is_some_and(|parent| parent.name == target.name) {
                    format!(
                        "bring `{}` in and resolve it there: `prodev flow update {}`",
                        target.name,
                        quoted(&request.branch)
                    )
                } else {
                    format!(
                        "bring `{}` in and resolve it there: `git switch {} && git merge {}`",
                        target.name,
                        quoted(&request.branch),
                        quoted(&target.name)
                    )
                };
                problems.push(
                    Problem::new(format!(
                        "`{}` and `{}` conflict in {}",
                        request.branch,
                        target.name,
                        shown.join(", ")
                    ))
                    .hint(hint),
                );
            }
        }
    }
    Ok(())
}

/// What the checkouts and merges in this worktree would lose.
fn in_the_way(seen: &Seen, request: &Request, look: &Look) -> anyhow::Result<Obstacles> {
    let Some(head) = seen.head.commit() else { return Ok(Obstacles::default()) };
    let mut changes: Vec<Change> = Vec::new();
    let is_touched = |target: &&Target| target.dir.is_none() && !target.by_request && !request.as_pull;
    for target in look.targets.iter().filter(is_touched) {
        changes.extend(seen.repository.changes(head, target.base())?);
    }
    if !request.as_pull || !look.edits.is_empty() {
        changes.extend(seen.repository.changes(head, look.tip)?);
    }
    // Nothing is changed: that was looked at before.
    obstacles_beside(seen.top()?, &changes, Vec::new())
}

/// `a` and `b` are, `a` is.
fn are(paths: &[String]) -> String {
    let shown: Vec<String> = paths.iter().take(4).map(|path| format!("`{path}`")).collect();
    let more = paths.len().saturating_sub(4);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more} {}", shown.join(", "), if paths.len() == 1 { "is" } else { "are" })
}
