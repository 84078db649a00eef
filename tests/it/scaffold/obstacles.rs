//! What can be in the way of a project: files, links, folders that cannot be written, and how each is kept, replaced or refused.

use std::os::unix::fs::PermissionsExt as _;

use super::templates::{link, project, tree, with_plain_template, with_template};
use crate::proof;
use crate::sandbox::{PRODEV, Sandbox};

/// A template, and a project folder `shop` with a file of the user's own that the template has too.
fn with_conflict() -> Sandbox {
    with_plain_template().file("shop/a.txt", "mine\n").file("shop/own.txt", "own\n")
}

fn mode(sandbox: &Sandbox, path: &str) -> u32 {
    sandbox.path(path).symlink_metadata().unwrap().permissions().mode() & 0o7777
}

fn set_mode(sandbox: &Sandbox, path: &str, mode: u32) {
    std::fs::set_permissions(sandbox.path(path), std::fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_folder_that_is_not_empty_is_refused_with_the_flags_that_settle_it() {
    for more in ["", " --no-input", " --dry-run", " --json"] {
        with_conflict()
            .run(&format!("new ../tpl shop{more}"))
            .exits(4)
            .stderr_is(
                "error: `shop` is not empty\n\
                 hint: choose another folder; or `--overwrite skip` keeps the files that are there, `--overwrite force` replaces them\n",
            )
            .changed_nothing();
    }
}

#[test]
fn asking_needs_a_terminal() {
    for flags in ["--overwrite ask", "-y", "-y --overwrite ask"] {
        with_conflict()
            .file("shop/sub/b.txt", "mine too")
            .run(&format!("new ../tpl shop {flags}"))
            .fails(
                4,
                "error: `shop` has files that the template would replace\n  \
                   `a.txt` is there already\n  \
                   `sub/b.txt` is there already\n\
                 hint: `--overwrite skip` keeps them, `--overwrite force` replaces them\n",
            )
            .changed_nothing();
    }
    // Where nothing differs there is nothing to ask.
    with_plain_template().file("shop/own.txt", "own").honest("new ../tpl shop -y");
}

#[test]
fn skip_keeps_what_is_there() {
    let sandbox = with_conflict();
    let run = sandbox.honest("new ../tpl shop --overwrite skip");
    assert_eq!(run.json()["steps"][0], serde_json::json!({ "action": "keep", "path": "a.txt" }));
    assert_eq!(sandbox.read("shop/a.txt"), "mine\n");
    assert_eq!(sandbox.read("shop/own.txt"), "own\n");
    assert_eq!(sandbox.read("shop/sub/b.txt"), "2\n");
    assert_eq!(sandbox.read("shop/.prodev/tpl/base/a.txt.base"), "a\n");
}

#[test]
fn force_replaces_what_the_template_has_and_nothing_else() {
    let sandbox = with_conflict();
    let run = sandbox.honest("new ../tpl shop --overwrite force");
    assert_eq!(run.json()["steps"][0], serde_json::json!({ "action": "replace", "path": "a.txt" }));
    assert_eq!(sandbox.read("shop/a.txt"), "a\n");
    assert_eq!(sandbox.read("shop/own.txt"), "own\n");
}

#[test]
fn a_replaced_file_keeps_its_mode_but_for_the_executable_bits() {
    let sandbox = with_conflict().file("shop/bin/run", "old").file("shop/sub/b.txt", "old");
    set_mode(&sandbox, "shop/a.txt", 0o640);
    set_mode(&sandbox, "shop/bin/run", 0o600);
    set_mode(&sandbox, "shop/sub/b.txt", 0o777);
    sandbox.run("new ../tpl shop --overwrite force").succeeds();
    assert_eq!(mode(&sandbox, "shop/a.txt"), 0o640);
    assert_eq!(mode(&sandbox, "shop/bin/run"), 0o700);
    assert_eq!(mode(&sandbox, "shop/sub/b.txt"), 0o666);
}

#[test]
fn files_that_are_the_same_already_are_left_alone() {
    let sandbox = with_plain_template();
    sandbox.run("new ../tpl shop").succeeds();
    let before = project(&sandbox, "shop");
    std::fs::remove_dir_all(sandbox.path("shop/.prodev")).unwrap();
    let inode = |path| std::os::unix::fs::MetadataExt::ino(&sandbox.path(path).symlink_metadata().unwrap());
    let inodes = ["shop/a.txt", "shop/link"].map(inode);
    sandbox.run("new ../tpl shop --overwrite ask").succeeds();
    assert_eq!(project(&sandbox, "shop"), before);
    assert_eq!(["shop/a.txt", "shop/link"].map(inode), inodes);
}

#[test]
fn once_and_skip_if_exists_files_are_never_replaced() {
    let rules = "[[files]]\nmatch = '.env'\nonce = true\n[[files]]\nmatch = 'mine.txt'\nskip_if_exists = true\n";
    let sandbox = with_template(&[
        ("template.toml", rules),
        ("files/.env.jinja", "KEY={{ random_secret(8) }}\n"),
        ("files/mine.txt", "theirs\n"),
    ])
    .file("shop/.env", "KEY=mine\n")
    .file("shop/mine.txt", "mine\n");
    sandbox.run("new ../tpl shop --overwrite force").succeeds();
    assert_eq!(sandbox.read("shop/.env"), "KEY=mine\n");
    assert_eq!(sandbox.read("shop/mine.txt"), "mine\n");
    assert!(!sandbox.exists("shop/.prodev/tpl/base/.env.base"));
    sandbox.run("new ../tpl fresh").succeeds();
    assert_eq!(mode(&sandbox, "fresh/.env"), 0o600, "a secret is for its owner alone");
    assert!(!sandbox.exists("fresh/.prodev/tpl/base/.env.base"));
}

#[test]
fn a_secret_that_comes_through_an_include_is_for_its_owner_alone() {
    let sandbox = with_template(&[
        ("template.toml", "[[files]]\nmatch = '.env'\nonce = true\n"),
        ("files/.env.jinja", "{% include 'key' %}\n"),
        ("includes/key", "KEY={{ random_secret(8) }}"),
    ]);
    sandbox.run("new ../tpl shop").succeeds();
    assert!(sandbox.read("shop/.env").starts_with("KEY="));
    assert_eq!(mode(&sandbox, "shop/.env"), 0o600);
}

#[test]
fn a_file_is_no_folder() {
    let sandbox = with_plain_template().file("shop", "a file");
    for dir in ["shop", "shop/below", "shop/below/it"] {
        sandbox
            .run(&format!("new ../tpl {dir} --overwrite force"))
            .fails(2, "error: `[DIR]/shop` is a file, and a project is a folder\nhint: choose another name\n")
            .changed_nothing();
    }
}

#[test]
fn a_link_to_nothing_is_no_folder() {
    let sandbox = with_plain_template();
    link(&sandbox, "gone", "shop");
    let run = sandbox.run("new ../tpl shop").exits(1).changed_nothing();
    assert!(run.stderr.starts_with("error: `[DIR]/shop` cannot be opened\n"), "{run}");
    assert!(run.stderr.contains("hint:"), "{run}");
}

#[test]
fn a_way_back_through_a_missing_folder_is_refused() {
    let run_in = with_plain_template();
    run_in.run("new ../tpl missing/../shop").exits(2).changed_nothing();
}

#[test]
fn folders_that_are_in_the_way_of_files_are_named_all_at_once() {
    let sandbox = with_plain_template().file("shop/a.txt/inner", "").file("shop/sub", "a file");
    link(&sandbox, "../../home", "shop/bin");
    sandbox
        .run("new ../tpl shop --overwrite force")
        .fails(
            1,
            "error: `shop` has things in the way\n  \
               `a.txt` is there, and is no file (move it away)\n  \
               `bin` is a link, and `bin/run` would be written through it (move the link away)\n  \
               `sub` is a file, and `sub/b.txt` needs a folder (move it away)\n",
        )
        .changed_nothing();
}

#[test]
fn nothing_is_written_through_a_linked_folder() {
    for target in ["../../home", "/tmp", "own", ".", "gone"] {
        for place in ["sub", ".prodev", ".prodev/tpl"] {
            let sandbox = with_plain_template().file("shop/own/x", "");
            link(&sandbox, target, &format!("shop/{place}"));
            sandbox.run("new ../tpl shop --overwrite force").exits(1).changed_nothing();
        }
    }
}

#[test]
fn a_link_in_the_place_of_a_file_is_replaced_and_its_target_left_alone() {
    for target in ["own.txt", "../../home/secret", "gone"] {
        let sandbox = with_plain_template().file("shop/own.txt", "own").file("../home/secret", "secret");
        link(&sandbox, target, "shop/a.txt");
        sandbox.run("new ../tpl shop --overwrite force").succeeds();
        assert_eq!(sandbox.read("shop/a.txt"), "a\n");
        assert!(sandbox.path("shop/a.txt").symlink_metadata().unwrap().is_file());
        assert_eq!(sandbox.read("shop/own.txt"), "own");
        assert_eq!(sandbox.read("../home/secret"), "secret");
        assert!(!sandbox.exists("shop/gone"));
    }
}

#[test]
fn a_pipe_in_the_way_is_not_opened() {
    let sandbox = with_plain_template().file("shop/own.txt", "own");
    assert!(sandbox.command("mkfifo").arg(sandbox.path("shop/a.txt")).status().unwrap().success());
    let run = sandbox.run("new ../tpl shop --overwrite force").exits(1).changed_nothing();
    assert!(run.stderr.contains("`a.txt` is there, and is no file"), "{run}");
}

/// prodev as a user whom permissions bind, also where the tests run as root. `None` where that cannot be.
fn as_ordinary_user(sandbox: &Sandbox) -> Option<std::process::Command> {
    if !rustix::process::geteuid().is_root() {
        return Some(sandbox.command(PRODEV));
    }
    if !proof::have("folders without permission", &["setpriv", "chown"]) {
        return None;
    }
    let owned = sandbox.command("chown").args(["-R", "12345:12345"]).arg(sandbox.root()).status().unwrap();
    assert!(owned.success());
    let mut command = sandbox.command("setpriv");
    command.args(["--reuid=12345", "--regid=12345", "--clear-groups", PRODEV]);
    Some(command)
}

#[test]
fn a_folder_without_permission_is_told_before_anything_is_done() {
    for (locked, dir) in [("parent", "parent/shop"), ("shop", "shop"), ("shop/sub", "shop"), ("parent", "parent/a/b")] {
        let sandbox = with_plain_template().file("shop/sub/own", "").file("parent/own", "");
        set_mode(&sandbox, locked, 0o555);
        for more in [&["--dry-run"][..], &[]] {
            let Some(mut command) = as_ordinary_user(&sandbox) else { return };
            let before = tree(&sandbox, "..");
            let output =
                command.args(["new", "../tpl", dir, "--overwrite", "force", "--no-git"]).args(more).output().unwrap();
            let said = sandbox.normalise(&output.stderr);
            assert_eq!(output.status.code(), Some(1), "{locked}: {said}");
            assert!(said.contains("cannot be written to"), "{locked}: {said}");
            assert_eq!(tree(&sandbox, ".."), before, "{locked}");
        }
        set_mode(&sandbox, locked, 0o755);
    }
}

#[test]
fn a_file_that_cannot_be_read_is_in_the_way() {
    let sandbox = with_conflict();
    set_mode(&sandbox, "shop/a.txt", 0o000);
    let Some(mut command) = as_ordinary_user(&sandbox) else { return };
    let before = tree(&sandbox, "..");
    let output = command.args(["new", "../tpl", "shop", "--overwrite", "force"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(sandbox.normalise(&output.stderr).contains("`a.txt` cannot be read"));
    assert_eq!(tree(&sandbox, ".."), before);
}

#[test]
fn another_executable_bit_is_a_difference() {
    let prepare = || {
        let sandbox = with_plain_template().file("shop/a.txt", "a\n").file("shop/bin/run", "#!/bin/sh\n");
        set_mode(&sandbox, "shop/a.txt", 0o755);
        set_mode(&sandbox, "shop/bin/run", 0o640);
        sandbox
    };
    let run = prepare();
    let run = run.run("new ../tpl shop --overwrite ask").exits(4).changed_nothing();
    assert!(run.stderr.contains("`a.txt` is there already\n  `bin/run` is there already"), "{run}");
    for (overwrite, modes) in [("skip", (0o755, 0o640)), ("force", (0o644, 0o750))] {
        let sandbox = prepare();
        sandbox.honest(&format!("new ../tpl shop --overwrite {overwrite}"));
        assert_eq!((mode(&sandbox, "shop/a.txt"), mode(&sandbox, "shop/bin/run")), modes, "{overwrite}");
    }
}
