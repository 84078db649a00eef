//! What a run of `prodev new` is about: the command line, what the user always says, and what is asked, brought together.

use std::path::{Path, PathBuf};

use super::gather::{Gather, Patience};
use super::{Args, harmless};
use crate::config::user::{Author, User};
use crate::ctx::{self, Ctx};
use crate::error::{Exit, Failure, fail, listed};
use crate::git::shell;
use crate::plan::tree::Git;
use crate::scaffold::answers::{self, Answers, Asking, Given, Inquiry};
use crate::scaffold::components::{self, Selection, Wishes};
use crate::scaffold::destination::{self, Destination};
use crate::scaffold::jinja::Jinja;
use crate::scaffold::source::{self, Age, Finder, Template};
use crate::scaffold::{check, render};
use crate::ui;

/// All that is to be known before anything is rendered.
pub(super) struct Request {
    pub(super) template: Template,
    pub(super) destination: Destination,
    pub(super) git: Git,
    /// The name under which the template is recorded.
    pub(super) record: String,
    pub(super) now: jiff::Timestamp,
    pub(super) selection: Selection,
    pub(super) answers: Answers,
}

/// The project's folder in words.
struct Place {
    /// The last part of its path; a stand-in where no folder was named.
    name: String,
    /// As it was typed, for messages; never so that a program could take it for an option.
    dir: String,
}

/// Settles everything, with the engine that knows the template. Without a terminal all that is missing or wrong is told at once.
///
/// # Errors
/// All of it that can be known together.
pub(super) fn settle(args: &Args, ctx: &Ctx) -> anyhow::Result<(Request, Jinja)> {
    let user = ctx.user()?;
    let mut gather = Gather::new(if ctx.ui.is_interactive() { Patience::None } else { Patience::Whole });
    let (given, is_complete) = given(args, ctx, user, &mut gather)?;
    let source = gather.hold(choose_template(args, ctx, user))?;
    let template = match &source {
        Some(source) => gather.hold(load(args, source, ctx))?,
        None => None,
    };
    let destination = match (&source, &args.dir) {
        // It is told already.
        (None, None) => None,
        _ => gather.hold(choose_destination(args, ctx))?,
    };
    let git = match &destination {
        Some(destination) => gather.hold(agree(args, ctx, destination).and_then(|()| git(args, destination)))?,
        None => None,
    };
    let now = gather.hold(now())?;
    let (Some(template), Some(now)) = (template, now) else { return Err(gather.failure().into()) };
    let record = match (&destination, &git) {
        (Some(destination), Some(_)) => gather.hold(record_name(args, &template, destination))?,
        _ => None,
    };

    let asking = if args.choices.defaults || !ctx.ui.is_interactive() { Asking::Nothing } else { Asking::Open };
    let jinja = render::engine(&template, now)?;
    let place = place(destination.as_ref());
    if asking == Asking::Open {
        let usual = components::select(&template.manifest, &wishes(args, &given))?;
        greet(&template, &jinja, &usual, &place, ctx)?;
    }
    let selection = gather.hold(choose_components(wishes(args, &given), ctx, &template, asking))?;
    let answers = match &selection {
        Some(selection) if is_complete => {
            let author = author(user, destination.as_ref());
            let project_files = destination.as_ref().map(|it| answers::project_files(&it.path)).unwrap_or_default();
            let inquiry = Inquiry {
                template: &template,
                jinja: &jinja,
                selection,
                dir_name: &place.name,
                dir: &place.dir,
                author: &author,
                project_files: &project_files,
                ui: &ctx.ui,
                asking,
            };
            gather.hold(answers::answer(&inquiry, &given))?
        }
        // What is missing cannot be told; what nobody asks can.
        _ => gather.hold(given.check_names(&template.manifest).map_err(Into::into))?.and(None),
    };
    let (Some(destination), Some(git), Some(record), Some(selection), Some(answers)) =
        (destination, git, record, selection, answers)
    else {
        return Err(gather.failure().into());
    };
    gather.settle()?;
    Ok((Request { template, destination, git, record, now, selection, answers }, jinja))
}

/// What was given beforehand, and whether all of it could be read.
fn given(args: &Args, ctx: &Ctx, user: &User, gather: &mut Gather) -> anyhow::Result<(Given, bool)> {
    let set = gather.hold(answers::parse_set(&args.choices.set).map_err(Into::into))?;
    let mut is_complete = set.is_some();
    let mut given = Given { user: user.answers.clone(), set: set.unwrap_or_default(), ..Given::default() };
    for path in &args.choices.answers {
        match gather.hold(answers::read_file(path, &ctx.resolve(path)).map_err(Into::into))? {
            Some(file) => given.files.push(file),
            None => is_complete = false,
        }
    }
    Ok((given, is_complete))
}

fn load(args: &Args, source: &str, ctx: &Ctx) -> anyhow::Result<Template> {
    let template =
        source::find(args.choices.wanted(source), Finder { dir: &ctx.dir, age: Age::Now, ui: Some(&ctx.ui) })?;
    check::check(&template)?;
    Ok(template)
}

fn place(destination: Option<&Destination>) -> Place {
    let Some(destination) = destination else {
        return Place { name: "project".to_owned(), dir: "project".to_owned() };
    };
    let dir = match destination.shown.trim_end_matches('/') {
        "" => "/".to_owned(),
        dir if dir.starts_with('-') => format!("./{dir}"),
        dir => dir.to_owned(),
    };
    Place { name: destination.name(), dir }
}

/// Who the user is, for defaults, as far as the nearest folder knows that is there already.
fn author(user: &User, destination: Option<&Destination>) -> Author {
    let somewhere = destination.and_then(|destination| destination.path.ancestors().find(|path| path.is_dir()));
    answers::author(user, somewhere.unwrap_or(Path::new("/")))
}

fn choose_template(args: &Args, ctx: &Ctx, user: &User) -> anyhow::Result<String> {
    if let Some(template) = &args.template {
        return Ok(expand(template, user));
    }
    if !ctx.ui.is_interactive() {
        let missing =
            if args.dir.is_none() { "neither a template nor a folder was named" } else { "no template was named" };
        return Err(fail(missing)
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
    let taken = ctx.ui.search_choice(&question, &choices)?;
    Ok(sources.get(taken).map(|(_, source)| source.clone()).unwrap_or_default())
}

/// Writes out one of the user's own short names: `work:shop` with `work = "~/templates/{}"`, or the whole of one without `{}`.
pub(in crate::scaffold) fn expand(template: &str, user: &User) -> String {
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
    Ok(destination::look(ctx, &dir)?)
}

/// Whether a folder that is not empty is to be generated into.
fn agree(args: &Args, ctx: &Ctx, destination: &Destination) -> anyhow::Result<()> {
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
    Ok(())
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

/// The template's word before its questions. Nothing is chosen yet: it sees what would be without questions.
fn greet(template: &Template, jinja: &Jinja, selection: &Selection, place: &Place, ctx: &Ctx) -> anyhow::Result<()> {
    let Some(before) = &template.manifest.messages.before else { return Ok(()) };
    let mut names = answers::base_names(template, selection, &place.name);
    names.insert("dir".to_owned(), place.dir.as_str().into());
    let text = jinja.text(&before.text, &answers::context(&names)).map_err(|wrong| {
        let problem = template.wrong(wrong, before);
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

/// Which components are wanted: those that are named, or else those of a project whose record is given as answers.
fn wishes(args: &Args, given: &Given) -> Wishes {
    let wishes = args.choices.wishes();
    let only = given.files.iter().rev().find_map(|file| file.components.clone()).filter(|_| wishes.is_empty());
    Wishes { only, ..wishes }
}

fn choose_components(mut wishes: Wishes, ctx: &Ctx, template: &Template, asking: Asking) -> anyhow::Result<Selection> {
    let manifest = &template.manifest;
    let optional: Vec<(&String, &crate::scaffold::manifest::Component)> =
        manifest.components.iter().filter(|(_, component)| !component.required).collect();
    if asking == Asking::Open && wishes.is_empty() && wishes.only.is_none() && !optional.is_empty() {
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
        let help = (!always.is_empty()).then(|| format!("What the project has beside {}.", listed(&always)));
        let question = ui::Question { prompt: "Components", help: help.as_deref() };
        let taken = ctx.ui.ask_several(&question, &choices, &|_| Ok(()))?;
        // What was not ticked and is required all the same comes along, as with flags, and is told of.
        let ticked = taken.iter().filter_map(|index| optional.get(*index)).map(|(name, _)| (*name).clone());
        wishes.only = Some(ticked.collect());
    }
    Ok(components::select(manifest, &wishes)?)
}

/// The instant of creation, in whole seconds; `SOURCE_DATE_EPOCH` (<https://reproducible-builds.org/specs/source-date-epoch/>) sets it.
pub(in crate::scaffold) fn now() -> anyhow::Result<jiff::Timestamp> {
    let Some(text) = ctx::variable("SOURCE_DATE_EPOCH") else {
        return Ok(jiff::Timestamp::from_second(jiff::Timestamp::now().as_second())?);
    };
    let wrong = |what: &str| {
        fail(format!("`SOURCE_DATE_EPOCH` is `{text}`, which is {what}"))
            .hint("set it to seconds since 1970, such as `1735732800`, or unset it")
            .exit(Exit::Usage)
    };
    let seconds = text.parse().map_err(|_| wrong("no number of seconds"))?;
    Ok(jiff::Timestamp::from_second(seconds).map_err(|_| wrong("no instant of any year up to 9999"))?)
}
