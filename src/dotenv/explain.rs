//! `prodev env explain`: where a value comes from.

use std::fmt::Write as _;

use serde_json::json;

use super::candidates;
use super::declared::Declarations;
use super::evaluate::Found;
use super::layers::{LayerArgs, Which};
use super::mask;
use super::schema;
use crate::ctx::Ctx;
use crate::outcome::Outcome;

/// Explain where the value of a variable comes from
///
/// The file and line, what it overrode, the variables that it is made of, and what is declared of it.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  prodev env explain DATABASE_URL
  prodev env explain DATABASE_URL --profile production --json")]
pub(crate) struct Args {
    /// The variable
    #[arg(value_name = "KEY", add = clap_complete::engine::ArgValueCandidates::new(candidates::keys))]
    key: String,
    #[command(flatten)]
    pub(super) layers: LayerArgs,
    #[command(flatten)]
    show: mask::ShowArgs,
}

pub(super) fn run(args: &Args, ctx: &Ctx) -> anyhow::Result<Outcome> {
    let mut layers = args.layers.read(ctx)?;
    let is_shown = args.show.show_secrets || !mask::is_hidden(&args.key, &layers.config);
    layers.reveal(Which::Every, &|name| is_shown && name == args.key, ctx)?;
    let declared = layers.config.vars.get(&args.key);
    let variable = match declared.filter(|_| !layers.variables().contains_key(args.key.as_str())) {
        Some(_) => layers.unset(&args.key),
        None => layers.variable(&args.key)?,
    };
    let show = |value: &str| mask::on_one_line(mask::shown(&args.key, value, &layers.config, args.show.show_secrets));
    let mut text = String::new();
    let mut overrode = Vec::new();
    let dialect = serde_json::to_value(layers.dialect)?;
    let dialect_name = dialect.as_str().unwrap_or_default().to_owned();
    if variable.is_of_environment {
        let _ = writeln!(text, "{} = {}", mask::on_one_line(&args.key), show(variable.value.unwrap_or_default()));
        let _ = writeln!(text, "  from the environment");
    }
    if variable.is_default {
        let _ = writeln!(text, "{} = {}", mask::on_one_line(&args.key), show(variable.value.unwrap_or_default()));
        let _ = writeln!(text, "  from its declared default");
    } else if variable.value.is_none() && variable.places.is_empty() {
        let _ = writeln!(text, "{} is not set", mask::on_one_line(&args.key));
    }
    let mut place = None;
    let mut references = Vec::new();
    for (index, (layer, assignment)) in variable.places.iter().rev().enumerate() {
        let line = layer.line(assignment);
        let value = assignment.value.as_deref().map(show);
        if index == 0 && !variable.is_of_environment && !variable.is_default {
            let _ = writeln!(text, "{} = {}", mask::on_one_line(&args.key), value.as_deref().unwrap_or("(no value)"));
            let _ = writeln!(text, "  from {}:{line}, read as `{dialect_name}`", layer.shown);
            for reference in &assignment.references {
                let found = match reference.found {
                    Found::Environment => "environment",
                    Found::File => "file",
                    Found::Earlier => "earlier",
                    Found::Nowhere => "nowhere",
                };
                let words = match reference.found {
                    Found::Environment => "which the environment has",
                    Found::File => "which the same file sets",
                    Found::Earlier => "which an earlier file sets",
                    Found::Nowhere => "which is not set",
                };
                let _ = writeln!(text, "  made of `{}`, {words}", reference.name);
                references.push(json!({ "name": reference.name, "found": found }));
            }
            if assignment.is_of_environment {
                let _ = writeln!(text, "  the value is the environment's");
            }
            place = Some((layer.shown.clone(), line));
        } else {
            let _ = writeln!(text, "  overrides {}:{line}: {}", layer.shown, value.as_deref().unwrap_or("(no value)"));
            overrode.push(json!({ "file": layer.shown, "line": line, "value": value }));
        }
    }
    let declarations = Declarations::of(&layers.folder, ctx);
    let declaration = declared.map(|declared| {
        let place = declarations.place(&args.key);
        let at = place.as_ref().map_or_else(String::new, |place| format!(" at {}:{}", place.file, place.line));
        let _ = writeln!(text, "  declared{at}: {}", schema::in_words(declared));
        for line in declared.doc.iter().flat_map(|doc| doc.lines()) {
            let _ = writeln!(text, "    {}", mask::on_one_line(line));
        }
        let mut data = schema::as_data(declared);
        data["file"] = place.as_ref().map(|place| place.file.clone()).into();
        data["line"] = place.as_ref().map(|place| place.line).into();
        data
    });
    let json = json!({
        "name": args.key,
        "value": variable.value.map(show),
        "dialect": dialect,
        "of_environment": variable.is_of_environment,
        "is_default": variable.is_default,
        "file": place.as_ref().map(|(file, _)| file),
        "line": place.as_ref().map(|(_, line)| line),
        "references": references,
        "overrode": overrode,
        "declaration": declaration,
    });
    Ok(Outcome::answer(text, json))
}
