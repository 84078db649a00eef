//! What ran here before: the last runs of a project, in the user's own state directory, where no secret is written.
#![allow(clippy::disallowed_methods, reason = "these are prodev's own files, beside the project")]

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use jiff::{Timestamp, tz::TimeZone};
use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::call::{Typed, Value};
use super::catalog::Catalog;
use super::executor::{Report, shown};
use super::graph::{Graph, Kind, Node};
use crate::ctx::Ctx;
use crate::error::{Exit, Failure, fail};
use crate::outcome::Outcome;
use crate::plan::process::quoted;
use crate::ui::style;

/// How often it is looked at whether there are too many runs: whenever the file has grown by this many bytes.
const PAGE: u64 = 16 * 1024;

/// How many are shown.
const SHOWN: usize = 20;

/// A run that is over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Past {
    pub(super) at: Timestamp,
    /// What was typed; `None` where a secret was.
    words: Option<Vec<String>>,
    shown: String,
    pub(super) code: u8,
    seconds: f64,
    recipes: Vec<PastCall>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct PastCall {
    recipe: String,
    /// Tells this call from others; without the values of secrets.
    call: String,
    /// What the call came to as it was defined then; `None` where that depends on a secret.
    definition: Option<String>,
    result: String,
    code: Option<u8>,
    seconds: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// The last lines of what it said, where it failed and they passed through prodev.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tail: Vec<String>,
}

impl PastCall {
    fn is_bad(&self) -> bool {
        matches!(self.result.as_str(), "failed" | "timed-out" | "interrupted")
    }

    fn is_good(&self) -> bool {
        matches!(self.result.as_str(), "done" | "forgiven" | "skipped")
    }
}

/// What is done again of an earlier run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Again {
    /// `--resume`: all that has not succeeded.
    Rest,
    /// `--last-failed`: what has failed, and nothing else.
    Failed,
}

/// The runs of one project.
pub(super) struct History {
    file: PathBuf,
    /// How many runs are kept; more are there until the file is written anew.
    kept: usize,
}

impl History {
    /// That of the project in `dir`, of `kept` runs; `None` where no home can be told.
    pub(super) fn of(dir: &Path, kept: usize) -> Option<Self> {
        let digest = blake3::hash(dir.as_os_str().as_bytes()).to_hex();
        Some(Self { file: Ctx::memories()?.join("runs").join(format!("{}.jsonl", &digest[..32])), kept })
    }

    /// All runs that are known, the oldest first. A line that a killed prodev left unfinished is none.
    pub(super) fn read(&self) -> Vec<Past> {
        let text = fs::read(&self.file).unwrap_or_default();
        text.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect()
    }

    /// How long calls took that went well: the middle of the last five of each.
    pub(super) fn times(&self) -> HashMap<String, Duration> {
        let mut all: HashMap<String, Vec<f64>> = HashMap::new();
        for past in self.read().into_iter().rev() {
            for call in past.recipes.into_iter().filter(|call| call.result == "done") {
                let times = all.entry(call.call).or_default();
                if times.len() < 5 {
                    times.push(call.seconds.max(0.0));
                }
            }
        }
        let middle = |mut times: Vec<f64>| {
            times.sort_by(f64::total_cmp);
            Duration::try_from_secs_f64(times[times.len() / 2]).unwrap_or_default()
        };
        all.into_iter().map(|(call, times)| (call, middle(times))).collect()
    }

    /// The run that is to be done again: the last one, or the last one of these words.
    ///
    /// # Errors
    /// There is none (exit 2), or what it was given is not known any more.
    pub(super) fn earlier(&self, words: &[String]) -> Result<(Past, Vec<String>), Failure> {
        let is_meant = |past: &Past| words.is_empty() || past.words.as_deref() == Some(words);
        let Some(past) = self.read().into_iter().rev().find(is_meant) else {
            let what = if words.is_empty() { "nothing" } else { "nothing of the kind" };
            return Err(fail(format!("{what} has run here"))
                .hint("`prodev run --history` shows what has")
                .exit(Exit::Usage));
        };
        match past.words.clone() {
            Some(words) => Ok((past, words)),
            None => Err(fail(format!("`{}` was given a secret, which is not kept", past.shown))
                .hint("run it again with all that it takes")
                .exit(Exit::Usage)),
        }
    }

    /// Writes a run down.
    ///
    /// # Errors
    /// Where the file cannot be written; what was there stays.
    pub(super) fn add(&self, past: &Past) -> anyhow::Result<()> {
        let folder = self.file.parent().unwrap_or(Path::new("."));
        let write = || -> io::Result<()> {
            fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
            // One file for all: who writes anew must not lose what another adds meanwhile.
            let lock = options().open(folder.join("lock"))?;
            flock(&lock, FlockOperation::LockExclusive)?;
            let mut line = serde_json::to_vec(past)?;
            line.push(b'\n');
            let mut file = options().append(true).read(true).open(&self.file)?;
            let size = file.metadata()?.len();
            // An unfinished line before it would spoil this one.
            if size > 0 {
                let mut last = [0];
                file.seek(io::SeekFrom::Start(size - 1))?;
                file.read_exact(&mut last)?;
                if last != *b"\n" {
                    line.insert(0, b'\n');
                }
            }
            // The whole of it is read only now and then.
            let grown = size + line.len() as u64;
            if size / PAGE == grown / PAGE {
                return file.write_all(&line);
            }
            let known = fs::read(&self.file)?;
            let lines = known.split_inclusive(|byte| *byte == b'\n').count();
            if lines < 2 * self.kept.max(1) {
                return file.write_all(&line);
            }
            let mut draft = tempfile::Builder::new().prefix(".prodev-").tempfile_in(folder)?;
            for old in known.split_inclusive(|byte| *byte == b'\n').skip(lines + 1 - self.kept.max(1)) {
                draft.write_all(old)?;
            }
            draft.write_all(&line)?;
            draft.persist(&self.file).map(drop).map_err(|error| error.error)
        };
        write().with_context(|| format!("could not write `{}`", self.file.display()))
    }
}

fn options() -> OpenOptions {
    let mut options = File::options();
    options.write(true).create(true).truncate(false).mode(0o600);
    options
}

/// A run as it is written down.
pub(super) fn past(report: &Report, begun: Timestamp, words: &[String], run: &Whole) -> Past {
    let is_secret = |call: &Typed| {
        let params = &run.catalog.entries[call.entry].params;
        params.iter().zip(&call.given).any(|(param, given)| param.secret && given.is_some())
    };
    let words = (!run.calls.iter().any(is_secret)).then(|| words.to_vec());
    let shown = if let Some(words) = &words {
        words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
    } else {
        let names = run.calls.iter().map(|call| run.catalog.entries[call.entry].name.as_str());
        format!("{} (with a secret)", names.collect::<Vec<_>>().join(" "))
    };
    let recipes = report
        .calls
        .iter()
        .map(|call| {
            let node = &run.graph.nodes[call.node];
            let mut past = PastCall {
                recipe: call.label.clone(),
                call: run.call(node),
                definition: run.definition(node),
                result: call.result.to_owned(),
                code: call.code,
                seconds: call.time.as_secs_f64(),
                reason: call.reason.clone(),
                tail: Vec::new(),
            };
            if past.is_bad() {
                past.tail.clone_from(&call.tail);
            }
            past
        })
        .collect();
    Past { at: begun, words, shown, code: report.code, seconds: report.time.as_secs_f64(), recipes }
}

/// What a run is made of.
pub(super) struct Whole<'a, 'b> {
    pub(super) catalog: &'a Catalog<'b>,
    pub(super) graph: &'a Graph,
    pub(super) calls: &'a [Typed],
    /// What else a call depends on: the profile, variables that were set.
    pub(super) surroundings: String,
}

impl Whole<'_, '_> {
    pub(super) fn call(&self, node: &Node) -> String {
        let entry = &self.catalog.entries[node.entry];
        let mut hasher = blake3::Hasher::new();
        let mut add = |text: &str| {
            hasher.update(text.as_bytes()).update(b"\0");
        };
        add(&entry.name);
        for (param, value) in entry.params.iter().zip(&node.values) {
            match value {
                _ if param.secret => add(""),
                Value::One(value) => add(value),
                Value::Many(values) => values.iter().for_each(|value| add(value)),
            }
            add("");
        }
        for (axis, value) in &node.axes {
            add(axis);
            add(value);
        }
        hasher.finalize().to_hex()[..16].to_owned()
    }

    fn definition(&self, node: &Node) -> Option<String> {
        let entry = &self.catalog.entries[node.entry];
        if entry.params.iter().any(|param| param.secret) {
            return None;
        }
        let text = format!("{}\0{:?}\0{}", env!("CARGO_PKG_VERSION"), entry.recipe, self.surroundings);
        Some(blake3::hash(text.as_bytes()).to_hex()[..16].to_owned())
    }

    /// The calls that need not be done again, and why.
    pub(super) fn spared(&self, past: &Past, again: Again) -> Vec<(usize, String)> {
        let succeeded: HashSet<(&str, &str)> = past
            .recipes
            .iter()
            .filter(|call| call.is_good())
            .filter_map(|call| Some((call.call.as_str(), call.definition.as_deref()?)))
            .collect();
        let failed: HashSet<&str> =
            past.recipes.iter().filter(|call| call.is_bad()).map(|call| call.call.as_str()).collect();
        let nodes = self.graph.nodes.iter().enumerate().filter(|(_, node)| node.kind == Kind::Run);
        let reason = |node: &Node| {
            let call = self.call(node);
            match again {
                Again::Failed => (!failed.contains(call.as_str())).then_some("it did not fail in the last run"),
                Again::Rest => {
                    let definition = self.definition(node)?;
                    succeeded
                        .contains(&(call.as_str(), definition.as_str()))
                        .then_some("it has succeeded in the last run")
                }
            }
        };
        nodes.filter_map(|(at, node)| Some((at, reason(node)?.to_owned()))).collect()
    }
}

/// `prodev run --history`: the last runs, the newest last; with words those that began with them.
pub(super) fn tell(runs: &[Past], words: &[String]) -> Outcome {
    let is_meant = |past: &&Past| words.is_empty() || past.words.as_ref().is_some_and(|own| own.starts_with(words));
    let meant: Vec<&Past> = runs.iter().filter(is_meant).collect();
    let last = &meant[meant.len().saturating_sub(SHOWN)..];
    let mut text = String::new();
    for past in last {
        let at = past.at.to_zoned_datetime(TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S");
        let (word, paint) = match past.code {
            0 => ("done".to_owned(), style::GOOD),
            code => (format!("failed ({code})"), style::ERROR),
        };
        let time = shown(std::time::Duration::from_secs_f64(past.seconds.max(0.0)));
        let _ = writeln!(text, "{at}  {paint}{word:<12}{paint:#}  {time:>12}  {}", past.shown);
        for call in past.recipes.iter().filter(|call| call.is_bad()) {
            let reason = call.reason.as_deref().unwrap_or("failed");
            let _ = writeln!(text, "{:21}`{}` {reason}", "", call.recipe);
        }
    }
    Outcome::answer(text, json!({ "runs": meant }))
}
