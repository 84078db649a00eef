//! `prodev flow list`: the topic branches, by kind, and how far each is from where it goes.

use std::fmt::Write as _;

use super::complete;
use super::kind::Kind;
use super::rules::Role;
use super::see::{Parent, Seen};
use crate::ctx::Ctx;
use crate::git::{Distance, Id};
use crate::outcome::Outcome;
use crate::ui::style::{BOLD, DIM, GOOD};

/// List the topic branches
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  prodev flow list
  prodev flow list feature
  prodev flow list --names --json")]
pub(crate) struct Args {
    /// Only those of this kind
    #[arg(add = clap_complete::ArgValueCandidates::new(complete::kinds))]
    kind: Option<String>,
    /// The names alone, one a line, without looking at history
    #[arg(long)]
    names: bool,
}

/// A topic branch.
pub(super) struct Topic {
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) id: Id,
    pub(super) is_current: bool,
    /// The branch that it is measured against, and how far it is from it.
    pub(super) parent: Option<(String, Distance)>,
}

impl Topic {
    /// Whether all of it is in its parent.
    pub(super) fn is_merged(&self) -> bool {
        self.parent.as_ref().is_some_and(|(_, distance)| distance.ahead == 0 && distance.behind > 0)
    }
}

pub(super) fn run(args: &Args, ctx: &Ctx) -> anyhow::Result<Outcome> {
    let seen = Seen::of(ctx)?;
    let kind = args.kind.as_deref().map(|name| seen.kind(name)).transpose()?;
    let topics = topics(&seen, kind, !args.names)?;
    if args.names {
        let names: Vec<&str> = topics.iter().map(|topic| topic.name.as_str()).collect();
        let text: String = names.iter().flat_map(|name| [*name, "\n"]).collect();
        return Ok(Outcome::answer(text, serde_json::json!({ "branches": names })));
    }
    let json: Vec<serde_json::Value> = topics.iter().map(json).collect();
    if topics.is_empty() {
        ctx.ui.note("there are no topic branches; start one with `prodev flow start KIND NAME`");
    }
    Ok(Outcome::answer(table(&topics), serde_json::json!({ "branches": json })))
}

pub(super) fn json(topic: &Topic) -> serde_json::Value {
    let (parent, distance) = topic.parent.as_ref().map_or((None, None), |(name, it)| (Some(name), Some(it)));
    serde_json::json!({
        "name": topic.name,
        "kind": topic.kind,
        "commit": topic.id,
        "current": topic.is_current,
        "parent": parent,
        "ahead": distance.map(|distance| distance.ahead),
        "behind": distance.map(|distance| distance.behind),
        "merged": topic.is_merged(),
    })
}

/// The topic branches, measured against where they go if that is wanted: one walk for all of them.
pub(super) fn topics(seen: &Seen, wanted: Option<&Kind>, measured: bool) -> anyhow::Result<Vec<Topic>> {
    let mut topics = Vec::new();
    for (name, id) in seen.repository.branches()? {
        let Role::Topic(kind, _) = seen.rules.role(name) else { continue };
        if wanted.is_none_or(|wanted| wanted == kind) {
            let is_current = seen.head.branch() == Some(name);
            topics.push(Topic { name: name.to_owned(), kind: kind.name.clone(), id, is_current, parent: None });
        }
    }
    if !measured || topics.is_empty() {
        return Ok(topics);
    }
    let mut parents: Vec<(String, Id, Vec<usize>)> = Vec::new();
    for (at, topic) in topics.iter().enumerate() {
        let Some(Parent { name, id, .. }) = seen.parent(&topic.name)? else { continue };
        match parents.iter_mut().find(|(known, ..)| *known == name) {
            Some((_, _, list)) => list.push(at),
            None => parents.push((name, id, vec![at])),
        }
    }
    let tips = topics.iter().map(|topic| topic.id).chain(parents.iter().map(|(_, id, _)| *id));
    let graph = seen.repository.graph(tips)?;
    for (name, id, list) in parents {
        let Some(base) = graph.node(id) else { continue };
        let nodes: Vec<_> = list.iter().filter_map(|at| graph.node(topics[*at].id)).collect();
        for (at, distance) in list.into_iter().zip(graph.distances(base, &nodes)) {
            topics[at].parent = Some((name.clone(), distance));
        }
    }
    Ok(topics)
}

pub(super) fn table(topics: &[Topic]) -> String {
    let width = topics.iter().map(|topic| topic.name.chars().count()).max().unwrap_or_default();
    let mut text = String::new();
    for topic in topics {
        let mark = if topic.is_current { "*" } else { " " };
        let pad = " ".repeat(width - topic.name.chars().count());
        let _ = write!(text, "{GOOD}{mark}{GOOD:#} {BOLD}{}{BOLD:#}{pad}", topic.name);
        if let Some((parent, distance)) = &topic.parent {
            let state = if topic.is_merged() {
                format!("merged into {parent}")
            } else {
                format!("{} ahead of {parent}, {} behind", distance.ahead, distance.behind)
            };
            let _ = write!(text, "  {DIM}{state}{DIM:#}");
        }
        text.push('\n');
    }
    text
}
