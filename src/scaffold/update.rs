//! `prodev update`: the template's changes brought into a project that has gone its own way.

mod check;
mod early;
mod end;

use clap_complete::engine::ArgValueCandidates;
use serde_json::json;

use super::answers::AnswerFile;
use super::components::{self, Selection, Voice, Wishes};
use super::manifest::Occasion;
use super::renew::{self, At, Renewal, Scope, Subject, Wish, Words, is_newer};
use super::source::{Age, Origin};
use super::state;
use super::tasks::{self, Call};
use super::{add, candidates};
use crate::ctx::Ctx;
use crate::error::{Exit, Failure, fail};
use crate::git::merge::Markers;
use crate::outcome::{Again, Change, First, Outcome};

/// Bring the template's changes into a project
///
/// A three-way merge of the template as it was when the project last heard of it, the project, and the template as it is now. What both
/// changed is marked in the files (and unmerged for Git), and the command ends with exit code 3: resolve it and say --continue, or take
/// everything back with --abort. Nothing is written before everything is known to fit.
#[derive(clap::Args, Debug, Clone)]
#[command(after_help = "Examples:
  prodev update --check
  prodev update --dry-run
  prodev update
  prodev update --set timezone=Europe/Berlin --reask 'database*'
  prodev update --ref v2.0.0
  prodev update --diff3
  prodev update --continue
  prodev update --abort")]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct Args {
    /// Which of the project's templates
    #[arg(long, value_name = "NAME", add = ArgValueCandidates::new(candidates::records))]
    template: Option<String>,
    /// Take this tag, branch or commit of the template's repository, instead of the newest version
    #[arg(long = "ref", value_name = "REF")]
    reference: Option<String>,
    /// Let a version before a release be the newest
    #[arg(long, conflicts_with = "reference")]
    pre: bool,
    /// Answer a question, or answer it anew
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// Ask again what was answered before, by the names of questions; `*` stands for anything
    #[arg(long, value_name = "GLOB")]
    reask: Vec<String>,
    /// Ask nothing: take the default of every new question
    #[arg(long)]
    defaults: bool,
    /// Leave out a component on the way, such as one that the new version cannot have beside another
    #[arg(long, value_name = "COMPONENT", value_delimiter = ',', add = ArgValueCandidates::new(candidates::switched_on))]
    without: Vec<String>,
    /// Leave out one whose tables are in a database, and leave these where they are
    #[arg(long, requires = "without")]
    keep_tables: bool,
    /// Only say whether there is an update: exit 0 for none, 1 for one, 2 where it cannot be told
    #[arg(long, group = "mode")]
    check: bool,
    /// Show in conflicts what was there before, too
    #[arg(long)]
    diff3: bool,
    /// Write down that the project is of the new version, and leave its files as they are
    #[arg(long, group = "mode")]
    record_only: bool,
    #[command(flatten)]
    tasks: tasks::Flags,
    /// End an update whose conflicts are resolved
    #[arg(long = "continue", group = "mode")]
    go_on: bool,
    /// Take back an update whose conflicts are not resolved; what you changed since is kept elsewhere
    #[arg(long, group = "mode")]
    abort: bool,
}

pub(super) fn run(args: &Args, ctx: &Ctx) -> anyhow::Result<Outcome> {
    if args.go_on {
        return end::go_on(ctx, &args.tasks);
    }
    if args.abort {
        return end::abort(ctx);
    }
    if args.check {
        return check::run(args, ctx);
    }
    renew::refuse_open(ctx, state::project(&ctx.dir))?;
    let at = At::Now { reference: args.reference.as_deref(), pre: args.pre, age: Age::Now };
    let subject = renew::open(ctx, args.template.as_deref(), at)?;
    allowed(&subject, args, ctx)?;
    Ok(Outcome::Change(Box::new(plan(args, ctx, subject, None)?)))
}

/// What came of the first look, where something runs before the second, which decides.
struct Known {
    answers: AnswerFile,
    /// The new questions, which are none by then.
    new: Vec<String>,
}

/// Decides what is to be done. `known` is there where that was decided before, and the project changed since.
fn plan(args: &Args, ctx: &Ctx, subject: Subject, known: Option<Known>) -> anyhow::Result<Change> {
    let selection = selection(&subject, args)?;
    let is_first = known.is_none();
    let reask: &[String] = if is_first { &args.reask } else { &[] };
    let (files, new) = known.map(|known| (known.answers, known.new)).unzip();
    let wish = Wish { set: &args.set, defaults: args.defaults, reask, files: files.into_iter().collect() };
    let mut rendered = subject.render(ctx, &selection, &wish)?;
    if let Some(new) = new {
        rendered.0.new = new;
    }
    let (answers, _) = &rendered;
    let renewal = Renewal {
        markers: if args.diff3 { Markers::Three } else { Markers::Two },
        scope: if args.record_only { Scope::Record } else { Scope::All },
        ..Renewal::of(&subject, &selection, &rendered)
    };
    let renewed = renew::renew(&renewal)?;
    let about = &subject.template.manifest.template;
    let json = json!({
        "template": {
            "name": about.name.text,
            "source": subject.recorded.state.template.source,
            "ref": subject.template.origin.commit().and_then(|commit| commit.reference.as_deref()),
            "commit": subject.template.origin.commit().map(|commit| commit.id.as_str()),
        },
        "from": subject.old_version(),
        "to": about.version.to_string(),
        "changelog": subject.changelog(),
        "components": selection.names,
    });
    if renewed.is_empty() && is_first {
        let done = format!("nothing to do: {} is the newest", subject.old_name());
        return Ok(renew::nothing(&renewal, renewed, json, done));
    }
    // It is said before anything is done, and once.
    let mut before = Vec::new();
    if is_first {
        before.extend(selection.along());
        before.extend(news(&subject, &answers.new));
    }
    let said = before.len();
    let words = Words {
        before,
        verb: if args.record_only { "recorded" } else { "updated" },
        what: format!("from {} to {}", subject.old_name(), about.version),
        json,
    };
    let mut change = renew::change(&renewal, renewed, words);
    let mut first = None;
    let call = Call::of(&renewal, &args.tasks, ctx.user()?);
    if args.record_only {
        call.leave_out(&mut change)?;
    } else {
        let early = early::due(&call)?;
        call.follow(&mut change, Occasion::Update, if is_first { &early.tasks } else { &early.done })?;
        if !args.tasks.no_tasks {
            first = early.settle(&mut change, &call, is_first);
        }
    }
    if let Some((more, plan)) = first {
        let before = change.before.drain(..said).chain(more).collect();
        let answers = answers.stored.iter().filter(|(_, value)| !value.is_null());
        let answers = answers.map(|(name, value)| (name.clone(), value.clone())).collect();
        let answers = AnswerFile::plain("an answer of this run", answers);
        let known = Known { answers, new: rendered.0.new.clone() };
        change.first = Some(First { before, plan, again: again(args, ctx, subject, known) });
    }
    Ok(change)
}

/// The same once more, with the template and the answers that there are, and the project as it is then.
fn again(args: &Args, ctx: &Ctx, subject: Subject, known: Known) -> Again {
    let (args, ui, config) = (args.clone(), ctx.ui.clone(), ctx.config_file.clone());
    let Subject { root, recorded, template, .. } = subject;
    Box::new(move || {
        let ctx = Ctx::new(Some(&root), config, ui)?;
        let recorded = state::read(&root, &recorded.name)?;
        plan(&args, &ctx, Subject::new(root, recorded, template)?, Some(known))
    })
}

/// # Errors
/// A project that a newer prodev made; exit 4 where the newest version there is is older than the project's, and nobody said that this is meant.
fn allowed(subject: &Subject, args: &Args, ctx: &Ctx) -> Result<(), Failure> {
    let have = subject.template.manifest.template.version.to_string();
    if !is_newer(subject.old_version(), &have) {
        return Ok(());
    }
    if matches!(subject.template.origin, Origin::Builtin(_)) {
        return Err(fail(format!("this project is of {}, and this prodev has {have}", subject.old_name()))
            .hint("update prodev: the project was made by a newer one"));
    }
    if args.reference.is_some() || ctx.ui.is_yes() {
        return Ok(());
    }
    Err(fail(format!("this project is of {}, and the template is at {have}", subject.old_name()))
        .hint("to go back to that, add `--yes`")
        .exit(Exit::Refused))
}

/// The project's components, and what they have come to require.
fn selection(subject: &Subject, args: &Args) -> Result<Selection, Failure> {
    let (only, without) = (Some(subject.selected()), args.without.clone());
    let wishes = Wishes { only, without, voice: Voice::Update, ..Wishes::default() };
    let selection = components::select(&subject.template.manifest, &wishes)?;
    if !args.keep_tables {
        let again = format!("prodev update --without {} --keep-tables", args.without.join(","));
        add::tables(subject, &args.without, &again)?;
    }
    Ok(selection)
}

/// What is worth knowing of the new version beside its files.
fn news(subject: &Subject, questions: &[String]) -> Vec<String> {
    let mut news = Vec::new();
    if let Some(changelog) = subject.changelog() {
        news.push(changelog);
    }
    if !questions.is_empty() {
        news.push(format!("new questions: {}", questions.join(", ")));
    }
    let components = &subject.template.manifest.components;
    let before = &subject.recorded.state.components;
    let new: Vec<&str> = components.keys().filter(|name| !before.contains_key(*name)).map(String::as_str).collect();
    if !new.is_empty() && !before.is_empty() {
        news.push(format!("new components: {} (`prodev add NAME`)", new.join(", ")));
    }
    let gone: Vec<&str> = before
        .iter()
        .filter(|(name, is_on)| **is_on && !components.contains_key(*name))
        .map(|(name, _)| name.as_str())
        .collect();
    if !gone.is_empty() {
        news.push(format!("components that the template has no more: {}", gone.join(", ")));
    }
    news
}
