//! `prodev config`: what is configured, where, and what can be.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Map, Value, json};

use crate::config::file::{Part, Root};
use crate::config::show::{self, Entry};
use crate::config::user::User;
use crate::config::{discover, schema};
use crate::ctx::Ctx;
use crate::error::{Exit, fail};
use crate::outcome::Outcome;
use crate::ui::style;

/// Show, find and describe the configuration
#[derive(clap::Subcommand, Debug)]
pub(crate) enum Command {
    /// Print the effective configuration
    ///
    /// Sections that the project has are printed with their defaults, recipes and variables as they are written. Values of secrets are
    /// hidden.
    #[command(after_help = "Examples:
  prodev config show
  prodev config show --origin      with the file and line of each key
  prodev config show --json")]
    Show(Show),
    /// Print which configuration files there are
    #[command(after_help = "Examples:
  prodev config path
  prodev config path --json")]
    Path,
    /// Print the JSON Schema of prodev.toml
    ///
    /// Editors complete and check prodev.toml with it.
    #[command(after_help = "Examples:
  prodev config schema > .prodev.schema.json      then begin prodev.toml with #:schema ./.prodev.schema.json
  prodev config schema --user      of your own file, ~/.config/prodev/config.toml")]
    Schema(Schema),
}

/// What to show
#[derive(clap::Args, Debug)]
pub(crate) struct Show {
    /// Say of each key which line it comes from
    #[arg(long)]
    origin: bool,
}

/// Of which file
#[derive(clap::Args, Debug)]
pub(crate) struct Schema {
    /// Of your own file rather than the project's
    #[arg(long, conflicts_with = "nested")]
    user: bool,
    /// Of nested and included files, which can hold less
    #[arg(long)]
    nested: bool,
}

pub(super) fn run(command: &Command, ctx: &Ctx) -> anyhow::Result<Outcome> {
    match command {
        Command::Show(args) => show(args, ctx),
        Command::Path => path(ctx),
        Command::Schema(args) => Ok(schema_of(args)),
    }
}

fn show(args: &Show, ctx: &Ctx) -> anyhow::Result<Outcome> {
    let project = ctx.config()?;
    if project.files.is_empty() {
        ctx.ui.note("there is no prodev.toml here: these are the defaults (`prodev init` writes one)");
    }
    let entries = project.entries();
    let mut values = Value::Object(Map::new());
    let mut origins = Map::new();
    for Entry { path, value, origin } in &entries {
        insert(&mut values, path, value.clone());
        if let Some((file, line)) = origin {
            origins.insert(show::dotted(path), json!({ "file": file, "line": line }));
        }
    }
    let json = json!({ "directory": project.dir, "values": values, "origins": origins });
    Ok(Outcome::answer(show::toml(&entries, args.origin), json))
}

/// Puts `value` at `path` into a tree of objects.
fn insert(tree: &mut Value, path: &[String], value: Value) {
    let Some((last, tables)) = path.split_last() else { return };
    let mut table = tree;
    for key in tables {
        table = &mut table[key.as_str()];
        if table.is_null() {
            *table = Value::Object(Map::new());
        }
    }
    table[last.as_str()] = value;
}

fn path(ctx: &Ctx) -> anyhow::Result<Outcome> {
    let named = ctx.config_file.as_deref().map(|file| ctx.resolve(file));
    if let Some(missing) = named.as_deref().filter(|path| !path.exists()) {
        return Err(fail(format!("there is no file `{}`", discover::shown(missing, &ctx.dir)))
            .exit(Exit::Usage)
            .hint("name another with `--config FILE`")
            .into());
    }
    let root = named.or_else(|| discover::root(&ctx.dir));
    let nested =
        root.as_deref().and_then(Path::parent).map(|home| discover::nested(home, &ctx.dir)).unwrap_or_default();
    let user = Ctx::user_config();
    let mut files: Vec<(&str, Option<&str>, &Path)> = Vec::new();
    files.extend(root.as_deref().map(|path| ("root", None, path)));
    files.extend(nested.iter().map(|(namespace, path)| ("nested", Some(namespace.as_str()), path.as_path())));
    files.extend(user.as_deref().map(|path| ("user", None, path)));
    let mut text = String::new();
    let mut list = Vec::new();
    for (kind, namespace, path) in files {
        let exists = path.exists();
        let note = if exists { String::new() } else { format!("  {}(not there){:#}", style::DIM, style::DIM) };
        let _ = writeln!(text, "{kind:<7} {}{note}", path.display());
        let mut file = json!({ "kind": kind, "path": path, "exists": exists });
        if let Some(namespace) = namespace {
            file["namespace"] = namespace.into();
        }
        list.push(file);
    }
    if root.is_none() {
        ctx.ui.note("there is no prodev.toml here (`prodev init` writes one)");
    }
    Ok(Outcome::answer(text, json!({ "files": list })))
}

fn schema_of(args: &Schema) -> Outcome {
    let (id, mut schema) = match (args.user, args.nested) {
        (true, _) => ("urn:prodev:config:user", schema::of::<User>()),
        (_, true) => ("urn:prodev:config:nested", schema::of::<Part>()),
        _ => ("urn:prodev:config", schema::of::<Root>()),
    };
    schema["$id"] = id.into();
    Outcome::answer(format!("{schema:#}\n"), json!({ "schema": schema }))
}
