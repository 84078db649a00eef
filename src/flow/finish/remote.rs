//! How branches stand to the remote: asked for anew, and what of it is in the way.

use std::collections::BTreeMap;

use super::Request;
use crate::ctx::Ctx;
use crate::error::Problem;
use crate::flow::see::Seen;
use crate::git::{Actor, Id};
use crate::plan::process::quoted;

/// Asks the remote where these branches are. A dry run may not write down what it hears: what is news to this repository is a problem then, since
/// nobody can tell what it comes to.
pub(super) fn ask(seen: &mut Seen, branches: &[&str], ctx: &Ctx) -> anyhow::Result<Vec<Problem>> {
    if !seen.is_dry {
        seen.fetch(branches, ctx)?;
        return Ok(Vec::new());
    }
    if !seen.has_remote()? {
        return Ok(Vec::new());
    }
    let remote = seen.rules.remote();
    let known: Vec<&str> =
        branches.iter().copied().filter(|branch| seen.at_remote(branch).is_ok_and(|there| there.is_some())).collect();
    if known.is_empty() {
        return Ok(Vec::new());
    }
    let names: Vec<String> = known.iter().map(|branch| format!("refs/heads/{branch}")).collect();
    let mut arguments = vec!["ls-remote", "--", remote];
    arguments.extend(names.iter().map(String::as_str));
    let dir = seen.repository.work_tree().unwrap_or(seen.repository.git_dir());
    let said = Actor::new(dir).run(&arguments, b"")?;
    if !said.is_success() {
        let last = said.last(1);
        ctx.ui.warn(&format!("`{remote}` cannot be reached, so what is known of it may be old: {last}"));
        return Ok(Vec::new());
    }
    let text = String::from_utf8_lossy(&said.stdout).into_owned();
    let there: BTreeMap<&str, Id> = text
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .filter_map(|(id, name)| Some((name.strip_prefix("refs/heads/")?, Id::parse(id.as_bytes())?)))
        .collect();
    let mut problems = Vec::new();
    for branch in known {
        // One that is gone there is in nobody's way.
        let Some(id) = there.get(branch) else { continue };
        if seen.at_remote(branch)? != Some(*id) {
            problems.push(
                Problem::new(format!("`{branch}` has moved at `{remote}`, and a dry run does not fetch"))
                    .hint(format!("fetch first: `git fetch {remote}`")),
            );
        }
    }
    Ok(problems)
}

/// What of the branch at the remote is in the way.
pub(super) fn topic(
    seen: &Seen,
    request: &Request,
    tip: Id,
    there: Id,
    problems: &mut Vec<Problem>,
) -> anyhow::Result<()> {
    if request.force || seen.contains(tip, there)? {
        return Ok(());
    }
    let (branch, remote) = (&request.branch, seen.rules.remote());
    let shown = quoted(branch);
    let (message, hint) = if seen.contains(there, tip)? {
        (
            format!("`{branch}` is behind `{remote}/{branch}`"),
            format!(
                "take in what is there: `git fetch {remote} && git merge --ff-only {remote}/{shown}`, or leave it with `--force`"
            ),
        )
    } else {
        (
            format!("`{branch}` and `{remote}/{branch}` have diverged"),
            format!("bring them together: `git pull --rebase {remote} {shown}`, or leave what is there with `--force`"),
        )
    };
    problems.push(Problem::new(message).hint(hint));
    Ok(())
}
