//! `prodev add` and `prodev remove`: components switched on and off in a project that is there already.

use clap_complete::engine::ArgValueCandidates;
use serde_json::json;

use super::candidates;
use super::components::{self, Selection, Voice, Wishes};
use super::manifest::Occasion;
use super::renew::{self, At, Renewal, Subject, Wish, Words};
use super::state;
use super::tasks::{self, Call};
use crate::ctx::Ctx;
use crate::error::{Exit, Failure, Problem};
use crate::git::merge::Markers;
use crate::outcome::Outcome;

/// Switch components on in a generated project
///
/// The project is rendered again with them, in the version that it has, and merged with what it is now. What they require comes along.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  prodev add cache
  prodev add cache docker --dry-run
  prodev add celery --set broker_url=redis://localhost")]
pub(crate) struct Args {
    /// What to switch on
    #[arg(required = true, value_name = "COMPONENT", value_delimiter = ',', add = ArgValueCandidates::new(candidates::switched_off))]
    components: Vec<String>,
    #[command(flatten)]
    common: Common,
    /// Refuse a selection that lacks something instead of completing it
    #[arg(long)]
    no_deps: bool,
}

/// Switch components off in a generated project
///
/// The project is rendered again without them, in the version that it has, and merged with what it is now: files that you changed are
/// not removed, but told as conflicts.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  prodev remove cache
  prodev remove example --dry-run
  prodev remove auth-token --keep-tables")]
pub(crate) struct RemoveArgs {
    /// What to switch off
    #[arg(required = true, value_name = "COMPONENT", value_delimiter = ',', add = ArgValueCandidates::new(candidates::switched_on))]
    components: Vec<String>,
    #[command(flatten)]
    common: Common,
    /// Remove a component whose tables are in a database, and leave these where they are
    #[arg(long)]
    keep_tables: bool,
}

/// What both take.
#[derive(clap::Args, Debug)]
struct Common {
    /// Which of the project's templates
    #[arg(long, value_name = "NAME", add = ArgValueCandidates::new(candidates::records))]
    template: Option<String>,
    /// Answer a question, or answer it anew
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// Ask nothing: take the default of every new question
    #[arg(long)]
    defaults: bool,
    #[command(flatten)]
    tasks: tasks::Flags,
    /// Show in conflicts what was there before, too
    #[arg(long)]
    diff3: bool,
}

pub(super) fn add(args: &Args, ctx: &Ctx) -> anyhow::Result<Outcome> {
    let subject = open(&args.common, ctx)?;
    let mut wanted = subject.selected();
    wanted.extend(args.components.iter().cloned());
    let wishes = Wishes {
        with: args.components.clone(),
        only: Some(wanted),
        no_completion: args.no_deps,
        voice: Voice::Switches,
        ..Wishes::default()
    };
    let selection = components::select(&subject.template.manifest, &wishes)?;
    let had = subject.selected();
    let new: Vec<&String> = args.components.iter().filter(|name| !had.contains(name)).collect();
    let before = selection.along();
    let what = match new.as_slice() {
        [] => "had all of it already".to_owned(),
        new => format!("has {} now", list(new)),
    };
    settle(&args.common, ctx, &subject, &selection, Switch { before, verb: "added:", what, occasion: Occasion::Add })
}

pub(super) fn remove(args: &RemoveArgs, ctx: &Ctx) -> anyhow::Result<Outcome> {
    let subject = open(&args.common, ctx)?;
    let had = subject.selected();
    needed(&subject, &args.components)?;
    if !args.keep_tables {
        let again = format!("prodev remove {} --keep-tables", args.components.join(" "));
        tables(&subject, &args.components, &again)?;
    }
    let only: Vec<String> = had.iter().filter(|name| !args.components.contains(name)).cloned().collect();
    let wishes =
        Wishes { without: args.components.clone(), only: Some(only), voice: Voice::Switches, ..Wishes::default() };
    let selection = components::select(&subject.template.manifest, &wishes)?;
    let gone: Vec<&String> = args.components.iter().filter(|name| had.contains(name)).collect();
    let what = match gone.as_slice() {
        [] => "had none of it".to_owned(),
        gone => format!("has {} no more", list(gone)),
    };
    settle(
        &args.common,
        ctx,
        &subject,
        &selection,
        Switch { before: Vec::new(), verb: "removed:", what, occasion: Occasion::Remove },
    )
}

fn list(names: &[&String]) -> String {
    names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ")
}

fn open(common: &Common, ctx: &Ctx) -> anyhow::Result<Subject> {
    renew::refuse_open(ctx, state::project(&ctx.dir))?;
    let subject = renew::open(ctx, common.template.as_deref(), At::Recorded)?;
    subject.same_version()?;
    Ok(subject)
}

/// # Errors
/// Exit 2: components that others of the project require, which are named.
fn needed(subject: &Subject, gone: &[String]) -> Result<(), Failure> {
    let components = &subject.template.manifest.components;
    let mut problems = Vec::new();
    for name in subject.selected().iter().filter(|name| !gone.contains(name)) {
        let Some(component) = components.get(name) else { continue };
        for required in component.requires.iter().filter(|required| gone.contains(required)) {
            problems.push(
                Problem::new(format!("`{name}` requires `{required}`"))
                    .hint(format!("remove both: `prodev remove {required} {name}`")),
            );
        }
    }
    if problems.is_empty() {
        return Ok(());
    }
    Err(Failure::of("components are still needed", problems).exit(Exit::Usage))
}

/// Of the components `gone` those that the project has; `again` is the command that leaves their tables where they are.
///
/// # Errors
/// Exit 4: components that keep data in a database, which would know of them no more.
pub(super) fn tables(subject: &Subject, gone: &[String], again: &str) -> Result<(), Failure> {
    let components = &subject.template.manifest.components;
    let had = subject.selected();
    let with_tables = gone
        .iter()
        .filter(|name| had.contains(name))
        .filter_map(|name| Some((name, components.get(name)?.tables.as_ref()?)));
    let problems: Vec<Problem> = with_tables
        .map(|(name, undo)| Problem::new(format!("`{name}` has tables, which `{undo}` removes from a database")))
        .collect();
    if problems.is_empty() {
        return Ok(());
    }
    Err(Failure::of("some components have tables", problems)
        .hint("run that on every database that has them, before their code is gone")
        .hint(format!("then, or to leave the tables where they are: `{again}`"))
        .exit(Exit::Refused))
}

/// What is said of it.
struct Switch {
    before: Vec<String>,
    verb: &'static str,
    what: String,
    occasion: Occasion,
}

fn settle(
    common: &Common,
    ctx: &Ctx,
    subject: &Subject,
    selection: &Selection,
    switch: Switch,
) -> anyhow::Result<Outcome> {
    let wish = Wish { set: &common.set, defaults: common.defaults, reask: &[], files: Vec::new() };
    let rendered = subject.render(ctx, selection, &wish)?;
    let renewal = Renewal {
        markers: if common.diff3 { Markers::Three } else { Markers::Two },
        new_name: format!("{} with {}", subject.new_name(), selection.names.join(", ")),
        ..Renewal::of(subject, selection, &rendered)
    };
    let renewed = renew::renew(&renewal)?;
    let json = json!({
        "template": { "name": subject.recorded.state.template.name, "source": subject.recorded.state.template.source },
        "components": selection.names,
        "added": selection.along_json(),
    });
    if renewed.is_empty() {
        let done = format!("nothing to do: the project {}", switch.what);
        return Ok(Outcome::Change(Box::new(renew::nothing(&renewal, renewed, json, done))));
    }
    let words = Words { before: switch.before, verb: switch.verb, what: switch.what, json };
    let mut change = renew::change(&renewal, renewed, words);
    Call::of(&renewal, &common.tasks, ctx.user()?).follow(&mut change, switch.occasion, &[])?;
    Ok(Outcome::Change(Box::new(change)))
}
