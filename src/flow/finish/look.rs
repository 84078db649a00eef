//! What a finish needs to see: where the branch goes, how all that stands to the remote, which worktrees are concerned, and what each merge would
//! come to.

use std::path::PathBuf;

use super::targets::{Target, other_worktree, pull_requests, target, targets};
use super::{Request, preflight, release, remote};
use crate::ctx::Ctx;
use crate::error::{Failure, Problem, first_of};
use crate::flow::see::{Obstacles, Seen, obstacles_beside};
use crate::git::{Change, Forecaster, Id, Untracked, Worktree, dirt};
use crate::plan::deed::Edit;

/// What was seen.
pub(crate) struct Look {
    /// Where the branch is.
    pub(super) tip: Id,
    /// Where it is at the remote.
    pub(super) remote_tip: Option<Id>,
    pub(crate) targets: Vec<Target>,
    /// Whether the tag is there already, on what this finish would tag.
    pub(super) tag_made: bool,
    /// The other worktree in which the branch is checked out.
    pub(super) topic_dir: Option<PathBuf>,
    pub(super) same: Vec<String>,
    /// What a release changes on the branch first.
    pub(super) edits: Vec<Edit>,
}

/// What is around a branch, the same for each that could be finished.
pub(crate) struct Around {
    pub(crate) others: Vec<Worktree>,
    /// Tracked paths that are changed in the worktree that the command stands in.
    pub(crate) changed: Vec<String>,
}

/// Reads what a finish needs.
///
/// # Errors
/// All that is in its way.
pub(super) fn look(seen: &mut Seen, request: &Request, no_fetch: bool, ctx: &Ctx) -> anyhow::Result<Look> {
    let mut problems = Vec::new();
    let names = targets(seen, &request.kind, &request.branch)?;
    if !no_fetch && seen.rules.flow.fetch {
        let mut all: Vec<&str> = names.iter().map(String::as_str).collect();
        all.push(&request.branch);
        problems = remote::ask(seen, &all, ctx)?;
    }
    let top = seen.top()?.to_owned();
    if let Err(failure) = seen.no_operation() {
        return Err(failure.into());
    }
    let others = seen.repository.other_worktrees()?;
    let around = Around { others, changed: dirt(&top, Untracked::Leave)?.changed };
    let (mut look, found) = stand(seen, request, &around)?;
    problems.extend(found);
    if !around.changed.is_empty() {
        problems.push(uncommitted(&around.changed));
    }
    if problems.is_empty() && look.takes_edits(seen, request)? {
        look.edits = release::edits(seen, request, look.tip, &mut problems)?;
    }
    let repository = crate::git::Repository::open(&top)?;
    let mut forecaster = Forecaster::new(&repository);
    if problems.is_empty() {
        preflight::check(seen, request, &look, &mut forecaster, &mut problems)?;
    }
    if problems.is_empty() && !request.as_pull {
        for clash in look.clashes(seen, request, &mut forecaster)? {
            problems.push(clash.problem(seen, request)?);
        }
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

/// Where the branch would go now, and what is in its way, as far as refs, locks and other worktrees tell: nothing is foretold, nobody is asked.
///
/// # Errors
/// Where it may go nowhere.
pub(crate) fn stand(seen: &Seen, request: &Request, around: &Around) -> anyhow::Result<(Look, Vec<Problem>)> {
    let names = targets(seen, &request.kind, &request.branch)?;
    let mut problems = Vec::new();
    preflight::locks(seen, &mut problems);
    let tip = seen.branch(&request.branch)?.ok_or_else(|| crate::error::fail("the branch is gone"))?;
    let remote_tip = seen.at_remote(&request.branch)?;
    if let Some(there) = remote_tip.filter(|there| *there != tip) {
        remote::topic(seen, request, tip, there, &mut problems)?;
    }
    let mut found = Vec::new();
    let mut target_problems = Vec::new();
    for name in &names {
        found.extend(target(seen, name, tip, &around.others, remote_tip.is_some(), &mut target_problems)?);
    }
    pull_requests(seen, request, tip, &mut found, &mut target_problems)?;
    let tag_made = match tag(seen, request, tip, &found)? {
        Ok(made) => made,
        Err(problem) => {
            target_problems.push(problem);
            false
        }
    };
    if !request.as_pull {
        // What becomes of its targets is the pull request's business.
        problems.extend(target_problems);
    }
    let topic_dir = around.others.iter().find(|tree| tree.branch.as_deref() == Some(&request.branch));
    for tree in around.others.iter().filter(|tree| {
        tree.branch.as_deref() == Some(&request.branch)
            || found.iter().any(|target| target.dir.as_ref() == Some(&tree.path) && !request.as_pull)
    }) {
        other_worktree(tree, &mut problems)?;
    }
    let look = Look {
        tip,
        remote_tip,
        targets: found,
        tag_made,
        topic_dir: topic_dir.map(|tree| tree.path.clone()),
        same: Vec::new(),
        edits: Vec::new(),
    };
    Ok((look, problems))
}

/// That tracked paths are changed.
pub(crate) fn uncommitted(changed: &[String]) -> Problem {
    Problem::new(format!("{} changed and not committed", are(changed)))
        .hint("commit what is changed, or put it aside with `git stash`")
}

/// Whether the tag of the version is there already, on what this finish would tag.
fn tag(seen: &Seen, request: &Request, tip: Id, targets: &[Target]) -> anyhow::Result<Result<bool, Problem>> {
    if !request.tag {
        return Ok(Ok(false));
    }
    let tag = seen.rules.tag(request.kind.bare(&request.branch));
    let Some(found) = seen.repository.find(&format!("refs/tags/{tag}"))?.map(|found| found.peeled) else {
        return Ok(Ok(false));
    };
    let first = targets.first().map(|target| target.follows.unwrap_or(target.id));
    let is_ours =
        first.is_some_and(|first| seen.contains(first, found).unwrap_or(false)) && seen.contains(found, tip)?;
    Ok(if is_ours {
        Ok(true)
    } else {
        Err(Problem::new(format!("the tag `{tag}` exists already, at {}", found.short()))
            .hint("finish with `--no-tag`, or rename the branch to another version"))
    })
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

/// What the checkouts and merges would lose, in this worktree and in those where targets are checked out.
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
    let mut found = obstacles_beside(seen.top()?, &changes, Vec::new())?;
    let first = look.targets.first().map(Target::base);
    for target in look.targets.iter().filter(|target| !target.by_request && !request.as_pull) {
        let Some(dir) = &target.dir else { continue };
        let mut changes: Vec<Change> = Vec::new();
        // What the first takes in comes to the others with it.
        for source in [Some(target.base()), Some(look.tip), first].into_iter().flatten() {
            changes.extend(seen.repository.changes(target.id, source)?);
        }
        let there = obstacles_beside(dir, &changes, Vec::new())?;
        let whole = |path: String| dir.join(path).to_string_lossy().into_owned();
        found.strange.extend(there.strange.into_iter().map(whole));
        found.same.extend(there.same.into_iter().map(whole));
    }
    Ok(found)
}

/// `a` and `b` are, `a` is.
fn are(paths: &[String]) -> String {
    format!("{} {}", first_of(paths, 4), if paths.len() == 1 { "is" } else { "are" })
}
