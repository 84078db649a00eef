//! The shell steps of the project's workflows and Jenkinsfile, run as a runner would: in a checkout, in an environment of their own.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde::Deserialize;

use super::project::{Project, finish};
use super::report::{Fault, Report, Verdict};

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
    let checkout = project.sandbox.root().join("checkout");
    let mut steps = Vec::new();
    report.check(selection, "CI: a checkout has steps to run", || {
        steps = prepare(project, &checkout)?;
        Ok(())
    });
    for step in &steps {
        if step.here {
            report.check(selection, &format!("CI, {}", step.name), || run(project, &checkout, step, ports));
        } else {
            report.check(selection, &format!("CI, {} (as far as a shell reads it)", step.name), || read(project, step));
        }
    }
}

fn prepare(project: &Project, checkout: &Path) -> Result<Vec<Step>, Fault> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/backend/ci_steps.py");
    let words = [&*script.to_string_lossy(), &*project.dir.to_string_lossy(), &*checkout.to_string_lossy()];
    let said = finish(project.command(project.path(".venv/bin/python"), &words), "ci_steps.py")?.succeeds()?;
    let steps: Result<Vec<Step>, _> = said.stdout.lines().map(serde_json::from_str).collect();
    let environment = checkout.join(".venv");
    let words = ["-m", "venv", &*environment.to_string_lossy()];
    finish(project.command(project.path(".venv/bin/python"), &words), "venv")?.succeeds()?;
    steps.map_err(|error| Fault::Broken(format!("{error}: {said}")))
}

fn run(project: &Project, checkout: &Path, step: &Step, ports: [(&str, u16); 2]) -> Verdict {
    let mut command = shell(project, step, &[]);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = [checkout.join(".venv/bin")].into_iter().chain(std::env::split_paths(&path));
    command.current_dir(checkout).env("PATH", std::env::join_paths(path).unwrap());
    for (name, value) in &step.env {
        let here = |value: String, (theirs, ours): (&str, u16)| {
            value.replace(&format!("localhost:{theirs}"), &format!("127.0.0.1:{ours}"))
        };
        command.env(name, ports.into_iter().fold(value.clone(), here));
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
