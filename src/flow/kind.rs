//! A kind of topic branches, with nothing left to defaults.

use crate::config::kind::{Strategy, Update};
use crate::config::recipe::Need;

/// A kind of topic branches.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Kind {
    pub(crate) name: String,
    /// What stands before the name of such a branch; nothing where every other branch is of this kind.
    pub(crate) prefix: String,
    /// The branch that it belongs to.
    pub(crate) parent: Point,
    /// Where it starts.
    pub(crate) start: Point,
    /// What it is merged into, in this order; nothing where it is never finished.
    pub(crate) targets: Vec<Point>,
    pub(crate) strategy: Strategy,
    /// How it takes in its parent.
    pub(crate) update: Update,
    /// Whether the first target is tagged; the name is the version then.
    pub(crate) tag: bool,
    /// A regular expression that the whole name after the prefix matches.
    pub(crate) pattern: Option<String>,
    /// Whether several may be open at a time.
    pub(crate) several: bool,
    /// Whether it stays when it is finished.
    pub(crate) keep: bool,
    /// Recipes that must succeed before a finish.
    pub(crate) before_finish: Vec<Need>,
}

/// What a kind starts from or goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Point {
    /// A long-lived branch.
    Branch(String),
    /// The open branches of a kind.
    Kind(String),
}

impl Point {
    /// As the configuration names it.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Branch(name) | Self::Kind(name) => name,
        }
    }
}

impl Kind {
    /// The name of the branch that is called `name`, which may have the prefix already.
    pub(crate) fn branch(&self, name: &str) -> String {
        format!("{}{}", self.prefix, self.bare(name))
    }

    /// `name` without the prefix.
    pub(crate) fn bare<'a>(&self, name: &'a str) -> &'a str {
        // The prefix alone is no name.
        name.strip_prefix(self.prefix.as_str()).filter(|rest| !rest.is_empty()).unwrap_or(name)
    }
}
