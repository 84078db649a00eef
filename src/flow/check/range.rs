//! `prodev flow check --range A..B`: the commits that a pull request brings, as a CI sees them.

use super::history::{History, way, wrong_way};
use super::{Court, commits, names, policy, pronounce, wishes};
use crate::config::rule::Rule;
use crate::ctx::Ctx;
use crate::error::{Exit, Failure, fail};
use crate::findings::{Object, Verdict};
use crate::flow::rules::{Role, Rules};
use crate::git::{Commit, Id, Repository};
use crate::outcome::Outcome;

/// Two ends: what is there already, and what comes.
struct Range<'a> {
    from: &'a str,
    to: &'a str,
}

pub(super) fn check(
    given: &str,
    policy_ref: Option<&str>,
    repository: &Repository,
    ctx: &Ctx,
    mut verdict: Verdict,
) -> anyhow::Result<Outcome> {
    let range = parse(given)?;
    let to = resolve(repository, range.to)?;
    // CIs give zeros for a branch that is new: then what is on none of the long-lived branches comes.
    let is_new = range.from.len() >= 40 && range.from.bytes().all(|byte| byte == b'0');
    let from = if is_new { None } else { Some(resolve(repository, range.from)?) };
    let rules = match (policy_ref, from) {
        _ if ctx.config_file.is_some() => policy::here(ctx, Some(repository))?,
        (Some(policy), _) => policy::at(repository, Some(resolve(repository, policy)?))?,
        (None, Some(from)) if policy::of(repository, from)?.is_some() => policy::at(repository, Some(from))?,
        // Nothing can be weakened where nothing was said.
        (None, _) => policy::here(ctx, Some(repository))?,
    };
    let branch = branch(&rules, repository, range.to, to)?;
    let exclude = if let Some(from) = from {
        vec![from]
    } else {
        let all = super::history::branches(&rules, repository, &[])?;
        let is_base = |name: &str| rules.base(name).is_some() && Some(name) != branch.as_deref();
        all.into_iter().filter(|(name, _)| is_base(name)).map(|(_, id)| id).collect()
    };
    let ids = repository.range(&[to], &exclude)?;
    whole(repository, &ids, given)?;
    let commits = repository.commits(&ids)?;
    let mut court = Court::new(&rules, &wishes(), "`PRODEV_SKIP`")?;
    commits::messages(&mut court, &commits, branch.as_deref());
    let into_base = branch.as_deref().is_some_and(|name| rules.base(name).is_some());
    let line = first_parents(&commits, to);
    commits::signatures(&mut court, repository, &commits, |id| into_base && line.contains(&id))?;
    direction(&mut court, repository, &commits, &line, branch.as_deref())?;
    let total = commits.len();
    verdict.json.insert("branch".to_owned(), branch.into());
    verdict.json.insert("commits".to_owned(), total.into());
    verdict.good = Some(format!("nothing found in {total} commit{}", if total == 1 { "" } else { "s" }));
    Ok(pronounce(court, verdict))
}

fn parse(given: &str) -> Result<Range<'_>, Failure> {
    match given.split_once("..") {
        Some((from, to)) if !to.starts_with('.') => {
            let [from, to] = [from, to].map(|end| if end.is_empty() { "HEAD" } else { end });
            Ok(Range { from, to })
        }
        _ => {
            let from = given.split("..").next().filter(|from| !from.is_empty()).unwrap_or("main");
            let failure = fail(format!("`{given}` is no range")).hint(format!("write it as `--range {from}..HEAD`"));
            Err(failure.exit(Exit::Usage))
        }
    }
}

/// The commit that one end names. In a shallow clone it may just not have been fetched.
fn resolve(repository: &Repository, name: &str) -> anyhow::Result<Id> {
    if let Some(id) = repository.resolve(name)? {
        return Ok(id);
    }
    if repository.shallow().is_empty() {
        return Err(fail(format!("there is no commit `{name}` here")).hint("fetch it with `git fetch origin`").into());
    }
    Err(shallow(format!("there is no commit `{name}` in this shallow clone")).into())
}

fn shallow(message: String) -> Failure {
    fail(message)
        .hint("fetch all of the history: `fetch-depth: 0` for `actions/checkout`, `GIT_DEPTH: 0` in GitLab CI, or `git fetch --unshallow`")
}

/// Where history is cut off inside a range, nobody knows what belongs to it.
fn whole(repository: &Repository, ids: &[Id], given: &str) -> Result<(), Failure> {
    let cut = repository.shallow();
    if cut.iter().any(|end| ids.contains(end)) {
        return Err(shallow(format!(
            "this shallow clone ends before the commit that both ends of `{given}` come from"
        )));
    }
    Ok(())
}

/// The branch that the range ends on.
fn branch(rules: &Rules, repository: &Repository, name: &str, tip: Id) -> anyhow::Result<Option<String>> {
    if name == "HEAD" {
        return names::current(repository);
    }
    let remote = format!("refs/remotes/{}/", rules.remote());
    let short = name.strip_prefix("refs/heads/").or_else(|| name.strip_prefix(&remote)).unwrap_or(name);
    if repository.find(&format!("refs/heads/{short}"))?.is_some() {
        return Ok(Some(short.to_owned()));
    }
    let of_remote = short.strip_prefix(&format!("{}/", rules.remote())).unwrap_or(short);
    if repository.find(&format!("{remote}{of_remote}"))?.is_some() {
        return Ok(Some(of_remote.to_owned()));
    }
    // A commit by its id: what a CI builds, or the tip of a branch that the model knows.
    if repository.head()?.commit() == Some(tip)
        && let Some(current) = names::current(repository)?
    {
        return Ok(Some(current));
    }
    let all = super::history::branches(rules, repository, &[])?;
    let mut found = all.into_iter().filter(|(name, id)| *id == tip && rules.role(name) != Role::Unknown);
    Ok(found.next().map(|(name, _)| name))
}

/// The commits of the range that were made on the branch itself.
pub(super) fn first_parents(commits: &[Commit], tip: Id) -> std::collections::HashSet<Id> {
    let parents: std::collections::HashMap<Id, Option<Id>> =
        commits.iter().map(|commit| (commit.id, commit.parents.first().copied())).collect();
    let line = std::iter::successors(Some(tip), |id| parents.get(id).copied().flatten());
    line.take_while(|id| parents.contains_key(id)).collect()
}

fn direction(
    court: &mut Court,
    repository: &Repository,
    commits: &[Commit],
    line: &std::collections::HashSet<Id>,
    branch: Option<&str>,
) -> anyhow::Result<()> {
    if !court.asks(Rule::Direction) {
        return Ok(());
    }
    let rules = court.rules;
    let Some(branch) = branch else {
        court.findings.skip(Rule::Direction.name(), "nothing tells which branch the range is of");
        return Ok(());
    };
    if let Some(target) = names::target_of_ci()
        && rules.may_merge(branch, &target) == Some(false)
    {
        let hint = way(rules, branch, &target);
        court.find(Rule::Direction, Object::Branch(branch.to_owned()), wrong_way(branch, &target), Some(hint));
    }
    let merges: Vec<&Commit> = commits.iter().filter(|commit| commit.is_merge() && line.contains(&commit.id)).collect();
    if merges.is_empty() || rules.role(branch) == Role::Unknown {
        return Ok(());
    }
    let ends: Vec<Id> = commits.first().map(|commit| commit.id).into_iter().collect();
    let history = History::of(rules, repository, &[], &ends)?;
    for merge in merges {
        history.direction(court, branch, merge);
    }
    Ok(())
}
