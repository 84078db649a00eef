//! `when`: whether a recipe runs at all.

use std::collections::BTreeMap;

use minijinja::Value as Any;

use super::scope::Scope;
use crate::config::condition::{Changed, Conditions, System, When};
use crate::config::value::{Expression, Scalar};
use crate::ctx;
use crate::error::{Exit, Failure, fail, listed};
use crate::git;

/// Whether a condition holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    Yes,
    /// Why not, as it reads after `skipped: `.
    No(String),
}

/// Whether the recipe runs.
///
/// # Errors
/// Expressions that cannot be evaluated, variables that cannot be found out, a repository that cannot be asked.
pub(super) fn judge(when: &When, scope: &Scope) -> anyhow::Result<Verdict> {
    match when {
        When::Expression(expression) => Ok(judge_expression(expression, scope)?),
        When::Conditions(conditions) => judge_conditions(conditions, scope),
    }
}

fn judge_conditions(conditions: &Conditions, scope: &Scope) -> anyhow::Result<Verdict> {
    let systems = conditions.os.as_slice();
    if !systems.is_empty() && !systems.iter().any(|system| is_this(*system)) {
        return Ok(Verdict::No(format!("the system is {}", std::env::consts::OS)));
    }
    for (name, wanted) in &conditions.env {
        let found = ctx::variable(name);
        let verdict = match wanted {
            Scalar::Bool(true) if found.is_none() => Some(format!("`{name}` is not set")),
            Scalar::Bool(false) if found.is_some() => Some(format!("`{name}` is set")),
            Scalar::Bool(_) => None,
            other if found.as_deref() != Some(other.to_string().as_str()) => Some(format!("`{name}` is not `{other}`")),
            _ => None,
        };
        if let Some(reason) = verdict {
            return Ok(Verdict::No(reason));
        }
    }
    if let Some(expression) = &conditions.expression
        && let Verdict::No(reason) = judge_expression(expression, scope)?
    {
        return Ok(Verdict::No(reason));
    }
    match &conditions.changed {
        Some(changed) => judge_changed(changed, scope),
        None => Ok(Verdict::Yes),
    }
}

fn is_this(system: System) -> bool {
    match system {
        System::Linux => cfg!(target_os = "linux"),
        System::Macos => cfg!(target_os = "macos"),
        System::Windows => cfg!(windows),
        System::Bsd => {
            cfg!(any(target_os = "freebsd", target_os = "openbsd", target_os = "netbsd", target_os = "dragonfly"))
        }
        System::Unix => cfg!(unix),
    }
}

fn judge_expression(expression: &Expression, scope: &Scope) -> Result<Verdict, Failure> {
    let wrong = |error: &minijinja::Error| {
        let reason = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
        fail(format!("`when` of `{}` cannot be evaluated: {reason}", scope.entry.name))
            .exit(Exit::Usage)
            .hint("names are parameters, variables, `env` and `os`")
    };
    let environment = minijinja::Environment::new();
    let compiled = environment.compile_expression(expression).map_err(|error| wrong(&error))?;
    let mut names: BTreeMap<String, Any> = BTreeMap::new();
    for name in compiled.undeclared_variables(false) {
        let value = match name.as_str() {
            "os" => Any::from(std::env::consts::OS),
            "env" => {
                let all = ctx::environment()
                    .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
                Any::from(all.collect::<BTreeMap<String, String>>())
            }
            _ => match scope.get(&name.replace('_', "-"))?.or(scope.get(&name)?) {
                Some(super::call::Value::One(value)) => Any::from(value),
                Some(super::call::Value::Many(values)) => Any::from(values),
                None => continue,
            },
        };
        names.insert(name, value);
    }
    let holds = compiled.eval(names).map_err(|error| wrong(&error))?.is_true();
    Ok(if holds { Verdict::Yes } else { Verdict::No(format!("`{}` does not hold", &**expression)) })
}

fn judge_changed(changed: &Changed, scope: &Scope) -> anyhow::Result<Verdict> {
    let flow = scope.catalog.project.policy.flow.as_ref();
    let mut bases: Vec<&str> = Vec::new();
    if let Some(flow) = flow {
        bases.extend(flow.develop());
        bases.push(&flow.main);
    }
    bases.extend(["main", "master"]);
    let home = scope.entry.home();
    let since = changed.since.as_deref().map(|since| scope.expand(since)).transpose()?;
    let paths = git::changed(&home, since.as_deref(), &bases)?;
    let mut set = globset::GlobSetBuilder::new();
    for glob in &changed.paths {
        set.add(globset::GlobBuilder::new(glob).literal_separator(true).build()?);
    }
    let set = set.build()?;
    if paths.iter().any(|path| set.is_match(path)) {
        return Ok(Verdict::Yes);
    }
    let globs: Vec<&str> = changed.paths.iter().map(|glob| &**glob).collect();
    Ok(Verdict::No(format!("nothing has changed in {}", listed(&globs))))
}
