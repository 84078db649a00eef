//! `prodev flow check --pre-push` and `--pre-receive`: refs that are about to change, as they are told on stdin.

use std::io::Read as _;

use super::history::{History, can_be_fast_forwarded};
use super::range::first_parents;
use super::{Court, branch, commits, policy, tags};
use crate::config::flow::Signed;
use crate::config::rule::Rule;
use crate::ctx;
use crate::error::{Exit, fail};
use crate::findings::Object;
use crate::flow::rules::{Role, Rules};
use crate::git::{Commit, Id, Repository};
use crate::plan::process::quoted;

/// A ref that is about to change.
struct Update {
    /// In full, as it is called where it changes.
    name: String,
    old: Option<Id>,
    new: Option<Id>,
}

/// Who is asked.
pub(super) enum Side<'a> {
    /// Who pushes, to this remote.
    Push(Option<&'a str>),
    /// Who receives.
    Receive,
}

/// The policy by which a server judges: what its default branch says before the push.
pub(super) fn policy_before(repository: &Repository) -> anyhow::Result<Rules> {
    policy::at(repository, repository.head()?.commit())
}

/// What `git push -o prodev.skip=RULE` names.
pub(super) fn wishes() -> Vec<String> {
    let count: usize = ctx::variable("GIT_PUSH_OPTION_COUNT").and_then(|count| count.parse().ok()).unwrap_or_default();
    let options = (0..count).filter_map(|index| ctx::variable(&format!("GIT_PUSH_OPTION_{index}")));
    let names = options.filter_map(|option| option.strip_prefix("prodev.skip=").map(str::to_owned));
    names.flat_map(|names| names.split(',').map(|name| name.trim().to_owned()).collect::<Vec<_>>()).collect()
}

/// Judges what stdin tells; gives how many refs there were.
pub(super) fn check(court: &mut Court, repository: &Repository, side: &Side) -> anyhow::Result<usize> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let updates = parse(&text, side)?;
    let arriving: Vec<(String, Id)> = updates
        .iter()
        .filter_map(|update| Some((update.name.strip_prefix("refs/heads/")?.to_owned(), update.new?)))
        .collect();
    let known = known(repository, side, &updates)?;
    let mut history = None;
    for update in &updates {
        if let Some(name) = update.name.strip_prefix("refs/tags/") {
            tag(court, repository, name, update)?;
        }
        let Some(name) = update.name.strip_prefix("refs/heads/") else { continue };
        let Some(new) = update.new else {
            if court.rules.is_protected(name) {
                let hint = "leave it, or take it out of `protected` in `[flow]`".to_owned();
                court.find(Rule::BranchDeletion, Object::Branch(name.to_owned()), "nobody deletes it", Some(hint));
            }
            continue;
        };
        branch::judge(court, name);
        if matches!(side, Side::Push(_)) && court.rules.takes_pull_requests_only(name) {
            let hint = "push a branch of its own, and open a pull request".to_owned();
            court.find(Rule::DirectCommit, Object::Branch(name.to_owned()), "it takes pull requests only", Some(hint));
        }
        let old = update.old.filter(|old| repository.has(*old));
        is_forced(court, repository, name, update, old)?;
        changed_policy(court, repository, name, update, side)?;
        let arrived = repository.commits(&repository.range(&[new], &known)?)?;
        commits::messages(court, &arrived, Some(name));
        let own = match old {
            Some(old) => repository.commits(&repository.range(&[new], &[old])?)?,
            None => arrived.clone(),
        };
        let line = first_parents(&own, new);
        let is_base = court.rules.base(name).is_some();
        commits::signatures(court, repository, &arrived, |id| is_base && line.contains(&id))?;
        let line: Vec<&Commit> = own.iter().filter(|commit| line.contains(&commit.id)).collect();
        if update.old.is_some() {
            direct(court, name, &line);
        }
        if court.asks(Rule::Direction) && court.rules.role(name) != Role::Unknown && line.iter().any(|it| it.is_merge())
        {
            if history.is_none() {
                history = Some(History::of(court.rules, repository, &arriving, &[])?);
            }
            for merge in line.iter().filter(|commit| commit.is_merge()) {
                if let Some(history) = &history {
                    history.direction(court, name, merge);
                }
            }
        }
    }
    Ok(updates.len())
}

/// Reads the lines that Git gives the hook.
fn parse(text: &str, side: &Side) -> anyhow::Result<Vec<Update>> {
    let line = |line: &str| {
        let words: Vec<&str> = line.split(' ').collect();
        let (name, old, new) = match (side, &words[..]) {
            (Side::Push(_), [_, new, name, old]) | (Side::Receive, [old, new, name]) => (*name, *old, *new),
            _ => return None,
        };
        let id = |text: &str| Some(Id::parse(text.as_bytes())?).map(|id| (!id.is_zero()).then_some(id));
        Some(Update { name: name.to_owned(), old: id(old)?, new: id(new)? })
    };
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines
        .map(|text| {
            line(text).ok_or_else(|| {
                let (hook, form) = match side {
                    Side::Push(_) => ("pre-push", "LOCAL-REF LOCAL-ID REMOTE-REF REMOTE-ID"),
                    Side::Receive => ("pre-receive", "OLD-ID NEW-ID REF"),
                };
                let failure = fail(format!("`{text}` is no line that Git gives the hook `{hook}`")).exit(Exit::Usage);
                failure.hint(format!("each line of stdin is `{form}`")).into()
            })
        })
        .collect()
}

/// What the other side has already: only what is new to it is looked at.
fn known(repository: &Repository, side: &Side, updates: &[Update]) -> anyhow::Result<Vec<Id>> {
    let mut known: Vec<Id> = match side {
        Side::Push(remote) => {
            let prefix = match remote {
                Some(remote) => format!("refs/remotes/{remote}/"),
                None => "refs/remotes/".to_owned(),
            };
            repository.below(&prefix)?.map(|(_, id)| id).collect()
        }
        Side::Receive => repository.branches()?.chain(repository.tags()?).map(|(_, id)| id).collect(),
    };
    known.extend(updates.iter().filter_map(|update| update.old));
    known.sort_unstable();
    known.dedup();
    known.retain(|id| repository.has(*id));
    Ok(known)
}

/// Whether commits get lost that were there.
fn is_forced(
    court: &mut Court,
    repository: &Repository,
    name: &str,
    update: &Update,
    old: Option<Id>,
) -> anyhow::Result<()> {
    if !court.rules.is_protected(name) || !court.asks(Rule::ForcePush) {
        return Ok(());
    }
    let message = match (update.old, old, update.new) {
        (Some(_), None, _) => "it has commits that are not here, which the push would take away".to_owned(),
        (Some(_), Some(old), Some(new)) => match repository.range(&[old], &[new])?.len() {
            0 => return Ok(()),
            1 => "the push would take a commit away".to_owned(),
            many => format!("the push would take {many} commits away"),
        },
        _ => return Ok(()),
    };
    let hint =
        format!("bring in what is there with `git pull --rebase {} {}`", quoted(court.rules.remote()), quoted(name));
    court.find(Rule::ForcePush, Object::Branch(name.to_owned()), message, Some(hint));
    Ok(())
}

/// Whether somebody has committed to a protected branch.
fn direct(court: &mut Court, name: &str, line: &[&Commit]) {
    if !court.rules.is_protected(name) || !court.asks(Rule::DirectCommit) {
        return;
    }
    let direct: Vec<&&Commit> = line.iter().filter(|commit| !commit.is_merge()).collect();
    if direct.is_empty() {
        return;
    }
    if can_be_fast_forwarded(court.rules, name) {
        let reason = "what goes there may come without a merge commit";
        court.findings.skip(format!("{} on `{name}`", Rule::DirectCommit.name()), reason);
        return;
    }
    for commit in direct {
        let kind = court.rules.kinds.first().map_or("feature/", |kind| &kind.prefix);
        let hint =
            format!("take it to a branch of its own: `git branch {} {}`", quoted(&format!("{kind}NAME")), commit.id);
        court.find(
            Rule::DirectCommit,
            commits::object(commit),
            format!("it was made on `{name}` directly"),
            Some(hint),
        );
    }
}

/// A push that changes the policy is shown; one that breaks it would keep everybody from pushing ever after.
fn changed_policy(
    court: &mut Court,
    repository: &Repository,
    name: &str,
    update: &Update,
    side: &Side,
) -> anyhow::Result<()> {
    let head = repository.head()?;
    let is_default = match side {
        Side::Receive => head.branch() == Some(name),
        Side::Push(_) => name == court.rules.main(),
    };
    let Some(new) = update.new.filter(|_| is_default) else { return Ok(()) };
    let object = || Object::Branch(name.to_owned());
    let new = match policy::of(repository, new) {
        Ok(new) => new,
        Err(error) => {
            let hint = "say what `prodev config show` says nothing against".to_owned();
            let message = format!("the policy that the push brings cannot be read: {error}");
            court.findings.add(
                crate::findings::Finding::new(
                    Rule::Policy.name(),
                    crate::config::value::Severity::Error,
                    object(),
                    message,
                )
                .hint(hint),
            );
            return Ok(());
        }
    };
    let Some(old) = update.old.filter(|old| repository.has(*old)) else { return Ok(()) };
    if policy::of(repository, old)? != new {
        let hint = "it is judged by the policy before; the new one holds from the next push on".to_owned();
        court.find(Rule::Policy, object(), "the push changes `[flow]` in prodev.toml", Some(hint));
    }
    Ok(())
}

fn tag(court: &mut Court, repository: &Repository, name: &str, update: &Update) -> anyhow::Result<()> {
    let object = || Object::Tag(name.to_owned());
    if update.old.is_some() && update.old != update.new && tags::is_version(court.rules, name) {
        let what = if update.new.is_some() { "it would be moved" } else { "it would be deleted" };
        let hint = "what was released stays: tag a new version".to_owned();
        court.find(Rule::TagMoved, object(), what, Some(hint));
    }
    let Some(new) = update.new else { return Ok(()) };
    if update.old.is_none()
        && let Some((message, hint)) = tags::fault(court.rules, name)
    {
        court.find(Rule::TagName, object(), message, Some(hint));
    }
    let must_be_signed = court.rules.flow.signatures.contains(&Signed::Tags) && tags::is_version(court.rules, name);
    if must_be_signed && court.asks(Rule::Signature) {
        signature(court, repository, name, new)?;
    }
    Ok(())
}

/// Judges the signature of a version tag.
pub(super) fn signature(court: &mut Court, repository: &Repository, name: &str, tag: Id) -> anyhow::Result<()> {
    let object = Object::Tag(name.to_owned());
    match repository.tag_signature(tag)? {
        None => {
            let hint = format!("sign it: `git tag -s {}`", quoted(name));
            court.find(Rule::Signature, object, "it is not signed", Some(hint));
        }
        Some(signature) => {
            if let Some((message, hint)) = commits::fault(signature) {
                court.find(Rule::Signature, object, message, Some(hint.to_owned()));
            }
        }
    }
    Ok(())
}
