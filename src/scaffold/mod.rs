//! Projects from templates. A template is read (`source`), checked (`check`), asked about (`components`, `answers`), rendered in memory (`render`) and
//! planned (`new`); nothing in this room writes.

pub(crate) mod add;
pub(crate) mod adopt;
mod answers;
mod cache;
mod candidates;
mod changelog;
mod check;
mod choices;
mod components;
mod contribution;
mod destination;
pub(crate) mod diff;
mod filters;
mod jinja;
mod lint;
mod list;
mod manifest;
mod merge;
pub(crate) mod new;
mod provenance;
mod renames;
mod render;
mod renew;
mod schema;
mod shelf;
mod show;
mod slots;
mod source;
mod state;
mod tasks;
mod test;
mod trust;
pub(crate) mod update;
mod values;

use crate::ctx::Ctx;
use crate::outcome::Outcome;

/// List, describe and help to write templates
#[derive(clap::Subcommand, Debug)]
pub(crate) enum TemplateCommand {
    List(list::Args),
    Show(show::Args),
    Lint(lint::Args),
    Test(test::Args),
    Schema(schema::Args),
    /// List and remove the repositories that templates were fetched from
    #[command(
        subcommand,
        after_help = "Examples:
  prodev template cache list
  prodev template cache clean gh:acme/service"
    )]
    Cache(cache::Command),
    /// List and revoke what templates may run because you agreed to it
    #[command(
        subcommand,
        after_help = "Examples:
  prodev template trust list
  prodev template trust revoke gh:acme/service"
    )]
    Trust(trust::command::Command),
}

/// `prodev template …`
pub(crate) fn template(command: &TemplateCommand, ctx: &Ctx) -> anyhow::Result<Outcome> {
    match command {
        TemplateCommand::List(args) => list::run(args, ctx),
        TemplateCommand::Show(args) => show::run(args, ctx),
        TemplateCommand::Schema(args) => Ok(schema::run(args)),
        TemplateCommand::Lint(args) => lint::run(args, ctx),
        TemplateCommand::Test(args) => test::run(args, ctx),
        TemplateCommand::Cache(command) => cache::run(command, ctx),
        TemplateCommand::Trust(command) => trust::command::run(command, ctx),
    }
}

/// `prodev add …`
pub(crate) fn add(args: &add::Args, ctx: &Ctx) -> anyhow::Result<Outcome> {
    add::add(args, ctx)
}

/// `prodev remove …`
pub(crate) fn remove(args: &add::RemoveArgs, ctx: &Ctx) -> anyhow::Result<Outcome> {
    add::remove(args, ctx)
}

/// `prodev adopt …`
pub(crate) fn adopt(args: &adopt::Args, ctx: &Ctx) -> anyhow::Result<Outcome> {
    adopt::run(args, ctx)
}

/// `prodev diff …`
pub(crate) fn diff(args: &diff::Args, ctx: &Ctx) -> anyhow::Result<Outcome> {
    diff::run(args, ctx)
}

/// `prodev update …`
pub(crate) fn update(args: &update::Args, ctx: &Ctx) -> anyhow::Result<Outcome> {
    update::run(args, ctx)
}

/// `prodev new …`
pub(crate) fn new(args: &new::Args, ctx: &Ctx) -> anyhow::Result<Outcome> {
    new::run(args, ctx)
}
