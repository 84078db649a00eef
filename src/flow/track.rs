//! `prodev flow track`: work on a branch that somebody else has published.

use super::complete;
use super::draft::Draft;
use super::kind::Kind;
use super::see::{Seen, obstacles, refuse_name};
use super::step::{of_deed, with_script_acts};
use super::under_way::{self, Wish};
use super::update::is_named;
use crate::ctx::Ctx;
use crate::error::{Exit, Failure, fail, listed};
use crate::outcome::{Outcome, object};
use crate::plan::deed::{Act, Conflicts, Spot, Told};
use crate::plan::process::quoted;

/// Work on a branch that is at the remote
///
/// Makes a local branch that follows the remote's, and checks it out. The remote is asked first.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  prodev flow track login
  prodev flow track release/1.2.0")]
pub(crate) struct Args {
    /// The branch, with its prefix or without
    #[arg(
        allow_hyphen_values = true,
        required_unless_present_any = ["go_on", "abort"],
        add = clap_complete::ArgValueCandidates::new(complete::remote_branches)
    )]
    branch: Option<String>,
    /// A branch of this kind
    #[arg(long, hide = true, add = clap_complete::ArgValueCandidates::new(complete::kinds))]
    kind: Option<String>,
    /// Do not look at the remote first
    #[arg(long)]
    no_fetch: bool,
    #[command(flatten)]
    wish: Wish,
}

pub(super) fn run(args: &Args, ctx: &Ctx) -> anyhow::Result<Outcome> {
    let is_same = |branch: &str| args.branch.is_some() && is_named(args.branch.as_deref(), branch);
    if let Some(outcome) = under_way::go_on(ctx, "track", args.wish, is_same)? {
        return Ok(outcome);
    }
    let given = args.branch.as_deref().unwrap_or_default();
    let mut seen = Seen::of(ctx)?;
    let top = seen.top()?.to_owned();
    seen.no_operation()?;
    let remote = seen.rules.remote().to_owned();
    if !seen.has_remote()? {
        return Err(no_remote(&remote).into());
    }
    let names = names(&seen, given, args.kind.as_deref())?;
    for name in &names {
        if seen.branch(name)?.is_some() {
            return Err(fail(format!("there is a branch `{name}` here already"))
                .hint(format!("work on it with `prodev flow switch {name}`", name = quoted(name)))
                .into());
        }
    }
    let is_asked = !args.no_fetch && !names.iter().any(|name| is_dry_and_known(&seen, name));
    let asked = if is_asked { at_remote(&mut seen, &names, ctx)? } else { Vec::new() };
    let mut found = Vec::new();
    for name in &names {
        if asked.contains(name) || seen.at_remote(name)?.is_some() {
            found.push(name.clone());
        }
    }
    let branch = one(given, &remote, found)?;
    let others: Vec<&str> = seen.repository.branches()?.map(|(name, _)| name).collect();
    refuse_name(&branch, &others)?;
    let id = seen.at_remote(&branch)?;
    let mut kept = Vec::new();
    if let (Some(head), Some(id)) = (seen.head.commit(), id) {
        let found = obstacles(&top, &seen.repository.changes(head, id)?)?;
        found.refuse(&format!("switching to `{branch}`"))?;
        kept = found.same;
    }
    let deed = draft(&seen, &branch, kept)?.deed(&seen)?;
    let done = format!("Switched to the new branch `{branch}`, which follows `{remote}/{branch}`");
    let json = object(serde_json::json!({ "branch": branch, "remote": remote, "commit": id }));
    Ok(Outcome::Change(Box::new(of_deed(deed, Told { done, json, ..Told::default() }))))
}

fn draft(seen: &Seen, branch: &str, kept: Vec<String>) -> anyhow::Result<Draft> {
    let remote = seen.rules.remote();
    let from = format!("refs/remotes/{remote}/{branch}");
    let mut acts = vec![Act::Track { branch: branch.to_owned(), from }];
    // Said once more, since Git makes the branch before it writes down what that follows.
    let settings = seen.repository.settings()?;
    for (key, value) in [("remote", remote.to_owned()), ("merge", format!("refs/heads/{branch}"))] {
        let key = format!("branch.{branch}.{key}");
        let old = settings.get(&key).map(str::to_owned);
        acts.push(Act::Configure { key, old, new: Some(value) });
    }
    acts.push(Act::Switch { dir: seen.top()?.to_owned(), to: Spot::Branch(branch.to_owned()) });
    with_script_acts(seen, "track", branch, &mut acts)?;
    let (branch, others, conflicts) = (branch.to_owned(), Vec::new(), Conflicts::TakeBack);
    Ok(Draft { command: "track", branch, acts, others, kept, conflicts })
}

/// That there is no remote of that name.
pub(super) fn no_remote(remote: &str) -> Failure {
    fail(format!("there is no remote `{remote}`")).hint(format!("add it with `git remote add {} URL`", quoted(remote)))
}

/// What `given` can be the name of: a whole name, or one in a kind.
fn names(seen: &Seen, given: &str, kind: Option<&str>) -> Result<Vec<String>, Failure> {
    let kind = kind.map(|name| seen.kind(name)).transpose()?;
    let kinds: Vec<&Kind> = kind.map_or_else(|| seen.rules.kinds.iter().collect(), |kind| vec![kind]);
    let whole = kind.is_none().then(|| given.to_owned());
    let mut names: Vec<String> = whole.into_iter().chain(kinds.iter().map(|kind| kind.branch(given))).collect();
    names.dedup();
    Ok(names)
}

/// A dry run asks nobody what it knows.
fn is_dry_and_known(seen: &Seen, name: &str) -> bool {
    seen.is_dry && seen.at_remote(name).is_ok_and(|found| found.is_some())
}

/// Asks the remote; those of `names` that only its answer tells of, as in a dry run, where nothing is written down.
fn at_remote(seen: &mut Seen, names: &[String], ctx: &Ctx) -> anyhow::Result<Vec<String>> {
    if !seen.is_dry {
        seen.fetch(&[], ctx)?;
        return Ok(Vec::new());
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    match seen.ask(&names)? {
        Ok(there) => Ok(there.into_keys().collect()),
        Err(last) => {
            let remote = seen.rules.remote();
            ctx.ui.warn(&format!("`{remote}` cannot be reached, so what is known of it may be old: {last}"));
            Ok(Vec::new())
        }
    }
}

fn one(given: &str, remote: &str, mut found: Vec<String>) -> Result<String, Failure> {
    match (found.pop(), found.is_empty()) {
        (Some(one), true) => Ok(one),
        (None, _) => Err(fail(format!("there is no branch `{given}` on `{remote}`"))
            .hint(format!("see what there is: `git ls-remote --heads {}`", quoted(remote)))),
        (Some(last), false) => {
            found.push(last);
            Err(fail(format!("`{given}` can be several branches: {}", listed(&found)))
                .exit(Exit::Usage)
                .hint("give its whole name"))
        }
    }
}
