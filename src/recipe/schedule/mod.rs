//! When recipes run by themselves: what the times mean, and who keeps them.

pub(super) mod arguments;
mod block;
mod calendar;
mod caller;
mod candidates;
mod child;
mod cron;
mod engine;
mod export;
mod fire;
mod install;
mod job;
mod keeper;
mod list;
mod next;
mod pattern;
mod record;
#[cfg(test)]
mod tests;
mod timetable;
mod told;
mod wrong;
mod zone;

use crate::ctx::Ctx;
use crate::outcome::Outcome;
use crate::recipe::Mood;

/// Let recipes run by themselves: by cron, by systemd, or in the foreground
#[derive(clap::Subcommand, Debug)]
pub(crate) enum Command {
    List(list::Args),
    Next(next::Args),
    Export(export::Args),
    Fire(fire::Args),
    Run(keeper::Args),
    Install(install::Install),
    Uninstall(install::Uninstall),
}

/// `prodev schedule …`
pub(crate) fn run(command: &Command, mood: Mood, ctx: &Ctx) -> anyhow::Result<Outcome> {
    match command {
        Command::List(args) => list::run(args, ctx),
        Command::Next(args) => next::run(args, ctx),
        Command::Export(args) => export::run(args, ctx),
        Command::Fire(args) => fire::run(args, mood, ctx),
        Command::Run(args) => keeper::run(args, mood, ctx),
        Command::Install(args) => install::install(args, ctx),
        Command::Uninstall(args) => install::uninstall(args, ctx),
    }
}
