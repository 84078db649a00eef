//! What names mean to one call of a recipe: its parameters, the value of each axis, and the project's variables.

use std::collections::HashMap;

use super::call::Value;
use super::catalog::{Catalog, Entry};
use super::reference;
use super::variables::Variables;
use crate::error::Failure;

/// What names mean to one call of a recipe.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a, 'b> {
    pub(super) catalog: &'a Catalog<'b>,
    pub(super) variables: &'a Variables,
    pub(super) entry: &'a Entry<'b>,
    /// One for each parameter.
    pub(super) values: &'a [Value],
    /// Of `matrix` and `for_each`: name and value.
    pub(super) axes: &'a [(String, String)],
}

impl Scope<'_, '_> {
    /// What `name` holds; `None` where nothing is called so. Finds variables out that have not been yet.
    ///
    /// # Errors
    /// Where a variable cannot be found out.
    pub(super) fn get(&self, name: &str) -> Result<Option<Value>, Failure> {
        if let Some(at) = self.entry.params.iter().position(|param| param.name == name) {
            return Ok(self.values.get(at).cloned());
        }
        if let Some((_, value)) = self.axes.iter().find(|(axis, _)| axis == name) {
            return Ok(Some(Value::One(value.clone())));
        }
        match self.catalog.variable(&self.entry.file.namespace, name) {
            Some(declared) => self.variables.value(name, declared).map(|value| Some(Value::One(value))),
            None => Ok(None),
        }
    }

    /// `text` with values in place of `{{ name }}`. Values are pasted as they are: for words, paths and variables, not for programs.
    ///
    /// # Errors
    /// As [`Scope::get`].
    pub(super) fn expand(&self, text: &str) -> Result<String, Failure> {
        reference::expand(text, |name| Ok(self.get(name)?.map(|value| value.joined())))
    }

    /// The same for a word of a list: one that is nothing but a variadic parameter becomes as many as it holds.
    ///
    /// # Errors
    /// As [`Scope::get`].
    pub(super) fn expand_word(&self, word: &str) -> Result<Vec<String>, Failure> {
        if let [only] = reference::references(word).as_slice()
            && only.range == (0..word.len())
            && let Some(Value::Many(values)) = self.get(only.name)?
        {
            return Ok(values);
        }
        Ok(vec![self.expand(word)?])
    }

    /// What the recipe finds in its environment of parameters and axes.
    pub(super) fn own_environment(&self) -> HashMap<String, String> {
        let mut environment = HashMap::new();
        for (param, value) in self.entry.params.iter().zip(self.values) {
            // A list has no place in a variable: it is `"$@"` and `{{ name }}`.
            if let Value::One(value) = value {
                environment.insert(param.name.replace('-', "_"), value.clone());
            }
        }
        environment.extend(self.axes.iter().cloned());
        environment
    }

    /// `"$@"`: the positional parameters, then the variadic one.
    pub(super) fn arguments(&self) -> Vec<String> {
        let given = self.entry.params.iter().zip(self.values).filter(|(param, _)| !param.flag && !param.option);
        given
            .flat_map(|(_, value)| match value {
                Value::One(value) => std::slice::from_ref(value),
                Value::Many(values) => values.as_slice(),
            })
            .cloned()
            .collect()
    }
}

impl Value {
    /// As one text.
    pub(super) fn joined(&self) -> String {
        match self {
            Self::One(value) => value.clone(),
            Self::Many(values) => values.join(" "),
        }
    }
}
