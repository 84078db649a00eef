//! How a repository branches, tags and writes messages, read from its history.

use std::collections::BTreeMap;

use crate::config::check::{refuse_branch, refuse_whole_branch};
use crate::git::Survey;

/// What `[flow]` says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Branching {
    pub(super) main: String,
    /// Why `main` is a guess, where it is one.
    pub(super) doubt: Option<String>,
    pub(super) develop: Option<String>,
    pub(super) remote: Option<String>,
    pub(super) tag_prefix: Option<String>,
    /// Kinds with a prefix that the preset does not give them.
    pub(super) kinds: BTreeMap<String, Kind>,
    pub(super) message: Option<Message>,
    /// Whether it says the same as the configuration of git-flow.
    pub(super) is_from_git_flow: bool,
}

/// A kind of branches.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Kind {
    pub(super) prefix: String,
    /// How many branches begin so.
    pub(super) count: usize,
}

/// What messages look like.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Message {
    /// Types beyond the usual ones.
    pub(super) types: Vec<String>,
    pub(super) max_length: Option<usize>,
}

/// What a kind is called, and the prefixes that say it.
const KINDS: [(&str, &[&str]); 5] = [
    ("feature", &["feature", "feat", "features"]),
    ("bugfix", &["bugfix", "fix", "bug", "fixes"]),
    ("release", &["release", "releases", "rel"]),
    ("hotfix", &["hotfix", "hotfixes"]),
    ("support", &["support"]),
];

pub(super) fn look(seen: &Survey) -> Branching {
    let configured = |key: &str| {
        let found = seen.git_flow.iter().find(|(name, _)| name.eq_ignore_ascii_case(&format!("gitflow.{key}")));
        found.map(|(_, value)| value.trim().to_owned())
    };
    let has = |name: &str| seen.branches.iter().any(|branch| branch == name);
    // What is configured can be anything; what Git has as a branch is one.
    let is_branch = |name: &String| refuse_whole_branch(name).is_none();
    let (main, doubt) = match configured("branch.master").filter(is_branch) {
        Some(main) => (main, None),
        None => main(seen),
    };
    let develop = configured("branch.develop").filter(is_branch);
    let develop =
        develop.or_else(|| ["develop", "development", "dev"].into_iter().find(|name| has(name)).map(str::to_owned));
    let develop = develop.filter(|develop| *develop != main);
    let mut kinds = kinds(seen, &main, develop.as_deref());
    for (kind, _) in KINDS.iter().filter(|(kind, _)| is_of_preset(kind, develop.is_some())) {
        let prefix = configured(&format!("prefix.{kind}")).filter(|prefix| prefix.ends_with(['/', '-', '_']));
        let Some(prefix) = prefix.filter(|prefix| refuse_branch(prefix).is_none()) else { continue };
        kinds.retain(|_, known| known.prefix != prefix);
        if prefix != format!("{kind}/") {
            kinds.insert((*kind).to_owned(), Kind { prefix, count: 0 });
        }
    }
    let tag_prefix = configured("prefix.versiontag").or_else(|| tag_prefix(&seen.tags));
    let tag_prefix = tag_prefix.filter(|prefix| !prefix.is_empty() && refuse_branch(prefix).is_none());
    Branching {
        doubt,
        remote: seen.remote.clone().filter(|remote| remote != "origin"),
        tag_prefix,
        kinds,
        message: message(&seen.subjects),
        is_from_git_flow: configured("branch.master").is_some(),
        main,
        develop,
    }
}

/// The production branch, and why that is a guess.
fn main(seen: &Survey) -> (String, Option<String>) {
    if let Some(name) = &seen.remote_default {
        // With git-flow the default branch is often develop.
        if !matches!(name.as_str(), "develop" | "development" | "dev") {
            return (name.clone(), None);
        }
    }
    let known: Vec<&str> = ["main", "master", "trunk"]
        .into_iter()
        .filter(|name| seen.branches.iter().any(|branch| branch == name))
        .collect();
    match known.as_slice() {
        [one] => ((*one).to_owned(), None),
        [first, rest @ ..] => {
            let taken = seen.head.as_deref().filter(|head| known.contains(head)).unwrap_or(first);
            let others: Vec<&str> =
                std::iter::once(*first).chain(rest.iter().copied()).filter(|name| *name != taken).collect();
            (taken.to_owned(), Some(format!("{} is there too", crate::error::listed(&others))))
        }
        [] => {
            let head = seen.head.clone().filter(|head| !head.contains('/') && refuse_whole_branch(head).is_none());
            (head.unwrap_or_else(|| "main".to_owned()), None)
        }
    }
}

fn is_of_preset(kind: &str, has_develop: bool) -> bool {
    has_develop || matches!(kind, "feature" | "bugfix" | "hotfix")
}

/// Prefixes that branches have and the preset does not.
fn kinds(seen: &Survey, main: &str, develop: Option<&str>) -> BTreeMap<String, Kind> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for branch in seen.branches.iter().filter(|branch| *branch != main && Some(branch.as_str()) != develop) {
        if let Some((prefix, _)) = branch.split_once('/') {
            *counts.entry(prefix).or_default() += 1;
        }
    }
    let mut kinds = BTreeMap::new();
    for (kind, spellings) in KINDS {
        let most =
            spellings.iter().filter_map(|word| Some((*word, counts.remove(word)?))).max_by_key(|(_, count)| *count);
        let Some((word, count)) = most else { continue };
        if word != kind || !is_of_preset(kind, develop.is_some()) {
            kinds.insert(kind.to_owned(), Kind { prefix: format!("{word}/"), count });
        }
    }
    let is_word = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_alphabetic())
            && word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
    };
    for (word, count) in counts.into_iter().filter(|(word, _)| is_word(word)).take(12) {
        kinds.insert(word.to_owned(), Kind { prefix: format!("{word}/"), count });
    }
    kinds
}

/// What stands before the versions, where most tags agree.
fn tag_prefix(tags: &[String]) -> Option<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for tag in tags {
        let version = tag.find(|c: char| c.is_ascii_digit()).map(|at| tag.split_at(at));
        if let Some((prefix, _)) = version.filter(|(_, version)| semver::Version::parse(version).is_ok()) {
            *counts.entry(prefix).or_default() += 1;
        }
    }
    counts.into_iter().max_by_key(|(_, count)| *count).map(|(prefix, _)| prefix.to_owned())
}

/// The fewest messages from which a habit can be read.
const FEWEST: usize = 5;

/// What messages look like, where at least four in five are conventional.
fn message(subjects: &[String]) -> Option<Message> {
    let usual = crate::config::message::Message::default();
    let types: Vec<&str> = subjects.iter().filter_map(|subject| conventional_type(subject)).collect();
    if subjects.len() < FEWEST || types.len() * 5 < subjects.len() * 4 {
        return None;
    }
    let mut others: Vec<String> =
        types.into_iter().filter(|kind| !usual.types.iter().any(|known| known == kind)).map(str::to_owned).collect();
    others.sort_unstable();
    others.dedup();
    let longest = subjects.iter().map(|subject| subject.chars().count()).max().unwrap_or_default();
    let max_length = (longest > usual.max_length).then(|| longest.div_ceil(10) * 10);
    Some(Message { types: others, max_length })
}

/// The type of `type(scope)!: subject`.
fn conventional_type(subject: &str) -> Option<&str> {
    let (header, rest) = subject.split_once(": ")?;
    let header = header.strip_suffix('!').unwrap_or(header);
    let kind = match header.split_once('(') {
        Some((kind, scope)) if scope.ends_with(')') => kind,
        Some(_) => return None,
        None => header,
    };
    (!rest.trim().is_empty() && !kind.is_empty() && kind.chars().all(|c| c.is_ascii_lowercase())).then_some(kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(branches: &[&str], tags: &[&str]) -> Survey {
        let owned = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect();
        Survey { branches: owned(branches), tags: owned(tags), ..Survey::default() }
    }

    #[test]
    fn the_production_branch_is_found_or_guessed_openly() {
        let main = |branches: &[&str], head: Option<&str>, default: Option<&str>| {
            let seen = Survey {
                head: head.map(str::to_owned),
                remote_default: default.map(str::to_owned),
                ..seen(branches, &[])
            };
            let found = look(&seen);
            (found.main, found.doubt.is_some())
        };
        assert_eq!(main(&["master", "develop"], None, None), ("master".to_owned(), false));
        assert_eq!(main(&["main", "master"], Some("master"), None), ("master".to_owned(), true));
        assert_eq!(main(&["main", "master"], None, Some("main")), ("main".to_owned(), false));
        assert_eq!(main(&["main", "develop"], None, Some("develop")), ("main".to_owned(), false));
        assert_eq!(main(&[], Some("trunk"), None), ("trunk".to_owned(), false));
        assert_eq!(main(&[], None, None), ("main".to_owned(), false));
    }

    #[test]
    fn prefixes_in_use_become_kinds() {
        let found = look(&seen(&["main", "feat/a", "feat/b", "feature/c", "docs/x", "fix/y", "release/1.0"], &[]));
        let kinds: Vec<(&str, &str)> =
            found.kinds.iter().map(|(name, kind)| (name.as_str(), kind.prefix.as_str())).collect();
        let expected = [("bugfix", "fix/"), ("docs", "docs/"), ("feature", "feat/"), ("release", "release/")];
        assert_eq!(kinds, expected);
        assert_eq!(found.develop, None);
    }

    #[test]
    fn tags_and_messages_show_their_habits() {
        assert_eq!(
            tag_prefix(&["v1.0.0".into(), "v1.1.0".into(), "1.2.0".into(), "latest".into()]).as_deref(),
            Some("v")
        );
        assert_eq!(tag_prefix(&["latest".into()]), None);
        let subjects: Vec<String> =
            ["feat: a", "fix(x): b", "deps!: c", "docs: d", "chore: e"].iter().map(|text| (*text).to_owned()).collect();
        assert_eq!(message(&subjects), Some(Message { types: vec!["deps".to_owned()], max_length: None }));
        assert_eq!(message(&["Add a", "Fix b", "c", "d", "e"].map(str::to_owned)), None);
    }

    #[test]
    fn the_configuration_of_git_flow_is_taken_over() {
        let pairs = [
            ("gitflow.branch.master", "prod"),
            ("gitflow.branch.develop", "next"),
            ("gitflow.prefix.feature", "f/"),
            ("gitflow.prefix.versiontag", "v"),
        ];
        let git_flow = pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let found = look(&Survey { git_flow, ..seen(&["prod", "next"], &[]) });
        assert_eq!(
            (found.main.as_str(), found.develop.as_deref(), found.tag_prefix.as_deref()),
            ("prod", Some("next"), Some("v"))
        );
        assert_eq!(found.kinds["feature"].prefix, "f/");
        assert!(found.is_from_git_flow);
    }
}
