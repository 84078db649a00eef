//! When recipes run by themselves: what the times mean, and who keeps them.

mod arguments;
mod calendar;
mod candidates;
mod cron;
mod job;
mod list;
mod next;
mod pattern;
#[cfg(test)]
mod tests;
mod timetable;
mod told;
mod wrong;
mod zone;

use crate::ctx::Ctx;
use crate::outcome::Outcome;

/// When recipes run by themselves
#[derive(clap::Subcommand, Debug)]
pub(crate) enum Command {
    List(list::Args),
    Next(next::Args),
}

/// `prodev schedule …`
pub(crate) fn run(command: &Command, ctx: &Ctx) -> anyhow::Result<Outcome> {
    match command {
        Command::List(args) => list::run(args, ctx),
        Command::Next(args) => next::run(args, ctx),
    }
}
