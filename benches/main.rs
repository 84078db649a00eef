//! Whole processes, measured: prodev beside its peers, in turn, in one run, so that the ratios hold on any machine.
//!
//! `cargo bench` measures all rows, `cargo bench -- new` those whose name contains `new`. A peer that is not installed is skipped
//! with a word; `benches/peers.sh` installs what can be had, and `PRODEV_BENCH_VENV` names where. Everything is written below `TMPDIR`.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a bench starts programs, writes their input, prints its table, and fails by panicking"
)]

mod contest;
mod finishes;
mod histories;
mod measure;
mod projects;
mod recipes;
mod report;
mod rows;
mod templates;
mod updates;
mod variables;

use std::path::PathBuf;

use clap::Parser as _;

/// Measure prodev beside its peers
#[derive(clap::Parser)]
#[command(name = "cargo bench --")]
struct Args {
    /// Only rows whose name contains this
    filter: Option<String>,
    /// How often everybody runs
    #[arg(long, value_name = "N")]
    runs: Option<usize>,
    /// Print one JSON document instead of a table
    #[arg(long)]
    json: bool,
    /// List the rows
    #[arg(long)]
    list: bool,
    /// Measure this prodev instead of the one that was built along
    #[arg(long, value_name = "PATH", default_value = env!("CARGO_BIN_EXE_prodev"), hide_default_value = true)]
    prodev: PathBuf,
    /// Start a shell that does nothing so often, and nothing else: what rows of recipes are held against
    #[arg(long, hide = true, value_name = "N")]
    spawn: Option<usize>,
    /// So many of these at a time
    #[arg(long, hide = true, default_value_t = 1)]
    jobs: usize,
    /// Given by Cargo
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() {
    let args = Args::parse();
    if let Some(count) = args.spawn {
        return measure::spawn(count, args.jobs);
    }
    let scratch = tempfile::Builder::new().prefix("prodev-bench-").tempdir().unwrap();
    let prodev = std::path::absolute(&args.prodev).unwrap();
    let is_wanted = |name: &str| args.filter.as_ref().is_none_or(|filter| name.contains(filter.as_str()));
    let rows = rows::all(&prodev, scratch.path()).into_iter();
    let rows = rows.chain(updates::rows(&prodev, scratch.path(), &is_wanted));
    let rows = rows.chain(recipes::rows(&prodev, scratch.path(), &is_wanted));
    let wanted = rows.filter(|row| is_wanted(row.name));
    if args.list {
        wanted.for_each(|row| println!("{:<12} {}", row.name, row.what));
        return;
    }
    let mut results = Vec::new();
    for row in wanted {
        let result = contest::run(&row, args.runs.unwrap_or(row.runs).max(1), scratch.path());
        if !args.json {
            println!("{}", report::table(&row, &result));
        }
        results.push((row, result));
    }
    if args.json {
        println!("{:#}", report::json(&results));
    }
}
