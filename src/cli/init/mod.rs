//! `prodev init`: a commented `prodev.toml` for a project that is there already, from what is found in it.

mod branching;
mod import;
mod recipes;
mod text;
mod tools;
mod variables;

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::config::discover::{self, FILE_NAME};
use crate::config::project;
use crate::ctx::Ctx;
use crate::error::{Failure, fail};
use crate::git::{self, Survey};
use crate::outcome::{Change, Outcome};
use crate::plan::{NewFile, Plan, Step};

/// Write a prodev.toml for an existing project
///
/// Looks at branches, tags and messages, at package.json, Makefile, Cargo.toml, pyproject.toml, manage.py and go.mod, and at .env and
/// .env.example, and writes down what it finds. Values of secrets are never written. Nothing but prodev.toml is made.
///
/// The first file is the root file, at the top of the repository. Where there is one, a directory below gets a nested file with its own
/// recipes and variables.
///
/// `--import` carries over the recipes of another runner. One that says what prodev cannot say calls that runner, and the report tells why.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  prodev init
  prodev init --dry-run
  prodev init --import justfile
  prodev -C services/api init      a nested file, where the root has one")]
pub(crate) struct Args {
    /// Carry over the recipes of a justfile, Taskfile.yml, Makefile, package.json or mise.toml
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    import: Option<PathBuf>,
}

/// Everything that the plan depends on, as it was read.
#[derive(Debug)]
struct Snapshot {
    role: Role,
    target: PathBuf,
    /// The target as the user would name it.
    shown: String,
    /// Whether the command stands in another directory than the target.
    is_elsewhere: bool,
    /// The file that is in the way, as the user would name it.
    existing: Option<String>,
    has_folder: bool,
    found: Found,
}

/// Which file of the project is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Root,
    /// One for a directory below the root's: it has no branches and no settings.
    Nested,
}

/// What was found in a project, ready to be written down.
#[derive(Debug, Default)]
struct Found {
    branching: Option<branching::Branching>,
    recipes: Vec<recipes::Suggestion>,
    /// In place of suggestions.
    imported: Option<import::Imported>,
    variables: variables::Variables,
    /// Things that stay as they are, and are mentioned.
    notes: Vec<String>,
    /// The files that were looked at and said something.
    sources: Vec<String>,
}

pub(super) fn run(args: &Args, ctx: &Ctx) -> anyhow::Result<Outcome> {
    Ok(Outcome::Change(Box::new(plan(&snapshot(args, ctx)?)?)))
}

/// Reads what there is.
fn snapshot(args: &Args, ctx: &Ctx) -> Result<Snapshot, Failure> {
    let (role, target) = target(ctx);
    let home = target.parent().unwrap_or(&ctx.dir).to_owned();
    let shown = discover::shown(&target, &ctx.dir);
    let existing = target.symlink_metadata().is_ok().then(|| shown.clone());
    let has_folder = home.is_dir();
    // Nothing more is looked at where the plan will be refused.
    let found = if existing.is_some() || !has_folder {
        Found::default()
    } else {
        let mut found = look(&home, survey(role, &home, ctx).as_ref());
        found.imported = args.import.as_ref().map(|file| import::read(file, &home, ctx)).transpose()?;
        if found.imported.is_some() {
            found.notes.retain(|note| !note.starts_with("Recipes:"));
        }
        found
    };
    Ok(Snapshot {
        role,
        is_elsewhere: ctx.config_file.is_none() && home != ctx.dir,
        target,
        shown,
        existing,
        has_folder,
        found,
    })
}

/// The file to write: the one that was named, the root's, or where there is a root's above, that of this directory.
fn target(ctx: &Ctx) -> (Role, PathBuf) {
    match (&ctx.config_file, discover::root(&ctx.dir)) {
        (Some(file), _) => (Role::Root, ctx.resolve(file)),
        (None, None) => (Role::Root, discover::home(&ctx.dir).join(FILE_NAME)),
        (None, Some(root)) if root.parent() == Some(ctx.dir.as_path()) => (Role::Root, root),
        (None, Some(_)) => (Role::Nested, ctx.dir.join(FILE_NAME)),
    }
}

/// Branches, tags and messages, where the file can speak of them.
fn survey(role: Role, home: &Path, ctx: &Ctx) -> Option<Survey> {
    if role == Role::Nested {
        return None;
    }
    git::survey(home).unwrap_or_else(|error| {
        ctx.ui.warn(&format!("{error:#}: branches and tags are not looked at"));
        None
    })
}

fn look(home: &Path, seen: Option<&Survey>) -> Found {
    let mut found = Found { branching: seen.map(branching::look), ..Found::default() };
    recipes::look(home, &mut found);
    found.variables = variables::look(home);
    found.sources.extend(found.variables.files.iter().cloned());
    tools::look(home, seen, &mut found);
    found
}

fn plan(seen: &Snapshot) -> Result<Change, Failure> {
    let Snapshot { role, shown, found, .. } = seen;
    if let Some(existing) = &seen.existing {
        return Err(fail(format!("there is a `{existing}` already")).hint("see what it says with `prodev config show`"));
    }
    if !seen.has_folder {
        let folder = Path::new(shown).parent().unwrap_or(Path::new(".")).display();
        return Err(
            fail(format!("there is no directory for `{shown}`")).hint(format!("make it first: `mkdir -p {folder}`"))
        );
    }
    let source = text::write(found, *role);
    // What is written is read back before it is planned: a file that prodev itself refuses helps nobody.
    match role {
        Role::Root => project::check(shown, &source),
        Role::Nested => project::check_nested(shown, &source),
    }
    .map_err(|failure| failure.hint("this is a fault of `prodev init`: please report what is in the project"))?;
    let mut before = Vec::new();
    if !found.sources.is_empty() {
        before.push(format!("found {}", found.sources.join(", ")));
    }
    let mut recipes: Vec<&String> = found.recipes.iter().map(|recipe| &recipe.name).collect();
    let mut left: &[String] = &[];
    if let Some(imported) = &found.imported {
        recipes = imported.recipes.keys().collect();
        left = &imported.left;
        let what = if recipes.len() == 1 { "recipe" } else { "recipes" };
        before.push(format!("imported {} {what} from `{}`", recipes.len(), imported.shown));
        before.extend(left.iter().map(|left| format!("  not carried over: {left}")));
    }
    let mut after = "Look it through, then try\n  prodev config show".to_owned();
    if *role == Role::Root && seen.is_elsewhere {
        after.push_str(
            "\nIt is the root file of the whole repository. For one of this directory alone, now try\n  prodev init",
        );
    }
    Ok(Change {
        plan: Plan::new([Step::File(NewFile {
            path: seen.target.clone(),
            shown: shown.clone(),
            bytes: source.into_bytes(),
        })]),
        before,
        done: format!("wrote `{shown}`"),
        after: Some(after),
        json: crate::outcome::object(json!({
            "file": shown,
            "kind": match role { Role::Root => "root", Role::Nested => "nested" },
            "found": found.sources,
            "recipes": recipes,
            "left": left,
            "variables": found.variables.list.iter().map(|variable| &variable.name).collect::<Vec<_>>(),
        })),
        ..Change::default()
    })
}

/// The text of a small file; nothing where it is not there, is no text, or is large.
fn read(path: &Path) -> Option<String> {
    let meta = std::fs::metadata(path).ok()?;
    (meta.is_file() && meta.len() < 1024 * 1024).then(|| std::fs::read_to_string(path).ok()).flatten()
}

#[cfg(test)]
mod tests;
