//! What a person is asked before recipes run: which one, and whether it may.

use super::catalog::Catalog;
use super::graph::{Graph, Kind};
use crate::config::recipe::Confirm;
use crate::ctx::Ctx;
use crate::error::{Exit, Failure, Problem, fail};
use crate::ui::{Choice, Question};

/// The recipe that a person takes from the list.
///
/// # Errors
/// Where there is none, or nobody to ask (exit 2).
pub(super) fn choose(catalog: &Catalog, ctx: &Ctx) -> anyhow::Result<[String; 1]> {
    let entries: Vec<_> = catalog.public().collect();
    if entries.is_empty() || !ctx.ui.is_interactive() {
        let why =
            if entries.is_empty() { "there is no recipe to choose" } else { "there is nobody here to choose a recipe" };
        return Err(fail(why).exit(Exit::Usage).hint("name one: `prodev run --list` shows them").into());
    }
    let about = |doc: &Option<String>| doc.as_deref().and_then(|doc| doc.lines().next()).unwrap_or_default().to_owned();
    let choices: Vec<Choice> =
        entries.iter().map(|entry| Choice { about: about(&entry.recipe.doc), ..Choice::plain(&entry.name) }).collect();
    let at = ctx.ui.search_choice(&Question { prompt: "Which recipe?", help: None }, &choices)?;
    Ok([entries[at].name.clone()])
}

/// Asks for each recipe that wants to be asked for, before anything is begun.
///
/// # Errors
/// What was not confirmed (exit 4).
pub(super) fn confirm(catalog: &Catalog, graph: &Graph, ctx: &Ctx) -> anyhow::Result<()> {
    let mut asked: Vec<(usize, String)> = Vec::new();
    for node in graph.nodes.iter().filter(|node| node.kind == Kind::Run) {
        let entry = &catalog.entries[node.entry];
        let question = match &entry.recipe.confirm {
            Some(Confirm::Question(question)) => question.clone(),
            Some(Confirm::Plain(true)) => format!("Run `{}`?", entry.name),
            _ => continue,
        };
        if !asked.iter().any(|(known, _)| *known == node.entry) {
            asked.push((node.entry, question));
        }
    }
    if asked.is_empty() || ctx.ui.is_yes() {
        return Ok(());
    }
    let refused = |failure: Failure| failure.exit(Exit::Refused);
    if !ctx.ui.is_interactive() {
        let problems: Vec<Problem> = asked
            .iter()
            .map(|(at, question)| Problem::new(format!("`{}` asks: {question}", catalog.entries[*at].name)))
            .collect();
        return Err(refused(Failure::of("these recipes ask before they run", problems))
            .hint("answer yes to all with `--yes`")
            .into());
    }
    for (at, question) in asked {
        if !ctx.ui.confirm(&question, false)? {
            return Err(
                refused(fail(format!("`{}` was not confirmed, so nothing was run", catalog.entries[at].name))).into()
            );
        }
    }
    Ok(())
}
