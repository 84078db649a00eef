//! `params` of a recipe: an order that can be read back from a command line, and defaults that can be given.

use std::collections::BTreeMap;

use super::{Findings, names, shown};
use crate::config::parameter::{FullParameter, Manner, Parameter, ParameterType};

/// What is wrong in `params`, seen from the recipe.
pub(super) fn check(params: &[Parameter], findings: &mut Findings) {
    let mut variables: BTreeMap<String, usize> = BTreeMap::new();
    let mut shorts: BTreeMap<String, String> = BTreeMap::new();
    let mut optional: Option<String> = None;
    let mut variadic: Option<String> = None;
    for (index, parameter) in params.iter().enumerate() {
        findings.within(&["params", &index.to_string()], |findings| {
            let full = parameter.full();
            let name = full.name.as_str();
            if let Some(reason) = names::refuse_variable(&parameter.variable()) {
                let hint = format!("choose another name, as `{}_name`", name.to_lowercase());
                findings.add(&["name"], format!("`{name}` cannot be a parameter: {reason}")).hint(hint);
            }
            if let Some(first) = variables.insert(parameter.variable(), index) {
                let message = if params[first].name() == name {
                    format!("the parameter `{name}` is there twice")
                } else {
                    format!("`{}` and `{name}` are the same variable", params[first].name())
                };
                findings.add(&["name"], message);
            }
            if let Some(short) = &full.short
                && let Some(other) = shorts.insert(short.clone(), name.to_owned())
            {
                findings.add(&["short"], format!("`-{short}` is already `--{other}`"));
            }
            check_order(&full, &mut optional, &mut variadic, findings);
            check_keys(&full, findings);
            check_values(&full, findings);
        });
    }
}

/// A positional one that must be given cannot follow one that need not, and nothing follows a variadic one.
fn check_order(
    parameter: &FullParameter,
    optional: &mut Option<String>,
    variadic: &mut Option<String>,
    findings: &mut Findings,
) {
    let name = &parameter.name;
    match parameter.manner() {
        Manner::Flag | Manner::Option => return,
        Manner::Positional | Manner::Variadic => {}
    }
    if let Some(variadic) = variadic {
        let message = format!("`{name}` can never be given: `{variadic}` before it takes all that follows");
        findings.add(&["name"], message).hint("make it an option, or put it first");
    } else if parameter.is_required() {
        if let Some(optional) = optional {
            let message = format!("`{name}` must be given, but `{optional}` before it need not be");
            findings.add(&["name"], message).hint("give it a default, or put it first");
        }
    } else if optional.is_none() {
        *optional = Some(name.clone());
    }
    if parameter.manner() == Manner::Variadic {
        *variadic = Some(name.clone());
    }
}

/// Keys that contradict each other.
fn check_keys(parameter: &FullParameter, findings: &mut Findings) {
    let manners = [("flag", parameter.flag), ("option", parameter.option), ("variadic", parameter.variadic)];
    let chosen: Vec<&str> = manners.iter().filter(|(_, given)| *given).map(|(key, _)| *key).collect();
    if let [first, second, ..] = chosen.as_slice() {
        findings.add(&[second], format!("a parameter cannot be both `{first}` and `{second}`"));
    }
    let manner = parameter.manner();
    let number = matches!(parameter.kind, ParameterType::Int | ParameterType::Float);
    let named = matches!(manner, Manner::Flag | Manner::Option);
    let variadic = manner == Manner::Variadic;
    let takes_value = manner != Manner::Flag;
    let cases = [
        ("short", parameter.short.is_some(), named, "flags and options"),
        (
            "required",
            parameter.required,
            manner == Manner::Option,
            "options; a positional parameter without a default is required",
        ),
        ("at_least", parameter.at_least.is_some(), variadic, "variadic parameters"),
        ("at_most", parameter.at_most.is_some(), variadic, "variadic parameters"),
        ("min", parameter.min.is_some(), number, "parameters of type `int` or `float`"),
        ("max", parameter.max.is_some(), number, "parameters of type `int` or `float`"),
        ("choices", !parameter.choices.is_empty(), takes_value, "parameters with a value, not flags"),
        ("pattern", parameter.pattern.is_some(), takes_value, "parameters with a value, not flags"),
        ("prompt", parameter.prompt.is_some(), takes_value, "parameters with a value, not flags"),
        ("type", parameter.kind != ParameterType::String, takes_value, "parameters with a value, not flags"),
    ];
    for (key, given, fits, whose) in cases {
        if given && !fits {
            findings.add(&[key], format!("`{key}` is for {whose}"));
        }
    }
    if let Some(short) = &parameter.short
        && (short.chars().count() != 1 || !short.chars().all(char::is_alphanumeric))
    {
        findings.add(&["short"], format!("`short` is one letter or digit, not `{short}`"));
    }
    if let (Some(min), Some(max)) = (parameter.min, parameter.max)
        && min > max
    {
        findings.add(&["min"], format!("`min` is greater than `max` ({min} and {max})"));
    }
    if let (Some(least), Some(most)) = (parameter.at_least, parameter.at_most)
        && least > most
    {
        findings.add(&["at_least"], format!("`at_least` is greater than `at_most` ({least} and {most})"));
    }
}

fn check_values(parameter: &FullParameter, findings: &mut Findings) {
    for (index, choice) in parameter.choices.iter().enumerate() {
        let alone = FullParameter { choices: Vec::new(), ..parameter.clone() };
        if let Some(reason) = alone.refuse(&choice.to_string()) {
            let choice = choice.to_string();
            let choice = shown(&choice, parameter.secret);
            findings.add(&["choices", &index.to_string()], format!("`{choice}` cannot be a choice: {reason}"));
        }
    }
    let Some(default) = parameter.default.as_ref().map(ToString::to_string) else { return };
    if parameter.flag {
        if !matches!(default.as_str(), "true" | "false") {
            let default = shown(&default, parameter.secret);
            findings.add(&["default"], format!("the default of a flag is `true` or `false`, not `{default}`"));
        }
    } else if !default.contains("{{") {
        // A default that names variables is known only when it runs. An empty one says "nothing".
        let reason = if default.is_empty() && parameter.choices.is_empty() { None } else { parameter.refuse(&default) };
        if let Some(reason) = reason {
            let default = shown(&default, parameter.secret);
            findings.add(&["default"], format!("the default of `{}` cannot be `{default}`: {reason}", parameter.name));
        }
    }
}
