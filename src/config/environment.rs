//! `[env]`: which .env files there are, who reads them, and which variables they hold.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use std::collections::HashSet;

use super::value::{Command, Expression, Map, OneOrMany, Pattern, Scalar, Severity};

/// The .env files: who reads them, which there are, which variables they hold
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Environment {
    /// How prodev reads the files
    pub(crate) dialect: Dialect,
    /// Who else reads the files: findings and spellings take all of them into account
    pub(crate) dialects: Vec<Dialect>,
    /// Which files there are, later ones win: a convention by its name, or a list like `[".env", ".env.{profile}"]`
    pub(crate) order: Order,
    /// The profile where none is given
    pub(crate) profile: Option<String>,
    /// The files win over the environment that prodev was started with
    #[serde(rename = "override")]
    pub(crate) overrides: bool,
    /// What prints the private key for encrypted values; it finds the key's name in `PRODEV_KEY_NAME`
    pub(crate) key_command: Option<Command>,
    /// How much each rule of `prodev env check` matters, by the rule's name
    pub(crate) lint: Map<Severity>,
    /// How much a variable matters that `vars` does not have
    pub(crate) undeclared: Severity,
    /// Files that declare variables, too: in the way of varlock's `.env.schema`, or a JSON Schema; `.env.schema` and `env.schema.json` without it
    pub(crate) schema: OneOrMany<String>,
    /// The variables, by name
    pub(crate) vars: Map<EnvironmentVariable>,
    /// Names whose values were made of what is not shown. Nobody writes this down: it is known when the files have been read
    #[serde(skip)]
    pub(crate) made_of_secrets: HashSet<String>,
}

impl Default for Environment {
    fn default() -> Self {
        Self {
            dialect: Dialect::default(),
            dialects: Vec::new(),
            order: Order::default(),
            profile: None,
            overrides: false,
            key_command: None,
            lint: Map::new(),
            undeclared: Severity::Warn,
            schema: OneOrMany::default(),
            vars: Map::new(),
            made_of_secrets: HashSet::new(),
        }
    }
}

/// A way of reading .env files
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Deserialize, Serialize, JsonSchema, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Dialect {
    /// Compose's, made strict
    #[default]
    Default,
    /// Docker Compose
    Compose,
    /// dotenv for Node
    Dotenv,
    /// dotenv with dotenv-expand
    DotenvExpand,
    /// dotenvx
    Dotenvx,
    /// python-dotenv
    Python,
    /// Node's own `--env-file`
    Node,
    /// `docker run --env-file`
    Docker,
    /// dotenvy for Rust
    Dotenvy,
    /// direnv
    Direnv,
    /// Assignments of a shell; nothing is run
    Sh,
}

/// Which files there are
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Order {
    /// As this tool has it
    Convention(Convention),
    /// These; `{profile}` stands for the profile, and where there is none such a file is left out
    Files(Vec<String>),
}

impl Default for Order {
    fn default() -> Self {
        Self::Convention(Convention::Default)
    }
}

/// Whose order of files
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Convention {
    /// `.env`, `.env.local`, `.env.PROFILE`, `.env.PROFILE.local`
    #[default]
    Default,
    /// Vite's
    Vite,
    /// Next.js'
    Nextjs,
    /// dotenv-flow's
    Flow,
    /// Docker Compose's: `.env` alone
    Compose,
}

/// A variable of the environment
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[allow(clippy::struct_excessive_bools, reason = "each is a key of the file")]
pub(crate) struct EnvironmentVariable {
    /// What it is for
    pub(crate) doc: Option<String>,
    /// What its value is
    #[serde(rename = "type")]
    pub(crate) kind: VariableType,
    /// It must be set
    pub(crate) required: bool,
    /// It must be set where this expression holds, over other variables and `profile`
    pub(crate) when: Option<Expression>,
    /// Its value where it is not set
    pub(crate) default: Option<Scalar>,
    /// It is never shown, and never written into an example
    pub(crate) secret: bool,
    /// A value to show what it looks like
    pub(crate) example: Option<Scalar>,
    /// It should not be used any more: `true`, or what to use
    pub(crate) deprecated: Option<Deprecated>,
    /// The values of an `enum`
    pub(crate) values: Vec<Scalar>,
    /// What the whole value must match
    pub(crate) pattern: Option<Pattern>,
    /// The smallest value (`int`, `float`, `port`, `duration`, `date`, `semver`)
    pub(crate) min: Option<Scalar>,
    /// The largest value (`int`, `float`, `port`, `duration`, `date`, `semver`)
    pub(crate) max: Option<Scalar>,
    /// The fewest characters (`string`, `url`, `email`, `path`) or items (`list`, `map`)
    pub(crate) min_length: Option<usize>,
    /// The most characters or items
    pub(crate) max_length: Option<usize>,
    /// An empty value is a value
    pub(crate) allow_empty: bool,
    /// The schemes that a `url` can have
    pub(crate) schemes: OneOrMany<String>,
    /// The version of an `ip`: 4 or 6; either without it
    pub(crate) version: Option<u8>,
    /// The file or directory of a `path` must exist
    pub(crate) exists: bool,
    /// What the items of a `list` or the values of a `map` are; `string` without it
    pub(crate) items: Option<VariableType>,
    /// What stands between items; `,` without it
    pub(crate) separator: Option<String>,
}

/// What a variable's value is
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum VariableType {
    /// Any text
    #[default]
    String,
    /// A whole number
    Int,
    /// A number
    Float,
    /// `true`, `false`, `yes`, `no`, `on`, `off`, `1` or `0`
    Bool,
    /// An address with a scheme
    Url,
    /// A mail address
    Email,
    /// A port, 1 to 65535
    Port,
    /// An IP address
    Ip,
    /// A UUID
    Uuid,
    /// A semantic version
    Semver,
    /// A span of time, as `30s`
    Duration,
    /// A date, as `2026-01-31`, with or without a time
    Date,
    /// One of `values`
    Enum,
    /// JSON
    Json,
    /// A path
    Path,
    /// Items between separators
    List,
    /// `key=value` pairs between separators
    Map,
}

/// Whether something should not be used any more, or what to use
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Deprecated {
    /// Whether it should not be used
    Plain(bool),
    /// What to use
    Instead(String),
}
