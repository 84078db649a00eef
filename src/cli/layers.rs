//! The .env layers for recipes: where the room of .env files and that of recipes meet.

use std::path::Path;

use crate::error::{Exit, Failure, fail};
use crate::recipe::{Layers, Loaded};

/// The layers as files have them.
pub(super) struct FromFiles;

impl Layers for FromFiles {
    fn load(&self, _dir: &Path, _profile: Option<&str>, files: &[String]) -> Result<Loaded, Failure> {
        if files.is_empty() {
            return Ok(Loaded::default());
        }
        Err(fail("recipes cannot read .env files yet").exit(Exit::Usage).hint("take `dotenv` out of the recipe"))
    }
}
