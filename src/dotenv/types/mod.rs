//! `prodev env types`: the declared variables as typed accessors of a language.

mod go;
mod model;
mod python;
mod rust;
mod typescript;

use std::path::PathBuf;

use serde_json::json;

use super::layers::configured;
use crate::ctx::Ctx;
use crate::error::{Exit, fail};
use crate::outcome::{Answer, Change, Outcome, object};
use crate::plan::original::{Original, Protected};
use crate::plan::{Plan, Privacy, Replacement, Step};

/// Write typed accessors for the declared variables
///
/// The code reads the environment once, and says all at once what is missing or cannot be used. The same declarations give the same code, so that
/// CI can tell with `--check` whether it is up to date. Values of secrets are not in it.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  prodev env types --lang python -o app/environment.py
  prodev env types --lang typescript > src/env.ts
  prodev env types --lang go --package config -o config/env.go --check")]
pub(crate) struct Args {
    /// The language
    #[arg(long, value_name = "LANGUAGE", value_enum)]
    lang: Language,
    /// The file to write; stdout without
    #[arg(short, long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    output: Option<PathBuf>,
    /// Change nothing, and exit 1 where the file is not up to date
    #[arg(long, requires = "output")]
    check: bool,
    /// The name of the package, for Go
    #[arg(long, value_name = "NAME", default_value = "env")]
    package: String,
}

#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum Language {
    /// A data class, for Python 3.9 and later
    Python,
    /// An interface and a function
    Typescript,
    /// A struct, without any crates
    Rust,
    /// A struct, without any modules
    Go,
}

pub(super) fn run(args: &Args, ctx: &Ctx) -> anyhow::Result<Outcome> {
    let (_, environment) = configured(&ctx.dir, ctx)?;
    if environment.vars.is_empty() {
        return Err(fail("no variables are declared here")
            .hint("declare some as `[env.vars.NAME]` in prodev.toml: `prodev env example --infer` proposes them")
            .into());
    }
    let is_package = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    };
    if !is_package(&args.package) {
        return Err(fail(format!("`{}` cannot be the name of a package", args.package))
            .exit(Exit::Usage)
            .hint("use lower case letters and digits: `--package config`")
            .into());
    }
    let fields = model::fields(&environment.vars);
    let code = match args.lang {
        Language::Python => python::write(&fields),
        Language::Typescript => typescript::write(&fields),
        Language::Rust => rust::write(&fields),
        Language::Go => go::write(&fields, &args.package),
    };
    let Some(output) = &args.output else {
        let json = json!({ "language": language(args), "code": code });
        return Ok(Outcome::answer(code, json));
    };
    let path = ctx.resolve(output);
    let shown = output.display().to_string();
    let original = take(path, shown.clone())?;
    let is_current = original.bytes() == Some(code.as_bytes());
    let json = object(json!({ "language": language(args), "file": shown, "current": is_current }));
    if args.check {
        if is_current {
            return Ok(Outcome::Answer(Answer { text: String::new(), json, exit: None }));
        }
        return Err(fail(format!("`{shown}` is not what the declarations make"))
            .hint(format!("write it anew: `prodev env types --lang {} -o {shown}`", language(args)))
            .into());
    }
    if let Some(before) = original.bytes().filter(|before| !is_ours(before)) {
        let size = before.len();
        return Err(fail(format!("`{shown}` was not written by `prodev env types`"))
            .cause(format!("it has {size} bytes, and the mark of such a file is not among the first lines"))
            .hint("name another file, or take it out of the way")
            .into());
    }
    let replacement = Replacement::new(&original, code.into_bytes(), Privacy::Ordinary, Protected::Respect)?;
    let done = if is_current { format!("`{shown}` is up to date") } else { format!("wrote `{shown}`") };
    let plan = Plan::new(replacement.map(Step::Replace));
    Ok(Outcome::Change(Box::new(Change { plan, done, json, ..Change::default() })))
}

fn take(path: PathBuf, shown: String) -> anyhow::Result<Original> {
    let taken = Original::take_all(&[(path, shown)])?.pop();
    taken.ok_or_else(|| fail("the file cannot be read").into())
}

/// Whether one of the first lines says that a file comes from here.
fn is_ours(bytes: &[u8]) -> bool {
    bytes.is_empty() || String::from_utf8_lossy(&bytes[..bytes.len().min(400)]).contains("prodev env types")
}

fn language(args: &Args) -> String {
    use clap::ValueEnum as _;
    args.lang.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}
