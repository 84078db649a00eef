//! `[recipes]` and `[vars]`: keys of one recipe that contradict each other. What recipes have to do with each other is in `graph`.

use super::Findings;
use super::{names, parameters};
use crate::config::recipe::{Cache, Finally, Recipe, Run, Step};
use crate::config::repeat::{ForEach, Retry};
use crate::config::schedule::Schedule;
use crate::config::value::{Command, Map, Scalar};
use crate::config::variable::{EnvironmentValue, Variable};

/// What is wrong in `[vars]`.
pub(in crate::config) fn variables(variables: &Map<Variable>, findings: &mut Findings) {
    for (name, variable) in variables {
        findings.within(&["vars", name], |findings| {
            if let Some(reason) = names::refuse_variable(name) {
                findings.add(&[], format!("`{name}` cannot be a variable: {reason}")).key();
            }
            let Variable::Full(full) = variable else { return };
            let sources = [("value", full.value.is_some()), ("run", full.run.is_some()), ("env", full.env.is_some())];
            one_of(&sources, &format!("the variable `{name}`"), findings);
            if full.default.is_some() && full.env.is_none() {
                findings.add(&["default"], "`default` is for a variable that has `env`");
            }
            command(full.run.as_ref(), "run", findings);
        });
    }
}

/// What is wrong in each of `[recipes]`.
pub(in crate::config) fn check(recipes: &Map<Recipe>, findings: &mut Findings) {
    for (name, recipe) in recipes {
        findings.within(&["recipes", name], |findings| {
            if let Some(reason) = names::refuse_recipe(name) {
                findings.add(&[], format!("`{name}` cannot be a recipe: {reason}"));
            }
            for alias in recipe.alias.as_slice() {
                if let Some(reason) = names::refuse_recipe(alias) {
                    findings.add(&["alias"], format!("`{alias}` cannot be a recipe: {reason}"));
                }
            }
            body(name, recipe, findings);
            parameters::check(&recipe.params, findings);
            environment(&recipe.env, findings);
            repetition(recipe, findings);
            endings(recipe, findings);
        });
    }
}

/// What it runs, and with what.
fn body(name: &str, recipe: &Recipe, findings: &mut Findings) {
    if recipe.run.is_some() && recipe.script.is_some() {
        findings.add(&["script"], "`run` and `script` exclude each other");
    }
    if recipe.run.is_none() && recipe.script.is_none() && recipe.needs.is_empty() && recipe.after.is_empty() {
        findings.add(&[], format!("the recipe `{name}` does nothing")).hint("give it `run`, `script` or `needs`");
    }
    match &recipe.run {
        Some(Run::Words(words)) => check_words(words, "run", findings),
        Some(Run::Steps(steps)) => {
            for (index, step) in steps.iter().enumerate() {
                findings.within(&["run", &index.to_string()], |findings| match step {
                    Step::Words(words) => check_words(words, "run", findings),
                    Step::Full(full) => command(Some(&full.run), "run", findings),
                });
            }
        }
        Some(Run::Script(_)) | None => {}
    }
    if let Some(shell) = &recipe.shell {
        check_words(shell.as_slice(), "shell", findings);
    }
    if recipe.interactive && recipe.detach {
        findings.add(&["detach"], "a recipe that is left running cannot be `interactive`");
    }
    if recipe.cache.is_some_and(|cache| cache != Cache::Off) && recipe.outputs.is_empty() {
        findings.add(&["cache"], "there is nothing to keep: the recipe has no `outputs`");
    }
    for (index, output) in recipe.outputs.iter().enumerate() {
        if leaves(output) {
            let place = ["outputs", &index.to_string()];
            findings.add(&place, format!("`{}` is outside of the recipe's directory", &**output));
        }
    }
}

fn environment(environment: &Map<EnvironmentValue>, findings: &mut Findings) {
    for (name, value) in environment {
        findings.within(&["env", name], |findings| {
            if let Some(reason) = names::refuse_environment(name) {
                findings.add(&[], format!("`{name}` cannot be an environment variable: {reason}")).key();
            }
            let EnvironmentValue::Full(full) = value else { return };
            one_of(&[("value", full.value.is_some()), ("from", full.from.is_some())], &format!("`{name}`"), findings);
            if full.default.is_some() && full.from.is_none() {
                findings.add(&["default"], "`default` is for a variable that has `from`");
            }
        });
    }
}

/// How often it runs.
fn repetition(recipe: &Recipe, findings: &mut Findings) {
    for (axis, values) in &recipe.matrix {
        if let Some(reason) = names::refuse_variable(axis) {
            findings.add(&["matrix", axis], format!("`{axis}` cannot be a variable: {reason}")).key();
        }
        if values.is_empty() {
            findings.add(&["matrix", axis], format!("`{axis}` has no values, so the recipe would never run"));
        }
        if let Some(twice) = repeated(values) {
            findings.add(&["matrix", axis], format!("`{axis}` has the value `{twice}` twice"));
        }
    }
    if let Some(ForEach::Full(full)) = recipe.for_each.as_deref() {
        findings.within(&["for_each"], |findings| {
            let sources =
                [("values", full.values.is_some()), ("files", full.files.is_some()), ("lines", full.lines.is_some())];
            one_of(&sources, "`for_each`", findings);
            if let Some(reason) = full.name.as_deref().and_then(names::refuse_variable) {
                findings.add(&["name"], format!("this cannot be a variable: {reason}"));
            }
            command(full.lines.as_ref(), "lines", findings);
        });
    }
    if let Some(Retry::Full(full)) = recipe.retry.as_deref() {
        if full.backoff.is_some_and(|factor| !factor.is_finite() || factor < 1.0) {
            findings.add(&["retry", "backoff"], "`backoff` is 1 or more");
        }
        if full.backoff.is_some() && full.delay.is_none() {
            findings.add(&["retry", "backoff"], "`backoff` multiplies `delay`, which is not there");
        }
    }
}

/// What ends it, and what starts it by itself.
fn endings(recipe: &Recipe, findings: &mut Findings) {
    match recipe.finally.as_deref() {
        Some(Finally::Words(words)) => check_words(words, "finally", findings),
        Some(Finally::Full(full)) => findings.within(&["finally"], |findings| {
            one_of(&[("run", full.run.is_some()), ("recipe", full.recipe.is_some())], "`finally`", findings);
            if !full.with.is_empty() && full.recipe.is_none() {
                findings.add(&["with"], "`with` is for `recipe`");
            }
            command(full.run.as_ref(), "run", findings);
        }),
        Some(Finally::Script(_)) | None => {}
    }
    if let Some(Schedule::Full(full)) = recipe.schedule.as_deref() {
        findings.within(&["schedule"], |findings| {
            one_of(&[("cron", full.cron.is_some()), ("on", full.on.is_some())], "`schedule`", findings);
        });
    }
}

/// Reports unless exactly one of `keys` is given.
pub(super) fn one_of(keys: &[(&str, bool)], whose: &str, findings: &mut Findings) {
    let given: Vec<&str> = keys.iter().filter(|(_, given)| *given).map(|(key, _)| *key).collect();
    let names: Vec<&str> = keys.iter().map(|(key, _)| *key).collect();
    match given.as_slice() {
        [_] => {}
        [] => {
            findings.add(&[], format!("{whose} needs one of {}", crate::error::listed(&names)));
        }
        [first, second, ..] => {
            findings.add(&[second], format!("{whose} can have only one of `{first}` and `{second}`"));
        }
    }
}

/// Reports a list of words that names no program.
pub(super) fn command(command: Option<&Command>, key: &str, findings: &mut Findings) {
    if let Some(Command::Words(words)) = command {
        check_words(words, key, findings);
    }
}

fn check_words(words: &[String], key: &str, findings: &mut Findings) {
    if words.first().is_none_or(|program| program.trim().is_empty()) {
        findings.add(&[key], format!("`{key}` names no program"));
    }
}

fn repeated(values: &[Scalar]) -> Option<String> {
    let texts: Vec<String> = values.iter().map(ToString::to_string).collect();
    texts.iter().enumerate().find(|(index, text)| texts[..*index].contains(text)).map(|(_, text)| text.clone())
}

/// Whether a path or glob can lead out of the directory that it starts from.
pub(super) fn leaves(path: &str) -> bool {
    let path = path.strip_prefix('!').unwrap_or(path);
    path.starts_with('/') || path.split(['/', '\\']).any(|part| part == "..")
}
