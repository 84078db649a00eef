//! What a remote has, and what others do to it meanwhile: nothing of theirs is lost, and nothing is left half done.

use super::world::{World as _, flow, refused, same, with_remote};
use crate::sandbox::Sandbox;

/// A feature that is published; develop has all of it.
fn published() -> Sandbox {
    with_remote().git("switch -q -c feature/login").commit("login.txt", "1\n").git("push -q -u origin feature/login")
}

/// Somebody else at work: runs git in a clone.
fn elsewhere(sandbox: &Sandbox, commands: &[&str]) {
    if !sandbox.exists("../tmp/other") {
        sandbox.ask_git(&["clone", "-q", "../tmp/origin.git", "../tmp/other"]);
    }
    for words in commands {
        sandbox.say(&format!("-C ../tmp/other {words}"));
    }
}

const MORE: [&str; 3] = ["switch -q feature/login", "commit -q --allow-empty -m Theirs", "push -q"];

#[test]
fn what_has_moved_at_the_remote_is_neither_deleted_nor_renamed_70_71() {
    let sandbox = published();
    elsewhere(&sandbox, &MORE);
    let said = "error: `feature/login` has moved at `origin` since it was last seen\n\
                hint: look at what has come: `git fetch origin && git log feature/login..origin/feature/login`\n";
    for words in ["flow delete login --remote --force", "flow rename sign-in"] {
        refused(sandbox.run(words), 1, said);
        refused(sandbox.run(&format!("{words} --dry-run")), 1, said);
    }
    // Gone there, it is nobody's concern any more.
    let sandbox = published();
    elsewhere(&sandbox, &["push -q origin :feature/login"]);
    sandbox.run("flow rename sign-in").succeeds().stderr_is("Renamed `feature/login` to `feature/sign-in`\n");
    let sandbox = published();
    elsewhere(&sandbox, &["push -q origin :feature/login"]);
    let run = sandbox.run("flow delete login --remote --force").succeeds();
    assert!(run.stderr.starts_with("Deleted `feature/login` (it was at "), "{run}");
    assert!(!run.changes().iter().any(|change| change.contains("tmp/origin.git")));
}

#[test]
fn a_new_name_that_somebody_has_taken_meanwhile_is_refused_70() {
    let sandbox = published();
    elsewhere(&sandbox, &["push -q origin HEAD:refs/heads/feature/sign-in"]);
    let said = "error: `feature/sign-in` is on `origin` already\nhint: choose another name\n";
    refused(sandbox.run("flow rename sign-in"), 1, said);
}

#[test]
fn a_remote_that_is_away_is_left_alone_or_waited_for_70_71() {
    let sandbox = published().git("remote set-url origin ../tmp/away.git");
    let run = sandbox.run("flow rename sign-in").exits(1).changed_nothing();
    assert!(run.stderr.starts_with("error: `origin` cannot be reached\n  caused by: "), "{run}");
    let hint = "hint: leave it as it is there: `prodev flow rename feature/sign-in feature/login --local`\n";
    assert!(run.stderr.ends_with(hint), "{run}");
    let run = sandbox.run("flow delete login --remote --force").exits(1).changed_nothing();
    assert!(
        run.stderr.ends_with("hint: leave it as it is there: `prodev flow delete feature/login --force`\n"),
        "{run}"
    );
    sandbox.run("flow rename feature/sign-in feature/login --local").succeeds();
}

#[test]
fn a_new_name_obeys_the_rules_of_a_new_branch_70() {
    let policy = "[flow.kinds.feature]\npattern = \"[A-Z]+-[0-9]+\"\n";
    let world =
        || flow().file(".git/info/exclude", "prodev.toml\n").git("branch feature/A-1").git("branch release/1.0.0");
    let sandbox = world().file("prodev.toml", policy);
    let said = "error: `login` is no name for a feature\n  caused by: it must match `[A-Z]+-[0-9]+`\nhint: choose another name\n";
    refused(sandbox.run("flow rename login feature/A-1"), 2, said);
    let sandbox = world();
    let said = "error: the release `release/1.0.0` is open already\nhint: finish it with `prodev flow finish release/1.0.0`\n\
                hint: or allow several with `several = true` in `[flow.kinds.release]`\n";
    refused(sandbox.run("flow rename release/2.0.0 feature/A-1"), 1, said);
    let sandbox = world().git("tag 1.0.0").git("tag 2.0.0");
    let said = "error: the tag `2.0.0` exists already\nhint: choose another version\n";
    refused(sandbox.run("flow rename 2.0.0 release/1.0.0"), 1, said);
    let said = "error: `1.1.0` is older than the latest version, 2.0.0\nhint: choose another version\n";
    refused(sandbox.run("flow rename 1.1.0 release/1.0.0"), 1, said);
    let said = "error: `feature/A-1` began on `develop`, and a hotfix begins on `main`\n\
                hint: start one, and take its commits over: `prodev flow start hotfix NAME`\n";
    refused(sandbox.run("flow rename hotfix/2.0.1 feature/A-1"), 1, said);
    sandbox.run("flow rename 2.1.0 release/1.0.0").succeeds();
    sandbox.run("flow rename bugfix/A-1 feature/A-1").succeeds();
}

#[test]
fn a_hotfix_does_not_publish_the_release_that_it_goes_into_62() {
    let world = || {
        with_remote().git("branch release/2.0.0 develop").git("switch -q -c hotfix/1.0.1 main").commit("fix.txt", "1\n")
    };
    let sandbox = world();
    let run = sandbox.run("flow finish --push").succeeds();
    let said = "\n\n`release/2.0.0` is not on `origin`: publish it with prodev flow publish release/2.0.0\n";
    assert!(run.stderr.ends_with(said), "{run}");
    assert!(sandbox.say("ls-tree --name-only release/2.0.0").contains("fix.txt"));
    let refs = "-C ../tmp/origin.git for-each-ref --format=%(refname)";
    assert_eq!(sandbox.say(refs), "refs/heads/develop\nrefs/heads/main\nrefs/tags/1.0.1");
    let run = world().run("flow finish").succeeds().stderr.clone();
    assert!(run.ends_with("Push it: git push --atomic origin main develop refs/tags/1.0.1\n"), "{run}");
    // One that is published is.
    let sandbox = world().git("push -q origin release/2.0.0");
    sandbox.run("flow finish --push").succeeds();
    assert_eq!(sandbox.say("-C ../tmp/origin.git rev-parse release/2.0.0"), sandbox.say("rev-parse release/2.0.0"));
}

#[test]
fn the_remote_topic_stays_until_its_target_is_there_44() {
    let sandbox = published().git("switch -q -c feature/part").commit("part.txt", "1\n");
    let sandbox = sandbox.git("push -q -u origin feature/part").git("push -q origin :feature/login");
    let sandbox = sandbox.git("config gitflow.branch.feature/part.base feature/login");
    sandbox.run("flow finish --push").succeeds();
    assert!(sandbox.say("ls-remote origin").contains("feature/part"));
}

#[test]
fn a_push_that_may_have_arrived_is_not_taken_back_unasked_63() {
    let sandbox = published();
    let before = sandbox.essence();
    // Killed when all that is left to do is at the remote.
    let sandbox = sandbox.hook("pre-push", "kill -9 $(ps -o ppid= -p $PPID) $PPID");
    let output = sandbox.command(crate::sandbox::PRODEV).args(["flow", "finish", "--push"]).output().unwrap();
    assert!(!output.status.success() && sandbox.exists(".git/prodev/flow/journal.json"), "it was not killed");
    let sandbox = sandbox.git("remote set-url origin ../tmp/away.git");
    std::fs::remove_file(sandbox.path(".git/hooks/pre-push")).unwrap();
    let said = "error: `origin` cannot be asked whether the push has arrived there\n\
                hint: ask again when it can be reached: `prodev flow finish --abort`\n\
                hint: or let it push again: `prodev flow finish --continue`\n";
    refused(sandbox.run("flow finish --abort"), 1, said);
    let sandbox = sandbox.git("remote set-url origin ../tmp/origin.git");
    sandbox.run("flow finish --abort").succeeds();
    same("after --abort", &sandbox.essence(), &before);
}

/// Somebody merges the pull request of `branch` into `target` as one commit.
fn squash(sandbox: &Sandbox, branch: &str, target: &str) {
    elsewhere(
        sandbox,
        &["fetch -q", &format!("switch -q {target}"), "pull -q", &format!("merge -q --squash origin/{branch}")],
    );
    elsewhere(sandbox, &["commit -q -m Squashed", "push -q"]);
}

#[test]
fn a_squashed_branch_that_has_taken_its_target_in_is_merged_52() {
    let sandbox = with_remote().git("switch -q -c feature/login").commit("login.txt", "1\n").git("switch -q develop");
    let sandbox = sandbox.commit("more.txt", "1\n").git("push -q origin develop").git("switch -q feature/login");
    let sandbox =
        sandbox.git("merge -q --no-edit develop").commit("login.txt", "2\n").git("push -q -u origin feature/login");
    squash(&sandbox, "feature/login", "develop");
    sandbox.run("flow finish").succeeds();
    assert_eq!(sandbox.say("rev-parse develop"), sandbox.say("-C ../tmp/origin.git rev-parse develop"));
    assert!(!sandbox.has("refs/heads/feature/login"));
}

#[test]
fn a_squash_beside_other_changes_of_the_same_file_is_seen_52() {
    let lines = |first: &str, last: &str| format!("{first}\n2\n3\n4\n5\n6\n7\n8\n{last}\n");
    let sandbox = with_remote().commit("base.txt", &lines("1", "9")).git("push -q origin develop");
    let sandbox = sandbox.git("switch -q -c feature/login").commit("base.txt", &lines("one", "9"));
    let sandbox = sandbox.git("push -q -u origin feature/login").git("switch -q develop");
    let sandbox =
        sandbox.commit("base.txt", &lines("1", "nine")).git("push -q origin develop").git("switch -q feature/login");
    squash(&sandbox, "feature/login", "develop");
    sandbox.run("flow finish").succeeds();
    assert_eq!(sandbox.say("rev-parse develop"), sandbox.say("-C ../tmp/origin.git rev-parse develop"));
    // What only looks alike is not it.
    let sandbox = with_remote().git("switch -q -c feature/login").commit("base.txt", "ours\n");
    let sandbox = sandbox.git("push -q -u origin feature/login").git("switch -q develop").commit("base.txt", "other\n");
    let sandbox = sandbox.git("push -q origin develop").git("switch -q feature/login");
    let run = sandbox.run("flow finish").exits(1).changed_nothing();
    assert!(run.stderr.contains("conflict in `base.txt`"), "{run}");
}

#[test]
fn every_release_after_the_first_is_seen_as_merged_52() {
    let sandbox = with_remote();
    for version in ["1.0.0", "1.1.0", "1.2.0"] {
        let sandbox = &sandbox;
        sandbox.say("switch -q develop");
        sandbox.say("switch -q -c feature/work");
        sandbox.write(&format!("{version}.txt"), version);
        sandbox.say("add .");
        sandbox.say("commit -q -m Work");
        sandbox.run("flow finish").succeeds();
        sandbox.run(&format!("flow start release {version}")).succeeds();
        sandbox.write("version.txt", version);
        sandbox.say("add .");
        sandbox.say("commit -q -m Version");
        sandbox.say(&format!("push -q -u origin develop release/{version}"));
        squash(sandbox, &format!("release/{version}"), "main");
        sandbox.run("flow finish --push").succeeds();
        assert_eq!(
            sandbox.say(&format!("rev-parse {version}^{{commit}}")),
            sandbox.say("rev-parse origin/main"),
            "{version}"
        );
        assert_eq!(sandbox.say("log -1 --format=%s main"), "Squashed", "{version}");
    }
}

#[test]
fn a_branch_that_was_rebased_onto_its_target_there_is_merged_52() {
    let world = || {
        let sandbox = with_remote().git("switch -q -c feature/login").commit("a.txt", "1\n").commit("b.txt", "1\n");
        let sandbox = sandbox.git("push -q -u origin feature/login");
        elsewhere(&sandbox, &["fetch -q", "switch -q develop", "commit -q --allow-empty -m Other"]);
        elsewhere(&sandbox, &["cherry-pick origin/feature/login~1 origin/feature/login", "push -q"]);
        sandbox
    };
    let sandbox = world();
    sandbox.run("flow finish").succeeds();
    assert_eq!(sandbox.say("rev-parse develop"), sandbox.say("-C ../tmp/origin.git rev-parse develop"));
    assert!(!sandbox.has("refs/heads/feature/login"));
    // Of one commit that was taken out again, or that is not there, the branch is not merged.
    let sandbox = world();
    elsewhere(&sandbox, &["revert --no-edit HEAD~1", "push -q"]);
    let run = sandbox.run("flow finish").exits(1);
    assert!(run.stderr.starts_with("error: `develop` is behind `origin/develop`\n"), "{run}");
    let sandbox = world().commit("c.txt", "1\n");
    let run = sandbox.run("flow finish").exits(1);
    assert!(run.stderr.starts_with("error: `develop` is behind `origin/develop`\n"), "{run}");
}

#[test]
fn a_dry_run_of_an_abort_promises_nothing_that_cannot_be() {
    let sandbox = published();
    let develop = sandbox.say("rev-parse develop");
    // The branch cannot be deleted when all is pushed.
    let sandbox = sandbox.hook(
        "reference-transaction",
        "[ \"$1\" = prepared ] && grep -q '0000 refs/heads/feature/login' && exit 1; exit 0",
    );
    sandbox.run("flow finish --push").exits(1);
    assert_ne!(sandbox.say("-C ../tmp/origin.git rev-parse develop"), develop);
    let said = "error: it is pushed: others may have it already\nhint: go on with `prodev flow finish --continue`\n";
    refused(sandbox.run("flow finish --abort --dry-run"), 1, said);
    refused(sandbox.run("flow finish --abort"), 1, said);
    std::fs::remove_file(sandbox.path(".git/hooks/reference-transaction")).unwrap();
    sandbox.run("flow finish --continue").succeeds();
    assert!(!sandbox.has("refs/heads/feature/login"));
}

/// Runs a finish that gets a signal as soon as its hook has begun; gives the exit code and what was said.
fn interrupted(sandbox: &Sandbox, words: &[&str]) -> (Option<i32>, String) {
    use std::os::unix::process::CommandExt as _;
    let mut command = sandbox.command(crate::sandbox::PRODEV);
    command.args(words).stdout(std::process::Stdio::null()).stderr(std::process::Stdio::piped()).process_group(0);
    let output = command.spawn().unwrap().wait_with_output().unwrap();
    (output.status.code(), sandbox.normalise(&output.stderr))
}

#[test]
fn an_interrupt_is_told_as_what_it_is_63() {
    // The signal that a terminal sends to all, from within.
    let sandbox = published().hook("pre-push", "kill -INT 0; sleep 1");
    let said = "error: the push to `origin` was interrupted\nhint: push again with `prodev flow finish --continue`\n\
                hint: or take all back with `prodev flow finish --abort`\n";
    let there = sandbox.say("-C ../tmp/origin.git for-each-ref");
    let before = sandbox.essence();
    assert_eq!(interrupted(&sandbox, &["flow", "finish", "--push"]), (Some(130), said.to_owned()));
    assert_eq!(sandbox.say("-C ../tmp/origin.git for-each-ref"), there);
    sandbox.run("flow finish --abort").succeeds();
    same("after --abort", &sandbox.essence(), &before);
    let sandbox = published().hook("pre-merge-commit", "kill -INT 0; sleep 1");
    let before = sandbox.essence();
    assert_eq!(interrupted(&sandbox, &["flow", "finish"]), (Some(130), String::new()));
    same("after the interrupt", &sandbox.essence(), &before);
}

#[test]
fn a_connection_that_breaks_when_all_is_there_is_no_failure_61() {
    let sandbox = published();
    let wrapper = "#!/bin/sh\ngit receive-pack \"$@\"\nexit 1\n";
    sandbox.write("../tmp/receive", wrapper);
    std::fs::set_permissions(sandbox.path("../tmp/receive"), std::os::unix::fs::PermissionsExt::from_mode(0o755))
        .unwrap();
    let program = sandbox.path("../tmp/receive");
    sandbox.ask_git(&["config", "remote.origin.receivepack", program.to_str().unwrap()]);
    sandbox.run("flow finish --push").succeeds();
    assert_eq!(sandbox.say("-C ../tmp/origin.git rev-parse develop"), sandbox.say("rev-parse develop"));
    assert!(!sandbox.has("refs/heads/feature/login"));
}
