//! `retry` and `for_each`: what makes a recipe run more than once.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::strict::table;
use super::value::{Command, Duration, Glob, OneOrMany, Scalar};

/// How often to try again
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Retry {
    /// This many times
    Times(u32),
    /// How
    Full(#[serde(deserialize_with = "table")] FullRetry),
}

/// How to try again
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FullRetry {
    /// This many times
    pub(crate) times: u32,
    /// How long to wait before the first of them
    #[serde(default)]
    pub(crate) delay: Option<Duration>,
    /// What the wait is multiplied with after each of them
    #[serde(default)]
    pub(crate) backoff: Option<f64>,
    /// Exit codes to try again on; all failures without it
    #[serde(default)]
    pub(crate) on: Vec<u8>,
}

/// What a recipe runs for
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum ForEach {
    /// These values; the variable is `item`
    Values(Vec<Scalar>),
    /// Values from somewhere
    Full(#[serde(deserialize_with = "table")] FullForEach),
}

/// Values from somewhere
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct FullForEach {
    /// The variable that holds the value; `item` without it
    pub(crate) name: Option<String>,
    /// These values
    pub(crate) values: Option<Vec<Scalar>>,
    /// The files that these globs match
    pub(crate) files: Option<OneOrMany<Glob>>,
    /// The lines that this prints
    pub(crate) lines: Option<Command>,
}
