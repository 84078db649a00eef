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

pub(super) use self::forecast::Clash;
pub(super) use self::look::{Around, stand, uncommitted};
pub(super) use self::merged::is_merged;
use self::request::Flags;
pub(super) use self::request::Request;
use super::complete;
use super::see::Seen;
use super::step::of_deed;
use super::under_way::{self, Wish};
use super::update::is_named;
use crate::ctx::Ctx;
use crate::error::{Exit, fail};
use crate::outcome::{Change, Outcome, Preview};

/// Finish a topic branch: merge it where it belongs, tag it, clean up
///
/// It is one deed: what can stand in the way is looked for first, conflicts included, and then nothing is changed. Killed half-way it is completed or
/// taken back exactly.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  prodev flow finish
  prodev flow finish release/1.2.0 -m 'The one with the new login' --push
  prodev flow finish --dry-run
  prodev flow finish --pr
  prodev flow finish --abort")]
pub(crate) struct Args {
    #[command(flatten)]
    flags: Flags,
    /// A branch of this kind
    #[arg(long, hide = true, add = clap_complete::ArgValueCandidates::new(complete::kinds))]
    kind: Option<String>,
    #[command(flatten)]
    wish: Wish,
}

pub(super) fn run(args: &Args, ctx: &Ctx) -> anyhow::Result<Outcome> {
    let Args { flags, kind, wish } = args;
    if wish.is_given() && *flags != Flags::default() {
        return Err(fail("what is under way goes on, or back, as it was begun: nothing else can be said of it")
            .exit(Exit::Usage)
            .hint("leave the rest out: `prodev flow finish --continue`, or `--abort`")
            .into());
    }
    let is_same = |branch: &str| is_named(flags.branch.as_deref(), branch);
    if let Some(outcome) = under_way::go_on(ctx, "finish", *wish, is_same)? {
        return Ok(outcome);
    }
    let mut seen = Seen::of(ctx)?;
    seen.top()?;
    let branch = seen.topic(flags.branch.as_deref(), kind.as_deref())?;
    let request = Request::new(flags, ctx, &seen, &branch)?;
    let look = look::look(&mut seen, &request, flags.no_fetch, ctx)?;
    let deed = if request.as_pull { pull::plan(&seen, &request, &look)? } else { plan::plan(&seen, &request, &look)? };
    let told = deed.told.clone();
    Ok(Outcome::Change(Box::new(Change {
        preview: if look.edits.is_empty() { Preview::Lines } else { Preview::Diff },
        recipes: request.kind.before_finish.clone(),
        ..of_deed(deed, told)
    })))
}
