//! `[vars]`, and the environment of recipes: values, or where they come from.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::strict::table;
use super::value::{Command, OneOrMany, Scalar};

/// An environment variable for a recipe
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum EnvironmentValue {
    /// Its value
    Plain(Scalar),
    /// Where the value comes from
    Full(#[serde(deserialize_with = "table")] FullEnvironmentValue),
}

/// Where the value of an environment variable comes from
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct FullEnvironmentValue {
    /// Its value
    pub(crate) value: Option<Scalar>,
    /// The variable of the environment that it is taken from
    pub(crate) from: Option<String>,
    /// What it is where `from` is not set
    pub(crate) default: Option<Scalar>,
    /// It is never shown
    pub(crate) secret: bool,
}

/// Whether the .env layers are loaded, or which files
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Dotenv {
    /// Whether the layers are loaded
    Layers(bool),
    /// These files
    Files(OneOrMany<String>),
}

/// A variable that recipes see: a value, or where it comes from
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Variable {
    /// Its value
    Plain(Scalar),
    /// Where the value comes from
    Full(#[serde(deserialize_with = "table")] FullVariable),
}

/// Where the value of a variable comes from: one of `value`, `run` and `env`
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct FullVariable {
    /// Its value
    pub(crate) value: Option<Scalar>,
    /// What prints it; run once, and only where the variable is used
    pub(crate) run: Option<Command>,
    /// The environment variable that holds it
    pub(crate) env: Option<String>,
    /// What it is where `env` is not set
    pub(crate) default: Option<Scalar>,
    /// What it is for
    pub(crate) doc: Option<String>,
    /// It is never shown
    pub(crate) secret: bool,
}
