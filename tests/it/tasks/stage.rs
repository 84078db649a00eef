//! A template that runs something, and a project of it.

use crate::sandbox::Sandbox;

/// A template in `../tpl` with one file, and this behind `[template]`.
#[track_caller]
pub(super) fn template(more: &str) -> Sandbox {
    let sandbox = Sandbox::new().env("SOURCE_DATE_EPOCH", "1735732800");
    manifest(&sandbox, "1.0.0", more);
    sandbox.file("../tpl/files/a", "one\n")
}

/// Gives the template another version.
#[track_caller]
pub(super) fn manifest(sandbox: &Sandbox, version: &str, more: &str) {
    sandbox.write("../tpl/template.toml", format!("[template]\nname = \"tpl\"\nversion = \"{version}\"\n{more}"));
}

/// A task that writes its name behind those before it, into `log` in the project.
pub(super) fn logs(name: &str) -> String {
    format!("[[tasks]]\nrun = \"echo {name} >> log\"\n")
}

/// What the tasks have written.
pub(super) fn log(sandbox: &Sandbox) -> Vec<String> {
    sandbox.read("shop/log").lines().map(ToOwned::to_owned).collect()
}
