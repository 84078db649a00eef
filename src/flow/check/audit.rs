//! `prodev flow check --repo`: the whole history, held against the model. One walk over the commits answers every question.

use std::collections::{HashMap, HashSet};

use semver::Version;

use super::history::{History, Line, can_be_fast_forwarded};
use super::{Court, audit_tags, branch, commits, policy};
use crate::config::flow::Signed;
use crate::config::kind::Strategy;
use crate::config::rule::Rule;
use crate::config::value::duration;
use crate::findings::Object;
use crate::flow::kind::Point;
use crate::flow::rules::{Role, Rules};
use crate::git::{Commit, Id, Node, Repository};
use crate::plan::process::quoted;

const DAY: i64 = 24 * 60 * 60;

/// What was looked at.
pub(super) struct Seen {
    pub(super) commits: usize,
    pub(super) branches: usize,
    pub(super) tags: usize,
}

/// What the parts of the audit have in common.
pub(super) struct Audit<'a> {
    pub(super) repository: &'a Repository,
    pub(super) rules: &'a Rules,
    pub(super) history: History<'a>,
    /// Version tags by the commit that they are at.
    pub(super) versions: HashMap<Node, Vec<(String, Version)>>,
    /// Commits from before there was a model: nobody could keep to it.
    before: HashSet<Node>,
    /// The commits along the long-lived branches, read.
    read: HashMap<Node, Commit>,
}

/// `now` is in seconds since 1970.
pub(super) fn check(court: &mut Court, repository: &Repository, now: i64) -> anyhow::Result<Seen> {
    let rules = court.rules;
    let branches = super::history::branches(rules, repository, &[])?;
    let tags: Vec<(String, Id)> = repository.tags()?.map(|(name, id)| (name.to_owned(), id)).collect();
    let history = History::of(rules, repository, &[], &[])?;
    let mut versions: HashMap<Node, Vec<(String, Version)>> = HashMap::new();
    for (name, id) in &tags {
        if let (Some(version), Some(node)) = (super::tags::version(rules, name), history.graph.node(*id)) {
            versions.entry(node).or_default().push((name.clone(), version));
        }
    }
    let mut audit = Audit { repository, rules, history, versions, before: HashSet::new(), read: HashMap::new() };
    audit.before = audit.before()?;
    audit.read = audit.read()?;
    for line in &audit.history.bases {
        audit.line(court, line)?;
    }
    audit.back_merges(court);
    audit.signatures(court)?;
    audit_tags::check(&audit, court, &tags)?;
    for (name, id) in &branches {
        audit.branch(court, name, *id, now);
    }
    Ok(Seen { commits: audit.history.graph.len(), branches: branches.len(), tags: tags.len() })
}

impl Audit<'_> {
    /// What main and develop have in common along first parents is older than develop; what is older than the policy could not know it.
    fn before(&self) -> anyhow::Result<HashSet<Node>> {
        let Some(main) = self.history.base(self.rules.main()) else { return Ok(HashSet::new()) };
        // Oldest first.
        let mut line: Vec<Node> = self.history.graph.first_parents(main.tip).collect();
        line.reverse();
        let develop = self.rules.develop().and_then(|name| self.history.base(name));
        let shared = develop.map_or(0, |develop| line.iter().take_while(|node| develop.has(**node)).count());
        let has_policy = |node: Node| {
            let file = self.repository.file(self.history.graph.id(node), policy::FILE);
            file.map(|file| file.is_some())
        };
        let mut introduced = 0;
        if has_policy(main.tip)? {
            // Once there it stays, so that halving finds where it came.
            let (mut without, mut with) = (0, line.len() - 1);
            while without < with {
                let middle = usize::midpoint(without, with);
                if has_policy(line[middle])? { with = middle } else { without = middle + 1 }
            }
            introduced = with + 1;
        }
        let mut before: HashSet<Node> = line[..shared.max(introduced)].iter().copied().collect();
        // On develop everything before the policy is older than it, too.
        if introduced > 0 {
            let old = self.history.graph.ancestors([line[introduced - 1]]);
            before.extend(old.nodes());
        }
        Ok(before)
    }

    /// The commits along the long-lived branches that can be judged.
    fn read(&self) -> anyhow::Result<HashMap<Node, Commit>> {
        let graph = &self.history.graph;
        let lines = self.history.bases.iter().flat_map(|line| graph.first_parents(line.tip));
        let nodes: HashSet<Node> = lines.filter(|node| !self.before.contains(node)).collect();
        let nodes: Vec<Node> = nodes.into_iter().collect();
        let ids: Vec<Id> = nodes.iter().map(|node| graph.id(*node)).collect();
        Ok(nodes.into_iter().zip(self.repository.commits(&ids)?).collect())
    }

    /// The commits along a long-lived branch that can be judged, newest first.
    fn judged(&self, line: &Line) -> impl Iterator<Item = (Node, &Commit)> {
        self.history.graph.first_parents(line.tip).filter_map(|node| Some((node, self.read.get(&node)?)))
    }

    /// Direct commits and merges the wrong way on one long-lived branch.
    fn line(&self, court: &mut Court, line: &Line) -> anyhow::Result<()> {
        let name = line.name.as_str();
        let made_here = self.made_here(court, name)?;
        let is_protected = self.rules.is_protected(name);
        let wants_tags = name == self.rules.main() && self.production_is_tagged();
        for (node, commit) in self.judged(line) {
            if commit.is_merge() {
                self.history.direction(court, name, commit);
                if wants_tags && !self.is_tagged(node, commit) && self.brings_a_version(commit) {
                    let hint = format!(
                        "tag it: `git tag -a {} {}`",
                        quoted(&format!("{}VERSION", self.rules.flow.tag_prefix)),
                        commit.id
                    );
                    let message = "it brought something into production and has no version tag";
                    court.find(Rule::UntaggedMerge, commits::object(commit), message, Some(hint));
                }
            } else if is_protected && !commit.parents.is_empty() && made_here(commit.id) {
                let hint = "let changes come by branches: `git switch -c feature/NAME`".to_owned();
                let message = format!("it was made on `{name}` directly");
                court.find(Rule::DirectCommit, commits::object(commit), message, Some(hint));
            }
        }
        Ok(())
    }

    /// Whether a commit without a second parent was made on the branch itself. Where branches may be fast-forwarded only the reflog can tell,
    /// and that only on the machine where it happened.
    fn made_here(&self, court: &mut Court, name: &str) -> anyhow::Result<Box<dyn Fn(Id) -> bool>> {
        let log = || self.repository.reflog(&format!("refs/heads/{name}"));
        if !can_be_fast_forwarded(self.rules, name) {
            // A branch of one commit that was merged here by a fast-forward was no direct commit, if no merge as it should be, either.
            let forwards =
                log()?.into_iter().filter(|(_, text)| text.starts_with("merge ") && text.ends_with("Fast-forward"));
            let merged: HashSet<Id> = forwards.map(|(id, _)| id).collect();
            return Ok(Box::new(move |id| !merged.contains(&id)));
        }
        if self.rules.is_protected(name) && court.asks(Rule::DirectCommit) {
            let reason =
                "what goes there may come without a merge commit, so only what was committed here and now is known";
            court.findings.skip(format!("{} on `{name}`", Rule::DirectCommit.name()), reason);
        }
        let here = Point::Branch(name.to_owned());
        let squashes =
            |kind: &crate::flow::kind::Kind| kind.strategy == Strategy::Squash && kind.targets.contains(&here);
        if self.rules.kinds.iter().any(squashes) {
            return Ok(Box::new(|_| false));
        }
        let made = ["commit:", "commit (amend):", "cherry-pick:", "revert:"];
        let made = |text: &str| made.iter().any(|start| text.starts_with(start));
        let ids: HashSet<Id> = log()?.into_iter().filter(|(_, text)| made(text)).map(|(id, _)| id).collect();
        Ok(Box::new(move |id| ids.contains(&id)))
    }

    /// Whether some kind tags what it brings into production.
    fn production_is_tagged(&self) -> bool {
        let main = Point::Branch(self.rules.main().to_owned());
        self.rules.kinds.iter().any(|kind| kind.tag && kind.targets.first() == Some(&main))
    }

    /// The merge itself or what it brought in.
    fn is_tagged(&self, node: Node, merge: &Commit) -> bool {
        let sources = merge.parents.iter().skip(1).filter_map(|id| self.history.graph.node(*id));
        std::iter::once(node).chain(sources).any(|node| self.versions.contains_key(&node))
    }

    /// Branches that the policy lets in without a version, and what was there before, bring none.
    fn brings_a_version(&self, merge: &Commit) -> bool {
        let main = self.rules.main();
        let brings = |id: &Id| {
            let Some(node) = self.history.graph.node(*id) else { return true };
            let untagged = |name: &str| match self.rules.role(name) {
                Role::Topic(kind, _) => !kind.tag && self.rules.may_merge(name, main) == Some(true),
                _ => false,
            };
            let on_other = |line: &Line| {
                line.has(node) && (line.name == main || self.rules.may_merge(&line.name, main) == Some(true))
            };
            !self.history.source(node, merge.subject()).is_some_and(|name| untagged(&name))
                && !self.history.bases.iter().any(on_other)
        };
        merge.parents.iter().skip(1).any(brings)
    }

    /// Merges into production that have not come to develop.
    fn back_merges(&self, court: &mut Court) {
        let main = self.history.base(self.rules.main());
        let develop = self.rules.develop().and_then(|name| self.history.base(name));
        let (Some(main), Some(develop)) = (main, develop) else { return };
        let there = self.history.graph.ancestors([develop.tip]);
        for (node, commit) in self.judged(main).filter(|(_, commit)| commit.is_merge()) {
            let mut sources = commit.parents.iter().skip(1).filter_map(|id| self.history.graph.node(*id));
            if there.contains(node) || sources.all(|source| there.contains(source)) {
                continue;
            }
            let hint = format!(
                "bring it there: `git switch {0} && git merge --no-ff {1}`",
                quoted(&develop.name),
                quoted(&main.name)
            );
            let message = format!("what it brought into `{}` is not in `{}`", main.name, develop.name);
            court.find(Rule::MissingBackMerge, commits::object(commit), message, Some(hint));
        }
    }

    fn signatures(&self, court: &mut Court) -> anyhow::Result<()> {
        let wanted = &self.rules.flow.signatures;
        if wanted.contains(&Signed::Commits) {
            let graph = &self.history.graph;
            let all = graph.ancestors(self.history.bases.iter().map(|line| line.tip));
            let ids: Vec<Id> =
                all.nodes().filter(|node| !self.before.contains(node)).map(|node| graph.id(node)).collect();
            return commits::signatures(court, self.repository, &self.repository.commits(&ids)?, |_| true);
        }
        if wanted.contains(&Signed::Merges) {
            let mut merges: Vec<(Node, &Commit)> = self
                .read
                .iter()
                .filter(|(_, commit)| commit.is_merge())
                .map(|(node, commit)| (*node, commit))
                .collect();
            merges.sort_unstable_by_key(|(node, _)| *node);
            let merges: Vec<Commit> = merges.into_iter().map(|(_, commit)| commit.clone()).collect();
            return commits::signatures(court, self.repository, &merges, |_| true);
        }
        Ok(())
    }

    /// The name and the age of a branch.
    fn branch(&self, court: &mut Court, name: &str, tip: Id, now: i64) {
        branch::judge(court, name);
        let (Role::Topic(kind, _), Some(tip)) = (self.rules.role(name), self.history.graph.node(tip)) else { return };
        if kind.targets.is_empty() {
            return;
        }
        let limit = |text: &Option<crate::config::value::Duration>| {
            let time = text.as_deref().and_then(|text| duration(text).ok())?;
            i64::try_from(time.as_secs()).ok()
        };
        let age = now - self.history.graph.time(tip);
        if let Some(limit) = limit(&self.rules.flow.stale_after).filter(|limit| age > *limit) {
            let hint = format!("go on with it, or delete it: `git branch -D {}`", quoted(name));
            let message = format!("its last commit is {} old, {} are allowed", days(age), days(limit));
            court.find(Rule::StaleBranch, Object::Branch(name.to_owned()), message, Some(hint));
        }
        let Some(limit) = limit(&self.rules.flow.max_age) else { return };
        let age = self.history.first_own(tip).map_or(0, |first| now - first);
        if age > limit {
            let hint = "finish it, or part it into smaller ones".to_owned();
            let message = format!("its first commit is {} old, {} are allowed", days(age), days(limit));
            court.find(Rule::OldBranch, Object::Branch(name.to_owned()), message, Some(hint));
        }
    }
}

fn days(seconds: i64) -> String {
    match seconds / DAY {
        0 => format!("{} hours", seconds / 3600),
        1 => "1 day".to_owned(),
        days => format!("{days} days"),
    }
}
