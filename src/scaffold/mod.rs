//! Projects from templates. A template is read (`source`), checked (`check`), asked about (`components`, `answers`), rendered in memory (`render`) and
//! planned (`new`); nothing in this room writes.

mod answers;
mod candidates;
mod check;
mod components;
mod destination;
mod filters;
mod jinja;
mod list;
mod manifest;
pub(crate) mod new;
mod render;
mod schema;
mod show;
mod slots;
mod source;
mod state;
mod values;

use crate::ctx::Ctx;
use crate::outcome::Outcome;

/// List, describe and help to write templates
#[derive(clap::Subcommand, Debug)]
pub(crate) enum TemplateCommand {
    List(list::Args),
    Show(show::Args),
    Schema(schema::Args),
}

/// `prodev template …`
pub(crate) fn template(command: &TemplateCommand, ctx: &Ctx) -> anyhow::Result<Outcome> {
    match command {
        TemplateCommand::List(args) => list::run(args, ctx),
        TemplateCommand::Show(args) => show::run(args, ctx),
        TemplateCommand::Schema(args) => Ok(schema::run(args)),
    }
}

/// `prodev new …`
pub(crate) fn new(args: &new::Args, ctx: &Ctx) -> anyhow::Result<Outcome> {
    new::run(args, ctx)
}
