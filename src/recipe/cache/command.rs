//! `prodev cache status` and `clean`: what is stored, how much room it takes, and less of it.

use std::fmt::Write as _;
use std::time::{Duration, SystemTime};

use serde_json::json;

use super::remote::Remote;
use super::store::Store;
use super::survey::{Bounds, Survey};
use crate::config::settings::CacheSettings;
use crate::config::value;
use crate::ctx::Ctx;
use crate::error::{Exit, fail};
use crate::outcome::{Answer, Change, Outcome, object};
use crate::plan::{Line, Plan, Step, Sweep};

/// What is kept of what recipes made
#[derive(clap::Subcommand, Debug)]
pub(crate) enum Command {
    Status(Status),
    Clean(Clean),
}

/// Print what is stored, where, and how much room it takes
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  prodev cache status
  prodev cache status --check
  prodev cache status --json")]
pub(crate) struct Status {
    /// Ask the remote cache whether it answers
    #[arg(long)]
    check: bool,
}

/// Remove what is no longer needed
///
/// Without options: what no result needs, and what was used longest ago as far as the store is larger than `[settings.cache] max_size` (5 GiB where that
/// is not given). What is removed is made again when it is needed.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  prodev cache clean
  prodev cache clean --older-than 30d
  prodev cache clean --max-size '500 MiB'
  prodev --dry-run cache clean --all")]
pub(crate) struct Clean {
    /// And what was not used for so long, as 30d or 12h
    #[arg(long, value_name = "TIME", value_parser = value::duration, conflicts_with = "all")]
    older_than: Option<Duration>,
    /// And so much that no more than this is left
    #[arg(long, value_name = "SIZE", value_parser = value::size, conflicts_with = "all")]
    max_size: Option<u64>,
    /// Everything
    #[arg(long)]
    all: bool,
}

/// `prodev cache …`
pub(crate) fn run(command: &Command, ctx: &Ctx) -> anyhow::Result<Outcome> {
    let store = Store::of(ctx)?;
    match command {
        Command::Status(args) => status(args, &store, &ctx.config()?.policy.settings.cache),
        Command::Clean(args) => Ok(clean(args, &store)),
    }
}

fn status(args: &Status, store: &Store, settings: &CacheSettings) -> anyhow::Result<Outcome> {
    let remote = remote(args, settings)?;
    let survey = Survey::of(store);
    let (size, most) = (survey.size(), store.most());
    let mut text = format!(
        "directory  {}\nresults    {}\nfiles      {}\nrecipes    {}\nsize       {} of {}\n",
        store.root().display(),
        survey.results.len(),
        survey.blobs.len(),
        survey.states.len(),
        shown(size),
        shown(most),
    );
    let json = json!({
        "directory": store.root(), "results": survey.results.len(), "files": survey.blobs.len(), "recipes": survey.states.len(),
        "size": size, "max_size": most, "remote": remote.as_ref().map(|remote| &remote.json),
    });
    let mut answer = Answer { json: object(json), ..Answer::default() };
    if let Some(remote) = remote {
        text.push_str(&remote.text);
        answer.exit = remote.is_wrong.then_some(Exit::Failed);
    }
    Ok(Outcome::Answer(Answer { text, ..answer }))
}

/// What is told of the remote cache.
struct Told {
    text: String,
    json: serde_json::Value,
    /// It was asked, and does not answer.
    is_wrong: bool,
}

fn remote(args: &Status, settings: &CacheSettings) -> anyhow::Result<Option<Told>> {
    let used = Remote::of(settings)?;
    let Some(named) = &settings.remote else {
        if args.check {
            let hint = "name one: `url` of `[settings.cache.remote]` in prodev.toml";
            return Err(fail("there is no remote cache to ask").exit(Exit::Usage).hint(hint).into());
        }
        return Ok(None);
    };
    let (mode, login) = used.as_ref().map_or(("off", None), |remote| (remote.mode(), remote.login()));
    let credentials = login.map(|login| format!(", {login} credentials")).unwrap_or_default();
    let mut text = format!("remote     {} ({mode}{credentials})\n", named.url);
    let asked =
        used.as_ref().filter(|_| args.check).map(|remote| remote.probe().map_err(|trouble| trouble.told(remote)));
    let problem = asked.as_ref().and_then(|asked| asked.as_ref().err());
    if let Some((problem, hint)) = problem {
        let _ = writeln!(text, "           it {problem}");
        if let Some(hint) = hint {
            let _ = writeln!(text, "           {hint}");
        }
    } else if asked.is_some() {
        text.push_str("           it answers\n");
    } else if args.check {
        text.push_str("           it is not asked\n");
    }
    let json = json!({
        "url": named.url, "mode": mode, "credentials": login,
        "answers": asked.as_ref().map(Result::is_ok), "problem": problem.map(|(problem, _)| problem),
    });
    Ok(Some(Told { text, json, is_wrong: problem.is_some() }))
}

fn clean(args: &Clean, store: &Store) -> Outcome {
    let survey = Survey::of(store);
    let size = if args.all { 0 } else { args.max_size.unwrap_or(store.most()) };
    let mut going = survey.surplus(Bounds { size, age: args.older_than }, SystemTime::now());
    if args.all {
        let others =
            survey.states.iter().chain(&survey.drafts).filter(|piece| !going.iter().any(|it| it.path == piece.path));
        let others: Vec<_> = others.cloned().collect();
        going.extend(others);
    }
    let mut lines = Vec::new();
    for (kind, one, many) in [
        ("results", "result", "results"),
        ("blobs", "file", "files"),
        ("states", "recipe", "recipes"),
        ("drafts", "draft", "drafts"),
    ] {
        let of_kind: Vec<u64> = going
            .iter()
            .filter(|piece| piece.path.starts_with(store.root().join(kind)))
            .map(|piece| piece.size)
            .collect();
        if !of_kind.is_empty() {
            let name = if of_kind.len() == 1 { one } else { many };
            lines.push(Line {
                action: "remove",
                path: format!("{} {name}, {}", of_kind.len(), shown(of_kind.iter().sum())),
            });
        }
    }
    let (count, freed): (usize, u64) = (going.len(), going.iter().map(|piece| piece.size).sum());
    let done =
        if count == 0 { "there is nothing to remove".to_owned() } else { format!("{} are free again", shown(freed)) };
    let files = going.into_iter().map(|piece| piece.path).collect();
    let plan = if count == 0 { Plan::default() } else { Plan::new([Step::Sweep(Sweep { files, lines })]) };
    let json = object(json!({ "removed": count, "freed": freed }));
    Outcome::Change(Box::new(Change { plan, done, json, ..Change::default() }))
}

/// `3.4 MiB`.
fn shown(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let (mut tenths, mut unit) = (bytes.saturating_mul(10) / 1024, 0);
    while tenths >= 10_240 && unit + 1 < UNITS.len() {
        tenths /= 1024;
        unit += 1;
    }
    if tenths % 10 == 0 {
        format!("{} {}", tenths / 10, UNITS[unit])
    } else {
        format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_well() {
        let cases = [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1 KiB"),
            (1536, "1.5 KiB"),
            (5 << 30, "5 GiB"),
            (1 << 50, "1024 TiB"),
        ];
        for (bytes, expected) in cases {
            assert_eq!(shown(bytes), expected);
        }
    }
}
