//! What a topic branch may be called: the rules that `start` and `rename` have in common.

use super::kind::Kind;
use super::see::{Seen, refuse_name};
use super::version;
use crate::error::{Exit, Failure, fail};
use crate::plan::process::quoted;

/// Whether a branch of `kind` may be called so; `old` is the one that gets the name.
///
/// # Errors
/// Why not.
pub(super) fn check(seen: &Seen, kind: &Kind, branch: &str, old: Option<&str>) -> anyhow::Result<()> {
    let others: Vec<&str> = seen.repository.branches()?.map(|(name, _)| name).collect();
    refuse_name(branch, &others)?;
    let name = kind.bare(branch);
    if let Some(pattern) = &kind.pattern {
        let whole = regex::Regex::new(&format!("^(?:{pattern})$"));
        if whole.is_ok_and(|pattern| !pattern.is_match(name)) {
            return Err(fail(format!("`{name}` is no name for a {}", kind.name))
                .cause(format!("it must match `{pattern}`"))
                .exit(Exit::Usage)
                .hint("choose another name")
                .into());
        }
    }
    if !kind.several {
        let open = seen.open(kind)?;
        if let Some(other) = open.iter().find(|other| Some(other.as_str()) != old) {
            return Err(fail(format!("the {} `{other}` is open already", kind.name))
                .hint(format!("finish it with `prodev flow finish {other}`", other = quoted(other)))
                .hint(format!("or allow several with `several = true` in `[flow.kinds.{}]`", kind.name))
                .into());
        }
    }
    if kind.tag {
        check_version(seen, kind, name, old)?;
    }
    Ok(())
}

/// Whether it can be the next version.
fn check_version(seen: &Seen, kind: &Kind, name: &str, old: Option<&str>) -> anyhow::Result<()> {
    let tag = seen.rules.tag(name);
    let hint = |failure: Failure| match old {
        None => failure.hint(format!("start the next one with `prodev flow start {} patch`", quoted(&kind.name))),
        Some(_) => failure.hint("choose another version"),
    };
    if seen.repository.find(&format!("refs/tags/{tag}"))?.is_some() {
        return Err(hint(fail(format!("the tag `{tag}` exists already"))).into());
    }
    let latest = version::latest(&seen.rules, seen.repository.tags()?.map(|(name, _)| name));
    match (seen.rules.version(&tag), latest) {
        (Some(version), Some(latest)) if version < latest => {
            let latest = seen.rules.tag(&latest.to_string());
            Err(hint(fail(format!("`{name}` is older than the latest version, {latest}"))).into())
        }
        _ => Ok(()),
    }
}
