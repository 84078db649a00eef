//! `prodev flow delete`: take a topic branch away, here and, where that is wanted, at the remote.

use super::draft::Draft;
use super::finish::is_merged;
use super::rules::Role;
use super::see::{Parent, Seen, obstacles};
use super::step::{of_deed, with_script_acts};
use super::track::no_remote;
use super::under_way::{self, Wish};
use super::update::{clean, is_named};
use super::{complete, remote};
use crate::ctx::Ctx;
use crate::error::fail;
use crate::git::Id;
use crate::outcome::{Outcome, object};
use crate::plan::deed::{Act, Conflicts, Spot, Told};
use crate::plan::process::quoted;

/// Take a topic branch away
///
/// One whose commits are not all where they belong is kept, unless `--force` is given. Standing on it, you come to its parent first.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  prodev flow delete login
  prodev flow delete login --remote      at the remote, too
  prodev flow delete spike --force       although it was never merged")]
pub(crate) struct Args {
    /// The branch
    #[arg(allow_hyphen_values = true, required_unless_present_any = ["go_on", "abort"], add = clap_complete::ArgValueCandidates::new(complete::topics))]
    branch: Option<String>,
    /// A branch of this kind
    #[arg(long, hide = true, add = clap_complete::ArgValueCandidates::new(complete::kinds))]
    kind: Option<String>,
    /// Also one that is not merged
    #[arg(short, long)]
    force: bool,
    /// Delete it at the remote, too
    #[arg(short, long)]
    remote: bool,
    #[command(flatten)]
    wish: Wish,
}

pub(super) fn run(args: &Args, ctx: &Ctx) -> anyhow::Result<Outcome> {
    let is_same = |branch: &str| args.branch.is_some() && is_named(args.branch.as_deref(), branch);
    if let Some(outcome) = under_way::go_on(ctx, "delete", args.wish, is_same)? {
        return Ok(outcome);
    }
    let seen = Seen::of(ctx)?;
    seen.top()?;
    seen.no_operation()?;
    let branch = seen.topic(args.branch.as_deref(), args.kind.as_deref())?;
    if let Role::Base(_) = seen.rules.role(&branch) {
        return Err(fail(format!("`{branch}` is a long-lived branch of the model: it stays"))
            .hint("`prodev flow list` shows the branches that can go")
            .into());
    }
    if let Some(path) = seen.elsewhere(&branch)? {
        let path = path.display();
        return Err(fail(format!("`{branch}` is checked out in `{path}`"))
            .hint(format!("take that away first: `git worktree remove {path}`", path = quoted(&path.to_string())))
            .into());
    }
    let tip = seen.branch(&branch)?.ok_or_else(|| fail(format!("`{branch}` has no commit yet")))?;
    let parent = seen.parent(&branch)?;
    let merged = merged(&seen, &branch, tip)?;
    if merged.is_none() && !args.force {
        return Err(unmerged(&seen, &branch, tip, parent.as_ref())?.into());
    }
    if args.remote && !seen.has_remote()? {
        return Err(no_remote(seen.rules.remote()).into());
    }
    let mut there = seen.at_remote(&branch)?;
    if args.remote {
        let force = if args.force { " --force" } else { "" };
        let asked = remote::ask(&seen, &[&branch], &format!("prodev flow delete {}{force}", quoted(&branch)))?;
        remote::unmoved(&seen, &branch, there, asked.get(&branch).copied())?;
        there = asked.get(&branch).copied();
    }
    let name = seen.rules.remote();
    let deed = draft(&seen, &branch, tip, parent.as_ref(), there.filter(|_| args.remote))?.deed(&seen)?;
    let is_gone_there = args.remote && there.is_some();
    let at = if is_gone_there { format!(", here and on `{name}`") } else { String::new() };
    // Where another commit has what it brought, its own commits may be nowhere else.
    let is_whole = match &merged {
        Some(name) => has_commits(&seen, name, tip)?,
        None => false,
    };
    let after = match merged {
        _ if !is_whole => Some(format!("Bring it back with: git branch {} {}", quoted(&branch), tip.short())),
        Some(_) if there.is_some() && !is_gone_there => Some(format!(
            "It is still on `{name}`; take it away there with: git push {} {}",
            quoted(name),
            quoted(&format!(":{branch}"))
        )),
        _ => None,
    };
    let done = format!("Deleted `{branch}`{at} (it was at {})", tip.short());
    let json = object(serde_json::json!({
        "branch": branch, "commit": tip, "merged": merged, "remote": is_gone_there.then_some(name),
    }));
    Ok(Outcome::Change(Box::new(of_deed(deed, Told { done, after, json, answer: None }))))
}

/// The branch that has all of it.
fn merged(seen: &Seen, branch: &str, tip: Id) -> anyhow::Result<Option<String>> {
    let mut names: Vec<String> = seen.parent(branch)?.into_iter().map(|parent| parent.name).collect();
    if let Role::Topic(kind, _) = seen.rules.role(branch) {
        for target in &kind.targets {
            names.extend(seen.at_point(target)?);
        }
    }
    names.retain(|name| name != branch);
    for name in names {
        for id in [seen.branch(&name)?, seen.at_remote(&name)?].into_iter().flatten() {
            if is_merged(seen, tip, id)? {
                return Ok(Some(name));
            }
        }
    }
    Ok(None)
}

/// Whether a branch, here or at the remote, has all commits up to `tip`.
fn has_commits(seen: &Seen, name: &str, tip: Id) -> anyhow::Result<bool> {
    for id in [seen.branch(name)?, seen.at_remote(name)?].into_iter().flatten() {
        if seen.contains(id, tip)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn unmerged(seen: &Seen, branch: &str, tip: Id, parent: Option<&Parent>) -> anyhow::Result<crate::error::Failure> {
    let failure = match parent {
        Some(parent) => {
            let count = seen.repository.range(&[tip], &[parent.id])?.len();
            let commits = if count == 1 { "1 commit".to_owned() } else { format!("{count} commits") };
            fail(format!("`{branch}` has {commits} that `{}` does not have", parent.name))
        }
        None => fail(format!("`{branch}` is merged nowhere")),
    };
    Ok(failure
        .hint(format!("bring it in: `prodev flow finish {branch}`", branch = quoted(branch)))
        .hint(format!("or throw it away: `prodev flow delete {branch} --force`", branch = quoted(branch))))
}

fn draft(seen: &Seen, branch: &str, tip: Id, parent: Option<&Parent>, there: Option<Id>) -> anyhow::Result<Draft> {
    let home = seen.top()?.to_owned();
    let mut acts = Vec::new();
    let mut kept = Vec::new();
    if seen.head.branch() == Some(branch) {
        clean(seen)?;
        let (to, id) = next(seen, branch, tip, parent)?;
        let found = obstacles(&home, &seen.repository.changes(tip, id)?)?;
        found.refuse(&format!("leaving `{branch}`"))?;
        kept = found.same;
        acts.push(Act::Switch { dir: home, to });
    }
    if let Some(id) = there {
        let remote = seen.rules.remote().to_owned();
        acts.push(Act::Push { remote, refs: Vec::new(), delete: Some((branch.to_owned(), id)) });
    }
    acts.push(Act::Delete { branch: branch.to_owned() });
    with_script_acts(seen, "delete", branch, &mut acts)?;
    let branch = branch.to_owned();
    Ok(Draft { command: "delete", branch, acts, others: Vec::new(), kept, conflicts: Conflicts::TakeBack })
}

/// What is checked out when the branch is gone: its parent, if that is free; else where it stands, without a branch.
fn next(seen: &Seen, branch: &str, tip: Id, parent: Option<&Parent>) -> anyhow::Result<(Spot, Id)> {
    let names = parent.into_iter().map(|parent| parent.name.as_str()).chain([seen.rules.trunk(), seen.rules.main()]);
    for name in names.filter(|name| *name != branch) {
        if let Some(id) = seen.branch(name)?
            && seen.elsewhere(name)?.is_none()
        {
            return Ok((Spot::Branch(name.to_owned()), id));
        }
    }
    Ok((Spot::Commit(tip), tip))
}
