//! `prodev flow status`: where the work stands, at one glance. `look` finds out, `show` says it.

mod look;
mod show;

use serde::Serialize;

use crate::ctx::Ctx;
use crate::error::Problem;
use crate::outcome::{Answer, Outcome, object};

/// Show where the work stands
///
/// The branch that is checked out and what it belongs to, open releases and hotfixes, what can be finished, and what was forgotten: commits of main that
/// develop does not have, long-lived branches that are behind the remote. The remote is not asked: `git fetch` does that.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  prodev flow status
  prodev flow status --json")]
pub(crate) struct Args {}

pub(super) fn run(_: &Args, ctx: &Ctx) -> anyhow::Result<Outcome> {
    let status = look::look(ctx)?;
    let text = show::text(&status);
    Ok(Outcome::Answer(Answer { text, json: object(serde_json::to_value(&status)?), exit: None }))
}

/// Where the work stands.
#[derive(Debug, Serialize)]
struct Status {
    model: Model,
    current: Option<Current>,
    /// What was begun and not ended, or what Git is in the middle of.
    under_way: Option<UnderWay>,
    /// Releases, hotfixes, and what else is tagged.
    open: Vec<Topic>,
    /// All other kinds of which there are branches.
    kinds: Vec<Count>,
    missing: Vec<Missing>,
}

#[derive(Debug, Serialize)]
struct Model {
    preset: &'static str,
    main: String,
    develop: Option<String>,
    /// Who said so.
    from: super::rules::Origin,
}

/// What is checked out.
#[derive(Debug, Serialize)]
struct Current {
    /// `null` where no branch is.
    branch: Option<String>,
    kind: Option<String>,
    parent: Option<String>,
    ahead: Option<usize>,
    behind: Option<usize>,
    remote: Option<Remote>,
    /// Tracked paths that are not as in HEAD, and paths that Git does not know; `null` in a bare repository.
    changed: Option<usize>,
    untracked: Option<usize>,
    finish: Option<Finish>,
}

/// A branch beside its namesake at the remote.
#[derive(Debug, Serialize)]
struct Remote {
    name: String,
    /// Commits that are to be pushed, and to be taken in.
    ahead: usize,
    behind: usize,
}

/// What a finish would come to, as far as can be told without a network and without a key.
#[derive(Debug, Serialize)]
#[serde(tag = "state", rename_all = "lowercase")]
enum Finish {
    Ready {
        into: Vec<String>,
    },
    /// There is no commit to bring anywhere.
    Empty,
    /// All of it is there.
    Merged {
        into: Vec<String>,
    },
    Conflict {
        into: String,
        paths: Vec<String>,
    },
    /// A finish would refuse.
    Blocked {
        into: Vec<String>,
        #[serde(serialize_with = "reasons")]
        problems: Vec<Problem>,
        /// Nothing but changes that are not committed.
        #[serde(skip)]
        is_only_uncommitted: bool,
    },
    /// Branches of this kind stay.
    Never,
}

#[derive(Debug, Serialize)]
struct UnderWay {
    /// A command of `prodev flow`, or what Git calls it.
    what: String,
    branch: Option<String>,
    /// How it is gone on with.
    hint: String,
}

#[derive(Debug, Serialize)]
struct Topic {
    branch: String,
    kind: String,
    /// Commits that its first target does not have.
    commits: usize,
    finish: Finish,
}

#[derive(Debug, Serialize)]
struct Count {
    kind: String,
    branches: usize,
    merged: usize,
}

/// Something that was forgotten.
#[derive(Debug, Serialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
enum Missing {
    /// A long-lived branch lacks commits of the one that it follows.
    BackMerge { branch: String, lacks: usize, of: String, hint: String },
    /// A long-lived branch is not as at the remote.
    Remote { branch: String, ahead: usize, behind: usize, remote: String },
    /// A long-lived branch of the model is not here.
    Branch { branch: String, hint: String },
}

fn reasons<S: serde::Serializer>(problems: &[Problem], serializer: S) -> Result<S::Ok, S::Error> {
    let list = problems.iter().map(|it| serde_json::json!({ "message": it.message, "hint": it.hint }));
    serializer.collect_seq(list)
}
