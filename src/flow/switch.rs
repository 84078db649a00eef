//! `prodev flow switch`: check a branch out, by as much of its name as tells it from the others.

use std::collections::BTreeSet;

use super::complete;
use super::draft::Draft;
use super::rules::Role;
use super::see::{Seen, obstacles};
use super::step::{change, of_deed, with_script_acts};
use super::under_way::{self, Wish};
use super::update::is_named;
use crate::ctx::Ctx;
use crate::error::{Exit, Failure, fail, first_of};
use crate::outcome::{Outcome, object};
use crate::plan::deed::{Act, Conflicts, Spot, Told};
use crate::plan::process::quoted;
use crate::ui::{Choice, Question};

/// Check a branch out
///
/// A part of its name is enough, from its beginning or from that of what comes after the prefix, as long as no other branch begins so. Changes that
/// are not committed come along, unless the checkout would overwrite them.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  prodev flow switch login
  prodev flow switch develop
  prodev flow switch               choose from a list")]
pub(crate) struct Args {
    /// The branch, or the beginning of its name
    #[arg(allow_hyphen_values = true, add = clap_complete::ArgValueCandidates::new(complete::branches))]
    branch: Option<String>,
    /// A branch of this kind
    #[arg(long, hide = true, add = clap_complete::ArgValueCandidates::new(complete::kinds))]
    kind: Option<String>,
    #[command(flatten)]
    wish: Wish,
}

pub(super) fn run(args: &Args, ctx: &Ctx) -> anyhow::Result<Outcome> {
    let is_same = |branch: &str| args.branch.is_some() && is_named(args.branch.as_deref(), branch);
    if let Some(outcome) = under_way::go_on(ctx, "switch", args.wish, is_same)? {
        return Ok(outcome);
    }
    let seen = Seen::of(ctx)?;
    let top = seen.top()?.to_owned();
    seen.no_operation()?;
    let branch = match &args.branch {
        Some(given) => find(&seen, given, args.kind.as_deref())?,
        None => ask(&seen, args.kind.as_deref(), ctx)?,
    };
    let json = object(serde_json::json!({ "branch": branch }));
    if seen.head.branch() == Some(&branch) {
        let mut change = change([], format!("`{branch}` is checked out already"));
        change.json = json;
        return Ok(Outcome::Change(Box::new(change)));
    }
    if let Some(path) = seen.elsewhere(&branch)? {
        let path = path.display();
        return Err(fail(format!("`{branch}` is checked out in `{path}`"))
            .hint(format!("go there: `cd {path}`", path = quoted(&path.to_string())))
            .into());
    }
    let tip = seen.branch(&branch)?.ok_or_else(|| fail(format!("`{branch}` is gone")))?;
    let mut kept = Vec::new();
    if let Some(head) = seen.head.commit() {
        let found = obstacles(&top, &seen.repository.changes(head, tip)?)?;
        found.refuse(&format!("switching to `{branch}`"))?;
        kept = found.same;
    }
    let mut acts = vec![Act::Switch { dir: top, to: Spot::Branch(branch.clone()) }];
    with_script_acts(&seen, "switch", &branch, &mut acts)?;
    let (name, others, conflicts) = (branch.clone(), Vec::new(), Conflicts::TakeBack);
    let deed = Draft { command: "switch", branch: name, acts, others, kept, conflicts }.deed(&seen)?;
    let done = format!("Switched to `{branch}`");
    Ok(Outcome::Change(Box::new(of_deed(deed, Told { done, json, ..Told::default() }))))
}

/// The branch that `given` is, or is the beginning of.
fn find(seen: &Seen, given: &str, kind: Option<&str>) -> anyhow::Result<String> {
    let kind = kind.map(|name| seen.kind(name)).transpose()?;
    let all: Vec<&str> = seen.repository.branches()?.map(|(name, _)| name).collect();
    // A branch's whole name, and what comes after the prefix of its kind.
    let names = |branch: &'_ str| match seen.rules.role(branch) {
        Role::Topic(of, bare) if kind.is_none_or(|kind| kind == of) => Some((branch.to_owned(), bare.to_owned())),
        _ if kind.is_some() => None,
        _ => Some((branch.to_owned(), branch.to_owned())),
    };
    let names: Vec<(String, String)> = all.into_iter().filter_map(names).collect();
    let found = |fits: &dyn Fn(&str, &str) -> bool| -> BTreeSet<&str> {
        names.iter().filter(|(whole, bare)| fits(whole, bare)).map(|(whole, _)| whole.as_str()).collect()
    };
    let whole = found(&|whole, _| whole == given);
    let bare = found(&|_, bare| bare == given);
    let begun = found(&|whole, bare| !given.is_empty() && (whole.starts_with(given) || bare.starts_with(given)));
    let found = [whole, bare, begun].into_iter().find(|found| !found.is_empty()).unwrap_or_default();
    let found: Vec<&str> = found.into_iter().collect();
    match found.as_slice() {
        [one] => Ok((*one).to_owned()),
        // Says what is near, and where it may be.
        [] => Err(missing(seen, given, kind.map(|kind| kind.name.as_str()))?.into()),
        several => Err(fail(format!("`{given}` can be {} branches: {}", several.len(), first_of(several, 6)))
            .exit(Exit::Usage)
            .hint("give more of its name")
            .into()),
    }
}

/// That there is no such branch here; at the remote there may be.
fn missing(seen: &Seen, given: &str, kind: Option<&str>) -> anyhow::Result<Failure> {
    let remote = seen.rules.remote();
    let kinds = seen.rules.kinds.iter().filter(|of| kind.is_none_or(|kind| of.name == kind));
    for name in std::iter::once(given.to_owned()).chain(kinds.map(|kind| kind.branch(given))) {
        if seen.at_remote(&name)?.is_some() {
            return Ok(fail(format!("`{name}` is on `{remote}` alone"))
                .hint(format!("work on it with `prodev flow track {name}`", name = quoted(&name))));
        }
    }
    match seen.topic(Some(given), kind) {
        Err(error) => error.downcast::<Failure>(),
        Ok(name) => {
            Ok(fail(format!("there is no branch `{name}`")).hint("`prodev flow list` shows those that there are"))
        }
    }
}

fn ask(seen: &Seen, kind: Option<&str>, ctx: &Ctx) -> anyhow::Result<String> {
    let kind = kind.map(|name| seen.kind(name)).transpose()?;
    if !ctx.ui.is_interactive() {
        return Err(fail("which branch? there is nobody here to ask")
            .exit(Exit::Usage)
            .hint("name it: `prodev flow switch BRANCH`; `prodev flow list` shows those that there are")
            .into());
    }
    let wanted = |name: &&str| match seen.rules.role(name) {
        Role::Topic(of, _) => kind.is_none_or(|kind| kind == of),
        _ => kind.is_none(),
    };
    let names: Vec<&str> = seen.repository.branches()?.map(|(name, _)| name).filter(wanted).collect();
    let choice = |name: &&str| Choice { chosen: seen.head.branch() == Some(name), ..Choice::plain(name) };
    let choices: Vec<Choice> = names.iter().map(choice).collect();
    if choices.is_empty() {
        return Err(fail("there is no branch to switch to").hint("start one: `prodev flow start KIND NAME`").into());
    }
    let at = ctx.ui.search_choice(&Question { prompt: "Branch", help: None }, &choices)?;
    Ok(names[at].to_owned())
}
