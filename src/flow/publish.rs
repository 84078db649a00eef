//! `prodev flow publish`: send a topic branch to the remote, and let it follow what is there.

use super::rules::Role;
use super::see::Seen;
use super::step::{change, git, with_scripts};
use super::track::no_remote;
use super::update::left_out;
use super::{complete, under_way};
use crate::ctx::Ctx;
use crate::error::{Failure, fail};
use crate::outcome::{Change, Outcome, object};
use crate::plan::process::quoted;

/// Send a topic branch to the remote
///
/// The first time it is made there, and the local branch follows it from then on; later, new commits are sent.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  prodev flow publish
  prodev flow publish login
  prodev flow publish --force      after a rebase")]
pub(crate) struct Args {
    /// The branch; the one that is checked out without it
    #[arg(allow_hyphen_values = true, add = clap_complete::ArgValueCandidates::new(complete::topics))]
    branch: Option<String>,
    /// A branch of this kind
    #[arg(long, hide = true, add = clap_complete::ArgValueCandidates::new(complete::kinds))]
    kind: Option<String>,
    /// Replace what is there, as long as it is what was last seen of it
    #[arg(long)]
    force: bool,
}

pub(super) fn run(args: &Args, ctx: &Ctx) -> anyhow::Result<Outcome> {
    let seen = Seen::of(ctx)?;
    under_way::nothing_begun(&seen)?;
    let branch = seen.topic(args.branch.as_deref(), args.kind.as_deref())?;
    if let Role::Base(_) = seen.rules.role(&branch) {
        return Err(fail(format!("`{branch}` is no topic branch"))
            .hint(format!("push it with `git push {} {}`", quoted(seen.rules.remote()), quoted(&branch)))
            .into());
    }
    let remote = seen.rules.remote().to_owned();
    if !seen.has_remote()? {
        return Err(no_remote(&remote).into());
    }
    let mut change = plan(&seen, &branch, args.force)?;
    change.json = object(serde_json::json!({ "branch": branch, "remote": remote, "commit": seen.branch(&branch)? }));
    Ok(Outcome::Change(Box::new(change)))
}

fn plan(seen: &Seen, branch: &str, force: bool) -> anyhow::Result<Change> {
    let remote = seen.rules.remote();
    let tip = seen.branch(branch)?.ok_or_else(|| fail(format!("`{branch}` has no commit yet")))?;
    let there = seen.at_remote(branch)?;
    let full = format!("refs/heads/{branch}");
    let follows = {
        let settings = seen.repository.settings()?;
        settings.get(&format!("branch.{branch}.remote")) == Some(remote)
            && settings.get(&format!("branch.{branch}.merge")) == Some(&full)
    };
    if there == Some(tip) && follows {
        return Ok(change([], format!("`{branch}` is on `{remote}` as it is here")));
    }
    if let Some(there) = there.filter(|there| *there != tip && !force) {
        if seen.contains(there, tip)? {
            return Err(behind(remote, branch).into());
        }
        if !seen.contains(tip, there)? {
            return Err(diverged(remote, branch).into());
        }
    }
    // A lease on what was fetched, and never taken in, would let it be thrown away.
    if let Some(there) = there.filter(|_| force)
        && !seen.has_ever_had(branch, there)?
    {
        return Err(left_out(remote, branch).into());
    }
    let mut words = vec!["push".to_owned(), "--quiet".to_owned(), "--set-upstream".to_owned()];
    if force {
        let seen = there.map(|there| there.to_string()).unwrap_or_default();
        words.push(format!("--force-with-lease={full}:{seen}"));
    }
    words.extend(["--".to_owned(), remote.to_owned(), format!("{full}:{full}")]);
    let dir = seen.repository.work_tree().unwrap_or(seen.repository.git_dir());
    let mut steps = vec![git(dir, "push", format!("{branch} to {remote}"), &words)];
    with_scripts(seen, "publish", branch, &mut steps)?;
    let done = match there {
        None => format!("Published `{branch}` on `{remote}`, which it follows now"),
        Some(_) => format!("Brought `{branch}` on `{remote}` up to date"),
    };
    Ok(change(steps, done))
}

fn behind(remote: &str, branch: &str) -> Failure {
    fail(format!("`{branch}` is behind `{remote}/{branch}`")).hint(format!(
        "take in what is there: `git fetch {remote} && git merge --ff-only {remote}/{branch}`",
        remote = quoted(remote),
        branch = quoted(branch)
    ))
}

fn diverged(remote: &str, branch: &str) -> Failure {
    fail(format!("`{branch}` and `{remote}/{branch}` have diverged"))
        .hint(format!("bring them together: `git pull --rebase {} {}`", quoted(remote), quoted(branch)))
        .hint("or, if what is there was rebased here: `prodev flow publish --force`")
}
