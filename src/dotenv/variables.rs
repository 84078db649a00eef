//! What all layers say together of a variable, and what a program is given.

use indexmap::IndexMap;

use super::evaluate::Assignment;
use super::layers::{Layer, Layers};
use super::mask;
use crate::error::{Failure, fail, listed};

/// A variable, and what all of the files say of it.
#[derive(Debug)]
pub(super) struct Variable<'a> {
    pub(super) name: &'a str,
    /// None where it stands without a value.
    pub(super) value: Option<&'a str>,
    /// Where it is set, the one that counts last.
    pub(super) places: Vec<(&'a Layer, &'a Assignment)>,
    /// The environment has the last word.
    pub(super) is_of_environment: bool,
    /// It is set nowhere, and its declared default holds.
    pub(super) is_default: bool,
}

impl Layers {
    /// All variables, in the order in which the files name them first, then those that have a declared default. Files that are named one by one are
    /// asked for what they say, and nobody else has a word.
    pub(super) fn variables(&self) -> IndexMap<&str, Variable<'_>> {
        let mut variables = self.of_files();
        if !self.is_named {
            self.complete_with_others(&mut variables);
        }
        variables
    }

    /// The same as a program gets them, whichever way the files were named.
    pub(super) fn for_program(&self) -> IndexMap<&str, Variable<'_>> {
        let mut variables = self.of_files();
        self.complete_with_others(&mut variables);
        variables
    }

    fn of_files(&self) -> IndexMap<&str, Variable<'_>> {
        let mut variables: IndexMap<&str, Variable> = IndexMap::new();
        for layer in &self.files {
            for assignment in &layer.reading.assignments {
                let variable = variables.entry(&assignment.key).or_insert_with(|| Variable::new(&assignment.key));
                variable.value = assignment.value.as_deref();
                variable.places.push((layer, assignment));
            }
        }
        variables
    }

    fn complete_with_others<'a>(&'a self, variables: &mut IndexMap<&'a str, Variable<'a>>) {
        // What has a default is one of the variables, also where the environment sets it.
        let declared = self.config.vars.iter().filter(|(_, variable)| variable.default.is_some());
        for (name, _) in declared {
            variables.entry(name).or_insert_with(|| Variable::new(name));
        }
        for variable in variables.values_mut() {
            let is_last = !self.overrides || variable.places.is_empty();
            if let Some(value) = self.environment.get(variable.name).filter(|_| is_last) {
                variable.value = Some(value);
                variable.is_of_environment = true;
            }
        }
        for one in &self.defaults {
            let variable = variables.entry(&one.key).or_insert_with(|| Variable::new(&one.key));
            variable.value = one.value.as_deref();
            variable.is_of_environment = false;
            variable.is_default = true;
        }
    }

    /// A variable that no file has: the environment may.
    pub(super) fn unset<'a>(&'a self, name: &'a str) -> Variable<'a> {
        let value = self.environment.get(name).map(String::as_str);
        Variable { value, is_of_environment: value.is_some(), ..Variable::new(name) }
    }

    /// The variable of this name.
    ///
    /// # Errors
    /// Where no file has it, with the one that was probably meant.
    pub(super) fn variable(&self, name: &str) -> Result<Variable<'_>, Failure> {
        let mut variables = self.variables();
        if let Some(variable) = variables.shift_remove(name) {
            return Ok(variable);
        }
        let files: Vec<&str> = self.files.iter().map(|layer| layer.shown.as_str()).collect();
        let failure = fail(format!("`{}` is not set", mask::name(name.split_once('=').map_or(name, |(name, _)| name))));
        let failure = match files.as_slice() {
            [] => failure.cause("there are no .env files here"),
            files => failure.cause(format!("it is not in {}", listed(files))),
        };
        Err(match crate::error::nearest(name, variables.keys().copied()) {
            Some(near) => failure.hint(format!("did you mean `{near}`?")),
            // What follows may be a secret, and is not repeated.
            None => match name.split_once('=').filter(|(name, _)| is_plain(name)) {
                Some((name, _)) => failure.hint(format!("leave `=` and what follows it out: `{name}`")),
                None => failure.hint("see which there are with `prodev env list`"),
            },
        })
    }
}

impl<'a> Variable<'a> {
    fn new(name: &'a str) -> Self {
        Self { name, value: None, places: Vec::new(), is_of_environment: false, is_default: false }
    }
}

/// Whether it is a name, and nothing that has to be quoted.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'))
}
