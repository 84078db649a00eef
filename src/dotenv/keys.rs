//! `prodev env keys`: which keys files are encrypted for, and who holds the other halves.

use std::fmt::Write as _;

use serde_json::json;

use super::store::FileArgs;
use crate::ctx::Ctx;
use crate::outcome::Outcome;

/// Tell which keys files are encrypted for, and who has the private ones
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  prodev env keys                          of all .env files in this folder
  prodev env keys -f .env.production --show-secrets")]
pub(crate) struct Args {
    /// Print the private keys, too
    #[arg(long)]
    show_secrets: bool,
    #[command(flatten)]
    files: FileArgs,
}

pub(super) fn run(args: &Args, ctx: &Ctx) -> anyhow::Result<Outcome> {
    let mut text = String::new();
    let mut list = Vec::new();
    for store in args.files.look(ctx)? {
        let Some((name, public)) = store.public_key()? else { continue };
        let keyring = store.keyring()?;
        let holder = keyring.held.iter().find(|held| held.key.public() == public);
        let _ = writeln!(text, "{}\n  {name}  {public}", store.shown);
        let whose = holder.map_or("not here", |held| held.from.as_str());
        let secret = holder.filter(|_| args.show_secrets).map(|held| held.key.reveal());
        let _ = writeln!(text, "  {}  {}", keyring.name, secret.as_deref().unwrap_or(&format!("({whose})")));
        list.push(json!({
            "file": store.shown,
            "public": { "name": name, "key": public.to_string() },
            "private": { "name": keyring.name, "from": holder.map(|held| held.from.clone()), "key": secret },
        }));
    }
    if list.is_empty() {
        ctx.ui.note("no .env file here has a public key (`prodev env encrypt` makes one)");
    }
    Ok(Outcome::answer(text, json!({ "keys": list })))
}
