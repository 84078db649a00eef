//! `prodev diff`: what the user made different from what the template made. It asks nobody but the records.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use clap_complete::engine::ArgValueCandidates;
use serde_json::{Value as Json, json};

use super::merge::{Here, Ours};
use super::{candidates, state};
use crate::ctx::Ctx;
use crate::outcome::Outcome;
use crate::plan::path::TreePath;
use crate::plan::tree::difference;

/// Show what is different from the template
///
/// The template as it was when the project last heard of it is compared with the project's files. Files that only the project has are
/// none of the template's, and are not shown.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  prodev diff
  prodev diff --name-only
  prodev diff --json")]
pub(crate) struct Args {
    /// Which of the project's templates
    #[arg(long, value_name = "NAME", add = ArgValueCandidates::new(candidates::records))]
    template: Option<String>,
    /// Show only which files
    #[arg(long)]
    name_only: bool,
}

pub(super) fn run(args: &Args, ctx: &Ctx) -> anyhow::Result<Outcome> {
    let found = state::find(&ctx.dir, args.template.as_deref())?;
    let recorded = state::read(&found.root, &found.name)?;
    let paths: BTreeSet<&TreePath> = recorded.base.keys().collect();
    let ours = Ours::read(&found.root, &paths);
    let mut text = String::new();
    let mut files: Vec<Json> = Vec::new();
    for (path, based) in &recorded.base {
        let now = ours.content(path);
        if now == Some(&based.content) {
            continue;
        }
        let what = match (ours.here(path), now) {
            (_, Some(_)) => "changed",
            (None, None) if ours.blocked(path).is_none() => "removed",
            (Some(Here::Folder), _) => "a folder",
            _ => "not a file of the project's",
        };
        let diff = difference(path.as_str(), Some(&based.content), now)?;
        if args.name_only {
            let _ = writeln!(text, "{what:<9} {path}");
        } else {
            text.push_str(&diff);
        }
        files.push(json!({ "path": path.as_str(), "what": what, "diff": diff }));
    }
    let template = &recorded.state.template;
    let json = json!({
        "template": { "name": template.name, "version": template.version, "source": template.source },
        "files": files,
    });
    Ok(Outcome::answer(text, json))
}
