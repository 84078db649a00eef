//! Which files are other than in a commit: in commits since, in the index, in the working tree, or new.

use std::path::Path;

use super::shell::{Place, git};
use crate::error::fail;

/// The paths, as seen from `folder`, that are other than in `since`: a branch, tag or commit. Without one it is where the current branch left
/// the first of `bases` that is another one; on these themselves it is the last commit.
///
/// # Errors
/// Where `folder` is in no repository, or `since` is nothing in it.
pub(crate) fn changed(folder: &Path, since: Option<&str>, bases: &[&str]) -> anyhow::Result<Vec<String>> {
    let place = Place::of(folder);
    let ask = |arguments: &[&str]| {
        git(place, arguments, b"").ok().and_then(|said| String::from_utf8(said).ok()).map(|said| said.trim().to_owned())
    };
    let commit =
        |name: &str| ask(&["rev-parse", "--verify", "--quiet", "--end-of-options", &format!("{name}^{{commit}}")]);
    let base = if let Some(since) = since {
        commit(since).ok_or_else(|| {
            fail(format!("`{since}` is no branch, tag or commit here"))
                .hint("`git branch --all` and `git tag` list them")
        })?
    } else {
        let current = ask(&["symbolic-ref", "--quiet", "--short", "HEAD"]).unwrap_or_default();
        let base = if bases.contains(&current.as_str()) { None } else { bases.iter().find_map(|base| commit(base)) };
        match base.and_then(|base| ask(&["merge-base", "HEAD", &base])) {
            Some(base) => base,
            None => commit("HEAD").ok_or_else(|| fail("there is no commit here yet").hint("`git commit` makes one"))?,
        }
    };
    let mut paths = git(place, &["diff", "--name-only", "--no-renames", "--relative", "-z", &base, "--"], b"")?;
    paths.extend(git(place, &["ls-files", "--others", "--exclude-standard", "-z"], b"")?);
    Ok(paths
        .split(|byte| *byte == 0)
        .filter(|path| !path.is_empty())
        .map(|path| String::from_utf8_lossy(path).into_owned())
        .collect())
}
