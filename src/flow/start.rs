//! `prodev flow start`: open a topic branch on the base that its kind calls for.

use std::path::{Path, PathBuf};

use super::kind::Kind;
use super::see::{Seen, obstacles};
use super::step::{change, git, opening};
use super::{complete, name, under_way, version};
use crate::ctx::Ctx;
use crate::error::fail;
use crate::git::Id;
use crate::outcome::{Change, Outcome};
use crate::plan::Step;
use crate::plan::process::quoted;

/// Start a topic branch
///
/// The branch begins where its kind says (`prodev flow config` shows it), and changes that are not committed come along. A release or hotfix can be
/// called `patch`, `minor` or `major`: the version then follows from the tags.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  prodev flow start feature login
  prodev flow start release minor
  prodev flow start hotfix 1.2.1 --worktree ../fix")]
pub(crate) struct Args {
    /// What the branch is for
    #[arg(add = clap_complete::ArgValueCandidates::new(complete::kinds))]
    kind: String,
    /// Its name, without the prefix
    #[arg(allow_hyphen_values = true)]
    name: String,
    /// Where it begins, if not where its kind says: a branch, a tag, a commit
    #[arg(add = clap_complete::ArgValueCandidates::new(complete::branches))]
    base: Option<String>,
    /// Look at the remote first, whatever is configured
    #[arg(long)]
    fetch: bool,
    /// Open it in a new worktree, and leave this one alone
    #[arg(long, value_name = "PATH", value_hint = clap::ValueHint::DirPath)]
    worktree: Option<PathBuf>,
}

/// Where a branch begins.
struct Base {
    shown: String,
    id: Id,
    /// A local branch that has to be made first, and where the remote has it.
    missing: Option<(String, Id)>,
    /// Whether the user chose it.
    is_given: bool,
}

pub(super) fn run(args: &Args, ctx: &Ctx) -> anyhow::Result<Outcome> {
    let mut seen = Seen::of(ctx)?;
    under_way::nothing_begun(&seen)?;
    let kind = seen.kind(&args.kind)?.clone();
    let latest = version::latest(&seen.rules, seen.repository.tags()?.map(|(name, _)| name));
    let name = match version::next(&args.name, latest.as_ref()).filter(|_| kind.tag) {
        Some(next) => next.to_string(),
        None => args.name.clone(),
    };
    let name = super::script::filter(&seen, ctx, &format!("filter-flow-{}-start-version", kind.name), &name, kind.tag)?;
    let branch = kind.branch(&name);
    check_name(&seen, &kind, &branch)?;
    if args.fetch || seen.rules.flow.fetch {
        let start = kind.start.name().to_owned();
        seen.fetch(&[&start, &branch], ctx)?;
    }
    if seen.at_remote(&branch)?.is_some() {
        return Err(fail(format!("`{branch}` is on `{}` already", seen.rules.remote()))
            .hint(format!("work on it with `prodev flow track {branch}`", branch = quoted(&branch)))
            .into());
    }
    let base = base(args, &seen, &kind, ctx)?;
    let mut change = match &args.worktree {
        Some(path) => in_worktree(&seen, &branch, &base, path, ctx)?,
        None => here(&seen, &branch, &base)?,
    };
    let remote = seen.rules.remote();
    let name = if kind.tag { seen.rules.tag(kind.bare(&name)) } else { kind.bare(&name).to_owned() };
    change
        .plan
        .steps
        .splice(0..0, super::script::step(&seen, &kind, "start", "pre", &[&name, remote, &branch, &base.shown])?);
    change.plan.steps.extend(super::script::step(
        &seen,
        &kind,
        "start",
        "post",
        &[&name, remote, &branch, &base.shown],
    )?);
    change.json = crate::outcome::object(serde_json::json!({
        "branch": branch,
        "kind": kind.name,
        "base": base.shown,
        "commit": base.id,
    }));
    change.after = Some(format!("Commit to it, then: prodev flow finish {branch}", branch = quoted(&branch)))
        .filter(|_| !kind.targets.is_empty());
    Ok(Outcome::Change(Box::new(change)))
}

/// Whether nobody has that name yet, and a branch may have it.
fn check_name(seen: &Seen, kind: &Kind, branch: &str) -> anyhow::Result<()> {
    if seen.branch(branch)?.is_some() {
        return Err(fail(format!("branch `{branch}` already exists"))
            .hint(format!("continue it with `prodev flow switch {branch}`", branch = quoted(branch)))
            .into());
    }
    name::check(seen, kind, branch, None)
}

/// Where the branch begins.
fn base(args: &Args, seen: &Seen, kind: &Kind, ctx: &Ctx) -> anyhow::Result<Base> {
    if let Some(given) = &args.base {
        let id = seen.repository.resolve(given)?.ok_or_else(|| {
            fail(format!("there is no branch, tag or commit `{given}`"))
                .hint("`git branch --all` and `git tag` show them")
        })?;
        return Ok(Base { shown: given.clone(), id, missing: None, is_given: true });
    }
    let names = seen.at_point(&kind.start)?;
    let name = match names.as_slice() {
        [one] => one.clone(),
        [] => {
            return Err(fail(format!("there is no open {} to start from", kind.start.name()))
                .hint("name the branch that it starts from")
                .into());
        }
        several => {
            return Err(fail(format!("there are several to start from: `{}`", several.join("`, `")))
                .hint("name the one that it starts from")
                .into());
        }
    };
    let remote = seen.at_remote(&name)?;
    match (seen.branch(&name)?, remote) {
        (Some(here), Some(there)) if here != there && seen.contains(there, here)? => {
            ctx.ui.note(&format!("`{name}` is behind `{}/{name}`, where the branch begins", seen.rules.remote()));
            Ok(Base { shown: name, id: there, missing: None, is_given: false })
        }
        (Some(here), there) => {
            if there.is_some_and(|there| !seen.contains(here, there).unwrap_or(true)) {
                ctx.ui.warn(&format!("`{name}` and `{}/{name}` have diverged", seen.rules.remote()));
            }
            Ok(Base { shown: name, id: here, missing: None, is_given: false })
        }
        (None, Some(there)) => {
            Ok(Base { shown: name.clone(), id: there, missing: Some((name, there)), is_given: false })
        }
        (None, None) if seen.head.branch() == Some(name.as_str()) => {
            Err(fail(format!("`{name}` has no commit yet")).hint("make the first one with `git commit`").into())
        }
        (None, None) => Err(fail(format!("there is no branch `{name}` to start from"))
            .hint(format!(
                "make it with `git branch {name} {}`, or name another one",
                quoted(seen.rules.main()),
                name = quoted(&name)
            ))
            .hint("or set the repository up: `prodev flow init`")
            .into()),
    }
}

/// In this worktree.
fn here(seen: &Seen, branch: &str, base: &Base) -> anyhow::Result<Change> {
    let top = seen.top()?.to_owned();
    seen.no_operation()?;
    if let Some(head) = seen.head.commit() {
        let changes = seen.repository.changes(head, base.id)?;
        obstacles(&top, &changes)?.refuse(&format!("switching to `{branch}`"))?;
    }
    let words = ["switch", "--quiet", "--no-track", "--create", branch, &base.id.to_string()];
    let step = opening(git(&top, "create", format!("{branch} on {}", base.shown), &words), &top, branch);
    Ok(change(
        before(seen, branch, base, &top).into_iter().chain([step]),
        format!("Switched to the new branch `{branch}`, on `{}`", base.shown),
    ))
}

/// In a new worktree.
fn in_worktree(seen: &Seen, branch: &str, base: &Base, path: &Path, ctx: &Ctx) -> anyhow::Result<Change> {
    let full = ctx.resolve(path);
    let is_free = match std::fs::read_dir(&full) {
        Ok(mut entries) => entries.next().is_none(),
        Err(_) => full.symlink_metadata().is_err(),
    };
    if !is_free {
        return Err(fail(format!("`{}` is there already", path.display())).hint("name a folder that is not").into());
    }
    let dir = seen.repository.work_tree().unwrap_or(seen.repository.git_dir()).to_owned();
    let place = full.to_string_lossy().into_owned();
    let id = base.id.to_string();
    let words = ["worktree", "add", "--quiet", "--no-track", "-b", branch, "--", &place, &id];
    let step = git(&dir, "create", format!("{branch} on {} in {}", base.shown, path.display()), &words);
    let step = opening(step, &full, branch);
    Ok(change(
        before(seen, branch, base, &dir).into_iter().chain([step]),
        format!("Opened `{branch}` in `{}`, on `{}`", path.display(), base.shown),
    ))
}

/// What comes before the branch: its base where that is at the remote alone, and a note of a base that the user chose.
fn before(seen: &Seen, branch: &str, base: &Base, dir: &Path) -> Vec<Step> {
    let mut steps = Vec::new();
    if let Some((name, _)) = &base.missing {
        let at = format!("refs/remotes/{}/{name}", seen.rules.remote());
        let words = ["branch", "--quiet", "--track", "--", name, &at];
        steps.push(git(dir, "create", format!("{name} on {}/{name}", seen.rules.remote()), &words));
    }
    if base.is_given {
        let words = ["config", "--local", &format!("gitflow.branch.{branch}.base"), &base.shown];
        steps.push(git(dir, "record", format!("{} as the base of {branch}", base.shown), &words));
    }
    steps
}
