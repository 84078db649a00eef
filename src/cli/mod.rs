//! The top-level commands and global flags: what was typed finds its room here, and what the room hands back is settled.

mod before;
mod branch;
mod child;
mod completions;
mod config;
mod consent;
mod init;
mod layers;
mod man;
mod settle;
mod tend;
mod typed;
mod usage;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::CommandFactory as _;

use self::branch::Branch;
use crate::ctx::{self, Ctx, Recovery};
use crate::dotenv;
use crate::error::{Exit, fail};
use crate::flow;
use crate::outcome::{Child, Outcome};
use crate::plan::guardian;
use crate::recipe::{self, cache, schedule};
use crate::scaffold;
use crate::ui::{Interrupt, Ui, Volume};

/// Projects from templates, safe Git-Flow, .env files and recipes, for those who build backends
#[derive(clap::Parser, Debug)]
#[command(
    name = "prodev",
    version,
    after_help = "Examples:
  prodev new django-api shop
  prodev update --dry-run
  prodev flow start feature login
  prodev env explain DATABASE_URL
  prodev run test
  prodev help new"
)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Args, Debug)]
#[command(next_help_heading = "Global options")]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
struct Global {
    /// Work as if started in DIR
    #[arg(short = 'C', value_name = "DIR", global = true, value_hint = clap::ValueHint::DirPath)]
    directory: Option<PathBuf>,
    /// Read this file instead of the project's prodev.toml
    // As an `OsString`, because clap refuses an empty path, and a variable that is set to nothing is as good as none.
    #[arg(long, value_name = "FILE", global = true, env = "PRODEV_CONFIG", hide_env_values = true, value_hint = clap::ValueHint::FilePath)]
    config: Option<OsString>,
    /// When to use color
    #[arg(
        long,
        value_name = "WHEN",
        global = true,
        default_value = "auto",
        hide_default_value = true,
        hide_possible_values = true
    )]
    color: Color,
    /// Say only what went wrong
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Say more about what is done
    #[arg(short, long, global = true)]
    verbose: bool,
    /// Answer every confirmation with yes (it replaces no file: `new --overwrite` does)
    #[arg(short, long, global = true)]
    yes: bool,
    /// Ask nothing; a missing answer is an error
    #[arg(long, global = true)]
    no_input: bool,
    /// Print what would be done, and change nothing
    #[arg(short = 'n', long, global = true)]
    dry_run: bool,
    /// Print one JSON document
    #[arg(long, global = true)]
    json: bool,
}

#[derive(clap::ValueEnum, Clone, Copy, Debug)]
enum Color {
    /// On a terminal
    Auto,
    Always,
    Never,
}

// What stands in the list of commands stands here, since each describes itself only when it is asked.
#[derive(clap::Subcommand, Debug)]
#[command(defer = true)]
enum Command {
    /// Generate a project from a template
    New(scaffold::new::Args),
    /// Bring the template's changes into a project
    Update(scaffold::update::Args),
    /// Switch components on in a generated project
    Add(scaffold::add::Args),
    /// Switch components off in a generated project
    Remove(scaffold::add::RemoveArgs),
    /// Show what is different from the template
    Diff(scaffold::diff::Args),
    /// Link an existing project to a template
    Adopt(scaffold::adopt::Args),
    /// List, describe and help to write templates
    #[command(
        subcommand,
        after_help = "Examples:
  prodev template list
  prodev template show django-api"
    )]
    Template(Branch<scaffold::TemplateCommand>),
    /// Branches that come together safely: Git-Flow
    #[command(
        subcommand,
        after_help = "Examples:
  prodev flow start feature login
  prodev flow finish
  prodev flow list"
    )]
    Flow(Branch<flow::Command>),
    /// Read, write and check .env files, and keep their secrets
    #[command(
        subcommand,
        after_help = "Examples:
  prodev env list
  prodev env run -- npm start
  prodev env set API_TOKEN
  prodev env encrypt
  prodev env scan --staged"
    )]
    Env(Branch<dotenv::Command>),
    /// Write a prodev.toml for an existing project
    Init(init::Args),
    /// Show, find and describe the configuration
    #[command(
        subcommand,
        after_help = "Examples:
  prodev config show --origin
  prodev config path"
    )]
    Config(Branch<config::Command>),
    /// Run recipes
    Run(recipe::Args),
    /// Let recipes run by themselves: by cron, by systemd, or in the foreground
    #[command(
        subcommand,
        after_help = "Examples:
  prodev schedule list
  prodev schedule next --count 20"
    )]
    Schedule(Branch<schedule::Command>),
    /// What is kept of what recipes made
    #[command(
        subcommand,
        after_help = "Examples:
  prodev cache status
  prodev cache clean --older-than 30d"
    )]
    Cache(Branch<cache::Command>),
    /// Print the completion script for a shell
    Completions(completions::Args),
    /// Print a man page
    Man(man::Args),
}

/// The whole program: reads the command line, runs the command, tells how it went.
pub(crate) fn main() -> ExitCode {
    // A guardian's environment is its program's, and says nothing to prodev: no shell asks it to complete anything.
    if let Some(duty) = guardian::Duty::own() {
        return ExitCode::from(guard(duty));
    }
    if let Some(code) = recipe::straight::run(std::env::args_os().skip(1), completions::VARIABLE) {
        return ExitCode::from(code.unwrap_or_else(|error| Ui::failure(&error, Volume::Normal).beside_a_child()));
    }
    completions::answer_the_shell();
    // Without it a signal ends the process as ever, only with another exit.
    let _ = Interrupt::listen();
    let exit = match typed::parse() {
        Ok(cli) => run(&cli),
        Err(error) => typed::refuse(&error, std::env::args_os().skip(1)),
    };
    ExitCode::from(exit.code())
}

/// Stays with a program for another prodev, whose arguments these are not.
fn guard(duty: guardian::Duty) -> u8 {
    guardian::guard(duty).unwrap_or_else(|error| Ui::failure(&error, Volume::Normal).code())
}

impl Command {
    /// Whether the exit code is that of a program that was run, so that prodev's own failures have others.
    fn hands_on_codes(&self) -> bool {
        matches!(self, Self::Run(_) | Self::Env(Branch(dotenv::Command::Run(_))))
    }
}

fn run(cli: &Cli) -> Exit {
    let choice = match cli.global.color {
        Color::Auto => anstream::ColorChoice::Auto,
        Color::Always => anstream::ColorChoice::Always,
        Color::Never => anstream::ColorChoice::Never,
    };
    choice.write_global();
    let volume = match (cli.global.quiet, cli.global.verbose) {
        (true, _) => Volume::Quiet,
        (_, true) => Volume::Verbose,
        _ => Volume::Normal,
    };
    match perform(cli, volume) {
        Ok(exit) => exit,
        Err(error) => {
            let exit = Ui::failure(&error, volume);
            let exit = if cli.command.hands_on_codes() { Exit::Own(exit.beside_a_child()) } else { exit };
            if cli.global.json {
                Ui::failure_json(&error, exit);
            }
            exit
        }
    }
}

fn perform(cli: &Cli, volume: Volume) -> anyhow::Result<Exit> {
    let global = &cli.global;
    let ui = Ui::new(volume, global.no_input || ctx::variable("CI").is_some(), global.yes);
    let config = global.config.as_ref().filter(|file| !file.is_empty()).map(PathBuf::from);
    let mut ctx = Ctx::new(global.directory.as_deref(), config, ui)?;
    if let Some(recovery) = recovery(cli) {
        ctx.recovery = recovery;
        ctx.enter(&ctx.dir)?;
    }
    if global.dry_run && matches!(&cli.command, Command::Env(Branch(command)) if command.runs_commands()) {
        return Err(fail("a dry run runs no commands, those of values included")
            .exit(Exit::Usage)
            .hint("leave out `--dry-run`, or `--allow-commands`")
            .into());
    }
    let outcome = match &cli.command {
        Command::New(args) => scaffold::new(args, &ctx)?,
        Command::Update(args) => scaffold::update(args, &ctx)?,
        Command::Add(args) => scaffold::add(args, &ctx)?,
        Command::Remove(args) => scaffold::remove(args, &ctx)?,
        Command::Diff(args) => scaffold::diff(args, &ctx)?,
        Command::Adopt(args) => scaffold::adopt(args, &ctx)?,
        Command::Template(Branch(command)) => scaffold::template(command, &ctx)?,
        Command::Flow(Branch(command)) => flow::run(command, &ctx)?,
        Command::Env(Branch(command)) => dotenv::run(command, &ctx)?,
        Command::Init(args) => init::run(args, &ctx)?,
        Command::Config(Branch(command)) => config::run(command, &ctx)?,
        Command::Run(args) => {
            let mood = recipe::Mood { is_dry_run: global.dry_run, is_json: global.json };
            recipe::run(args, mood, &layers::FromFiles(&ctx), &ctx)?
        }
        Command::Cache(Branch(command)) => cache::run(command, &ctx)?,
        Command::Schedule(Branch(command)) => {
            let mood = recipe::Mood { is_dry_run: global.dry_run, is_json: global.json };
            schedule::run(command, mood, &ctx)?
        }
        Command::Completions(args) => completions::run(args)?,
        Command::Man(args) => man::run(args)?,
    };
    match outcome {
        Outcome::Answer(answer) => {
            if global.json {
                Ui::json(&answer.json)?;
            } else {
                Ui::answer(&answer.text)?;
            }
            Ok(answer.exit.unwrap_or(Exit::Done))
        }
        Outcome::Verdict(verdict) => settle::pronounce(&verdict, &ctx, global.json),
        Outcome::Change(change) => {
            let change = match &cli.command {
                Command::Flow(Branch(command)) if !global.dry_run => {
                    before::run(*change, || flow::run(command, &ctx), &ctx, global.json)?
                }
                _ => *change,
            };
            settle::settle(change, &ctx, global.dry_run, global.json)
        }
        Outcome::Ran { code, json } => {
            if global.json {
                Ui::json(&json)?;
            }
            Ok(Exit::Own(code))
        }
        Outcome::Ended(code) => Ok(Exit::Own(code)),
        Outcome::Child(child) if global.dry_run || child.masked.is_empty() && child.watched.is_empty() => {
            child::become_it(&child, &ctx, global.dry_run, global.json)
        }
        Outcome::Child(child) => tend::tend(*child, &|| remade(cli, &ctx), &ctx),
    }
}

/// The child of this very command line, from the files as they are now.
fn remade(cli: &Cli, ctx: &Ctx) -> anyhow::Result<Child> {
    let ctx = Ctx::new(Some(&ctx.dir), ctx.config_file.clone(), ctx.ui.clone())?;
    match &cli.command {
        Command::Env(Branch(command)) => match dotenv::run(command, &ctx)? {
            Outcome::Child(child) => Ok(*child),
            _ => Err(fail("there is nothing to run any more").into()),
        },
        _ => Err(fail("there is nothing to run any more").into()),
    }
}

/// What becomes of a run that was killed here, before anything else is done. What does not look at the project does not care.
fn recovery(cli: &Cli) -> Option<Recovery> {
    match &cli.command {
        Command::Completions(_) | Command::Man(_) => None,
        _ if cli.global.dry_run => Some(Recovery::Refuse),
        Command::New(_)
        | Command::Update(_)
        | Command::Add(_)
        | Command::Remove(_)
        | Command::Adopt(_)
        | Command::Init(_) => Some(Recovery::TakeBack),
        Command::Flow(Branch(command)) if !command.only_looks() => Some(Recovery::TakeBack),
        Command::Template(_)
        | Command::Diff(_)
        | Command::Config(_)
        | Command::Env(_)
        | Command::Flow(_)
        | Command::Run(_)
        | Command::Schedule(_)
        | Command::Cache(_) => Some(Recovery::Try),
    }
}

/// The command line as clap knows it, for completions and man pages.
fn command() -> clap::Command {
    Cli::command()
}
