//! `prodev run`: what was asked for, and whether it is told, shown or done.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap_complete::engine::ArgValueCompleter;

use super::bind::Sources;
use super::cache::Remote;
use super::call::{self, Typed};
use super::catalog::Catalog;
use super::executor::{self, Executor, Options, Report};
use super::graph::{Builder, Graph, Kind, Needs, Sequence};
use super::history::{self, Again, History, Whole};
use super::layered::Layered;
use super::variables::{Mode, Variables};
use super::{Layers, ask, candidates, check, export, lint, list, plan, show, timings, watch};
use crate::config::project::Project;
use crate::config::settings::Output;
use crate::config::value;
use crate::ctx::Ctx;
use crate::error::{Exit, Failure, fail};
use crate::findings::Format;
use crate::outcome::{Outcome, object};

/// Run recipes
///
/// Recipes stand in prodev.toml. Options of prodev come before the first recipe; what follows its name belongs to it: its options, and as
/// many arguments as it takes. `:::` parts recipes where that is not clear, and `--` ends a recipe's options. Several run one after another.
/// Without a recipe, `default` runs, or the recipes are listed where there is none.
///
/// It ends with the code of the first recipe that failed (128 and the signal's number where a signal ended it, 124 where it took too long).
/// Where prodev itself cannot run it: 120 for usage and configuration, 121 where something is refused, 122 for the environment, 126 and 127
/// as a shell, 130 when it is interrupted.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  prodev run --list
  prodev run test
  prodev run test tests/unit --verbose
  prodev run lint ::: test -- -k login
  prodev run --jobs 4 --parallel lint test
  prodev run test --help      what this recipe takes
  prodev run --dry-run test   what would run, in which order
  prodev run --choose         take one from a list
  prodev run --watch test     again whenever a file changes
  prodev run --resume         go on with the last run where it failed
  prodev run --history test
  prodev run --lint           what is odd in the recipes
  prodev run --export github test > .github/workflows/test.yml")]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct Args {
    /// List the recipes
    #[arg(short, long, conflicts_with_all = ["show", "graph", "history", "resume", "last_failed"])]
    list: bool,
    /// Show the recipes that are named: what they take and what they run
    #[arg(long, conflicts_with_all = ["graph", "history", "resume", "last_failed"])]
    show: bool,
    /// Show what waits for what
    #[arg(long, value_name = "FORMAT", num_args = 0..=1, require_equals = true, default_missing_value = "tree")]
    graph: Option<show::Format>,
    /// How many recipes run at a time
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// Run the recipes that are named side by side
    #[arg(long)]
    parallel: bool,
    /// Go on with what can go on when a recipe fails
    #[arg(short, long)]
    keep_going: bool,
    /// Run again whenever a file changes that the recipes read
    #[arg(short, long, conflicts_with_all = ["list", "show", "graph", "history", "lint", "export", "resume", "last_failed"])]
    watch: bool,
    /// Leave out what the recipes need
    #[arg(long)]
    no_deps: bool,
    /// How the output of recipes that run side by side is told apart
    #[arg(long, value_name = "HOW")]
    output: Option<OutputArg>,
    /// Set a variable of `[vars]`
    #[arg(long = "set", value_name = "VAR=VALUE", add = ArgValueCompleter::new(candidates::variables))]
    set: Vec<String>,
    /// The profile whose .env files are read
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// Let the .env files win over the environment
    #[arg(long = "override")]
    overrides: bool,
    /// Recipes of your own file for all projects, recipes.toml beside your config.toml; they run in this directory
    #[arg(short = 'g', long = "global", conflicts_with = "export")]
    user: bool,
    /// Choose a recipe from a list
    #[arg(long, conflicts_with_all = ["words", "list", "show", "history", "lint", "export", "resume", "last_failed", "watch"])]
    choose: bool,
    /// Run recipes that need not run, too
    #[arg(long)]
    force: bool,
    /// Tell why recipes with inputs run: what has changed, from what to what
    #[arg(long)]
    explain: bool,
    /// How long each recipe may take, as 10s or 5m
    #[arg(long, value_name = "TIME", value_parser = value::duration)]
    timeout: Option<Duration>,
    /// Tell how long each recipe took; into FILE as a trace that browsers draw, too
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true, default_missing_value = "", value_hint = clap::ValueHint::FilePath)]
    // An `OsString`, because clap refuses an empty path, which is what stands for no file.
    timings: Option<std::ffi::OsString>,
    /// Show the last runs; of a recipe and its arguments, where they are named
    #[arg(long, conflicts_with_all = ["graph", "resume", "last_failed"])]
    history: bool,
    /// Do the last run again, or the last of these words, without what has succeeded in it
    #[arg(long, conflicts_with = "last_failed")]
    resume: bool,
    /// Run again what failed in the last run, or in the last of these words, and nothing else
    #[arg(long)]
    last_failed: bool,
    /// Look for what is right in recipes, and yet not what is wanted; in those that are named, or in all
    #[arg(long, conflicts_with_all = ["list", "show", "graph", "history", "resume", "last_failed", "export"])]
    lint: bool,
    /// How to tell what was found
    #[arg(long, value_name = "FORMAT", default_value = "text", hide_default_value = true, requires = "lint")]
    format: Format,
    /// Print the recipes as a workflow of another engine, a job for each; where none is named, all that need no arguments
    #[arg(long, value_name = "ENGINE", conflicts_with_all = ["list", "show", "graph", "history", "resume", "last_failed"])]
    export: Option<export::Engine>,
    /// Leave out of the workflow what the engine cannot do
    #[arg(long, requires = "export")]
    approximate: bool,
    /// The image that Kubernetes runs; the project is in it
    #[arg(long, value_name = "IMAGE", requires = "export")]
    image: Option<String>,
    /// A recipe and its arguments
    #[arg(value_name = "RECIPE", trailing_var_arg = true, add = ArgValueCompleter::new(candidates::words))]
    words: Vec<String>,
}

#[derive(clap::ValueEnum, Clone, Copy, Debug)]
enum OutputArg {
    /// In a block, when the recipe has ended
    Group,
    /// Line by line, behind the recipe's name
    Prefix,
    /// As it comes
    Stream,
}

/// How the whole program was asked to behave.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mood {
    pub(crate) is_dry_run: bool,
    pub(crate) is_json: bool,
}

/// `prodev run …`
///
/// # Errors
/// What cannot be run, with the exits of every command; whoever hands them on makes them those of `run`.
pub(crate) fn run(args: &Args, mood: Mood, layers: &dyn Layers, ctx: &Ctx) -> anyhow::Result<Outcome> {
    if !args.user {
        return run_in(args, mood, layers, ctx);
    }
    let file = user_file()
        .ok_or_else(|| fail("no home is known to look for recipes in").exit(Exit::Usage).hint("set `HOME`"))?;
    if !file.is_file() {
        return Err(fail(format!("there is no file `{}`", file.display()))
            .exit(Exit::Usage)
            .hint("write recipes for all projects into it, as in prodev.toml")
            .into());
    }
    run_in(args, mood, layers, &Ctx::new(Some(&ctx.dir), Some(file), ctx.ui.clone())?)
}

/// The user's own recipes for all projects.
pub(super) fn user_file() -> Option<PathBuf> {
    Ctx::user_config().map(|config| config.with_file_name("recipes.toml"))
}

fn run_in(args: &Args, mood: Mood, layers: &dyn Layers, ctx: &Ctx) -> anyhow::Result<Outcome> {
    let tells = args.list
        || args.show
        || args.graph.is_some()
        || args.history
        || args.export.is_some()
        || args.lint
        || mood.is_dry_run;
    if args.watch && mood.is_json && !tells {
        return Err(fail("`--watch` runs again and again, and `--json` prints one document")
            .exit(Exit::Usage)
            .hint("leave out one of them")
            .into());
    }
    if !tells && executor::executes_for().is_none() && !is_about_help(&args.words) {
        return in_front(args, layers, ctx);
    }
    let again = match (args.resume, args.last_failed) {
        (false, false) => None,
        (true, _) => Some(Again::Rest),
        _ => Some(Again::Failed),
    };
    // Which recipes are meant is known by the history alone, before any configuration is read.
    let earlier = again.map(|again| earlier(&ctx.project_dir(), &args.words, again)).transpose()?;
    let typed = earlier.as_ref().map_or(&args.words, |(_, words, _)| words);
    let names: Vec<&str> = typed.iter().map(String::as_str).collect();
    let project = ctx.config_for(&names)?;
    let catalog = catalog(args, project, ctx);
    check::check(&catalog)?;
    if let Some(told) = tell(args, mood, &catalog, ctx)? {
        return Ok(told);
    }
    if let Some((past, ..)) = &earlier
        && past.code == 0
    {
        ctx.ui.note("nothing has failed in it: there is nothing to do again");
        return Ok(Outcome::Ran { code: 0, json: object(Report::nothing().json()) });
    }
    let default = if args.choose { ask::choose(&catalog, ctx)? } else { ["default".to_owned()] };
    let words = if typed.is_empty() { &default[..] } else { &typed[..] };
    if typed.is_empty() && !args.choose && catalog.find("default").is_none() {
        if catalog.public().next().is_none() {
            return Err(fail("there are no recipes here")
                .exit(Exit::Usage)
                .hint("write one in prodev.toml: `prodev init` makes the file")
                .into());
        }
        return Ok(list::list(&catalog, mood.is_json));
    }
    let calls = call::parse(words, &catalog)?;
    if let Some(wanted) = calls.iter().find(|call| call.wants_help) {
        return Ok(show::help(&catalog, wanted.entry));
    }
    if !tells && executor::executes_for().is_none() {
        return in_front(args, layers, ctx);
    }
    let mode = if tells { Mode::Name } else { Mode::Run };
    let variables = Variables::new(&args.set, &catalog, mode)?;
    let mut graph = graph(args, &calls, &catalog, &variables, if tells { None } else { Some(ctx) })?;
    let surroundings = format!("{:?} {:?}", args.set, args.profile);
    if let Some((past, _, again)) = &earlier {
        let whole = Whole { catalog: &catalog, graph: &graph, calls: &calls, surroundings: surroundings.clone() };
        for (at, reason) in whole.spared(past, *again) {
            graph.nodes[at].kind = Kind::Skip(reason);
        }
    }
    if let Some(format) = args.graph {
        return Ok(show::graph(&catalog, &graph, format));
    }
    let layered = Layered::load(layers, (args.profile.clone(), args.overrides), &catalog, &graph)?;
    if mood.is_dry_run {
        return plan::plan(&catalog, &variables, &graph, &layered, jobs(args, &catalog));
    }
    plan::check(&catalog, &graph, &layered)?;
    let trace = trace(args, ctx)?;
    ask::confirm(&catalog, &graph, ctx)?;
    let remote = Remote::of(&catalog.project.policy.settings.cache)?;
    let options = options(args, mood, &catalog);
    let front = executor::executes_for().unwrap_or_default();
    let begun = jiff::Timestamp::now();
    let history = history_of(&catalog);
    let whole = Whole { catalog: &catalog, graph: &graph, calls: &calls, surroundings };
    let mut executor = Executor::new(&catalog, &variables, &graph, &options, &layered, ctx);
    executor.share(remote);
    if let (true, Some(history)) = (executor.is_live(), &history) {
        let times = history.times();
        executor.expect(graph.nodes.iter().map(|node| times.get(&whole.call(node)).copied()).collect());
    }
    let report = executor.run(front)?;
    report.tell(&ctx.ui);
    if let Some(history) = &history {
        // A run is what it is, whether it can be written down or not.
        if let Err(error) = history.add(&history::past(&report, begun, words, &whole)) {
            ctx.ui.detail(&format!("the run is not in the history: {error:#}"));
        }
    }
    if args.timings.is_some() {
        timings::tell(&report, trace.as_deref())?;
    }
    Ok(Outcome::Ran { code: report.code, json: object(report.json()) })
}

/// Where the trace goes, if there is to be one.
fn trace(args: &Args, ctx: &Ctx) -> Result<Option<PathBuf>, Failure> {
    let file = args.timings.as_ref().filter(|file| !file.is_empty()).map(|file| ctx.resolve(Path::new(file)));
    file.as_deref().map_or(Ok(()), timings::check)?;
    Ok(file)
}

/// The runs of the project, as far as a home is known to keep them in.
fn history_of(catalog: &Catalog) -> Option<History> {
    History::of(&catalog.project.dir, catalog.project.policy.settings.history)
}

fn catalog<'a>(args: &Args, project: &'a Project, ctx: &Ctx) -> Catalog<'a> {
    if args.user { Catalog::of_user(project, &ctx.dir) } else { Catalog::of(project, &ctx.dir) }
}

/// In the process that the user started, which only waits.
fn in_front(args: &Args, layers: &dyn Layers, ctx: &Ctx) -> anyhow::Result<Outcome> {
    let code = if args.watch { watch::watch(&|| subject(args, layers, ctx), ctx)? } else { executor::front()? };
    Ok(Outcome::Ended(code))
}

/// What is watched for what was typed, as the configuration is now.
fn subject(args: &Args, layers: &dyn Layers, ctx: &Ctx) -> anyhow::Result<watch::Subject> {
    let ctx = Ctx::new(Some(&ctx.dir), ctx.config_file.clone(), ctx.ui.clone())?;
    let names: Vec<&str> = args.words.iter().map(String::as_str).collect();
    let catalog = catalog(args, ctx.config_for(&names)?, &ctx);
    let default = ["default".to_owned()];
    let calls = call::parse(if args.words.is_empty() { &default[..] } else { &args.words[..] }, &catalog)?;
    let variables = Variables::new(&args.set, &catalog, Mode::Name)?;
    let graph = graph(args, &calls, &catalog, &variables, None)?;
    let asked = (args.profile.clone(), args.overrides);
    // What cannot be read is for the run to tell; it is watched all the same.
    let files = Layered::files(layers, &asked, &catalog, &graph);
    watch::Subject::of(&catalog, &graph, files)
}

/// What only tells of recipes, and needs no graph of them.
fn tell(args: &Args, mood: Mood, catalog: &Catalog, ctx: &Ctx) -> anyhow::Result<Option<Outcome>> {
    if args.list {
        return Ok(Some(list::list(catalog, mood.is_json)));
    }
    if args.show {
        return show::show(&args.words, catalog).map(Some);
    }
    if args.lint {
        return lint::lint(catalog, &args.words, args.format).map(Some);
    }
    if let Some(engine) = args.export {
        let (is_approximate, image) = (args.approximate, args.image.as_deref());
        let request = export::Request { engine, is_approximate, image, set: &args.set, words: &args.words };
        return export::export(&request, catalog, &ctx.ui).map(Some);
    }
    if args.history {
        let runs = history_of(catalog).map(|history| history.read()).unwrap_or_default();
        return Ok(Some(history::tell(&runs, &args.words)));
    }
    Ok(None)
}

/// The run that is done again, its words, and how.
fn earlier(dir: &Path, words: &[String], again: Again) -> Result<(history::Past, Vec<String>, Again), Failure> {
    // Nothing is written here, so it does not matter how much is kept.
    let history = History::of(dir, usize::MAX)
        .ok_or_else(|| fail("no home is known to keep a history in").exit(Exit::Usage).hint("set `HOME`"))?;
    let (past, words) = history.earlier(words)?;
    Ok((past, words, again))
}

/// Help is told without an executor, unless the words say something else than they seem to.
fn is_about_help(words: &[String]) -> bool {
    let behind = words.iter().take_while(|word| *word != "--");
    behind.into_iter().any(|word| word == "--help" || word == "-h")
}

fn graph(
    args: &Args,
    calls: &[Typed],
    catalog: &Catalog,
    variables: &Variables,
    ctx: Option<&Ctx>,
) -> anyhow::Result<Graph> {
    let sources = Sources { catalog, variables, ui: ctx.map(|ctx| &ctx.ui) };
    let needs = if args.no_deps { Needs::Leave } else { Needs::Run };
    let sequence = if args.parallel { Sequence::SideBySide } else { Sequence::OneByOne };
    Builder::new(sources, needs).build(calls, sequence)
}

fn jobs(args: &Args, catalog: &Catalog) -> usize {
    let own =
        args.jobs.map(usize::from).or_else(|| catalog.project.policy.settings.jobs.map(std::num::NonZeroUsize::get));
    own.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get))
}

fn options(args: &Args, mood: Mood, catalog: &Catalog) -> Options {
    let settings = &catalog.project.policy.settings;
    Options {
        jobs: jobs(args, catalog),
        keep_going: args.keep_going || settings.keep_going,
        output: args.output.map(|output| match output {
            OutputArg::Group => Output::Group,
            OutputArg::Prefix => Output::Prefix,
            OutputArg::Stream => Output::Stream,
        }),
        timeout: args.timeout.or_else(|| settings.timeout.as_ref().and_then(|it| value::duration(it).ok())),
        is_json: mood.is_json,
        force: args.force,
        explain: args.explain,
    }
}
