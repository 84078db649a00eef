//! A value for every parameter: what was given, else what the environment has, the default, or the answer to a question.

use super::call::{self, Typed, Value};
use super::catalog::{Catalog, Entry};
use super::scope::Scope;
use super::variables::Variables;
use crate::config::parameter::{FullParameter, Manner};
use crate::config::value::{Map, OneOrMany, Scalar};
use crate::ctx;
use crate::error::{Exit, Failure, fail};
use crate::ui::{Choice, Field, Question, Ui};

/// Where values come from that nobody gave.
#[derive(Clone, Copy)]
pub(super) struct Sources<'a, 'b> {
    pub(super) catalog: &'a Catalog<'b>,
    pub(super) variables: &'a Variables,
    /// Who is asked, where somebody can be.
    pub(super) ui: Option<&'a Ui>,
}

impl Sources<'_, '_> {
    /// The values of a call from the command line.
    ///
    /// # Errors
    /// Missing and impossible values (exit 2).
    pub(super) fn typed(&self, typed: &Typed) -> anyhow::Result<Vec<Value>> {
        self.fill(&self.catalog.entries[typed.entry], typed.given.clone())
    }

    /// The values of a call that a recipe makes, whose own names are in `caller`.
    ///
    /// # Errors
    /// As [`Sources::typed`].
    pub(super) fn with(
        &self,
        entry: &Entry,
        with: &Map<OneOrMany<Scalar>>,
        caller: Option<&Scope>,
    ) -> anyhow::Result<Vec<Value>> {
        let expand = |text: &Scalar| match caller {
            Some(caller) => caller.expand_word(&text.to_string()),
            None => Ok(vec![text.to_string()]),
        };
        let mut given = vec![None; entry.params.len()];
        for (at, param) in entry.params.iter().enumerate() {
            let Some(value) = with.get(&param.name) else { continue };
            let mut texts = Vec::new();
            for text in value.as_slice() {
                texts.extend(expand(text)?);
            }
            given[at] = Some(match param.manner() {
                Manner::Variadic => Value::Many(texts),
                Manner::Flag => Value::One(if texts.concat() == "true" { "true" } else { "" }.to_owned()),
                _ => Value::One(texts.join(" ")),
            });
        }
        self.fill(entry, given)
    }

    fn fill(&self, entry: &Entry, given: Vec<Option<Value>>) -> anyhow::Result<Vec<Value>> {
        let mut values = Vec::with_capacity(given.len());
        let mut missing = Vec::new();
        for (at, (param, given)) in entry.params.iter().zip(given).enumerate() {
            let value = match given {
                Some(value) => value,
                None => {
                    if let Some(value) = self.absent(entry, param, &values)? {
                        value
                    } else {
                        missing.push(at);
                        values.push(Value::One(String::new()));
                        continue;
                    }
                }
            };
            check(entry, at, &value)?;
            values.push(value);
        }
        if !missing.is_empty() {
            return Err(Self::missing(entry, &missing).into());
        }
        Ok(values)
    }

    /// What a parameter holds that was not given; `None` where it must be.
    fn absent(&self, entry: &Entry, param: &FullParameter, before: &[Value]) -> anyhow::Result<Option<Value>> {
        let scope = Scope { catalog: self.catalog, variables: self.variables, entry, values: before, axes: &[] };
        let from_environment = param.env.as_deref().filter(|_| !self.variables.is_for_export()).and_then(ctx::variable);
        let text = match (from_environment, &param.default) {
            (Some(text), _) => Some(text),
            (None, Some(default)) => Some(scope.expand(&default.to_string())?),
            (None, None) => None,
        };
        let value = match (param.manner(), text) {
            (Manner::Flag, text) => {
                let is_set = text.is_some_and(|text| !matches!(text.as_str(), "" | "0" | "false" | "no" | "off"));
                Value::One(if is_set { "true" } else { "" }.to_owned())
            }
            (Manner::Variadic, Some(text)) => Value::Many(text.split_whitespace().map(str::to_owned).collect()),
            (_, Some(text)) => Value::One(text),
            (manner, None) => match (&param.prompt, self.ui.filter(|ui| ui.is_interactive())) {
                (Some(prompt), Some(ui)) => match ask(ui, param, prompt)? {
                    text if manner == Manner::Variadic => {
                        Value::Many(text.split_whitespace().map(str::to_owned).collect())
                    }
                    text => Value::One(text),
                },
                (Some(_), None) => return Ok(None),
                (None, _) if param.is_required() => return Ok(None),
                (None, _) if manner == Manner::Variadic => Value::Many(Vec::new()),
                (None, _) => Value::One(String::new()),
            },
        };
        Ok(Some(value))
    }

    fn missing(entry: &Entry, missing: &[usize]) -> Failure {
        let names: Vec<&str> = missing.iter().map(|at| entry.params[*at].name.as_str()).collect();
        let words: Vec<String> = missing
            .iter()
            .map(|at| match &entry.params[*at] {
                param if param.option => format!("--{} VALUE", param.name),
                param => param.name.to_uppercase(),
            })
            .collect();
        fail(format!("the recipe `{}` needs `{}`", entry.name, names.join("` and `"))).exit(Exit::Usage).hint(format!(
            "`prodev run {} {}`",
            entry.name,
            words.join(" ")
        ))
    }
}

/// Whether a value that was filled in can be, and whether there are enough of a variadic one.
fn check(entry: &Entry, at: usize, value: &Value) -> Result<(), Failure> {
    let param = &entry.params[at];
    match value {
        Value::One(text) if text.is_empty() && param.choices.is_empty() => Ok(()),
        Value::One(text) if text.is_empty() && param.option => Ok(()),
        Value::One(_) if param.flag => Ok(()),
        Value::One(text) => call::check(entry, at, text),
        Value::Many(texts) => {
            let bounds = |what: &str, count: usize| {
                let values = if count == 1 { "value" } else { "values" };
                fail(format!(
                    "`{}` of `{}` takes at {what} {count} {values}, not {}",
                    param.name,
                    entry.name,
                    texts.len()
                ))
                .exit(Exit::Usage)
            };
            match (param.at_least, param.at_most) {
                (Some(least), _) if texts.len() < least => return Err(bounds("least", least)),
                (_, Some(most)) if texts.len() > most => return Err(bounds("most", most)),
                _ => {}
            }
            texts.iter().try_for_each(|text| call::check(entry, at, text))
        }
    }
}

fn ask(ui: &Ui, param: &FullParameter, prompt: &str) -> anyhow::Result<String> {
    let question = Question { prompt, help: param.doc.as_deref() };
    if !param.choices.is_empty() {
        let choices: Vec<Choice> = param.choices.iter().map(|choice| Choice::plain(&choice.to_string())).collect();
        let at = ui.ask_choice(&question, &choices, &|_| Ok(()))?;
        return Ok(param.choices[at].to_string());
    }
    let check = |text: &String| param.refuse(text).map_or(Ok(()), Err);
    let field = Field { question, default: None, hint: String::new(), check: &check };
    if param.secret { ui.ask_secret(&field) } else { ui.ask_text(&field) }
}
