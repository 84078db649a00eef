//! `.env` files: read as each tool reads them, written without a byte changed that nobody asked for, and their secrets kept.

#[allow(dead_code, reason = "the commands that encrypt come next")]
mod cipher;
mod scan;

use crate::ctx::Ctx;
use crate::outcome::Outcome;

/// Read, write and check .env files, and keep their secrets
#[derive(clap::Subcommand, Debug)]
pub(crate) enum Command {
    Scan(scan::Args),
}

pub(crate) fn run(command: &Command, ctx: &Ctx) -> anyhow::Result<Outcome> {
    match command {
        Command::Scan(args) => scan::run(args, ctx),
    }
}
