//! `prodev flow finish`: bring a topic branch to where its kind goes, as one deed. `look` reads what the decision needs, `plan` decides.

mod bump;
mod changelog;
mod forecast;
mod forge;
mod look;
mod merged;
mod message;
mod plan;
mod preflight;
mod pull;
mod release;
mod remote;
mod request;
mod targets;

use std::path::PathBuf;

pub(super) use self::forecast::Clash;
pub(super) use self::look::{Around, stand, uncommitted};
pub(super) use self::merged::is_merged;
pub(super) use self::request::Request;
use super::complete;
use super::see::Seen;
use super::under_way::{self, Words};
use crate::ctx::Ctx;
use crate::error::fail;
use crate::git::Repository;
use crate::outcome::{Change, Outcome, Preview};
use crate::plan::deed::{Deed, Phase, Resume, pending};
use crate::plan::{Plan, Step};

/// Finish a topic branch: merge it where it belongs, tag it, clean up
///
/// It is one deed: what can stand in the way is looked for first, conflicts included, and then nothing is changed. Killed half-way it is completed or
/// taken back exactly.
#[derive(clap::Args, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
#[command(after_help = "Examples:
  prodev flow finish
  prodev flow finish release/1.2.0 -m 'The one with the new login' --push
  prodev flow finish --dry-run
  prodev flow finish --pr
  prodev flow finish --abort")]
pub(crate) struct Args {
    /// The branch; the one that is checked out without it
    #[arg(allow_hyphen_values = true, add = clap_complete::ArgValueCandidates::new(complete::topics))]
    branch: Option<String>,
    /// A branch of this kind
    #[arg(long, hide = true, add = clap_complete::ArgValueCandidates::new(complete::kinds))]
    kind: Option<String>,
    /// Bring all of it into one commit
    #[arg(long, group = "strategy")]
    squash: bool,
    /// Put it on top of the target, without a merge commit
    #[arg(long, group = "strategy")]
    rebase: bool,
    /// Only where the target has not moved
    #[arg(long, group = "strategy")]
    ff_only: bool,
    /// Keep the branch, here and at the remote
    #[arg(long)]
    keep: bool,
    /// Keep it here; `--push` deletes it at the remote
    #[arg(long)]
    keep_local: bool,
    /// Keep it at the remote; here it goes
    #[arg(long)]
    keep_remote: bool,
    /// Make no tag
    #[arg(long)]
    no_tag: bool,
    /// The message of the tag, or of the merge where nothing is tagged
    #[arg(short, long, value_name = "TEXT", allow_hyphen_values = true)]
    message: Option<String>,
    /// Read the message from a file
    #[arg(long, value_name = "FILE", conflicts_with = "message", value_hint = clap::ValueHint::FilePath)]
    message_file: Option<PathBuf>,
    /// Sign the tag
    #[arg(long)]
    sign: bool,
    /// Push what was made, all or nothing, and delete the branch at the remote
    #[arg(long)]
    push: bool,
    /// Push the branch for a pull request, and print where that is opened; once it is merged, another finish does the rest
    #[arg(long = "pr", conflicts_with_all = ["push", "strategy", "resolve"])]
    pull_request: bool,
    /// Leave out what the branch at the remote has and this one has not
    #[arg(long)]
    force: bool,
    /// Do not look at the remote first
    #[arg(long)]
    no_fetch: bool,
    /// Go into a conflict, and wait inside it
    #[arg(long)]
    resolve: bool,
    /// Go on after a conflict, or after a run that was killed
    #[arg(long = "continue", conflicts_with_all = ["abort", "strategy", "branch"])]
    go_on: bool,
    /// Take all back that an unfinished run has done
    #[arg(long, conflicts_with_all = ["strategy", "branch"])]
    abort: bool,
}

const WORDS: Words = Words { command: "finish", done: "Finished" };

pub(super) fn run(args: &Args, ctx: &Ctx) -> anyhow::Result<Outcome> {
    let common_dir = Repository::open(&ctx.dir)?.common_dir().to_owned();
    if let Some((deed, phase, at)) = pending(&common_dir)? {
        return go_on(args, ctx, deed, phase, at);
    }
    if args.go_on || args.abort {
        return Err(fail("no finish is under way here").hint("begin one with `prodev flow finish BRANCH`").into());
    }
    let mut seen = Seen::of(ctx)?;
    seen.top()?;
    let branch = seen.topic(args.branch.as_deref(), args.kind.as_deref())?;
    let request = Request::new(args, ctx, &seen, &branch)?;
    let look = look::look(&mut seen, &request, args.no_fetch, ctx)?;
    if request.as_pull {
        return Ok(Outcome::Change(Box::new(pull::change(&seen, &request, &look)?)));
    }
    let deed = plan::plan(&seen, &request, &look)?;
    let told = deed.told.clone();
    Ok(Outcome::Change(Box::new(Change {
        plan: Plan::new([Step::Deed(Box::new(deed))]),
        done: told.done,
        after: told.after,
        json: told.json,
        preview: if look.edits.is_empty() { Preview::Lines } else { Preview::Diff },
        recipes: request.kind.before_finish.clone(),
        ..Change::default()
    })))
}

/// What becomes of a deed that was begun and not ended.
fn go_on(args: &Args, ctx: &Ctx, deed: Deed, phase: Phase, at: usize) -> anyhow::Result<Outcome> {
    let branch = &deed.branch;
    let is_same = args.branch.as_deref().is_none_or(|given| branch == given || branch.ends_with(&format!("/{given}")));
    if deed.command != WORDS.command || (!args.abort && !args.go_on && !is_same) {
        return Err(under_way::under_way(&deed).into());
    }
    let resume = if args.abort { Resume::Abort } else { Resume::Continue };
    under_way::resumed(ctx, WORDS, (deed, phase, at), resume)
}
