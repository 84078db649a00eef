//! `prodev template list`: the templates that the binary carries, and the user's own short names.

use std::fmt::Write as _;

use serde_json::json;

use super::source;
use crate::ctx::Ctx;
use crate::outcome::Outcome;

/// List the templates that can be used by name
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  prodev template list
  prodev template list --json")]
pub(crate) struct Args {}

pub(super) fn run(_: &Args, ctx: &Ctx) -> anyhow::Result<Outcome> {
    let mut text = String::new();
    let mut templates = Vec::new();
    for name in source::builtin_names() {
        let about = source::load(name, &ctx.dir)?.manifest.template;
        let _ = writeln!(text, "{name:<14} {:<8} {}", about.version, about.description);
        templates.push(json!({ "name": name, "version": about.version.to_string(), "description": about.description, "source": format!("builtin:{name}") }));
    }
    for (name, source) in &ctx.user()?.templates {
        let _ = writeln!(text, "{name:<14} {:<8} {source}", "yours");
        templates.push(json!({ "name": name, "source": source }));
    }
    Ok(Outcome::answer(text, json!({ "templates": templates })))
}
