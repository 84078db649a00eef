//! `[flow.message]`: what commit messages look like. How much each rule matters stands in `[flow.rules]`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::value::{Map, Pattern};

/// What commit messages look like
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Message {
    /// The first line is `type(scope): subject`, as Conventional Commits have it
    pub(crate) conventional: bool,
    /// The types that it can have
    pub(crate) types: Vec<String>,
    /// The scopes that it can have; any where the list is empty
    pub(crate) scopes: Vec<String>,
    /// A scope must be there
    pub(crate) scope_required: bool,
    /// The most characters of the first line
    pub(crate) max_length: usize,
    /// How the subject begins
    pub(crate) case: Case,
    /// What comes after the first line
    pub(crate) body: Body,
    /// Trailers that must be there, each with a pattern for its whole value, as `Reviewed-by = ".+"`
    pub(crate) trailers: Map<Pattern>,
    /// A `Signed-off-by` of the author must be there
    pub(crate) sign_off: bool,
    /// What a ticket looks like, as `SHOP-[0-9]+`; one must be named
    pub(crate) ticket: Option<Pattern>,
    /// Messages whose first line matches one of these are not looked at
    pub(crate) ignore: Vec<Pattern>,
    /// Commits of authors (`Name <mail>`) who match one of these are not looked at
    pub(crate) ignore_authors: Vec<Pattern>,
}

impl Default for Message {
    fn default() -> Self {
        let types = ["build", "chore", "ci", "docs", "feat", "fix", "perf", "refactor", "revert", "style", "test"];
        Self {
            conventional: true,
            types: types.map(str::to_owned).to_vec(),
            scopes: Vec::new(),
            scope_required: false,
            max_length: 72,
            case: Case::default(),
            body: Body::default(),
            trailers: Map::new(),
            sign_off: false,
            ticket: None,
            ignore: Vec::new(),
            ignore_authors: Vec::new(),
        }
    }
}

/// How a subject begins
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Case {
    /// In any way
    #[default]
    Any,
    /// With a small letter
    Lower,
    /// With a capital letter
    Upper,
}

/// What comes after the first line
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Body {
    /// There must be a body
    pub(crate) required: bool,
    /// The most characters of a line; links and code are let alone
    pub(crate) max_length: Option<usize>,
}
