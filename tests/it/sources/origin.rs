//! An author's repository in a sandbox: worked on in `../home/author`, published to the bare `../home/origin.git`.

use std::fmt::Write as _;

use crate::sandbox::Sandbox;

/// The address under which the author publishes, and as it is shown.
pub(super) fn url(sandbox: &Sandbox) -> String {
    format!("file://{}/origin.git", sandbox.home().display())
}

pub(super) const SHOWN: &str = "file://[HOME]/origin.git";

/// A sandbox with a published template `tpl` in version 1.0.0, tagged `v1.0.0`.
#[track_caller]
pub(super) fn published() -> Sandbox {
    let sandbox = Sandbox::new();
    publish(&sandbox, &[("template.toml", &manifest("1.0.0")), ("files/out", "one\n")], Some("v1.0.0"));
    sandbox
}

/// A `template.toml` with nothing but its head.
pub(super) fn manifest(version: &str) -> String {
    let mut text = String::from("[template]\nname = \"tpl\"\n");
    let _ = writeln!(text, "version = \"{version}\"");
    text
}

/// Commits these files on top of what there is, tags the commit, and pushes everything.
#[track_caller]
pub(super) fn publish(sandbox: &Sandbox, files: &[(&str, &str)], tag: Option<&str>) {
    if !sandbox.exists("../home/author") {
        sandbox.ask_git(&["init", "-q", "-b", "main", "../home/author"]);
        sandbox.ask_git(&["init", "-q", "--bare", "-b", "main", "../home/origin.git"]);
        author(sandbox, &["remote", "add", "origin", "../origin.git"]);
    }
    for (path, text) in files {
        sandbox.write(&format!("../home/author/{path}"), text);
    }
    author(sandbox, &["add", "-A", "-f"]);
    author(sandbox, &["commit", "-q", "--allow-empty", "-m", "Change"]);
    if let Some(tag) = tag {
        author(sandbox, &["tag", tag]);
    }
    author(sandbox, &["push", "-q", "--all", "--force", "origin"]);
    author(sandbox, &["push", "-q", "--tags", "--force", "origin"]);
}

/// Git in the author's working tree.
#[track_caller]
pub(super) fn author(sandbox: &Sandbox, args: &[&str]) -> String {
    sandbox.ask_git(&[&["-C", "../home/author"], args].concat())
}

/// The network goes away.
pub(super) fn cut(sandbox: &Sandbox) {
    std::fs::rename(sandbox.path("../home/origin.git"), sandbox.path("../home/gone.git")).unwrap();
}

/// The only mirror in the cache.
#[track_caller]
pub(super) fn mirror(sandbox: &Sandbox) -> std::path::PathBuf {
    let entries = std::fs::read_dir(sandbox.path("../cache/prodev/templates")).unwrap();
    let mut mirrors: Vec<_> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "git"))
        .collect();
    assert_eq!(mirrors.len(), 1, "{mirrors:?}");
    mirrors.remove(0)
}
