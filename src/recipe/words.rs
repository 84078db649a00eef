//! A recipe that something else than a person asks for, as the words that a person would type after `prodev run`.

use super::catalog::Catalog;
use super::schedule;
use crate::config::project::Project;
use crate::config::recipe::Need;
use crate::error::{Exit, Failure, fail};

/// # Errors
/// Where there is no such recipe, or it cannot be given these arguments.
pub(crate) fn words(need: &Need, project: &Project) -> Result<Vec<String>, Failure> {
    let call = match need {
        Need::Name(name) => return Ok(vec![name.clone()]),
        Need::Call(call) => call,
    };
    let wrong =
        |cause: String| fail(format!("the recipe `{}` cannot be run", call.recipe)).cause(cause).exit(Exit::Usage);
    let catalog = Catalog::of(project, &project.dir);
    let recipe = catalog.entries[catalog.get(&call.recipe)?].recipe;
    let mut words = vec![call.recipe.clone()];
    words.extend(schedule::arguments::of(recipe, &call.with).map_err(wrong)?);
    Ok(words)
}
