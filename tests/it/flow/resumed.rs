//! What was begun and goes on: who is kept out meanwhile, what a dry run foretells, and what is told at the end.

use std::os::unix::process::CommandExt as _;

use super::world::{CONFLICT, World as _, conflicting, flow, refused, same, with_remote};
use crate::sandbox::PRODEV;

/// Leaves a program behind that lives until `alive` is taken away, with all the files open that Git has.
const DAEMON: &str =
    "setsid sh -c ': >../tmp/up; while [ -e ../tmp/alive ]; do sleep 0.05; done' </dev/null >/dev/null 2>&1 &\nexit 0";

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

#[test]
fn a_lock_names_who_holds_it() {
    // prodev is killed while a hook waits: what the hook has started lives on, and so does the lock.
    let sandbox = conflicting(flow())
        .hook("post-checkout", &DAEMON.replace("exit 0", "while [ ! -e ../tmp/up ]; do sleep 0.05; done; kill -9 0"));
    sandbox.write("../tmp/alive", "");
    let mut command = sandbox.command(PRODEV);
    let status = command.args(["flow", "finish", "--resolve"]).process_group(0).status().unwrap();
    assert!(!status.success());
    for words in ["flow finish --continue", "flow finish --abort"] {
        let said = sandbox.run(words).exits(1).stderr;
        let (first, rest) = said.split_once('\n').unwrap();
        assert_eq!(first, "error: another prodev is at work in this repository");
        if cfg!(target_os = "linux") {
            assert!(rest.starts_with("  caused by: its lock is held by the process"), "{said}");
            assert!(rest.contains("(`sh`)") && rest.contains("end it: `kill "), "{said}");
        }
    }
    std::fs::remove_file(sandbox.path("../tmp/alive")).unwrap();
    // It ends within a moment; whoever runs the command again then goes on.
    while sandbox.run("flow finish --abort").stderr.starts_with("error: another prodev") {
        std::thread::yield_now();
    }
    assert!(!sandbox.exists(".git/prodev") && sandbox.head() == "feature/login");
}

#[test]
fn a_conflict_that_was_given_up_is_foretold_and_begun_anew_35() {
    for strategy in ["", " --squash", " --rebase"] {
        for way in ["abort", "reset --hard", "reset --merge"] {
            let sandbox = conflicting(flow());
            let before = sandbox.essence();
            let run = sandbox.run(&format!("flow finish --resolve{strategy}")).exits(3);
            let abort = if strategy == " --rebase" { "rebase --abort" } else { "merge --abort" };
            let way = if way == "abort" { abort } else { way };
            if strategy == " --rebase" && way != abort || strategy == " --squash" && way == abort {
                continue;
            }
            let what = format!("finish{strategy}, then git {way}");
            sandbox.say(way);
            let dry = sandbox.run("flow finish --continue --dry-run");
            assert_eq!(dry.stderr, run.stderr, "{what}");
            dry.exits(3).changed_nothing();
            let again = sandbox.run("flow finish --continue");
            assert_eq!(again.stderr, run.stderr, "{what}");
            again.exits(3);
            sandbox.write("base.txt", "both\n");
            sandbox.ask_git(&["add", "base.txt"]);
            sandbox.run("flow finish --continue --dry-run").succeeds().changed_nothing();
            sandbox.run("flow finish --continue").succeeds();
            assert_eq!(sandbox.say("show develop:base.txt"), "both", "{what}");
            let sandbox = conflicting(flow());
            sandbox.run(&format!("flow finish --resolve{strategy}")).exits(3);
            sandbox.say(way);
            sandbox.run("flow finish --abort").succeeds();
            same(&what, &sandbox.essence(), &before);
        }
    }
}

#[test]
fn whoever_goes_elsewhere_in_a_conflict_is_told_the_way_back() {
    let sandbox = conflicting(flow());
    sandbox.run("flow finish --resolve").exits(3);
    let sandbox = sandbox.git("merge --abort").git("switch -q main");
    let said = "error: `develop` is not checked out any more\nhint: go back to it with `git switch develop`\n";
    for words in ["flow finish --continue --dry-run", "flow finish --continue", "flow finish feature/login"] {
        refused(sandbox.run(words), 1, said);
    }
    // Also where the conflict itself is resolved.
    let sandbox = conflicting(flow());
    sandbox.run("flow finish --resolve").exits(3);
    sandbox.write("base.txt", "both\n");
    let sandbox = sandbox.git("add base.txt").git("commit -q --no-edit").git("switch -q feature/login");
    refused(sandbox.run("flow finish --continue"), 1, said);
    sandbox.say("switch -q develop");
    sandbox.run("flow finish --continue").succeeds();
    assert_eq!(
        (sandbox.say("show develop:base.txt"), sandbox.has("refs/heads/feature/login")),
        ("both".to_owned(), false)
    );
    // A merge of something else is nobody's to commit.
    let sandbox = conflicting(flow()).git("branch other main");
    sandbox.run("flow finish --resolve").exits(3);
    let sandbox = sandbox.git("merge --abort").git("switch -q other").commit("o.txt", "1\n").git("switch -q develop");
    let sandbox = sandbox.git("merge -q --no-commit --no-ff other");
    for words in ["flow finish --continue --dry-run", "flow finish --continue"] {
        let run = sandbox.run(words);
        let said = "error: another merge is in progress in `[DIR]`\n\
                    hint: end it with `git merge --continue` or `git merge --abort`\n";
        refused(run, 1, said);
    }
}

#[test]
fn a_target_that_was_reset_in_a_conflict_is_told() {
    let sandbox = conflicting(flow());
    sandbox.run("flow finish --resolve").exits(3);
    let sandbox = sandbox.git("reset -q --hard HEAD~1");
    for words in ["flow finish --continue --dry-run", "flow finish --continue"] {
        let run = sandbox.run(words).exits(1);
        assert!(run.stderr.starts_with("error: `develop` was moved by somebody else\n"), "{run}");
        assert!(run.stderr.contains("hint: bring it back: `git reset --keep "), "{run}");
        run.changed_nothing();
    }
}

#[test]
fn a_merge_that_was_quit_is_told_of() {
    let sandbox = conflicting(flow());
    sandbox.run("flow finish --resolve").exits(3);
    sandbox.write("base.txt", "both\n");
    let sandbox = sandbox.git("add base.txt").git("merge --quit");
    for words in ["flow finish --continue --dry-run", "flow finish --continue"] {
        let said = "error: the merge was given up, and left changes in `base.txt`\n\
                    hint: commit them, or put them aside with `git stash`; then it begins anew\n";
        refused(sandbox.run(words), 1, said);
    }
    // Committed on the target they settle what had conflicted, as far as Git sees it.
    let sandbox = sandbox.git("stash -q");
    sandbox.run("flow finish --continue").fails(3, CONFLICT);
}

#[test]
fn what_was_resolved_is_kept_where_something_fails_later() {
    let sandbox = flow()
        .git("switch -q -c release/1.0.0")
        .commit("base.txt", "ours\n")
        .git("switch -q main")
        .commit("base.txt", "theirs\n")
        .git("switch -q release/1.0.0");
    sandbox.run("flow finish --resolve").exits(3);
    sandbox.write("base.txt", "both\n");
    let sandbox = sandbox.git("add base.txt").hook("post-checkout", "exit 0");
    let hook = "case $(git symbolic-ref --short HEAD) in develop) echo 'not now' >&2; exit 1; esac";
    let sandbox = sandbox.hook("pre-merge-commit", hook);
    let run = sandbox.run("flow finish --continue").exits(1);
    assert_eq!(
        run.stderr,
        "error: the hook `pre-merge-commit` refused the merge into `develop`\n  caused by: not now\n\
         hint: satisfy it, and run the command again\n\
         hint: what you have resolved is kept; go on with `prodev flow finish --continue`\n\
         hint: or take all back with `prodev flow finish --abort`\n"
    );
    assert_eq!(sandbox.say("show main:base.txt"), "both");
    std::fs::remove_file(sandbox.path(".git/hooks/pre-merge-commit")).unwrap();
    sandbox.run("flow finish --continue").succeeds();
    assert_eq!(sandbox.say("show develop:base.txt"), "both");
}

#[test]
fn what_is_resolved_to_nothing_is_brought_in() {
    for strategy in ["", " --squash"] {
        let sandbox = conflicting(flow());
        sandbox.run(&format!("flow finish --resolve{strategy}")).exits(3);
        let sandbox = sandbox.git("checkout -q --ours base.txt").git("add base.txt");
        sandbox.run("flow finish --continue").succeeds();
        assert_eq!(sandbox.say("show develop:base.txt"), "theirs", "{strategy}");
        assert!(!sandbox.has("refs/heads/feature/login"), "{strategy}");
    }
    // And what takes itself back.
    let sandbox = flow().git("switch -q -c feature/login").commit("base.txt", "1\n").commit("base.txt", "base\n");
    sandbox.run("flow finish --squash").succeeds();
    assert_eq!(sandbox.say("log -1 --format=%P develop").len(), 40);
}

#[test]
fn every_command_that_goes_on_tells_what_it_would_have_told() {
    let world = || with_remote().git("switch -q -c feature/login").commit("login.txt", "1\n").git("switch -q develop");
    for words in [
        "flow switch login",
        "flow rename sign-in login",
        "flow delete login --force",
        "flow update login",
        "flow track theirs",
        "flow finish login",
    ] {
        let world =
            || world().commit("more.txt", "1\n").git("push -q origin develop develop:refs/heads/feature/theirs");
        let whole = world();
        let told = whole.run(words).succeeds();
        let (said, json) = (told.stderr, whole.say("rev-parse HEAD"));
        let killed = world();
        for step in 1.. {
            let mut command = killed.command(PRODEV);
            command.args(words.split(' ')).env("PRODEV_TEST_FAULT", step.to_string());
            let output = command.output().unwrap();
            assert!(!output.status.success(), "`{words}` is never killed in the midst of it");
            if killed.exists(".git/prodev/flow/journal.json") {
                break;
            }
        }
        let command = words.split(' ').nth(1).unwrap();
        let run = killed.run(&format!("flow {command} --continue")).succeeds();
        assert_eq!(run.stderr, said, "{words}");
        assert_eq!(killed.say("rev-parse HEAD"), json, "{words}");
    }
    // And a finish by a pull request where that is opened.
    let sandbox = world().git("switch -q feature/login").git("config remote.origin.pushurl ../tmp/origin.git");
    let sandbox = sandbox.git("config remote.origin.url https://github.com/acme/shop.git");
    let hook = "[ -e ../tmp/once ] || { : >../tmp/once; exit 1; }";
    let sandbox = sandbox.hook("pre-push", hook);
    sandbox.run("flow finish --pr --no-fetch").exits(1);
    let run = sandbox.run("flow finish --continue");
    assert_eq!(run.stdout, "https://github.com/acme/shop/compare/develop...feature/login?expand=1\n", "{run}");
    assert!(run.stderr.starts_with("Pushed `feature/login` for a pull request into `develop`\n"), "{run}");
}

#[test]
fn what_cannot_be_said_to_a_finish_that_goes_on_is_refused() {
    let sandbox = conflicting(flow());
    sandbox.run("flow finish --resolve").exits(3);
    for flags in ["--continue --push", "--abort --keep", "--continue -m one", "--continue login", "--continue --abort"]
    {
        let run = sandbox.run(&format!("flow finish {flags}")).exits(2).changed_nothing();
        assert!(run.stderr.starts_with("error: "), "{run}");
    }
    sandbox.run("flow feature finish --abort").succeeds();
}

#[test]
fn without_a_look_at_the_remote_a_push_does_not_depend_on_what_may_be_gone_there() {
    let sandbox = with_remote()
        .git("switch -q -c feature/login")
        .commit("login.txt", "1\n")
        .git("push -q -u origin feature/login")
        .git("-C ../tmp/origin.git branch -q -D feature/login");
    let run = sandbox.run("flow finish --no-fetch").succeeds();
    let line = "Push it: git push --atomic origin develop && git push origin :feature/login\n";
    assert!(run.stderr.ends_with(line), "{run}");
    sandbox.say("push -q --atomic origin develop");
    assert_eq!(sandbox.say("-C ../tmp/origin.git rev-parse develop"), sandbox.say("rev-parse develop"));
}
