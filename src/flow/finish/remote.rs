//! How branches stand to the remote: asked for anew, and what of it is in the way.

use super::Request;
use crate::ctx::Ctx;
use crate::error::Problem;
use crate::flow::see::Seen;
use crate::git::Id;
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
    let remote = seen.rules.remote().to_owned();
    let known: Vec<&str> =
        branches.iter().copied().filter(|branch| seen.at_remote(branch).is_ok_and(|there| there.is_some())).collect();
    if known.is_empty() {
        return Ok(Vec::new());
    }
    let there = match seen.ask(&known)? {
        Ok(there) => {
            seen.is_asked = true;
            there
        }
        Err(last) => {
            ctx.ui.warn(&format!("`{remote}` cannot be reached, so what is known of it may be old: {last}"));
            return Ok(Vec::new());
        }
    };
    let mut problems = Vec::new();
    for branch in known {
        // One that is gone there is in nobody's way.
        let Some(id) = there.get(branch) else {
            seen.gone.insert(branch.to_owned());
            continue;
        };
        if seen.at_remote(branch)? != Some(*id) {
            problems.push(
                Problem::new(format!("`{branch}` has moved at `{remote}`, and a dry run does not fetch"))
                    .hint(format!("fetch first: `git fetch {}`", quoted(&remote))),
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
    let (shown, at) = (quoted(branch), quoted(remote));
    let (message, hint) = if seen.contains(there, tip)? {
        (
            format!("`{branch}` is behind `{remote}/{branch}`"),
            format!(
                "take in what is there: `git fetch {at} && git merge --ff-only {at}/{shown}`, or leave it with `--force`"
            ),
        )
    } else {
        (
            format!("`{branch}` and `{remote}/{branch}` have diverged"),
            format!("bring them together: `git pull --rebase {at} {shown}`, or leave what is there with `--force`"),
        )
    };
    problems.push(Problem::new(message).hint(hint));
    Ok(())
}
