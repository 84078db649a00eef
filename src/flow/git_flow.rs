//! `gitflow.*` in Git's configuration, as git-flow AVH and git-flow-next write it, as if it stood in `[flow]`.

use super::rules::Origin;
use crate::config::check::{refuse_branch, refuse_whole_branch};
use crate::config::flow::{Base, Flow};
use crate::config::kind::{Kind, Preset, Strategy, Update};
use crate::config::value::Map;

/// What the last of the pairs of a key says; sections and names of keys have no case, what stands between them has.
struct Keys<'a>(&'a [(String, String)]);

impl<'a> Keys<'a> {
    fn get(&self, key: &str) -> Option<&'a str> {
        let found = self.0.iter().rev().find(|(name, _)| name.eq_ignore_ascii_case(&format!("gitflow.{key}")));
        found.map(|(_, value)| value.trim())
    }

    fn is(&self, key: &str) -> Option<bool> {
        match self.get(key)?.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => Some(true),
            "false" | "no" | "off" | "0" | "" => Some(false),
            _ => None,
        }
    }

    /// A branch, if it can be one.
    fn branch(&self, key: &str) -> Option<String> {
        self.get(key).filter(|name| refuse_whole_branch(name).is_none()).map(str::to_owned)
    }

    /// A prefix, which can be empty.
    fn prefix(&self, key: &str) -> Option<String> {
        self.get(key).filter(|prefix| prefix.is_empty() || refuse_branch(prefix).is_none()).map(str::to_owned)
    }

    /// The names that `gitflow.branch.NAME.type` gives this type, in order.
    fn typed(&self, wanted: &str) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for (key, value) in self.0 {
            let Some(rest) = strip_ignoring_case(key, "gitflow.branch.") else { continue };
            let Some(at) = rest.len().checked_sub(".type".len()).filter(|at| rest.is_char_boundary(*at)) else {
                continue;
            };
            let (name, end) = rest.split_at(at);
            let known = names.iter().any(|known| known == name);
            if end.eq_ignore_ascii_case(".type") && value.trim().eq_ignore_ascii_case(wanted) && !known {
                names.push(name.to_owned());
            }
        }
        names
    }
}

fn strip_ignoring_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// The model that the pairs describe; `None` where git-flow was never set up.
pub(super) fn read(pairs: &[(String, String)]) -> Option<Found> {
    let keys = Keys(pairs);
    let bases = keys.typed("base");
    if bases.is_empty() { avh(&keys) } else { Some(next(&keys, bases)) }
}

/// A model that was found.
pub(super) struct Found {
    pub(super) flow: Flow,
    pub(super) origin: Origin,
    /// The kinds that there are, where the preset's others are not.
    pub(super) only: Option<Vec<String>>,
}

/// git-flow AVH: two branches, five kinds, a prefix for each.
fn avh(keys: &Keys) -> Option<Found> {
    let main = keys.branch("branch.master")?;
    let develop = keys.branch("branch.develop").filter(|develop| *develop != main);
    let preset = if develop.is_some() { Preset::Gitflow } else { Preset::Github };
    let mut flow = Flow {
        preset,
        main: main.clone(),
        tag_prefix: keys.prefix("prefix.versiontag").unwrap_or_default(),
        develop: develop.clone(),
        ..general(keys)
    };
    for (name, preset) in preset.kinds(&main, develop.as_deref()) {
        let option = |command: &str, option: &str| keys.is(&format!("{name}.{command}.{option}")) == Some(true);
        let kind = Kind {
            prefix: keys.prefix(&format!("prefix.{name}")),
            strategy: if option("finish", "squash") { Some(Strategy::Squash) } else { None },
            tag: (option("finish", "notag") && preset.tag == Some(true)).then_some(false),
            keep: option("finish", "keep").then_some(true),
            several: (name == "hotfix" && keys.is("multi-hotfix") == Some(true)).then_some(true),
            ..Kind::default()
        };
        if kind != Kind::default() {
            flow.kinds.insert(name, kind);
        }
    }
    Some(Found { flow, origin: Origin::Avh, only: None })
}

/// What both say the same way.
fn general(keys: &Keys) -> Flow {
    let remote = keys.branch("origin").or_else(|| keys.branch("remote"));
    let push = ["feature", "bugfix", "release", "hotfix"];
    let push = push.iter().all(|kind| keys.is(&format!("{kind}.finish.push")) == Some(true));
    Flow { remote: remote.unwrap_or_else(|| "origin".to_owned()), push, ..Flow::default() }
}

/// git-flow-next: any branches, any kinds; a long-lived branch that updates itself takes in what its parent got.
fn next(keys: &Keys, bases: Vec<String>) -> Found {
    let of = |name: &str, key: &str| keys.get(&format!("branch.{name}.{key}")).filter(|value| !value.is_empty());
    let parent = |name: &str| of(name, "parent").map(str::to_owned);
    let bases: Vec<String> = bases.into_iter().filter(|name| refuse_whole_branch(name).is_none()).collect();
    let main = bases.iter().find(|name| parent(name).is_none()).or(bases.first()).cloned();
    let main = main.unwrap_or_else(|| "main".to_owned());
    let children = |of: &str| -> Vec<String> {
        bases.iter().filter(|name| parent(name).as_deref() == Some(of)).cloned().collect()
    };
    let follows = |name: &str| keys.is(&format!("branch.{name}.autoupdate")) == Some(true);
    let develop = children(&main).into_iter().find(|name| follows(name)).or_else(|| children(&main).into_iter().next());
    let prefix = keys.typed("topic").iter().find_map(|name| keys.prefix(&format!("branch.{name}.tagprefix")));
    let mut flow = Flow {
        preset: if develop.is_some() { Preset::Gitflow } else { Preset::Github },
        tag_prefix: prefix.or_else(|| keys.prefix("prefix.versiontag")).unwrap_or_default(),
        ..general(keys)
    };
    for base in bases.iter().filter(|name| **name != main && Some(*name) != develop.as_ref()) {
        flow.bases.insert(base.clone(), Base { parent: parent(base), accepts: None });
    }
    let mut kinds: Map<Kind> = Map::new();
    for name in keys.typed("topic") {
        let trunk = parent(&name).unwrap_or_else(|| develop.clone().unwrap_or_else(|| main.clone()));
        let mut targets = vec![trunk.clone()];
        let mut at = 0;
        while at < targets.len() {
            let mut new = children(&targets[at]);
            new.retain(|name| follows(name) && !targets.contains(name));
            targets.extend(new);
            at += 1;
        }
        let strategy = match of(&name, "upstreamstrategy").map(str::to_ascii_lowercase).as_deref() {
            Some("squash") => Strategy::Squash,
            Some("rebase") => Strategy::Rebase,
            _ => Strategy::Merge,
        };
        let update = match of(&name, "downstreamstrategy").map(str::to_ascii_lowercase).as_deref() {
            Some("rebase") => Some(Update::Rebase),
            Some("merge") => Some(Update::Merge),
            _ => None,
        };
        let start = of(&name, "startpoint").map_or_else(|| trunk.clone(), str::to_owned);
        let tag = keys.is(&format!("branch.{name}.tag")) == Some(true);
        let kind = Kind {
            prefix: keys.prefix(&format!("branch.{name}.prefix")),
            // A release starts at develop: that is what it has to bring in.
            parent: Some(start.clone()),
            start: Some(start),
            merge_into: Some(targets),
            strategy: Some(strategy),
            update,
            tag: Some(tag),
            several: Some(!tag),
            keep: Some(keys.is(&format!("{name}.finish.keep")) == Some(true)),
            ..Kind::default()
        };
        kinds.insert(name, kind);
    }
    let only = Some(kinds.keys().cloned().collect());
    Found { flow: Flow { main, develop, kinds, ..flow }, origin: Origin::Next, only }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::rules::Rules;

    fn pairs(text: &str) -> Vec<(String, String)> {
        let pair = |line: &str| line.trim().split_once('=').map(|(key, value)| (key.to_owned(), value.to_owned()));
        text.lines().filter_map(pair).collect()
    }

    fn rules(text: &str) -> Rules {
        Rules::new(None, &pairs(text), ["main"])
    }

    fn goes(rules: &Rules, kind: &str) -> (String, String, Vec<String>, bool) {
        let kind = rules.kind(kind).unwrap();
        let targets = kind.targets.iter().map(|point| point.name().to_owned()).collect();
        (kind.prefix.clone(), kind.start.name().to_owned(), targets, kind.tag)
    }

    #[test]
    fn nothing_is_nothing() {
        assert_eq!(rules("core.bare=false").origin, Origin::Defaults);
        assert_eq!(rules("gitflow.branch.master=a b").origin, Origin::Defaults);
    }

    #[test]
    fn avh_has_prefixes() {
        let rules = rules(
            "gitflow.branch.master=prod\ngitflow.branch.develop=next\ngitflow.prefix.feature=feat-\ngitflow.prefix.hotfix=fix/\n\
             gitflow.prefix.versiontag=v\ngitflow.multi-hotfix=true\ngitflow.feature.finish.squash=yes\ngitflow.origin=upstream\n\
             gitflow.branch.feature/x.base=next\ngitflow.release.finish.keep=1\ngitflow.prefix.support=",
        );
        assert_eq!(rules.origin, Origin::Avh);
        assert_eq!(
            (rules.main(), rules.develop(), rules.remote(), rules.tag("1")),
            ("prod", Some("next"), "upstream", "v1".into())
        );
        assert_eq!(goes(&rules, "feature"), ("feat-".into(), "next".into(), vec!["next".into()], false));
        assert_eq!(goes(&rules, "hotfix"), ("fix/".into(), "prod".into(), vec!["prod".into(), "next".into()], true));
        let kind = |name| rules.kind(name).unwrap();
        assert!(kind("hotfix").several && !kind("release").several && kind("release").keep);
        assert_eq!((kind("feature").strategy, kind("support").prefix.as_str()), (Strategy::Squash, ""));
    }

    #[test]
    fn next_has_a_tree_of_branches() {
        let rules = rules(
            "gitflow.version=1.0\ngitflow.branch.main.type=base\ngitflow.branch.develop.type=base\ngitflow.branch.develop.parent=main\n\
             gitflow.branch.develop.autoupdate=true\ngitflow.branch.feature.type=topic\ngitflow.branch.feature.parent=develop\n\
             gitflow.branch.feature.prefix=feature/\ngitflow.branch.feature.upstreamstrategy=squash\ngitflow.branch.release.type=topic\n\
             gitflow.branch.release.parent=main\ngitflow.branch.release.startpoint=develop\ngitflow.branch.release.tag=true\n\
             gitflow.branch.release.tagprefix=v",
        );
        assert_eq!(rules.origin, Origin::Next);
        let names: Vec<&str> = rules.kinds.iter().map(|kind| kind.name.as_str()).collect();
        assert_eq!(names, ["feature", "release"]);
        assert_eq!(goes(&rules, "feature"), ("feature/".into(), "develop".into(), vec!["develop".into()], false));
        let release = goes(&rules, "release");
        assert_eq!(release, ("release/".into(), "develop".into(), vec!["main".into(), "develop".into()], true));
        assert_eq!(rules.kind("feature").unwrap().strategy, Strategy::Squash);
        assert_eq!(rules.tag("2.0"), "v2.0");
    }

    #[test]
    fn next_without_develop_is_one_branch() {
        let rules =
            rules("gitflow.branch.trunk.type=base\ngitflow.branch.topic.type=topic\ngitflow.branch.topic.parent=trunk");
        assert_eq!((rules.main(), rules.develop(), rules.kinds.len()), ("trunk", None, 1));
    }
}
