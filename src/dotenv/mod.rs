//! `.env` files: read as each tool reads them, written without a byte changed that nobody asked for, and their secrets kept.
//!
//! A file is a lossless tree (`syntax`, `lexer`), dialects are data (`dialect`), and what a file means is another matter (`evaluate`,
//! `escapes`, `expand`).

mod blocks;
mod candidates;
mod cipher;
mod decrypt;
#[allow(dead_code, reason = "the commands that read come next")]
mod dialect;
mod draft;
mod edit;
mod encrypt;
#[allow(dead_code, reason = "the commands that read come next")]
mod escapes;
#[allow(dead_code, reason = "the commands that read come next")]
mod evaluate;
#[allow(dead_code, unused_imports, reason = "the commands that read come next")]
mod expand;
mod import;
mod keyfile;
mod keyring;
mod keys;
#[allow(dead_code, reason = "the commands that read come next")]
mod lexer;
mod rotate;
mod scan;
mod set;
mod spelling;
mod store;
mod sync;
#[allow(dead_code, reason = "the commands that read come next")]
mod syntax;
#[cfg(test)]
mod tests;
mod unset;

use crate::ctx::Ctx;
use crate::outcome::Outcome;

/// How encrypted values begin.
const ENCRYPTED: &str = "encrypted:";

/// Read, write and check .env files, and keep their secrets
#[derive(clap::Subcommand, Debug)]
pub(crate) enum Command {
    Set(set::Args),
    Unset(unset::Args),
    Edit(edit::Args),
    Sync(sync::Args),
    Example(sync::ExampleArgs),
    Import(import::Args),
    Encrypt(encrypt::Args),
    Decrypt(decrypt::Args),
    Rotate(rotate::Args),
    Keys(keys::Args),
    Scan(scan::Args),
}

pub(crate) fn run(command: &Command, ctx: &Ctx) -> anyhow::Result<Outcome> {
    match command {
        Command::Set(args) => set::run(args, ctx),
        Command::Unset(args) => unset::run(args, ctx),
        Command::Edit(args) => edit::run(args, ctx),
        Command::Sync(args) => sync::run(args, ctx),
        Command::Example(args) => sync::example(args, ctx),
        Command::Import(args) => import::run(args, ctx),
        Command::Encrypt(args) => encrypt::run(args, ctx),
        Command::Decrypt(args) => decrypt::run(args, ctx),
        Command::Rotate(args) => rotate::run(args, ctx),
        Command::Keys(args) => keys::run(args, ctx),
        Command::Scan(args) => scan::run(args, ctx),
    }
}
