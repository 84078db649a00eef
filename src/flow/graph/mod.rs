//! `prodev flow graph`: the picture of branches and how they came together. `picture` decides which commit belongs to which branch, `layout` where
//! each line runs; a file for each form draws it.

mod dot;
mod layout;
mod mermaid;
mod picture;
mod svg;
mod terminal;

use super::complete;
use super::see::Seen;
use crate::ctx::Ctx;
use crate::error::{Exit, fail};
use crate::outcome::Outcome;
use crate::ui::Ui;
use layout::Layout;
use picture::Picture;

/// Draw the branches: a line for each, and where they came together
///
/// A line belongs to the branch along whose first parents it runs; those of branches that are gone stay, named after what their merge says.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  prodev flow graph
  prodev flow graph feature/login --limit 20
  prodev flow graph --format mermaid
  prodev flow graph --all --format svg > branches.svg")]
pub(crate) struct Args {
    /// Only these topic branches, beside the long-lived ones
    #[arg(value_name = "BRANCH", add = clap_complete::ArgValueCandidates::new(complete::topics))]
    branches: Vec<String>,
    /// In which form it is drawn
    #[arg(long, value_name = "FORMAT", default_value = "text", hide_default_value = true)]
    format: Format,
    /// How many commits are drawn, the newest first
    #[arg(long, value_name = "N", default_value_t = 40, value_parser = clap::value_parser!(u32).range(1..), conflicts_with = "all")]
    limit: u32,
    /// Draw all of history
    #[arg(long)]
    all: bool,
}

#[derive(clap::ValueEnum, Clone, Copy, Debug)]
enum Format {
    /// Lines and dots, for a terminal
    Text,
    /// A `gitGraph`, which code hosts draw in Markdown
    Mermaid,
    /// For Graphviz
    Dot,
    /// An image
    Svg,
}

pub(super) fn run(args: &Args, ctx: &Ctx) -> anyhow::Result<Outcome> {
    let seen = Seen::of(ctx)?;
    let mut wanted = Vec::new();
    for name in &args.branches {
        wanted.push(seen.topic(Some(name), None)?);
    }
    let limit = if args.all { usize::MAX } else { usize::try_from(args.limit).unwrap_or(usize::MAX) };
    let picture = Picture::of(&seen, &wanted, limit)?;
    if picture.commits.is_empty() {
        return Err(fail("there is no commit to draw")
            .hint("make the first one with `git commit`")
            .exit(Exit::Failed)
            .into());
    }
    let text = match args.format {
        Format::Text => terminal::draw(&picture, &Layout::of(&picture), Ui::width()),
        Format::Mermaid => mermaid::draw(&picture),
        Format::Dot => dot::draw(&picture),
        Format::Svg => svg::draw(&picture, &Layout::of(&picture)),
    };
    if picture.is_cut && matches!(args.format, Format::Text) {
        ctx.ui.note(&format!("{} commits are drawn, the newest; `--all` draws the others, too", picture.commits.len()));
    }
    Ok(Outcome::answer(text, picture.json()))
}
