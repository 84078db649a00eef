//! Whose policy applies: that of the working tree, or that of a commit which those who are judged could not change.

use crate::config::flow::Flow;
use crate::config::project;
use crate::ctx::Ctx;
use crate::flow::rules::{Origin, Rules};
use crate::git::{Id, Repository};

/// The file that holds it.
pub(super) const FILE: &str = "prodev.toml";

/// The policy that holds where the command stands. In a bare repository that is the one of the default branch.
pub(crate) fn here(ctx: &Ctx, repository: Option<&Repository>) -> anyhow::Result<Rules> {
    let bare = repository.filter(|repository| repository.work_tree().is_none() && ctx.config_file.is_none());
    if let Some(repository) = bare {
        // What lies around it is none of its business.
        return at(repository, repository.head()?.commit());
    }
    match (&ctx.config()?.policy.flow, repository) {
        (Some(flow), _) => Ok(Rules::of(flow, Origin::Policy)),
        (None, Some(repository)) => uncommitted(repository),
        (None, None) => Ok(Rules::new(None, &[], [])),
    }
}

/// The policy of a commit; where it has none, that of git-flow's keys, or the defaults.
pub(super) fn at(repository: &Repository, commit: Option<Id>) -> anyhow::Result<Rules> {
    match commit.map(|commit| of(repository, commit)).transpose()?.flatten() {
        Some(flow) => Ok(Rules::of(&flow, Origin::Policy)),
        None => uncommitted(repository),
    }
}

/// What `[flow]` says in a commit.
pub(super) fn of(repository: &Repository, commit: Id) -> anyhow::Result<Option<Flow>> {
    let Some(bytes) = repository.file(commit, FILE)? else { return Ok(None) };
    let id = commit.to_string();
    let shown = format!("{}:{FILE}", crate::findings::short(&id));
    Ok(project::policy(&shown, &String::from_utf8_lossy(&bytes))?.flow)
}

fn uncommitted(repository: &Repository) -> anyhow::Result<Rules> {
    let pairs = repository.settings()?.below("gitflow.");
    let names: Vec<&str> = repository.branches()?.map(|(name, _)| name).collect();
    Ok(Rules::new(None, &pairs, names))
}
