//! `prodev flow check --message`: a message before it is committed, read from its file as Git will read it.

use std::io::Read as _;
use std::path::Path;

use super::message::{About, Judge, Line, Reading};
use super::{Court, names};
use crate::ctx::{self, Ctx};
use crate::error::{Exit, Place, fail};
use crate::findings::Object;
use crate::git::Repository;

/// Checks the message in `file`.
pub(super) fn check(court: &mut Court, file: &Path, repository: Option<&Repository>, ctx: &Ctx) -> anyhow::Result<()> {
    let (shown, text) = read(file, ctx)?;
    let Some(spec) = &court.rules.flow.message else {
        court.findings.skip("messages", "there is no `[flow.message]` in prodev.toml");
        return Ok(());
    };
    let settings = repository.map(Repository::settings).transpose()?;
    let is_edited = ctx::variable("GIT_EDITOR").as_deref() != Some(":");
    let lines = Reading::new(settings, is_edited).clean(&text);
    if let Some(repository) = repository
        && is_of_merge(repository, &lines)?
    {
        return Ok(());
    }
    let get = |key: &str| settings.and_then(|settings| settings.get(key)).map(str::to_owned);
    // Git tells its hooks who the author is.
    let name = ctx::variable("GIT_AUTHOR_NAME").or_else(|| get("author.name")).or_else(|| get("user.name"));
    let mail = ctx::variable("GIT_AUTHOR_EMAIL").or_else(|| get("author.email")).or_else(|| get("user.email"));
    let branch = repository.map(names::current).transpose()?.flatten();
    let about = About { author: name.as_deref().zip(mail.as_deref()), branch: branch.as_deref() };
    let texts: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
    for fault in Judge::new(spec).faults(&texts, about) {
        let object = match lines.get(fault.line) {
            Some(line) => Object::Place(place(&shown, line, &fault.range)),
            None => Object::File(shown.clone()),
        };
        court.find(fault.rule, object, fault.message, fault.hint);
    }
    Ok(())
}

/// What the file is called, and what is in it.
fn read(file: &Path, ctx: &Ctx) -> anyhow::Result<(String, String)> {
    let mut bytes = Vec::new();
    if file == Path::new("-") {
        std::io::stdin().read_to_end(&mut bytes)?;
        return Ok(("standard input".to_owned(), String::from_utf8_lossy(&bytes).into_owned()));
    }
    let shown = file.display().to_string();
    bytes = std::fs::read(ctx.resolve(file)).map_err(|error| {
        let failure = fail(format!("could not read the message in `{shown}`")).cause(error.to_string());
        failure.hint("name a file, or `-` for stdin").exit(Exit::Usage)
    })?;
    Ok((shown, String::from_utf8_lossy(&bytes).into_owned()))
}

/// Whether what is committed has several parents: its text does not say it, what Git is about does.
fn is_of_merge(repository: &Repository, lines: &[Line]) -> anyhow::Result<bool> {
    match repository.operation() {
        _ if !repository.merge_heads().is_empty() => return Ok(true),
        Some(_) => return Ok(false),
        None => {}
    }
    // A merge that is amended leaves no trace but the message that it begins with.
    let Some(tip) = repository.head()?.commit() else { return Ok(false) };
    let head = repository.commits(&[tip])?;
    let first = lines.first().map(|line| line.text.as_str());
    Ok(head.first().is_some_and(|commit| commit.is_merge() && Some(commit.subject()) == first))
}

fn place(shown: &str, line: &Line, range: &std::ops::Range<usize>) -> Place {
    let count = |text: Option<&str>| text.map_or(0, |text| text.chars().count());
    Place {
        file: shown.to_owned(),
        line: line.number,
        column: count(line.text.get(..range.start)) + 1,
        text: line.text.clone(),
        width: count(line.text.get(range.clone())).max(1),
    }
}
