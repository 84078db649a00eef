//! What does not fit together: variables that are read and not declared, declared and not read, or have another default in the code.

use super::survey::{Seen, Survey};
use super::well_known::is_well_known;
use crate::config::environment::{Environment, EnvironmentVariable, VariableType};
use crate::config::secrecy;
use crate::config::value::Severity;
use crate::error::{Place, nearest};
use crate::findings::{Finding, Findings, Object};

const UNDECLARED: &str = "undeclared-read";
const UNUSED: &str = "unused-declaration";
const DEFAULT: &str = "differing-default";

/// The rules, each with what it finds.
pub(super) const RULES: [(&str, &str); 3] = [
    (UNDECLARED, "the code reads a variable that is declared nowhere"),
    (UNUSED, "a variable is declared that nothing reads"),
    (DEFAULT, "the code takes another default than the one that is declared"),
];

/// A variable that is declared.
#[derive(Debug)]
pub(super) struct Declared {
    pub(super) name: String,
    pub(super) variable: EnvironmentVariable,
    pub(super) place: Option<Place>,
}

/// Everything that does not fit. What nobody reads is looked for only where all files were read.
pub(super) fn judge(survey: &Survey, declared: &[Declared], environment: &Environment, is_whole: bool) -> Findings {
    let mut findings = Findings::default();
    let severity = |rule: &str| environment.lint.get(rule).copied().unwrap_or(Severity::Error);
    for (name, places) in survey.names() {
        let declaration = declared.iter().find(|one| one.name == name);
        let told: Vec<&Seen> = places.iter().copied().filter(|seen| !seen.is_pardoned).collect();
        let Some(first) = told.first() else { continue };
        match declaration {
            None if is_well_known(name) || survey.set.contains(name) => {}
            None => {
                let more = match told.len() - 1 {
                    0 => String::new(),
                    1 => " (and in 1 other place)".to_owned(),
                    more => format!(" (and in {more} other places)"),
                };
                let message = format!("`{name}` is read here{more} and declared nowhere");
                let near = nearest(name, declared.iter().map(|one| one.name.as_str()));
                let hint = near.map_or_else(
                    || format!("declare it: `[env.vars.{name}]`"),
                    |near| format!("did you mean `{near}`?"),
                );
                findings.add(finding(UNDECLARED, severity(UNDECLARED), &first.place, message).hint(hint));
            }
            Some(declaration) => {
                if let Some(found) = differing(declaration, &told) {
                    findings.add(Finding { severity: severity(DEFAULT), ..found });
                }
            }
        }
    }
    for one in declared.iter().filter(|_| is_whole) {
        let is_used = survey.words.contains(&one.name.to_ascii_uppercase())
            || survey.reads.iter().any(|seen| seen.name == one.name)
            || is_well_known(&one.name)
            || declared.iter().any(|other| refers(&other.variable, &one.name));
        let is_pardoned = one.place.as_ref().is_some_and(|place| place.text.contains("prodev:allow"));
        if !is_used && !is_pardoned {
            let message = format!("`{}` is declared, and nothing reads it", one.name);
            let object = one
                .place
                .clone()
                .map_or_else(|| Object::File(crate::config::discover::FILE_NAME.to_owned()), Object::Place);
            let found = Finding::new(UNUSED, severity(UNUSED), object, message);
            findings.add(found.hint("take the declaration out, or put `prodev:allow` into a comment on its line"));
        }
    }
    findings
}

fn at(seen: &Seen, variable: &EnvironmentVariable) -> Place {
    if variable.secret { seen.place.clone().hide() } else { seen.place.clone() }
}

fn finding(rule: &'static str, severity: Severity, place: &Place, message: String) -> Finding {
    Finding::new(rule, severity, Object::Place(place.clone()), message)
}

/// Whether a default or a condition speaks of another variable.
fn refers(variable: &EnvironmentVariable, name: &str) -> bool {
    let default = variable.default.as_ref().map(ToString::to_string).filter(|text| text.contains('$'));
    let texts = default.as_deref().into_iter().chain(variable.when.as_deref());
    let mut words = texts.flat_map(|text| text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_'));
    words.any(|word| word == name)
}

/// The first place whose default is another one than what is declared. Where none is declared, parts of a program may well differ.
fn differing(declared: &Declared, places: &[&Seen]) -> Option<Finding> {
    let variable = &declared.variable;
    let own = variable.default.as_ref().map(ToString::to_string).filter(|text| !text.contains('$'));
    let own = own?;
    // A second argument that is no value of the type is something else than a default.
    let fits = |text: &str| !text.is_empty() && variable.refuse(text).is_none();
    let is_other = |text: &str| fits(text) && !is_same(variable.kind, &own, text);
    let seen = places.iter().find(|seen| seen.default.as_deref().is_some_and(is_other))?;
    let is_shown = |text: &str| !variable.secret && !secrecy::is_secret(&declared.name, variable.kind, text);
    let shown = |text: &str| if is_shown(text) { format!("`{text}`") } else { "something else".to_owned() };
    let default = shown(seen.default.as_deref().unwrap_or_default());
    let message =
        format!("`{}` is {default} here where it is not set, and {} by its declaration", declared.name, shown(&own));
    let hint = "give both the same default, or leave the code's own out: prodev hands over the declared one";
    Some(finding(DEFAULT, Severity::Error, &at(seen, variable), message).hint(hint))
}

fn is_same(kind: VariableType, one: &str, other: &str) -> bool {
    let number = |text: &str| text.parse::<f64>().ok();
    let switch = |text: &str| match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" => Some(true),
        "false" | "no" | "off" | "0" => Some(false),
        _ => None,
    };
    match kind {
        _ if one == other => true,
        VariableType::Bool => switch(one) == switch(other),
        VariableType::Int | VariableType::Float | VariableType::Port => number(one) == number(other),
        _ => false,
    }
}
