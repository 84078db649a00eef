//! `[settings]`: which prodev the file needs, and how it runs things.

use std::num::NonZeroUsize;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::recipe::Survivors;
use super::value::{Duration, Map, OneOrMany, Requirement, Size};

/// Which prodev the file needs, and how it runs things
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Settings {
    /// The versions of prodev that can read this file
    pub(crate) prodev: Option<Requirement>,
    /// How many recipes run at a time; as many as there are processors without it
    pub(crate) jobs: Option<NonZeroUsize>,
    /// Go on with what can go on when a recipe fails
    pub(crate) keep_going: bool,
    /// The shell of recipes: a name like `bash`, or its words; `sh` with `-eu` without it
    pub(crate) shell: Option<OneOrMany<String>>,
    /// How the output of recipes that run side by side is told apart
    pub(crate) output: Option<Output>,
    /// How long a recipe may take
    pub(crate) timeout: Option<Duration>,
    /// How long a recipe may take to end when it is told to
    pub(crate) grace: Duration,
    /// What happens to programs that are left when a recipe has succeeded
    pub(crate) survivors: Survivors,
    /// How many recipes can hold a `lock` of this name at a time; one where it is not named here
    pub(crate) pools: Map<NonZeroUsize>,
    /// How many runs the history keeps
    pub(crate) history: usize,
    /// Where the outputs of recipes are kept
    pub(crate) cache: CacheSettings,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            prodev: None,
            jobs: None,
            keep_going: false,
            shell: None,
            output: None,
            timeout: None,
            grace: Duration::given("10s"),
            survivors: Survivors::default(),
            pools: Map::new(),
            history: 100,
            cache: CacheSettings::default(),
        }
    }
}

/// How output is told apart
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Output {
    /// In a block, when the recipe has ended
    Group,
    /// Line by line, behind the recipe's name
    Prefix,
    /// As it comes
    Stream,
}

/// Where the outputs of recipes are kept
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct CacheSettings {
    /// The directory; in the user's cache directory without it
    pub(crate) directory: Option<String>,
    /// The most that it holds
    pub(crate) max_size: Option<Size>,
    /// A cache that a team shares
    pub(crate) remote: Option<RemoteCache>,
}

/// A cache that a team shares: any server that speaks Bazel's HTTP protocol
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RemoteCache {
    /// Its address, before `/ac/` and `/cas/`
    pub(crate) url: String,
    /// What it is used for
    #[serde(default)]
    pub(crate) mode: RemoteMode,
    /// How long to wait for it
    #[serde(default)]
    pub(crate) timeout: Option<Duration>,
    /// The environment variable with the bearer token
    #[serde(default)]
    pub(crate) token_env: Option<String>,
    /// The environment variable with the user's name
    #[serde(default)]
    pub(crate) username_env: Option<String>,
    /// The environment variable with the password
    #[serde(default)]
    pub(crate) password_env: Option<String>,
    /// The environment variable with the team's key, through which secrets enter the keys of the cache
    #[serde(default)]
    pub(crate) key_env: Option<String>,
}

/// What a remote cache is used for
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RemoteMode {
    /// To fetch and to store
    #[default]
    ReadWrite,
    /// To fetch
    ReadOnly,
    /// To store
    WriteOnly,
    /// For nothing
    Off,
}
