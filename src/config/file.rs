//! What a `prodev.toml` can hold: the root file everything, a nested or included one recipes, variables and .env files.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::environment::Environment;
use super::flow::Flow;
use super::hook::Hooks;
use super::recipe::Recipe;
use super::settings::Settings;
use super::strict::table;
use super::value::Map;
use super::variable::Variable;

/// prodev.toml: recipes, Git-Flow, .env files and hooks of a project
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(title = "prodev.toml")]
pub(crate) struct Root {
    /// Which prodev this file needs, and how it runs things
    pub(crate) settings: Settings,
    /// Other files with recipes, variables and .env files
    pub(crate) include: Vec<Include>,
    /// Variables that recipes see, by name
    pub(crate) vars: Map<Variable>,
    /// The .env files: who reads them, which there are, which variables they hold
    pub(crate) env: Option<Environment>,
    /// Git-Flow: branches, how they come together, and the policy
    pub(crate) flow: Option<Flow>,
    /// What runs when Git calls a hook, by the hook's name
    pub(crate) hooks: Hooks,
    /// Recipes, by name
    pub(crate) recipes: Map<Recipe>,
}

/// What a nested or included file can hold
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(title = "A nested prodev.toml")]
pub(crate) struct Part {
    /// Other files with recipes, variables and .env files
    pub(crate) include: Vec<Include>,
    /// Variables that recipes see, by name
    pub(crate) vars: Map<Variable>,
    /// The .env files of this directory
    pub(crate) env: Option<Environment>,
    /// Recipes, by name
    pub(crate) recipes: Map<Recipe>,
}

/// What only the root file can hold.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Policy {
    pub(crate) settings: Settings,
    pub(crate) flow: Option<Flow>,
    pub(crate) hooks: Hooks,
}

/// Another file: its path, or more
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Include {
    /// Its path, from the directory of this file
    Path(String),
    /// More to say
    Full(#[serde(deserialize_with = "table")] FullInclude),
}

/// Another file
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FullInclude {
    /// Its path, from the directory of this file
    pub(crate) path: String,
    /// What its recipes are called by: with `ci`, its `test` is `ci::test`; as here without it
    #[serde(default)]
    pub(crate) namespace: Option<String>,
    /// It need not be there
    #[serde(default)]
    pub(crate) optional: bool,
}

impl Root {
    /// What every file can hold, and what only this one can.
    pub(super) fn split(self) -> (Policy, Part) {
        let Self { settings, include, vars, env, flow, hooks, recipes } = self;
        (Policy { settings, flow, hooks }, Part { include, vars, env, recipes })
    }
}

impl Include {
    /// With all that can be said.
    pub(super) fn full(&self) -> FullInclude {
        match self {
            Self::Path(path) => FullInclude { path: path.clone(), namespace: None, optional: false },
            Self::Full(full) => full.clone(),
        }
    }
}
