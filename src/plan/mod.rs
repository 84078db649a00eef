//! What will be done, as a value: it shows itself under `--dry-run`, and that very value is applied. Only `cli` applies.

pub(crate) mod bell;
pub(crate) mod crontab;
pub(crate) mod deed;
mod fault;
mod files;
mod git;
pub(crate) mod guardian;
pub(crate) mod kin;
mod memory;
pub(crate) mod original;
pub(crate) mod path;
pub(crate) mod process;
pub(crate) mod processes;
mod replace;
pub(crate) mod scratch;
mod sweep;
pub(crate) mod system;
pub(crate) mod tasks;
mod timers;
pub(crate) mod tree;

pub(crate) use crontab::Crontab;
pub(crate) use files::{NewFile, OldFolder};
pub(crate) use git::{Git, Root, Script};
pub(crate) use memory::Memory;
pub(crate) use replace::{Privacy, Replacement};
pub(crate) use sweep::Sweep;
pub(crate) use tasks::Tasks;
pub(crate) use timers::Timers;

use crate::ui::Ui;

/// Steps in the order in which they are done.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub(crate) steps: Vec<Step>,
}

/// One thing to do. All checks that it relies on were made by whoever planned it; what changed since then is a failure, never a guess.
#[derive(Debug)]
pub(crate) enum Step {
    /// One new file.
    File(NewFile),
    /// A user's file that gets other bytes.
    Replace(Replacement),
    /// A folder of prodev's own that goes.
    Remove(OldFolder),
    /// The user's crontab.
    Crontab(Crontab),
    /// The user's own timers of systemd.
    Timers(Timers),
    /// Files of a cache that go.
    Sweep(Sweep),
    /// A tree of files.
    Tree(tree::Tree),
    /// One change that `git` makes.
    Git(Git),
    /// The commit with which a history begins.
    Root(Root),
    /// One program of the user's.
    Script(Script),
    /// Several changes to a repository that are made together or not at all.
    Deed(Box<deed::Deed>),
    /// The going on of a deed that was begun, or its end.
    Resume(deed::Resumption),
    /// The end of a change that was open.
    Undo(tree::Undo),
    /// Commands that a template brings.
    Tasks(Tasks),
    /// What is remembered for the next time.
    Memory(Memory),
}

/// A line of a plan: a verb, and what it is done to.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub(crate) struct Line {
    pub(crate) action: &'static str,
    pub(crate) path: String,
}

impl Plan {
    pub(crate) fn new(steps: impl IntoIterator<Item = Step>) -> Self {
        Self { steps: steps.into_iter().collect() }
    }

    /// The plan in words, in order.
    pub(crate) fn lines(&self) -> Vec<Line> {
        self.steps
            .iter()
            .flat_map(|step| match step {
                Step::File(file) => vec![file.line()],
                Step::Replace(replacement) => vec![replacement.line()],
                Step::Remove(folder) => vec![folder.line()],
                Step::Crontab(crontab) => crontab.lines.clone(),
                Step::Timers(timers) => timers.lines.clone(),
                Step::Sweep(sweep) => sweep.lines.clone(),
                Step::Tree(tree) => tree.lines(),
                Step::Undo(undo) => undo.lines(),
                Step::Git(git) => vec![git.line.clone()],
                Step::Root(root) => vec![root.line()],
                Step::Script(script) => vec![script.line.clone()],
                Step::Deed(deed) => deed.lines(),
                Step::Resume(resumption) => resumption.lines(),
                Step::Tasks(tasks) => tasks.lines(),
                // Of no project.
                Step::Memory(_) => Vec::new(),
            })
            .collect()
    }

    /// Whether it does to a repository just what another plan does.
    pub(crate) fn is_same_deed(&self, other: &Self) -> bool {
        let deeds = |plan: &Self| -> Vec<Option<serde_json::Value>> {
            let deeds = plan.steps.iter().filter_map(|step| match step {
                Step::Deed(deed) => Some(serde_json::to_value(deed).ok()),
                _ => None,
            });
            deeds.collect()
        };
        self.lines() == other.lines() && deeds(self) == deeds(other)
    }

    /// What somebody should know who does it, before it is done.
    pub(crate) fn warnings(&self) -> Vec<String> {
        let warning = |step: &Step| match step {
            Step::Replace(replacement) => replacement.warning(),
            _ => None,
        };
        self.steps.iter().filter_map(warning).collect()
    }

    /// What will be different in the files of trees and deeds, as `git diff` shows it.
    ///
    /// # Errors
    /// Where a file cannot be read.
    pub(crate) fn diff(&self) -> anyhow::Result<String> {
        let files = self.steps.iter().filter_map(|step| match step {
            Step::Tree(tree) => Some(tree.diff()),
            Step::Deed(deed) => Some(deed.diff()),
            _ => None,
        });
        files.collect()
    }

    /// Does it all. A step that fails takes back what it did itself; the steps before it stay done, so what belongs together is one step.
    pub(crate) fn apply(self, ui: &Ui) -> anyhow::Result<()> {
        for step in self.steps {
            match step {
                Step::File(file) => file.apply(ui)?,
                Step::Replace(replacement) => replacement.apply(ui)?,
                Step::Remove(folder) => folder.apply()?,
                Step::Crontab(crontab) => crontab.apply()?,
                Step::Timers(timers) => timers.apply()?,
                Step::Sweep(sweep) => sweep.apply()?,
                Step::Tree(tree) => tree.apply(ui)?,
                Step::Undo(undo) => undo.apply(ui)?,
                Step::Git(git) => git.apply()?,
                Step::Root(root) => root.apply()?,
                Step::Script(script) => script.apply(ui)?,
                Step::Deed(deed) => deed.apply(ui)?,
                Step::Resume(resumption) => resumption.apply(ui)?,
                Step::Tasks(tasks) => tasks.apply(ui)?,
                Step::Memory(memory) => memory.apply()?,
            }
        }
        Ok(())
    }
}
