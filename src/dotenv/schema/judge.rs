//! The verdict on the variables of a project: which are missing, which have a value that they cannot have, which nobody has declared.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use indexmap::IndexMap;
use minijinja::Value as Any;

use super::super::keyring::is_key_name;
use super::super::mask;
use super::super::syntax::Span;
use crate::config::environment::{Deprecated, Environment, EnvironmentVariable, VariableType};
use crate::config::secrecy;
use crate::config::value::Severity;
use crate::error::nearest;

/// The longest value that a message repeats, in characters.
const LONGEST: usize = 60;

const MISSING: &str = "missing-variable";
const INVALID: &str = "invalid-value";
const UNDECLARED: &str = "undeclared-variable";
const DEPRECATED: &str = "deprecated-variable";

/// The rules, each with what it finds.
pub(in super::super) const RULES: [(&str, &str); 4] = [
    (MISSING, "a variable that must be set is not"),
    (INVALID, "a value is not what is declared of its variable"),
    (UNDECLARED, "a variable is set that is declared nowhere"),
    (DEPRECATED, "a variable is set that should not be used any more"),
];

/// A variable that is set, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Given<'a> {
    pub(in super::super) name: &'a str,
    /// None where it cannot be told, as of what is encrypted.
    pub(in super::super) value: Option<&'a str>,
    /// Which file, and what part of it; none where the environment sets it.
    pub(in super::super) at: Option<(usize, Span)>,
}

/// Something that is against the declarations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Violation {
    pub(in super::super) rule: &'static str,
    /// Never `Off`.
    pub(in super::super) severity: Severity,
    pub(in super::super) name: String,
    /// In one line; the values of secrets are not in it.
    pub(in super::super) message: String,
    pub(in super::super) hint: Option<String>,
    /// As it was given; none where what is wrong is in no file.
    pub(in super::super) at: Option<(usize, Span)>,
}

/// What is judged by.
pub(in super::super) struct Judge<'a> {
    pub(in super::super) environment: &'a Environment,
    pub(in super::super) profile: Option<&'a str>,
    /// Whether there is a file or folder of this name.
    pub(in super::super) exists: &'a dyn Fn(&str) -> bool,
}

impl Judge<'_> {
    /// Everything that is wrong where `given` is all that is set; a name can be there more than once, and its last value counts.
    pub(in super::super) fn whole(&self, given: &[Given]) -> Vec<Violation> {
        let mut found = self.part(given);
        let values = values(given);
        let names = OnceCell::new();
        for (name, variable) in &self.environment.vars {
            let is_there = match values.get(name.as_str()) {
                Some(Some(value)) => !is_nothing(variable, value),
                // What it holds is not known, but it holds something.
                Some(None) => true,
                None => false,
            };
            if is_there || variable.default.is_some() {
                continue;
            }
            let condition = variable.when.as_deref();
            let holds = condition.map(|condition| holds(condition, names.get_or_init(|| self.names(&values))));
            let message = match holds {
                Some(Err(reason)) => format!("`when` of `{name}` cannot be evaluated: {reason}"),
                Some(Ok(true)) => format!("`{name}` is not set, and must be where `{}`", condition.unwrap_or_default()),
                _ if variable.required && values.contains_key(name.as_str()) => {
                    format!("`{name}` is empty, and must not be")
                }
                _ if variable.required => format!("`{name}` is not set, and must be"),
                _ => continue,
            };
            let hint = format!("set it: `prodev env set {name}`");
            let at = given.iter().rfind(|one| one.name == name).and_then(|one| one.at.clone());
            self.add(&mut found, MISSING, Severity::Error, name, message, Some(hint), at);
        }
        found
    }

    /// The same of something that need not be all: what is missing is not looked for.
    pub(in super::super) fn part(&self, given: &[Given]) -> Vec<Violation> {
        let mut found = Vec::new();
        for one in given.iter().filter(|one| !is_key_name(one.name)) {
            match self.environment.vars.get(one.name) {
                Some(variable) => self.declared(one, variable, &mut found),
                None => self.undeclared(one, &mut found),
            }
        }
        found
    }

    fn declared(&self, one: &Given, variable: &EnvironmentVariable, found: &mut Vec<Violation>) {
        let name = one.name;
        let mut add =
            |rule, severity, message, hint| self.add(found, rule, severity, name, message, hint, one.at.clone());
        match &variable.deprecated {
            Some(Deprecated::Plain(true)) => {
                add(
                    DEPRECATED,
                    Severity::Warn,
                    format!("`{name}` should not be used any more"),
                    Some("take it out".to_owned()),
                );
            }
            Some(Deprecated::Instead(instead)) => {
                let message = format!("`{name}` should not be used any more: {}", mask::on_one_line(instead));
                add(DEPRECATED, Severity::Warn, message, None);
            }
            Some(Deprecated::Plain(false)) | None => {}
        }
        let Some(value) = one.value.filter(|value| !is_nothing(variable, value)) else { return };
        let is_missing = || variable.exists && variable.kind == VariableType::Path && !(self.exists)(value);
        let reason =
            variable.refuse(value).or_else(|| is_missing().then(|| "there is no such file or folder".to_owned()));
        let Some(reason) = reason else { return };
        let is_shown = !variable.secret
            && !self.environment.made_of_secrets.contains(name)
            && !secrecy::is_secret(name, variable.kind, value)
            && !secrecy::is_revealing(value);
        let shown = mask::on_one_line(value);
        let message = if is_shown && shown.chars().count() <= LONGEST {
            format!("`{name}` cannot be `{shown}`: {reason}")
        } else {
            let reason =
                if is_shown || !reason.contains('`') { reason.as_str() } else { "it does not fit what is declared" };
            format!("`{name}` cannot have this value: {reason}")
        };
        let hint = variable.example.as_ref().filter(|_| is_shown).map(|example| format!("write it like `{example}`"));
        add(INVALID, Severity::Error, message, hint);
    }

    fn undeclared(&self, one: &Given, found: &mut Vec<Violation>) {
        // Without any declarations nothing is missing among them, and what the environment has besides is nobody's business.
        if self.environment.vars.is_empty() || one.at.is_none() {
            return;
        }
        let name = one.name;
        let known = self.environment.vars.keys().map(String::as_str);
        let hint = nearest(name, known).map_or_else(
            || format!("declare it as `[env.vars.{}]` in `prodev.toml`, or take it out", toml_key(name)),
            |near| format!("did you mean `{near}`?"),
        );
        let message = format!("`{name}` is declared nowhere");
        self.add(found, UNDECLARED, self.environment.undeclared, name, message, Some(hint), one.at.clone());
    }

    #[allow(clippy::too_many_arguments, reason = "each is a part of what is found")]
    fn add(
        &self,
        found: &mut Vec<Violation>,
        rule: &'static str,
        severity: Severity,
        name: &str,
        message: String,
        hint: Option<String>,
        at: Option<(usize, Span)>,
    ) {
        let severity = self.environment.lint.get(rule).copied().unwrap_or(severity);
        if severity != Severity::Off {
            found.push(Violation { rule, severity, name: name.to_owned(), message, hint, at });
        }
    }

    /// What conditions see: every variable that is set or has a default, of its own type, and the profile.
    fn names(&self, values: &IndexMap<&str, Option<&str>>) -> BTreeMap<String, Any> {
        let mut names: BTreeMap<String, Any> = BTreeMap::new();
        for (name, variable) in &self.environment.vars {
            let set = values.get(name.as_str()).copied().flatten().filter(|value| !is_nothing(variable, value));
            let text = set.map(str::to_owned).or_else(|| variable.default.as_ref().map(ToString::to_string));
            if let Some(text) = text {
                names.insert(name.clone(), typed(variable.kind, &text));
            }
        }
        for (name, value) in values {
            if let Some(value) = value.filter(|_| !self.environment.vars.contains_key(*name)) {
                names.insert((*name).to_owned(), Any::from(value));
            }
        }
        names.insert("profile".to_owned(), self.profile.map_or(Any::from(()), Any::from));
        names
    }
}

fn values<'g>(given: &'g [Given]) -> IndexMap<&'g str, Option<&'g str>> {
    given.iter().map(|one| (one.name, one.value)).collect()
}

fn holds(condition: &str, names: &BTreeMap<String, Any>) -> Result<bool, String> {
    let reason = |error: &minijinja::Error| error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
    let environment = minijinja::Environment::new();
    let compiled = environment.compile_expression(condition).map_err(|error| reason(&error))?;
    Ok(compiled.eval(names).map_err(|error| reason(&error))?.is_true())
}

/// Whether a variable with this value is as good as not set.
pub(in super::super) fn is_nothing(variable: &EnvironmentVariable, value: &str) -> bool {
    value.is_empty() && !variable.allow_empty
}

fn typed(kind: VariableType, text: &str) -> Any {
    match kind {
        VariableType::Bool => Any::from(["true", "yes", "on", "1"].iter().any(|yes| yes.eq_ignore_ascii_case(text))),
        VariableType::Int | VariableType::Port => text.parse::<i64>().map_or_else(|_| Any::from(text), Any::from),
        VariableType::Float => text.parse::<f64>().map_or_else(|_| Any::from(text), Any::from),
        _ => Any::from(text),
    }
}

/// A name as a key of TOML.
fn toml_key(name: &str) -> String {
    let is_bare = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    if is_bare { name.to_owned() } else { format!("{name:?}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Set<'a> = &'a [(&'a str, &'a str)];

    fn judged(schema: &str, given: &[(&str, &str)]) -> Vec<String> {
        let environment: Environment = toml::from_str(schema).expect("this is a section");
        let given: Vec<Given> = given
            .iter()
            .enumerate()
            .map(|(line, (name, value))| Given { name, value: Some(value), at: Some((0, line..line)) })
            .collect();
        let judge = Judge { environment: &environment, profile: Some("production"), exists: &|path| path == "there" };
        judge.whole(&given).into_iter().map(|it| format!("{}: {}", it.rule, it.message)).collect()
    }

    #[test]
    fn variables_are_judged() {
        let cases: [(&str, Set, &[&str]); 13] = [
            ("[vars.A]\nrequired = true", &[], &["missing-variable: `A` is not set, and must be"]),
            ("[vars.A]\nrequired = true", &[("A", "")], &["missing-variable: `A` is empty, and must not be"]),
            ("[vars.A]\nrequired = true\nallow_empty = true", &[("A", "")], &[]),
            ("[vars.A]\nrequired = true\ndefault = 1", &[], &[]),
            ("[vars.A]\ntype = 'port'", &[("A", "")], &[]),
            (
                "[vars.A]\ntype = 'port'",
                &[("A", "http"), ("A", "80")],
                &["invalid-value: `A` cannot be `http`: it must be a port from 1 to 65535"],
            ),
            (
                "[vars.A]\ntype = 'port'\nsecret = true",
                &[("A", "http")],
                &["invalid-value: `A` cannot have this value: it must be a port from 1 to 65535"],
            ),
            (
                "[vars.A]\ntype = 'enum'\nvalues = ['x']\nsecret = true",
                &[("A", "hush")],
                &["invalid-value: `A` cannot have this value: it does not fit the type"],
            ),
            (
                "[vars.A]\ntype = 'path'\nexists = true",
                &[("A", "there"), ("A", "gone")],
                &["invalid-value: `A` cannot be `gone`: there is no such file or folder"],
            ),
            ("[vars.A]\n", &[("B", "1")], &["undeclared-variable: `B` is declared nowhere"]),
            ("[vars.A]\n", &[("DOTENV_PUBLIC_KEY", "1")], &[]),
            ("", &[("B", "1")], &[]),
            (
                "[vars.A]\ndeprecated = 'use B'",
                &[("A", "1")],
                &["deprecated-variable: `A` should not be used any more: use B"],
            ),
        ];
        for (schema, given, expected) in cases {
            assert_eq!(judged(schema, given), expected, "{schema} {given:?}");
        }
    }

    #[test]
    fn conditions_see_values_of_their_types_and_the_profile() {
        let schema = |condition: &str| {
            format!(
                "[vars.USE]\ntype = 'bool'\ndefault = false\n[vars.N]\ntype = 'int'\n[vars.A]\nwhen = '{condition}'"
            )
        };
        let cases: [(&str, Set, bool); 6] = [
            ("USE", &[("USE", "no")], false),
            ("USE", &[("USE", "Yes")], true),
            ("USE", &[], false),
            ("N > 9", &[("N", "10")], true),
            ("profile == \"production\"", &[], true),
            ("profile == \"test\"", &[], false),
        ];
        for (condition, given, expected) in cases {
            assert_eq!(!judged(&schema(condition), given).is_empty(), expected, "{condition} {given:?}");
        }
        let found = judged(&schema("USE"), &[("USE", "1")]);
        assert_eq!(found, ["missing-variable: `A` is not set, and must be where `USE`"]);
    }

    #[test]
    fn how_much_a_rule_matters_can_be_said() {
        assert!(judged("[vars.A]\n[lint]\nundeclared-variable = 'off'", &[("B", "1")]).is_empty());
        assert!(judged("undeclared = 'off'\n[vars.A]", &[("B", "1")]).is_empty());
    }
}
