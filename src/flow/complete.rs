//! Values that a shell can complete: kinds and branches of the repository that the shell stands in.

use std::path::Path;

use clap_complete::engine::CompletionCandidate;

use super::rules::{Role, Rules};
use super::see::Seen;
use crate::ctx::{Ctx, Recovery};
use crate::ui::{Ui, Volume};

/// What is seen from where the shell stands; a shell is told nothing of what is wrong with it.
fn seen() -> Option<Seen> {
    let ui = Ui::new(Volume::Quiet, true, false);
    let mut ctx = Ctx::new(Some(Path::new(".")), None, ui).ok()?;
    ctx.recovery = Recovery::Refuse;
    Seen::of(&ctx).ok()
}

pub(super) fn kinds() -> Vec<CompletionCandidate> {
    let rules = seen().map_or_else(|| Rules::new(None, &[], []), |seen| seen.rules);
    let candidate = |kind: &super::kind::Kind| {
        CompletionCandidate::new(&kind.name).help(Some(format!("{}…, from {}", kind.prefix, kind.start.name()).into()))
    };
    rules.kinds.iter().map(candidate).collect()
}

pub(super) fn branches() -> Vec<CompletionCandidate> {
    named(|_, _| true)
}

pub(super) fn topics() -> Vec<CompletionCandidate> {
    named(|rules, name| matches!(rules.role(name), Role::Topic(..)))
}

/// Branches that only the remote has.
pub(super) fn remote_branches() -> Vec<CompletionCandidate> {
    let Some(seen) = seen() else { return Vec::new() };
    let prefix = format!("refs/remotes/{}/", seen.rules.remote());
    let Ok(branches) = seen.repository.below(&prefix) else { return Vec::new() };
    let is_new = |name: &&str| !matches!(seen.branch(name), Ok(Some(_)));
    branches.map(|(name, _)| name).filter(is_new).map(CompletionCandidate::new).collect()
}

fn named(wanted: impl Fn(&Rules, &str) -> bool) -> Vec<CompletionCandidate> {
    let Some(seen) = seen() else { return Vec::new() };
    let Ok(branches) = seen.repository.branches() else { return Vec::new() };
    branches.filter(|(name, _)| wanted(&seen.rules, name)).map(|(name, _)| CompletionCandidate::new(name)).collect()
}
