//! The model of branches as it holds: kinds, long-lived branches, what goes where. Pure; read from `[flow]`, or from what git-flow left in Git's
//! configuration, or the defaults.

use super::git_flow;
use super::kind::{Kind, Point};
use crate::config::flow::Flow;
use crate::config::kind::{Preset, Strategy};
use crate::config::value::Glob;

/// Who said what the model is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Origin {
    /// `[flow]` in prodev.toml.
    Policy,
    /// `gitflow.*`, as git-flow AVH writes it.
    Avh,
    /// `gitflow.*`, as git-flow-next writes it.
    Next,
    /// Nobody.
    Defaults,
}

/// The model and the policy.
#[derive(Debug, Clone)]
pub(crate) struct Rules {
    pub(crate) origin: Origin,
    /// All that is configured, with every default filled in.
    pub(crate) flow: Flow,
    pub(crate) kinds: Vec<Kind>,
    pub(crate) bases: Vec<Base>,
}

/// A long-lived branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Base {
    pub(crate) name: String,
    /// The long-lived branch that it follows; none for the production branch.
    pub(crate) parent: Option<String>,
    /// Kinds and long-lived branches that may be merged into it.
    pub(crate) accepts: Vec<Point>,
}

/// What a branch is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Role<'a> {
    /// Long-lived.
    Base(&'a Base),
    /// A topic branch: its kind, and its name without the prefix.
    Topic(&'a Kind, &'a str),
    /// Nothing that the model knows.
    Unknown,
}

impl Rules {
    /// The rules of a repository: `policy` is `[flow]`, `pairs` are the keys and values of Git's configuration (`gitflow.*` is looked at),
    /// `branches` those that exist: without any configuration `master` is the production branch where there is no `main`.
    pub(crate) fn new<'a>(
        policy: Option<&Flow>,
        pairs: &[(String, String)],
        branches: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        if let Some(policy) = policy {
            return Self::of(policy, Origin::Policy);
        }
        if let Some(found) = git_flow::read(pairs) {
            let mut rules = Self::of(&found.flow, found.origin);
            if let Some(only) = found.only {
                rules.flow.kinds.retain(|name, _| only.contains(name));
                rules.kinds.retain(|kind| only.contains(&kind.name));
            }
            return rules;
        }
        let (mut main, mut master) = (false, false);
        for branch in branches {
            main |= branch == "main";
            master |= branch == "master";
        }
        let name = if master && !main { "master" } else { "main" };
        Self::of(&Flow { main: name.to_owned(), ..Flow::default() }, Origin::Defaults)
    }

    /// The rules that `flow` says.
    pub(crate) fn of(flow: &Flow, origin: Origin) -> Self {
        let flow = flow.effective();
        let point = |name: &str| {
            if flow.long_lived().contains(&name) || !flow.kinds.contains_key(name) {
                Point::Branch(name.to_owned())
            } else {
                Point::Kind(name.to_owned())
            }
        };
        let trunk = flow.develop().unwrap_or(&flow.main);
        let kinds: Vec<Kind> = flow
            .kinds
            .iter()
            .map(|(name, kind)| {
                let parent = kind.parent.as_deref().unwrap_or(trunk);
                Kind {
                    name: name.clone(),
                    prefix: kind.prefix.clone().unwrap_or_else(|| format!("{name}/")),
                    parent: point(parent),
                    start: point(kind.start.as_deref().unwrap_or(parent)),
                    targets: kind.merge_into.iter().flatten().map(|target| point(target)).collect(),
                    strategy: kind.strategy.unwrap_or(Strategy::Merge),
                    update: kind.update.unwrap_or_else(|| kind.strategy.unwrap_or(Strategy::Merge).update()),
                    tag: kind.tag.unwrap_or(false),
                    pattern: kind.pattern.as_deref().map(str::to_owned),
                    several: kind.several.unwrap_or(true) || (name == "release" && flow.release.several),
                    keep: kind.keep.unwrap_or(false) || flow.keep,
                    before_finish: flow.before_finish.iter().chain(&kind.before_finish).cloned().collect(),
                }
            })
            .collect();
        let bases = flow.long_lived().into_iter().map(|name| Base {
            name: name.to_owned(),
            parent: match flow.bases.get(name).and_then(|base| base.parent.clone()) {
                Some(parent) => Some(parent),
                None => (name != flow.main).then(|| flow.main.clone()),
            },
            accepts: match flow.bases.get(name).and_then(|base| base.accepts.as_ref()) {
                Some(accepts) => accepts.iter().map(|name| point(name)).collect(),
                None => accepted(&flow, &kinds, name),
            },
        });
        let bases = bases.collect();
        Self { origin, flow, kinds, bases }
    }

    pub(crate) fn main(&self) -> &str {
        &self.flow.main
    }

    pub(crate) fn develop(&self) -> Option<&str> {
        self.flow.develop()
    }

    /// The branch that topics come from and go to by default.
    pub(crate) fn trunk(&self) -> &str {
        self.develop().unwrap_or(self.main())
    }

    pub(crate) fn remote(&self) -> &str {
        &self.flow.remote
    }

    /// The tag of `version`, which may have the prefix already.
    pub(crate) fn tag(&self, version: &str) -> String {
        let prefix = self.flow.tag_prefix.as_str();
        format!("{prefix}{}", version.strip_prefix(prefix).unwrap_or(version))
    }

    /// The version that `tag` stands for, if it is the tag of one.
    pub(crate) fn version(&self, tag: &str) -> Option<semver::Version> {
        semver::Version::parse(tag.strip_prefix(self.flow.tag_prefix.as_str())?).ok()
    }

    pub(crate) fn kind(&self, name: &str) -> Option<&Kind> {
        self.kinds.iter().find(|kind| kind.name == name)
    }

    pub(crate) fn base(&self, name: &str) -> Option<&Base> {
        self.bases.iter().find(|base| base.name == name)
    }

    /// What `branch` is; the longest prefix decides.
    pub(crate) fn role<'a>(&'a self, branch: &'a str) -> Role<'a> {
        if let Some(base) = self.base(branch) {
            return Role::Base(base);
        }
        let fits = self.kinds.iter().filter_map(|kind| {
            let name = branch.strip_prefix(kind.prefix.as_str()).filter(|name| !name.is_empty())?;
            Some((kind, name))
        });
        match fits.max_by_key(|(kind, _)| kind.prefix.len()) {
            Some((kind, name)) => Role::Topic(kind, name),
            None => Role::Unknown,
        }
    }

    /// Whether the policy lets `from` be merged into `into`. Nothing is known of branches that the model does not know: `None`.
    pub(crate) fn may_merge(&self, from: &str, into: &str) -> Option<bool> {
        let matches = |point: &Point| match (point, self.role(from)) {
            (Point::Branch(name), _) => name == from,
            (Point::Kind(kind), Role::Topic(of, _)) => of.name == *kind,
            (Point::Kind(_), _) => false,
        };
        match (self.role(from), self.role(into)) {
            (Role::Unknown, _) | (_, Role::Unknown) => None,
            (_, Role::Base(base)) => Some(base.accepts.iter().any(matches)),
            // Topics bring in what they come from, and each other's work of the same kind.
            (from, Role::Topic(kind, _)) => Some(match from {
                Role::Base(base) => {
                    let above = |point: &Point| point.name() == base.name;
                    above(&kind.parent) || above(&kind.start) || kind.targets.iter().any(above)
                }
                Role::Topic(other, _) => {
                    let goes = |point: &Point| *point == Point::Kind(kind.name.clone());
                    let fix = other.tag && kind.tag && self.flow.hotfix_into_release;
                    // What stays for good (support) takes in what was started from it.
                    other.name == kind.name || other.targets.iter().any(goes) || fix || kind.targets.is_empty()
                }
                Role::Unknown => true,
            }),
        }
    }

    /// Whether nobody may commit to `branch` directly, push to it by force or delete it.
    pub(crate) fn is_protected(&self, branch: &str) -> bool {
        any(self.flow.protected.as_deref().unwrap_or_default(), branch)
    }

    /// Whether `branch` takes pull requests only.
    pub(crate) fn takes_pull_requests_only(&self, branch: &str) -> bool {
        any(&self.flow.pull_requests, branch)
    }
}

/// What may be merged into the long-lived branch `name` where the file does not say it: the kinds that go there, and the branches that it follows
/// or that follow it.
fn accepted(flow: &Flow, kinds: &[Kind], name: &str) -> Vec<Point> {
    let here = Point::Branch(name.to_owned());
    let goes_here = kinds.iter().filter(|kind| kind.targets.contains(&here));
    let mut accepted: Vec<Point> = goes_here.map(|kind| Point::Kind(kind.name.clone())).collect();
    let follows = match flow.bases.get(name).and_then(|base| base.parent.as_deref()) {
        Some(parent) => Some(parent),
        // develop takes main in (a back-merge), and main takes develop only where no kind brings releases.
        None => (name != flow.main).then_some(flow.main.as_str()),
    };
    accepted.extend(follows.map(|name| Point::Branch(name.to_owned())));
    let has_releases = accepted.iter().any(|point| matches!(point, Point::Kind(kind) if kind == "release"));
    if name == flow.main && !has_releases && flow.preset == Preset::Gitflow {
        accepted.extend(flow.develop().map(|name| Point::Branch(name.to_owned())));
    }
    accepted
}

/// Whether one of the globs matches, and none that begins with `!` after it takes that back.
fn any(globs: &[Glob], branch: &str) -> bool {
    let mut matched = false;
    for glob in globs {
        let (plain, wanted) = match glob.strip_prefix('!') {
            Some(plain) => (plain, false),
            None => (&**glob, true),
        };
        let built = globset::GlobBuilder::new(plain).literal_separator(true).build();
        if built.is_ok_and(|glob| glob.compile_matcher().is_match(branch)) {
            matched = wanted;
        }
    }
    matched
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> Rules {
        Rules::new(None, &[], ["main", "develop"])
    }

    #[test]
    fn a_branch_is_what_its_longest_prefix_says() {
        let flow = Flow {
            kinds: [("deep", "feature/deep/"), ("loose", "")]
                .map(|(name, prefix)| {
                    let kind = crate::config::kind::Kind { prefix: Some(prefix.to_owned()), ..Default::default() };
                    (name.to_owned(), kind)
                })
                .into(),
            ..Flow::default()
        };
        let rules = Rules::of(&flow, Origin::Policy);
        let cases = [
            ("feature/login", Some(("feature", "login"))),
            ("feature/deep/a/b", Some(("deep", "a/b"))),
            ("feature/deep/", Some(("feature", "deep/"))),
            ("feature/", Some(("loose", "feature/"))),
            ("hotfix/1.0.1", Some(("hotfix", "1.0.1"))),
            ("other", Some(("loose", "other"))),
            ("main", None),
            ("develop", None),
        ];
        for (branch, expected) in cases {
            let found = match rules.role(branch) {
                Role::Topic(kind, name) => Some((kind.name.as_str(), name)),
                _ => None,
            };
            assert_eq!(found, expected, "{branch}");
        }
        assert_eq!(super::Rules::role(&self::rules(), "other"), Role::Unknown);
    }

    #[test]
    fn merges_go_where_their_kind_goes() {
        let rules = rules();
        let cases = [
            ("feature/a", "develop", Some(true)),
            ("feature/a", "main", Some(false)),
            ("hotfix/1", "main", Some(true)),
            ("hotfix/1", "develop", Some(true)),
            ("hotfix/1", "release/2", Some(true)),
            ("release/1", "main", Some(true)),
            ("release/1", "develop", Some(true)),
            ("main", "develop", Some(true)),
            ("develop", "main", Some(false)),
            ("develop", "feature/a", Some(true)),
            ("main", "feature/a", Some(false)),
            ("main", "hotfix/1", Some(true)),
            ("feature/a", "feature/b", Some(true)),
            ("feature/a", "release/1", Some(false)),
            ("other", "main", None),
            ("feature/a", "other", None),
        ];
        for (from, into, expected) in cases {
            assert_eq!(rules.may_merge(from, into), expected, "{from} into {into}");
        }
    }

    #[test]
    fn what_is_not_configured_is_seen() {
        let main = |branches: &[&str]| Rules::new(None, &[], branches.iter().copied()).main().to_owned();
        assert_eq!(main(&["master", "develop"]), "master");
        assert_eq!(main(&["main", "master"]), "main");
        assert_eq!(main(&[]), "main");
    }

    #[test]
    fn long_lived_branches_are_protected_and_globs_can_say_otherwise() {
        assert!(rules().is_protected("main") && rules().is_protected("develop") && !rules().is_protected("feature/a"));
        let globs: Vec<Glob> = ["release/*", "!release/x"].map(Glob::given).into();
        let rules = Rules::of(&Flow { protected: Some(globs), ..Flow::default() }, Origin::Policy);
        assert!(rules.is_protected("release/1") && !rules.is_protected("release/x") && !rules.is_protected("main"));
    }

    #[test]
    fn prefixes_are_not_doubled() {
        let rules = rules();
        let feature = rules.kind("feature").unwrap();
        for (name, branch) in [("a", "feature/a"), ("feature/a", "feature/a"), ("feature/", "feature/feature/")] {
            assert_eq!(feature.branch(name), branch);
        }
        let rules = Rules::of(&Flow { tag_prefix: "v".to_owned(), ..Flow::default() }, Origin::Policy);
        assert_eq!((rules.tag("1.0").as_str(), rules.tag("v1.0").as_str()), ("v1.0", "v1.0"));
        assert_eq!(rules.version("v1.2.3"), Some(semver::Version::new(1, 2, 3)));
        assert_eq!(rules.version("1.2.3"), None);
    }
}
