//! `prodev flow update`: bring what a branch belongs to into it.

use super::complete;
use super::draft::Draft;
use super::kind::Point;
use super::rules::Role;
use super::see::{Parent, Seen, obstacles};
use super::step::{of_deed, with_script_acts};
use super::under_way::{self, Wish};
use crate::config::kind::Update;
use crate::ctx::Ctx;
use crate::error::{Failure, fail, first_of};
use crate::git::{Id, Untracked, dirt};
use crate::outcome::{Change, Outcome, object};
use crate::plan::deed::{Act, Conflicts, Source, Spot, Told};
use crate::plan::process::quoted;

/// Bring the parent of a branch into it
///
/// A feature takes in develop, a release or a hotfix takes in main, develop takes in main. Whether by a merge or by a rebase is what the kind says
/// (`update` in `[flow.kinds.NAME]`). A conflict waits for you: resolve it, `git add`, `--continue`; or `--abort`.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  prodev flow update
  prodev flow update login --rebase
  prodev flow update develop       the back-merge of main
  prodev flow update --continue")]
pub(crate) struct Args {
    /// The branch; the one that is checked out without it
    #[arg(allow_hyphen_values = true, conflicts_with_all = ["go_on", "abort"], add = clap_complete::ArgValueCandidates::new(complete::branches))]
    branch: Option<String>,
    /// A branch of this kind
    #[arg(long, hide = true, add = clap_complete::ArgValueCandidates::new(complete::kinds))]
    kind: Option<String>,
    /// Put the branch's own commits on top of the parent
    #[arg(long, conflicts_with_all = ["merge", "go_on", "abort"])]
    rebase: bool,
    /// Merge the parent into the branch
    #[arg(long, conflicts_with_all = ["go_on", "abort"])]
    merge: bool,
    /// Do not look at the remote first
    #[arg(long)]
    no_fetch: bool,
    #[command(flatten)]
    wish: Wish,
}

pub(super) fn run(args: &Args, ctx: &Ctx) -> anyhow::Result<Outcome> {
    let is_same = |branch: &str| is_named(args.branch.as_deref(), branch);
    if let Some(outcome) = under_way::go_on(ctx, "update", args.wish, is_same)? {
        return Ok(outcome);
    }
    let mut seen = Seen::of(ctx)?;
    seen.top()?;
    seen.no_operation()?;
    let branch = seen.meant(args.branch.as_deref(), args.kind.as_deref())?;
    let name = parent(&seen, &branch)?;
    if !args.no_fetch && seen.rules.flow.fetch {
        seen.fetch(&[&name, &branch], ctx)?;
    }
    let tip = seen.branch(&branch)?.ok_or_else(|| fail(format!("`{branch}` has no commit yet")))?;
    let source = source(&seen, &name, ctx)?;
    let how = match (args.rebase, args.merge, seen.rules.role(&branch)) {
        (true, ..) => Update::Rebase,
        (_, false, Role::Topic(kind, _)) => kind.update,
        _ => Update::Merge,
    };
    let json = object(serde_json::json!({ "branch": branch, "parent": name, "commit": source.id, "how": how }));
    if seen.contains(tip, source.id)? {
        let done = format!("`{branch}` has all of `{}` already", shown(&source));
        return Ok(Outcome::Change(Box::new(Change { done, json, ..Change::default() })));
    }
    if how == Update::Rebase && matches!(seen.rules.role(&branch), Role::Base(_)) {
        return Err(fail(format!("`{branch}` is long-lived: others build on its commits"))
            .hint(format!("merge instead: `prodev flow update {branch} --merge`", branch = quoted(&branch)))
            .into());
    }
    if how == Update::Rebase
        && let Some(there) = seen.at_remote(&branch)?
        && !seen.has_ever_had(&branch, there)?
    {
        return Err(left_out(seen.rules.remote(), &branch).into());
    }
    let kept = look(&seen, &branch, tip, source.id)?;
    let deed = draft(&seen, &branch, tip, &source, how, kept)?.deed(&seen)?;
    let after = (how == Update::Rebase && seen.at_remote(&branch)?.is_some()).then(|| {
        format!(
            "It was published before; publish it again with: prodev flow publish {branch} --force",
            branch = quoted(&branch)
        )
    });
    let done = format!("Updated `{branch}`: all of `{}` is in it", shown(&source));
    Ok(Outcome::Change(Box::new(of_deed(deed, Told { done, after, json, answer: None }))))
}

/// That a rebase, which ends in a push by force, would leave out what others have pushed.
pub(super) fn left_out(remote: &str, branch: &str) -> Failure {
    let (name, at) = (quoted(branch), quoted(remote));
    fail(format!("`{remote}/{branch}` has commits that were never in `{branch}`"))
        .hint(format!("take them in: `git switch {name} && git pull --rebase {at} {name}`"))
}

/// Whether a branch is the one that was named, if one was.
pub(super) fn is_named(given: Option<&str>, branch: &str) -> bool {
    given.is_none_or(|given| {
        branch == given || branch.strip_suffix(given).is_some_and(|rest| rest.ends_with(['/', '-']))
    })
}

/// The name of what is brought in. A release is closed to what develop goes on with: it takes in what it will go to, as a hotfix does.
fn parent(seen: &Seen, branch: &str) -> anyhow::Result<String> {
    if let Role::Topic(kind, _) = seen.rules.role(branch)
        && let (true, None, Some(Point::Branch(target))) = (kind.tag, recorded(seen, branch)?, kind.targets.first())
    {
        return Ok(target.clone());
    }
    let found = seen.parent(branch)?.map(|parent| parent.name);
    found.ok_or_else(|| {
        fail(format!("`{branch}` follows no other branch")).hint("`prodev flow config` shows what follows what").into()
    })
}

/// A base that was written down, and is not just where every branch of its kind starts.
fn recorded(seen: &Seen, branch: &str) -> anyhow::Result<Option<String>> {
    let Role::Topic(kind, _) = seen.rules.role(branch) else { return Ok(None) };
    Ok(seen.recorded_base(branch)?.filter(|base| *base != kind.start.name()))
}

/// The branch of that name, or the remote's where that is further.
fn source(seen: &Seen, name: &str, ctx: &Ctx) -> anyhow::Result<Parent> {
    let known = seen.known(name)?.ok_or_else(|| missing(seen, name))?;
    let remote = seen.rules.remote();
    let Some(there) = seen.at_remote(name)?.filter(|there| *there != known.id) else { return Ok(known) };
    if seen.contains(there, known.id)? {
        ctx.ui.note(&format!("`{name}` is behind `{remote}/{name}`, which is brought in"));
        return Ok(Parent { full: format!("refs/remotes/{remote}/{name}"), id: there, ..known });
    }
    if !seen.contains(known.id, there)? {
        ctx.ui.warn(&format!("`{name}` and `{remote}/{name}` have diverged; yours is brought in"));
    }
    Ok(known)
}

fn missing(seen: &Seen, name: &str) -> Failure {
    fail(format!("there is no branch `{name}`")).hint(format!(
        "make it with `git branch {name} {}`",
        quoted(seen.rules.main()),
        name = quoted(name)
    ))
}

/// As people name it: `origin/develop` where it is the remote's.
fn shown(parent: &Parent) -> &str {
    ["refs/heads/", "refs/remotes/"].iter().find_map(|prefix| parent.full.strip_prefix(prefix)).unwrap_or(&parent.name)
}

/// Whether nothing is in the way; ignored files that stay as they are.
fn look(seen: &Seen, branch: &str, tip: Id, source: Id) -> anyhow::Result<Vec<String>> {
    let top = seen.top()?;
    if let Some(path) = seen.elsewhere(branch)? {
        let path = path.display();
        return Err(fail(format!("`{branch}` is checked out in `{path}`"))
            .hint(format!("update it there: `prodev -C {path} flow update`", path = quoted(&path.to_string())))
            .into());
    }
    clean(seen)?;
    let Some(head) = seen.head.commit() else { return Ok(Vec::new()) };
    let mut changes = seen.repository.changes(head, tip)?;
    changes.extend(seen.repository.changes(head, source)?);
    let found = obstacles(top, &changes)?;
    found.refuse("the update")?;
    Ok(found.same)
}

/// Whether nothing is changed that is not committed.
pub(super) fn clean(seen: &Seen) -> anyhow::Result<()> {
    let changed = dirt(seen.top()?, Untracked::Leave)?.changed;
    if changed.is_empty() {
        return Ok(());
    }
    let verb = if changed.len() == 1 { "is" } else { "are" };
    Err(fail(format!("{} {verb} changed and not committed", first_of(&changed, 4)))
        .hint("commit what is changed, or put it aside with `git stash`")
        .into())
}

fn draft(seen: &Seen, branch: &str, tip: Id, source: &Parent, how: Update, kept: Vec<String>) -> anyhow::Result<Draft> {
    let home = seen.top()?.to_owned();
    let mut acts = Vec::new();
    if seen.head.branch() != Some(branch) {
        acts.push(Act::Switch { dir: home.clone(), to: Spot::Branch(branch.to_owned()) });
    }
    let (into, from) = (branch.to_owned(), Source::Ref(source.full.clone()));
    acts.push(if seen.contains(source.id, tip)? {
        // Nothing of its own: there is nothing to bring together.
        Act::Follow { dir: home, into, from }
    } else if how == Update::Rebase {
        Act::Rebase { dir: home, branch: into, onto: from }
    } else {
        let remote = if source.full.starts_with("refs/remotes/") { "remote-tracking " } else { "" };
        let message = format!("Merge {remote}branch '{}' into {branch}\n", shown(source));
        Act::Merge { dir: home, into, from, message }
    });
    with_script_acts(seen, "update", branch, &mut acts)?;
    let branch = branch.to_owned();
    Ok(Draft { command: "update", branch, acts, others: Vec::new(), kept, conflicts: Conflicts::Stop })
}
