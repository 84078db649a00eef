//! `prodev schedule`: when recipes run by themselves, and who keeps their times.

mod export;
mod fire;
mod install;
mod times;

use crate::sandbox::Sandbox;

/// A project with these recipes.
fn project(recipes: &str) -> Sandbox {
    Sandbox::new().file("prodev.toml", recipes)
}

/// A recipe that writes a line, with this schedule.
fn recipe(name: &str, schedule: &str) -> String {
    format!("[recipes.{name}]\nrun = \"echo {name} >> log\"\nschedule = {schedule}\n\n")
}

/// A folder with a program of this name, which `sh` runs, and the `PATH` that begins with it.
fn with_program(sandbox: Sandbox, name: &str, script: &str) -> Sandbox {
    use std::os::unix::fs::PermissionsExt as _;

    let path = format!("../cache/bin/{name}");
    sandbox.write(&path, format!("#!/bin/sh\n{script}"));
    std::fs::set_permissions(sandbox.path(&path), std::fs::Permissions::from_mode(0o755)).unwrap();
    let folder = sandbox.root().join("cache/bin");
    sandbox.env("PATH", &format!("{}:/usr/bin:/bin", folder.display()))
}
