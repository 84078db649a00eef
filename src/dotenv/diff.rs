//! `prodev env diff`: the variables of one file against those of another.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::json;

use super::layers::{LayerArgs, Layers, Which};
use super::mask;
use crate::config::environment::Dialect;
use crate::ctx::Ctx;
use crate::error::Exit;
use crate::outcome::{Answer, Outcome, object};

/// Compare the variables of two files
///
/// `-` is only in the first, `+` only in the second, `~` differs. Exits 1 where there is a difference.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  prodev env diff .env .env.example
  prodev env diff .env .env.production --show-secrets
  prodev env diff .env .env.example --keys")]
pub(crate) struct Args {
    /// The first file
    #[arg(value_name = "A", value_hint = clap::ValueHint::FilePath)]
    one: PathBuf,
    /// The second file
    #[arg(value_name = "B", value_hint = clap::ValueHint::FilePath)]
    other: PathBuf,
    /// How the files are read
    #[arg(long, value_name = "DIALECT", hide_possible_values = true)]
    dialect: Option<Dialect>,
    /// Where the private keys are; `.env.keys` beside each file without
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    keys_file: Option<PathBuf>,
    /// Compare the names alone
    #[arg(long)]
    keys: bool,
    #[command(flatten)]
    show: mask::ShowArgs,
}

pub(super) fn run(args: &Args, ctx: &Ctx) -> anyhow::Result<Outcome> {
    let mut one = LayerArgs::of_file(&args.one, args.dialect).with_keys(args.keys_file.clone()).read(ctx)?;
    let mut other = LayerArgs::of_file(&args.other, args.dialect).with_keys(args.keys_file.clone()).read(ctx)?;
    // The masks of both hold for each.
    one.config.made_of_secrets.extend(other.config.made_of_secrets.iter().cloned());
    if !args.keys {
        // To compare, both values are needed; of others nobody sees more than is shown.
        let config = one.config.clone();
        let names = |layers: &Layers| layers.variables().into_keys().map(str::to_owned).collect::<HashSet<String>>();
        let (ones, others) = (names(&one), names(&other));
        let is_asked = |name: &str| {
            args.show.show_secrets || !mask::is_hidden(name, &config) || ones.contains(name) && others.contains(name)
        };
        one.reveal(Which::Last, &is_asked, ctx)?;
        other.reveal(Which::Last, &is_asked, ctx)?;
    }
    let (ones, others) = (one.variables(), other.variables());
    let show = |name: &str, value: Option<&str>| {
        value.map(|value| mask::on_one_line(mask::shown(name, value, &one.config, args.show.show_secrets)))
    };
    let mut text = String::new();
    let mut list = Vec::new();
    let mut add = |sign: char, what: &str, name: &str, values: [Option<Option<&str>>; 2]| {
        let [before, after] = values.map(|value| value.map(|value| show(name, value)));
        let data = json!({ "name": name, "difference": what, "before": before.clone().flatten(), "after": after.clone().flatten() });
        list.push(data);
        let name = mask::on_one_line(name);
        let told = |value: &Option<Option<String>>| value.clone().flatten().map(|value| format!("={value}"));
        let _ = match (sign, told(&before), told(&after)) {
            _ if args.keys => writeln!(text, "{sign} {name}"),
            ('~', before, after) if before == after => writeln!(text, "~ {name}: the values differ"),
            ('~', before, after) => {
                let [before, after] =
                    [before, after].map(|value| value.map_or("nothing".into(), |value| value[1..].to_owned()));
                writeln!(text, "~ {name}: {before} -> {after}")
            }
            (_, Some(value), _) | (_, _, Some(value)) => writeln!(text, "{sign} {name}{value}"),
            _ => writeln!(text, "{sign} {name}"),
        };
    };
    for (name, variable) in &ones {
        match others.get(name) {
            None => add('-', "removed", name, [Some(variable.value), None]),
            Some(there) if !args.keys && there.value != variable.value => {
                add('~', "changed", name, [Some(variable.value), Some(there.value)]);
            }
            Some(_) => {}
        }
    }
    for (name, variable) in others.iter().filter(|(name, _)| !ones.contains_key(*name)) {
        add('+', "added", name, [None, Some(variable.value)]);
    }
    let exit = (!list.is_empty()).then_some(Exit::Failed);
    Ok(Outcome::Answer(Answer { text, json: object(json!({ "differences": list })), exit }))
}
