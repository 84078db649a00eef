//! What a remote has now, asked before anything is changed that it could refuse later.

use std::collections::BTreeMap;

use super::see::Seen;
use crate::error::fail;
use crate::git::Id;
use crate::plan::process::quoted;

/// Where these branches are at the remote. `without` is the command that leaves it alone.
///
/// # Errors
/// Where it cannot be reached.
pub(super) fn ask(seen: &Seen, branches: &[&str], without: &str) -> anyhow::Result<BTreeMap<String, Id>> {
    let said = seen.ask(branches)?;
    said.map_err(|last| {
        fail(format!("`{}` cannot be reached", seen.rules.remote()))
            .cause(last)
            .hint(format!("leave it as it is there: `{without}`"))
            .into()
    })
}

/// Whether a branch is where it was last `known` to be, or gone: what others have done to it since would go unseen.
///
/// # Errors
/// Where it has moved.
pub(super) fn unmoved(seen: &Seen, branch: &str, known: Option<Id>, there: Option<Id>) -> anyhow::Result<()> {
    if there.is_none() || there == known {
        return Ok(());
    }
    let remote = seen.rules.remote();
    let (at, name) = (quoted(remote), quoted(branch));
    Err(fail(format!("`{branch}` has moved at `{remote}` since it was last seen"))
        .hint(format!("look at what has come: `git fetch {at} && git log {name}..{at}/{name}`"))
        .into())
}
