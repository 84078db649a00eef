//! `python-pipeline` on each Python that it is for: its own tests, and a long file under a limit of memory, killed in the middle.

use std::path::Path;

use super::bench;
use super::project::{NAME, Project, finish};
use super::report::{Fault, Report, ensure};
use super::selection::Selection;
use crate::proof;
use crate::sandbox::Sandbox;

pub(super) fn prove(report: &Report) {
    let rows = if proof::everything() { "1000000" } else { "100000" };
    for version in ["3.11", "3.12", "3.13"] {
        let name = format!("python-pipeline on Python {version}");
        let Some(python) = bench::python(version) else {
            report.check(&name, "its tests pass", || Err(Fault::Bonus(format!("there is no python{version}"))));
            continue;
        };
        let project = Project::new(Sandbox::new(), Selection::of(&[]));
        project.sandbox.run(&format!("new python-pipeline {NAME} --defaults --preset full")).succeeds();
        report.check(&name, "its tests pass", || {
            let said = finish(project.command(&python, &["-W", "error", "-m", "unittest"]), "unittest")?.succeeds()?;
            ensure(said.stderr.contains("\nOK"), || said.to_string())
        });
        report.check(&name, &format!("{rows} rows under a limit of memory, killed in the middle"), || {
            let folder = tempfile::tempdir().unwrap();
            let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/backend/long_file.py");
            let words = [&*script.to_string_lossy(), NAME, &*folder.path().to_string_lossy(), rows];
            let said = finish(project.command(&python, &words), "long_file.py")?.succeeds()?;
            ensure(said.stderr.is_empty(), || said.to_string())
        });
    }
}
