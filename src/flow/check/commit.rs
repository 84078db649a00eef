//! `prodev flow check --pre-commit`: whether something may be committed here and now.

use super::history::{way, wrong_way};
use super::{Court, branch, names};
use crate::config::rule::Rule;
use crate::findings::Object;
use crate::flow::rules::Role;
use crate::git::{Head, Repository};
use crate::plan::deed::{Act, pending};
use crate::plan::process::quoted;

pub(super) fn check(court: &mut Court, repository: &Repository) -> anyhow::Result<()> {
    let head = repository.head()?;
    if let Some(name) = names::current(repository)? {
        branch::judge(court, &name);
    }
    // What is committed on no branch is on no protected one; the first commit of a branch has nowhere else to go.
    let Head::Branch(name, Some(_)) = head else { return Ok(()) };
    let merged = repository.merge_heads();
    if merged.is_empty() && is_of_a_finish(repository, &name)? {
        return Ok(());
    }
    if merged.is_empty() {
        if court.rules.is_protected(&name) || court.rules.takes_pull_requests_only(&name) {
            let kind = court.rules.kinds.first().map_or("feature/", |kind| &kind.prefix);
            let hint = format!("take it to a branch of its own: `git switch -c {}`", quoted(&format!("{kind}NAME")));
            court.find(Rule::DirectCommit, Object::Branch(name), "nobody commits to it directly", Some(hint));
        }
        return Ok(());
    }
    for id in merged {
        let known = |from: &&str| *from != name && court.rules.role(from) != Role::Unknown;
        let remote = format!("refs/remotes/{}/", court.rules.remote());
        let refs = repository.branches()?.chain(repository.below(&remote)?);
        let sources: Vec<&str> = refs.filter(|(_, tip)| *tip == id).map(|(name, _)| name).filter(known).collect();
        let accepted = sources.iter().any(|from| court.rules.may_merge(from, &name) != Some(false));
        if let Some(from) = sources.first().filter(|_| !accepted) {
            let hint = format!("{}; give the merge up with `git merge --abort`", way(court.rules, from, &name));
            court.find(Rule::Direction, Object::Branch(name.clone()), wrong_way(from, &name), Some(hint));
        }
    }
    Ok(())
}

/// Whether a finish is making this commit, which was held against the policy as a whole: a branch that is squashed, a version that is written down.
fn is_of_a_finish(repository: &Repository, branch: &str) -> anyhow::Result<bool> {
    let Some((deed, _, at)) = pending(repository.common_dir())? else { return Ok(false) };
    Ok(match deed.acts.get(at) {
        Some(Act::Squash { into, .. }) => into == branch,
        Some(Act::Edit { branch: edited, .. }) => edited == branch,
        _ => false,
    })
}
