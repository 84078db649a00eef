//! Recipes that must succeed before a change is made: `before_finish`. They run between the plan and its doing, and what they moved undoes the
//! plan: it is made again, and must come to the same.

use std::process::{Command, Stdio};

use anyhow::Context as _;

use crate::config::recipe::Need;
use crate::ctx::Ctx;
use crate::error::{Exit, Failure, fail};
use crate::outcome::{Change, Outcome};
use crate::plan::Line;
use crate::recipe;
use crate::ui::Interrupt;

/// What the plan says of them.
pub(super) fn lines(change: &Change) -> Vec<Line> {
    change.recipes.iter().map(|need| Line { action: "run", path: name(need).to_owned() }).collect()
}

fn name(need: &Need) -> &str {
    match need {
        Need::Name(name) => name,
        Need::Call(call) => &call.recipe,
    }
}

/// Runs them, each to its end, and gives the change that is to be made then.
///
/// # Errors
/// Where one fails, or the change would not be the same any more.
pub(super) fn run(
    change: Change,
    again: impl Fn() -> anyhow::Result<Outcome>,
    ctx: &Ctx,
    json: bool,
) -> anyhow::Result<Change> {
    if change.recipes.is_empty() {
        return Ok(change);
    }
    for need in &change.recipes {
        one(need, ctx, json)?;
    }
    let moved = || {
        fail("the recipes of `before_finish` changed what was to be finished")
            .hint("look at what they did, commit it where it belongs, and run the command again")
    };
    match again() {
        Ok(Outcome::Change(second)) if second.plan.is_same_deed(&change.plan) => Ok(*second),
        Ok(_) => Err(moved().into()),
        Err(error) => Err(match error.downcast::<Failure>() {
            Ok(failure) => {
                let mut moved = moved();
                let mut said: Vec<String> = failure.problems.into_iter().map(|problem| problem.message).collect();
                if said.is_empty() {
                    said.push(failure.message);
                }
                moved.cause = Some(said.join("\n"));
                moved.into()
            }
            Err(other) => other,
        }),
    }
}

#[allow(clippy::disallowed_methods, reason = "a recipe runs as whoever types `prodev run` runs it")]
fn one(need: &Need, ctx: &Ctx, json: bool) -> anyhow::Result<()> {
    let words = recipe::words(need, ctx.config_for(&[name(need)])?)?;
    let program = std::env::current_exe().context("could not tell where prodev itself is")?;
    let mut command = Command::new(program);
    command.arg("-C").arg(&ctx.config()?.dir);
    if let Some(file) = &ctx.config_file {
        command.arg("--config").arg(ctx.resolve(file));
    }
    command.arg("run").args(&words).stdin(Stdio::null());
    if json {
        // One document is promised on stdout.
        command.stdout(rustix::io::dup(std::io::stderr()).context("could not share stderr")?);
    }
    let interrupt = Interrupt::hold()?;
    let status = command.status().with_context(|| format!("could not run the recipe `{}`", name(need)))?;
    interrupt.check()?;
    if status.success() {
        return Ok(());
    }
    let how = status.code().map_or_else(|| status.to_string(), |code| format!("it ended with {code}"));
    Err(fail(format!("the recipe `{}` failed, so nothing was changed", name(need)))
        .cause(how)
        .hint(format!("look at it with `prodev run {}`", words.join(" ")))
        .exit(Exit::Failed)
        .into())
}
