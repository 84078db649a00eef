//! `prodev env get`: one value, as it is.

use serde_json::json;

use super::candidates;
use super::layers::{LayerArgs, Which};
use super::mask;
use crate::ctx::Ctx;
use crate::error::fail;
use crate::outcome::Outcome;

/// Print the value of a variable
///
/// The value is printed as it is, for scripts. With `--json` the value of a secret is hidden unless `--show-secrets` is given.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  prodev env get DATABASE_URL
  prodev env get DATABASE_URL --profile production
  prodev env get PORT -f .env.example --dialect python")]
pub(crate) struct Args {
    /// The variable
    #[arg(value_name = "KEY", add = clap_complete::engine::ArgValueCandidates::new(candidates::keys))]
    key: String,
    #[command(flatten)]
    pub(super) layers: LayerArgs,
    /// Show the value of a secret in JSON, too
    #[arg(long)]
    show_secrets: bool,
}

pub(super) fn run(args: &Args, ctx: &Ctx) -> anyhow::Result<Outcome> {
    let mut layers = args.layers.read(ctx)?;
    layers.reveal(Which::Last, &|name| name == args.key, ctx)?;
    let variable = layers.variable(&args.key)?;
    let value = variable.value.ok_or_else(|| {
        fail(format!("`{}` has no value", args.key)).hint("give it one: write `=` and the value behind the name")
    })?;
    let shown = mask::shown(&args.key, value, &layers.config, args.show_secrets);
    let json = json!({ "name": args.key, "value": shown, "hidden": shown != value });
    Ok(Outcome::answer(format!("{value}\n"), json))
}
