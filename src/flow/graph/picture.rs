//! What is drawn: commits, newest first, and for each the branch that it belongs to.

use std::collections::HashMap;

use crate::flow::rules::Role;
use crate::flow::see::Seen;
use crate::git::{Graph, Id, Node};

/// Commits and the branches that they belong to.
#[derive(Debug, Clone)]
pub(super) struct Picture {
    pub(super) lanes: Vec<Lane>,
    /// Children before parents.
    pub(super) commits: Vec<Spot>,
    /// Whether there is more below.
    pub(super) is_cut: bool,
}

/// A line: a branch, or what is left of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lane {
    /// The branch's name; of one that is gone, what its merge calls it.
    pub(super) name: String,
    pub(super) what: What,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    /// Long-lived.
    Base,
    /// Of this kind.
    Topic(String),
    /// Merged and deleted.
    Gone,
}

/// A commit in the picture.
#[derive(Debug, Clone)]
pub(super) struct Spot {
    pub(super) id: Id,
    /// Its place among the lanes.
    pub(super) lane: usize,
    /// The rows of its parents; `None` where that is not drawn.
    pub(super) parents: Vec<Option<usize>>,
    pub(super) subject: String,
    /// Seconds since 1970.
    pub(super) time: i64,
    pub(super) branches: Vec<String>,
    pub(super) tags: Vec<String>,
    pub(super) is_head: bool,
}

impl Picture {
    /// The long-lived branches and topic branches (only those of `wanted`, where there are any), down to `limit` commits.
    pub(super) fn of(seen: &Seen, wanted: &[String], limit: usize) -> anyhow::Result<Self> {
        let branches = branches(seen, wanted)?;
        let head = seen.head.commit().filter(|_| seen.head.branch().is_none());
        let graph = seen.repository.graph(branches.iter().map(|(_, id, _)| *id).chain(head))?;
        let count = graph.len().min(limit);
        let ids: Vec<Id> = (0..count).map(|node| graph.id(node)).collect();
        let read = seen.repository.commits(&ids)?;
        let subjects: Vec<&str> = read.iter().map(crate::git::Commit::subject).collect();
        let owners = Owners::of(&graph, &branches, &subjects);
        let mut tags: HashMap<Id, Vec<String>> = HashMap::new();
        for (name, id) in seen.repository.tags()? {
            tags.entry(id).or_default().push(name.to_owned());
        }
        let at_head = seen.head.commit();
        let commits = (0..count).map(|node| {
            let id = graph.id(node);
            let named = branches.iter().filter(|(_, tip, _)| *tip == id).map(|(name, ..)| name.clone());
            // Of a shallow clone's end the graph knows no parents; the commit does.
            let hidden = read[node].parents.len() - graph.parents(node).len();
            let parents = graph.parents(node).iter().map(|parent| (*parent < count).then_some(*parent));
            Spot {
                id,
                lane: owners.lane[node],
                parents: parents.chain(std::iter::repeat_n(None, hidden)).collect(),
                subject: plain(read[node].subject()),
                time: graph.time(node),
                branches: named.collect(),
                tags: tags.get(&id).cloned().unwrap_or_default(),
                is_head: at_head == Some(id),
            }
        });
        let is_cut = count < graph.len();
        Ok(Self { commits: commits.collect(), lanes: owners.lanes, is_cut })
    }

    pub(super) fn json(&self) -> serde_json::Value {
        let lanes = self.lanes.iter().map(|lane| {
            let (what, kind) = match &lane.what {
                What::Base => ("base", None),
                What::Topic(kind) => ("topic", Some(kind)),
                What::Gone => ("gone", None),
            };
            serde_json::json!({ "name": lane.name, "what": what, "kind": kind })
        });
        let commits = self.commits.iter().map(|spot| {
            let parents: Vec<Option<Id>> = spot.parents.iter().map(|row| row.map(|row| self.commits[row].id)).collect();
            serde_json::json!({
                "commit": spot.id,
                "lane": spot.lane,
                "parents": parents,
                "subject": spot.subject,
                "time": spot.time,
                "branches": spot.branches,
                "tags": spot.tags,
                "head": spot.is_head,
            })
        });
        serde_json::json!({
            "lanes": lanes.collect::<Vec<_>>(),
            "commits": commits.collect::<Vec<_>>(),
            "cut": self.is_cut,
        })
    }
}

/// Long-lived branches first, as the model has them; then the others by name.
fn branches(seen: &Seen, wanted: &[String]) -> anyhow::Result<Vec<(String, Id, What)>> {
    let mut found = Vec::new();
    for base in &seen.rules.bases {
        let id = match seen.branch(&base.name)? {
            Some(id) => Some(id),
            None => seen.at_remote(&base.name)?,
        };
        found.extend(id.map(|id| (base.name.clone(), id, What::Base)));
    }
    for (name, id) in seen.repository.branches()? {
        let Role::Topic(kind, _) = seen.rules.role(name) else { continue };
        if wanted.is_empty() || wanted.iter().any(|wanted| wanted == name) {
            found.push((name.to_owned(), id, What::Topic(kind.name.clone())));
        }
    }
    Ok(found)
}

/// Which lane each commit belongs to.
struct Owners {
    lanes: Vec<Lane>,
    lane: Vec<usize>,
}

const NOBODY: usize = usize::MAX;

impl Owners {
    fn of(graph: &Graph, branches: &[(String, Id, What)], subjects: &[&str]) -> Self {
        let mut owners = Self { lanes: Vec::new(), lane: vec![NOBODY; graph.len()] };
        for (name, id, what) in branches {
            if let Some(tip) = graph.node(*id) {
                owners.claim(graph, tip, || Lane { name: name.clone(), what: what.clone() });
            }
        }
        // What is left came by merges: of each the first that brought it names it.
        for node in 0..graph.len() {
            owners.claim(graph, node, || Lane { name: "(no branch)".to_owned(), what: What::Gone });
            for parent in graph.parents(node).iter().skip(1) {
                let name = subjects.get(node).and_then(|subject| merged_name(subject));
                let name = name.unwrap_or_else(|| format!("({})", graph.id(*parent).short()));
                owners.claim(graph, *parent, || Lane { name: plain(&name), what: What::Gone });
            }
        }
        owners
    }

    /// A lane for `tip` and what is below it along first parents, as far as it is nobody's.
    fn claim(&mut self, graph: &Graph, tip: Node, lane: impl FnOnce() -> Lane) {
        if self.lane[tip] != NOBODY {
            return;
        }
        self.lanes.push(lane());
        for node in graph.first_parents(tip) {
            if self.lane[node] != NOBODY {
                break;
            }
            self.lane[node] = self.lanes.len() - 1;
        }
    }
}

/// What `Merge branch 'x' into y` and the words of code hosts call the branch.
fn merged_name(subject: &str) -> Option<String> {
    let rest = subject.strip_prefix("Merge ")?;
    if let Some((_, after)) = rest.split_once('\'') {
        return after.split_once('\'').map(|(name, _)| name.to_owned());
    }
    // `Merge pull request #1 from owner/branch`
    let (_, from) = rest.split_once(" from ")?;
    let name = from.split_whitespace().next()?;
    Some(name.split_once('/').map_or(name, |(_, branch)| branch).to_owned())
}

/// Without what would move a cursor.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merges_name_what_they_brought() {
        let cases = [
            ("Merge branch 'feature/login' into develop", Some("feature/login")),
            ("Merge tag '1.0.0' into develop", Some("1.0.0")),
            ("Merge pull request #12 from ada/feature/login", Some("feature/login")),
            ("Merge remote-tracking branch 'origin/x'", Some("origin/x")),
            ("Merge it", None),
            ("Let users in", None),
        ];
        for (subject, expected) in cases {
            assert_eq!(merged_name(subject).as_deref(), expected, "{subject}");
        }
    }
}
