//! `package.json`: its scripts, with what the package manager does around them.

use serde_json::Value;

use super::lines::{self, BY_PLACE, Foreign, Line};
use super::{Brought, unreadable};
use crate::config::recipe::{Need, Recipe};
use crate::error::Failure;

/// # Errors
/// Where it is no JSON.
pub(super) fn read(shown: &str, text: &str) -> Result<Brought, Failure> {
    let package: Value = serde_json::from_str(text).map_err(|error| unreadable(shown, error))?;
    let mut out = Brought::default();
    let Some(scripts) = package.get("scripts").and_then(Value::as_object) else { return Ok(out) };
    for (name, script) in scripts {
        let Some(script) = script.as_str() else {
            out.left.push(format!("`{name}`: it is no text"));
            continue;
        };
        if matches!(
            name.as_str(),
            "prepare" | "prepublish" | "prepublishOnly" | "preinstall" | "install" | "postinstall"
        ) {
            out.left.push(format!("`{name}`: the package manager calls it by itself"));
        }
        let mut recipe = Recipe::default();
        if script.contains("npm_") || script.contains("{{") {
            out.handed.push((name.clone(), "it speaks of what the package manager sets".to_owned()));
        } else if lines::speaks_of_places(script) {
            out.handed.push((name.clone(), BY_PLACE.to_owned()));
        } else {
            lines::give(
                &mut recipe,
                vec![Line { text: format!("{script} {{{{ args }}}}"), ignores: false }],
                &Foreign::of(&["sh"]),
            );
            recipe.params.push(lines::rest("args"));
            if !runs_what_is_known(script) {
                with_own_programs(&mut recipe);
            }
        }
        let around =
            |word: &str| scripts.contains_key(&format!("{word}{name}")).then(|| Need::Name(format!("{word}{name}")));
        recipe.needs.extend(around("pre"));
        recipe.after.extend(around("post"));
        recipe.private =
            ["pre", "post"].iter().any(|word| name.strip_prefix(word).is_some_and(|rest| scripts.contains_key(rest)));
        out.recipes.insert(name.clone(), recipe);
    }
    Ok(out)
}

/// The programs of packages are found first.
fn with_own_programs(recipe: &mut Recipe) {
    use crate::config::recipe::Run;
    if let Some(Run::Script(text)) = &mut recipe.run {
        *text = format!("PATH=\"$PWD/node_modules/.bin:$PATH\"\n{text}\n");
    }
}

/// Whether no program of a package is called, as far as can be seen.
fn runs_what_is_known(script: &str) -> bool {
    const KNOWN: [&str; 30] = [
        "node", "npm", "npx", "pnpm", "yarn", "bun", "deno", "echo", "cd", "rm", "cp", "mv", "mkdir", "true", "false",
        "exit", "sh", "bash", "docker", "git", "python", "python3", "make", "cargo", "go", "test", "printf", "cat",
        "touch", "sleep",
    ];
    let commands = script.split(['&', '|', ';', '(', ')']).map(str::trim).filter(|part| !part.is_empty());
    commands.filter_map(|part| part.split_whitespace().next()).all(|word| KNOWN.contains(&word))
}
