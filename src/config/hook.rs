//! `[hooks]`: what runs when Git calls a hook.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::named::{Named, Names};
use super::strict::table;
use super::value::{Command, Glob, Map, OneOrMany, Scalar};

/// Steps by the hook that they belong to.
pub(crate) type Hooks = Named<HookNames, OneOrMany<HookStep>>;

/// The hooks that Git knows (<https://git-scm.com/docs/githooks>).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct HookNames;

impl Names for HookNames {
    const WHAT: &'static str = "a Git hook";

    fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
        [
            ("pre-commit", "Before a commit is made"),
            ("pre-merge-commit", "Before a merge is committed"),
            ("prepare-commit-msg", "Before the editor opens on a message"),
            ("commit-msg", "When a message has been written"),
            ("post-commit", "After a commit"),
            ("pre-rebase", "Before a rebase"),
            ("post-checkout", "After a checkout"),
            ("post-merge", "After a merge"),
            ("post-rewrite", "After commits were rewritten"),
            ("pre-push", "Before a push"),
            ("pre-receive", "On a server, before refs are updated"),
            ("update", "On a server, before one ref is updated"),
            ("post-receive", "On a server, after refs were updated"),
            ("post-update", "On a server, after all refs were updated"),
            ("proc-receive", "On a server, in place of updating refs"),
            ("reference-transaction", "When refs are about to change, or have"),
            ("push-to-checkout", "On a server, when a push changes the branch that is checked out"),
            ("applypatch-msg", "When `git am` has taken a message"),
            ("pre-applypatch", "When `git am` has applied a patch, before the commit"),
            ("post-applypatch", "After `git am` has committed"),
            ("pre-auto-gc", "Before `git gc --auto`"),
            ("post-index-change", "After the index was written"),
            ("fsmonitor-watchman", "When Git asks which files have changed"),
            ("sendemail-validate", "Before `git send-email` sends"),
        ]
        .into_iter()
    }
}

/// What a hook does: a recipe by its name, or more
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum HookStep {
    /// A recipe
    Recipe(String),
    /// More to say
    Full(#[serde(deserialize_with = "table")] FullHookStep),
}

/// What a hook does: one of `recipe`, `run` and `check`
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct FullHookStep {
    /// A recipe
    pub(crate) recipe: Option<String>,
    /// Values for the recipe's parameters
    pub(crate) with: Map<OneOrMany<Scalar>>,
    /// A text for the shell, or a list of words for no shell; Git's arguments follow
    pub(crate) run: Option<Command>,
    /// A check of prodev itself
    pub(crate) check: Option<HookCheck>,
    /// What it is called in output
    pub(crate) name: Option<String>,
    /// Only when files that match are concerned
    pub(crate) files: OneOrMany<Glob>,
    /// Not while Git does this
    pub(crate) skip_during: Vec<GitOperation>,
}

/// A check of prodev itself
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum HookCheck {
    /// The part of the policy that belongs to the hook
    Flow,
    /// The .env files: lint and schema
    Env,
    /// Secrets in what is committed or pushed
    Secrets,
}

/// Something that Git is in the middle of
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum GitOperation {
    /// A merge
    Merge,
    /// A rebase
    Rebase,
    /// A cherry-pick
    CherryPick,
    /// A revert
    Revert,
}
