//! `prodev flow log` and `prodev flow diff`: what a branch has that its parent does not have.

use std::fmt::Write as _;

use super::complete;
use super::see::{Parent, Seen};
use crate::ctx::Ctx;
use crate::error::fail;
use crate::git::{Actor, Commit, Id};
use crate::outcome::Outcome;
use crate::plan::process::quoted;
use crate::ui::style::{DIM, HINT};

/// Show the commits of a branch that its parent does not have
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  prodev flow log
  prodev flow log login
  prodev flow log develop --json      what the next release brings")]
pub(crate) struct Args {
    #[command(flatten)]
    which: Which,
}

/// Show what a branch changes against its parent
///
/// The parent's own changes since the branch left it are not shown, nor is what is not committed.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  prodev flow diff
  prodev flow diff login --stat")]
pub(crate) struct DiffArgs {
    #[command(flatten)]
    which: Which,
    /// Show the files, and how much of each is different
    #[arg(long)]
    stat: bool,
}

/// A branch, and what it is held against.
#[derive(clap::Args, Debug)]
struct Which {
    /// The branch; the one that is checked out without it
    #[arg(allow_hyphen_values = true, add = clap_complete::ArgValueCandidates::new(complete::branches))]
    branch: Option<String>,
    /// A branch of this kind
    #[arg(long, hide = true, add = clap_complete::ArgValueCandidates::new(complete::kinds))]
    kind: Option<String>,
}

impl Which {
    fn find(&self, seen: &Seen) -> anyhow::Result<(String, Id, Parent)> {
        let branch = seen.meant(self.branch.as_deref(), self.kind.as_deref())?;
        let tip = seen.branch(&branch)?.ok_or_else(|| fail(format!("`{branch}` has no commit yet")))?;
        let parent = seen.parent(&branch)?.ok_or_else(|| {
            fail(format!("`{branch}` has no parent to be held against"))
                .hint(format!("look at all of it: `git log {branch}`", branch = quoted(&branch)))
        })?;
        Ok((branch, tip, parent))
    }
}

pub(super) fn run(args: &Args, ctx: &Ctx) -> anyhow::Result<Outcome> {
    let seen = Seen::of(ctx)?;
    let (branch, tip, parent) = args.which.find(&seen)?;
    let ids = seen.repository.range(&[tip], &[parent.id])?;
    let commits = seen.repository.commits(&ids)?;
    if commits.is_empty() {
        ctx.ui.note(&format!("all of `{branch}` is in `{}`", parent.name));
    }
    let list: Vec<serde_json::Value> = commits.iter().map(json).collect();
    Ok(Outcome::answer(text(&commits), serde_json::json!({ "branch": branch, "parent": parent.name, "commits": list })))
}

fn text(commits: &[Commit]) -> String {
    let mut text = String::new();
    for commit in commits {
        let merge = if commit.is_merge() { "merge  " } else { "" };
        let _ = writeln!(
            text,
            "{HINT}{}{HINT:#} {DIM}{merge}{DIM:#}{}  {DIM}{}, {}{DIM:#}",
            commit.id.short(),
            commit.subject(),
            commit.author.name,
            day(commit.author.time)
        );
    }
    text
}

/// A day as everybody writes it in version control, in UTC, so that it does not depend on where it is read.
fn day(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).map(|time| time.strftime("%Y-%m-%d").to_string()).unwrap_or_default()
}

fn json(commit: &Commit) -> serde_json::Value {
    serde_json::json!({
        "id": commit.id,
        "parents": commit.parents,
        "author": { "name": commit.author.name, "mail": commit.author.mail, "time": commit.author.time },
        "subject": commit.subject(),
        "message": commit.message,
    })
}

pub(super) fn diff(args: &DiffArgs, ctx: &Ctx) -> anyhow::Result<Outcome> {
    let seen = Seen::of(ctx)?;
    let (branch, tip, parent) = args.which.find(&seen)?;
    let range = format!("{}...{tip}", parent.id);
    let dir = seen.repository.work_tree().unwrap_or(seen.repository.git_dir());
    let ask = |words: &[&str]| {
        let words = [&["diff", "--no-ext-diff"], words, &[&range, "--"]].concat();
        Ok::<_, anyhow::Error>(Actor::new(dir).must(&words, b"")?.stdout)
    };
    let numbers = ask(&["--numstat", "-z", "--no-renames"])?;
    let files: Vec<serde_json::Value> = numbers.split(|byte| *byte == 0).filter_map(file).collect();
    let shown = if args.stat { ask(&["--color=always", "--stat=80"])? } else { ask(&["--color=always"])? };
    if files.is_empty() {
        ctx.ui.note(&format!("`{branch}` changes nothing against `{}`", parent.name));
    }
    let json = serde_json::json!({ "branch": branch, "parent": parent.name, "files": files });
    Ok(Outcome::answer(String::from_utf8_lossy(&shown), json))
}

/// `ADDED<tab>REMOVED<tab>PATH`; a dash for each number where the file is binary.
fn file(line: &[u8]) -> Option<serde_json::Value> {
    let text = String::from_utf8_lossy(line);
    let mut words = text.splitn(3, '\t');
    let (added, removed) = (words.next()?.parse::<u64>().ok(), words.next()?.parse::<u64>().ok());
    Some(serde_json::json!({ "path": words.next()?, "added": added, "removed": removed }))
}
