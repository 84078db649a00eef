//! The tags of the audit: what versions are called, where they are, and in which order.

use semver::Version;

use super::audit::Audit;
use super::{Court, push, tags};
use crate::config::flow::Signed;
use crate::config::rule::Rule;
use crate::findings::Object;
use crate::flow::rules::Role;
use crate::git::{Id, Node};

pub(super) fn check(audit: &Audit, court: &mut Court, all: &[(String, Id)]) -> anyhow::Result<()> {
    for (name, id) in all {
        if let Some((message, hint)) = tags::fault(audit.rules, name) {
            court.find(Rule::TagName, Object::Tag(name.clone()), message, Some(hint));
        }
        let Some(version) = tags::version(audit.rules, name) else { continue };
        // What comes before a release is tried out anywhere.
        if version.pre.is_empty() && !is_in_place(audit, audit.history.graph.node(*id)) {
            let main = audit.rules.main();
            let message = format!("it is neither on `{main}` nor on a branch that releases live on");
            let hint = format!("tag the merge into `{main}`");
            court.find(Rule::TagPlace, Object::Tag(name.clone()), message, Some(hint));
        }
        if audit.rules.flow.signatures.contains(&Signed::Tags) && court.asks(Rule::Signature) {
            let object = audit.repository.find(&format!("refs/tags/{name}"))?.map_or(*id, |one| one.id);
            push::signature(court, audit.repository, name, object)?;
        }
    }
    order(audit, court);
    Ok(())
}

/// On production itself, or what a merge into it has brought; or on a branch that stays.
fn is_in_place(audit: &Audit, node: Option<Node>) -> bool {
    let Some(main) = audit.history.base(audit.rules.main()) else { return true };
    let Some(node) = node else { return false };
    let stays = |name: &String| matches!(audit.rules.role(name), Role::Topic(kind, _) if kind.targets.is_empty());
    let graph = &audit.history.graph;
    main.has(node)
        || audit.history.topics_at(node).iter().any(stays)
        || graph.first_parents(main.tip).any(|merge| graph.parents(merge).iter().skip(1).any(|parent| *parent == node))
}

/// Along production versions grow.
fn order(audit: &Audit, court: &mut Court) {
    let Some(main) = audit.history.base(audit.rules.main()) else { return };
    let graph = &audit.history.graph;
    let mut line: Vec<Node> = graph.first_parents(main.tip).collect();
    line.reverse();
    let mut highest: Option<&(String, Version)> = None;
    for node in line {
        let at = std::iter::once(node).chain(graph.parents(node).iter().skip(1).copied());
        let mut here: Vec<&(String, Version)> = at.filter_map(|node| audit.versions.get(&node)).flatten().collect();
        here.sort_by(|a, b| tags::compare(&a.1, &b.1));
        for tag in here {
            match highest {
                Some(highest) if tags::compare(&tag.1, &highest.1).is_lt() => {
                    let message = format!("it comes after `{}` and is lower", highest.0);
                    let hint = "tag versions in the order in which they are released".to_owned();
                    court.find(Rule::TagOrder, Object::Tag(tag.0.clone()), message, Some(hint));
                }
                _ => highest = Some(tag),
            }
        }
    }
}
