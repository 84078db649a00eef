//! Migrations that run before the new version is merged into a project. They change what the merge starts from, so that is planned when they are
//! done; and what an update did that then went no further is not done twice by the next one.

use std::path::{Path, PathBuf};

use crate::ctx::Ctx;
use crate::error::Failure;
use crate::outcome::Change;
use crate::plan::tasks::{Place, Task};
use crate::plan::{Memory, Plan, Step};
use crate::scaffold::manifest::Stage;
use crate::scaffold::tasks::Call;

/// The key in the note of a change with conflicts under which the template's name stands where something ran before. Which folder tells that is
/// never taken from a note: it may have come with somebody's files.
pub(super) const RAN: &str = "ran";

/// What is to run first.
#[derive(Default)]
pub(super) struct Early {
    pub(super) tasks: Vec<Task>,
    /// Those of the template that ran already, when this update was begun before.
    pub(super) done: Vec<Task>,
    /// Where that is remembered.
    memory: Option<PathBuf>,
}

/// # Errors
/// Texts that do not work with the answers.
pub(super) fn due(call: &Call) -> Result<Early, Failure> {
    let Some(old) = call.old_version else { return Ok(Early::default()) };
    let all = call.migrations(Stage::Before)?;
    if all.is_empty() {
        return Ok(Early::default());
    }
    let memory = memory(call.root, &call.scene.template.manifest.template.name.text);
    let (done, tasks) =
        all.into_iter().partition(|task| memory.as_ref().is_some_and(|it| it.join(mark(task, old)).exists()));
    Ok(Early { tasks, done, memory })
}

/// The folder that tells what ran in a project for a template of that name.
pub(super) fn memory(root: &Path, template: &str) -> Option<PathBuf> {
    let project = format!("{}\n{template}", root.display());
    Ctx::memories().map(|base| base.join("migrated").join(&digest(&project)[..32]))
}

/// The name of the file that says that a project of the version `old` had this.
fn mark(task: &Task, old: &str) -> String {
    digest(&format!("{old}\n{}", task.command_line()))
}

fn digest(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex().to_string()
}

impl Early {
    /// What is to be said and done before `change` is decided; where nothing is, what was remembered is forgotten at its end.
    pub(super) fn settle(self, change: &mut Change, call: &Call, is_first: bool) -> Option<(Vec<String>, Plan)> {
        let Self { tasks, done, memory } = self;
        let mut said = Vec::new();
        if is_first && let Some(folder) = memory.as_ref().filter(|_| !done.is_empty()) {
            let ran = |task: &Task| format!("`{}` ran already, when this update was begun before", task.command_line());
            said.extend(done.iter().map(ran));
            said.push(format!("to have that run again, remove `{}`", folder.display()));
        }
        if is_first && !tasks.is_empty() {
            return Some((said, steps(tasks, memory.as_ref(), call)));
        }
        change.before.extend(said);
        let folder = memory?;
        let open = change.plan.steps.iter_mut().find_map(|step| match step {
            Step::Tree(tree) => tree.open.as_mut(),
            _ => None,
        });
        match open {
            Some(open) => open.note[RAN] = call.scene.template.manifest.template.name.text.as_str().into(),
            None => change.plan.steps.push(Step::Memory(Memory::Forget { folder })),
        }
        None
    }
}

/// Each of them, and at once the note that it ran.
fn steps(tasks: Vec<Task>, memory: Option<&PathBuf>, call: &Call) -> Plan {
    let old = call.old_version.unwrap_or_default();
    let mut plan = Plan::default();
    for task in tasks {
        let note = memory.map(|folder| Memory::Keep {
            path: folder.join(mark(&task, old)),
            text: format!("{}\n{}\n", call.root.display(), task.command_line()),
        });
        plan.steps.push(Step::Tasks(call.together(vec![task], Place::Ahead)));
        plan.steps.extend(note.map(Step::Memory));
    }
    plan
}
