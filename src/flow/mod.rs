//! Git-Flow: which kinds of branches there are (`kind`, `rules`, `git_flow`), and the commands that open, bring together and show them. Nothing in
//! this room changes a repository; plans do.

mod check;
mod complete;
mod config;
mod delete;
mod draft;
mod finish;
mod git_flow;
mod graph;
mod hook;
mod init;
mod kind;
mod list;
mod log;
mod name;
mod publish;
mod remote;
mod rename;
mod reorder;
mod rules;
mod script;
mod see;
mod start;
mod status;
mod step;
mod switch;
mod track;
mod under_way;
mod update;
mod version;

use crate::ctx::Ctx;
use crate::git::Repository;
use crate::outcome::Outcome;

use self::rules::Rules;

/// `prodev flow …`
#[derive(clap::Subcommand, Debug)]
pub(crate) enum Command {
    Init(init::Args),
    Start(start::Args),
    Finish(finish::Args),
    Publish(publish::Args),
    Track(track::Args),
    Update(update::Args),
    Rename(rename::Args),
    Delete(delete::Args),
    #[command(alias = "checkout")]
    Switch(switch::Args),
    Status(status::Args),
    List(list::Args),
    Log(log::Args),
    Diff(log::DiffArgs),
    Graph(graph::Args),
    Check(check::Args),
    Config(config::Args),
}

impl Command {
    /// Whether it only looks.
    pub(crate) fn only_looks(&self) -> bool {
        matches!(
            self,
            Self::Config(_)
                | Self::Graph(_)
                | Self::List(_)
                | Self::Check(_)
                | Self::Log(_)
                | Self::Diff(_)
                | Self::Status(_)
        )
    }
}

/// A command line in prodev's own words, where Git called it as a hook, or where it is in git-flow's order.
pub(crate) fn reorder(words: impl IntoIterator<Item = std::ffi::OsString>) -> Vec<std::ffi::OsString> {
    let words: Vec<_> = words.into_iter().collect();
    hook::meant(&words).unwrap_or_else(|| reorder::reorder(words))
}

/// Runs `prodev flow …`.
pub(crate) fn run(command: &Command, ctx: &Ctx) -> anyhow::Result<Outcome> {
    match command {
        Command::Init(args) => init::run(args, ctx),
        Command::Check(args) => check::run(args, ctx),
        Command::Start(args) => start::run(args, ctx),
        Command::Finish(args) => finish::run(args, ctx),
        Command::Publish(args) => publish::run(args, ctx),
        Command::Track(args) => track::run(args, ctx),
        Command::Update(args) => update::run(args, ctx),
        Command::Rename(args) => rename::run(args, ctx),
        Command::Delete(args) => delete::run(args, ctx),
        Command::Switch(args) => switch::run(args, ctx),
        Command::Status(args) => status::run(args, ctx),
        Command::List(args) => list::run(args, ctx),
        Command::Log(args) => log::run(args, ctx),
        Command::Diff(args) => log::diff(args, ctx),
        Command::Graph(args) => graph::run(args, ctx),
        Command::Config(args) => config::run(args, ctx),
    }
}

/// The model that holds where the command stands, be it in a repository or not.
fn rules(ctx: &Ctx) -> anyhow::Result<Rules> {
    check::policy_here(ctx, Repository::around(&ctx.dir)?.as_ref())
}
