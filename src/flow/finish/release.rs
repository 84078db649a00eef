//! What a release changes before it is merged: the version in files, and the changelog. `bump` and `changelog` make the texts.

use anyhow::Context as _;

use super::Request;
use super::bump::{Bumped, bump};
use super::changelog::{self, Version};
use crate::error::fail;
use crate::flow::see::Seen;
use crate::git::{Flag, Id};
use crate::plan::deed::Edit;

/// The changes that `[flow.release]` asks for, on top of `tip`; none where all is as it should be.
///
/// # Errors
/// Where a file is not there or holds no version.
pub(super) fn edits(seen: &Seen, request: &Request, tip: Id) -> anyhow::Result<Vec<Edit>> {
    let release = &seen.rules.flow.release;
    if release.files.is_empty() && release.changelog.is_none() {
        return Ok(Vec::new());
    }
    let (version, tag) = names(seen, request);
    let mut edits: Vec<Edit> = Vec::new();
    for file in &release.files {
        let old = match edits.iter().find(|edit| edit.path == file.path) {
            Some(edit) => edit.new.clone(),
            None => text(seen, tip, &file.path)?.ok_or_else(|| {
                fail(format!("`{}` is not in `{}`", file.path, request.branch))
                    .hint("name another file in `[flow.release]`, or commit this one")
            })?,
        };
        match bump(&old, &file.pattern, &version) {
            Bumped::Same => {}
            Bumped::Nowhere => {
                return Err(fail(format!("there is no version in `{}`", file.path))
                    .cause(format!("nothing in it matches `{}`", &*file.pattern))
                    .hint("make the pattern fit in `[flow.release]`")
                    .into());
            }
            Bumped::New(new) => put(&mut edits, &file.path, Some(old), new),
        }
    }
    if let Some(path) = &release.changelog {
        let old = text(seen, tip, path)?;
        if old.is_none() && seen.top()?.join(path).symlink_metadata().is_ok() {
            return Err(fail(format!("`{path}` is there, and Git does not have it"))
                .hint(format!("commit it on `{}`: `git add {path}`", request.branch))
                .into());
        }
        let entries = changelog::entries(messages(seen, tip)?.iter().map(String::as_str));
        let date = jiff::ZonedDateTime::now().date().to_string();
        let version = Version { number: &version, tag: &tag, date: &date };
        if let Some(new) = changelog::release(old.as_deref(), version, &entries) {
            put(&mut edits, path, old, new);
        }
    }
    refuse_hidden(seen, &edits)?;
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

/// A file of the branch; `None` where it has none.
fn text(seen: &Seen, tip: Id, path: &str) -> anyhow::Result<Option<String>> {
    let Some(bytes) = seen.repository.file(tip, path)? else { return Ok(None) };
    let text = String::from_utf8(bytes);
    text.map(Some).with_context(|| format!("`{path}` is no text in UTF-8"))
}

/// The messages, oldest first, of what was not in any version yet.
fn messages(seen: &Seen, tip: Id) -> anyhow::Result<Vec<String>> {
    let versions = seen.repository.tags()?.filter(|(tag, _)| seen.rules.version(tag).is_some());
    let mut released: Vec<Id> = versions.map(|(_, id)| id).filter(|id| seen.repository.has(*id)).collect();
    released.sort_unstable();
    released.dedup();
    let ids = seen.repository.range(&[tip], &released)?;
    let commits = seen.repository.commits(&ids)?;
    Ok(commits.into_iter().rev().filter(|commit| !commit.is_merge()).map(|commit| commit.message).collect())
}

/// Files that are not on disk, or that Git does not look at, cannot be changed and committed.
fn refuse_hidden(seen: &Seen, edits: &[Edit]) -> anyhow::Result<()> {
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
            return Err(fail(format!("`{path}` is {state}"))
                .hint(format!("take it in again: `git update-index {option} {path}`"))
                .into());
        }
    }
    Ok(())
}
