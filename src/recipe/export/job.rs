//! What one job is made of: its environment, its commands, and all that its recipe says of it.

use std::collections::{BTreeMap, BTreeSet};

use super::guard::Again;
use super::script::{self, Dynamic};
use super::workflow::{Job, Step};
use crate::config::condition::{Requires, Tool};
use crate::config::recipe::{Cache, Finally};
use crate::config::value;
use crate::config::variable::{EnvironmentValue, Variable};
use crate::error::{Exit, Failure, fail};
use crate::recipe::call::Value;
use crate::recipe::catalog::{Catalog, Entry};
use crate::recipe::check::Texts;
use crate::recipe::reference;
use crate::recipe::scope::Scope;
use crate::recipe::script as ours;

/// The tools that a recipe requires, as a person reads them.
pub(super) fn needs_tools(requires: &Requires) -> Vec<String> {
    match requires {
        Requires::Tools(names) => names.iter().map(|name| format!("`{name}`")).collect(),
        Requires::Full(full) => {
            let tools = full.tools.iter().map(|(name, tool)| match tool {
                Tool::Version(version) if &**version != "*" => format!("`{name}` {}", &**version),
                _ => format!("`{name}`"),
            });
            tools.chain(full.env.iter().map(|name| format!("the variable `{name}`"))).collect()
        }
    }
}

/// Globs as they are seen from the root.
fn globs(home: &str, globs: &[value::Glob]) -> Vec<String> {
    let at_home = |path: &str| if home.is_empty() { path.to_owned() } else { format!("{home}/{path}") };
    let of = |glob: &value::Glob| match glob.strip_prefix('!') {
        Some(rest) => format!("!{}", at_home(rest)),
        None => at_home(glob),
    };
    globs.iter().map(of).collect()
}

/// # Errors
/// Where a variable cannot be found out, or a text holds what is known only later.
pub(super) fn job(scope: &Scope) -> Result<Job, Failure> {
    let (entry, recipe) = (scope.entry, scope.entry.recipe);
    let home = relative(scope.catalog, &entry.home());
    let mut env = BTreeMap::new();
    let mut dynamic = Vec::new();
    let mut secrets = BTreeSet::new();
    let axes: BTreeSet<&str> = entry.axes().collect();
    let texts = Texts::of(entry);
    let is_named = |name: &str| texts.scripts.iter().chain(&texts.words).any(|it| script::mentions(it.text, name));
    for (name, declared) in scope.catalog.variables(&entry.file.namespace) {
        if recipe.vars == Some(false) && !is_named(name) {
            continue;
        }
        if scope.variables.is_dynamic(name, declared) {
            if let Variable::Full(full) = declared.variable {
                let dir = relative(scope.catalog, declared.file.path.parent().unwrap_or(std::path::Path::new("/")));
                // A secret whose value stands in the configuration goes by its own name.
                let own = full.value.as_ref().filter(|_| full.secret).map(|_| name);
                match (&full.run, full.env.as_deref().or(own)) {
                    (Some(command), _) => dynamic.push(Dynamic::printed(name, command, dir)),
                    (_, Some(from)) => {
                        let default = full.default.as_ref().filter(|_| !full.secret);
                        dynamic.push(Dynamic::taken(name, from, default));
                        if full.secret {
                            secrets.insert((from.to_owned(), from.to_owned()));
                        }
                    }
                    _ => {}
                }
            }
            continue;
        }
        env.insert(name.to_owned(), scope.variables.value(name, declared)?);
    }
    for (name, value) in &recipe.env {
        let text = match value {
            EnvironmentValue::Plain(value) => scope.expand(&value.to_string())?,
            EnvironmentValue::Full(full) => {
                let value = full.value.as_ref().map(|value| scope.expand(&value.to_string())).transpose()?;
                match (value, &full.from) {
                    (Some(value), _) if !full.secret || is_told_later(&value) => value,
                    (None, None) => continue,
                    (_, from) => {
                        let from = from.as_ref().unwrap_or(name);
                        env.remove(name);
                        dynamic.retain(|it: &Dynamic| it.name != *name);
                        let default = full.default.as_ref().filter(|_| !full.secret);
                        dynamic.push(Dynamic::taken(name, from, default));
                        if full.secret {
                            secrets.insert((from.clone(), from.clone()));
                        }
                        continue;
                    }
                }
            }
        };
        env.insert(name.clone(), text);
    }
    env.extend(scope.own_environment());
    env.retain(|name, _| !axes.contains(name.as_str()));
    // A value that speaks of what is found out later is put together later.
    let names: Vec<String> =
        dynamic.iter().map(|it| it.name.clone()).chain(axes.iter().map(|axis| (*axis).to_owned())).collect();
    let (late, env): (Vec<_>, Vec<_>) = env.into_iter().partition(|(_, value)| script::speaks_of(value, &names));
    dynamic.extend(late.into_iter().map(|(name, value)| Dynamic::made(&name, &value, &names)));
    refuse_raw(entry, &names)?;
    let writer = script::Writer { scope, dynamic: &dynamic, names: &names, home: &home };
    // Each row has values of its own: they are spoken of by their names.
    let placeholders: Vec<(String, String)> =
        scope.axes.iter().map(|(name, _)| (name.clone(), format!("{{{{ {name} }}}}"))).collect();
    let own = Scope { axes: &placeholders, ..*scope };
    let steps: Vec<Step> = ours::main(&own)?.iter().map(|step| writer.step(step)).collect();
    let finally = ours::finally(&own)?.map(|step| writer.step(&step));
    let digest = blake3::hash(format!("{steps:?}{env:?}").as_bytes()).to_hex()[..12].to_owned();
    let settings = &scope.catalog.project.policy.settings;
    Ok(Job {
        doc: recipe.doc.clone(),
        env,
        secrets: secrets.into_iter().collect(),
        steps,
        finally,
        inputs: if recipe.cache == Some(Cache::Off) { Vec::new() } else { globs(&home, &recipe.inputs) },
        outputs: globs(&home, &recipe.outputs),
        timeout: recipe.timeout.as_ref().or(settings.timeout.as_ref()).and_then(|time| value::duration(time).ok()),
        retry: recipe.retry.as_deref().map(Again::of),
        grace: value::duration(recipe.grace.as_ref().unwrap_or(&settings.grace)).unwrap_or_default(),
        last_timeout: match recipe.finally.as_deref() {
            Some(Finally::Full(full)) => full.timeout.as_ref().and_then(|time| value::duration(time).ok()),
            _ => None,
        },
        locks: recipe
            .lock
            .as_slice()
            .iter()
            .map(|name| (name.clone(), settings.pools.get(name).map_or(1, |size| size.get())))
            .collect(),
        found: dynamic.iter().map(|it| it.name.clone()).collect(),
        may_fail: recipe.ignore_errors,
        digest,
        ..Job::default()
    })
}

/// What is pasted has to be known by now.
fn refuse_raw(entry: &Entry, names: &[String]) -> Result<(), Failure> {
    let texts = Texts::of(entry);
    let all = texts.scripts.iter().flat_map(|text| reference::references(text.text));
    match all.into_iter().find(|it| it.is_raw && names.iter().any(|name| name == it.name)) {
        None => Ok(()),
        Some(found) => Err(fail(format!(
            "`{{{{ {} | raw }}}}` of `{}` pastes what is known only where the job runs, so no workflow can hold it",
            found.name, entry.name
        ))
        .exit(Exit::Usage)
        .hint(format!("write `{{{{ {} }}}}`, which is one word", found.name))),
    }
}

/// The name of a parameter that is a secret and holds more than a word on where to find it.
pub(super) fn told_secret<'a>(entry: &'a Entry, values: &[Value]) -> Option<&'a str> {
    let is_told = |value: &Value| match value {
        Value::One(value) => !is_told_later(value),
        Value::Many(values) => !values.iter().all(|value| is_told_later(value)),
    };
    let mut told = entry.params.iter().zip(values).filter(|(param, value)| param.secret && is_told(value));
    told.next().map(|(param, _)| param.name.as_str())
}

/// Whether a value is nothing, or nothing but the name of another.
fn is_told_later(value: &str) -> bool {
    value.is_empty()
        || matches!(reference::references(value).as_slice(), [only] if only.range == (0..value.len()) && !only.is_raw)
}

/// A directory as seen from the root; empty for the root itself.
fn relative(catalog: &Catalog, dir: &std::path::Path) -> String {
    dir.strip_prefix(&catalog.project.dir).map(|path| path.to_string_lossy().into_owned()).unwrap_or_default()
}
