//! The two ends of an update with conflicts: `--continue` when they are resolved, `--abort` when they are not to be.

use std::path::Path;

use serde_json::{Value as Json, json};

use super::early;
use crate::ctx::Ctx;
use crate::error::{Exit, Failure, Problem, fail};
use crate::git::{self, merge, shell};
use crate::outcome::{Change, Outcome, object};
use crate::plan::path::TreePath;
use crate::plan::tree::{Undo, Way};
use crate::plan::{Memory, Plan, Step};
use crate::scaffold::tasks;

pub(super) fn go_on(ctx: &Ctx, flags: &tasks::Flags) -> anyhow::Result<Outcome> {
    let undo = find(ctx)?;
    let root = undo.root();
    let unresolved = unresolved(&root, &undo.note)?;
    if !unresolved.is_empty() {
        return Err(Failure::of("some conflicts are not resolved yet", unresolved)
            .hint("resolve them and run `prodev update --continue`, or take all back with `prodev update --abort`")
            .exit(Exit::Conflict)
            .into());
    }
    let json = object(json!({ "directory": root.display().to_string(), "template": undo.note["template"] }));
    // They were agreed to before the update began. Forgotten first: what fails or is stopped now is not run twice.
    let tasks = tasks::waiting(&undo.note).filter(|_| !flags.no_tasks);
    let forget = undo.note[early::RAN].as_str().map(|folder| Memory::Forget { folder: folder.into() });
    let steps = std::iter::once(Step::Undo(undo)).chain(tasks.map(Step::Tasks)).chain(forget.map(Step::Memory));
    Ok(Outcome::Change(Box::new(Change {
        plan: Plan::new(steps),
        done: "the update is complete; look it through and commit it".to_owned(),
        json,
        ..Change::default()
    })))
}

pub(super) fn abort(ctx: &Ctx) -> anyhow::Result<Outcome> {
    let mut undo = find(ctx)?;
    undo.way = Way::TakeBack;
    let json = object(json!({ "directory": undo.root().display().to_string(), "template": undo.note["template"] }));
    Ok(Outcome::Change(Box::new(Change {
        plan: Plan::new([Step::Undo(undo)]),
        done: "the update is taken back".to_owned(),
        json,
        ..Change::default()
    })))
}

fn find(ctx: &Ctx) -> anyhow::Result<Undo> {
    Ok(Undo::find(&ctx.dir)?
        .ok_or_else(|| fail("no update is open here").hint("`prodev update` begins one").exit(Exit::Usage))?)
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
