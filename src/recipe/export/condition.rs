//! `when` as a shell reads it: what can be told where the job runs, or is known already.

use std::collections::BTreeSet;

use crate::config::condition::{Conditions, System, When};
use crate::config::value::{Expression, Scalar, is_variable_name};
use crate::plan::process::quoted;
use crate::recipe::scope::Scope;
use crate::recipe::when::{self, Verdict};

/// A command that succeeds where the recipe is to run; `None` where it always is. The environment is that of the job: `own` are names that
/// the recipe gives a value of its own.
///
/// # Errors
/// Why it cannot be told, as the end of a sentence that begins with the engine.
pub(super) fn condition(
    when: &When,
    scope: &Scope,
    own: &BTreeSet<String>,
) -> anyhow::Result<Result<Option<String>, &'static str>> {
    let mut parts = Vec::new();
    let found = match when {
        When::Expression(text) => expression(text, scope, own, &mut parts)?,
        When::Conditions(conditions) => all(conditions, scope, own, &mut parts)?,
    };
    Ok(found.map(|()| (!parts.is_empty()).then(|| parts.join(" && "))))
}

type Told = Result<(), &'static str>;

const TOO_MUCH: &str = "cannot tell whether this holds (`when`)";

fn all(
    conditions: &Conditions,
    scope: &Scope,
    own: &BTreeSet<String>,
    parts: &mut Vec<String>,
) -> anyhow::Result<Told> {
    if conditions.changed.is_some() {
        return Ok(Err("cannot tell what has changed (`when`)"));
    }
    let systems = conditions.os.as_slice();
    if !systems.is_empty() && !systems.contains(&System::Unix) {
        let names: Vec<&str> = systems
            .iter()
            .flat_map(|system| match system {
                System::Linux => &["Linux"][..],
                System::Macos => &["Darwin"],
                System::Bsd => &["FreeBSD", "OpenBSD", "NetBSD", "DragonFly"],
                System::Windows | System::Unix => &[],
            })
            .copied()
            .collect();
        parts.push(is_system(&names));
    }
    for (name, wanted) in &conditions.env {
        if own.contains(name) || !is_variable_name(name) {
            return Ok(Err(TOO_MUCH));
        }
        parts.push(match wanted {
            // One that is empty counts as not set.
            Scalar::Bool(true) => format!("[ \"${{{name}-}}\" ]"),
            Scalar::Bool(false) => format!("[ ! \"${{{name}-}}\" ]"),
            other if other.to_string().is_empty() => "false".to_owned(),
            other => is(name, &other.to_string()),
        });
    }
    match &conditions.expression {
        Some(text) => expression(text, scope, own, parts),
        None => Ok(Ok(())),
    }
}

fn expression(
    text: &Expression,
    scope: &Scope,
    own: &BTreeSet<String>,
    parts: &mut Vec<String>,
) -> anyhow::Result<Told> {
    let environment = minijinja::Environment::new();
    let names = environment.compile_expression(text).map(|it| it.undeclared_variables(false)).unwrap_or_default();
    let is_known = |name: &String| {
        let is_late = |name: &str| {
            scope.axes.iter().any(|(axis, _)| axis == name)
                || scope
                    .catalog
                    .variable(&scope.entry.file.namespace, name)
                    .is_some_and(|declared| scope.variables.is_dynamic(name, declared))
        };
        name != "env" && name != "os" && !is_late(name) && !is_late(&name.replace('_', "-"))
    };
    if names.iter().all(is_known) {
        if let Verdict::No(_) = when::judge(&When::Expression(text.clone()), scope)? {
            parts.push("false".to_owned());
        }
        return Ok(Ok(()));
    }
    for atom in text.split(" and ").map(str::trim) {
        let Some(part) = comparison(atom, own) else { return Ok(Err(TOO_MUCH)) };
        parts.push(part);
    }
    Ok(Ok(()))
}

/// `env.X`, `not env.X`, `env.X == "y"`, `os != "linux"`.
fn comparison(atom: &str, own: &BTreeSet<String>) -> Option<String> {
    if let Some((left, right)) = atom.split_once("==").or_else(|| atom.split_once("!=")) {
        let sign = if atom[left.len()..].starts_with("!=") { "! " } else { "" };
        let right = literal(right.trim())?;
        let part = match left.trim() {
            "os" => is_system(match right {
                "linux" => &["Linux"],
                "macos" => &["Darwin"],
                "freebsd" => &["FreeBSD"],
                "openbsd" => &["OpenBSD"],
                "netbsd" => &["NetBSD"],
                "dragonfly" => &["DragonFly"],
                "windows" => &[],
                _ => return None,
            }),
            left => is(variable(left, own)?, right),
        };
        return Some(format!("{sign}{part}"));
    }
    let (sign, name) = atom.strip_prefix("not ").map_or(("-n", atom), |rest| ("-z", rest.trim()));
    Some(format!("[ {sign} \"${{{}-}}\" ]", variable(name, own)?))
}

fn variable<'a>(text: &'a str, own: &BTreeSet<String>) -> Option<&'a str> {
    text.strip_prefix("env.").filter(|name| is_variable_name(name) && !own.contains(*name))
}

/// A text in quotes, without anything that would have a meaning in them.
fn literal(text: &str) -> Option<&str> {
    let quote = text.chars().next().filter(|c| *c == '"' || *c == '\'')?;
    let inner = text.strip_prefix(quote)?.strip_suffix(quote)?;
    (!inner.contains(['"', '\'', '\\'])).then_some(inner)
}

/// Whether a variable is set to this; one that is not set is not empty.
fn is(name: &str, value: &str) -> String {
    format!("[ \"${{{name}+x}}${{{name}-}}\" = {} ]", quoted(&format!("x{value}")))
}

fn is_system(names: &[&str]) -> String {
    if names.is_empty() {
        return "false".to_owned();
    }
    format!("case $(uname -s) in {}) true ;; *) false ;; esac", names.join("|"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comparisons_are_what_a_shell_can_tell() {
        let own = BTreeSet::from(["OWN".to_owned()]);
        let cases = [
            ("env.CI", Some("[ -n \"${CI-}\" ]")),
            ("not env.CI", Some("[ -z \"${CI-}\" ]")),
            ("env.CI == \"a b\"", Some("[ \"${CI+x}${CI-}\" = 'xa b' ]")),
            ("env.CI != 'y'", Some("! [ \"${CI+x}${CI-}\" = xy ]")),
            ("os == 'linux'", Some("case $(uname -s) in Linux) true ;; *) false ;; esac")),
            ("os != 'windows'", Some("! false")),
            ("os in ['linux']", None),
            ("env.OWN", None),
            ("env.CI == y", None),
            ("env.CI or env.X", None),
            ("env.CI == 'a' or 'b'", None),
        ];
        for (atom, expected) in cases {
            assert_eq!(comparison(atom, &own).as_deref(), expected, "{atom}");
        }
    }
}
