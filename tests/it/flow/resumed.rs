//! What was begun and goes on: who is kept out meanwhile, what a dry run foretells, and what is told at the end.

use super::world::{CONFLICT, World as _, conflicting, flow, refused, with_remote};

/// Leaves a program behind that lives until `alive` is taken away, with all the files open that Git has.
const DAEMON: &str =
    "setsid sh -c 'while [ -e ../tmp/alive ]; do sleep 0.05; done' </dev/null >/dev/null 2>&1 &\nexit 0";

#[test]
fn what_a_hook_leaves_running_keeps_nobody_out() {
    for end in ["--continue", "--abort"] {
        let sandbox = conflicting(flow()).hook("post-checkout", DAEMON);
        sandbox.write("../tmp/alive", "");
        sandbox.run("flow finish --resolve").fails(3, CONFLICT);
        sandbox.write("base.txt", "both\n");
        sandbox.ask_git(&["add", "base.txt"]);
        sandbox.run(&format!("flow finish {end}")).succeeds();
        assert!(!sandbox.exists(".git/prodev"), "{end}");
        std::fs::remove_file(sandbox.path("../tmp/alive")).unwrap();
    }
}

#[test]
fn a_dry_run_in_a_conflict_refuses_as_the_run_does() {
    for strategy in ["", " --squash", " --rebase"] {
        let sandbox = conflicting(flow());
        let run = sandbox.run(&format!("flow finish --resolve{strategy}")).exits(3);
        for dry in ["flow finish --continue --dry-run", "--dry-run flow finish feature/login"] {
            refused(sandbox.run(dry), 3, &run.stderr);
        }
        sandbox.run("flow finish --continue").fails(3, &run.stderr);
        sandbox.write("base.txt", "both\n");
        sandbox.ask_git(&["add", "base.txt"]);
        sandbox.run("flow finish --continue --dry-run").succeeds().changed_nothing();
        sandbox.run("flow finish --continue").succeeds();
    }
    let sandbox = conflicting(flow());
    let run = sandbox.run("flow update").exits(3);
    refused(sandbox.run("flow update --continue --dry-run"), 3, &run.stderr);
}

#[test]
fn going_on_tells_what_the_finish_would_have_told() {
    let sandbox = conflicting(with_remote());
    sandbox.run("flow finish --resolve").exits(3);
    sandbox.write("base.txt", "both\n");
    sandbox.ask_git(&["add", "base.txt"]);
    sandbox.run("flow finish --continue").succeeds().stderr_is(
        "Finished `feature/login`: it is in `develop`, the branch is gone\n\nPush it: git push --atomic origin develop\n",
    );
    let sandbox = with_remote().git("switch -q -c release/1.0.0").commit("version.txt", "1.0.0\n");
    let away = |from: &str, to: &str| std::fs::rename(sandbox.path(from), sandbox.path(to)).unwrap();
    away("../tmp/origin.git", "../tmp/away.git");
    sandbox.run("flow finish --push --no-fetch").exits(1);
    away("../tmp/away.git", "../tmp/origin.git");
    let run = sandbox.run("flow finish --continue --json").succeeds();
    assert_eq!(run.json()["tag"], "1.0.0");
    assert_eq!(run.json()["into"], serde_json::json!(["main", "develop"]));
    assert_eq!(
        run.stderr,
        "Finished `release/1.0.0`: it is in `main`, `develop`, tagged `1.0.0`, pushed, the branch is gone\n"
    );
}

#[test]
fn what_is_not_at_the_remote_is_not_to_be_pushed() {
    for (gone, fetched) in [(true, false), (true, true), (false, false)] {
        let sandbox = with_remote()
            .git("switch -q -c feature/login")
            .commit("login.txt", "1\n")
            .git("push -q -u origin feature/login")
            .git("clone -q ../tmp/origin.git ../tmp/forge")
            .git("-C ../tmp/forge switch -q develop")
            .git("-C ../tmp/forge merge -q --squash origin/feature/login");
        sandbox.ask_git(&["-C", "../tmp/forge", "commit", "-q", "-m", "Login (#1)"]);
        let sandbox = sandbox.git("-C ../tmp/forge push -q origin develop");
        let sandbox = if gone { sandbox.git("-C ../tmp/forge push -q origin :feature/login") } else { sandbox };
        let sandbox = if fetched { sandbox.git("fetch -q") } else { sandbox };
        let run = sandbox.run("flow finish").succeeds();
        let push = if gone { "" } else { "\nPush it: git push --atomic origin :feature/login\n" };
        let said = format!("Finished `feature/login`: it is in `develop`, the branch is gone\n{push}");
        assert_eq!(run.stderr, said, "gone: {gone}, fetched: {fetched}");
    }
}
