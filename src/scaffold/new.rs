//! `prodev new`: a project from a template.

mod gather;
mod request;
pub(super) mod surfaces;

use std::path::PathBuf;

use clap_complete::engine::ArgValueCompleter;
use serde_json::json;

use self::request::Request;
pub(super) use self::request::{expand, now};
use super::candidates;
use super::choices::Choices;
use super::destination::{self, Overwrite};
use super::manifest::Occasion;
use super::merge::{Merge, Ours, contributions};
use super::provenance;
use super::render::{self, Rendering};
use super::renew;
use super::source::Origin;
use super::state::{self, Made};
use super::tasks::{self, Call, Scene};
use crate::ctx::Ctx;
use crate::outcome::{Change, Outcome, object};
use crate::plan::tree::{Action, Entry, Site, Tree};
use crate::plan::{Plan, Step};
use crate::ui;

/// Generate a project from a template
///
/// Answers come from --set, then --answers, then your own configuration, then the prompt, then the template's defaults. Nothing is
/// written before everything is known to fit, and a run that fails or is stopped leaves no trace.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  prodev new
  prodev new django-api shop
  prodev new django-api shop --defaults --with cache,docker
  prodev new django-api shop --preset minimal --set project_name='My Shop'
  prodev new gh:acme/service shop --ref v1.2.0
  prodev new ./my-template . --answers answers.toml --overwrite skip
  prodev new rust-cli tool --defaults --dry-run")]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct Args {
    /// A built-in template (see `prodev template list`), a folder with a template.toml, or a Git repository: gh:OWNER/NAME, gl:, bb:, a URL; with //FOLDER behind it for one of several templates
    #[arg(add = ArgValueCompleter::new(candidates::templates))]
    template: Option<String>,
    /// Where the project goes
    #[arg(value_hint = clap::ValueHint::DirPath)]
    dir: Option<PathBuf>,
    #[command(flatten)]
    choices: Choices,
    /// Record the template under another name, to have it twice in one project
    #[arg(long = "as", value_name = "NAME")]
    name: Option<String>,
    /// What to do with files that are there already and differ; otherwise each is asked about, and without a terminal refused, even with --yes
    #[arg(long, value_name = "HOW")]
    overwrite: Option<Overwrite>,
    #[command(flatten)]
    tasks: tasks::Flags,
    /// Make no Git repository
    #[arg(long, conflicts_with = "git")]
    no_git: bool,
    /// Make a Git repository and the first commit
    #[arg(long)]
    git: bool,
}

/// Asks what is to be asked and plans the rest.
pub(super) fn run(args: &Args, ctx: &Ctx) -> anyhow::Result<Outcome> {
    let (request, jinja) = request::settle(args, ctx)?;
    let Request { template, destination, selection, answers, .. } = &request;
    let rendering = render::render(template, jinja, selection, answers, &destination.name())?;
    // The user's files that get something of the template's; what has no place in them lies beside them.
    let mut grafts = Merge::default();
    let ours = Ours::read(&destination.path, &contributions::paths(&[], &rendering.contributions));
    let done = contributions::settle(&[], &rendering.contributions, &ours, &mut grafts);
    let records = state::records(&Made {
        name: &request.record,
        template,
        selection,
        answers,
        rendering: &rendering,
        contributions: &done,
        now: request.now,
        dir_name: &destination.name(),
        destination: &destination.path,
    })?;

    let kept = |entry: &Entry| {
        let own = entry.path.as_str().starts_with(".prodev/");
        own || rendering.files.iter().any(|file| file.path == entry.path && (file.once || file.skip_if_exists))
    };
    let files = rendering.files.iter().map(|file| Entry {
        path: file.path.clone(),
        content: file.content.clone(),
        action: Action::Create,
    });
    let mut entries: Vec<Entry> = files.chain(records).collect();
    destination::settle(ctx, destination, &mut entries, &kept, args.overwrite.unwrap_or(Overwrite::Ask))?;
    entries.extend(renew::files(&grafts, &ours));
    let mut change = change(&request, &rendering);
    change.before.extend(grafts.notes);
    change.before.extend(
        grafts
            .conflicts
            .iter()
            .filter_map(|it| Some(format!("what the template has for `{}` is in `{}`", it.path, it.beside.as_ref()?))),
    );
    let tree = Tree { target: destination.path.clone(), site: destination.site, entries, git: request.git, open: None };
    let source = state::source(&template.origin, &destination.path);
    let memory = provenance::remember(&destination.path, &request.record, &source);
    let mut change = Change { plan: Plan::new(std::iter::once(Step::Tree(tree)).chain(memory)), ..change };
    let scene = Scene { template, selection, answers, dir_name: &destination.name(), now: request.now };
    let due = tasks::of(&scene, Occasion::New)?;
    let call = Call {
        scene,
        root: &destination.path,
        shown: destination.shown.clone(),
        old_version: None,
        bases: Vec::new(),
        flags: &args.tasks,
        user: ctx.user()?,
    };
    call.join(&mut change, due, &[]);
    Ok(Outcome::Change(Box::new(change)))
}

/// What is said of it, and reported; the plan comes later.
fn change(request: &Request, rendering: &Rendering) -> Change {
    let Request { template, destination, selection, answers, .. } = request;
    let about = &template.manifest.template;
    let mut before = selection.along();
    let surfaces = surfaces::surfaces(rendering);
    if !matches!(template.origin, Origin::Builtin(_)) && !surfaces.is_empty() {
        before.push("this template brings files that run something; look at them before you use them:".to_owned());
        before.extend(surfaces.iter().map(|(path, why)| format!("  {path}: {why}")));
    }
    let names = selection.names.join(", ");
    let with = if names.is_empty() { String::new() } else { format!(" with {names}") };
    let (folder, files) = (&destination.shown, rendering.files.len());
    let place = if destination.site == Site::Fresh { "created" } else { "generated into" };
    Change {
        plan: Plan::default(),
        before,
        done: format!(
            "{}{place}{:#} `{folder}`: {files} {} from {} {}{with}",
            ui::style::GOOD,
            ui::style::GOOD,
            if files == 1 { "file" } else { "files" },
            about.name.text,
            about.version
        ),
        after: rendering.after.as_deref().map(harmless),
        json: object(json!({
            "directory": destination.path.display().to_string(),
            "template": {
                "name": about.name.text,
                "version": about.version.to_string(),
                "source": template.origin.record(),
                "ref": template.origin.commit().and_then(|commit| commit.reference.as_deref()),
                "commit": template.origin.commit().map(|commit| commit.id.as_str()),
            },
            "components": selection.names,
            "added": selection.along_json(),
            "answers": answers.stored,
            "runs": surfaces.iter().map(|(path, _)| path).collect::<Vec<&String>>(),
        })),
        ..Change::default()
    }
}

/// A template's text without what could steer a terminal.
fn harmless(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}
