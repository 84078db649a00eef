//! `when` and `requires`: when a recipe runs, and what must be there for it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::strict::table;
use super::value::{Expression, Glob, Map, OneOrMany, Requirement, Scalar};

/// When a recipe runs
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum When {
    /// An expression over parameters, variables, `env` and `os`
    Expression(Expression),
    /// Conditions that must all hold
    Conditions(#[serde(deserialize_with = "table")] Conditions),
}

/// Conditions that must all hold
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Conditions {
    /// An expression over parameters, variables, `env` and `os`
    pub(crate) expression: Option<Expression>,
    /// Operating systems
    pub(crate) os: OneOrMany<System>,
    /// Environment variables: a value, or `true` for set and `false` for not set
    pub(crate) env: Map<Scalar>,
    /// Files that have changed
    pub(crate) changed: Option<Changed>,
}

/// An operating system
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum System {
    /// Linux
    Linux,
    /// macOS
    Macos,
    /// Windows
    Windows,
    /// A BSD
    Bsd,
    /// All of them but Windows
    Unix,
}

/// Files that have changed since a commit
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Changed {
    /// The files
    pub(crate) paths: Vec<Glob>,
    /// The branch, tag or commit to compare with; the parent of the current branch without it
    #[serde(default)]
    pub(crate) since: Option<String>,
}

/// What must be there
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Requires {
    /// Tools, by name
    Tools(Vec<String>),
    /// Tools with versions, and variables
    Full(#[serde(deserialize_with = "table")] FullRequires),
}

/// Tools with versions, and variables
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct FullRequires {
    /// Tools: a version like `>=20`, `*` for any, or how to find it out
    pub(crate) tools: Map<Tool>,
    /// Environment variables
    pub(crate) env: Vec<String>,
}

/// A tool that must be there
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Tool {
    /// The versions that will do
    Version(Requirement),
    /// How to find it out
    Full(#[serde(deserialize_with = "table")] FullTool),
}

/// How to find out a tool's version
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct FullTool {
    /// The versions that will do
    pub(crate) version: Option<Requirement>,
    /// What prints the version; `TOOL --version` without it
    pub(crate) command: Option<Vec<String>>,
    /// What to do where it is missing
    pub(crate) hint: Option<String>,
}
