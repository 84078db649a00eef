//! What is meant by a finish: flags, configuration, and what was written down for the branch.

use std::path::PathBuf;

use anyhow::Context as _;

use crate::config::kind::Strategy;
use crate::ctx::Ctx;
use crate::error::{Exit, fail, listed};
use crate::flow::complete;
use crate::flow::kind::Kind;
use crate::flow::rules::Role;
use crate::flow::see::Seen;

/// What can be said of a finish that begins. To one that goes on there is nothing to say.
#[derive(clap::Args, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(super) struct Flags {
    /// The branch; the one that is checked out without it
    #[arg(allow_hyphen_values = true, add = clap_complete::ArgValueCandidates::new(complete::topics))]
    pub(super) branch: Option<String>,
    /// Bring all of it into one commit
    #[arg(long, group = "strategy")]
    pub(super) squash: bool,
    /// Put it on top of the target, without a merge commit
    #[arg(long, group = "strategy")]
    pub(super) rebase: bool,
    /// Only where the target has not moved
    #[arg(long, group = "strategy")]
    pub(super) ff_only: bool,
    /// Keep the branch, here and at the remote
    #[arg(long)]
    pub(super) keep: bool,
    /// Keep it here; `--push` deletes it at the remote
    #[arg(long)]
    pub(super) keep_local: bool,
    /// Keep it at the remote; here it goes
    #[arg(long)]
    pub(super) keep_remote: bool,
    /// Make no tag
    #[arg(long)]
    pub(super) no_tag: bool,
    /// The message of the tag, or of the merge where nothing is tagged
    #[arg(short, long, value_name = "TEXT", allow_hyphen_values = true)]
    pub(super) message: Option<String>,
    /// Read the message from a file
    #[arg(long, value_name = "FILE", conflicts_with = "message", value_hint = clap::ValueHint::FilePath)]
    pub(super) message_file: Option<PathBuf>,
    /// Sign the tag
    #[arg(long)]
    pub(super) sign: bool,
    /// Push what was made, all or nothing, and delete the branch at the remote
    #[arg(long)]
    pub(super) push: bool,
    /// Push the branch for a pull request, and print where that is opened; once it is merged, another finish does the rest
    #[arg(long = "pr", conflicts_with_all = ["push", "strategy", "resolve"])]
    pub(super) pull_request: bool,
    /// Leave out what the branch at the remote has and this one has not
    #[arg(long)]
    pub(super) force: bool,
    /// Do not look at the remote first
    #[arg(long)]
    pub(super) no_fetch: bool,
    /// Go into a conflict, and wait inside it
    #[arg(long)]
    pub(super) resolve: bool,
}

/// What is meant, flags and configuration together.
#[allow(clippy::struct_excessive_bools, reason = "each is asked on its own")]
pub(crate) struct Request {
    pub(super) branch: String,
    pub(crate) kind: Kind,
    /// The name of the branch without the prefix.
    pub(super) name: String,
    pub(super) strategy: Strategy,
    /// The branch stays here.
    pub(super) keep: bool,
    /// It stays at the remote.
    pub(super) keep_remote: bool,
    pub(super) tag: bool,
    /// What the user says; the one line break that ends it is part of it.
    pub(super) message: Option<String>,
    pub(super) sign: bool,
    pub(super) push: bool,
    pub(super) resolve: bool,
    /// What the remote's branch has and this one has not is of no interest.
    pub(super) force: bool,
    /// It goes to its target by a pull request.
    pub(super) as_pull: bool,
}

impl Request {
    /// A finish without any flag; `None` where `branch` is no topic branch.
    ///
    /// # Errors
    /// Where Git's configuration cannot be read.
    pub(crate) fn plain(seen: &Seen, branch: &str) -> anyhow::Result<Option<Self>> {
        let Role::Topic(kind, name) = seen.rules.role(branch) else { return Ok(None) };
        let message = seen.repository.settings()?.get(&message_key(branch)).map(str::to_owned);
        Ok(Some(Self {
            branch: branch.to_owned(),
            name: name.to_owned(),
            strategy: kind.strategy,
            keep: kind.keep,
            keep_remote: kind.keep,
            tag: kind.tag,
            message: message.map(ended),
            sign: false,
            push: seen.rules.flow.push,
            resolve: false,
            force: false,
            as_pull: false,
            kind: kind.clone(),
        }))
    }

    pub(super) fn new(flags: &Flags, ctx: &Ctx, seen: &Seen, branch: &str) -> anyhow::Result<Self> {
        let Some(plain) = Self::plain(seen, branch)? else {
            let prefixes = seen.rules.kinds.iter().map(|kind| &kind.prefix);
            return Err(fail(format!("`{branch}` is no topic branch"))
                .cause(format!("topic branches begin with {}", listed(prefixes)))
                .hint("`prodev flow list` shows those that there are")
                .into());
        };
        let strategy = match (flags.squash, flags.rebase, flags.ff_only) {
            (true, ..) => Strategy::Squash,
            (_, true, _) => Strategy::Rebase,
            (_, _, true) => Strategy::FfOnly,
            _ => plain.strategy,
        };
        let message = message(flags, ctx)?.map(ended).or(plain.message);
        Ok(Self {
            strategy,
            keep: plain.keep || flags.keep || flags.keep_local,
            keep_remote: plain.keep_remote || flags.keep || flags.keep_remote,
            tag: plain.tag && !flags.no_tag,
            message,
            sign: flags.sign,
            push: (flags.push || plain.push) && !flags.pull_request,
            resolve: flags.resolve,
            force: flags.force,
            as_pull: flags.pull_request,
            ..plain
        })
    }
}

/// With the line break that ends it.
fn ended(text: String) -> String {
    if text.ends_with('\n') { text } else { text + "\n" }
}

/// Where the message waits that was given for a branch before its pull request was merged.
pub(super) fn message_key(branch: &str) -> String {
    format!("gitflow.branch.{branch}.finishmessage")
}

fn message(flags: &Flags, ctx: &Ctx) -> anyhow::Result<Option<String>> {
    let message = match (&flags.message, &flags.message_file) {
        (Some(text), _) => Some(text.clone()),
        (None, Some(file)) => {
            let path = ctx.resolve(file);
            let cannot = || format!("could not read the message from `{}`", file.display());
            Some(std::fs::read_to_string(&path).with_context(cannot)?)
        }
        (None, None) => None,
    };
    if message.as_ref().is_some_and(|text| text.trim().is_empty()) {
        return Err(fail("the message is empty").exit(Exit::Usage).hint("say what is finished: `-m TEXT`").into());
    }
    if message.as_ref().is_some_and(|text| text.contains('\0')) {
        return Err(fail("the message has a NUL in it, which Git does not keep")
            .exit(Exit::Usage)
            .hint("take it out")
            .into());
    }
    Ok(message)
}
