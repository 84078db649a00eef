//! What the built-in template `django-api` generates, proven from outside: generated, installed, tested, served, broken on purpose.
//!
//! `PRODEV_PROOF=everything` adds every component alone, everything without it, other Pythons and all mutants; see `tests/README.md`.

use std::sync::Mutex;
use std::time::Duration;

mod bench;
mod checks;
mod ci;
mod containers;
mod extras;
mod generation;
mod live;
mod mutants;
mod operations;
mod pipelines;
mod project;
mod renewal;
mod report;
mod selection;
mod services;
mod suite;
mod validators;

use bench::Bench;
use report::{Fault, Report};
use selection::{COMPONENTS, Selection};

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
    if !all {
        selections.extend(called_for(&report));
    }
    in_pairs(selections, |selection| prove(&report, &bench, &selection));
    if all {
        other_pythons(&report, &bench, wanted);
    }
    renew(&report, &bench, only.as_deref());
    if wanted("python-pipeline") {
        pipelines::prove(&report);
    }
    if wanted("service-extras") {
        extras::prove(&report, &bench);
    }
    report.finish(only.is_none());
}

/// How many of the changed components are proven alone, so that it does not take all day.
const MOST_CHANGED: usize = 4;

/// Each component that has changed since the commit `PRODEV_PROOF_SINCE`.
fn called_for(report: &Report) -> Vec<Selection> {
    let since = std::env::var("PRODEV_PROOF_SINCE").unwrap_or_default();
    let mut changed = if since.is_empty() { Vec::new() } else { Selection::changed(&since) };
    for left in changed.split_off(changed.len().min(MOST_CHANGED)) {
        let why =
            format!("it has changed as well, but {MOST_CHANGED} others have; `PRODEV_PROOF=everything` proves it");
        report.add(&left.name, "all checks", Err(Fault::Bonus(why)), Duration::ZERO);
    }
    changed
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
    if project.has("docker") && (selection.name == "full" || proof::everything()) {
        containers::prove(report, bench, &project);
    }
}

/// Components that come and go, and an update: a few of them always, all where everything is wished for.
fn renew(report: &Report, bench: &Bench, only: Option<&str>) {
    let wanted = |name: &str| only.is_none_or(|only| only.split(',').any(|it| it == name));
    if wanted("updated") {
        renewal::updates(report, bench);
    }
    let few = ["graphql", "celery"];
    let names = COMPONENTS.iter().map(|(name, _)| *name);
    let names: Vec<&str> = match only {
        None => names.filter(|name| proof::everything() || few.contains(name)).collect(),
        Some(_) => names.filter(|name| wanted(&format!("{name} renewed"))).collect(),
    };
    renewal::components(report, bench, &names);
}

/// Installs and tests everything on the Pythons beside the one that all the rest was proven on.
fn other_pythons(report: &Report, bench: &Bench, wanted: impl Fn(&str) -> bool) {
    for version in ["3.11", "3.12", "3.13"] {
        let mut selection = Selection::full();
        selection.name = format!("full on Python {version}");
        if !wanted(&selection.name) {
            continue;
        }
        let Some(python) = bench::python(version) else {
            let missing = || Err(Fault::Bonus(format!("there is no python{version}")));
            report.check(&selection.name, "installs and passes", missing);
            continue;
        };
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
