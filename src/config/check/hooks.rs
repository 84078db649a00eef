//! `[hooks]`: steps that say one thing. Whether their recipes exist is looked up in `graph`.

use super::Findings;
use super::recipes::{command, one_of};
use crate::config::hook::{HookCheck, HookStep, Hooks};

/// The hooks that have something to hand to the checks of the policy.
const POLICED: [&str; 6] = ["pre-commit", "pre-merge-commit", "commit-msg", "pre-push", "pre-receive", "update"];

/// What is wrong in `[hooks]`.
pub(in crate::config) fn check(hooks: &Hooks, findings: &mut Findings) {
    for (hook, steps) in hooks.iter() {
        for (index, step) in steps.as_slice().iter().enumerate() {
            let HookStep::Full(full) = step else { continue };
            findings.within(&["hooks", hook, &index.to_string()], |findings| {
                let kinds =
                    [("recipe", full.recipe.is_some()), ("run", full.run.is_some()), ("check", full.check.is_some())];
                one_of(&kinds, "a step", findings);
                if !full.with.is_empty() && full.recipe.is_none() {
                    findings.add(&["with"], "`with` is for `recipe`");
                }
                if full.check == Some(HookCheck::Flow) && !POLICED.contains(&hook.as_str()) {
                    let hint = format!("it belongs to {}", crate::error::listed(&POLICED));
                    findings.add(&["check"], format!("the policy has nothing to check in `{hook}`")).hint(hint);
                }
                command(full.run.as_ref(), "run", findings);
            });
        }
    }
}
