//! `prodev flow update`: a branch takes in what it belongs to.

use super::world::{World as _, flow, refused, same, with_both_readers, with_remote};
use crate::sandbox::{PRODEV, Sandbox};

/// A feature and develop have gone on, in different files.
fn apart() -> Sandbox {
    flow()
        .git("switch -q -c feature/login")
        .commit("login.txt", "login\n")
        .git("switch -q develop")
        .commit("more.txt", "more\n")
        .git("switch -q feature/login")
}

/// The same in one file.
fn conflicting() -> Sandbox {
    flow()
        .git("switch -q -c feature/login")
        .commit("base.txt", "ours\n")
        .git("switch -q develop")
        .commit("base.txt", "theirs\n")
        .git("switch -q feature/login")
}

#[test]
fn the_parent_is_merged_69() {
    with_both_readers(apart, |sandbox| {
        let tips = (sandbox.say("rev-parse HEAD"), sandbox.say("rev-parse develop"));
        let run = sandbox.honest("flow update");
        assert_eq!((&run.json()["parent"], &run.json()["how"]), (&"develop".into(), &"merge".into()));
        assert_eq!(sandbox.say("log -1 --format=%P"), format!("{} {}", tips.0, tips.1));
        assert_eq!(sandbox.say("log -1 --format=%s"), "Merge branch 'develop' into feature/login");
        sandbox
            .run("flow update login")
            .succeeds()
            .changed_nothing()
            .stderr_is("`feature/login` has all of `develop` already\n");
    });
}

#[test]
fn the_branch_goes_on_top_where_that_is_wanted_69() {
    let policy = "[flow.kinds.feature]\nupdate = \"rebase\"\n";
    for (policy, words) in [("", "flow update --rebase"), (policy, "flow update"), ("", "flow feature rebase login")] {
        let sandbox = apart().file(".git/info/exclude", "prodev.toml\n").file("prodev.toml", policy);
        sandbox.honest(words);
        assert_eq!(sandbox.say("log --format=%s develop.."), "Change login.txt", "{words}");
        assert_eq!(sandbox.say("rev-parse HEAD~1"), sandbox.say("rev-parse develop"), "{words}");
    }
}

#[test]
fn a_branch_without_commits_of_its_own_just_follows_69() {
    let sandbox = flow().git("branch feature/login").commit("more.txt", "more\n");
    sandbox.run("flow update login").succeeds().stderr_is("Updated `feature/login`: all of `develop` is in it\n");
    assert_eq!(
        (sandbox.head(), sandbox.say("rev-parse HEAD")),
        ("feature/login".into(), sandbox.say("rev-parse develop"))
    );
}

#[test]
fn a_conflict_waits_and_goes_on_69() {
    for how in ["--merge", "--rebase"] {
        for (next, commit) in
            [("flow update --continue", false), ("flow update", false), ("flow update --continue", true)]
        {
            with_both_readers(conflicting, |sandbox| {
                let said = "error: `develop` and `feature/login` conflict in `base.txt`\n\
                            hint: resolve them, `git add` them, and run `prodev flow update --continue`\n\
                            hint: or take all back with `prodev flow update --abort`\n";
                sandbox.run(&format!("flow update {how}")).fails(3, said);
                sandbox.run("flow update --continue").fails(3, said);
                sandbox.write("base.txt", "both\n");
                sandbox.ask_git(&["add", "base.txt"]);
                if commit && how == "--merge" {
                    sandbox.ask_git(&["commit", "-q", "--no-edit"]);
                }
                sandbox.run(next).succeeds().stderr_is("Updated `feature/login`: all of `develop` is in it\n");
                assert_eq!((sandbox.head(), sandbox.read("base.txt")), ("feature/login".into(), "both\n".into()));
                assert_eq!(sandbox.say("rev-list --count feature/login..develop"), "0");
                assert!(!sandbox.exists(".git/prodev"), "{how} {next}");
            });
        }
    }
}

#[test]
fn a_conflict_that_is_aborted_leaves_no_trace_69() {
    for how in ["--merge", "--rebase"] {
        with_both_readers(
            || conflicting().git("switch -q develop").file("notes.txt", "not known to Git\n"),
            |sandbox| {
                let before = sandbox.essence();
                sandbox.run(&format!("flow update login {how}")).exits(3);
                sandbox.write("base.txt", "half resolved\n");
                let said = "error: the update of `feature/login` is under way\nhint: complete it with `prodev flow update --continue`\n\
                            hint: or take it back with `prodev flow update --abort`\n";
                refused(sandbox.run("flow finish login"), 1, said);
                refused(sandbox.run("flow update main"), 1, said);
                sandbox
                    .run("flow update --abort")
                    .succeeds()
                    .stderr_is("Took the update of `feature/login` back: all is as it was\n");
                same(how, &sandbox.essence(), &before);
            },
        );
    }
    let said = "error: no update is under way here\nhint: begin one with `prodev flow update`\n";
    refused(apart().run("flow update --abort"), 1, said);
    refused(apart().run("flow update --continue"), 1, said);
}

#[test]
fn changes_and_files_in_the_way_are_obstacles_69() {
    let sandbox = apart();
    sandbox.write("base.txt", "mine\n");
    let said = "error: `base.txt` is changed and not committed\nhint: commit what is changed, or put it aside with `git stash`\n";
    refused(sandbox.run("flow update"), 1, said);
    let sandbox = apart().file(".git/info/exclude", "more.txt\n").file("more.txt", "mine\n");
    let said = "error: the update would overwrite `more.txt`, which Git does not have\nhint: move what is there to another place\n";
    refused(sandbox.run("flow update"), 1, said);
    let sandbox = apart().git("switch -q develop").git("worktree add -q ../tmp/other feature/login");
    let said = "error: `feature/login` is checked out in `[TMP]/other`\nhint: update it there: `prodev -C [TMP]/other flow update`\n";
    refused(sandbox.run("flow update login"), 1, said);
    let sandbox = apart().git("switch -q main");
    let said = "error: `main` follows no other branch\nhint: `prodev flow config` shows what follows what\n";
    refused(sandbox.run("flow update"), 1, said);
}

#[test]
fn each_takes_in_what_it_belongs_to_69() {
    let world = || {
        flow()
            .git("branch release/1.0.0")
            .git("branch hotfix/0.9.1 main")
            .git("branch feature/top develop")
            .git("config gitflow.branch.feature/top.base release/1.0.0")
            .git("switch -q main")
            .commit("fix.txt", "fix\n")
            .git("switch -q release/1.0.0")
            .commit("notes.txt", "1\n")
    };
    for (branch, parent) in
        [("release/1.0.0", "main"), ("hotfix/0.9.1", "main"), ("develop", "main"), ("feature/top", "release/1.0.0")]
    {
        let sandbox = world();
        let run = sandbox.honest(&format!("flow update {branch}"));
        assert_eq!(run.json()["parent"], parent, "{branch}");
        assert_eq!(sandbox.say(&format!("rev-list --count {branch}..{parent}")), "0");
    }
    let said = "error: `develop` is long-lived: others build on its commits\nhint: merge instead: `prodev flow update develop --merge`\n";
    let sandbox = world();
    sandbox.run("flow update develop --rebase").fails(1, said).changed_nothing();
}

#[test]
fn a_remote_that_is_further_is_brought_in_69() {
    let sandbox = with_remote();
    let old = sandbox.say("rev-parse develop");
    let sandbox = sandbox.git("branch feature/login").commit("more.txt", "more\n").git("push -q");
    let new = sandbox.say("rev-parse develop");
    let sandbox =
        sandbox.git("switch -q feature/login").commit("login.txt", "1\n").git("push -q -u origin feature/login");
    sandbox.ask_git(&["branch", "-f", "develop", &old]);
    sandbox.ask_git(&["update-ref", "refs/remotes/origin/develop", &old]);
    sandbox.run("flow update").succeeds().stderr_is(
        "`develop` is behind `origin/develop`, which is brought in\nUpdated `feature/login`: all of `origin/develop` is in it\n",
    );
    assert_eq!(sandbox.say("log -1 --format=%s"), "Merge remote-tracking branch 'origin/develop' into feature/login");
    assert!(sandbox.say("rev-list HEAD").contains(&new));
    let sandbox = apart().git("init -q --bare ../tmp/origin.git").git("remote add origin ../tmp/origin.git");
    sandbox.ask_git(&["push", "-q", "origin", "feature/login"]);
    sandbox.run("flow update --rebase").succeeds().stderr_is(
        "Updated `feature/login`: all of `develop` is in it\n\n\
         It was published before; publish it again with: prodev flow publish feature/login --force\n",
    );
    sandbox.run("flow publish --force").succeeds();
}

#[test]
fn what_git_flow_next_says_of_updates_is_honoured_7() {
    let sandbox = apart()
        .git("config gitflow.branch.main.type base")
        .git("config gitflow.branch.develop.type base")
        .git("config gitflow.branch.develop.parent main")
        .git("config gitflow.branch.feature.type topic")
        .git("config gitflow.branch.feature.parent develop")
        .git("config gitflow.branch.feature.downstreamStrategy rebase");
    assert_eq!(sandbox.run("flow update --json").succeeds().json()["how"], "rebase");
}

/// A hook that waits, once, until `inside` is taken away.
const WAIT: &str = "[ -e ../tmp/armed ] || exit 0; rm ../tmp/armed; touch ../tmp/inside; while [ -e ../tmp/inside ]; do sleep 0.05; done";

#[test]
fn two_at_once_do_not_mix_65() {
    for (words, hook) in [
        ("flow update", "pre-merge-commit"),
        ("flow rename sign-in login", "post-checkout"),
        ("flow delete login --force", "post-checkout"),
    ] {
        let sandbox = apart().hook(hook, WAIT);
        sandbox.write("../tmp/armed", "");
        let mut first = sandbox.command(PRODEV).args(words.split(' ')).spawn().unwrap();
        while !sandbox.exists("../tmp/inside") {
            assert!(first.try_wait().unwrap().is_none(), "`{words}` ended without its hook");
            std::thread::yield_now();
        }
        let run = sandbox.run(words).exits(1);
        assert!(run.stderr.starts_with("error: another prodev is at work in this repository\n"), "{run}");
        let command = words.split(' ').nth(1).unwrap();
        let said = format!("error: the {command} of `feature/login` is under way\n");
        for other in ["flow start feature other", "flow switch main", "flow init"] {
            let run = sandbox.run(other).exits(1);
            assert!(run.stderr.starts_with(&said), "{run}");
        }
        std::fs::remove_file(sandbox.path("../tmp/inside")).unwrap();
        assert!(first.wait().unwrap().success(), "{words}");
        assert!(!sandbox.exists(".git/prodev") && sandbox.say("status --porcelain").is_empty(), "{words}");
    }
}

#[test]
fn scripts_of_git_flow_are_asked_before_and_after() {
    let log = "echo \"${0##*/} $*\" >>../tmp/log";
    let mut sandbox = apart();
    for command in ["update", "rename", "delete", "switch"] {
        for moment in ["pre", "post"] {
            sandbox = sandbox.hook(&format!("{moment}-flow-feature-{command}"), log);
        }
    }
    for words in
        ["flow update", "flow rename sign-in", "flow switch main", "flow switch sign", "flow delete sign-in -f"]
    {
        sandbox.run(words).succeeds();
    }
    let (old, new) = ("login origin feature/login", "sign-in origin feature/sign-in");
    let expected: String = [("update", old), ("rename", old), ("switch", new), ("delete", new)]
        .iter()
        .flat_map(|(command, words)| ["pre", "post"].map(|moment| format!("{moment}-flow-feature-{command} {words}\n")))
        .collect();
    assert_eq!(sandbox.read("../tmp/log"), expected);
    let sandbox = apart();
    let before = sandbox.essence();
    let sandbox = sandbox.hook("pre-flow-feature-update", "echo never >&2; exit 1");
    sandbox.run("flow update").fails(
        1,
        "error: `pre-flow-feature-update` refused it\n  caused by: never\nhint: satisfy it, and run the command again\n",
    );
    same("after the refusal", &sandbox.essence(), &before);
}

#[test]
fn a_script_that_fails_after_the_fact_undoes_nothing() {
    let sandbox = apart().hook("post-flow-feature-update", "echo never >&2; exit 1");
    sandbox.run("flow update").succeeds().stderr_is(
        "warning: `post-flow-feature-update` failed, when all was done: never\n\
         Updated `feature/login`: all of `develop` is in it\n",
    );
    assert!(!sandbox.exists(".git/prodev"));
    // Pushed, there would be no way back.
    let sandbox = with_remote().git("switch -q -c feature/login").commit("login.txt", "1\n");
    let sandbox = sandbox.git("push -q -u origin feature/login").hook("post-flow-feature-rename", "exit 1");
    sandbox.run("flow rename sign-in").succeeds();
    assert_eq!((sandbox.head(), sandbox.exists(".git/prodev")), ("feature/sign-in".into(), false));
    sandbox.run("flow switch develop").succeeds();
}

#[test]
fn commits_made_on_top_of_a_resolved_conflict_are_kept_34() {
    for how in ["--merge", "--rebase"] {
        let stopped = || {
            let sandbox = conflicting();
            sandbox.run(&format!("flow update {how}")).exits(3);
            sandbox.write("base.txt", "both\n");
            sandbox.ask_git(&["add", "base.txt"]);
            if how == "--merge" {
                sandbox.ask_git(&["commit", "-q", "-m", "Merge"]);
            } else {
                sandbox.ask_git(&["-c", "core.editor=true", "rebase", "--continue"]);
            }
            sandbox.commit("after.txt", "after\n")
        };
        let sandbox = stopped();
        let tip = sandbox.say("rev-parse HEAD");
        let said = "error: `feature/login` has commits that came on top of it meanwhile\n\
                    hint: keep them: `prodev flow update --continue`\n";
        refused(sandbox.run("flow update --abort"), 1, said);
        sandbox
            .run("flow update --continue")
            .succeeds()
            .stderr_is("Updated `feature/login`: all of `develop` is in it\n");
        assert_eq!((sandbox.say("rev-parse feature/login"), sandbox.exists(".git/prodev")), (tip, false), "{how}");
    }
}

#[test]
fn no_hint_throws_commits_away() {
    let sandbox = conflicting();
    sandbox.run("flow update").exits(3);
    sandbox.ask_git(&["merge", "--abort"]);
    let old = sandbox.say("rev-parse HEAD");
    let sandbox = sandbox.commit("mine.txt", "mine\n");
    let tip = sandbox.say("rev-parse HEAD");
    let run = sandbox.run("flow update --abort").exits(1).changed_nothing();
    let hint = format!("`git branch feature/login-kept {tip} && git reset --keep {old}`");
    assert!(run.stderr.contains(&hint), "{run}");
    sandbox.ask_git(&["branch", "feature/login-kept", &tip]);
    sandbox.ask_git(&["reset", "-q", "--keep", &old]);
    sandbox.run("flow update --abort").succeeds();
    assert_eq!((sandbox.say("rev-parse feature/login-kept"), sandbox.say("rev-parse HEAD")), (tip, old));
}
