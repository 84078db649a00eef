//! `[env]`: keys that do not belong to a variable's type, and values that are not of it.

use std::cmp::Ordering;

use super::{Findings, names, shown};
use crate::config::environment::{Environment, EnvironmentVariable, Order, VariableType};
use crate::config::variable_value::compare;

/// What is wrong in `[env]`.
pub(in crate::config) fn check(environment: &Environment, findings: &mut Findings) {
    findings.within(&["env"], |findings| {
        if let Order::Files(files) = &environment.order {
            if files.is_empty() {
                findings.add(&["order"], "`order` names no file").hint("leave it out for `.env` and its like");
            }
            for (index, file) in files.iter().enumerate().filter(|(_, file)| file.trim().is_empty()) {
                findings.add(&["order", &index.to_string()], format!("`{file}` is no file"));
            }
        }
        for (index, dialect) in environment.dialects.iter().enumerate() {
            if environment.dialects[..index].contains(dialect) {
                findings.add(&["dialects", &index.to_string()], "this dialect is named twice");
            }
        }
        for name in environment.lint.keys() {
            if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
                findings.add(&["lint", name], format!("`{name}` cannot be a rule's name"));
            }
        }
        for (name, variable) in &environment.vars {
            findings.within(&["vars", name], |findings| check_variable(name, variable, findings));
        }
    });
}

fn check_variable(name: &str, variable: &EnvironmentVariable, findings: &mut Findings) {
    if let Some(reason) = names::refuse_environment(name) {
        findings.add(&[], format!("`{name}` cannot be a variable: {reason}"));
    }
    check_keys(variable, findings);
    for (key, value) in [("default", &variable.default), ("example", &variable.example)] {
        let Some(text) = value.as_ref().map(ToString::to_string) else { continue };
        // Another variable's value is not known here.
        if text.contains('$') {
            continue;
        }
        if let Some(reason) = variable.refuse(&text) {
            let text = shown(&text, variable.secret);
            findings.add(&[key], format!("`{key}` cannot be `{text}`: {reason}"));
        }
    }
    if let (Some(min), Some(max)) = (&variable.min, &variable.max)
        && compare(variable.kind, &min.to_string(), &max.to_string()) == Some(Ordering::Greater)
    {
        findings.add(&["min"], format!("`min` is greater than `max` ({min} and {max})"));
    }
    if let (Some(least), Some(most)) = (variable.min_length, variable.max_length)
        && least > most
    {
        findings.add(&["min_length"], format!("`min_length` is greater than `max_length` ({least} and {most})"));
    }
}

/// Keys that mean something for certain types only.
fn check_keys(variable: &EnvironmentVariable, findings: &mut Findings) {
    use VariableType as Type;
    let kind = variable.kind;
    let ordered = matches!(kind, Type::Int | Type::Float | Type::Port | Type::Duration | Type::Date | Type::Semver);
    let several = matches!(kind, Type::List | Type::Map);
    let item = variable.items.filter(|_| several);
    let is = |wanted: Type| kind == wanted || item == Some(wanted);
    let cases = [
        ("values", !variable.values.is_empty(), is(Type::Enum), "of type `enum`"),
        (
            "min",
            variable.min.is_some(),
            ordered,
            "that have an order (`int`, `float`, `port`, `duration`, `date`, `semver`)",
        ),
        (
            "max",
            variable.max.is_some(),
            ordered,
            "that have an order (`int`, `float`, `port`, `duration`, `date`, `semver`)",
        ),
        ("schemes", !variable.schemes.as_slice().is_empty(), is(Type::Url), "of type `url`"),
        ("version", variable.version.is_some(), is(Type::Ip), "of type `ip`"),
        ("exists", variable.exists, is(Type::Path), "of type `path`"),
        ("items", variable.items.is_some(), several, "of type `list` and `map`"),
        ("separator", variable.separator.is_some(), several, "of type `list` and `map`"),
    ];
    for (key, given, fits, whose) in cases {
        if given && !fits {
            findings.add(&[key], format!("`{key}` is for variables {whose}"));
        }
    }
    if is(Type::Enum) && variable.values.is_empty() {
        findings.add(&["type"], "an `enum` needs `values`").hint("add `values = [\"a\", \"b\"]`");
    }
    if variable.version.is_some_and(|version| !matches!(version, 4 | 6)) {
        findings.add(&["version"], "`version` is 4 or 6");
    }
    if variable.items.is_some_and(|kind| matches!(kind, Type::List | Type::Map)) {
        findings.add(&["items"], "a list of lists has no spelling in a .env file").hint("use the type `json`");
    }
    if variable.separator.as_deref() == Some("") {
        findings.add(&["separator"], "`separator` is empty");
    }
    for (key, bound) in [("min", &variable.min), ("max", &variable.max)] {
        let Some(text) = bound.as_ref().map(ToString::to_string).filter(|_| ordered) else { continue };
        if compare(kind, &text, &text).is_none() {
            findings.add(&[key], format!("`{key}` cannot be `{text}`: it is no value of the type itself"));
        }
    }
}
