//! `prodev template schema`: what may stand in a `template.toml`, for editors and for programs.

use crate::outcome::Outcome;
use crate::scaffold::manifest::Manifest;

/// Print the JSON Schema of template.toml
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  prodev template schema > template.schema.json")]
pub(crate) struct Args {}

pub(super) fn run(_: &Args) -> Outcome {
    let schema = schemars::schema_for!(Manifest).to_value();
    Outcome::answer(format!("{schema:#}\n"), serde_json::json!({ "schema": schema }))
}
