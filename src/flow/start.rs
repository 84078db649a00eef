//! `prodev flow start`: open a topic branch on the base that its kind calls for.

use std::path::{Path, PathBuf};

use super::draft::Draft;
use super::kind::Kind;
use super::see::{Seen, obstacles};
use super::step::of_deed;
use super::under_way::{self, Wish};
use super::update::is_named;
use super::{complete, name, script, version};
use crate::ctx::Ctx;
use crate::error::{fail, listed};
use crate::git::Id;
use crate::outcome::{Outcome, object};
use crate::plan::deed::{Act, Conflicts, Deed, Told};
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
    #[arg(required_unless_present_any = ["go_on", "abort"], add = clap_complete::ArgValueCandidates::new(complete::kinds))]
    kind: Option<String>,
    /// Its name, without the prefix
    #[arg(allow_hyphen_values = true, required_unless_present_any = ["go_on", "abort"])]
    name: Option<String>,
    /// Where it begins, if not where its kind says: a branch, a tag, a commit
    #[arg(add = clap_complete::ArgValueCandidates::new(complete::branches))]
    base: Option<String>,
    /// Look at the remote first, whatever is configured
    #[arg(long)]
    fetch: bool,
    /// Open it in a new worktree, and leave this one alone
    #[arg(long, value_name = "PATH", value_hint = clap::ValueHint::DirPath)]
    worktree: Option<PathBuf>,
    #[command(flatten)]
    wish: Wish,
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
    let given = args.name.as_deref().unwrap_or_default();
    // The name of a version may be one that was computed.
    let is_same = |branch: &str| !given.is_empty() && (is_named(Some(given), branch) || version::is_of(given, branch));
    if let Some(outcome) = under_way::go_on(ctx, "start", args.wish, is_same)? {
        return Ok(outcome);
    }
    let mut seen = Seen::of(ctx)?;
    let kind = seen.kind(args.kind.as_deref().unwrap_or_default())?.clone();
    let latest = version::latest(&seen.rules, seen.repository.tags()?.map(|(name, _)| name));
    let name = match version::next(given, latest.as_ref()).filter(|_| kind.tag) {
        Some(next) => next.to_string(),
        None => given.to_owned(),
    };
    let name = script::filter(&seen, ctx, &format!("filter-flow-{}-start-version", kind.name), &name, kind.tag)?;
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
    let (act, done, kept) = match &args.worktree {
        Some(path) => in_worktree(&seen, &branch, &base, path, ctx)?,
        None => here(&seen, &branch, &base)?,
    };
    let remote = seen.rules.remote();
    let name = if kind.tag { seen.rules.tag(kind.bare(&name)) } else { kind.bare(&name).to_owned() };
    let words = [&name, remote, &branch, &base.shown];
    let mut acts: Vec<Act> = script::act(&seen, &kind, "start", "pre", &words)?.into_iter().collect();
    acts.extend(before(&seen, &branch, &base)?);
    acts.push(act);
    acts.extend(script::act(&seen, &kind, "start", "post", &words)?);
    let json = object(serde_json::json!({
        "branch": branch,
        "kind": kind.name,
        "base": base.shown,
        "commit": base.id,
    }));
    let after = Some(format!("Commit to it, then: prodev flow finish {branch}", branch = quoted(&branch)))
        .filter(|_| !kind.targets.is_empty());
    let again = Some(format!("start {} {}", quoted(&kind.name), quoted(kind.bare(&branch))));
    let (others, conflicts) = (Vec::new(), Conflicts::TakeBack);
    let deed = Draft { command: "start", branch, acts, others, kept, conflicts }.deed(&seen)?;
    Ok(Outcome::Change(Box::new(of_deed(Deed { again, ..deed }, Told { done, after, json, answer: None }))))
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
            return Err(fail(format!("there are several to start from: {}", listed(several)))
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

/// What opens the branch, what is said then, and the ignored files that hold what the checkout writes.
type Opening = (Act, String, Vec<String>);

/// In this worktree.
fn here(seen: &Seen, branch: &str, base: &Base) -> anyhow::Result<Opening> {
    let dir = seen.top()?.to_owned();
    seen.no_operation()?;
    let mut kept = Vec::new();
    if let Some(head) = seen.head.commit() {
        let found = obstacles(&dir, &seen.repository.changes(head, base.id)?)?;
        found.refuse(&format!("switching to `{branch}`"))?;
        kept = found.same;
    }
    let (at, on) = (base.id, base.shown.clone());
    let act = Act::Open { dir, branch: branch.to_owned(), at, on, place: None };
    Ok((act, format!("Switched to the new branch `{branch}`, on `{}`", base.shown), kept))
}

/// In a new worktree.
fn in_worktree(seen: &Seen, branch: &str, base: &Base, path: &Path, ctx: &Ctx) -> anyhow::Result<Opening> {
    let place = plain(&ctx.resolve(path));
    let is_free = match std::fs::read_dir(&place) {
        Ok(mut entries) => entries.next().is_none(),
        Err(_) => place.symlink_metadata().is_err(),
    };
    if !is_free {
        return Err(fail(format!("`{}` is there already", path.display())).hint("name a folder that is not").into());
    }
    let dir = seen.repository.work_tree().unwrap_or(seen.repository.git_dir()).to_owned();
    let on = format!("{} in {}", base.shown, path.display());
    let act = Act::Open { dir, branch: branch.to_owned(), at: base.id, on, place: Some(place) };
    Ok((act, format!("Opened `{branch}` in `{}`, on `{}`", path.display(), base.shown), Vec::new()))
}

/// The same path as Git will call it: without links and `..`, as far as it is there.
fn plain(path: &Path) -> PathBuf {
    let found = path.ancestors().find_map(|there| Some((there, there.canonicalize().ok()?)));
    let rest = |there: &Path| path.strip_prefix(there).map(Path::to_owned).unwrap_or_default();
    found.map_or_else(|| path.to_owned(), |(there, real)| if there == path { real } else { real.join(rest(there)) })
}

/// What comes before the branch: its base where that is at the remote alone, and a note of a base that the user chose.
fn before(seen: &Seen, branch: &str, base: &Base) -> anyhow::Result<Vec<Act>> {
    let mut acts = Vec::new();
    if let Some((name, _)) = &base.missing {
        let from = format!("refs/remotes/{}/{name}", seen.rules.remote());
        acts.push(Act::Track { branch: name.clone(), from });
    }
    if base.is_given {
        let key = format!("gitflow.branch.{branch}.base");
        let old = seen.repository.settings()?.get(&key).map(str::to_owned);
        acts.push(Act::Configure { key, old, new: Some(base.shown.clone()) });
    }
    Ok(acts)
}
