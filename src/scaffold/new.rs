//! `prodev new`: a project from a template.

use std::path::{Path, PathBuf};

use clap_complete::engine::{ArgValueCandidates, ArgValueCompleter};
use serde_json::{Value as Json, json};

use super::answers::{self, Answers, Asking, Given, Inquiry};
use super::components::{self, Selection, Wishes};
use super::destination::{self, Destination, Overwrite};
use super::jinja::Jinja;
use super::render::{self, Rendering};
use super::source::{self, Origin, Template};
use super::{candidates, check, state};
use crate::config::user::{self, User};
use crate::ctx::{self, Ctx};
use crate::error::{Exit, Failure, fail};
use crate::git::shell;
use crate::outcome::{Change, Outcome, object};
use crate::plan::tree::{Action, Content, Entry, Git, Mode, Site, Tree};
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
  prodev new ./my-template . --answers answers.toml --overwrite skip
  prodev new rust-cli tool --defaults --dry-run")]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct Args {
    /// A built-in template (see `prodev template list`), or the path of a folder with a template.toml
    #[arg(add = ArgValueCandidates::new(candidates::templates))]
    template: Option<String>,
    /// Where the project goes
    #[arg(value_hint = clap::ValueHint::DirPath)]
    dir: Option<PathBuf>,
    /// Answer a question
    #[arg(long, value_name = "NAME=VALUE", add = ArgValueCompleter::new(candidates::questions))]
    set: Vec<String>,
    /// Take answers from a TOML, YAML or JSON file
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    answers: Vec<PathBuf>,
    /// Ask nothing: take the default of every question
    #[arg(long)]
    defaults: bool,
    /// Add components, and what they require
    #[arg(long, value_name = "COMPONENT", value_delimiter = ',', add = ArgValueCandidates::new(candidates::components))]
    with: Vec<String>,
    /// Leave components out
    #[arg(long, value_name = "COMPONENT", value_delimiter = ',', add = ArgValueCandidates::new(candidates::components))]
    without: Vec<String>,
    /// Start from one of the template's selections of components
    #[arg(long, value_name = "NAME", add = ArgValueCandidates::new(candidates::presets))]
    preset: Option<String>,
    /// Refuse a selection that lacks something instead of completing it
    #[arg(long)]
    no_deps: bool,
    /// Record the template under another name, to have it twice in one project
    #[arg(long = "as", value_name = "NAME")]
    name: Option<String>,
    /// What to do with files that are there already
    #[arg(long, value_name = "HOW")]
    overwrite: Option<Overwrite>,
    /// Make no Git repository
    #[arg(long, conflicts_with = "git")]
    no_git: bool,
    /// Make a Git repository and the first commit
    #[arg(long)]
    git: bool,
}

/// Asks what is to be asked and plans the rest.
pub(super) fn run(args: &Args, ctx: &Ctx) -> anyhow::Result<Outcome> {
    let user = match Ctx::user_config() {
        Some(path) => user::read(&path)?,
        None => User::default(),
    };
    let given = given(args, ctx, &user)?;
    let source = choose_template(args, ctx, &user)?;
    let template = source::load(&source, &ctx.dir)?;
    check::check(&template)?;
    let destination = choose_destination(args, ctx)?;
    let git = git(args, &destination)?;
    let record = record_name(args, &template, &destination)?;

    let asking = if args.defaults || !ctx.ui.is_interactive() { Asking::Nothing } else { Asking::Open };
    let now = now()?;
    let jinja = render::engine(&template, now)?;
    let dir_name = destination.name();
    let selection = choose_components(args, ctx, &template, asking)?;
    if asking == Asking::Open {
        greet(&template, &jinja, &selection, &dir_name, ctx)?;
    }
    let inquiry =
        Inquiry { template: &template, jinja: &jinja, selection: &selection, dir_name: &dir_name, ui: &ctx.ui, asking };
    let answers = answers::answer(&inquiry, &given)?;
    let rendering = render::render(&template, jinja, &selection, &answers, &dir_name)?;
    let records = state::records(&record, &template, &selection, &answers, &rendering, now)?;

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
    destination::settle(ctx, &destination, &mut entries, &kept, args.overwrite.unwrap_or(Overwrite::Ask))?;
    let change = change(&template, &selection, &answers, &rendering, &destination);
    let tree = Tree { target: destination.path, site: destination.site, entries, git };
    Ok(Outcome::Change(Box::new(Change { plan: Plan::new([Step::Tree(tree)]), ..change })))
}

fn given(args: &Args, ctx: &Ctx, user: &User) -> anyhow::Result<Given> {
    let mut given = Given { user: user.answers.clone(), set: answers::parse_set(&args.set)?, ..Given::default() };
    for path in &args.answers {
        let shown = path.display().to_string();
        given.files.push((shown.clone(), answers::read_file(&ctx.resolve(path), &shown)?));
    }
    Ok(given)
}

fn choose_template(args: &Args, ctx: &Ctx, user: &User) -> anyhow::Result<String> {
    if let Some(template) = &args.template {
        return Ok(expand(template, user));
    }
    if !ctx.ui.is_interactive() {
        return Err(fail("no template was named")
            .hint("`prodev new TEMPLATE DIR`; `prodev template list` shows what there is")
            .exit(Exit::Usage)
            .into());
    }
    let own = user.templates.iter().filter(|(_, source)| !source.contains("{}"));
    let builtin = source::builtin_names().map(|name| (name.to_owned(), name.to_owned()));
    let sources: Vec<(String, String)> =
        builtin.chain(own.map(|(name, source)| (name.clone(), home(source)))).collect();
    let choices: Vec<ui::Choice> = sources
        .iter()
        .map(|(name, source)| ui::Choice {
            label: name.clone(),
            about: source::load(source, &ctx.dir)
                .map_or_else(|_| source.clone(), |template| template.manifest.template.description),
            ..ui::Choice::default()
        })
        .collect();
    let question = ui::Question { prompt: "Template", help: None };
    let taken = ctx.ui.ask_choice(&question, &choices, &|_| Ok(()))?;
    Ok(sources.get(taken).map(|(_, source)| source.clone()).unwrap_or_default())
}

/// Writes out one of the user's own short names: `work:shop` with `work = "~/templates/{}"`, or the whole of one without `{}`.
pub(super) fn expand(template: &str, user: &User) -> String {
    if let Some(source) = user.templates.get(template) {
        return home(source);
    }
    match template.split_once(':').and_then(|(name, rest)| Some((user.templates.get(name)?, rest))) {
        Some((source, rest)) => home(&source.replace("{}", rest)),
        None => template.to_owned(),
    }
}

/// A source of the user's own, with the home that `~/` stands for: no shell has seen it.
fn home(source: &str) -> String {
    match (source.strip_prefix("~/"), ctx::variable("HOME")) {
        (Some(rest), Some(home)) => format!("{home}/{rest}"),
        _ => source.to_owned(),
    }
}

fn choose_destination(args: &Args, ctx: &Ctx) -> anyhow::Result<Destination> {
    let dir = match &args.dir {
        Some(dir) => dir.clone(),
        None if ctx.ui.is_interactive() => {
            let check =
                |text: &String| if text.trim().is_empty() { Err("a folder is needed".to_owned()) } else { Ok(()) };
            let help = "It is created; `.` is the folder that you are in.";
            PathBuf::from(ctx.ui.ask_text(&ui::Field {
                question: ui::Question { prompt: "Folder of the project", help: Some(help) },
                default: None,
                hint: "(such as my-project)".to_owned(),
                check: &check,
            })?)
        }
        None => {
            return Err(fail("no folder was named for the project")
                .hint(format!(
                    "`prodev new {} DIR`, or `.` for this folder",
                    args.template.as_deref().unwrap_or("TEMPLATE")
                ))
                .exit(Exit::Usage)
                .into());
        }
    };
    ctx.enter(&ctx.resolve(&dir))?;
    let destination = destination::look(ctx, &dir)?;
    if destination.occupied && args.overwrite.is_none() && !ctx.ui.is_yes() {
        let question = format!(
            "`{}` is not empty. Generate into it? (nothing is replaced without being asked)",
            destination.shown
        );
        let agreed = ctx.ui.is_interactive() && ctx.ui.confirm(&question, false)?;
        if !agreed {
            return Err(fail(format!("`{}` is not empty", destination.shown))
                .hint("choose another folder; or `--overwrite skip` keeps the files that are there, `--overwrite force` replaces them")
                .exit(Exit::Refused)
                .into());
        }
    }
    Ok(destination)
}

fn git(args: &Args, destination: &Destination) -> anyhow::Result<Git> {
    if args.git && destination.in_repository {
        return Err(fail(format!(
            "`{}` is in a Git repository already, so `--git` has none to make",
            destination.shown
        ))
        .hint("leave out `--git`, look at what was generated, and commit it yourself")
        .exit(Exit::Usage)
        .into());
    }
    if args.no_git || destination.in_repository {
        return Ok(Git::Leave);
    }
    if destination.path.join(".git").symlink_metadata().is_ok() {
        return Err(fail(format!("`{}` has a `.git` that is no repository", destination.shown))
            .hint("remove it, or use `--no-git`")
            .into());
    }
    if !shell::is_installed() {
        return Err(fail("there is no `git` on this machine").hint("install Git, or use `--no-git`").into());
    }
    if !args.git {
        return Ok(Git::Init);
    }
    let somewhere = destination.path.ancestors().find(|path| path.is_dir()).unwrap_or(Path::new("/"));
    shell::check_identity(somewhere)?;
    Ok(Git::Commit)
}

/// The template's word before its questions.
fn greet(template: &Template, jinja: &Jinja, selection: &Selection, dir_name: &str, ctx: &Ctx) -> anyhow::Result<()> {
    let Some(before) = &template.manifest.messages.before else { return Ok(()) };
    let names = answers::base_names(template, selection, dir_name);
    let text = jinja.text(&before.text, &answers::context(&names)).map_err(|wrong| {
        let problem = wrong.at(&template.manifest_file, &template.manifest_text, before);
        Failure::of("the template's greeting does not work", vec![problem]).exit(Exit::Usage)
    })?;
    ctx.ui.note(&harmless(&text));
    Ok(())
}

fn record_name(args: &Args, template: &Template, destination: &Destination) -> anyhow::Result<String> {
    let name = args.name.as_ref().unwrap_or(&template.manifest.template.name.text).clone();
    if !check::is_record_name(&name) {
        return Err(fail(format!("`--as {name}` cannot be a name: {}", check::RECORD_NAME))
            .hint("for example `--as second-api`")
            .exit(Exit::Usage)
            .into());
    }
    if destination.path.join(".prodev").join(&name).exists() {
        return Err(fail(format!("`{}` was generated from `{name}` already", destination.shown))
            .hint("to have the template twice, record it under another name: `--as NAME`")
            .into());
    }
    Ok(name)
}

fn choose_components(args: &Args, ctx: &Ctx, template: &Template, asking: Asking) -> anyhow::Result<Selection> {
    let manifest = &template.manifest;
    let mut wishes = Wishes {
        with: args.with.clone(),
        without: args.without.clone(),
        preset: args.preset.clone(),
        no_completion: args.no_deps,
    };
    let optional: Vec<(&String, &super::manifest::Component)> =
        manifest.components.iter().filter(|(_, component)| !component.required).collect();
    if asking == Asking::Open && wishes.is_empty() && !optional.is_empty() {
        let chosen = components::defaults(&manifest.components);
        let choices: Vec<ui::Choice> = optional
            .iter()
            .map(|(name, component)| ui::Choice {
                label: (*name).clone(),
                about: match component.requires.as_slice() {
                    [] => component.title.clone(),
                    requires => format!("{} (with {})", component.title, requires.join(", ")),
                },
                disabled: None,
                chosen: chosen.contains(name.as_str()),
            })
            .collect();
        let always: Vec<&str> = manifest
            .components
            .iter()
            .filter(|(_, component)| component.required)
            .map(|(name, _)| name.as_str())
            .collect();
        let help = (!always.is_empty()).then(|| format!("What the project has beside `{}`.", always.join("`, `")));
        let question = ui::Question { prompt: "Components", help: help.as_deref() };
        let taken = ctx.ui.ask_several(&question, &choices, &|_| Ok(()))?;
        for (index, (name, component)) in optional.iter().enumerate() {
            match (taken.contains(&index), component.default) {
                (true, false) => wishes.with.push((*name).clone()),
                (false, true) => wishes.without.push((*name).clone()),
                _ => {}
            }
        }
        // What was not ticked but is required by what was comes along, as with flags: nobody refused it by name.
        let ticked = || taken.iter().filter_map(|index| optional.get(*index));
        wishes.without.retain(|name| !ticked().any(|(_, component)| component.requires.contains(name)));
    }
    Ok(components::select(manifest, &wishes)?)
}

/// The instant of creation, in whole seconds; `SOURCE_DATE_EPOCH` (<https://reproducible-builds.org/specs/source-date-epoch/>) sets it.
fn now() -> anyhow::Result<jiff::Timestamp> {
    let seconds = match ctx::variable("SOURCE_DATE_EPOCH") {
        Some(text) => text.parse().map_err(|_| {
            fail(format!("`SOURCE_DATE_EPOCH` is `{text}`, which is no number of seconds")).exit(Exit::Usage)
        })?,
        None => jiff::Timestamp::now().as_second(),
    };
    Ok(jiff::Timestamp::from_second(seconds)?)
}

/// What is said of it, and reported; the plan comes later.
fn change(
    template: &Template,
    selection: &Selection,
    answers: &Answers,
    rendering: &Rendering,
    destination: &Destination,
) -> Change {
    let about = &template.manifest.template;
    let mut before: Vec<String> =
        selection.added.iter().map(|(name, whom)| format!("`{name}` comes along: `{whom}` requires it")).collect();
    let surfaces = surfaces(rendering);
    if !matches!(template.origin, Origin::Builtin(_)) && !surfaces.is_empty() {
        before.push(format!(
            "this template brings files that run something: {}; look at them before you use them",
            surfaces.join(", ")
        ));
    }
    let names = selection.names.join(", ");
    let with = if names.is_empty() { String::new() } else { format!(" with {names}") };
    let (folder, files) = (&destination.shown, rendering.files.len());
    let place = if destination.site == Site::Fresh { "created" } else { "generated into" };
    let added: Vec<Json> =
        selection.added.iter().map(|(name, whom)| json!({ "component": name, "required_by": whom })).collect();
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
            "template": { "name": about.name.text, "version": about.version.to_string(), "source": template.origin.record() },
            "components": selection.names,
            "added": added,
            "answers": answers.stored,
            "runs": surfaces,
        })),
    }
}

/// A template's text without what could steer a terminal.
fn harmless(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}

/// Files that somebody or something will execute sooner or later.
fn surfaces(rendering: &Rendering) -> Vec<String> {
    let runs = |path: &str, content: &Content| {
        let name = path.rsplit('/').next().unwrap_or_default();
        matches!(content, Content::File { mode: Mode::Executable, .. })
            || path.starts_with(".github/workflows/")
            || matches!(
                name,
                "prodev.toml"
                    | ".envrc"
                    | "Jenkinsfile"
                    | ".gitlab-ci.yml"
                    | "Makefile"
                    | "justfile"
                    | "package.json"
                    | "lefthook.yml"
                    | ".pre-commit-config.yaml"
            )
    };
    rendering
        .files
        .iter()
        .filter(|file| runs(file.path.as_str(), &file.content))
        .map(|file| file.path.to_string())
        .collect()
}
