//! `prodev env scan`: secrets where they should not be: in files that Git has or would take, in what is staged, in history.

mod decoys;
mod judge;
mod named;
mod rules;
mod sources;
#[cfg(test)]
mod tests;
mod tokens;
mod values;

use std::path::{Path, PathBuf};

use self::judge::Judge;
use super::draft::Draft;
use super::keyring::is_key_name;
use super::{cipher, store};
use crate::config::environment::{Dialect, Environment, VariableType};
use crate::config::secrecy;
use crate::ctx::Ctx;
use crate::error::{Exit, Failure, fail};
use crate::findings::{Finding, Format, Verdict};
use crate::git::{Commits, Contents};
use crate::outcome::Outcome;

/// Look for secrets in files that Git has or would take
///
/// Looks for the shapes of tokens that services hand out, for values that a name calls a secret, and for the project's own secrets by their value,
/// in base64, addresses and JSON too. A line with `prodev:allow` in it is left alone. The secrets themselves are never printed.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  prodev env scan                          all files of the project that Git does not ignore
  prodev env scan --staged                 what the next commit would add
  prodev env scan --range origin/main..    what these commits added
  prodev env scan --all --format sarif     the whole history, for a code scanner")]
pub(crate) struct Args {
    /// Only these files and folders
    #[arg(value_name = "PATH", value_hint = clap::ValueHint::AnyPath, conflicts_with_all = ["staged", "range", "all"])]
    paths: Vec<PathBuf>,
    /// What is staged for the next commit
    #[arg(long, conflicts_with_all = ["range", "all"])]
    staged: bool,
    /// What the commits of a range added
    #[arg(long, value_name = "A..B", conflicts_with = "all")]
    range: Option<String>,
    /// What any commit of any branch or tag added
    #[arg(long)]
    all: bool,
    /// In which form to tell what was found
    #[arg(long, value_name = "FORMAT", default_value = "text", hide_default_value = true)]
    format: Format,
}

pub(super) fn run(args: &Args, ctx: &Ctx) -> anyhow::Result<Outcome> {
    let environments: Vec<&Environment> =
        ctx.config()?.files.iter().filter_map(|file| file.part.env.as_ref()).collect();
    let secrets = known(&ctx.config()?.dir, &environments);
    let judge = Judge::new(&environments, &secrets);
    let contents = Contents::open(&ctx.dir)?;
    let seen = if let Some(commits) = commits(args)? {
        sources::history(&within_git(contents)?, &commits, &judge, ctx)?
    } else if args.staged {
        sources::staged(&within_git(contents)?, &judge, ctx)?
    } else {
        sources::files(contents.as_ref(), &args.paths, &judge, ctx)?
    };
    let (count, unit) = (seen.looked_at, if seen.looked_at == 1 { seen.unit.0 } else { seen.unit.1 });
    let mut verdict = Verdict {
        findings: seen.findings,
        format: args.format,
        rules: rules().collect(),
        good: Some(format!("no secrets in {count} {unit}")),
        ..Verdict::default()
    };
    verdict.json.insert("looked_at".to_owned(), count.into());
    Ok(Outcome::Verdict(Box::new(verdict)))
}

/// All rules: names and meanings.
pub(super) fn rules() -> impl Iterator<Item = (&'static str, &'static str)> {
    judge::RULES.iter().copied().chain(rules::KINDS.iter().map(|kind| (kind.id, kind.what)))
}

/// Those that say that Git has a file.
pub(super) fn tracking() -> impl Iterator<Item = (&'static str, &'static str)> {
    judge::RULES.iter().copied().filter(|(id, _)| id.ends_with("-tracked"))
}

/// What is said of a .env file because Git has it.
pub(super) fn tracked(shown: &str, bytes: &[u8], environments: &[&Environment]) -> Option<Finding> {
    Judge::new(environments, &[]).tracked(shown, || bytes.to_vec())
}

/// The project's own secrets: names and values, from the .env files at its top. Declared ones, and those whose name or look says so.
fn known(dir: &Path, environments: &[&Environment]) -> Vec<(String, String)> {
    let mut secrets = Vec::new();
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        let name = entry.file_name();
        if !name.to_str().is_some_and(judge::is_env_file) {
            continue;
        }
        let bytes = std::fs::read(entry.path()).unwrap_or_default();
        let reading = store::read(&Draft::new(&bytes, Dialect::default()), Dialect::default()).unwrap_or_default();
        for one in reading.assignments {
            let Some(value) = one.value.filter(|value| !cipher::is_encrypted(value)) else { continue };
            let declared = environments.iter().find_map(|it| it.vars.get(&one.key));
            let is_secret = declared
                .map_or_else(|| secrecy::is_secret(&one.key, VariableType::String, &value), |declared| declared.secret);
            if is_secret && !is_key_name(&one.key) {
                secrets.push((one.key, value));
            }
        }
    }
    secrets
}

fn within_git(contents: Option<Contents>) -> Result<Contents, Failure> {
    contents.ok_or_else(|| fail("there is no Git repository here").hint("leave `--staged`, `--range` and `--all` out"))
}

/// The commits that are asked for, if any are.
fn commits(args: &Args) -> Result<Option<Commits>, Failure> {
    if args.all {
        return Ok(Some(Commits::All));
    }
    let Some(range) = &args.range else { return Ok(None) };
    let or_head = |name: &str| if name.is_empty() { "HEAD" } else { name }.to_owned();
    match range.split_once("..") {
        Some((from, to)) if !to.starts_with('.') && from.len() + to.len() > 0 => {
            Ok(Some(Commits::Range { from: Some(or_head(from)), to: or_head(to) }))
        }
        _ => Err(fail(format!("`{range}` is no range of commits"))
            .exit(Exit::Usage)
            .hint("write `A..B`: what B has and A has not, such as `origin/main..HEAD`")),
    }
}
