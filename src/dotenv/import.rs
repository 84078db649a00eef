//! `prodev env import`: variables from other formats into a .env file, each value exactly.

use std::io::Read as _;
use std::path::PathBuf;

use anyhow::Context as _;
use base64::Engine as _;
use indexmap::IndexMap;
use serde_json::{Value, json};

use super::draft::Draft;
use super::set::{State, check_name, put};
use super::store::{FileArgs, read};
use crate::config::environment::Dialect;
use crate::ctx::Ctx;
use crate::error::{Exit, Failure, Problem, Spots, fail, listed};
use crate::outcome::{Change, Outcome, object};
use crate::plan::Plan;

/// Take variables over from a file of another format
///
/// Those that are there already keep their values, unless `--overwrite` is given. In a file with a public key all are encrypted.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  prodev env import settings.json
  prodev env import --format docker service.env -f .env.service
  kubectl get secret shop -o yaml | prodev env import --format k8s-secret -")]
pub(crate) struct Args {
    /// The file; `-` is stdin
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    source: PathBuf,
    /// What it is; by its name without
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,
    /// Change variables that are there already, too
    #[arg(long)]
    overwrite: bool,
    /// Do not encrypt, though the file has a public key
    #[arg(long)]
    plain: bool,
    #[command(flatten)]
    files: FileArgs,
}

/// The formats that can be taken over.
#[derive(clap::ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    /// One object of names and values
    Json,
    /// One map of names and values
    Yaml,
    /// One table of names and values
    Toml,
    /// A .env file, as dotenv for Node reads it
    Dotenv,
    /// A file for `docker run --env-file`
    Docker,
    /// Assignments of a shell
    Sh,
    /// A Secret of Kubernetes
    K8sSecret,
    /// A `ConfigMap` of Kubernetes
    K8sConfigmap,
}

pub(super) fn run(args: &Args, ctx: &Ctx) -> anyhow::Result<Outcome> {
    let shown = args.source.display().to_string();
    let bytes = if shown == "-" {
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes).context("could not read stdin")?;
        bytes
    } else {
        std::fs::read(ctx.resolve(&args.source)).with_context(|| format!("could not read `{shown}`"))?
    };
    let format = args.format.or_else(|| by_name(&shown)).ok_or_else(|| {
        fail(format!("nothing tells what `{shown}` is"))
            .exit(Exit::Usage)
            .hint("say it with `--format`, such as `--format json`")
    })?;
    let values = values(&bytes, format, &shown)?;
    let mut store = args.files.open_one(ctx)?;
    let reading = store.reading()?;
    let known: Vec<String> = reading.assignments.iter().map(|one| one.key.clone()).collect();
    let (mut added, mut changed, mut kept) = (Vec::new(), Vec::new(), Vec::new());
    for (key, value) in &values {
        if known.contains(key) && !args.overwrite {
            kept.push(key.clone());
            continue;
        }
        match put(&mut store, key, value, args.plain)?.0 {
            State::Added => added.push(key.clone()),
            State::Changed => changed.push(key.clone()),
            State::Unchanged => {}
        }
    }
    let done = match added.len() + changed.len() {
        0 => format!("`{}` has it all already", store.shown),
        1 => format!("took 1 variable over into `{}`", store.shown),
        count => format!("took {count} variables over into `{}`", store.shown),
    };
    let after =
        (!kept.is_empty()).then(|| format!("left as they were: {} (`--overwrite` changes them)", listed(&kept)));
    let json = object(json!({ "file": store.shown, "added": added, "changed": changed, "kept": kept }));
    Ok(Outcome::Change(Box::new(Change { plan: Plan::new(store.step()?), done, after, json, ..Change::default() })))
}

fn by_name(name: &str) -> Option<Format> {
    let file = name.rsplit('/').next().unwrap_or(name);
    match file.rsplit_once('.').map(|(_, extension)| extension) {
        _ if file == ".env" || file.starts_with(".env.") => Some(Format::Dotenv),
        Some("json") => Some(Format::Json),
        Some("yaml" | "yml") => Some(Format::Yaml),
        Some("toml") => Some(Format::Toml),
        Some("env") => Some(Format::Dotenv),
        Some("sh" | "bash") => Some(Format::Sh),
        _ => None,
    }
}

/// Names and values, in order.
///
/// # Errors
/// Where the text is not of this format, or has something that is no name or no text.
fn values(bytes: &[u8], format: Format, shown: &str) -> Result<IndexMap<String, String>, Failure> {
    let wrong =
        |cause: String| fail(format!("could not read `{shown}`")).cause(cause).hint("say what it is with `--format`");
    let text = std::str::from_utf8(bytes).map_err(|error| wrong(error.to_string()))?;
    let yaml =
        |text: &str| serde_saphyr::from_str::<Value>(text).map_err(|error| wrong(first_line(&error.to_string())));
    match format {
        Format::Json => plain(&serde_json::from_str(text).map_err(|error| wrong(error.to_string()))?, shown),
        Format::Yaml => plain(&yaml(text)?, shown),
        Format::Toml => {
            let table: toml::Table = toml::from_str(text).map_err(|error| wrong(error.message().to_owned()))?;
            plain(&serde_json::to_value(table).map_err(|error| wrong(error.to_string()))?, shown)
        }
        Format::Dotenv => assignments(bytes, Dialect::Dotenv, shown),
        Format::Docker => assignments(bytes, Dialect::Docker, shown),
        Format::Sh => assignments(bytes, Dialect::Sh, shown),
        Format::K8sSecret => secret(&yaml(text)?, shown),
        Format::K8sConfigmap => plain(&yaml(text)?["data"], shown),
    }
}

/// A parser's complaint may show the text that it stands in, which may be a secret.
fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

fn assignments(bytes: &[u8], dialect: Dialect, shown: &str) -> Result<IndexMap<String, String>, Failure> {
    let reading = read(&Draft::new(bytes, dialect), dialect).map_err(|problems| {
        let text = String::from_utf8_lossy(bytes);
        let places = Spots::of(shown, &text);
        let problem =
            |(start, end, message): (usize, usize, String)| Problem::new(message).at(places.at(&(start..end)).hide());
        let problems = problems.into_iter().map(problem);
        Failure::of(format!("`{shown}` cannot be read"), problems.collect()).hint("say what it is with `--format`")
    })?;
    let pairs = reading.assignments.into_iter().filter_map(|one| Some((one.key, one.value?)));
    checked(pairs.collect(), shown)
}

/// A map of names and plain values.
fn plain(value: &Value, shown: &str) -> Result<IndexMap<String, String>, Failure> {
    let Some(map) = value.as_object() else {
        return Err(fail(format!("`{shown}` is no map of names and values")).hint("say what it is with `--format`"));
    };
    let mut values = IndexMap::new();
    let mut problems = Vec::new();
    for (name, value) in map {
        match value {
            Value::String(text) => drop(values.insert(name.clone(), text.clone())),
            Value::Number(number) => drop(values.insert(name.clone(), number.to_string())),
            Value::Bool(truth) => drop(values.insert(name.clone(), truth.to_string())),
            Value::Null => drop(values.insert(name.clone(), String::new())),
            Value::Array(_) | Value::Object(_) => problems.push(Problem::new(format!("`{name}` is a list or a map"))),
        }
    }
    if problems.is_empty() {
        return checked(values, shown);
    }
    Err(Failure::of(format!("`{shown}` has values that are no text"), problems)
        .hint("take them out, or write them as JSON in a text"))
}

fn secret(manifest: &Value, shown: &str) -> Result<IndexMap<String, String>, Failure> {
    let mut values = IndexMap::new();
    for (name, encoded) in manifest["data"].as_object().into_iter().flatten() {
        let text = encoded.as_str().unwrap_or_default();
        let decoded = base64::engine::general_purpose::STANDARD.decode(text.trim()).ok();
        let decoded = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
        let Some(value) = decoded else {
            return Err(fail(format!("`{name}` in `{shown}` is no text in base64"))
                .hint("take it out: a .env file holds texts"));
        };
        values.insert(name.clone(), value);
    }
    if manifest["stringData"].is_object() {
        values.extend(plain(&manifest["stringData"], shown)?);
    }
    if values.is_empty() {
        return Err(fail(format!("`{shown}` is no Secret with values")).hint("say what it is with `--format`"));
    }
    checked(values, shown)
}

/// All names at once held against what can be one.
fn checked(values: IndexMap<String, String>, shown: &str) -> Result<IndexMap<String, String>, Failure> {
    let problems: Vec<Problem> =
        values.keys().filter_map(|name| check_name(name).err()).map(|failure| Problem::new(failure.message)).collect();
    if problems.is_empty() {
        return Ok(values);
    }
    Err(Failure::of(format!("`{shown}` has names that no variable can have"), problems).hint("give them other names"))
}
