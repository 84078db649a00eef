//! `.env` files: read as each tool reads them, written without a byte changed that nobody asked for, and their secrets kept.
//!
//! A file is a lossless tree (`syntax`, `lexer`), dialects are data (`dialect`), and what a file means is another matter (`evaluate`,
//! `escapes`, `expand`). `layers` puts the files of a project one over another.

mod blocks;
mod candidates;
mod check;
mod cipher;
mod commands;
mod commented;
mod declared;
mod decrypt;
mod dialect;
mod diff;
#[cfg(test)]
mod differences;
mod draft;
mod edit;
mod encrypt;
mod escapes;
mod evaluate;
mod expand;
mod explain;
mod export;
mod get;
mod import;
mod infer;
mod keyfile;
mod keyring;
mod keys;
mod layers;
mod lexer;
mod list;
mod mask;
mod recipe;
mod rotate;
mod run;
mod scan;
mod schema;
mod seals;
mod set;
mod spelling;
mod store;
mod sync;
mod syntax;
#[cfg(test)]
mod tests;
mod types;
mod unset;
mod usage;
mod variables;

use crate::ctx::Ctx;
use crate::outcome::Outcome;

pub(crate) use recipe::{files_for_recipe, for_recipe};

/// How encrypted values begin.
const ENCRYPTED: &str = "encrypted:";

/// Read, write and check .env files, and keep their secrets
#[derive(clap::Subcommand, Debug)]
pub(crate) enum Command {
    List(list::Args),
    Get(get::Args),
    Explain(explain::Args),
    Check(check::Args),
    Diff(diff::Args),
    Run(run::Args),
    Export(export::Args),
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
    Usage(usage::Args),
    Types(types::Args),
}

impl Command {
    /// Whether commands that stand in values are run, by leave of `--allow-commands`.
    pub(crate) fn runs_commands(&self) -> bool {
        let layers = match self {
            Self::List(args) => &args.layers,
            Self::Get(args) => &args.layers,
            Self::Explain(args) => &args.layers,
            Self::Run(args) => &args.layers,
            Self::Export(args) => &args.layers,
            _ => return false,
        };
        layers.allow_commands
    }
}

pub(crate) fn run(command: &Command, ctx: &Ctx) -> anyhow::Result<Outcome> {
    match command {
        Command::List(args) => list::run(args, ctx),
        Command::Get(args) => get::run(args, ctx),
        Command::Explain(args) => explain::run(args, ctx),
        Command::Check(args) => check::run(args, ctx),
        Command::Diff(args) => diff::run(args, ctx),
        Command::Run(args) => run::run(args, ctx),
        Command::Export(args) => export::run(args, ctx),
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
        Command::Usage(args) => usage::run(args, ctx),
        Command::Types(args) => types::run(args, ctx),
    }
}
