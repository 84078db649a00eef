//! What a release changes before it is merged: the version in files, and the changelog. `bump` and `changelog` make the texts.

use super::Request;
use super::bump::{Bumped, bump};
use super::changelog::{self, Version};
use crate::error::Problem;
use crate::flow::see::Seen;
use crate::git::{Commit, Flag, Id};
use crate::plan::deed::Edit;
use crate::plan::process::quoted;

/// The changes that `[flow.release]` asks for, on top of `tip`; none where all is as it should be. What is wrong comes to `problems`, all at once.
///
/// # Errors
/// Where the repository cannot be read.
pub(super) fn edits(seen: &Seen, request: &Request, tip: Id, problems: &mut Vec<Problem>) -> anyhow::Result<Vec<Edit>> {
    let release = &seen.rules.flow.release;
    if release.files.is_empty() && release.changelog.is_none() {
        return Ok(Vec::new());
    }
    let (version, tag) = names(seen, request);
    let mut edits: Vec<Edit> = Vec::new();
    for file in &release.files {
        let path = &file.path;
        let old = match edits.iter().find(|edit| edit.path == *path) {
            Some(edit) => Some(edit.new.clone()),
            None => text(seen, request, tip, path, problems)?,
        };
        let Some(old) = old else { continue };
        match bump(&old, &file.pattern, &version) {
            Bumped::Same => {}
            Bumped::Nowhere => {
                let message = format!("there is no version in `{path}`: nothing matches `{}`", &*file.pattern);
                problems.push(Problem::new(message).hint("make the pattern fit in `[flow.release]`"));
            }
            Bumped::New(new) => put(&mut edits, path, Some(old), new),
        }
    }
    if let Some(path) = &release.changelog {
        let old = match seen.repository.file(tip, path)? {
            Some(_) => text(seen, request, tip, path, problems)?,
            None => None,
        };
        if old.is_none() && seen.top()?.join(path).symlink_metadata().is_ok() {
            if !problems.iter().any(|problem| problem.message.contains(&format!("`{path}`"))) {
                let hint = format!("commit it on `{}`: `git add {}`", request.branch, quoted(path));
                problems.push(Problem::new(format!("`{path}` is there, and Git does not have it")).hint(hint));
            }
            return Ok(Vec::new());
        }
        let said = Messages::of(seen, request, tip, path)?;
        let entries = |messages: &[String]| changelog::entries(messages.iter().map(String::as_str));
        let date = jiff::ZonedDateTime::now().date().to_string();
        let version = Version { number: &version, tag: &tag, date: &date };
        if let Some(new) = changelog::release(old.as_deref(), version, &entries(&said.all), &entries(&said.later)) {
            put(&mut edits, path, old, new);
        }
    }
    hidden(seen, &edits, problems)?;
    Ok(edits)
}

/// The message of the commit that has them.
pub(super) fn message(seen: &Seen, request: &Request) -> String {
    let (version, tag) = names(seen, request);
    match &seen.rules.flow.release.message {
        Some(text) => super::message::fill(text, &[("version", &version), ("tag", &tag), ("branch", &request.branch)]),
        None => format!("chore: release {version}\n"),
    }
}

/// The version and its tag.
fn names(seen: &Seen, request: &Request) -> (String, String) {
    let tag = seen.rules.tag(request.kind.bare(&request.branch));
    let version = tag.strip_prefix(seen.rules.flow.tag_prefix.as_str()).unwrap_or(&tag).to_owned();
    (version, tag)
}

fn put(edits: &mut Vec<Edit>, path: &str, old: Option<String>, new: String) {
    match edits.iter_mut().find(|edit| edit.path == path) {
        Some(edit) => edit.new = new,
        None => edits.push(Edit { path: path.to_owned(), old, new }),
    }
}

/// A file of the branch. That there is none, or no text in it, is a problem.
fn text(
    seen: &Seen,
    request: &Request,
    tip: Id,
    path: &str,
    problems: &mut Vec<Problem>,
) -> anyhow::Result<Option<String>> {
    let hint = "name another file in `[flow.release]`, or commit this one";
    let problem = match seen.repository.file(tip, path)?.map(String::from_utf8) {
        Some(Ok(text)) => return Ok(Some(text)),
        Some(Err(_)) => {
            Problem::new(format!("`{path}` is no text in UTF-8")).hint("name another file in `[flow.release]`")
        }
        None => Problem::new(format!("`{path}` is not in `{}`", request.branch)).hint(hint),
    };
    problems.push(problem);
    Ok(None)
}

/// What commits say, oldest first.
struct Messages {
    /// Those that were not in any version yet.
    all: Vec<String>,
    /// Those that came after the version was written down for a pull request.
    later: Vec<String>,
}

impl Messages {
    fn of(seen: &Seen, request: &Request, tip: Id, changelog: &str) -> anyhow::Result<Self> {
        let versions = seen.repository.tags()?.filter(|(tag, _)| seen.rules.version(tag).is_some());
        let mut released: Vec<Id> = versions.map(|(_, id)| id).filter(|id| seen.repository.has(*id)).collect();
        released.sort_unstable();
        released.dedup();
        let commits = seen.repository.commits(&seen.repository.range(&[tip], &released)?)?;
        let said = |commits: &[Commit]| -> Vec<String> {
            commits.iter().rev().filter(|commit| !commit.is_merge()).map(|commit| commit.message.clone()).collect()
        };
        let all = said(&commits);
        let own = message(seen, request);
        let subject = own.lines().next().unwrap_or_default();
        for commit in commits.iter().filter(|commit| commit.subject() == subject) {
            let [parent] = commit.parents[..] else { continue };
            if seen.repository.changes(parent, commit.id)?.iter().any(|change| change.path == changelog) {
                released.push(commit.id);
                let later = seen.repository.commits(&seen.repository.range(&[tip], &released)?)?;
                return Ok(Self { all, later: said(&later) });
            }
        }
        Ok(Self { all, later: Vec::new() })
    }
}

/// Files that are not on disk, or that Git does not look at, cannot be changed and committed.
fn hidden(seen: &Seen, edits: &[Edit], problems: &mut Vec<Problem>) -> anyhow::Result<()> {
    if edits.is_empty() {
        return Ok(());
    }
    let flagged = seen.repository.flagged()?;
    for edit in edits {
        if let Some((path, flag)) = flagged.iter().find(|(path, _)| *path == edit.path) {
            let (state, option) = match flag {
                Flag::SkipWorktree => ("left out of the working tree", "--no-skip-worktree"),
                Flag::AssumeUnchanged => ("one whose changes Git does not look for", "--no-assume-unchanged"),
            };
            let hint = format!("take it in again: `git update-index {option} {}`", quoted(path));
            problems.push(Problem::new(format!("`{path}` is {state}")).hint(hint));
        }
    }
    Ok(())
}
