//! The commits of all branches and what is known of where they were made: by refs and parents, so that nobody is fooled by a message.

use std::collections::{HashMap, HashSet};

use super::Court;
use crate::config::kind::Strategy;
use crate::config::rule::Rule;
use crate::findings::Object;
use crate::flow::kind::Point;
use crate::flow::rules::{Origin, Role, Rules};
use crate::git::{Commit, Graph, Id, Node, Repository, Set};

/// Branches as lines through a graph.
pub(super) struct History<'a> {
    pub(super) rules: &'a Rules,
    pub(super) graph: Graph,
    /// Long-lived branches: name, tip, and the commits along first parents.
    pub(super) bases: Vec<Line>,
    /// Commits that were made on topic branches that are still there, with the branches' names.
    topics: HashMap<Node, Vec<String>>,
    /// All that the long-lived branches come from.
    settled: Set,
}

/// A long-lived branch.
pub(super) struct Line {
    pub(super) name: String,
    pub(super) tip: Node,
    /// Whether a commit was made on it, by its place.
    on: Vec<bool>,
}

impl Line {
    pub(super) fn has(&self, node: Node) -> bool {
        self.on[node]
    }
}

/// All branches, local ones before those of the remote, and `updates` before both.
pub(super) fn branches(
    rules: &Rules,
    repository: &Repository,
    updates: &[(String, Id)],
) -> anyhow::Result<Vec<(String, Id)>> {
    let mut all: Vec<(String, Id)> = updates.to_vec();
    let mut seen: HashSet<String> = updates.iter().map(|(name, _)| name.clone()).collect();
    let remote = format!("refs/remotes/{}/", rules.remote());
    let local = repository.branches()?.chain(repository.below(&remote)?);
    for (name, id) in local.filter(|(name, _)| *name != "HEAD") {
        if seen.insert(name.to_owned()) {
            all.push((name.to_owned(), id));
        }
    }
    Ok(all)
}

impl<'a> History<'a> {
    /// Of all branches; `updates` are those that are about to change, and `more` commits that are looked at.
    pub(super) fn of(
        rules: &'a Rules,
        repository: &Repository,
        updates: &[(String, Id)],
        more: &[Id],
    ) -> anyhow::Result<Self> {
        let branches = branches(rules, repository, updates)?;
        let graph = repository.graph(branches.iter().map(|(_, id)| *id).chain(more.iter().copied()))?;
        let mut bases = Vec::new();
        for (name, id) in &branches {
            if let (Role::Base(_), Some(tip)) = (rules.role(name), graph.node(*id)) {
                let mut on = vec![false; graph.len()];
                graph.first_parents(tip).for_each(|node| on[node] = true);
                bases.push(Line { name: name.clone(), tip, on });
            }
        }
        // Production first.
        bases.sort_by_key(|line: &Line| rules.bases.iter().position(|base| base.name == line.name));
        let mut topics: HashMap<Node, Vec<String>> = HashMap::new();
        for (name, id) in &branches {
            let (Role::Topic(..), Some(tip)) = (rules.role(name), graph.node(*id)) else { continue };
            let own = graph.first_parents(tip).take_while(|node| !bases.iter().any(|base: &Line| base.has(*node)));
            // A branch without a commit of its own is at least where it is.
            let own: Vec<Node> = own.collect();
            let own = if own.is_empty() { vec![tip] } else { own };
            for node in own {
                topics.entry(node).or_default().push(name.clone());
            }
        }
        let settled = graph.ancestors(bases.iter().map(|base| base.tip));
        Ok(Self { rules, graph, bases, topics, settled })
    }

    pub(super) fn base(&self, name: &str) -> Option<&Line> {
        self.bases.iter().find(|base| base.name == name)
    }

    /// The topic branches that a commit was made on, as far as they are still there.
    pub(super) fn topics_at(&self, node: Node) -> &[String] {
        self.topics.get(&node).map_or(&[], Vec::as_slice)
    }

    /// The branch that a merge has brought in, as a ref or else the message names it.
    pub(super) fn source(&self, node: Node, subject: &str) -> Option<String> {
        self.topics_at(node).first().cloned().or_else(|| named(subject).map(str::to_owned))
    }

    /// When the oldest commit that only `tip` has was made; `None` where it has none.
    pub(super) fn first_own(&self, tip: Node) -> Option<i64> {
        let mut left = vec![tip];
        let mut seen = HashSet::new();
        let mut first = None;
        while let Some(node) = left.pop() {
            if self.settled.contains(node) || !seen.insert(node) {
                continue;
            }
            let time = self.graph.time(node);
            first = Some(first.map_or(time, |first: i64| first.min(time)));
            left.extend(self.graph.parents(node));
        }
        first
    }

    /// Judges what a merge on the branch `into` has brought in.
    pub(super) fn direction(&self, court: &mut Court, into: &str, merge: &Commit) {
        for parent in merge.parents.iter().skip(1) {
            let Some(node) = self.graph.node(*parent) else { continue };
            let Some(from) = self.wrong_source(into, node, merge.subject()) else { continue };
            let object = Object::Commit { id: merge.id.to_string(), subject: merge.subject().to_owned() };
            court.find(Rule::Direction, object, wrong_way(&from, into), Some(way(self.rules, &from, into)));
        }
    }

    /// Where the commit at `node` comes from, if that does not go into `into`.
    fn wrong_source(&self, into: &str, node: Node, subject: &str) -> Option<String> {
        let may = |from: &str| self.rules.may_merge(from, into);
        // What stands there decides: a branch that still is.
        let names: Vec<&String> = self.topics.get(&node).into_iter().flatten().filter(|name| *name != into).collect();
        if let Some(first) = names.first() {
            let accepted = names.iter().any(|name| may(name) != Some(false));
            return (!accepted).then(|| (*first).clone());
        }
        // A branch that is gone may have called itself something in the message. That accuses, and never excuses.
        if let Some(name) = named(subject).filter(|name| *name != into && may(name) == Some(false)) {
            return Some(name.to_owned());
        }
        // What is left is the line that it has come from, and what may start there.
        let here = self.bases.iter().filter(|base| base.has(node)).collect::<Vec<_>>();
        let (here, is_own) = if here.is_empty() { (self.forked_from(node), false) } else { (here, true) };
        if here.is_empty() || here.iter().any(|base| is_own && base.name == into) {
            return None;
        }
        let starts = |base: &&Line, kind: &crate::flow::kind::Kind| {
            kind.start == Point::Branch(base.name.clone()) || matches!(&kind.start, Point::Kind(_))
        };
        let accepted = here.iter().any(|base| {
            let kinds = self.rules.kinds.iter().filter(|kind| starts(base, kind));
            let mut kinds = kinds.map(|kind| may(&format!("{}x", kind.prefix)) == Some(true)).peekable();
            let nobody_starts_there = kinds.peek().is_none();
            (is_own && may(&base.name) != Some(false)) || (!is_own && nobody_starts_there) || kinds.any(|may| may)
        });
        (!accepted).then(|| here[0].name.clone())
    }

    /// The long-lived branches that the line of `node` has left.
    fn forked_from(&self, node: Node) -> Vec<&Line> {
        let mut line = self.graph.first_parents(node);
        let found = line.find(|node| self.bases.iter().any(|base| base.has(*node)));
        found.map(|node| self.bases.iter().filter(|base| base.has(node)).collect()).unwrap_or_default()
    }
}

/// Whether commits can come to a long-lived branch without a merge commit, as nothing tells afterwards.
pub(super) fn can_be_fast_forwarded(rules: &Rules, into: &str) -> bool {
    let here = Point::Branch(into.to_owned());
    let mut kinds = rules.kinds.iter().filter(|kind| kind.targets.contains(&here));
    // git-flow AVH fast-forwards a feature of one commit.
    let is_avh = rules.origin == Origin::Avh && into == rules.trunk() && into != rules.main();
    is_avh || kinds.any(|kind| kind.strategy != Strategy::Merge)
}

pub(super) fn wrong_way(from: &str, into: &str) -> String {
    format!("`{from}` does not go into `{into}`")
}

/// What goes there instead.
pub(super) fn way(rules: &Rules, from: &str, into: &str) -> String {
    let goes = match rules.role(from) {
        Role::Topic(kind, _) if !kind.targets.is_empty() => {
            let names: Vec<String> = kind.targets.iter().map(|point| format!("`{}`", point.name())).collect();
            Some(format!("a {} goes into {}", kind.name, names.join(" and ")))
        }
        _ => None,
    };
    let takes = rules.base(into).map(|base| {
        let names: Vec<String> = base.accepts.iter().map(|point| format!("`{}`", point.name())).collect();
        format!("`{into}` takes {}", if names.is_empty() { "nothing".to_owned() } else { names.join(", ") })
    });
    let parts: Vec<String> = goes.into_iter().chain(takes).collect();
    if parts.is_empty() { "merge it into the branch that it has started from".to_owned() } else { parts.join("; ") }
}

/// The branch that Git's, GitHub's or GitLab's own message of a merge names.
fn named(subject: &str) -> Option<&str> {
    let rest = subject.strip_prefix("Merge ")?;
    if let Some(rest) = rest.strip_prefix("pull request #") {
        let (_, source) = rest.split_once(" from ")?;
        return source.split_once('/').map(|(_, branch)| branch.trim());
    }
    let quoted = |rest: &'_ str| -> Option<usize> { rest.find('\'') };
    let (name, is_remote) = if let Some(rest) = rest.strip_prefix("branch '") {
        (&rest[..quoted(rest)?], false)
    } else {
        let rest = rest.strip_prefix("remote-tracking branch '")?;
        (&rest[..quoted(rest)?], true)
    };
    if is_remote { name.split_once('/').map(|(_, name)| name) } else { Some(name) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_merges_name_branches() {
        let cases = [
            ("Merge branch 'feature/a'", Some("feature/a")),
            ("Merge branch 'feature/a' into develop", Some("feature/a")),
            ("Merge branch 'develop' of example.org:x", Some("develop")),
            ("Merge remote-tracking branch 'origin/feature/a' into b", Some("feature/a")),
            ("Merge pull request #12 from ada/feature/a", Some("feature/a")),
            ("Merge tag 'v1' into develop", None),
            ("Merge branches 'a' and 'b'", None),
            ("Merge branch 'open", None),
            ("Bring it in", None),
        ];
        for (subject, expected) in cases {
            assert_eq!(named(subject), expected, "{subject}");
        }
    }
}
