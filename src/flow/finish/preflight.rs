//! What Git itself would fail at, found before anything is changed: nobody's name, a key that does not sign, a hook that is left out, a lock.

use super::Request;
use super::look::Look;
use crate::config::kind::Strategy;
use crate::ctx;
use crate::error::Problem;
use crate::flow::see::Seen;
use crate::git::{Actor, Forecaster};
use crate::plan::deed::locked;
use crate::plan::process::quoted;

/// Lock files that somebody left, or holds.
pub(super) fn locks(seen: &Seen, problems: &mut Vec<Problem>) {
    for path in [seen.repository.git_dir().join("index.lock"), seen.repository.git_dir().join("HEAD.lock")] {
        if path.exists() {
            problems.push(locked(&path));
        }
    }
}

/// What makes commits and tags: a name, a key, and hooks that are let run.
pub(super) fn check(
    seen: &Seen,
    request: &Request,
    look: &Look,
    forecaster: &mut Forecaster,
    problems: &mut Vec<Problem>,
) -> anyhow::Result<()> {
    let is_moved_only = matches!(request.strategy, Strategy::FfOnly) && look.targets.len() < 2 && look.edits.is_empty();
    let commits = !is_moved_only && (look.targets.iter().any(|target| target.follows.is_none()) || request.tag);
    if commits {
        identity(seen, problems)?;
    }
    let settings = seen.repository.settings()?;
    let is_on = |key: &str| {
        matches!(settings.get(key).map(str::to_ascii_lowercase).as_deref(), Some("true" | "yes" | "on" | "1"))
    };
    let signs = (commits && is_on("commit.gpgsign")) || (request.tag && (request.sign || is_on("tag.gpgsign")));
    if signs && problems.is_empty() {
        key(seen, look, forecaster, problems)?;
    }
    if settings.get("advice.ignoredhook") != Some("false") {
        hooks(seen, request, look, problems)?;
    }
    Ok(())
}

/// Whether Git knows who makes the commits; asked only where nothing says so at once.
fn identity(seen: &Seen, problems: &mut Vec<Problem>) -> anyhow::Result<()> {
    let settings = seen.repository.settings()?;
    let is_named = |role: &str| {
        let has = |what: &str| {
            let variable = format!("GIT_{role}_{what}");
            // One that is set to nothing wins all the same.
            if let Some((_, value)) = ctx::environment().find(|(name, _)| *name == *variable) {
                return !value.is_empty();
            }
            let key = what.to_ascii_lowercase();
            let keys = [format!("user.{key}"), format!("{}.{key}", role.to_ascii_lowercase())];
            keys.iter().any(|key| settings.get(key).is_some_and(|value| !value.is_empty()))
        };
        has("NAME") && has("EMAIL")
    };
    for role in ["AUTHOR", "COMMITTER"] {
        if is_named(role) {
            continue;
        }
        let said = Actor::new(seen.top()?).run(&["var", &format!("GIT_{role}_IDENT")], b"")?;
        if !said.is_success() {
            problems.push(
                Problem::new("Git does not know who you are")
                    .hint("run `git config --global user.name NAME` and `git config --global user.email ADDRESS`"),
            );
            break;
        }
    }
    Ok(())
}

fn key(seen: &Seen, look: &Look, forecaster: &mut Forecaster, problems: &mut Vec<Problem>) -> anyhow::Result<()> {
    let commit = seen.repository.commits(&[look.tip])?;
    let Some(tree) = commit.first().map(|commit| commit.tree) else { return Ok(()) };
    if let Err(failure) = forecaster.sign(tree)? {
        let cause = failure.cause.unwrap_or_default();
        let last = cause.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default();
        problems.push(Problem::new(format!("nothing can be signed: {last}")).hint(
            "look at `git config user.signingkey`, or turn signing off: `git config commit.gpgsign false` and `git config tag.gpgsign false`",
        ));
    }
    Ok(())
}

/// Hooks that this finish would run, if they were executable: Git leaves them out, and only whispers it.
fn hooks(seen: &Seen, request: &Request, look: &Look, problems: &mut Vec<Problem>) -> anyhow::Result<()> {
    let mut names = vec!["pre-merge-commit", "prepare-commit-msg", "commit-msg", "post-merge", "post-checkout"];
    if request.strategy == Strategy::Squash || !look.edits.is_empty() {
        names.extend(["pre-commit", "post-commit"]);
    }
    if request.strategy == Strategy::Rebase {
        names.extend(["pre-rebase", "post-rewrite"]);
    }
    if request.push || request.as_pull {
        names.push("pre-push");
    }
    for name in names {
        if let Some(hook) = seen.repository.hook(name)?.filter(|hook| !hook.is_executable) {
            let path = quoted(&hook.path.to_string_lossy());
            problems.push(
                Problem::new(format!("the hook `{name}` is not executable, so Git leaves it out"))
                    .hint(format!("let it run with `chmod +x {path}`, or remove it")),
            );
        }
    }
    Ok(())
}
