//! `matrix` and `for_each`: one call that becomes several.

use std::path::{Path, PathBuf};

use super::scope::Scope;
use super::variables;
use crate::config::recipe::Recipe;
use crate::config::repeat::ForEach;
use crate::config::value::{Glob, OneOrMany};
use crate::error::{ENVIRONMENT, Exit, Failure, fail};

pub(super) fn is_repeated(recipe: &Recipe) -> bool {
    !recipe.matrix.is_empty() || recipe.for_each.is_some()
}

/// The names and values of each instance. The first axis changes slowest.
///
/// # Errors
/// Where the values cannot be found out.
pub(super) fn instances(scope: &Scope) -> Result<Vec<Vec<(String, String)>>, Failure> {
    let recipe = scope.entry.recipe;
    let mut axes: Vec<(String, Vec<String>)> = Vec::new();
    for (name, values) in &recipe.matrix {
        let values: Result<_, Failure> = values.iter().map(|value| scope.expand(&value.to_string())).collect();
        axes.push((name.clone(), values?));
    }
    match recipe.for_each.as_deref() {
        None => {}
        Some(ForEach::Values(values)) => {
            axes.push(("item".to_owned(), values.iter().map(ToString::to_string).collect()));
        }
        Some(ForEach::Full(full)) => {
            let name = full.name.clone().unwrap_or_else(|| "item".to_owned());
            let values = match (&full.values, &full.files, &full.lines) {
                (Some(values), ..) => values.iter().map(ToString::to_string).collect(),
                (_, Some(files), _) => matching(&scope.entry.home(), files)?,
                (_, _, Some(_)) if !scope.variables.may_run() => vec![format!("{{{{ {name} }}}}")],
                (_, _, Some(command)) => lines(scope, command)?,
                _ => Vec::new(),
            };
            axes.push((name, values));
        }
    }
    let mut instances = vec![Vec::new()];
    for (name, values) in axes {
        let longer = instances.iter().flat_map(|instance: &Vec<(String, String)>| {
            values.iter().map(|value| {
                let mut longer = instance.clone();
                longer.push((name.clone(), value.clone()));
                longer
            })
        });
        instances = longer.collect();
    }
    Ok(instances)
}

fn lines(scope: &Scope, command: &crate::config::value::Command) -> Result<Vec<String>, Failure> {
    let wrong = |cause: String| {
        fail(format!("what `{}` runs for could not be found out", scope.entry.name))
            .cause(cause)
            .exit(Exit::Own(ENVIRONMENT))
    };
    let output = variables::capture(command, &scope.entry.home()).map_err(|error| wrong(error.to_string()))?;
    if !output.status.success() {
        return Err(wrong(format!("{}: {}", output.status, String::from_utf8_lossy(&output.stderr).trim_end())));
    }
    let text = String::from_utf8(output.stdout).map_err(|_| wrong("it printed what is not UTF-8".to_owned()))?;
    Ok(text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect())
}

/// The files below `home` that match, sorted, as paths from there. A `!` in front takes away.
fn matching(home: &Path, globs: &OneOrMany<Glob>) -> Result<Vec<String>, Failure> {
    let mut wanted = globset::GlobSetBuilder::new();
    let mut unwanted = globset::GlobSetBuilder::new();
    for glob in globs.as_slice() {
        let (plain, set) = glob.strip_prefix('!').map_or((&**glob, &mut wanted), |plain| (plain, &mut unwanted));
        let built = globset::GlobBuilder::new(plain).literal_separator(true).build();
        set.add(built.map_err(|error| fail(format!("`{plain}` is no glob: {}", error.kind())).exit(Exit::Usage))?);
    }
    let build = |set: &globset::GlobSetBuilder| set.build().map_err(|error| fail(error.to_string()).exit(Exit::Usage));
    let (wanted, unwanted) = (build(&wanted)?, build(&unwanted)?);
    let mut found = Vec::new();
    let mut open = vec![PathBuf::new()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(home.join(&folder)).into_iter().flatten().flatten() {
            let path = folder.join(entry.file_name());
            match entry.file_type() {
                Ok(kind) if kind.is_dir() && entry.file_name() != ".git" => {
                    open.push(path);
                }
                Ok(_) if wanted.is_match(&path) && !unwanted.is_match(&path) => {
                    found.extend(path.to_str().map(str::to_owned));
                }
                _ => {}
            }
        }
    }
    found.sort();
    Ok(found)
}
