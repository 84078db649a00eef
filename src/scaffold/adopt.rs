//! `prodev adopt`: a project that was made by hand, or by another tool, linked to a template.

mod foreign;

use std::collections::BTreeMap;

use clap_complete::engine::ArgValueCompleter;
use serde_json::json;

use self::foreign::Foreign;
use super::answers::{self, AnswerFile};
use super::choices::Choices;
use super::components;
use super::manifest::Occasion;
use super::renew::{self, Renewal, Subject, Wish, Words};
use super::source::{self, Age, Finder, Template};
use super::state::{self, Recorded, State};
use super::{candidates, check, new, tasks};
use crate::ctx::Ctx;
use crate::error::{Exit, Failure, fail};
use crate::outcome::Outcome;

/// Link an existing project to a template
///
/// The template is rendered, and merged with what is there: files that are missing are added, files that are the same stay, and where
/// both have something else both are kept, as a conflict to resolve (exit code 3). From then on `prodev update` works as for a project
/// that was generated. Answers and the template's source are taken from .copier-answers.yml or .cruft.json where there is one.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  prodev adopt django-api --dry-run
  prodev adopt ../my-template --answers answers.toml
  prodev adopt django-api --preset minimal --set project_name='My Shop'
  prodev adopt")]
pub(crate) struct Args {
    /// The template; without one, the source that .copier-answers.yml or .cruft.json names
    #[arg(add = ArgValueCompleter::new(candidates::templates))]
    template: Option<String>,
    #[command(flatten)]
    choices: Choices,
    /// Record the template under another name
    #[arg(long = "as", value_name = "NAME")]
    name: Option<String>,
    #[command(flatten)]
    tasks: tasks::Flags,
}

pub(super) fn run(args: &Args, ctx: &Ctx) -> anyhow::Result<Outcome> {
    renew::refuse_open(ctx, &ctx.dir)?;
    let foreign = foreign::read(&ctx.dir)?;
    let template = template(args, ctx, foreign.as_ref())?;
    check::check(&template)?;
    let name = record_name(args, ctx, &template)?;
    state::no_link(&ctx.dir, &name)?;
    let mut files = Vec::new();
    if let Some(foreign) = &foreign {
        files.push(AnswerFile::plain(foreign.file, foreign.answers_for(&template.manifest)));
    }
    for path in &args.choices.answers {
        files.push(answers::read_file(path, &ctx.resolve(path))?);
    }
    let selection = components::select(&template.manifest, &args.choices.wishes())?;
    let recorded = Recorded {
        name,
        state: State::default(),
        base: BTreeMap::new(),
        once: Vec::new(),
        contributions: Vec::new(),
        joined: Vec::new(),
        files: BTreeMap::new(),
    };
    let subject = Subject::new(ctx.dir.clone(), recorded, template)?;
    let wish = Wish { set: &args.choices.set, defaults: args.choices.defaults, reask: &[], files };
    let rendered = subject.render(ctx, &selection, &wish)?;
    let renewal = Renewal::of(&subject, &selection, &rendered);
    let renewed = renew::renew(&renewal)?;
    let mut before = selection.along();
    if let Some(foreign) = &foreign {
        before.push(format!("answers from `{}`; it may go when this is done", foreign.file));
    }
    let words = Words {
        before,
        verb: "linked",
        what: format!("to {}", subject.new_name()),
        json: json!({
            "template": {
                "name": subject.template.manifest.template.name.text,
                "version": subject.template.manifest.template.version.to_string(),
                "source": subject.template.origin.record(),
            },
            "components": selection.names,
            "added": selection.along_json(),
            "answers": renewal.answers.stored,
        }),
    };
    let mut change = renew::change(&renewal, renewed, words);
    tasks::Call::of(&renewal, &args.tasks, ctx.user()?).follow(&mut change, Occasion::Adopt, &[])?;
    Ok(Outcome::Change(Box::new(change)))
}

fn template(args: &Args, ctx: &Ctx, foreign: Option<&Foreign>) -> anyhow::Result<Template> {
    let user = ctx.user()?;
    let wanted = match (&args.template, foreign) {
        (Some(template), _) => new::expand(template, user),
        (None, Some(Foreign { source: Some(source), .. })) => new::expand(source, user),
        (None, _) => {
            return Err(fail("no template was named")
                .hint("`prodev adopt TEMPLATE`; `prodev template list` shows what there is")
                .exit(Exit::Usage)
                .into());
        }
    };
    source::find(args.choices.wanted(&wanted), Finder { dir: &ctx.dir, age: Age::Now, ui: Some(&ctx.ui) })
}

/// # Errors
/// A name that cannot be one, or under which the project is linked already.
fn record_name(args: &Args, ctx: &Ctx, template: &Template) -> Result<String, Failure> {
    let name = args.name.as_ref().unwrap_or(&template.manifest.template.name.text).clone();
    if !check::is_record_name(&name) {
        return Err(fail(format!("`--as {name}` cannot be a name: {}", check::RECORD_NAME))
            .hint("for example `--as second-api`")
            .exit(Exit::Usage));
    }
    if state::names(&ctx.dir).contains(&name) || ctx.dir.join(".prodev").join(&name).symlink_metadata().is_ok() {
        return Err(fail(format!("this project is linked to `{name}` already"))
            .hint("`prodev update` brings what is new in it; to have it twice, `--as NAME`"));
    }
    Ok(name)
}
