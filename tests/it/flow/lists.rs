//! `prodev flow list` and `status`, wherever they are asked, and `prodev flow config --alias`.

use std::os::unix::fs::symlink;
use std::path::PathBuf;

use super::world::{World as _, flow, refused, with_both_readers, with_remote};
use crate::sandbox::{PRODEV, Sandbox};

#[test]
fn branches_are_listed_from_anywhere_73() {
    let world = || flow().git("branch feature/login").git("branch release/1.0.0").file("deep/er/x", "");
    with_both_readers(world, |sandbox| {
        let names = "feature/login\nrelease/1.0.0\n";
        sandbox.run("flow list --names").succeeds().changed_nothing().stdout_is(names);
        sandbox.run("-C deep/er flow list --names").succeeds().stdout_is(names);
    });
    let sandbox = world().env("GIT_DIR", "../work/.git");
    sandbox.run("-C ../home flow list --names").succeeds().stdout_is("feature/login\nrelease/1.0.0\n");
    sandbox.run("flow release list --names").succeeds().stdout_is("release/1.0.0\n");
}

#[test]
fn prefixes_without_a_slash_are_prefixes_73() {
    let sandbox = flow()
        .file("prodev.toml", "[flow.kinds.feature]\nprefix = \"feat-\"\n[flow.kinds.support]\nprefix = \"\"\n")
        .git("branch feat-login")
        .git("branch anything");
    let listed = sandbox.run("flow list --json").succeeds().changed_nothing().json();
    let kinds: Vec<(&str, &str)> = listed["branches"]
        .as_array()
        .unwrap()
        .iter()
        .map(|branch| (branch["name"].as_str().unwrap(), branch["kind"].as_str().unwrap()))
        .collect();
    assert_eq!(kinds, [("anything", "support"), ("feat-login", "feature")]);
    sandbox.run("flow switch login").succeeds();
    assert_eq!(sandbox.head(), "feat-login");
    sandbox.run("flow rename log-in").succeeds();
    assert_eq!(sandbox.head(), "feat-log-in");
}

#[test]
fn two_thousand_branches_are_listed_by_one_walk_73() {
    with_both_readers(
        || {
            let sandbox = flow();
            let tip = sandbox.say("rev-parse develop");
            let line = |number: u32| format!("{tip} refs/heads/feature/number-{number:04}\n");
            let refs = (0..2000).map(line).collect::<Vec<_>>().concat();
            sandbox.write(".git/packed-refs", format!("# pack-refs with: peeled fully-peeled sorted \n{refs}"));
            sandbox.git("switch -q feature/number-1000").commit("x", "x")
        },
        |sandbox| {
            let listed = sandbox.run("flow list --json").succeeds().changed_nothing().json();
            let branches = listed["branches"].as_array().unwrap();
            assert_eq!(branches.len(), 2000);
            let ahead: Vec<&str> = branches
                .iter()
                .filter(|branch| branch["ahead"] == 1)
                .map(|branch| branch["name"].as_str().unwrap())
                .collect();
            assert_eq!(ahead, ["feature/number-1000"]);
        },
    );
}

const STATUS: &str = "\
model    gitflow: main, develop

on       feature/login
         2 ahead of develop, 1 behind
         origin/feature/login: 1 to push
         ready: prodev flow finish

open     hotfix/1.0.1, 1 commit: conflicts with release/1.1.0 in develop.txt
         release/1.1.0, 1 commit: ready for main, develop
         feature: 2 branches, 1 of them merged

missing  main: 1 to push to origin/main
         develop: 1 to push to origin/develop
         develop lacks 1 commit of main: prodev flow update develop
";

/// Something of everything.
fn busy() -> Sandbox {
    with_remote()
        .git("branch release/1.1.0")
        .git("branch feature/old develop")
        .git("switch -q -c hotfix/1.0.1 main")
        .commit("develop.txt", "otherwise\n")
        .git("switch -q -c feature/login develop")
        .commit("login.txt", "1\n")
        .git("push -q -u origin feature/login")
        .commit("login.txt", "2\n")
        .git("switch -q develop")
        .commit("more.txt", "more\n")
        .git("switch -q main")
        .commit("fix.txt", "fix\n")
        .git("switch -q feature/login")
}

#[test]
fn the_status_is_one_glance() {
    with_both_readers(busy, |sandbox| {
        let run = sandbox.run("flow status").succeeds().changed_nothing().stderr_is("").stdout_is(STATUS);
        assert!(run.stdout.lines().all(|line| line.chars().count() <= 80));
        let shown = sandbox.run("flow status --json").succeeds().json();
        assert_eq!((&shown["current"]["branch"], &shown["current"]["ahead"]), (&"feature/login".into(), &2.into()));
        assert_eq!(shown["current"]["finish"], serde_json::json!({ "state": "ready", "into": ["develop"] }));
        let finish = serde_json::json!({ "state": "conflict", "into": "release/1.1.0", "paths": ["develop.txt"] });
        assert_eq!(shown["open"][0]["finish"], finish);
        assert_eq!(shown["missing"][2]["what"], "back-merge");
        // What it advises, helps.
        sandbox.run("flow update develop").succeeds();
        assert!(!sandbox.run("flow status").succeeds().stdout.contains("lacks"));
    });
}

/// What the status says of the finish of the branch that is checked out, as text and as data; `finish` must say the same.
#[track_caller]
fn blocked(sandbox: &Sandbox, line: &str) {
    let text = sandbox.run("flow status").succeeds().changed_nothing().stdout;
    assert!(text.contains(&format!("         {line}\n")), "{line}\n{text}");
    let refusal = sandbox.run("flow finish --no-fetch --json").exits(1).changed_nothing().stderr;
    let finish = sandbox.run("flow status --json").succeeds().json()["current"]["finish"].clone();
    assert_eq!(finish["state"], "blocked", "{finish}");
    for problem in finish["problems"].as_array().unwrap() {
        assert!(refusal.contains(problem["message"].as_str().unwrap()), "{problem}\n{refusal}");
    }
}

#[test]
fn what_finish_refuses_is_not_ready() {
    let feature = || with_remote().git("switch -q -c feature/login").commit("login.txt", "1\n");
    let sandbox = feature();
    sandbox.write("base.txt", "mine\n");
    blocked(&sandbox, "ready to finish when that is committed");
    let sandbox = feature().git("switch -q develop").commit("more.txt", "1\n").git("push -q origin develop");
    let sandbox = sandbox.git("reset -q --hard HEAD~1").git("switch -q feature/login");
    blocked(&sandbox, "not yet: develop is behind origin/develop");
    let sandbox = sandbox.git("switch -q develop").commit("other.txt", "1\n").git("switch -q feature/login");
    blocked(&sandbox, "not yet: develop and origin/develop have diverged");
    let sandbox =
        feature().commit("login.txt", "2\n").git("push -q -u origin feature/login").git("reset -q --hard HEAD~1");
    blocked(&sandbox, "not yet: feature/login is behind origin/feature/login");
    let sandbox = feature().file(".git/info/exclude", "prodev.toml\n");
    sandbox.write("prodev.toml", "[flow]\npull_requests = ['develop']\n");
    blocked(&sandbox, "not yet: develop takes pull requests only");
    sandbox.write("prodev.toml", "[flow.kinds.feature]\nstrategy = \"ff-only\"\n");
    let sandbox = sandbox.git("switch -q develop").commit("more.txt", "1\n").git("switch -q feature/login");
    blocked(&sandbox, "not yet: develop has moved since feature/login left it");
    let sandbox = feature().git("worktree add -q ../tmp/develop develop").file("../tmp/develop/base.txt", "mine\n");
    blocked(&sandbox, "not yet: develop is checked out in [TMP]/develop, which is changed");
    let sandbox = with_remote().git("switch -q -c release/1.0.0").commit("v.txt", "1\n").git("tag 1.0.0 develop");
    let tip = sandbox.say("rev-parse --short=8 develop");
    blocked(&sandbox, &format!("not yet: the tag 1.0.0 exists already, at {tip}"));
    let sandbox = feature().file(".git/index.lock", "");
    blocked(&sandbox, "not yet: [DIR]/.git/index.lock is there: another Git may be at work");
}

#[test]
fn what_a_pull_request_has_merged_is_shown_as_merged_52() {
    let sandbox = with_remote().git("switch -q -c feature/login").commit("login.txt", "1\n");
    let sandbox =
        sandbox.git("push -q -u origin feature/login").git("push -q origin feature/login:develop").git("fetch -q");
    assert!(sandbox.run("flow status").succeeds().stdout.contains("         merged: prodev flow finish\n"));
    // An open release and a hotfix are judged in the same way.
    let sandbox = with_remote().git("branch release/1.0.0").git("switch -q release/1.0.0").commit("v.txt", "1\n");
    let sandbox = sandbox.git("switch -q develop").file("base.txt", "mine\n");
    let text = sandbox.run("flow status").succeeds().stdout;
    assert!(text.contains("release/1.0.0, 2 commits: ready for main, develop when all is committed\n"), "{text}");
}

#[test]
fn a_bare_repository_is_judged_by_the_policy_that_is_committed_10() {
    let sandbox = flow().commit("prodev.toml", "[flow]\nmain = \"main\"\n[flow.kinds.feature]\nprefix = \"feat-\"\n");
    let sandbox = sandbox
        .git("branch feat-login")
        .git("switch -q main")
        .git("merge -q develop")
        .git("clone -q --bare . ../tmp/bare.git");
    sandbox.run("-C ../tmp/bare.git flow list --names").succeeds().stdout_is("feat-login\n");
    let status = sandbox.run("-C ../tmp/bare.git flow status --json").succeeds().json();
    assert_eq!(status["model"]["from"], "policy");
}

#[test]
fn what_was_begun_is_part_of_the_status() {
    let sandbox = flow()
        .git("switch -q -c feature/login")
        .commit("base.txt", "ours\n")
        .git("switch -q develop")
        .commit("base.txt", "theirs\n")
        .git("switch -q feature/login");
    sandbox.write("new.txt", "");
    let said = "model    gitflow: main, develop\n\non       feature/login\n         1 ahead of develop, 1 behind\n         not published\n         \
                1 file that Git does not know\n         conflicts with develop in base.txt\n\nopen     feature: 1 branch\n";
    sandbox.run("flow status").succeeds().stdout_is(said);
    sandbox.run("flow update").exits(3);
    let shown = sandbox.run("flow status").succeeds().changed_nothing().stdout;
    assert!(
        shown.contains("\nbegun    update of feature/login: prodev flow update --continue, or --abort\n"),
        "{shown}"
    );
    sandbox.run("flow update --abort").succeeds();
    sandbox.command("git").args(["merge", "-q", "develop"]).output().unwrap();
    let shown = sandbox.run("flow status").succeeds().changed_nothing().stdout;
    assert!(shown.contains("\nbegun    merge: git merge --continue, or --abort\n"), "{shown}");
}

#[test]
fn a_repository_of_nothing_has_a_status() {
    let said = "model    gitflow: main, develop\n\non       nothing is committed yet\n\n\
                missing  main is not here: prodev flow init\n         develop is not here: prodev flow init\n";
    let sandbox = Sandbox::new().git("init -q -b main");
    sandbox.run("flow status").succeeds().changed_nothing().stdout_is(said);
    let sandbox = flow().git("switch -q --detach");
    assert!(sandbox.run("flow status").succeeds().stdout.contains("\non       no branch\n"));
    let sandbox = flow().git("clone -q --bare . ../tmp/bare.git");
    sandbox.run("-C ../tmp/bare.git flow status").succeeds().changed_nothing();
}

/// A `PATH` with Git and a shell on it, and nothing that is called `git-…`.
fn with_git_alone() -> Sandbox {
    let sandbox = flow();
    let folder = sandbox.root().join("cache/bin");
    std::fs::create_dir_all(&folder).unwrap();
    let path = std::env::var_os("PATH").unwrap();
    let find = |name: &str| std::env::split_paths(&path).map(|folder| folder.join(name)).find(|path| path.is_file());
    for name in ["git", "sh", "env"] {
        symlink(find(name).unwrap(), folder.join(name)).unwrap();
    }
    symlink(PathBuf::from(PRODEV), folder.join("prodev")).unwrap();
    let path = folder.to_string_lossy().into_owned();
    sandbox.env("PATH", &path)
}

#[test]
fn git_flow_can_be_an_alias() {
    let sandbox = with_git_alone().file("deep/x", "");
    sandbox.honest("flow config --alias");
    sandbox
        .run("flow config --alias")
        .succeeds()
        .changed_nothing()
        .stderr_is("`git flow` runs `prodev flow` already\n");
    sandbox.ask_git(&["-C", "deep", "flow", "feature", "start", "login", "--worktree", "../../tmp/login"]);
    assert_eq!(sandbox.say("-C ../tmp/login symbolic-ref --short HEAD"), "feature/login");
    sandbox.run("flow config --alias=f").succeeds();
    assert_eq!(sandbox.ask_git(&["f", "list", "--names"]), "feature/login");
    let said = "error: `git status` is a program already, and Git runs that before any alias\n\
                hint: choose another name, as in `--alias=f`, or take that program away\n";
    refused(sandbox.run("flow config --alias=status"), 1, said);
    let sandbox = sandbox.git("config --global alias.mine log");
    let said = "error: `git mine` is an alias already, of `log`\nhint: take it away first: `git config --global --unset alias.mine`\n";
    refused(sandbox.run("flow config --alias=mine"), 1, said);
    sandbox.run_args(&["flow", "config", "--alias=a b"]).exits(2).changed_nothing();
}
