//! From what was seen to what is done: the acts of a finish, in order, and the world as it was. Pure but for names of hooks.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::Request;
use super::look::Look;
use crate::config::kind::Strategy;
use crate::error::fail;
use crate::flow::script;
use crate::flow::see::Seen;
use crate::git::{Head, Id};
use crate::plan::deed::{Act, Conflicts, Deed, Source, Spot};

/// A finish, planned.
pub(super) struct Planned {
    pub(super) deed: Deed,
    pub(super) into: Vec<String>,
    pub(super) tag: Option<String>,
    pub(super) done: String,
    pub(super) after: Option<String>,
}

pub(super) fn plan(seen: &Seen, request: &Request, look: &Look) -> anyhow::Result<Planned> {
    let home = seen.top()?.to_owned();
    let branch = request.branch.as_str();
    let topic = Source::Ref(format!("refs/heads/{branch}"));
    let version = request.kind.bare(branch).to_owned();
    let tag = request.tag.then(|| seen.rules.tag(&version));
    let mut builder = Builder { home: home.clone(), here: spot(&seen.head), acts: Vec::new(), heads: BTreeMap::new() };
    let remote = seen.rules.remote();
    let words = [tag.as_deref().unwrap_or(&request.name), remote, branch];
    builder.acts.extend(script::act(seen, &request.kind, "finish", "pre", &words)?);
    if let Some(dir) = &look.topic_dir {
        builder.heads.insert(dir.clone(), Spot::Branch(branch.to_owned()));
        builder.acts.push(Act::Switch { dir: dir.clone(), to: Spot::Commit(look.tip) });
    }
    let first = look.targets.first().ok_or_else(|| fail("it goes nowhere"))?;
    let tag_made = tag.as_ref().map(|tag| existing_tag(seen, tag, look)).transpose()?.unwrap_or(false);
    if request.strategy == Strategy::Rebase && first.follows.is_none() {
        builder.switch_to(&home, branch);
        let onto = Source::Ref(format!("refs/heads/{}", first.name));
        builder.acts.push(Act::Rebase { dir: home.clone(), branch: branch.to_owned(), onto });
    }
    for (number, target) in look.targets.iter().enumerate() {
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
            && let Some(name) = tag.clone().filter(|_| !tag_made)
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
    let is_pushed = request.push && seen.has_remote()?;
    if request.push && !is_pushed {
        return Err(fail(format!("there is no remote `{remote}` to push to"))
            .hint(format!("add it with `git remote add {remote} URL`"))
            .into());
    }
    if is_pushed {
        let mut refs: Vec<String> = look.targets.iter().map(|target| format!("refs/heads/{}", target.name)).collect();
        refs.extend(tag.iter().map(|tag| format!("refs/tags/{tag}")));
        let delete = look.remote_tip.filter(|_| !request.keep).map(|id| (branch.to_owned(), id));
        builder.acts.push(Act::Push { remote: remote.to_owned(), refs, delete });
    }
    if !request.keep {
        builder.acts.push(Act::Delete { branch: branch.to_owned() });
    }
    let into: Vec<String> = look.targets.iter().map(|target| target.name.clone()).collect();
    let done = done(branch, &into, tag.as_deref(), request, is_pushed);
    let after = after(seen, request, look, &into, tag.as_deref(), is_pushed);
    let deed = builder.deed(seen, request, look)?;
    Ok(Planned { deed, into, tag, done, after })
}

/// Collects acts, and what they change.
struct Builder {
    home: PathBuf,
    /// What is checked out at `home` when all acts so far are done.
    here: Spot,
    acts: Vec<Act>,
    heads: BTreeMap<PathBuf, Spot>,
}

impl Builder {
    fn switch_to(&mut self, home: &Path, branch: &str) {
        let to = Spot::Branch(branch.to_owned());
        if self.here != to {
            self.acts.push(Act::Switch { dir: home.to_owned(), to: to.clone() });
            self.here = to;
        }
    }

    fn deed(self, seen: &Seen, request: &Request, look: &Look) -> anyhow::Result<Deed> {
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
        Ok(Deed {
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
        })
    }
}

fn spot(head: &Head) -> Spot {
    match head {
        Head::Branch(name, _) => Spot::Branch(name.clone()),
        Head::Detached(id) => Spot::Commit(*id),
    }
}

/// Whether the tag is there already, on what this finish would tag.
fn existing_tag(seen: &Seen, tag: &str, look: &Look) -> anyhow::Result<bool> {
    let Some(found) = seen.repository.find(&format!("refs/tags/{tag}"))?.map(|found| found.peeled) else {
        return Ok(false);
    };
    let first = look.targets.first().map(|target| target.follows.unwrap_or(target.id));
    let is_ours =
        first.is_some_and(|first| seen.contains(first, found).unwrap_or(false)) && seen.contains(found, look.tip)?;
    if is_ours {
        return Ok(true);
    }
    Err(fail(format!("the tag `{tag}` exists already, at {}", found.short()))
        .hint("finish with `--no-tag`, or rename the branch to another version")
        .into())
}

fn fill(text: &str, pairs: &[(&str, &str)]) -> String {
    let mut filled =
        pairs.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value));
    if !filled.ends_with('\n') {
        filled.push('\n');
    }
    filled
}

fn merge_message(seen: &Seen, request: &Request, look: &Look, into: &str, number: usize, tag: Option<&str>) -> String {
    // As Git says it itself.
    let onto = if into == "master" { String::new() } else { format!(" into {into}") };
    let pairs =
        [("branch", request.branch.as_str()), ("kind", &request.kind.name), ("name", &request.name), ("target", into)];
    if let Some(text) = &seen.rules.flow.merge_message {
        return fill(text, &pairs);
    }
    match (number, tag) {
        (0, None) if request.message.is_some() => request.message.clone().unwrap_or_default(),
        (0, _) => format!("Merge branch '{}'{onto}\n", request.branch),
        (_, Some(tag)) => format!("Merge tag '{tag}'{onto}\n"),
        (_, None) => {
            let first = look.targets.first().map(|target| target.name.as_str()).unwrap_or_default();
            format!("Merge branch '{first}'{onto}\n")
        }
    }
}

fn squash_message(seen: &Seen, request: &Request, look: &Look, into: &str) -> anyhow::Result<String> {
    if let Some(message) = request.message.clone().filter(|_| !request.tag) {
        return Ok(message);
    }
    let pairs =
        [("branch", request.branch.as_str()), ("kind", &request.kind.name), ("name", &request.name), ("target", into)];
    if let Some(text) = &seen.rules.flow.squash_message {
        return Ok(fill(text, &pairs));
    }
    let target = look.targets.first().map(|target| target.id);
    let own = seen.repository.range(&[look.tip], &target.into_iter().collect::<Vec<_>>())?;
    let commits = seen.repository.commits(&own)?;
    Ok(match commits.as_slice() {
        [one] => fill(&one.message, &[]),
        all => {
            let lines: Vec<String> = all.iter().rev().map(|commit| format!("* {}\n", commit.subject())).collect();
            format!("Squash branch '{}' into {into}\n\n{}", request.branch, lines.concat())
        }
    })
}

fn tag_message(seen: &Seen, request: &Request, tag: &str, version: &str) -> anyhow::Result<String> {
    let name = format!("filter-flow-{}-finish-tag-message", request.kind.name);
    let text = match (&request.message, &seen.rules.flow.tag_message) {
        (Some(message), _) => message.clone(),
        (None, Some(text)) => fill(text, &[("version", version), ("tag", tag), ("branch", &request.branch)]),
        (None, None) => {
            let mut kind = request.kind.name.clone();
            if let Some(first) = kind.get_mut(0..1) {
                first.make_ascii_uppercase();
            }
            format!("{kind} {version}\n")
        }
    };
    let filtered = script::message(seen, &name, &text, tag)?;
    Ok(if filtered.ends_with('\n') { filtered } else { filtered + "\n" })
}

fn done(branch: &str, into: &[String], tag: Option<&str>, request: &Request, is_pushed: bool) -> String {
    let names: Vec<String> = into.iter().map(|name| format!("`{name}`")).collect();
    let mut parts = vec![format!("Finished `{branch}`: it is in {}", names.join(", "))];
    parts.extend(tag.map(|tag| format!("tagged `{tag}`")));
    if is_pushed {
        parts.push("pushed".to_owned());
    }
    parts.push(if request.keep { "the branch stays".to_owned() } else { "the branch is gone".to_owned() });
    parts.join(", ")
}

/// What is left to do for the user.
fn after(
    seen: &Seen,
    request: &Request,
    look: &Look,
    into: &[String],
    tag: Option<&str>,
    is_pushed: bool,
) -> Option<String> {
    if is_pushed || !seen.has_remote().unwrap_or(false) {
        return None;
    }
    let remote = seen.rules.remote();
    let mut names: Vec<String> = into.to_vec();
    names.extend(tag.map(|tag| format!("refs/tags/{tag}")));
    if look.remote_tip.is_some() && !request.keep {
        names.push(format!(":{}", request.branch));
    }
    Some(format!("Push it: git push --atomic {remote} {}", names.join(" ")))
}
