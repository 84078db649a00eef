//! From what was seen to what is done: the acts of a finish, in order, and the world as it was. Pure but for names of hooks.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::look::Look;
use super::message::{merge_message, squash_message, tag_message};
use super::{Request, release};
use crate::config::kind::Strategy;
use crate::error::{fail, listed};
use crate::flow::draft::unlocked;
use crate::flow::rules::Role;
use crate::flow::script;
use crate::flow::see::Seen;
use crate::git::{Head, Id};
use crate::outcome::object;
use crate::plan::deed::{Act, Conflicts, Deed, Source, Spot, Told};
use crate::plan::process::quoted;

pub(super) fn plan(seen: &Seen, request: &Request, look: &Look) -> anyhow::Result<Deed> {
    let home = seen.top()?.to_owned();
    let branch = request.branch.as_str();
    let topic = Source::Ref(format!("refs/heads/{branch}"));
    let version = request.kind.bare(branch).to_owned();
    let tag = request.tag.then(|| seen.rules.tag(&version));
    let mut builder = Builder::new(seen, &home);
    let remote = seen.rules.remote();
    let words = [tag.as_deref().unwrap_or(&request.name), remote, branch];
    builder.acts.extend(script::act(seen, &request.kind, "finish", "pre", &words)?);
    builder.free(request, look);
    let first = look.targets.first().ok_or_else(|| fail("it goes nowhere"))?;
    if !look.edits.is_empty() {
        builder.switch_to(&home, branch);
        builder.edit(seen, request, look);
    }
    if request.strategy == Strategy::Rebase && first.follows.is_none() {
        builder.switch_to(&home, branch);
        let onto = Source::Ref(format!("refs/heads/{}", first.name));
        builder.acts.push(Act::Rebase { dir: home.clone(), branch: branch.to_owned(), onto });
    }
    for (number, target) in look.targets.iter().enumerate().filter(|(_, target)| !target.by_request) {
        let dir = target.dir.clone().unwrap_or_else(|| home.clone());
        if target.dir.is_none() {
            builder.switch_to(&home, &target.name);
        } else {
            builder.heads.insert(dir.clone(), Spot::Branch(target.name.clone()));
        }
        let into = target.name.clone();
        let from = match (&tag, number) {
            (_, 0) => topic.clone(),
            (Some(tag), _) => Source::Ref(format!("refs/tags/{tag}")),
            (None, _) => Source::Ref(format!("refs/heads/{}", first.name)),
        };
        if let Some(to) = target.forward {
            builder.acts.push(Act::Forward { dir: Some(dir.clone()), branch: into.clone(), to });
        }
        let act = match (target.follows, request.strategy, number) {
            (Some(to), ..) => Act::Forward { dir: Some(dir), branch: into, to },
            (None, Strategy::Squash, 0) => {
                let message = squash_message(seen, request, look, &target.name)?;
                Act::Squash { dir, into, from, message }
            }
            (None, Strategy::Rebase | Strategy::FfOnly, 0) => Act::Follow { dir, into, from },
            _ => {
                let message = merge_message(seen, request, look, &target.name, number, tag.as_deref());
                Act::Merge { dir, into, from, message }
            }
        };
        builder.acts.push(act);
        if number == 0
            && let Some(name) = tag.clone().filter(|_| !look.tag_made)
        {
            let at = Source::Ref(format!("refs/heads/{}", target.name));
            let message = tag_message(seen, request, &name, &version)?;
            builder.acts.push(Act::Tag { name, at, message, sign: request.sign });
        }
    }
    if builder.here == Spot::Branch(branch.to_owned()) && !request.keep {
        // Its targets are all checked out elsewhere.
        builder.heads.entry(home.clone()).or_insert_with(|| Spot::Branch(branch.to_owned()));
        builder.acts.push(Act::Switch { dir: home.clone(), to: Spot::Commit(look.tip) });
    }
    builder.acts.extend(script::act(seen, &request.kind, "finish", "post", &words)?);
    if request.push && !seen.has_remote()? {
        return Err(fail(format!("there is no remote `{remote}` to push to"))
            .hint(format!("add it with `git remote add {} URL`", quoted(remote)))
            .into());
    }
    let sent = Sent::of(seen, request, look, tag.as_deref())?;
    let is_pushed = request.push && !sent.is_nothing();
    if is_pushed {
        let (refs, delete) = (sent.refs.clone(), sent.delete.clone());
        builder.acts.push(Act::Push { remote: remote.to_owned(), refs, delete });
    }
    if !request.keep {
        builder.acts.push(Act::Delete { branch: branch.to_owned() });
    }
    let made = look.targets.iter().filter(|target| !target.by_request);
    let into: Vec<String> = made.map(|target| target.name.clone()).collect();
    let done = done(branch, &into, tag.as_deref(), request, is_pushed);
    let after = after(seen, request, look, &sent)?;
    let json = object(serde_json::json!({ "branch": branch, "into": into, "tag": tag }));
    Ok(Deed { told: Told { done, after, json, answer: None }, ..builder.deed(seen, request, look)? })
}

/// Collects acts, and what they change.
pub(super) struct Builder {
    home: PathBuf,
    /// What is checked out at `home` when all acts so far are done.
    here: Spot,
    pub(super) acts: Vec<Act>,
    heads: BTreeMap<PathBuf, Spot>,
}

impl Builder {
    pub(super) fn new(seen: &Seen, home: &Path) -> Self {
        Self { home: home.to_owned(), here: spot(&seen.head), acts: Vec::new(), heads: BTreeMap::new() }
    }

    /// Frees the branch from another worktree in which it is checked out.
    pub(super) fn free(&mut self, request: &Request, look: &Look) {
        if let Some(dir) = &look.topic_dir {
            self.heads.insert(dir.clone(), Spot::Branch(request.branch.clone()));
            self.acts.push(Act::Switch { dir: dir.clone(), to: Spot::Commit(look.tip) });
        }
    }

    /// What a release changes, on the branch itself, which is checked out.
    pub(super) fn edit(&mut self, seen: &Seen, request: &Request, look: &Look) {
        self.acts.push(Act::Edit {
            dir: self.home.clone(),
            branch: request.branch.clone(),
            files: look.edits.clone(),
            message: release::message(seen, request),
        });
    }

    pub(super) fn switch_to(&mut self, home: &Path, branch: &str) {
        let to = Spot::Branch(branch.to_owned());
        if self.here != to {
            self.acts.push(Act::Switch { dir: home.to_owned(), to: to.clone() });
            self.here = to;
        }
    }

    pub(super) fn deed(self, seen: &Seen, request: &Request, look: &Look) -> anyhow::Result<Deed> {
        let mut refs: BTreeMap<String, Option<Id>> = BTreeMap::new();
        for name in self.acts.iter().filter_map(Act::moves) {
            let is = seen.repository.find(&name)?.map(|found| found.id);
            refs.insert(name, is);
        }
        let mut heads = vec![(self.home.clone(), spot(&seen.head))];
        heads.extend(self.heads.into_iter().filter(|(dir, _)| *dir != self.home));
        let branch = request.branch.clone();
        let mut settings = Vec::new();
        if !request.keep {
            let all = seen.repository.settings()?;
            for section in [format!("branch.{branch}."), format!("gitflow.branch.{branch}.")] {
                settings.extend(all.below(&section));
            }
        }
        let deed = Deed {
            command: "finish".to_owned(),
            branch,
            home: self.home,
            common_dir: seen.repository.common_dir().to_owned(),
            acts: self.acts,
            heads,
            refs,
            flags: seen.repository.flagged()?,
            kept: look.same.clone(),
            settings,
            conflicts: if request.resolve { Conflicts::Stop } else { Conflicts::TakeBack },
            told: Told::default(),
            again: None,
        };
        unlocked(&deed)?;
        Ok(deed)
    }
}

fn spot(head: &Head) -> Spot {
    match head {
        Head::Branch(name, _) => Spot::Branch(name.clone()),
        Head::Detached(id) => Spot::Commit(*id),
    }
}

fn done(branch: &str, into: &[String], tag: Option<&str>, request: &Request, is_pushed: bool) -> String {
    let mut parts = vec![format!("Finished `{branch}`: it is in {}", listed(into))];
    parts.extend(tag.map(|tag| format!("tagged `{tag}`")));
    if is_pushed {
        parts.push("pushed".to_owned());
    }
    parts.push(if request.keep { "the branch stays".to_owned() } else { "the branch is gone".to_owned() });
    parts.join(", ")
}

/// What goes to the remote.
struct Sent {
    /// The full names of what this finish makes.
    refs: Vec<String>,
    /// Where the branch is there, if it is deleted there.
    delete: Option<(String, Id)>,
    /// Topic branches among its targets that nobody has published: they stay here.
    unpublished: Vec<String>,
}

impl Sent {
    fn of(seen: &Seen, request: &Request, look: &Look, tag: Option<&str>) -> anyhow::Result<Self> {
        let (mut refs, mut unpublished) = (Vec::new(), Vec::new());
        for target in look.targets.iter().filter(|target| !target.by_request) {
            if target.follows.is_some() && target.follows == seen.at_remote(&target.name)? {
                // It comes from there.
                continue;
            }
            if matches!(seen.rules.role(&target.name), Role::Base(_)) || seen.at_remote(&target.name)?.is_some() {
                refs.push(format!("refs/heads/{}", target.name));
            } else {
                unpublished.push(target.name.clone());
            }
        }
        // Not before its target is there; nor where others have pushed to it what is not in this one.
        let has_arrived = look.targets.first().is_some_and(|first| !unpublished.contains(&first.name));
        let delete =
            match look.remote_tip.filter(|_| !request.keep_remote && has_arrived && !seen.is_gone(&request.branch)) {
                Some(there) if seen.contains(look.tip, there)? => Some((request.branch.clone(), there)),
                _ => None,
            };
        refs.extend(tag.map(|tag| format!("refs/tags/{tag}")));
        Ok(Self { refs, delete, unpublished })
    }

    fn is_nothing(&self) -> bool {
        self.refs.is_empty() && self.delete.is_none()
    }
}

/// What is left to do for the user.
fn after(seen: &Seen, request: &Request, look: &Look, sent: &Sent) -> anyhow::Result<Option<String>> {
    let remote = seen.rules.remote();
    let mut lines = Vec::new();
    if !request.push && seen.has_remote()? && !sent.is_nothing() {
        let at = quoted(remote);
        let mut names: Vec<String> =
            sent.refs.iter().map(|name| quoted(name.strip_prefix("refs/heads/").unwrap_or(name))).collect();
        let deletion = sent.delete.as_ref().map(|(name, _)| quoted(&format!(":{name}")));
        let mut apart = String::new();
        match deletion {
            // It may be gone there already: then nothing of the push would arrive.
            Some(name) if !seen.is_asked && !names.is_empty() => apart = format!(" && git push {at} {name}"),
            name => names.extend(name),
        }
        lines.push(format!("Push it: git push --atomic {at} {}{apart}", names.join(" ")));
    }
    for name in sent.unpublished.iter().filter(|_| request.push) {
        lines.push(format!("`{name}` is not on `{remote}`: publish it with prodev flow publish {}", quoted(name)));
    }
    let first = look.targets.first().map(|target| target.name.as_str()).unwrap_or_default();
    for target in look.targets.iter().filter(|target| target.by_request) {
        let url = super::pull::url(seen, first, &target.name)?;
        let url = url.map_or_else(String::new, |url| format!(": {url}"));
        lines.push(format!("`{}` takes pull requests only: open one from `{first}`{url}", target.name));
    }
    Ok((!lines.is_empty()).then(|| lines.join("\n")))
}
