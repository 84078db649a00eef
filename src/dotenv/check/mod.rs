//! `prodev env check`: what is wrong in .env files, or will be for somebody who reads them; and how it is mended.

mod entries;
mod files;
mod layout;
mod lint;
mod meaning;
mod mend;
mod names;
mod order;
mod pardon;
mod portable;
mod readers;
mod references;
mod rename;
mod repair;
mod respell;
mod rules;
mod settings;
mod subject;
mod survey;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use clap_complete::engine::ArgValueCandidates;
use serde_json::Value;

use self::settings::Settings;
use self::survey::Survey;
use crate::config::environment::Dialect;
use crate::ctx::Ctx;
use crate::findings::{Format, Verdict};
use crate::outcome::Outcome;

/// Check .env files
///
/// Without FILE the .env files of the project's folder, whether Git ignores them or not: `.env`, `.env.*` and `*.env`. Secrets are not shown. How much a
/// rule matters is said in `[env.lint]`; `# prodev:off RULE` and `# prodev:on RULE` switch it off and on within a file, `# prodev:allow RULE` for one
/// line, and dotenv-linter's comments and names of rules work as they are. Variables that `[env.vars]` declares are held against
/// their declarations. Exits 1 where an error is found.
#[derive(clap::Args, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
#[command(after_help = "Examples:
  prodev env check
  prodev env check .env.production --strict
  prodev env check -r --format github
  prodev env check --portable --dialect compose --dialect python
  prodev env check --fix --dry-run
  prodev env check --only duplicated-key,unordered-key")]
pub(crate) struct Args {
    /// The files; a folder stands for the .env files in it
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::AnyPath)]
    files: Vec<PathBuf>,
    /// The .env files of all folders below, too, apart from those that Git ignores
    #[arg(short, long)]
    recursive: bool,
    /// How the files are read; those of others who read them follow, in more of these. Without any, as `[env]` says
    #[arg(long = "dialect", value_name = "DIALECT", hide_possible_values = true)]
    dialects: Vec<Dialect>,
    /// The files of a profile count with the others, where variables are declared
    #[arg(long, value_name = "NAME", conflicts_with = "files")]
    profile: Option<String>,
    /// Find what the dialects read differently, too: those of `[env] dialects`, or else of compose, dotenv, dotenvx and python-dotenv
    #[arg(long)]
    portable: bool,
    /// Mend what can be mended without a change of any value in any dialect that reads the files
    #[arg(long)]
    fix: bool,
    /// Mend what gives a name or a value another meaning, too, and show it
    #[arg(long = "unsafe", requires = "fix")]
    is_unsafe: bool,
    /// Replace files that are read-only or belong to somebody else, too
    #[arg(long, requires = "fix")]
    force: bool,
    /// These rules alone, whether they are on or not
    #[arg(long, value_name = "RULE", value_delimiter = ',', add = ArgValueCandidates::new(settings::candidates))]
    only: Vec<String>,
    /// All rules but these
    #[arg(long, value_name = "RULE", value_delimiter = ',', add = ArgValueCandidates::new(settings::candidates))]
    skip: Vec<String>,
    /// Take warnings for errors
    #[arg(long)]
    strict: bool,
    /// Show lines with values
    #[arg(long)]
    show_secrets: bool,
    /// In which form to tell what was found
    #[arg(long, value_name = "FORMAT", default_value = "text", hide_default_value = true)]
    format: Format,
}

pub(super) fn run(args: &Args, ctx: &Ctx) -> anyhow::Result<Outcome> {
    let settings = Settings::of(args, ctx)?;
    let (folder, _) = super::layers::configured(&ctx.dir, ctx)?;
    let candidates = files::all(&args.files, &folder, args.recursive, ctx)?;
    let count = candidates.len();
    if count == 0 {
        ctx.ui.note("there are no .env files here");
    }
    let survey = Survey {
        settings: &settings,
        is_portable: args.portable,
        profile: args.profile.as_deref(),
        is_named: !args.files.is_empty() || args.recursive,
    };
    if args.fix {
        return repair::run(args, candidates, survey, ctx);
    }
    let findings = survey.all(candidates, ctx)?;
    let mut verdict = Verdict {
        findings,
        format: args.format,
        rules: settings::described(),
        good: (count > 0).then(|| format!("nothing wrong in {count} {}", if count == 1 { "file" } else { "files" })),
        ..Verdict::default()
    };
    verdict.json.insert("looked_at".to_owned(), Value::from(count));
    Ok(Outcome::Verdict(Box::new(verdict)))
}
