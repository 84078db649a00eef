//! The shell steps of the project's workflows and Jenkinsfile, run as a runner would: in a checkout, in an environment of their own.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde::Deserialize;

use super::bench::Bench;
use super::project::{Project, finish};
use super::report::{Fault, Report, Verdict, ensure};

#[derive(Deserialize)]
struct Step {
    name: String,
    shell: Vec<String>,
    script: String,
    env: BTreeMap<String, String>,
    /// Whether it can be done without an engine, a cluster and a registry.
    here: bool,
}

/// Each step a row; `ports` are where the services are that the workflow expects on ports of its own.
pub(super) fn prove(report: &Report, selection: &str, project: &Project, ports: [(&str, u16); 2]) {
    let python = project.path(".venv/bin/python");
    all(report, selection, project, &python, &ports, &[]);
}

/// The same for a project without an environment of Python's; a step with one of the words `not_here` is only read.
pub(super) fn prove_with(report: &Report, selection: &str, project: &Project, bench: &Bench, not_here: &[&str]) {
    match bench.validator(project, "python") {
        Ok(python) => all(report, selection, project, &python, &[], not_here),
        Err(fault) => report.add(selection, "CI: a checkout has steps to run", Err(fault), Duration::ZERO),
    }
}

/// `python` has a parser of YAML, which the standard library has not.
fn all(report: &Report, selection: &str, project: &Project, python: &Path, ports: &[(&str, u16)], not_here: &[&str]) {
    let checkout = project.sandbox.root().join("checkout");
    let mut steps = Vec::new();
    report.check(selection, "CI: a checkout has steps to run", || {
        steps = prepare(project, python, &checkout)?;
        ensure(!steps.is_empty(), || "there is no step".to_owned())
    });
    for step in &steps {
        if step.here && !not_here.iter().any(|word| step.script.contains(word)) {
            report.check(selection, &format!("CI, {}", step.name), || run(project, &checkout, step, ports));
        } else {
            report.check(selection, &format!("CI, {} (as far as a shell reads it)", step.name), || read(project, step));
        }
    }
}

fn prepare(project: &Project, python: &Path, checkout: &Path) -> Result<Vec<Step>, Fault> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/backend/ci_steps.py");
    let words = [&*script.to_string_lossy(), &*project.dir.to_string_lossy(), &*checkout.to_string_lossy()];
    let said = finish(project.command(python, &words), "ci_steps.py")?.succeeds()?;
    let steps: Result<Vec<Step>, _> = said.stdout.lines().map(serde_json::from_str).collect();
    let environment = checkout.join(".venv");
    let words = ["-m", "venv", &*environment.to_string_lossy()];
    finish(project.command(python, &words), "venv")?.succeeds()?;
    steps.map_err(|error| Fault::Broken(format!("{error}: {said}")))
}

fn run(project: &Project, checkout: &Path, step: &Step, ports: &[(&str, u16)]) -> Verdict {
    let mut command = shell(project, step, &[]);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = [checkout.join(".venv/bin")].into_iter().chain(std::env::split_paths(&path));
    command.current_dir(checkout).env("PATH", std::env::join_paths(path).unwrap());
    for (name, value) in &step.env {
        let here = |value: String, (theirs, ours): &(&str, u16)| {
            value.replace(&format!("localhost:{theirs}"), &format!("127.0.0.1:{ours}"))
        };
        command.env(name, ports.iter().fold(value.clone(), here));
    }
    finish(command, &step.script)?.succeeds().map(drop)
}

fn read(project: &Project, step: &Step) -> Verdict {
    finish(shell(project, step, &["-n"]), &step.script)?.succeeds().map(drop)
}

fn shell(project: &Project, step: &Step, more: &[&str]) -> Command {
    let mut words: Vec<&str> = step.shell[1..].iter().map(String::as_str).collect();
    words.extend(more);
    words.extend(["-c", &step.script]);
    project.command(&step.shell[0], &words)
}
