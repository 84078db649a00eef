//! `prodev env list`: the variables that the files make, and where they come from.

use std::fmt::Write as _;

use serde_json::json;

use super::layers::{LayerArgs, Which};
use super::mask;
use crate::ctx::Ctx;
use crate::outcome::Outcome;

/// List the variables of the .env files
///
/// Values are hidden, except of names that are declared and no secrets, or plainly harmless. What is not set and has a declared default is listed, too.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  prodev env list
  prodev env list --profile production
  prodev env list -f .env.example --show-secrets
  prodev env list --json")]
pub(crate) struct Args {
    #[command(flatten)]
    pub(super) layers: LayerArgs,
    #[command(flatten)]
    show: mask::ShowArgs,
}

pub(super) fn run(args: &Args, ctx: &Ctx) -> anyhow::Result<Outcome> {
    let mut layers = args.layers.read(ctx)?;
    let config = layers.config.clone();
    // What is not shown needs no key.
    layers.reveal(Which::Last, &|name| args.show.show_secrets || !mask::is_hidden(name, &config), ctx)?;
    if layers.files.is_empty() {
        ctx.ui.note("there are no .env files here");
    }
    let mut text = String::new();
    let mut list = Vec::new();
    for variable in layers.variables().values() {
        let value =
            variable.value.map(|value| mask::shown(variable.name, value, &layers.config, args.show.show_secrets));
        match value {
            Some(value) => {
                let _ = writeln!(text, "{}={}", mask::on_one_line(variable.name), mask::on_one_line(value));
            }
            None => {
                let _ = writeln!(text, "{}", mask::on_one_line(variable.name));
            }
        }
        let place = variable.places.last().map(|(layer, assignment)| (layer.shown.as_str(), layer.line(assignment)));
        list.push(json!({
            "name": variable.name,
            "value": value,
            "hidden": value.is_some() && value != variable.value,
            "file": place.map(|(file, _)| file),
            "line": place.map(|(_, line)| line),
            "of_environment": variable.is_of_environment,
            "is_default": variable.is_default,
        }));
    }
    let files: Vec<&str> = layers.files.iter().map(|layer| layer.shown.as_str()).collect();
    Ok(Outcome::answer(text, json!({ "files": files, "variables": list })))
}
