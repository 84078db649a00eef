//! `prodev flow rename`: another name for a topic branch, here and at the remote, and for all that refers to it.

use super::draft::{Draft, configured};
use super::kind::Kind;
use super::rules::Role;
use super::see::Seen;
use super::step::{of_deed, with_script_acts};
use super::under_way::{self, Wish};
use super::update::is_named;
use super::{complete, name, remote};
use crate::ctx::Ctx;
use crate::error::{Failure, fail};
use crate::git::Repository;
use crate::outcome::{Outcome, object};
use crate::plan::deed::{Act, Conflicts, Spot, Told};
use crate::plan::process::quoted;

/// Give a topic branch another name
///
/// The prefix of its kind stays, unless the new name has one. What is published is renamed at the remote, too; what other branches have written
/// down as their base moves along. (The order of the names is git-flow's.)
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  prodev flow rename sign-in             the branch that is checked out
  prodev flow rename sign-in login       login is called sign-in then
  prodev flow rename bugfix/sign-in login")]
pub(crate) struct Args {
    /// The new name, with a prefix or without
    #[arg(allow_hyphen_values = true, required_unless_present_any = ["go_on", "abort"])]
    name: Option<String>,
    /// The branch; the one that is checked out without it
    #[arg(allow_hyphen_values = true, add = clap_complete::ArgValueCandidates::new(complete::topics))]
    branch: Option<String>,
    /// A branch of this kind
    #[arg(long, hide = true, add = clap_complete::ArgValueCandidates::new(complete::kinds))]
    kind: Option<String>,
    /// Leave the remote as it is
    #[arg(long)]
    local: bool,
    #[command(flatten)]
    wish: Wish,
}

pub(super) fn run(args: &Args, ctx: &Ctx) -> anyhow::Result<Outcome> {
    let is_same = |branch: &str| args.branch.is_some() && is_named(args.branch.as_deref(), branch);
    if let Some(outcome) = under_way::go_on(ctx, "rename", args.wish, is_same)? {
        return Ok(outcome);
    }
    let seen = Seen::of(ctx)?;
    seen.top()?;
    seen.no_operation()?;
    let old = seen.topic(args.branch.as_deref(), args.kind.as_deref())?;
    let new = new_name(&seen, &old, args.name.as_deref().unwrap_or_default())?;
    let is_published = !args.local && seen.has_remote()? && is_published(&seen, &old, &new)?;
    let deed = draft(&seen, &old, &new, is_published)?.deed(&seen)?;
    let remote = seen.rules.remote();
    let at = if is_published { format!(", here and on `{remote}`") } else { String::new() };
    let done = format!("Renamed `{old}` to `{new}`{at}");
    let json = object(serde_json::json!({ "branch": new, "was": old, "remote": is_published.then_some(remote) }));
    Ok(Outcome::Change(Box::new(of_deed(deed, Told { done, json, ..Told::default() }))))
}

/// The whole new name, which nobody has.
fn new_name(seen: &Seen, old: &str, given: &str) -> anyhow::Result<String> {
    let Role::Topic(kind, _) = seen.rules.role(old) else {
        return Err(fail(format!("`{old}` is no topic branch"))
            .hint("what it is called is part of the model: `prodev flow config` shows it")
            .into());
    };
    let new = match seen.rules.role(given) {
        Role::Topic(other, _) if !other.prefix.is_empty() => given.to_owned(),
        _ => kind.branch(given),
    };
    if new == old {
        return Err(fail(format!("`{old}` is called that already")).hint("choose another name").into());
    }
    if let Role::Base(_) = seen.rules.role(&new) {
        return Err(fail(format!("`{new}` is a long-lived branch of the model")).hint("choose another name").into());
    }
    // The old one is in nobody's way when it is gone; but first both are there.
    if seen.branch(&new)?.is_some() {
        return Err(fail(format!("there is a branch `{new}` already")).hint("choose another name").into());
    }
    if let Role::Topic(other, _) = seen.rules.role(&new) {
        same_origin(seen, kind, other, old)?;
        name::check(seen, other, &new, Some(old))?;
    }
    if seen.at_remote(&new)?.is_some() {
        return Err(taken(seen, &new).into());
    }
    Ok(new)
}

/// Whether a branch of one kind can become one of another: it must have begun where those begin, or it would bring along what does not belong there.
fn same_origin(seen: &Seen, kind: &Kind, other: &Kind, old: &str) -> anyhow::Result<()> {
    let origin = seen.recorded_base(old)?.unwrap_or_else(|| kind.start.name().to_owned());
    let start = other.start.name();
    if kind.name == other.name || origin == start {
        return Ok(());
    }
    Err(fail(format!("`{old}` began on `{origin}`, and a {} begins on `{start}`", other.name))
        .hint(format!("start one, and take its commits over: `prodev flow start {} NAME`", quoted(&other.name)))
        .into())
}

fn taken(seen: &Seen, new: &str) -> Failure {
    fail(format!("`{new}` is on `{}` already", seen.rules.remote())).hint("choose another name")
}

/// Whether the branch is at the remote, under its old name and nowhere under the new one, just as it was last seen.
fn is_published(seen: &Seen, old: &str, new: &str) -> anyhow::Result<bool> {
    let Some(known) = seen.at_remote(old)? else { return Ok(false) };
    let there = remote::ask(seen, &[old, new], &format!("prodev flow rename {} {} --local", quoted(new), quoted(old)))?;
    if there.contains_key(new) {
        return Err(taken(seen, new).into());
    }
    remote::unmoved(seen, old, Some(known), there.get(old).copied())?;
    Ok(there.contains_key(old))
}

fn draft(seen: &Seen, old: &str, new: &str, is_published: bool) -> anyhow::Result<Draft> {
    let home = seen.top()?.to_owned();
    let mut acts = vec![Act::Copy { from: old.to_owned(), to: new.to_owned() }];
    let mut set = |key: String, old: Option<String>, new: String| {
        if old.as_ref() != Some(&new) {
            acts.push(Act::Configure { key, old, new: Some(new) });
        }
    };
    for (key, value) in configured(seen, &format!("gitflow.branch.{old}."))? {
        let key = key.rsplit('.').next().unwrap_or_default();
        set(format!("gitflow.branch.{new}.{key}"), None, value);
    }
    let mut bases: Vec<_> = seen.recorded_bases()?.iter().filter(|(_, base)| *base == old).collect();
    bases.sort();
    for (branch, _) in bases {
        set(format!("gitflow.branch.{branch}.base"), Some(old.to_owned()), new.to_owned());
    }
    let mut others = Vec::new();
    for tree in seen.repository.other_worktrees()?.into_iter().filter(|tree| tree.branch.as_deref() == Some(old)) {
        if Repository::open(&tree.path)?.operation().is_some() {
            let path = tree.path.display();
            return Err(fail(format!("`{old}` is checked out in `{path}`, which is in the middle of something"))
                .hint(format!("look at it with `git -C {path} status`", path = quoted(&path.to_string())))
                .into());
        }
        acts.push(Act::Switch { dir: tree.path.clone(), to: Spot::Branch(new.to_owned()) });
        others.push((tree.path, Spot::Branch(old.to_owned())));
    }
    if seen.head.branch() == Some(old) {
        acts.push(Act::Switch { dir: home, to: Spot::Branch(new.to_owned()) });
    }
    if let Some(id) = seen.at_remote(old)?.filter(|_| is_published) {
        let remote = seen.rules.remote().to_owned();
        // Its own upstream is set last: until the push, the old one is there.
        let refs = vec![format!("refs/heads/{new}")];
        acts.push(Act::Push { remote: remote.clone(), refs, delete: Some((old.to_owned(), id)) });
        let settings = seen.repository.settings()?;
        for (key, value) in [("remote", remote), ("merge", format!("refs/heads/{new}"))] {
            let old = settings.get(&format!("branch.{old}.{key}")).map(str::to_owned);
            acts.push(Act::Configure { key: format!("branch.{new}.{key}"), old, new: Some(value) });
        }
    }
    acts.push(Act::Delete { branch: old.to_owned() });
    with_script_acts(seen, "rename", old, &mut acts)?;
    let branch = old.to_owned();
    Ok(Draft { command: "rename", branch, acts, others, kept: Vec::new(), conflicts: Conflicts::TakeBack })
}
