//! git-flow's own hooks and filters: programs of the user's that run before and after, with the names and words that git-flow gives them.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use super::kind::Kind;
use super::see::Seen;
use crate::ctx::Ctx;
use crate::error::fail;
use crate::git::Actor;
use crate::plan::deed::Act;
use crate::plan::{Line, Script, Step};

/// The program of that name, if it is there and can be run.
fn find(seen: &Seen, name: &str) -> anyhow::Result<Option<PathBuf>> {
    let settings = seen.repository.settings()?;
    let top = seen.repository.work_tree().unwrap_or(seen.repository.git_dir());
    let folder = settings.get("gitflow.path.hooks").or(settings.get("core.hookspath")).map(|path| top.join(path));
    let path = folder.unwrap_or_else(|| seen.repository.common_dir().join("hooks")).join(name);
    let runs = path.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0);
    Ok(runs.then_some(path))
}

/// What a filter makes of `value`; the value itself where there is none.
///
/// # Errors
/// Where the filter fails, or answers nothing.
pub(super) fn filter(seen: &Seen, _: &Ctx, name: &str, value: &str, is_wanted: bool) -> anyhow::Result<String> {
    let Some(program) = find(seen, name)?.filter(|_| is_wanted) else { return Ok(value.to_owned()) };
    let dir = seen.repository.work_tree().unwrap_or(seen.repository.git_dir());
    let said = Actor::new(dir).script(&program, &[value.to_owned()])?;
    let text = String::from_utf8_lossy(&said.stdout).trim_end_matches('\n').to_owned();
    if said.is_success() && !text.is_empty() {
        return Ok(text);
    }
    let failure = fail(format!("the filter `{name}` refused `{value}`")).cause(said.last(4));
    Err(failure.hint(format!("look at `{}`", program.display())).into())
}

/// The hook `MOMENT-flow-KIND-COMMAND` as a step, if it is there.
pub(super) fn step(
    seen: &Seen,
    kind: &Kind,
    command: &str,
    moment: &str,
    words: &[&str],
) -> anyhow::Result<Option<Step>> {
    let name = format!("{moment}-flow-{}-{command}", kind.name);
    let dir = seen.repository.work_tree().unwrap_or(seen.repository.git_dir()).to_owned();
    Ok(find(seen, &name)?.map(|program| {
        let arguments = words.iter().map(|word| (*word).to_owned()).collect();
        Step::Script(Script { dir, program, arguments, line: Line { action: "run", path: name } })
    }))
}

/// The same as a part of a deed.
pub(super) fn act(
    seen: &Seen,
    kind: &Kind,
    command: &str,
    moment: &str,
    words: &[&str],
) -> anyhow::Result<Option<Act>> {
    let name = format!("{moment}-flow-{}-{command}", kind.name);
    Ok(find(seen, &name)?.map(|program| {
        let arguments = words.iter().map(|word| (*word).to_owned()).collect();
        Act::Script { program, arguments, shown: name }
    }))
}

/// What a filter makes of a message; the message itself where there is none.
///
/// # Errors
/// Where the filter fails, or answers nothing.
pub(super) fn message(seen: &Seen, name: &str, text: &str, tag: &str) -> anyhow::Result<String> {
    let Some(program) = find(seen, name)? else { return Ok(text.to_owned()) };
    let dir = seen.repository.work_tree().unwrap_or(seen.repository.git_dir());
    let said = Actor::new(dir).script(&program, &[text.to_owned(), tag.to_owned()])?;
    let filtered = String::from_utf8_lossy(&said.stdout).into_owned();
    if said.is_success() && !filtered.trim().is_empty() {
        return Ok(filtered);
    }
    let failure = fail(format!("the filter `{name}` refused the message")).cause(said.last(4));
    Err(failure.hint(format!("look at `{}`", program.display())).into())
}
