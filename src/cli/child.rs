//! Giving way to another program: after this, no process of ours is left. Where one has to stay, `tend` stays with it.

use std::ffi::OsStr;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

use serde_json::json;

use crate::ctx::Ctx;
use crate::error::{Exit, Failure, fail};
use crate::outcome::{Child, object};
use crate::ui::Ui;

/// The program is there, and cannot be run.
const NOT_EXECUTABLE: u8 = 126;

/// There is no such program.
const NOT_FOUND: u8 = 127;

/// The environment cannot be handed over.
const ENVIRONMENT: u8 = 122;

/// Replaces this process by the child. Comes back only where that does not work, or for a dry run.
pub(super) fn become_it(child: &Child, ctx: &Ctx, dry_run: bool, json: bool) -> anyhow::Result<Exit> {
    let (program, arguments) = child.command.split_first().ok_or_else(|| fail("there is no command to run"))?;
    if dry_run {
        let words: Vec<_> = child.command.iter().map(|word| word.to_string_lossy()).collect();
        let names: Vec<&str> = child.variables.iter().map(|(name, _)| name.as_str()).collect();
        if json {
            Ui::json(&object(json!({ "dry_run": true, "command": words, "variables": names })))?;
        } else {
            Ui::answer(&format!("run       {}\n", words.join(" ")))?;
            ctx.ui.note(&format!("with {}", names.join(", ")));
        }
        return Ok(Exit::Done);
    }
    let error = started_as(program, arguments, child, ctx).exec();
    Err(not_started(child, &error).into())
}

/// The program, ready to be started beside this one.
///
/// # Errors
/// Where there is none.
pub(super) fn command(child: &Child, ctx: &Ctx) -> Result<Command, Failure> {
    let (program, arguments) = child.command.split_first().ok_or_else(|| fail("there is no command to run"))?;
    Ok(started_as(program, arguments, child, ctx))
}

/// Why it could not be started.
pub(super) fn not_started(child: &Child, error: &std::io::Error) -> Failure {
    let shown = child.command.first().map(|program| program.to_string_lossy()).unwrap_or_default();
    match error.kind() {
        std::io::ErrorKind::NotFound => fail(format!("there is no program `{shown}`")).exit(Exit::Own(NOT_FOUND)),
        std::io::ErrorKind::ArgumentListTooLong => {
            let largest = child.variables.iter().max_by_key(|(_, value)| value.len());
            let failure = fail("the environment is larger than the system hands over").exit(Exit::Own(ENVIRONMENT));
            match largest {
                Some((name, value)) => failure
                    .cause(format!("`{name}` alone has {} bytes", value.len()))
                    .hint("leave it out with `--only`, or pass it as a file"),
                None => failure,
            }
        }
        _ => fail(format!("cannot run `{shown}`")).cause(error.to_string()).exit(Exit::Own(NOT_EXECUTABLE)),
    }
}

#[allow(clippy::disallowed_methods, reason = "the one place where this process gives way to another")]
fn started_as(program: &OsStr, arguments: &[std::ffi::OsString], child: &Child, ctx: &Ctx) -> Command {
    let mut command = Command::new(program);
    if child.is_clean {
        command.env_clear();
    }
    let variables = child.variables.iter().map(|(name, value)| (name, value));
    command.args(arguments).current_dir(&ctx.dir).envs(variables);
    command
}
