//! What `status` finds out: one walk over the history for all branches, and a forecast for those few that are about to be finished.

use std::collections::BTreeMap;

use super::{Count, Current, Finish, Missing, Model, Remote, Status, Topic, UnderWay};
use crate::ctx::Ctx;
use crate::flow::init::preset_name;
use crate::flow::kind::Kind;
use crate::flow::list;
use crate::flow::rules::Role;
use crate::flow::see::Seen;
use crate::git::{Forecast, Forecaster, Head, Id, Operation, Untracked, dirt};
use crate::plan::deed::pending;
use crate::plan::process::quoted;

/// How many merges are foretold at the most: each is a process.
const FORECASTS: usize = 12;

/// What has been foretold, and how much more may be.
struct Fortune<'a> {
    forecaster: Forecaster<'a>,
    left: usize,
}

pub(super) fn look(ctx: &Ctx) -> anyhow::Result<Status> {
    let seen = Seen::of(ctx)?;
    let rules = &seen.rules;
    let mut fortune = Fortune { forecaster: Forecaster::new(&seen.repository), left: FORECASTS };
    let model = Model {
        preset: preset_name(rules.flow.preset),
        main: rules.main().to_owned(),
        develop: rules.develop().map(str::to_owned),
        from: rules.origin,
    };
    let topics = list::topics(&seen, None, true)?;
    let current = current(&seen, &topics, &mut fortune)?;
    let mut open = Vec::new();
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for topic in &topics {
        let Some(kind) = rules.kind(&topic.kind) else { continue };
        if kind.tag && !kind.targets.is_empty() {
            let commits = own(&seen, kind, &topic.name, topic.id)?;
            let finish = finish(&seen, kind, &topic.name, topic.id, &mut fortune)?;
            open.push(Topic { branch: topic.name.clone(), kind: kind.name.clone(), commits, finish });
        } else {
            let count = counts.entry(&kind.name).or_default();
            count.0 += 1;
            count.1 += usize::from(topic.is_merged());
        }
    }
    let of_kind = |kind: &Kind| {
        let (branches, merged) = counts.get(kind.name.as_str())?;
        Some(Count { kind: kind.name.clone(), branches: *branches, merged: *merged })
    };
    let kinds = rules.kinds.iter().filter_map(of_kind).collect();
    Ok(Status { model, current, under_way: under_way(&seen)?, open, kinds, missing: missing(&seen)? })
}

fn current(seen: &Seen, topics: &[list::Topic], fortune: &mut Fortune) -> anyhow::Result<Option<Current>> {
    let Some(tip) = seen.head.commit() else { return Ok(None) };
    let dirt = seen.repository.work_tree().map(|top| dirt(top, Untracked::List)).transpose()?;
    let (changed, untracked) = (dirt.as_ref().map(|it| it.changed.len()), dirt.as_ref().map(|it| it.untracked.len()));
    let nothing = Current {
        branch: None,
        kind: None,
        parent: None,
        ahead: None,
        behind: None,
        remote: None,
        changed,
        untracked,
        finish: None,
    };
    let Head::Branch(branch, _) = &seen.head else { return Ok(Some(nothing)) };
    let mut current = Current { branch: Some(branch.clone()), remote: remote(seen, branch, tip)?, ..nothing };
    if let Some((parent, distance)) = topics.iter().find(|topic| topic.is_current).and_then(|it| it.parent.clone()) {
        current.parent = Some(parent);
        (current.ahead, current.behind) = (Some(distance.ahead), Some(distance.behind));
    } else if let Some(parent) = seen.parent(branch)? {
        current.ahead = Some(seen.repository.range(&[tip], &[parent.id])?.len());
        current.behind = Some(seen.repository.range(&[parent.id], &[tip])?.len());
        current.parent = Some(parent.name);
    }
    if let Role::Topic(kind, _) = seen.rules.role(branch) {
        current.kind = Some(kind.name.clone());
        current.finish = Some(finish(seen, kind, branch, tip, fortune)?);
    }
    Ok(Some(current))
}

fn remote(seen: &Seen, branch: &str, tip: Id) -> anyhow::Result<Option<Remote>> {
    let Some(there) = seen.at_remote(branch)? else { return Ok(None) };
    let ahead = seen.repository.range(&[tip], &[there])?.len();
    let behind = seen.repository.range(&[there], &[tip])?.len();
    Ok(Some(Remote { name: format!("{}/{branch}", seen.rules.remote()), ahead, behind }))
}

/// The branches that it goes to, with their commits: the base that was written down, else those of its kind.
fn targets(seen: &Seen, kind: &Kind, branch: &str) -> anyhow::Result<Vec<(String, Id)>> {
    let recorded = seen.recorded_base(branch)?.filter(|base| *base != kind.start.name());
    let mut names = Vec::new();
    match recorded {
        Some(base) if seen.branch(&base)?.is_some() && !kind.tag => names.push(base),
        _ => {
            for point in &kind.targets {
                names.extend(seen.at_point(point)?);
            }
        }
    }
    let mut found = Vec::new();
    for name in names.into_iter().filter(|name| name != branch) {
        found.extend(seen.branch(&name)?.map(|id| (name, id)));
    }
    Ok(found)
}

/// Commits that the first target does not have.
fn own(seen: &Seen, kind: &Kind, branch: &str, tip: Id) -> anyhow::Result<usize> {
    let first: Vec<Id> = targets(seen, kind, branch)?.first().map(|(_, id)| *id).into_iter().collect();
    Ok(seen.repository.range(&[tip], &first)?.len())
}

fn finish(seen: &Seen, kind: &Kind, branch: &str, tip: Id, fortune: &mut Fortune) -> anyhow::Result<Finish> {
    let targets = targets(seen, kind, branch)?;
    let into: Vec<String> = targets.iter().map(|(name, _)| name.clone()).collect();
    if kind.targets.is_empty() || targets.is_empty() {
        return Ok(Finish::Never);
    }
    let mut open = Vec::new();
    for (name, id) in &targets {
        if !seen.contains(*id, tip)? {
            open.push((name, *id));
        }
    }
    if open.is_empty() {
        let is_new = targets.iter().any(|(_, id)| *id == tip);
        return Ok(if is_new { Finish::Empty } else { Finish::Merged { into } });
    }
    for (name, id) in open {
        // What one has all of needs no merge.
        if fortune.left == 0 || seen.contains(tip, id)? {
            continue;
        }
        fortune.left -= 1;
        if let Forecast::Conflict(paths) = fortune.forecaster.merge(id, tip)? {
            return Ok(Finish::Conflict { into: name.clone(), paths });
        }
    }
    Ok(Finish::Ready { into })
}

fn under_way(seen: &Seen) -> anyhow::Result<Option<UnderWay>> {
    if let Some((deed, ..)) = pending(seen.repository.common_dir())? {
        let hint = format!("prodev flow {} --continue, or --abort", deed.command);
        return Ok(Some(UnderWay { what: deed.command, branch: Some(deed.branch), hint }));
    }
    let operation = seen.repository.operation().filter(|operation| *operation != Operation::Bisect);
    Ok(operation.map(|operation| {
        let name = operation.name().trim_matches('`').trim_start_matches("git ").to_owned();
        UnderWay { hint: format!("git {name} --continue, or --abort"), what: name, branch: None }
    }))
}

fn missing(seen: &Seen) -> anyhow::Result<Vec<Missing>> {
    let mut missing = Vec::new();
    for base in &seen.rules.bases {
        let branch = base.name.clone();
        let Some(id) = seen.branch(&branch)? else {
            missing.push(Missing::Branch { branch, hint: "prodev flow init".to_owned() });
            continue;
        };
        if let Some(Remote { name: remote, ahead, behind }) = remote(seen, &branch, id)?
            && (ahead, behind) != (0, 0)
        {
            missing.push(Missing::Remote { branch: branch.clone(), ahead, behind, remote });
        }
        let Some(parent) = &base.parent else { continue };
        let Some(theirs) = seen.branch(parent)? else { continue };
        let lacking = seen.repository.range(&[theirs], &[id])?;
        // A merge that brought only what is there anyway is no loss.
        let lacks = seen.repository.commits(&lacking)?.iter().filter(|commit| !commit.is_merge()).count();
        // A release that waits for its back-merge has one of them left: the merge itself, if it changed anything.
        if lacks > 0 {
            let hint = format!("prodev flow update {branch}", branch = quoted(&branch));
            missing.push(Missing::BackMerge { branch, lacks, of: parent.clone(), hint });
        }
    }
    Ok(missing)
}
