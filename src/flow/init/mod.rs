//! `prodev flow init`: the branches that the model needs, and the model written down. `look` finds out what is meant, `policy` writes it.

mod look;
mod policy;

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use self::look::{Place, Wanted};
pub(super) use self::policy::preset as preset_name;
use super::see::Seen;
use super::step::{change, git};
use crate::config::discover::{self, FILE_NAME};
use crate::config::flow::Flow;
use crate::config::kind::Preset;
use crate::config::project;
use crate::ctx::Ctx;
use crate::error::{Exit, Failure, fail, listed, nearest};
use crate::git::shell;
use crate::outcome::{Outcome, object};
use crate::plan::original::{Original, Protected};
use crate::plan::process::quoted;
use crate::plan::{Privacy, Replacement, Root, Step};

/// Set a repository up: its branches, and the model in prodev.toml
///
/// What there is is taken as it is: `main` or `master`, a develop that only the remote has, the configuration of git-flow. Nothing is renamed, and
/// changes that are not committed stay. In a repository without a commit an empty one is made.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  prodev flow init
  prodev flow init --preset github --main trunk
  prodev flow init --prefix feature=feat/ --tag-prefix v
  prodev flow init --force --prefix hotfix=fix/      change what is written down")]
pub(crate) struct Args {
    /// The model that all else starts from: gitflow, github or gitlab
    #[arg(long, value_parser = preset, add = clap_complete::ArgValueCandidates::new(presets))]
    preset: Option<Preset>,
    /// The production branch
    #[arg(long, value_name = "BRANCH", add = clap_complete::ArgValueCandidates::new(super::complete::branches))]
    main: Option<String>,
    /// The branch that the next release grows on
    #[arg(long, value_name = "BRANCH", add = clap_complete::ArgValueCandidates::new(super::complete::branches))]
    develop: Option<String>,
    /// What stands before the names of a kind's branches
    #[arg(long = "prefix", value_name = "KIND=PREFIX", value_parser = prefix)]
    prefixes: Vec<(String, String)>,
    /// What stands before the version in a tag
    #[arg(long, value_name = "PREFIX")]
    tag_prefix: Option<String>,
    /// Ask nothing that has a default
    #[arg(long)]
    defaults: bool,
    /// Change what is written down already
    #[arg(short, long)]
    force: bool,
    /// Make a repository where there is none
    #[arg(long)]
    git: bool,
}

fn preset(text: &str) -> Result<Preset, String> {
    match text {
        "gitflow" => Ok(Preset::Gitflow),
        "github" => Ok(Preset::Github),
        "gitlab" => Ok(Preset::Gitlab),
        _ => Err("the presets are gitflow, github and gitlab".to_owned()),
    }
}

fn presets() -> Vec<clap_complete::engine::CompletionCandidate> {
    let candidate = |(name, about): (&str, &str)| {
        clap_complete::engine::CompletionCandidate::new(name).help(Some(about.to_owned().into()))
    };
    look::PRESETS.map(candidate).into()
}

fn prefix(text: &str) -> Result<(String, String), String> {
    let (kind, prefix) = text.split_once('=').ok_or("it is KIND=PREFIX, as in feature=feat/")?;
    Ok((kind.to_owned(), prefix.to_owned()))
}

pub(super) fn run(args: &Args, ctx: &Ctx) -> anyhow::Result<Outcome> {
    let place = Place::of(args.git, ctx)?;
    let wanted = look::wanted(args, &place, ctx)?;
    let branches = branches(&wanted, &place)?;
    let made: Vec<String> = wanted.missing(&place)?.into_iter().map(|(name, _)| name).collect();
    let file = wanted.is_written.then(|| file(&wanted, &place, ctx)).transpose()?;
    let shown = file.as_ref().map(|(shown, _)| shown.clone());
    let is_written = file.as_ref().is_some_and(|(_, step)| step.is_some());
    // The file comes first: killed after it, the same command reads there what was meant.
    let mut steps: Vec<Step> = repository(&wanted, &place).into_iter().collect();
    steps.extend(file.and_then(|(_, step)| step));
    steps.extend(branches);
    let flow = &wanted.flow;
    let names = listed(flow.long_lived());
    let done = if steps.is_empty() {
        format!("All is there: {names}")
    } else {
        format!("Set up for {}: {names}", policy::preset(flow.preset))
    };
    let mut change = change(steps, done);
    if let Some(shown) = shown.as_ref().filter(|_| is_written) {
        let trunk = flow.develop().unwrap_or(&flow.main);
        // From where the repository stands, the policy would become part of something else.
        let is_on = |seen: &Seen| seen.head.branch() == Some(trunk);
        let is_there = place.is_unborn()? || place.seen.as_ref().is_some_and(is_on);
        let switch = if is_there { String::new() } else { format!("git switch {} && ", quoted(trunk)) };
        change.after = Some(format!(
            "Commit it on `{trunk}`: {switch}git add {} && git commit -m 'Say which branches there are'",
            quoted(shown)
        ));
    }
    change.json = object(serde_json::json!({
        "preset": flow.preset, "main": flow.main, "develop": flow.develop(), "created": made, "file": shown,
    }));
    Ok(Outcome::Change(Box::new(change)))
}

/// The repository, if there is none.
fn repository(wanted: &Wanted, place: &Place) -> Option<Step> {
    let words = ["init", "--quiet", &format!("--initial-branch={}", wanted.flow.main)];
    place.seen.is_none().then(|| git(&place.top, "create", "a repository", &words))
}

/// The branches that are missing. Killed between two of them, the same command makes the rest.
fn branches(wanted: &Wanted, place: &Place) -> anyhow::Result<Vec<Step>> {
    let flow = &wanted.flow;
    let mut steps = Vec::new();
    let top = place.top.as_path();
    let is_unborn = place.is_unborn()?;
    if is_unborn {
        // Nobody stands on a branch that is not there, until it is. The index is left alone: what was added stays added.
        let trunk = flow.develop().unwrap_or(&flow.main);
        let full = format!("refs/heads/{trunk}");
        steps.push(git(top, "switch", trunk, &["symbolic-ref", "HEAD", &full]));
    }
    for (name, remote) in wanted.missing(place)? {
        let step = match remote {
            Some(remote) if is_unborn => {
                return Err(fail(format!("nothing is checked out here yet, and `{remote}` has a `{name}`"))
                    .hint(format!("begin with what is there: `git switch {name}`", name = quoted(&name)))
                    .into());
            }
            Some(remote) => {
                let full = format!("refs/remotes/{remote}/{name}");
                git(
                    top,
                    "create",
                    format!("{name} on {remote}/{name}"),
                    &["branch", "--quiet", "--track", "--", &name, &full],
                )
            }
            None if name == flow.main && is_unborn => {
                shell::check_identity(top)?;
                Step::Root(Root { dir: top.to_owned(), branch: name, message: "Initial commit\n".to_owned() })
            }
            None if name == flow.main => {
                return Err(fail(format!("there is no branch `{name}`"))
                    .hint(format!("make it where production is: `git branch {name} COMMIT`", name = quoted(&name)))
                    .hint("or say what it is called: `--main BRANCH`")
                    .into());
            }
            None => {
                let from = format!("refs/heads/{}", flow.main);
                let words = ["branch", "--quiet", "--no-track", "--", &name, &from];
                git(top, "create", format!("{name} on {}", flow.main), &words)
            }
        };
        steps.push(step);
    }
    Ok(steps)
}

/// The file that holds the model, and what is to be done to it.
fn file(wanted: &Wanted, place: &Place, ctx: &Ctx) -> anyhow::Result<(String, Option<Step>)> {
    let path = target(place, ctx)?;
    let shown = discover::shown(&path, &ctx.dir);
    let folder = path.parent().unwrap_or(&place.top);
    if !folder.is_dir() {
        return Err(fail(format!("there is no directory for `{shown}`"))
            .hint(format!("make it first: `mkdir -p {}`", quoted(&folder.to_string_lossy())))
            .into());
    }
    let mut originals = Original::take_all(&[(path.clone(), shown.clone())])?;
    let original = originals.pop().context("one file was asked for")?;
    let source = original.bytes().map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    let text = policy::write(&shown, source.as_deref().unwrap_or_default(), &wanted.settings)?;
    // What is written is read back before it is planned: a file that prodev itself refuses helps nobody.
    project::check(&shown, &text)?;
    // Also where it is new: its draft is swept away by the next run, should this one be killed.
    let step =
        Replacement::new(&original, text.into_bytes(), Privacy::Ordinary, Protected::Respect)?.map(Step::Replace);
    Ok((shown, step))
}

fn target(place: &Place, ctx: &Ctx) -> Result<PathBuf, Failure> {
    if let Some(file) = &ctx.config_file {
        return Ok(ctx.resolve(file));
    }
    let root = ctx.config()?.files.first().map(|file| file.path.clone());
    Ok(root.unwrap_or_else(|| place.top.join(FILE_NAME)))
}

/// Whether each kind of `--prefix` is one, and each prefix can be one.
fn check_prefixes(flow: &Flow, prefixes: &[(String, String)]) -> Result<(), Failure> {
    let kinds = flow.kinds();
    for (kind, prefix) in prefixes {
        if !kinds.contains_key(kind) {
            let failure = fail(format!("there is no kind `{kind}`")).exit(Exit::Usage);
            let names: Vec<&str> = kinds.keys().map(String::as_str).collect();
            return Err(match nearest(kind, names.iter().copied()) {
                Some(near) => failure.hint(format!("did you mean `{near}`?")),
                None => failure.hint(format!("the kinds are {}; others are declared in prodev.toml", names.join(", "))),
            });
        }
        if let Some(reason) = crate::config::check::refuse_branch(prefix) {
            return Err(fail(format!("`{prefix}` cannot be a prefix: {reason}"))
                .exit(Exit::Usage)
                .hint(format!("choose another one, as in `--prefix {kind}={kind}/`")));
        }
    }
    Ok(())
}

/// Whether a branch can be called so.
fn check_branch(option: &str, name: &str) -> Result<(), Failure> {
    match crate::config::check::refuse_whole_branch(name) {
        Some(reason) => Err(fail(format!("`{name}` cannot be a branch: {reason}"))
            .exit(Exit::Usage)
            .hint(format!("choose another name: `{option} BRANCH`"))),
        None => Ok(()),
    }
}

/// A folder as people write it.
fn named(path: &Path) -> String {
    path.display().to_string()
}
