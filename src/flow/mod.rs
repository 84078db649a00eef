//! Git-Flow: which kinds of branches there are (`kind`, `rules`, `git_flow`), and the commands that open, bring together and show them. Nothing in
//! this room changes a repository; plans do.

mod check;
mod config;
mod git_flow;
mod kind;
mod rules;

use crate::ctx::Ctx;
use crate::git;
use crate::outcome::Outcome;

use self::rules::Rules;

/// `prodev flow …`
#[derive(clap::Subcommand, Debug)]
pub(crate) enum Command {
    Check(check::Args),
    Config(config::Args),
}

/// Runs `prodev flow …`.
pub(crate) fn run(command: &Command, ctx: &Ctx) -> anyhow::Result<Outcome> {
    match command {
        Command::Check(args) => check::run(args, ctx),
        Command::Config(_) => Ok(config::show(&rules(ctx)?)),
    }
}

/// The model that holds where the command stands.
fn rules(ctx: &Ctx) -> anyhow::Result<Rules> {
    let project = ctx.config()?;
    let top = ctx.dir.ancestors().find(|folder| folder.join(".git").exists());
    let seen = top.map(git::survey).transpose()?.flatten().unwrap_or_default();
    Ok(Rules::new(project.policy.flow.as_ref(), &seen.git_flow, seen.branches.iter().map(String::as_str)))
}
