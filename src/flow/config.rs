//! `prodev flow config`: the model as it holds, and who said so.

use std::fmt::Write as _;

use super::kind::Kind;
use super::rules::{Origin, Rules};
use super::step::{self, change};
use crate::config::kind::Strategy;
use crate::ctx::Ctx;
use crate::error::{Exit, fail};
use crate::git::Actor;
use crate::outcome::Outcome;
use crate::ui::style::{BOLD, DIM};

/// Show the branching model as it holds
///
/// It is what `[flow]` in prodev.toml says; where that says nothing, what git-flow left in the configuration of Git; where there is neither, the
/// defaults.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  prodev flow config
  prodev flow config --json
  prodev flow config --alias       makes `git flow` a command")]
pub(crate) struct Args {
    /// Make `git NAME` (`git flow` without a name) run `prodev flow`, for all your repositories
    #[arg(long, value_name = "NAME", num_args = 0..=1, require_equals = true, default_missing_value = "flow")]
    alias: Option<String>,
}

pub(super) fn run(args: &Args, ctx: &Ctx) -> anyhow::Result<Outcome> {
    match &args.alias {
        Some(name) => alias(name, ctx),
        None => Ok(show(&super::rules(ctx)?)),
    }
}

/// What the alias runs. Git starts it at the top of the working tree, and tells by a variable where the user stands.
const ALIASED: &str = "!prodev -C \"${GIT_PREFIX:-.}\" flow";

fn alias(name: &str, ctx: &Ctx) -> anyhow::Result<Outcome> {
    let is_word = name.starts_with(|c: char| c.is_ascii_alphabetic());
    if !is_word || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
        return Err(fail(format!(
            "`{name}` cannot be an alias: begin it with a letter, and write it with letters, digits and `-` alone"
        ))
        .exit(Exit::Usage)
        .hint("choose another name, as in `--alias=flow`")
        .into());
    }
    let git = Actor::new(&ctx.dir);
    let known = git.must(&["--list-cmds=builtins,main,others"], b"")?;
    if String::from_utf8_lossy(&known.stdout).lines().any(|known| known == name) {
        return Err(fail(format!("`git {name}` is a program already, and Git runs that before any alias"))
            .hint("choose another name, as in `--alias=f`, or take that program away")
            .into());
    }
    let key = format!("alias.{name}");
    let is = git.run(&["config", "--global", "--get", &key], b"")?;
    let is = String::from_utf8_lossy(&is.stdout).trim_end_matches('\n').to_owned();
    let json = crate::outcome::object(serde_json::json!({ "alias": name, "runs": ALIASED }));
    let mut change = if is == ALIASED {
        change([], format!("`git {name}` runs `prodev flow` already"))
    } else if is.is_empty() {
        let words = ["config", "--global", &key, ALIASED];
        change(
            [step::git(&ctx.dir, "record", format!("{key} = {ALIASED}"), &words)],
            format!("`git {name}` runs `prodev flow` now"),
        )
    } else {
        return Err(fail(format!("`git {name}` is an alias already, of `{is}`"))
            .hint(format!("take it away first: `git config --global --unset {key}`"))
            .into());
    };
    change.json = json;
    Ok(Outcome::Change(Box::new(change)))
}

fn show(rules: &Rules) -> Outcome {
    let said = match rules.origin {
        Origin::Policy => "[flow] in prodev.toml",
        Origin::Avh => "gitflow.* in the configuration of Git (git-flow AVH)",
        Origin::Next => "gitflow.* in the configuration of Git (git-flow-next)",
        Origin::Defaults => "nobody: these are the defaults (`prodev flow init` writes them down)",
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
