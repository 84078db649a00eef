//! `.env` files: read as each tool reads them, written without a byte changed that nobody asked for, and their secrets kept.
//!
//! A file is a lossless tree (`syntax`, `lexer`), dialects are data (`dialect`), and what a file means is another matter (`evaluate`,
//! `escapes`, `expand`).

#[allow(dead_code, reason = "the commands that encrypt come next")]
mod cipher;
#[allow(dead_code, reason = "the commands that read come next")]
mod dialect;
#[allow(dead_code, reason = "the commands that read come next")]
mod escapes;
#[allow(dead_code, reason = "the commands that read come next")]
mod evaluate;
#[allow(dead_code, unused_imports, reason = "the commands that read come next")]
mod expand;
#[allow(dead_code, reason = "the commands that read come next")]
mod lexer;
mod scan;
#[allow(dead_code, reason = "the commands that read come next")]
mod syntax;
#[cfg(test)]
mod tests;

use crate::ctx::Ctx;
use crate::outcome::Outcome;

/// How encrypted values begin.
const ENCRYPTED: &str = "encrypted:";

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
