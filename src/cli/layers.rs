//! The .env layers for recipes: where the room of .env files and that of recipes meet.

use std::path::{Path, PathBuf};

use crate::ctx::Ctx;
use crate::dotenv;
use crate::error::{ENVIRONMENT, Exit, Failure};
use crate::recipe::{Layers, Loaded};

/// The layers as files have them.
pub(super) struct FromFiles<'a>(pub(super) &'a Ctx);

impl Layers for FromFiles<'_> {
    fn load(&self, dir: &Path, profile: Option<&str>, files: &[String], overrides: bool) -> Result<Loaded, Failure> {
        let handed =
            dotenv::for_recipe(dir, (profile, overrides), files, self.0).map_err(|failure| match failure.exit {
                // Whatever is wrong with the files, it is the environment that cannot be made.
                Exit::Failed | Exit::Key => failure.exit(Exit::Own(ENVIRONMENT)),
                _ => failure,
            })?;
        Ok(Loaded { variables: handed.variables, secrets: handed.secrets })
    }
    fn files(&self, dir: &Path, profile: Option<&str>, files: &[String]) -> Vec<PathBuf> {
        dotenv::files_for_recipe(dir, profile, files, self.0)
    }
}
