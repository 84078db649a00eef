//! What the built-in template `django-api` generates, proven from outside: generated, installed, tested, served, broken on purpose.
//!
//! `PRODEV_PROOF=everything` adds every component alone, everything without it, other Pythons and all mutants; see `tests/README.md`.

use std::process::Command;
use std::sync::Mutex;

mod bench;
mod ci;
mod generation;
mod live;
mod mutants;
mod project;
mod report;
mod selection;
mod services;
mod suite;
mod validators;

use bench::Bench;
use report::{Fault, Report};
use selection::Selection;

use crate::proof;

#[test]
fn generated_backends_hold_what_they_promise() {
    let Some(python) = proof::python("what generated backends promise") else { return };
    let (bench, report) = (Bench::new(python), Report::default());
    generation::refuses(&report);

    // The long one first: two are at work at a time.
    let mut selections = vec![Selection::full(), Selection::default(), Selection::minimal()];
    let only = std::env::var("PRODEV_PROOF_ONLY").ok();
    let wanted = |name: &str| only.as_ref().is_none_or(|only| only.split(',').any(|it| it == name));
    let all = proof::everything() || only.is_some();
    if all {
        selections.extend(Selection::everything());
    }
    selections.retain(|selection| wanted(&selection.name));
    in_pairs(selections, |selection| prove(&report, &bench, &selection));
    if all {
        other_pythons(&report, &bench, wanted);
    }
    report.finish();
}

/// Everything that is to be said of one selection.
fn prove(report: &Report, bench: &Bench, selection: &Selection) {
    let Some(project) = generation::prove(report, selection) else { return };
    if !suite::install(report, bench, &project) {
        return;
    }
    let tests = suite::prove(report, &project);
    live::prove(report, &project);
    if selection.name == "full" {
        suite::prove_full(report, &project);
        services::prove(report, &project, tests);
        mutants::prove(report, &project, proof::everything());
    }
    if selection.name == "full" || proof::everything() {
        validators::prove(report, bench, &project);
    }
}

/// Installs and tests everything on the Pythons beside the one that all the rest was proven on.
fn other_pythons(report: &Report, bench: &Bench, wanted: impl Fn(&str) -> bool) {
    for version in ["3.11", "3.12", "3.13"] {
        let python = format!("python{version}");
        let mut selection = Selection::full();
        selection.name = format!("full on Python {version}");
        if !wanted(&selection.name) {
            continue;
        }
        // That a name is on `PATH` does not say that a Python is behind it.
        let works = Command::new(&python).arg("--version").output().is_ok_and(|output| output.status.success());
        if !works {
            let missing = || Err(Fault::Bonus(format!("{python} is not on PATH")));
            report.check(&selection.name, "installs and passes", missing);
            continue;
        }
        let bench = bench.with_python(&python);
        let Some(project) = generation::prove(report, &selection) else { continue };
        if suite::install(report, &bench, &project) {
            suite::prove(report, &project);
        }
    }
}

/// Does the work two at a time, in order: most of it keeps one core busy.
fn in_pairs<T: Send>(work: Vec<T>, run: impl Fn(T) + Sync) {
    let queue = Mutex::new(work.into_iter());
    let next = || queue.lock().unwrap().next();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(item) = next() {
                    run(item);
                }
            });
        }
    });
}
