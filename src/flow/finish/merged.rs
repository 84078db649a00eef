//! Branches that are in their target already: merged there by a pull request, as a merge or as one squashed commit.

use std::collections::BTreeMap;

use crate::flow::see::Seen;
use crate::git::Id;

/// How far back a squashed commit is looked for.
const DEPTH: usize = 500;

/// Whether all that `branch` brings is in `target`: its commits, or one commit that changes just what they change together.
pub(crate) fn is_merged(seen: &Seen, branch: Id, target: Id) -> anyhow::Result<bool> {
    if seen.contains(target, branch)? {
        return Ok(true);
    }
    let repository = &seen.repository;
    let own = repository.range(&[branch], &[target])?;
    // Where it left the target: the first parent of its oldest commit.
    let Some(oldest) = own.last() else { return Ok(true) };
    let oldest = repository.commits(&[*oldest])?;
    let Some(base) = oldest.first().and_then(|commit| commit.parents.first().copied()) else { return Ok(false) };
    let shape = |from: Id, to: Id| -> anyhow::Result<BTreeMap<String, Option<Id>>> {
        Ok(repository.changes(from, to)?.into_iter().map(|change| (change.path, change.new)).collect())
    };
    let wanted = shape(base, branch)?;
    if wanted.is_empty() {
        return Ok(false);
    }
    let since: Vec<Id> = repository.range(&[target], &[branch])?.into_iter().take(DEPTH).collect();
    // From the newest: what was taken out after it had come in is in it no more.
    let mut newer = Vec::new();
    for commit in repository.commits(&since)? {
        let [parent] = commit.parents[..] else { continue };
        let is = shape(parent, commit.id)?;
        if is == wanted {
            return Ok(!newer.contains(&shape(commit.id, parent)?));
        }
        if is.keys().eq(wanted.keys()) {
            newer.push(is);
        }
    }
    Ok(false)
}
