//! `prodev env run`: a program with the environment of the files. It takes the place of prodev; nothing of ours stays.

use std::collections::HashSet;
use std::ffi::OsString;

use super::cipher;
use super::declared;
use super::layers::{LayerArgs, Layers, Which};
use super::mask;
use crate::ctx::Ctx;
use crate::error::{Exit, Failure, Problem, fail};
use crate::outcome::{Child, Outcome};
use crate::ui::SHORTEST;

/// Usage and configuration, where a child's own codes are handed on.
const USAGE: u8 = 120;

/// The environment cannot be handed over.
const ENVIRONMENT: u8 = 122;

/// What a child gets even where nothing else of the environment stays.
const ALWAYS: [&str; 7] = ["PATH", "HOME", "USER", "LOGNAME", "SHELL", "TERM", "TMPDIR"];

/// Run a program with the variables
///
/// The environment wins over the files unless `--override` is given, and declared defaults stand for what nobody sets. Without `--mask` and `--watch` prodev gives way to the program: its exit code and signals are the
/// program's own. What goes wrong before that exits with 120 (usage, configuration), 122 (the environment), 126 (not executable) or 127
/// (not found).
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  prodev env run -- npm start
  prodev env run --profile production -- ./manage.py migrate
  prodev env run --clean --only DATABASE_URL -- psql
  prodev env run --mask -- ./report.sh > report.log
  prodev env run --watch -- npm start")]
pub(crate) struct Args {
    /// The program and its arguments
    #[arg(value_name = "COMMAND", required = true, trailing_var_arg = true, value_hint = clap::ValueHint::CommandWithArguments)]
    command: Vec<OsString>,
    #[command(flatten)]
    pub(super) layers: LayerArgs,
    /// Hand over only these variables of the files
    #[arg(long, value_name = "KEY", value_delimiter = ',')]
    only: Vec<String>,
    /// Stay between the program and its output, and show no secrets
    #[arg(long)]
    mask: bool,
    /// Stay, and start the program anew when its environment changes
    #[arg(long)]
    watch: bool,
    /// Hand over nothing of the environment but `PATH`, `HOME`, `USER`, `LOGNAME`, `SHELL`, `TERM` and `TMPDIR`
    #[arg(long)]
    clean: bool,
}

pub(super) fn run(args: &Args, ctx: &Ctx) -> anyhow::Result<Outcome> {
    let mut layers = args.layers.read(ctx).map_err(|failure| failure.exit(Exit::Own(USAGE)))?;
    for name in args.only.iter().filter(|name| !layers.for_program().contains_key(name.as_str())) {
        layers.variable(name).map_err(|failure| failure.exit(Exit::Own(ENVIRONMENT)))?;
    }
    reveal(&mut layers, |name| is_wanted(args, name), ctx)?;
    declared::refuse(&layers, |name| is_wanted(args, name), ctx)?;
    let child = plan(args, &layers)?;
    warn_of_short_ones(args, &layers, &child, ctx);
    Ok(Outcome::Child(Box::new(child)))
}

fn is_wanted(args: &Args, name: &str) -> bool {
    args.only.is_empty() || args.only.iter().any(|only| only == name)
}

fn plan(args: &Args, layers: &Layers) -> Result<Child, Failure> {
    let handed = handed(layers, |name| is_wanted(args, name));
    let mut variables = handed.map_err(|failure| failure.hint("leave them out with `--only KEY,KEY`"))?;
    if args.command.is_empty() {
        return Err(fail("there is no command to run").exit(Exit::Own(USAGE)).hint("prodev env run -- COMMAND"));
    }
    if args.clean {
        let missing = ALWAYS.iter().filter(|name| !variables.iter().any(|(there, _)| there == *name));
        let kept: Vec<_> =
            missing.filter_map(|name| Some(((*name).to_owned(), layers.environment.get(*name)?.clone()))).collect();
        variables.extend(kept);
    }
    let masked = if args.mask { masked(layers, &variables) } else { Vec::new() };
    let watched = if args.watch { layers.watched.clone() } else { Vec::new() };
    Ok(Child { command: args.command.clone(), variables, is_clean: args.clean, masked, watched })
}

/// The values that are not to be seen: of the files, and of what is declared a secret wherever it comes from.
fn masked(layers: &Layers, variables: &[(String, String)]) -> Vec<String> {
    let of_files = variables.iter().filter(|(name, _)| mask::is_hidden(name, &layers.config));
    let declared = layers.config.vars.iter().filter(|(_, variable)| variable.secret);
    let of_environment = declared.filter_map(|(name, _)| layers.environment.get(name));
    let all = of_files.map(|(_, value)| value).chain(of_environment).filter(|value| !value.is_empty());
    all.cloned().collect()
}

/// Says which secrets are too short to be looked for.
fn warn_of_short_ones(args: &Args, layers: &Layers, child: &Child, ctx: &Ctx) {
    let is_short = |name: &&String| {
        let value = child.variables.iter().find(|(known, _)| known == *name).map(|(_, value)| value);
        value.or_else(|| layers.environment.get(name.as_str())).is_some_and(|it| !it.is_empty() && it.len() < SHORTEST)
    };
    let declared = layers.config.vars.iter().filter(|(_, variable)| args.mask && variable.secret).map(|(name, _)| name);
    for name in declared.filter(is_short) {
        ctx.ui.warn(&format!("`{name}` has less than {SHORTEST} characters, and is not masked"));
    }
}

/// Decrypts what a program gets of the files: what the environment has, nobody asks them for.
///
/// # Errors
/// Where a key is missing or wrong.
pub(super) fn reveal(layers: &mut Layers, is_wanted: impl Fn(&str) -> bool, ctx: &Ctx) -> Result<(), Failure> {
    let kept: HashSet<String> =
        if layers.overrides { HashSet::new() } else { layers.environment.keys().cloned().collect() };
    let revealed = layers.reveal(Which::Last, &|name| is_wanted(name) && !kept.contains(name), ctx);
    revealed.map_err(|failure| failure.exit(Exit::Own(ENVIRONMENT)))
}

/// The variables as a program gets them.
///
/// # Errors
/// Where there are some that no program can have.
pub(super) fn handed(layers: &Layers, is_wanted: impl Fn(&str) -> bool) -> Result<Vec<(String, String)>, Failure> {
    let mut variables: Vec<(String, String)> = Vec::new();
    let mut problems = Vec::new();
    for (name, variable) in layers.for_program() {
        let Some(value) = variable.value.filter(|_| is_wanted(name)) else { continue };
        if name.is_empty() || name.contains(['=', '\0']) {
            problems.push(Problem::new(format!("`{}` is no name that a program can have", name.escape_debug())));
        } else if value.contains('\0') {
            problems.push(Problem::new(format!("`{name}` has a NUL, which ends a value for programs")));
        } else if cipher::is_encrypted(value) {
            problems.push(Problem::new(format!("`{name}` is encrypted, and a program cannot use it so")));
        } else {
            variables.push((name.to_owned(), value.to_owned()));
        }
    }
    if problems.is_empty() {
        return Ok(variables);
    }
    Err(Failure::of("not all variables can be handed over", problems).exit(Exit::Own(ENVIRONMENT)))
}
