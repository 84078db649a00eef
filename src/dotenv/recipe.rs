//! What a recipe gets of the .env files.

use std::path::{Path, PathBuf};

use super::declared;
use super::layers::LayerArgs;
use super::run::{handed, reveal};
use crate::config::discover;
use crate::ctx::Ctx;
use crate::error::{Failure, fail};

/// Variables, and those of their values that are declared to be secret.
#[derive(Debug)]
pub(crate) struct Handed {
    pub(crate) variables: Vec<(String, String)>,
    pub(crate) secrets: Vec<String>,
}

/// The files of the layers that hold in `dir`, or `files` alone, whether they are there or not; none where that cannot be told.
pub(crate) fn files_for_recipe(dir: &Path, profile: Option<&str>, files: &[String], ctx: &Ctx) -> Vec<PathBuf> {
    let paths: Vec<PathBuf> = files.iter().map(|file| dir.join(file)).collect();
    LayerArgs::of_recipe(profile, paths, false).paths_in(dir, ctx).unwrap_or_default()
}

/// The variables of the layers that hold in `dir`; of `files` alone, seen from there, where some are named.
///
/// # Errors
/// Where a file cannot be read, or a value not be handed to a program.
pub(crate) fn for_recipe(
    dir: &Path,
    (profile, overrides): (Option<&str>, bool),
    files: &[String],
    ctx: &Ctx,
) -> Result<Handed, Failure> {
    let paths: Vec<PathBuf> = files.iter().map(|file| dir.join(file)).collect();
    if let Some(missing) = paths.iter().find(|path| !path.exists()) {
        let shown = discover::shown(missing, &ctx.dir);
        return Err(
            fail(format!("there is no file `{shown}`")).hint("make it, or take it out of the recipe's `dotenv`")
        );
    }
    let mut layers = LayerArgs::of_recipe(profile, paths, overrides).read_in(dir, ctx)?;
    reveal(&mut layers, |_| true, ctx)?;
    declared::refuse(&layers, |_| true, ctx)?;
    let variables = handed(&layers, |_| true)?;
    let declared = layers.config.vars.iter().filter(|(_, variable)| variable.secret);
    let secrets = declared.filter_map(|(name, _)| {
        let of_files = variables.iter().find(|(known, _)| known == name).map(|(_, value)| value);
        // It reaches the recipe from the environment just as well.
        of_files.or_else(|| layers.environment.get(name.as_str())).cloned()
    });
    let secrets = secrets.collect();
    Ok(Handed { variables, secrets })
}
