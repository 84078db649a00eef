//! Files and commits that only the user has: what is begun, goes on or goes back leaves them where they are, or says what is in the way.

use std::os::unix::process::CommandExt as _;

use super::world::{World as _, conflicting, flow, refused, same};
use crate::sandbox::{PRODEV, Sandbox};

/// A feature in a linked worktree that brings `path`; its target is checked out here, with something else at that place.
fn in_the_way(path: &str, here: &str) -> Sandbox {
    let sandbox = flow().commit(".gitignore", ".env\n").git("worktree add -q ../tmp/linked -b feature/login develop");
    sandbox.write(&format!("../tmp/linked/{path}"), "theirs\n");
    sandbox.ask_git(&["-C", "../tmp/linked", "add", "-f", path]);
    sandbox.ask_git(&["-C", "../tmp/linked", "commit", "-q", "-m", "Login"]);
    sandbox.write(path, here);
    sandbox
}

#[test]
fn a_file_in_the_way_where_the_target_is_checked_out_is_an_obstacle() {
    for (path, here) in [(".env", "mine\n"), ("notes.txt", "mine\n"), ("notes.txt", "theirs\n")] {
        let sandbox = in_the_way(path, here);
        let before = sandbox.essence();
        let said = format!(
            "error: the finish would overwrite `[DIR]/{path}`, which Git does not have\n\
             hint: move what is there to another place\n"
        );
        for words in ["-C ../tmp/linked flow finish --dry-run", "-C ../tmp/linked flow finish"] {
            refused(sandbox.run(words), 1, &said);
        }
        same(path, &sandbox.essence(), &before);
    }
    // What holds the same, and is ignored, is lost to nobody; and it is there after a way back, too.
    let sandbox = in_the_way(".env", "theirs\n");
    let before = sandbox.essence();
    let sandbox = sandbox.hook("post-flow-feature-finish", "exit 0").hook("pre-merge-commit", "exit 1");
    sandbox.run("-C ../tmp/linked flow finish").exits(1);
    let after = sandbox.essence();
    assert_eq!((after.get(".env"), after.get("git head")), (before.get(".env"), before.get("git head")));
    std::fs::remove_file(sandbox.path(".git/hooks/pre-merge-commit")).unwrap();
    sandbox.run("-C ../tmp/linked flow finish").succeeds();
    assert_eq!(sandbox.read(".env"), "theirs\n");
}

#[test]
fn a_squash_that_was_given_up_is_not_taken_for_made_by_another_commit() {
    let world = || {
        let sandbox = conflicting(flow()).commit("login.txt", "login\n");
        sandbox.run("flow finish --squash --resolve").exits(3);
        sandbox
    };
    let sandbox = world().git("reset -q --hard").git("commit -q --allow-empty -m Pulled");
    for words in ["flow finish --continue --dry-run", "flow finish --continue"] {
        sandbox.run(words).exits(3);
    }
    assert!(sandbox.has("refs/heads/feature/login"));
    sandbox.write("base.txt", "both\n");
    let sandbox = sandbox.git("add base.txt");
    sandbox.run("flow finish --continue").succeeds();
    assert_eq!(
        (sandbox.say("show develop:base.txt"), sandbox.say("show develop:login.txt")),
        ("both".into(), "login".into())
    );
    // Whoever commits it by hand has made it.
    let sandbox = world();
    sandbox.write("base.txt", "both\n");
    let sandbox = sandbox.git("add base.txt").git("commit -q -m Mine").git("commit -q --allow-empty -m More");
    sandbox.run("flow finish --continue --dry-run").succeeds().changed_nothing();
    sandbox.run("flow finish --continue").succeeds();
    assert!(!sandbox.has("refs/heads/feature/login"));
    assert_eq!(sandbox.say("log -2 --format=%s develop"), "More\nMine");
}

#[test]
fn a_conflict_alone_is_a_squash_by_the_message_that_git_proposes() {
    for (message, code) in [("--no-edit", 0), ("-mPulled", 3)] {
        let sandbox = conflicting(flow());
        sandbox.run("flow finish --squash --resolve").exits(3);
        sandbox.write("base.txt", "both\n");
        let sandbox = sandbox.git("add base.txt").git(&format!("commit -q {message}"));
        sandbox.run("flow finish --continue").exits(code);
        assert_eq!(sandbox.has("refs/heads/feature/login"), code != 0);
    }
}

#[test]
fn a_worktree_with_ignored_files_is_not_taken_away() {
    let sandbox = flow().commit(".gitignore", ".env\n").hook("post-flow-feature-start", "kill -9 $PPID");
    let mut command = sandbox.command(PRODEV);
    command.args(["flow", "start", "feature", "login", "--worktree", "../tmp/linked"]);
    assert!(!command.process_group(0).status().unwrap().success());
    sandbox.write("../tmp/linked/.env", "mine\n");
    let said = "error: `[TMP]/linked` has `.env`, which Git ignores: it would be gone\n\
                hint: keep it: `prodev flow start --continue`; or move it to another place\n";
    for words in ["flow start --abort --dry-run", "flow start --abort"] {
        refused(sandbox.run(words), 1, said);
    }
    std::fs::rename(sandbox.path("../tmp/linked/.env"), sandbox.path("../tmp/kept")).unwrap();
    let dry = sandbox.run("flow start --abort --dry-run").succeeds();
    assert!(dry.stdout.contains("remove") || dry.stderr.contains("remove"), "{dry}");
    sandbox.run("flow start --abort").succeeds();
    assert!(!sandbox.exists("../tmp/linked") && !sandbox.has("refs/heads/feature/login"));
}

#[test]
fn a_branch_that_was_deleted_in_a_conflict_comes_back() {
    let world = || {
        let sandbox = conflicting(flow());
        let before = sandbox.essence();
        let id = sandbox.say("rev-parse feature/login");
        sandbox.run("flow finish --resolve").exits(3);
        (sandbox.git("update-ref -d refs/heads/feature/login").git("merge --abort"), before, id)
    };
    let (sandbox, _, id) = world();
    let said = format!(
        "error: `feature/login` is gone\nhint: bring it back: `git update-ref refs/heads/feature/login {id}`\n"
    );
    refused(sandbox.run("flow finish --continue"), 1, &said);
    let sandbox = sandbox.git(&format!("update-ref refs/heads/feature/login {id}"));
    sandbox.run("flow finish --continue").fails(3, super::world::CONFLICT);
    let (sandbox, before, _) = world();
    sandbox.run("flow finish --abort --dry-run").succeeds().changed_nothing();
    sandbox.run("flow finish --abort").succeeds();
    same("abort", &sandbox.essence(), &before);
}

#[test]
fn a_hook_that_wants_another_message_in_a_conflict_is_told_a_way_that_is_open() {
    let sandbox = conflicting(flow());
    sandbox.run("flow finish --resolve").exits(3);
    sandbox.write("base.txt", "both\n");
    let sandbox = sandbox.git("add base.txt").hook("commit-msg", "grep -q T- \"$1\" || { echo ticket >&2; exit 1; }");
    sandbox.run("flow finish --continue").fails(
        1,
        "error: the hook `commit-msg` refused the merge into `develop`\n  caused by: ticket\n\
         hint: commit it yourself: `git commit`, then `prodev flow finish --continue`\n",
    );
    let sandbox = sandbox.git("commit -q -m T-1");
    sandbox.run("flow finish --continue").succeeds();
    assert!(!sandbox.has("refs/heads/feature/login"));
}
