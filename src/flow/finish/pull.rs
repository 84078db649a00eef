//! `finish --pr`: the branch goes to its target by a pull request. It is made ready and pushed here; when the request is merged, a finish as ever
//! tags, merges back and cleans up.

use super::look::Look;
use super::plan::Builder;
use super::request::message_key;
use super::{Request, forge};
use crate::error::fail;
use crate::flow::see::Seen;
use crate::git::Actor;
use crate::outcome::object;
use crate::plan::deed::{Act, Deed, Told};
use crate::plan::process::quoted;

pub(super) fn plan(seen: &Seen, request: &Request, look: &Look) -> anyhow::Result<Deed> {
    let (branch, remote) = (request.branch.as_str(), seen.rules.remote());
    let first = look.targets.first().ok_or_else(|| fail("it goes nowhere"))?;
    if !seen.has_remote()? {
        return Err(fail(format!("there is no remote `{remote}` to open a pull request at"))
            .hint(format!("add it with `git remote add {} URL`", quoted(remote)))
            .into());
    }
    if first.follows.is_some() || seen.contains(first.id, look.tip)? {
        return Err(fail(format!("`{branch}` is merged into `{}` already", first.name))
            .hint(format!("clean up with `prodev flow finish {branch}`", branch = quoted(branch)))
            .into());
    }
    let home = seen.top()?.to_owned();
    let mut builder = Builder::new(seen, &home);
    if !look.edits.is_empty() {
        builder.free(request, look);
        builder.switch_to(&home, branch);
        builder.edit(seen, request, look);
        if let Some(name) = seen.head.branch() {
            builder.switch_to(&home, name);
        }
    }
    builder.acts.push(Act::Push {
        remote: remote.to_owned(),
        refs: vec![format!("refs/heads/{branch}")],
        delete: None,
    });
    // After the push: until then there is nothing to follow.
    let settings = seen.repository.settings()?;
    let mut set = |key: String, new: String| {
        let old = settings.get(&key).map(str::to_owned);
        if old.as_ref() != Some(&new) {
            builder.acts.push(Act::Configure { key, old, new: Some(new) });
        }
    };
    if settings.get(&format!("branch.{branch}.remote")).is_none() {
        set(format!("branch.{branch}.remote"), remote.to_owned());
        set(format!("branch.{branch}.merge"), format!("refs/heads/{branch}"));
    }
    if let Some(message) = &request.message {
        set(message_key(branch), message.clone());
    }
    let deed = builder.deed(seen, request, look)?;
    let url = url(seen, branch, &first.name)?;
    let mut after = format!("When it is merged: prodev flow finish {branch}", branch = quoted(branch));
    if url.is_none() {
        after.insert_str(
            0,
            "Open the pull request where the remote is. (`forge` in `[flow]` says what it is, for its address.)\n",
        );
    }
    let done = format!("Pushed `{branch}` for a pull request into `{}`", first.name);
    let json = object(serde_json::json!({ "branch": branch, "into": [first.name], "tag": null, "pull_request": url }));
    Ok(Deed { told: Told { done, after: Some(after), json, answer: url.map(|url| url + "\n") }, ..deed })
}

/// The page on which a pull request from `branch` into `target` is opened, where it can be told.
pub(super) fn url(seen: &Seen, branch: &str, target: &str) -> anyhow::Result<Option<String>> {
    if !seen.has_remote()? {
        return Ok(None);
    }
    // With `url.….insteadOf` worked in, and without a look at the network.
    let said = Actor::new(seen.top()?).run(&["ls-remote", "--get-url", "--", seen.rules.remote()], b"")?;
    let remote = String::from_utf8_lossy(&said.stdout);
    Ok(forge::compare_url(remote.trim_end(), seen.rules.flow.forge, branch, target))
}
