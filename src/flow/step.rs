//! Steps that several commands have: a `git` with its line, and the scripts of git-flow before and after.

use std::path::Path;

use super::rules::Role;
use super::script;
use super::see::Seen;
use crate::git::Hooks;
use crate::outcome::Change;
use crate::plan::deed::{Act, Deed, Told};
use crate::plan::{Git, Line, Plan, Step};

/// One change that `git` makes in `dir`.
pub(super) fn git<S: AsRef<str>>(dir: &Path, action: &'static str, path: impl Into<String>, words: &[S]) -> Step {
    Step::Git(Git {
        dir: dir.to_owned(),
        line: Line { action, path: path.into() },
        arguments: words.iter().map(|word| word.as_ref().to_owned()).collect(),
        hooks: Hooks::Run,
        hint: None,
    })
}

/// A change of these steps, and what is said when they are done.
pub(super) fn change(steps: impl IntoIterator<Item = Step>, done: impl Into<String>) -> Change {
    Change { plan: Plan::new(steps), done: done.into(), ..Change::default() }
}

/// A change that is one deed. Whichever run ends it tells the same.
pub(super) fn of_deed(deed: Deed, told: Told) -> Change {
    telling(Step::Deed(Box::new(Deed { told: told.clone(), ..deed })), told)
}

/// One step, and what is told when it is done.
pub(super) fn telling(step: Step, told: Told) -> Change {
    let Told { done, after, json, answer } = told;
    Change { plan: Plan::new([step]), done, after, json, answer, ..Change::default() }
}

/// Puts the scripts of git-flow around the steps of a command on `branch`, with the words that git-flow gives them.
pub(super) fn with_scripts(seen: &Seen, command: &str, branch: &str, steps: &mut Vec<Step>) -> anyhow::Result<()> {
    let Role::Topic(kind, name) = seen.rules.role(branch) else { return Ok(()) };
    let name = if kind.tag { seen.rules.tag(name) } else { name.to_owned() };
    let words = [name.as_str(), seen.rules.remote(), branch];
    steps.splice(0..0, script::step(seen, kind, command, "pre", &words)?);
    steps.extend(script::step(seen, kind, command, "post", &words)?);
    Ok(())
}

/// The same of a deed.
pub(super) fn with_script_acts(seen: &Seen, command: &str, branch: &str, acts: &mut Vec<Act>) -> anyhow::Result<()> {
    let Role::Topic(kind, name) = seen.rules.role(branch) else { return Ok(()) };
    let name = if kind.tag { seen.rules.tag(name) } else { name.to_owned() };
    let words = [name.as_str(), seen.rules.remote(), branch];
    acts.splice(0..0, script::act(seen, kind, command, "pre", &words)?);
    acts.extend(script::act(seen, kind, command, "post", &words)?);
    Ok(())
}
