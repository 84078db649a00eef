//! The two ends of an update with conflicts: `--continue` when they are resolved, `--abort` when they are not to be.

use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};

use super::early;
use crate::ctx::Ctx;
use crate::error::{Exit, Failure, Problem, fail};
use crate::git::{self, merge, shell};
use crate::outcome::{Change, Consent, Outcome, object};
use crate::plan::path::{STATE_FOLDER, TreePath};
use crate::plan::process::quoted;
use crate::plan::tasks::{Task, laid_open};
use crate::plan::tree::{Undo, Way};
use crate::plan::{Memory, Plan, Step, Tasks};
use crate::scaffold::{state, tasks, trust};

pub(super) fn go_on(ctx: &Ctx, flags: &tasks::Flags) -> anyhow::Result<Outcome> {
    let undo = find(ctx, "--continue")?;
    let root = undo.root();
    let unresolved = unresolved(&root, &undo.note)?;
    if !unresolved.is_empty() {
        return Err(Failure::of("some conflicts are not resolved yet", unresolved)
            .hint("resolve them and run `prodev update --continue`, or take all back with `prodev update --abort`")
            .exit(Exit::Conflict)
            .into());
    }
    // The state says of which version the project is: where it is not the update's any more, neither is the project.
    let is_state = |path: &&str| path.starts_with(STATE_FOLDER) && path.ends_with("/state.toml");
    if let Some(path) = undo.changed().find(is_state) {
        return Err(fail(format!("the project is not what the update made of it: `{path}` changed since"))
            .hint("`prodev update --abort` takes back what is left of it; what you changed since is kept")
            .exit(Exit::Conflict)
            .into());
    }
    let mut json = object(json!({ "directory": root.display().to_string(), "template": undo.note["template"] }));
    let waiting = tasks::waiting(&undo.note);
    let agreement = waiting.as_ref().and_then(trust::disagreement);
    let (mut before, mut consent) = (Vec::new(), None);
    if let Some(tasks) = &waiting {
        let told = |task: &Task| json!({ "command": task.command_line(), "runs": !flags.no_tasks });
        json.insert("tasks".to_owned(), tasks.list.iter().map(told).collect());
        if flags.no_tasks {
            let shown = root.file_name().unwrap_or_default().to_string_lossy().into_owned();
            before.push(tasks::left_out(&Tasks { shown, ..tasks.clone() }));
        } else {
            consent = wanted(tasks, &root, flags);
        }
    }
    let mut tasks = waiting.filter(|_| !flags.no_tasks);
    if let Some(tasks) = &mut tasks {
        tasks.root.clone_from(&root);
    }
    let ran = undo.note[early::RAN].as_str().and_then(|template| early::memory(&root, template));
    let forget = |folder| Step::Memory(Memory::Forget { folder });
    // The update is forgotten first: what fails or is stopped now is not run twice.
    let steps = std::iter::once(Step::Undo(undo))
        .chain(agreement.map(Step::Memory))
        .chain(tasks.map(Step::Tasks))
        .chain(ran.map(forget));
    Ok(Outcome::Change(Box::new(Change {
        plan: Plan::new(steps),
        before,
        consent,
        done: "the update is complete; look it through and commit it".to_owned(),
        json,
        ..Change::default()
    })))
}

/// What waits was agreed to before the update began, and written down then, out of reach of whoever packed the project. Whatever else it is, it is
/// asked about.
fn wanted(tasks: &Tasks, root: &Path, flags: &tasks::Flags) -> Option<Consent> {
    if flags.trust || (tasks.root == root && trust::is_agreed(tasks)) {
        return None;
    }
    let commands = tasks.list.iter().map(|task| laid_open(&task.command_line())).collect();
    Some(Consent { whose: "the open update".to_owned(), commands, approvals: Vec::new(), hint: None })
}

pub(super) fn abort(ctx: &Ctx) -> anyhow::Result<Outcome> {
    let mut undo = find(ctx, "--abort")?;
    undo.way = Way::TakeBack;
    let agreement = tasks::waiting(&undo.note).as_ref().and_then(trust::disagreement);
    let json = object(json!({ "directory": undo.root().display().to_string(), "template": undo.note["template"] }));
    Ok(Outcome::Change(Box::new(Change {
        plan: Plan::new(std::iter::once(Step::Undo(undo)).chain(agreement.map(Step::Memory))),
        done: "the update is taken back".to_owned(),
        json,
        ..Change::default()
    })))
}

/// The update that is open here, to which `end` puts an end.
fn find(ctx: &Ctx, end: &str) -> anyhow::Result<Undo> {
    if let Some(undo) = Undo::find(&ctx.dir, state::project(&ctx.dir))? {
        return Ok(undo);
    }
    let failure = fail("no update is open here").exit(Exit::Usage);
    let hint = |root: &PathBuf| {
        let folder = Ctx::from_here(root);
        format!(
            "one is open in `{0}`: `prodev -C {1} update {end}`",
            folder.display(),
            quoted(&folder.to_string_lossy())
        )
    };
    let mut hints: Vec<String> = Undo::below(&ctx.dir).iter().map(hint).collect();
    hints.extend(Undo::nowhere(&ctx.dir).into_iter().map(|(root, kept)| {
        let kept = Ctx::from_here(&kept);
        format!(
            "one was open in `{}`, which is not there: put the folder back, or give it up: `rm -r {}`",
            Ctx::from_here(&root).display(),
            quoted(&kept.to_string_lossy())
        )
    }));
    if hints.is_empty() {
        return Err(failure.hint("`prodev update` begins one").into());
    }
    Err(hints.into_iter().fold(failure, Failure::hint).into())
}

/// What is still to be decided: markers in files, a template's side that lies beside a file, and what Git calls unmerged.
fn unresolved(root: &Path, note: &Json) -> anyhow::Result<Vec<Problem>> {
    let unmerged = if git::is_inside(root) && shell::is_installed() { shell::unmerged(root)? } else { Vec::new() };
    let texts = |key: &str| -> Vec<String> {
        let list = note[key].as_array().into_iter().flatten();
        list.filter_map(|it| it.as_str().map(ToOwned::to_owned)).collect()
    };
    let mut problems = Vec::new();
    for conflict in note["conflicts"].as_array().into_iter().flatten() {
        let Some(Ok(path)) = conflict["path"].as_str().map(TreePath::new) else { continue };
        let has_markers = std::fs::read(path.below(root)).is_ok_and(|bytes| merge::has_markers(&bytes));
        let beside = conflict["theirs"].as_str().and_then(|beside| TreePath::new(beside).ok());
        if has_markers {
            problems.push(Problem::new(format!("`{path}` has conflict markers in it")));
        } else if let Some(beside) = beside.filter(|beside| beside.below(root).symlink_metadata().is_ok()) {
            problems.push(
                Problem::new(format!("`{beside}` is the template's side of `{path}`"))
                    .hint("take from it what you want, then remove it"),
            );
        }
    }
    for path in texts("unmerged").into_iter().filter(|path| unmerged.contains(path)) {
        problems.push(
            Problem::new(format!("Git calls `{path}` unmerged"))
                .hint(format!("when it is right, `git add '{path}'` (or `git rm`)")),
        );
    }
    Ok(problems)
}
