//! What a shell can complete: the recipes with schedules.

use clap_complete::CompletionCandidate;

use super::job;
use crate::ctx::Ctx;
use crate::ui::{Ui, Volume};

/// The recipes that run by themselves, each with its times. What cannot be read offers nothing.
pub(super) fn scheduled() -> Vec<CompletionCandidate> {
    let ui = Ui::new(Volume::Quiet, true, false);
    let Ok(ctx) = Ctx::new(None, None, ui) else { return Vec::new() };
    let jobs = ctx.config().and_then(job::all).unwrap_or_default();
    let candidates =
        jobs.iter().map(|job| CompletionCandidate::new(&job.recipe).help(Some(job.written.text().to_owned().into())));
    candidates.collect()
}
