//! Templates for tests, made from tables of paths and texts, and the trees that come out of them.

use std::collections::BTreeMap;

use crate::sandbox::Sandbox;

/// The start of every `template.toml` here.
const HEAD: &str = "[template]\nname = \"tpl\"\nversion = \"1.0.0\"\n\n";

/// A sandbox with a template beside its working directory: `../tpl`. The text for `template.toml` follows on the usual head.
#[track_caller]
pub(super) fn with_template(table: &[(&str, &str)]) -> Sandbox {
    let sandbox = Sandbox::new().env("SOURCE_DATE_EPOCH", "1735732800");
    put(&sandbox, "../tpl", table);
    sandbox
}

/// Writes a template into `folder` of a sandbox.
#[track_caller]
pub(super) fn put(sandbox: &Sandbox, folder: &str, table: &[(&str, &str)]) {
    sandbox.write(&format!("{folder}/template.toml"), HEAD);
    for (path, text) in table {
        match *path {
            "template.toml" => sandbox.write(&format!("{folder}/{path}"), format!("{HEAD}{text}")),
            _ => sandbox.write(&format!("{folder}/{path}"), text),
        }
    }
}

/// A template with one file of each sort: `a.txt`, `bin/run` (executable), `sub/b.txt` (rendered), `link`.
#[track_caller]
pub(super) fn with_plain_template() -> Sandbox {
    let sandbox = with_template(&[
        ("template.toml", "[[files]]\nmatch = 'bin/**'\nexecutable = true\n"),
        ("files/a.txt", "a\n"),
        ("files/bin/run", "#!/bin/sh\n"),
        ("files/sub/b.txt.jinja", "{{ 1 + 1 }}\n"),
    ]);
    link(&sandbox, "sub/b.txt", "../tpl/files/link");
    sandbox
}

/// Makes a symbolic link.
#[track_caller]
pub(super) fn link(sandbox: &Sandbox, target: &str, path: &str) {
    let path = sandbox.path(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::os::unix::fs::symlink(target, path).unwrap();
}

/// All that is in `path`, by name: what it is, its mode, its content.
pub(super) fn tree(sandbox: &Sandbox, path: &str) -> BTreeMap<String, String> {
    sandbox.snapshot(path)
}

/// The same without what is in `.git`.
pub(super) fn project(sandbox: &Sandbox, path: &str) -> BTreeMap<String, String> {
    let mut all = tree(sandbox, path);
    all.retain(|path, _| !path.starts_with(".git/") && !path.contains("/.git/"));
    all
}

/// The names in `path` of the working directory, sorted.
pub(super) fn names(sandbox: &Sandbox, path: &str) -> Vec<String> {
    let entries = std::fs::read_dir(sandbox.path(path)).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// What is in one tree and not in the other.
pub(super) fn different(is: &BTreeMap<String, String>, should: &BTreeMap<String, String>) -> String {
    let more =
        is.iter().filter(|(path, what)| should.get(*path) != Some(what)).map(|(path, what)| format!("+ {path} {what}"));
    let less =
        should.iter().filter(|(path, what)| is.get(*path) != Some(what)).map(|(path, what)| format!("- {path} {what}"));
    more.chain(less).collect::<Vec<_>>().join("\n")
}
