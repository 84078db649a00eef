//! What is meant by a finish: flags, configuration, and what was written down for the branch.

use anyhow::Context as _;

use super::Args;
use crate::config::kind::Strategy;
use crate::ctx::Ctx;
use crate::error::{Exit, fail};
use crate::flow::kind::Kind;
use crate::flow::rules::Role;
use crate::flow::see::Seen;

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

    pub(super) fn new(args: &Args, ctx: &Ctx, seen: &Seen, branch: &str) -> anyhow::Result<Self> {
        let Some(plain) = Self::plain(seen, branch)? else {
            let kinds: Vec<String> = seen.rules.kinds.iter().map(|kind| format!("`{}`", kind.prefix)).collect();
            return Err(fail(format!("`{branch}` is no topic branch"))
                .cause(format!("topic branches begin with {}", kinds.join(", ")))
                .hint("`prodev flow list` shows those that there are")
                .into());
        };
        let strategy = match (args.squash, args.rebase, args.ff_only) {
            (true, ..) => Strategy::Squash,
            (_, true, _) => Strategy::Rebase,
            (_, _, true) => Strategy::FfOnly,
            _ => plain.strategy,
        };
        let message = message(args, ctx)?.map(ended).or(plain.message);
        Ok(Self {
            strategy,
            keep: plain.keep || args.keep || args.keep_local,
            keep_remote: plain.keep_remote || args.keep || args.keep_remote,
            tag: plain.tag && !args.no_tag,
            message,
            sign: args.sign,
            push: (args.push || plain.push) && !args.pull_request,
            resolve: args.resolve,
            force: args.force,
            as_pull: args.pull_request,
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

fn message(args: &Args, ctx: &Ctx) -> anyhow::Result<Option<String>> {
    let message = match (&args.message, &args.message_file) {
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
