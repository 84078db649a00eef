//! What was begun and not ended: going on with it, taking it back, and keeping out of its way meanwhile.

use super::see::Seen;
use super::step::telling;
use crate::ctx::{Ctx, Recovery};
use crate::error::{Failure, fail};
use crate::git::Repository;
use crate::outcome::{Outcome, object};
use crate::plan::Step;
use crate::plan::deed::{Deed, Phase, Resume, Resumption, Told, may_be_taken_back, may_go_on, pending};

/// The two ways out.
#[derive(clap::Args, Debug, Clone, Copy)]
pub(super) struct Wish {
    /// Go on after a conflict, or after a run that was killed
    #[arg(long = "continue", conflicts_with = "abort")]
    go_on: bool,
    /// Take all back that an unfinished run has done
    #[arg(long)]
    abort: bool,
}

impl Wish {
    /// Whether it is one at all.
    pub(super) fn is_given(self) -> bool {
        self.go_on || self.abort
    }
}

/// What becomes of a deed of `command` that was begun here and not ended; `None` where there is none, and the command can begin. To give the same
/// command again (`is_same` knows by the branch that the deed is about) is to go on.
///
/// # Errors
/// Where another command is under way, or none that could be gone on with.
pub(super) fn go_on(
    ctx: &Ctx,
    command: &str,
    wish: Wish,
    is_same: impl Fn(&str) -> bool,
) -> anyhow::Result<Option<Outcome>> {
    let common_dir = Repository::open(&ctx.dir)?.common_dir().to_owned();
    let Some((deed, phase, at)) = pending(&common_dir)? else {
        if wish.is_given() {
            return Err(fail(format!("no {command} is under way here"))
                .hint(format!("begin one with `prodev flow {command}`"))
                .into());
        }
        return Ok(None);
    };
    if deed.command != command || (!wish.is_given() && !is_same(&deed.branch)) {
        return Err(under_way(&deed).into());
    }
    let resume = if wish.abort { Resume::Abort } else { Resume::Continue };
    resumed(ctx, (deed, phase, at), resume).map(Some)
}

/// A deed that goes on, or back.
///
/// # Errors
/// Where a dry run sees that it could not.
fn resumed(ctx: &Ctx, (deed, phase, at): (Deed, Phase, usize), resume: Resume) -> anyhow::Result<Outcome> {
    if ctx.recovery == Recovery::Refuse {
        match resume {
            Resume::Abort => may_be_taken_back(&deed.common_dir, &ctx.ui)?,
            Resume::Continue => may_go_on(&deed.common_dir)?,
        }
    }
    let (command, branch) = (&deed.command, &deed.branch);
    let told = match (resume, phase) {
        // What a run that was not stopped would have told.
        (Resume::Continue, Phase::Acting | Phase::Stopped | Phase::Unpushed) => deed.told.clone(),
        (Resume::Abort, _) => taken_back(branch, format!("Took the {command} of `{branch}` back: all is as it was")),
        (Resume::Continue, Phase::Aborting) => taken_back(branch, format!("Took the {command} of `{branch}` back")),
    };
    Ok(Outcome::Change(Box::new(telling(Step::Resume(Resumption { deed: Box::new(deed), at, resume }), told))))
}

fn taken_back(branch: &str, done: String) -> Told {
    Told { done, json: object(serde_json::json!({ "branch": branch })), ..Told::default() }
}

/// That no deed was begun and not ended.
pub(super) fn nothing_begun(seen: &Seen) -> Result<(), Failure> {
    match pending(seen.repository.common_dir())? {
        Some((deed, ..)) => Err(under_way(&deed)),
        None => Ok(()),
    }
}

/// That another has to be ended first.
pub(super) fn under_way(deed: &Deed) -> Failure {
    fail(format!("the {} of `{}` is under way", deed.command, deed.branch))
        .hint(format!("complete it with `prodev flow {} --continue`", deed.command))
        .hint(format!("or take it back with `prodev flow {} --abort`", deed.command))
}
