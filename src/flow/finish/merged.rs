//! Branches that are in their target already: merged there by a pull request, as a merge or as one squashed commit.

use std::collections::BTreeMap;

use crate::flow::see::Seen;
use crate::git::{Forecast, Forecaster, Id};

/// How far back a squashed commit is looked for.
const DEPTH: usize = 500;

/// How many commits are looked at closely, each with a process.
const CLOSE: usize = 8;

/// What a commit makes of paths: `None` where they are gone.
type Shape = BTreeMap<String, Option<Id>>;

/// Whether all that `branch` brings is in `target`: its commits, or one commit that changes just what they change together.
pub(crate) fn is_merged(seen: &Seen, branch: Id, target: Id) -> anyhow::Result<bool> {
    if seen.contains(target, branch)? {
        return Ok(true);
    }
    let repository = &seen.repository;
    let shape = |from: Id, to: Id| -> anyhow::Result<Shape> {
        Ok(repository.changes(from, to)?.into_iter().map(|change| (change.path, change.new)).collect())
    };
    // Beside what both had last: a branch that has taken its target in brings less than it has commits.
    let mut wanted = Vec::new();
    for base in repository.merge_bases(branch, target)? {
        let shape = shape(base, branch)?;
        if !shape.is_empty() && !wanted.contains(&shape) {
            wanted.push(shape);
        }
    }
    if wanted.is_empty() {
        return Ok(false);
    }
    let since: Vec<Id> = repository.range(&[target], &[branch])?.into_iter().take(DEPTH).collect();
    let mut forecaster = Forecaster::new(repository);
    let mut left = CLOSE;
    // From the newest: what was taken out after it had come in is in it no more.
    let mut newer: Vec<Shape> = Vec::new();
    for commit in repository.commits(&since)? {
        let [parent] = commit.parents[..] else { continue };
        let is = shape(parent, commit.id)?;
        let is_alike = wanted.iter().any(|wanted| is.keys().eq(wanted.keys()));
        if !is_alike {
            continue;
        }
        let mut is_it = wanted.contains(&is);
        // Where the target had changed the same files, too, the squash is what a merge would have come to.
        if !is_it && left > 0 {
            left -= 1;
            let forecast = forecaster.merge(parent, branch);
            is_it = forecast.is_ok_and(|forecast| forecast == Forecast::Clean(commit.tree));
        }
        if is_it {
            return Ok(!newer.contains(&shape(commit.id, parent)?));
        }
        newer.push(is);
    }
    Ok(false)
}
