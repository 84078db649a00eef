//! Journals that are not prodev's: they come with a clone or an archive, broken or evil, and must do no harm.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Value, json};

use super::templates::{link, tree, with_plain_template};
use crate::sandbox::Sandbox;

/// The BLAKE3 digest of a text, as a journal writes it.
fn digest(text: &str) -> Value {
    json!(blake3::hash(text.as_bytes()).as_bytes().to_vec())
}

/// A project with a journal in `shop/.prodev/journal`, of this mode. Outside there are files that somebody may be after.
fn with_journal(mode: u32, record: &str) -> Sandbox {
    let sandbox = with_plain_template()
        .file("shop/own.txt", "own")
        .file("shop/sub/own.txt", "own")
        .file("../home/secret", "secret")
        .file("../home/folder/own.txt", "own")
        .file("own.txt", "own")
        .file("shop/.prodev/journal/old/000000", "evil")
        .file("shop/.prodev/journal/journal.json", record);
    link(&sandbox, "../../home", "shop/out");
    let journal = sandbox.path("shop/.prodev/journal");
    std::fs::set_permissions(journal, std::fs::Permissions::from_mode(mode)).unwrap();
    sandbox
}

/// The journal of a run that was killed in `root`.
fn record(sandbox_root: &str, deeds: &Value) -> String {
    json!({ "version": 1, "root": sandbox_root, "deeds": deeds }).to_string()
}

/// Everything but the journal itself.
fn without_journal(sandbox: &Sandbox) -> std::collections::BTreeMap<String, String> {
    let mut all = tree(sandbox, "..");
    all.retain(|path, _| !path.starts_with("work/shop/.prodev"));
    all
}

fn evil(path: &str, new: &str) -> Value {
    let saved = json!({ "copy": "000000", "digest": digest("evil"), "mode": 0o4777, "link": false });
    json!([{ "file": { "path": path, "new": digest(new), "old": saved } }])
}

fn removal(path: &str, new: &str) -> Value {
    json!([{ "file": { "path": path, "new": digest(new), "old": null } }])
}

#[test]
fn a_journal_that_came_with_a_clone_is_ignored() {
    let sandbox = with_journal(0o755, "");
    let root = sandbox.path("shop").to_string_lossy().into_owned();
    sandbox.write("shop/.prodev/journal/journal.json", record(&root, &removal("own.txt", "own")));
    sandbox.run("-C shop template list").succeeds().stderr_is("").changed_nothing();
    sandbox.run("-C shop/sub template list").succeeds().stderr_is("").changed_nothing();
    let run = sandbox.run("new ../tpl shop --overwrite force --no-git").exits(1).changed_nothing();
    assert!(run.stderr.contains(".prodev/journal` is where prodev keeps its journal"), "{run}");
    assert!(run.stderr.contains("hint: "), "{run}");
}

#[test]
fn a_link_in_the_place_of_a_journal_is_not_followed() {
    for place in ["shop/.prodev/journal", "shop/.prodev"] {
        let sandbox = with_plain_template().file("../home/victim/journal/journal.json", "{}").file("shop/own", "");
        for folder in ["../home/victim", "../home/victim/journal"] {
            std::fs::set_permissions(sandbox.path(folder), std::fs::Permissions::from_mode(0o700)).unwrap();
        }
        let target = if place.ends_with("journal") { "../../../home/victim/journal" } else { "../../home/victim" };
        link(&sandbox, target, place);
        sandbox.run("-C shop template list").succeeds().stderr_is("").changed_nothing();
        sandbox.run("new ../tpl shop --overwrite force --no-git").exits(1).changed_nothing();
    }
}

#[test]
fn garbage_is_refused_and_left() {
    for garbage in
        ["", "garbage", "{}", "[]", "{\"version\": 2}", "null", "{\"version\":1,\"root\":\"/\",\"deeds\":[]}"]
    {
        let sandbox = with_journal(0o700, garbage);
        let run = sandbox.run("-C shop template list").succeeds().changed_nothing();
        assert!(run.stderr.contains("warning: the journal `") && run.stderr.contains("cannot be read"), "{run}");
        let run = sandbox.run("new ../tpl shop --overwrite force").exits(1).changed_nothing();
        assert!(run.stderr.contains("cannot be read") && run.stderr.contains("hint: "), "{run}");
    }
    let deep = "[".repeat(100_000);
    with_journal(0o700, &deep).run("-C shop template list").succeeds().changed_nothing();
}

#[test]
fn a_journal_does_nothing_outside_of_its_folder() {
    let attacks = [
        ("", evil("../own.txt", "own")),
        ("", removal("../own.txt", "own")),
        ("", removal("../../home/secret", "secret")),
        ("", removal("/etc/passwd", "own")),
        ("", removal("out/secret", "secret")),
        ("", evil("out/secret", "secret")),
        ("", removal("out/folder/own.txt", "own")),
        ("", json!([{ "folder": { "path": "out/empty" } }])),
        ("", json!([{ "folder": { "path": "../empty" } }])),
        ("", evil(".git/hooks/pre-commit", "own")),
        ("/..", removal("own.txt", "own")),
        ("/../shop/..", removal("own.txt", "own")),
        ("/out", removal("secret", "secret")),
        ("/../../home", removal("secret", "secret")),
        ("/sub/../..", removal("own.txt", "own")),
        ("/../../home", json!(["repository"])),
        ("/out/repo", json!(["repository"])),
    ];
    for (root, deeds) in attacks {
        let sandbox = with_journal(0o700, "");
        std::fs::create_dir(sandbox.path("empty")).unwrap();
        std::fs::create_dir(sandbox.path("../home/empty")).unwrap();
        let sandbox = sandbox.git("init -q ../home/repo");
        let shop = sandbox.path("shop").to_string_lossy().into_owned();
        sandbox.write("shop/.prodev/journal/journal.json", record(&format!("{shop}{root}"), &deeds));
        let before = without_journal(&sandbox);
        for place in ["shop", "shop/sub"] {
            sandbox.run(&format!("-C {place} template list"));
        }
        sandbox.run("new ../tpl shop --dry-run --overwrite force");
        assert_eq!(without_journal(&sandbox), before, "{root} {deeds}");
    }
}

#[test]
fn a_copy_that_a_journal_names_is_one_of_its_own() {
    for copy in ["../../../../home/secret", "/etc/passwd", "..", "", "a"] {
        let sandbox = with_journal(0o700, "");
        let root = sandbox.path("shop").to_string_lossy().into_owned();
        let saved = json!({ "copy": copy, "digest": digest("evil"), "mode": 0o644, "link": false });
        let deeds = json!([{ "file": { "path": "own.txt", "new": digest("own"), "old": saved } }]);
        sandbox.write("shop/.prodev/journal/journal.json", record(&root, &deeds));
        let before = without_journal(&sandbox);
        let run = sandbox.run("-C shop template list").succeeds();
        assert!(run.stderr.contains("which it cannot have"), "{run}");
        assert_eq!(without_journal(&sandbox), before);
    }
}

#[test]
fn a_repository_with_work_in_it_is_never_removed() {
    for format in ["files", "reftable"] {
        let sandbox = with_journal(0o700, "").git(&format!("init -q --ref-format={format} shop"));
        let root = sandbox.path("shop").to_string_lossy().into_owned();
        sandbox.write("shop/.prodev/journal/journal.json", record(&root, &json!(["repository"])));
        let sandbox = sandbox.git("-C shop add own.txt").git("-C shop commit -q -m Work");
        sandbox.run("-C shop template list").succeeds();
        assert_eq!(sandbox.ask_git(&["-C", "shop", "rev-list", "--count", "HEAD"]), "1", "{format}");
    }
}

#[test]
fn a_journal_in_a_folder_reached_by_a_way_round_is_found() {
    for dir in ["shop", "shop/.", "old/../shop", "alias", "./old/.././shop/"] {
        let sandbox = with_plain_template().file("shop/a.txt", "mine\n").file("old/x", "");
        link(&sandbox, "shop", "alias");
        let mut killed = sandbox.command(crate::sandbox::PRODEV);
        killed.env("PRODEV_TEST_FAULT", "16").args(["new", "../tpl", dir, "--overwrite", "force", "--no-git"]);
        assert!(!killed.output().unwrap().status.success());
        assert!(sandbox.exists("shop/.prodev/journal/journal.json"), "it was killed at the wrong moment");
        let run = sandbox.run(&format!("new ../tpl {dir} --overwrite force --no-git")).succeeds();
        assert!(run.stderr.contains("took back a change to `[DIR]/shop`"), "{dir}: {run}");
        assert!(!sandbox.exists("shop/.prodev/journal"));
    }
}
