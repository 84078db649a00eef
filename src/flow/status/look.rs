//! What `status` finds out: one walk over the history for all branches, and a forecast for those few that are about to be finished.

use std::collections::BTreeMap;

use super::{Count, Current, Finish, Missing, Model, Remote, Status, Topic, UnderWay};
use crate::ctx::Ctx;
use crate::error::{Failure, Problem};
use crate::flow::finish::{Around, Clash, Request, stand, uncommitted};
use crate::flow::init::preset_name;
use crate::flow::kind::Kind;
use crate::flow::list;
use crate::flow::rules::Role;
use crate::flow::see::Seen;
use crate::flow::under_way::nothing_begun;
use crate::git::{Dirt, Forecaster, Head, Id, Operation, Untracked, dirt};
use crate::plan::deed::pending;
use crate::plan::process::quoted;

/// How many merges are foretold at the most: each is a process.
const FORECASTS: usize = 12;

/// What is looked at once for all branches, and how many merges may still be foretold.
struct Sight<'a> {
    around: Around,
    obstacles: Vec<Problem>,
    forecaster: Forecaster<'a>,
    left: usize,
}

pub(super) fn look(ctx: &Ctx) -> anyhow::Result<Status> {
    let seen = Seen::of(ctx)?;
    let rules = &seen.rules;
    let dirt = seen.repository.work_tree().map(|top| dirt(top, Untracked::List)).transpose()?;
    let mut sight = Sight {
        around: Around {
            others: seen.repository.other_worktrees()?,
            changed: dirt.as_ref().map(|dirt| dirt.changed.clone()).unwrap_or_default(),
        },
        obstacles: obstacles(&seen),
        forecaster: Forecaster::new(&seen.repository),
        left: FORECASTS,
    };
    let model = Model {
        preset: preset_name(rules.flow.preset),
        main: rules.main().to_owned(),
        develop: rules.develop().map(str::to_owned),
        from: rules.origin,
    };
    let topics = list::topics(&seen, None, true)?;
    let current = current(&seen, &topics, dirt.as_ref(), &mut sight)?;
    let mut open = Vec::new();
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for topic in &topics {
        let Some(kind) = rules.kind(&topic.kind) else { continue };
        if kind.tag && !kind.targets.is_empty() {
            let (finish, commits) = finish(&seen, &topic.name, &mut sight)?;
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

fn current(
    seen: &Seen,
    topics: &[list::Topic],
    dirt: Option<&Dirt>,
    sight: &mut Sight,
) -> anyhow::Result<Option<Current>> {
    let Some(tip) = seen.head.commit() else { return Ok(None) };
    let (changed, untracked) = (dirt.map(|it| it.changed.len()), dirt.map(|it| it.untracked.len()));
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
        current.finish = Some(finish(seen, branch, sight)?.0);
    }
    Ok(Some(current))
}

fn remote(seen: &Seen, branch: &str, tip: Id) -> anyhow::Result<Option<Remote>> {
    let Some(there) = seen.at_remote(branch)? else { return Ok(None) };
    let ahead = seen.repository.range(&[tip], &[there])?.len();
    let behind = seen.repository.range(&[there], &[tip])?.len();
    Ok(Some(Remote { name: format!("{}/{branch}", seen.rules.remote()), ahead, behind }))
}

/// What stands in the way of every finish here, whatever branch it is of.
fn obstacles(seen: &Seen) -> Vec<Problem> {
    let refusals = [seen.top().map(drop), seen.no_operation(), nothing_begun(seen)];
    refusals.into_iter().filter_map(Result::err).map(told).collect()
}

/// Judged as `finish` itself judges, but for what takes a network, a key, or a look at every file.
fn finish(seen: &Seen, branch: &str, sight: &mut Sight) -> anyhow::Result<(Finish, usize)> {
    let never = (Finish::Never, 0);
    let Some(request) = Request::plain(seen, branch)? else { return Ok(never) };
    if request.kind.targets.is_empty() && seen.recorded_base(branch)?.is_none() {
        return Ok(never);
    }
    let (look, mut problems) = match stand(seen, &request, &sight.around) {
        Ok(stood) => stood,
        Err(error) => {
            let problems = vec![told(error.downcast::<Failure>()?)];
            return Ok((Finish::Blocked { into: Vec::new(), problems, is_only_uncommitted: false }, 0));
        }
    };
    let goes = || look.targets.iter().filter(|target| !target.by_request);
    let into: Vec<String> = goes().map(|target| target.name.clone()).collect();
    let Some(tip) = seen.branch(branch)? else { return Ok(never) };
    // Commits that the first target does not have.
    let first: Vec<Id> = look.targets.first().map(|target| target.id).into_iter().collect();
    let own = seen.repository.range(&[tip], &first)?.len();
    let mut is_merged = !into.is_empty();
    for target in goes() {
        is_merged &= target.follows.is_some() || seen.contains(target.id, tip)?;
    }
    if is_merged && look.targets.iter().any(|target| target.id == tip) {
        return Ok((Finish::Empty, own));
    }
    problems.splice(0..0, sight.obstacles.iter().cloned());
    if problems.is_empty() && !is_merged && sight.left > 0 {
        sight.left = sight.left.saturating_sub(look.targets.len());
        if let Some(clash) = look.clashes(seen, &request, &mut sight.forecaster)?.into_iter().next() {
            let found = match clash {
                Clash::Conflict { into, paths } => Finish::Conflict { into, paths },
                moved @ Clash::Moved { .. } => {
                    Finish::Blocked { into, problems: vec![moved.problem(seen, &request)?], is_only_uncommitted: false }
                }
            };
            return Ok((found, own));
        }
    }
    let is_only_uncommitted = problems.is_empty();
    if !sight.around.changed.is_empty() {
        problems.push(uncommitted(&sight.around.changed));
    }
    Ok((
        match problems.is_empty() {
            false => Finish::Blocked { into, problems, is_only_uncommitted },
            true if is_merged => Finish::Merged { into },
            true => Finish::Ready { into },
        },
        own,
    ))
}

/// A failure as one of several problems.
fn told(failure: Failure) -> Problem {
    Problem { message: failure.message, place: failure.place, hint: failure.hints.into_iter().next() }
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
            let hint = format!("prodev flow update {}", quoted(&branch));
            missing.push(Missing::BackMerge { branch, lacks, of: parent.clone(), hint });
        }
    }
    Ok(missing)
}
