//! `stats`: lines, words and bytes of files or of stdin. An example, there to be replaced.

use std::fs::File;
use std::io::{self, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use serde::Serialize;

use crate::counting::{Counts, count};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Files to read; `-` or none: stdin
    #[arg(value_name = "FILE", default_value = "-")]
    files: Vec<PathBuf>,
}

#[derive(Serialize)]
struct Report {
    files: Vec<Entry>,
    total: Counts,
}

#[derive(Serialize)]
struct Entry {
    name: String,
    #[serde(flatten)]
    counts: Counts,
}

/// Counts what can be read; a file that cannot is named, the others are still counted.
pub(crate) fn run(args: &Args, json: bool, out: &mut impl Write) -> anyhow::Result<ExitCode> {
    let mut code = ExitCode::SUCCESS;
    let mut files = Vec::new();
    for path in &args.files {
        match count_file(path) {
            Ok(counts) => files.push(Entry {
                name: path.display().to_string(),
                counts,
            }),
            Err(error) => {
                eprintln!("error: {error:#}");
                code = ExitCode::FAILURE;
            }
        }
    }

    let total = files.iter().map(|entry| entry.counts).sum();
    let report = Report { files, total };
    if json {
        serde_json::to_writer_pretty(&mut *out, &report)?;
        writeln!(out)?;
    } else {
        write_table(&report, out)?;
    }
    Ok(code)
}

fn count_file(path: &Path) -> anyhow::Result<Counts> {
    let counts = if path == Path::new("-") {
        count(io::stdin().lock())
    } else {
        File::open(path).and_then(|file| count(BufReader::new(file)))
    };
    counts.with_context(|| format!("could not read `{}`", path.display()))
}

fn write_table(report: &Report, out: &mut impl Write) -> io::Result<()> {
    for entry in &report.files {
        write_row(entry.counts, &entry.name, out)?;
    }
    if report.files.len() > 1 {
        write_row(report.total, "total", out)?;
    }
    Ok(())
}

fn write_row(counts: Counts, name: &str, out: &mut impl Write) -> io::Result<()> {
    let Counts {
        lines,
        words,
        bytes,
    } = counts;
    writeln!(out, "{lines:>8} {words:>8} {bytes:>8} {name}")
}
