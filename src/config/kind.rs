//! `[flow.kinds.NAME]` and the presets: kinds of topic branches.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::recipe::Need;
use super::value::{Map, Pattern};

/// A model of branches
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Preset {
    /// main and develop; feature, bugfix, release, hotfix, support
    #[default]
    Gitflow,
    /// main alone; feature, bugfix, hotfix
    Github,
    /// main alone, releases on branches of their own; feature, bugfix, hotfix, release
    Gitlab,
}

/// A kind of topic branch. In a kind of the preset, what is not given stays as it is there
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Kind {
    /// What stands before the name of such a branch; `NAME/` without it
    pub(crate) prefix: Option<String>,
    /// The branch that it grows on; develop without it, or main where there is no develop
    pub(crate) parent: Option<String>,
    /// Where it starts; the parent without it
    pub(crate) start: Option<String>,
    /// The branches that it is merged into when it is finished, in this order; the parent without it
    pub(crate) merge_into: Option<Vec<String>>,
    /// How it is merged
    pub(crate) strategy: Option<Strategy>,
    /// How its parent is brought in by `prodev flow update`; what suits the strategy without it
    pub(crate) update: Option<Update>,
    /// Tag the first branch that it is merged into; the name of the branch is the version
    pub(crate) tag: Option<bool>,
    /// What the whole name after the prefix must match
    pub(crate) pattern: Option<Pattern>,
    /// Several may be open at a time
    pub(crate) several: Option<bool>,
    /// It stays when it is finished, or never is
    pub(crate) keep: Option<bool>,
    /// Recipes that must succeed before a finish changes anything, after those of `[flow]`
    pub(crate) before_finish: Vec<Need>,
}

/// How a branch is merged
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Strategy {
    /// A merge commit, always
    Merge,
    /// One commit of all
    Squash,
    /// On top of the target, without a merge commit
    Rebase,
    /// Only where the target has not moved
    FfOnly,
}

/// How a branch takes in its parent
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Update {
    /// A merge
    Merge,
    /// Its own commits go on top
    Rebase,
}

impl Strategy {
    /// What suits it.
    pub(crate) fn update(self) -> Update {
        match self {
            Self::Merge | Self::Squash => Update::Merge,
            // A merge of the parent would be in the way of both.
            Self::Rebase | Self::FfOnly => Update::Rebase,
        }
    }
}

impl Preset {
    /// The name of its development branch.
    pub(crate) fn develop(self) -> Option<&'static str> {
        match self {
            Self::Gitflow => Some("develop"),
            Self::Github | Self::Gitlab => None,
        }
    }

    /// Its kinds, between these branches.
    pub(crate) fn kinds(self, main: &str, develop: Option<&str>) -> Map<Kind> {
        let trunk = develop.unwrap_or(main);
        let topic = |name: &str| (name.to_owned(), Kind::ordinary(name, trunk));
        let production = |name: &str| {
            let targets: Vec<String> = std::iter::once(main).chain(develop).map(str::to_owned).collect();
            let kind = Kind { merge_into: Some(targets), tag: Some(true), several: Some(false), ..Kind::default() };
            let mut made = Kind::ordinary(name, main);
            made.change(&kind);
            (name.to_owned(), made)
        };
        let mut release = production("release");
        release.1.parent = Some(trunk.to_owned());
        release.1.start = Some(trunk.to_owned());
        let mut support = (String::from("support"), Kind::ordinary("support", main));
        support.1.merge_into = Some(Vec::new());
        support.1.keep = Some(true);
        match self {
            Self::Gitflow => [topic("feature"), topic("bugfix"), release, production("hotfix"), support].into(),
            Self::Github => [topic("feature"), topic("bugfix"), topic("hotfix")].into(),
            Self::Gitlab => {
                // A release lives on as a branch of its own; fixes go to main first.
                release.1.merge_into = Some(Vec::new());
                release.1.keep = Some(true);
                release.1.several = Some(true);
                [topic("feature"), topic("bugfix"), topic("hotfix"), release].into()
            }
        }
    }
}

impl Kind {
    /// A kind of which nothing is known but its name and the branch that it comes from and goes to.
    pub(super) fn ordinary(name: &str, trunk: &str) -> Self {
        Self {
            prefix: Some(format!("{name}/")),
            parent: Some(trunk.to_owned()),
            start: Some(trunk.to_owned()),
            merge_into: Some(vec![trunk.to_owned()]),
            strategy: Some(Strategy::Merge),
            update: None,
            tag: Some(false),
            pattern: None,
            several: Some(true),
            keep: Some(false),
            before_finish: Vec::new(),
        }
    }

    /// Takes over what `changes` says. A new parent is also where it starts and what it is merged into, unless that is said too.
    pub(super) fn change(&mut self, changes: &Self) {
        if let Some(parent) = &changes.parent {
            self.parent = Some(parent.clone());
            self.start = Some(parent.clone());
            if self.merge_into.as_ref().is_some_and(|targets| targets.len() == 1) {
                self.merge_into = Some(vec![parent.clone()]);
            }
        }
        let Self { prefix, parent: _, start, merge_into, strategy, update, tag, pattern, several, keep, before_finish } =
            changes.clone();
        self.prefix = prefix.or(self.prefix.take());
        self.start = start.or(self.start.take());
        self.merge_into = merge_into.or(self.merge_into.take());
        self.strategy = strategy.or(self.strategy.take());
        self.update = update.or(self.update);
        self.tag = tag.or(self.tag);
        self.pattern = pattern.or(self.pattern.take());
        self.several = several.or(self.several);
        self.keep = keep.or(self.keep);
        self.before_finish = before_finish;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_presets_know_where_branches_come_from_and_go_to() {
        type Case<'a> = (Preset, Option<&'a str>, &'a str, &'a str, &'a [&'a str]);
        let cases: [Case; 7] = [
            (Preset::Gitflow, Some("dev"), "feature", "dev", &["dev"]),
            (Preset::Gitflow, Some("dev"), "release", "dev", &["master", "dev"]),
            (Preset::Gitflow, Some("dev"), "hotfix", "master", &["master", "dev"]),
            (Preset::Gitflow, Some("dev"), "support", "master", &[]),
            (Preset::Github, None, "feature", "master", &["master"]),
            (Preset::Gitlab, None, "hotfix", "master", &["master"]),
            (Preset::Gitlab, None, "release", "master", &[]),
        ];
        for (preset, develop, name, start, targets) in cases {
            let kinds = preset.kinds("master", develop);
            let kind = &kinds[name];
            assert_eq!(kind.start.as_deref(), Some(start), "{preset:?} {name}");
            assert_eq!(kind.merge_into.as_deref().unwrap_or_default(), targets, "{preset:?} {name}");
        }
    }

    #[test]
    fn a_changed_parent_is_start_and_target_too() {
        let mut kind = Kind::ordinary("docs", "develop");
        kind.change(&Kind { parent: Some("main".to_owned()), tag: Some(true), ..Kind::default() });
        assert_eq!(kind.start.as_deref(), Some("main"));
        assert_eq!(kind.merge_into, Some(vec!["main".to_owned()]));
        assert_eq!((kind.tag, kind.prefix.as_deref()), (Some(true), Some("docs/")));
    }
}
