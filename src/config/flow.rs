//! `[flow]`: which branches there are, how they come together, and what is held against the policy.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::kind::{Kind, Preset};
use super::message::Message;
use super::recipe::Need;
use super::rule::{Rule, Rules};
use super::value::{Duration, Glob, Map, Pattern, Severity};

/// Git-Flow: branches, how they come together, and the policy
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[allow(clippy::struct_excessive_bools, reason = "each is a key of the file")]
pub(crate) struct Flow {
    /// The model that all else starts from
    pub(crate) preset: Preset,
    /// The production branch
    pub(crate) main: String,
    /// The branch that the next release grows on; `develop` in the preset `gitflow`, none in the others
    pub(crate) develop: Option<String>,
    /// The remote
    pub(crate) remote: String,
    /// What stands before the version in a tag
    pub(crate) tag_prefix: String,
    /// Kinds of topic branches, by name: those of the preset, changed, and more
    pub(crate) kinds: Map<Kind>,
    /// Further long-lived branches, as `staging`, by name
    pub(crate) bases: Map<Base>,
    /// Branches that nobody commits to directly, pushes to by force or deletes; the long-lived ones without it
    pub(crate) protected: Option<Vec<Glob>>,
    /// Branches that take pull requests only
    pub(crate) pull_requests: Vec<Glob>,
    /// A hotfix also goes into the open release
    pub(crate) hotfix_into_release: bool,
    /// Look at the remote before branches start and finish
    pub(crate) fetch: bool,
    /// Bring a branch that is only behind the remote up to it before a finish merges into it
    pub(crate) fast_forward: bool,
    /// Push what a finish has made
    pub(crate) push: bool,
    /// Keep a topic branch when it is finished
    pub(crate) keep: bool,
    /// The message of a merge: `{branch}`, `{kind}`, `{name}`, `{target}`; Git's own without it
    pub(crate) merge_message: Option<String>,
    /// The message of a squashed branch: `{branch}`, `{kind}`, `{name}`, `{target}`
    pub(crate) squash_message: Option<String>,
    /// The message of a tag: `{version}`, `{tag}`
    pub(crate) tag_message: Option<String>,
    /// What the site of the remote is, where its address does not tell
    pub(crate) forge: Option<Forge>,
    /// Recipes that must succeed before a finish changes anything
    pub(crate) before_finish: Vec<Need>,
    /// What must be signed
    pub(crate) signatures: Vec<Signed>,
    /// A topic branch without a commit for this long is stale
    pub(crate) stale_after: Option<Duration>,
    /// A topic branch that is older than this is over age
    pub(crate) max_age: Option<Duration>,
    /// A single check may be skipped by who commits or pushes; that is shown
    pub(crate) allow_skips: bool,
    /// What commit messages look like
    pub(crate) message: Option<Message>,
    /// What a release changes before it is merged
    pub(crate) release: Release,
    /// How much each rule of `prodev flow check` matters
    pub(crate) rules: Rules,
}

impl Default for Flow {
    fn default() -> Self {
        Self {
            preset: Preset::default(),
            main: "main".to_owned(),
            develop: None,
            remote: "origin".to_owned(),
            tag_prefix: String::new(),
            kinds: Map::new(),
            bases: Map::new(),
            protected: None,
            pull_requests: Vec::new(),
            hotfix_into_release: true,
            fetch: true,
            fast_forward: false,
            push: false,
            keep: false,
            merge_message: None,
            squash_message: None,
            tag_message: None,
            forge: None,
            before_finish: Vec::new(),
            signatures: Vec::new(),
            stale_after: None,
            max_age: None,
            allow_skips: true,
            message: None,
            release: Release::default(),
            rules: Rules::default(),
        }
    }
}

/// A long-lived branch beside main and develop
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Base {
    /// The long-lived branch that it follows; main without it
    pub(crate) parent: Option<String>,
    /// Kinds and long-lived branches that may be merged into it; its parent without it
    pub(crate) accepts: Option<Vec<String>>,
}

/// What must be signed
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Signed {
    /// Every commit
    Commits,
    /// Merges into long-lived branches
    Merges,
    /// Version tags
    Tags,
}

/// The site of a remote
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Forge {
    /// GitHub, or GitHub Enterprise
    Github,
    /// GitLab
    Gitlab,
    /// Bitbucket
    Bitbucket,
}

/// What a release (and a hotfix) changes before it is merged
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Release {
    /// Files that hold the version
    pub(crate) files: Vec<VersionFile>,
    /// The changelog to write
    pub(crate) changelog: Option<String>,
    /// The message of the commit: `{version}`, `{tag}`
    pub(crate) message: Option<String>,
    /// Several releases may be open at a time
    pub(crate) several: bool,
}

/// A file that holds the version
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct VersionFile {
    /// Where it is, from the root of the repository
    pub(crate) path: String,
    /// What surrounds the version; the version is the group `version`, or else the first
    pub(crate) pattern: Pattern,
}

impl Flow {
    /// The branch that the next release grows on, where the model has one.
    pub(crate) fn develop(&self) -> Option<&str> {
        self.develop.as_deref().or_else(|| self.preset.develop())
    }

    /// The long-lived branches.
    pub(crate) fn long_lived(&self) -> Vec<&str> {
        let ours: Vec<&str> = std::iter::once(self.main.as_str()).chain(self.develop()).collect();
        // `[flow.bases]` can say more of these two.
        let others = self.bases.keys().map(String::as_str).filter(|name| !ours.contains(name));
        let others: Vec<&str> = others.collect();
        [ours, others].concat()
    }

    /// The kinds of the preset with the file's changes, and the file's own; every key that has a meaning by default is filled in.
    pub(crate) fn kinds(&self) -> Map<Kind> {
        let mut kinds = self.preset.kinds(&self.main, self.develop());
        for (name, changes) in &self.kinds {
            let kind =
                kinds.entry(name.clone()).or_insert_with(|| Kind::ordinary(name, self.develop().unwrap_or(&self.main)));
            kind.change(changes);
        }
        kinds
    }

    /// The policy as it holds, with all that is left to defaults.
    pub(crate) fn effective(&self) -> Self {
        let mut flow = self.clone();
        flow.develop = self.develop().map(str::to_owned);
        flow.kinds = self.kinds();
        if flow.protected.is_none() {
            flow.protected = Some(self.long_lived().into_iter().map(Glob::given).collect());
        }
        let severities: Map<Severity> =
            Rule::ALL.iter().map(|rule| (rule.name().to_owned(), self.severity(*rule))).collect();
        flow.rules = severities.into();
        flow
    }

    /// How much `rule` matters.
    pub(crate) fn severity(&self, rule: Rule) -> Severity {
        self.rules.get(rule.name()).copied().unwrap_or_else(|| rule.severity())
    }
}
