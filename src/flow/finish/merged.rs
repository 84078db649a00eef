//! Branches that are in their target already: merged there by a pull request, as a merge, as one squashed commit, or commit by commit.

use std::collections::BTreeMap;

use crate::flow::see::Seen;
use crate::git::{Forecast, Forecaster, Id, Repository};

/// How far back a squashed commit is looked for.
const DEPTH: usize = 500;

/// How many commits are looked at closely, each with a process.
const CLOSE: usize = 8;

/// What a commit makes of paths: `None` where they are gone.
type Shape = BTreeMap<String, Option<Id>>;

/// A commit of the target, and what it makes of its only parent.
struct Step {
    id: Id,
    parent: Id,
    tree: Id,
    shape: Shape,
}

/// Whether all that `branch` brings is in `target`: its commits, or one commit that changes just what they change together, or the like of each.
pub(crate) fn is_merged(seen: &Seen, branch: Id, target: Id) -> anyhow::Result<bool> {
    if seen.contains(target, branch)? {
        return Ok(true);
    }
    let repository = &seen.repository;
    // Beside what both had last: a branch that has taken its target in brings less than it has commits.
    let mut wanted = Vec::new();
    for base in repository.merge_bases(branch, target)? {
        let shape = shape(repository, base, branch)?;
        if !shape.is_empty() && !wanted.contains(&shape) {
            wanted.push(shape);
        }
    }
    if wanted.is_empty() {
        return Ok(false);
    }
    let since: Vec<Id> = repository.range(&[target], &[branch])?.into_iter().take(DEPTH).collect();
    let mut steps: Vec<Step> = Vec::new();
    for commit in repository.commits(&since)? {
        if let [parent] = commit.parents[..] {
            let shape = shape(repository, parent, commit.id)?;
            steps.push(Step { id: commit.id, parent, tree: commit.tree, shape });
        }
    }
    let mut forecaster = Forecaster::new(repository);
    let mut left = CLOSE;
    for (at, step) in steps.iter().enumerate() {
        if !wanted.iter().any(|wanted| step.shape.keys().eq(wanted.keys())) {
            continue;
        }
        let mut is_it = wanted.contains(&step.shape);
        // Where the target had changed the same files, too, the squash is what a merge would have come to.
        if !is_it && left > 0 {
            left -= 1;
            let forecast = forecaster.merge(step.parent, branch);
            is_it = forecast.is_ok_and(|forecast| forecast == Forecast::Clean(step.tree));
        }
        if is_it {
            return stays(repository, &steps, at);
        }
    }
    is_picked(seen, branch, target, &steps)
}

/// Whether the like of each commit of `branch` is in the target, as a rebase leaves them there.
fn is_picked(seen: &Seen, branch: Id, target: Id, steps: &[Step]) -> anyhow::Result<bool> {
    let repository = &seen.repository;
    let own = repository.commits(&repository.range(&[branch], &[target])?)?;
    let mut has_any = false;
    for commit in own.iter().filter(|commit| !commit.is_merge()) {
        let [parent] = commit.parents[..] else { return Ok(false) };
        let wanted = shape(repository, parent, commit.id)?;
        if wanted.is_empty() {
            continue;
        }
        let Some(at) = steps.iter().position(|step| step.shape == wanted) else { return Ok(false) };
        if !stays(repository, steps, at)? {
            return Ok(false);
        }
        has_any = true;
    }
    Ok(has_any)
}

/// Whether no later commit has taken out again what the one at this place brought. The newest are first.
fn stays(repository: &Repository, steps: &[Step], at: usize) -> anyhow::Result<bool> {
    let back = shape(repository, steps[at].id, steps[at].parent)?;
    Ok(!steps[..at].iter().any(|step| step.shape == back))
}

fn shape(repository: &Repository, from: Id, to: Id) -> anyhow::Result<Shape> {
    Ok(repository.changes(from, to)?.into_iter().map(|change| (change.path, change.new)).collect())
}
