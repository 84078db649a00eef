//! `prodev flow config`: the model as it holds, and who said so.

use std::fmt::Write as _;

use super::kind::Kind;
use super::rules::{Origin, Rules};
use crate::config::kind::Strategy;
use crate::outcome::Outcome;
use crate::ui::style::{BOLD, DIM};

/// Show the branching model as it holds
///
/// It is what `[flow]` in prodev.toml says; where that says nothing, what git-flow left in the configuration of Git; where there is neither, the
/// defaults.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  prodev flow config
  prodev flow config --json")]
pub(crate) struct Args {}

pub(super) fn show(rules: &Rules) -> Outcome {
    let said = match rules.origin {
        Origin::Policy => "[flow] in prodev.toml",
        Origin::Avh => "gitflow.* in the configuration of Git (git-flow AVH)",
        Origin::Next => "gitflow.* in the configuration of Git (git-flow-next)",
        Origin::Defaults => "nobody: these are the defaults (`prodev init` writes a prodev.toml)",
    };
    let mut text = format!("{DIM}from{DIM:#}     {said}\n");
    let mut line = |name: &str, value: &str| {
        let _ = writeln!(text, "{DIM}{name:<8}{DIM:#} {value}");
    };
    line("main", rules.main());
    if let Some(develop) = rules.develop() {
        line("develop", develop);
    }
    for base in
        rules.bases.iter().filter(|base| base.name != rules.main() && Some(base.name.as_str()) != rules.develop())
    {
        line("base", &format!("{} (follows {})", base.name, base.parent.as_deref().unwrap_or_default()));
    }
    line("remote", rules.remote());
    line("tags", &format!("{}VERSION", rules.flow.tag_prefix));
    text.push('\n');
    let width = |of: fn(&Kind) -> usize| rules.kinds.iter().map(of).max().unwrap_or_default();
    let (name, prefix) = (width(|kind| kind.name.len()), width(|kind| kind.prefix.len()));
    for kind in &rules.kinds {
        let _ = writeln!(text, "{BOLD}{:<name$}{BOLD:#}  {:<prefix$}  {}", kind.name, kind.prefix, way(kind));
    }
    Outcome::answer(text, json(rules))
}

/// Where a kind's branches come from and go to, in words.
fn way(kind: &Kind) -> String {
    let names: Vec<&str> = kind.targets.iter().map(super::kind::Point::name).collect();
    let mut words = format!("{} → ", kind.start.name());
    if names.is_empty() {
        return format!("{words}stays");
    }
    words.push_str(&names.join(", "));
    match kind.strategy {
        Strategy::Merge => {}
        Strategy::Squash => words.push_str(", squashed"),
        Strategy::Rebase => words.push_str(", rebased"),
        Strategy::FfOnly => words.push_str(", fast-forward only"),
    }
    if kind.tag {
        words.push_str(", tagged");
    }
    if !kind.several {
        words.push_str(", one at a time");
    }
    if kind.keep {
        words.push_str(", kept");
    }
    words
}

fn json(rules: &Rules) -> serde_json::Value {
    let kinds = rules.kinds.iter().map(|kind| {
        let targets: Vec<&str> = kind.targets.iter().map(super::kind::Point::name).collect();
        let value = serde_json::json!({
            "prefix": kind.prefix,
            "parent": kind.parent.name(),
            "start": kind.start.name(),
            "merge_into": targets,
            "strategy": kind.strategy,
            "update": kind.update,
            "tag": kind.tag,
            "pattern": kind.pattern,
            "several": kind.several,
            "keep": kind.keep,
        });
        (kind.name.clone(), value)
    });
    let kinds: serde_json::Map<String, serde_json::Value> = kinds.collect();
    let bases = rules.bases.iter().map(|base| {
        let accepts: Vec<&str> = base.accepts.iter().map(super::kind::Point::name).collect();
        (base.name.clone(), serde_json::json!({ "parent": base.parent, "accepts": accepts }))
    });
    let bases: serde_json::Map<String, serde_json::Value> = bases.collect();
    serde_json::json!({
        "from": rules.origin,
        "main": rules.main(),
        "develop": rules.develop(),
        "remote": rules.remote(),
        "tag_prefix": rules.flow.tag_prefix,
        "bases": bases,
        "kinds": kinds,
        "protected": rules.flow.protected,
    })
}
