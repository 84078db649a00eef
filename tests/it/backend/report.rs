//! What held and what did not: one row for each check of each selection, shown as a table when all of them have run.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::checks;
use crate::proof;

/// Why a check did not pass.
#[derive(Debug)]
pub(super) enum Fault {
    /// The promise is broken; the text says how.
    Broken(String),
    /// Something that the check needs is not here. Where proofs are required that is a failure, too.
    Missing(String),
    /// The check asks for more than every machine can have: it is skipped, loudly.
    Bonus(String),
}

pub(super) type Verdict = Result<(), Fault>;

/// A promise that does not hold.
pub(super) fn broken<T>(how: impl Into<String>) -> Result<T, Fault> {
    Err(Fault::Broken(how.into()))
}

/// Fails with what `how` says unless `holds`.
pub(super) fn ensure(holds: bool, how: impl FnOnce() -> String) -> Verdict {
    if holds { Ok(()) } else { broken(how()) }
}

pub(super) struct Row {
    pub(super) selection: String,
    pub(super) check: String,
    verdict: Verdict,
    took: Duration,
}

/// All rows, from all threads.
#[derive(Default)]
pub(super) struct Report(Mutex<Vec<Row>>);

impl Report {
    /// Runs a check and keeps what came of it; says whether it passed. A panic in it is a failure like any other.
    pub(super) fn check(&self, selection: &str, check: &str, run: impl FnOnce() -> Verdict) -> bool {
        let start = Instant::now();
        let verdict = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)).unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            broken(text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic"))
        });
        let passed = verdict.is_ok();
        self.add(selection, check, verdict, start.elapsed());
        passed
    }

    pub(super) fn add(&self, selection: &str, check: &str, verdict: Verdict, took: Duration) {
        // At once, for whoever waits; how it failed is told at the end.
        let _ = match &verdict {
            Ok(()) => Ok(()),
            Err(Fault::Broken(_)) => writeln!(std::io::stderr(), "FAILED: {check}, of the selection {selection}"),
            Err(Fault::Missing(reason) | Fault::Bonus(reason)) => {
                writeln!(std::io::stderr(), "SKIPPED: {check}, of the selection {selection} ({reason})")
            }
        };
        let row = Row { selection: selection.to_owned(), check: check.to_owned(), verdict, took };
        self.0.lock().unwrap().push(row);
    }

    /// Shows the tables on stderr, past the test runner, and keeps them in `target/proof/backend.txt`; then fails if a check did, or
    /// if one of the list was not tried although all were to be.
    pub(super) fn finish(self, all: bool) {
        let rows = self.0.into_inner().unwrap();
        let table = format!("{}\n{}", table(&rows), checks::table(&rows));
        let _ = writeln!(std::io::stderr(), "\n{table}");
        std::fs::write(folder().join("backend.txt"), &table).unwrap();
        let mut failures: Vec<String> = rows.iter().filter_map(failure).collect();
        let untried = if all { checks::untried(&rows, proof::everything()) } else { Vec::new() };
        failures
            .extend((!untried.is_empty()).then(|| format!("--- nothing has tried the checks {untried:?} of the list")));
        assert!(failures.is_empty(), "{} checks failed:\n\n{}", failures.len(), failures.join("\n\n"));
    }
}

/// Where proofs keep what they need again: tools, the table.
pub(super) fn folder() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).with_file_name("proof");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn table(rows: &[Row]) -> String {
    let width = |text: fn(&Row) -> &str| rows.iter().map(|row| text(row).chars().count()).max().unwrap_or_default();
    let (selection, check) = (width(|row| &row.selection), width(|row| &row.check));
    let mut table = String::new();
    for row in rows {
        let seconds = row.took.as_secs_f32();
        let word = word(row);
        let _ = writeln!(table, "{:selection$}  {:check$}  {word:7}  {seconds:6.1} s", row.selection, row.check);
    }
    let count = |wanted: &str| rows.iter().filter(|row| word(row) == wanted).count();
    let _ = writeln!(table, "{} passed, {} failed, {} skipped", count("ok"), count("FAILED"), count("skipped"));
    table
}

pub(super) fn word(row: &Row) -> &'static str {
    match &row.verdict {
        Ok(()) => "ok",
        Err(Fault::Broken(_)) => "FAILED",
        Err(Fault::Missing(_)) if proof::required() => "FAILED",
        Err(Fault::Missing(_) | Fault::Bonus(_)) => "skipped",
    }
}

fn failure(row: &Row) -> Option<String> {
    let how = match &row.verdict {
        Err(Fault::Broken(how)) => how.clone(),
        Err(Fault::Missing(reason)) if proof::required() => format!("must be proven here, but {reason}"),
        _ => return None,
    };
    Some(format!("--- {}: {}\n{how}", row.selection, row.check))
}
