//! `prodev env export`: the variables in the format of something else. A format refuses what it cannot carry; none damages it.

mod data;
mod files;
mod shells;

use std::fmt::Write as _;

use crate::ctx::Ctx;
use crate::error::{Failure, Problem, fail};
use crate::outcome::Outcome;

use super::layers::{LayerArgs, Layers, Which};
use super::spelling::{self, Site};
use crate::config::environment::Dialect;

/// Print the variables for something else to read
///
/// What a format cannot carry (a line end for `docker`, say) is refused, and nothing is printed. With `-f` the values are those of the files
/// alone; without, the environment has the last word.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  prodev env export --format json -f .env --dialect python
  prodev env export --format sh > env.sh
  prodev env export --format dotenv --profile production > flat.env
  prodev env export --format github >> \"$GITHUB_ENV\"
  prodev env export --format k8s-secret --name shop --profile production")]
pub(crate) struct Args {
    /// What it is for
    #[arg(long, value_name = "FORMAT", value_enum)]
    format: Format,
    /// The name of the object, for `k8s-secret` and `k8s-configmap`
    #[arg(long, value_name = "NAME", default_value = "env")]
    name: String,
    /// Only these variables
    #[arg(long, value_name = "KEY", value_delimiter = ',')]
    only: Vec<String>,
    #[command(flatten)]
    pub(super) layers: LayerArgs,
}

#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    /// `export` lines for POSIX shells
    Sh,
    /// `set -gx` lines for fish
    Fish,
    /// Assignments for PowerShell
    Pwsh,
    /// One flat object
    Json,
    /// A mapping of texts
    Yaml,
    /// A `.env` file that all dialects of the project read alike
    Dotenv,
    /// For `docker run --env-file`
    Docker,
    /// The `environment` of a Compose service
    Compose,
    /// A Kubernetes Secret
    K8sSecret,
    /// A Kubernetes `ConfigMap`
    K8sConfigmap,
    /// For `$GITHUB_ENV`; the masks go to stderr, where the runner reads them, too
    Github,
    /// A dotenv report for GitLab
    Gitlab,
    /// For systemd's `EnvironmentFile=`
    Systemd,
    /// A `.tfvars` file
    Terraform,
    /// A Nix attribute set
    Nix,
}

/// A name and its value.
type Pair<'a> = (&'a str, &'a str);

/// What cannot be carried, in words fit to follow the variable's name.
type Refusal = &'static str;

pub(super) fn run(args: &Args, ctx: &Ctx) -> anyhow::Result<Outcome> {
    let mut layers = args.layers.read(ctx)?;
    for name in &args.only {
        layers.variable(name)?;
    }
    let is_wanted = |name: &str| args.only.is_empty() || args.only.iter().any(|only| only == name);
    layers.reveal(Which::Last, &is_wanted, ctx)?;
    let variables = layers.variables();
    let wanted = variables.values().filter(|variable| is_wanted(variable.name));
    if args.format == Format::Json {
        let object = wanted.map(|variable| (variable.name.to_owned(), variable.value.into())).collect();
        let text = format!("{:#}\n", serde_json::Value::Object(object));
        return Ok(answer(args.format, text));
    }
    let pairs: Vec<Pair> = wanted.filter_map(|variable| Some((variable.name, variable.value?))).collect();
    check(args, &pairs)?;
    let text = match args.format {
        Format::Sh => shells::sh(&pairs),
        Format::Fish => shells::fish(&pairs),
        Format::Pwsh => shells::pwsh(&pairs),
        Format::Dotenv => dotenv(&pairs, &dialects(&layers))?,
        Format::Json | Format::Yaml => data::yaml(&pairs),
        Format::Compose => data::compose(&pairs),
        Format::K8sSecret => data::kubernetes("Secret", "stringData", &args.name, &pairs),
        Format::K8sConfigmap => data::kubernetes("ConfigMap", "data", &args.name, &pairs),
        Format::Terraform => data::terraform(&pairs),
        Format::Nix => data::nix(&pairs),
        Format::Docker | Format::Gitlab => files::lines(&pairs),
        Format::Systemd => files::systemd(&pairs),
        Format::Github => {
            for (_, value) in &pairs {
                files::github_masks(value).for_each(|mask| ctx.ui.note(&mask));
            }
            files::github(&pairs)?
        }
    };
    Ok(answer(args.format, text))
}

/// Everybody who reads the file.
fn dialects(layers: &Layers) -> Vec<Dialect> {
    let mut dialects = vec![layers.dialect];
    dialects.extend(layers.config.dialects.iter().copied().filter(|other| *other != layers.dialect));
    dialects
}

fn dotenv(pairs: &[Pair], dialects: &[Dialect]) -> Result<String, Failure> {
    let mut text = String::new();
    let mut problems = Vec::new();
    for (key, value) in pairs {
        match spelling::spell(value, &Site { key, quote: None, comment: None, dialects }) {
            Ok(spelled) => {
                let _ = writeln!(text, "{key}={spelled}");
            }
            Err(_) => {
                problems.push(Problem::new(format!("`{key}` has no spelling that all of the dialects read alike")));
            }
        }
    }
    if problems.is_empty() {
        return Ok(text);
    }
    let failure = Failure::of("the format cannot carry all of the variables", problems);
    Err(failure.hint("choose one dialect with `--dialect`, or leave variables out with `--only KEY,KEY`"))
}

fn answer(format: Format, text: String) -> Outcome {
    use clap::ValueEnum as _;
    let name = format.to_possible_value().map(|value| value.get_name().to_owned());
    let json = serde_json::json!({ "format": name, "text": text });
    Outcome::answer(text, json)
}

/// All variables that the format cannot carry, at once.
fn check(args: &Args, pairs: &[Pair]) -> Result<(), Failure> {
    let refuse = |pair: &Pair| -> Option<Refusal> {
        if pair.1.contains('\0') {
            return Some("has a NUL, which ends a value everywhere");
        }
        match args.format {
            Format::Sh | Format::Fish => shells::refuse(pair),
            Format::Pwsh => shells::refuse_pwsh(pair),
            Format::Docker => files::refuse_docker(pair),
            Format::Gitlab => files::refuse_gitlab(pair),
            Format::Systemd => files::refuse_systemd(pair),
            Format::Github => files::refuse_github(pair),
            Format::K8sSecret | Format::K8sConfigmap => data::refuse_kubernetes(pair),
            Format::Terraform => data::refuse_terraform(pair),
            Format::Compose => data::refuse_compose(pair),
            // A spelling is looked for, and where there is none that is told.
            Format::Json | Format::Yaml | Format::Nix | Format::Dotenv => None,
        }
    };
    let problems: Vec<Problem> =
        pairs.iter().filter_map(|pair| Some(Problem::new(format!("`{}` {}", pair.0, refuse(pair)?)))).collect();
    if matches!(args.format, Format::K8sSecret | Format::K8sConfigmap) && !data::is_object_name(&args.name) {
        return Err(fail(format!("`{}` cannot be the name of a Kubernetes object", args.name))
            .hint("use lower case letters, digits, `-` and `.`: `--name my-env`"));
    }
    if args.format == Format::Gitlab && pairs.len() > files::GITLAB_MOST {
        return Err(fail(format!(
            "GitLab takes {} variables from a report, and these are {}",
            files::GITLAB_MOST,
            pairs.len()
        ))
        .hint("choose some with `--only KEY,KEY`"));
    }
    if problems.is_empty() {
        return Ok(());
    }
    let failure = Failure::of("the format cannot carry all of the variables", problems);
    Err(failure.hint("choose another format, or leave variables out with `--only KEY,KEY`"))
}

/// A line for each pair.
fn each(pairs: &[Pair], line: impl Fn(&str, &str) -> String) -> String {
    let mut text = String::new();
    for (name, value) in pairs {
        text.push_str(&line(name, value));
    }
    text
}

/// Whether `name` is one that every shell can have.
fn is_shell_name(name: &str) -> bool {
    let is_first = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
    name.bytes().next().is_some_and(is_first) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
