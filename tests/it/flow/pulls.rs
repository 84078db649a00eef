//! Branches that go to their target by a pull request: made ready and pushed, and later tagged, merged back and cleaned up.

use super::world::{World as _, flow, refused, with_remote};
use crate::sandbox::Sandbox;

const URL: &str = "https://github.com/acme/shop/compare/main...release/1.0.0?expand=1\n";

/// A release that its policy lets into main by pull requests alone. The remote is a folder that is called by another address.
fn release(pull_requests: &str) -> Sandbox {
    let policy = format!("[flow]\npull_requests = [{pull_requests}]\n[flow.release]\nchangelog = \"CHANGELOG.md\"\n");
    let sandbox = with_remote().file("prodev.toml", &policy).git("add .").git("commit -q -m Policy");
    let sandbox = sandbox.git("push -q origin develop").git("switch -q -c release/1.0.0").commit("v.txt", "1\n");
    let folder = sandbox.root().join("tmp/origin.git");
    let sandbox = sandbox.git("remote set-url origin git@github.com:acme/shop.git");
    sandbox.ask_git(&["config", &format!("url.{}.pushInsteadOf", folder.display()), "git@github.com:acme/shop.git"]);
    sandbox.ask_git(&["config", "core.sshCommand", "false"]);
    sandbox
}

#[test]
fn a_release_goes_by_a_pull_request_and_is_completed_after_it() {
    let sandbox = release("'main'");
    let said = "error: `main` takes pull requests only\nhint: open one: `prodev flow finish release/1.0.0 --pr`\n";
    refused(sandbox.run("flow finish --no-fetch"), 1, said);
    let run = sandbox.run_args(&["flow", "finish", "--no-fetch", "--pr", "-m", "The first"]).succeeds();
    assert_eq!(run.stdout, URL);
    assert!(
        run.stderr.ends_with(
            "Pushed `release/1.0.0` for a pull request into `main`\n\nWhen it is merged: prodev flow finish release/1.0.0\n"
        ),
        "{run}"
    );
    assert!(sandbox.read("CHANGELOG.md").contains("## [1.0.0]"));
    assert_eq!(sandbox.say("-C ../tmp/origin.git rev-parse release/1.0.0"), sandbox.say("rev-parse HEAD"));
    assert_eq!(sandbox.say("config branch.release/1.0.0.merge"), "refs/heads/release/1.0.0");
    // Twice is once.
    let tip = sandbox.say("rev-parse HEAD");
    sandbox.run("flow finish --no-fetch --pr").succeeds().stdout_is(URL);
    assert_eq!(sandbox.say("rev-parse HEAD"), tip);

    // Somebody merges it there, squashed.
    sandbox.ask_git(&["clone", "-q", "../tmp/origin.git", "../tmp/other"]);
    for words in ["switch -q main", "merge -q --squash origin/release/1.0.0", "commit -q -m Squashed", "push -q"] {
        sandbox.say(&format!("-C ../tmp/other {words}"));
    }
    let sandbox = sandbox.git("remote set-url origin ../tmp/origin.git");
    let said = "error: `release/1.0.0` is merged into `main` already\nhint: clean up with `prodev flow finish release/1.0.0`\n";
    let run = sandbox.run("flow finish --pr").exits(1);
    assert_eq!(run.stderr, said);
    sandbox.run("flow finish --push").succeeds();
    assert_eq!(sandbox.say("rev-parse 1.0.0^{commit}"), sandbox.say("rev-parse main"));
    assert_eq!(sandbox.say("log -1 --format=%s main"), "Squashed");
    assert_eq!(sandbox.say("for-each-ref --format=%(contents) refs/tags/1.0.0"), "The first");
    sandbox.say("merge-base --is-ancestor main develop");
    assert!(!sandbox.has("refs/heads/release/1.0.0"));
    assert!(!sandbox.say("config --local --list").contains("finishmessage"));
    let refs = sandbox.say("-C ../tmp/origin.git for-each-ref --format=%(refname)");
    assert_eq!(refs, "refs/heads/develop\nrefs/heads/main\nrefs/tags/1.0.0");
}

#[test]
fn what_is_committed_after_the_pull_request_was_opened_comes_to_the_changelog() {
    let sandbox = release("'main'");
    let commit = |message: &str| sandbox.ask_git(&["commit", "-q", "--allow-empty", "-m", message]);
    commit("feat: first");
    sandbox.run("flow finish --no-fetch --pr").succeeds();
    commit("fix: second");
    commit("feat: third");
    let run = sandbox.run("flow finish --no-fetch --pr").succeeds().stdout_is(URL);
    let text = sandbox.read("CHANGELOG.md");
    let (_, body) = text.split_once("## [1.0.0] - ").unwrap();
    assert_eq!(body.split_once('\n').unwrap().1, "\n### Added\n\n- first\n- third\n\n### Fixed\n\n- second\n", "{run}");
    assert_eq!(sandbox.say("-C ../tmp/origin.git rev-parse release/1.0.0"), sandbox.say("rev-parse HEAD"));
    let tip = sandbox.say("rev-parse HEAD");
    sandbox.run("flow finish --no-fetch --pr").succeeds();
    assert_eq!(sandbox.say("rev-parse HEAD"), tip);
}

#[test]
fn a_dry_run_tells_what_will_be_pushed() {
    let sandbox = release("'main'");
    let run = sandbox.run("flow finish --no-fetch --pr --dry-run").succeeds().changed_nothing();
    assert!(
        run.stdout.starts_with(
            "commit    CHANGELOG.md on release/1.0.0\npush      release/1.0.0 to origin\nrecord    branch.release/1.0.0.remote = origin\n"
        ),
        "{run}"
    );
    let json = sandbox.run("flow finish --no-fetch --pr --json").succeeds().json();
    assert_eq!(json["pull_request"], URL.trim_end());
}

#[test]
fn a_back_merge_into_a_branch_of_pull_requests_is_left_to_one() {
    let sandbox = release("'develop'");
    let develop = sandbox.say("rev-parse develop");
    let run = sandbox.run("flow finish --no-fetch").succeeds();
    let said = "`develop` takes pull requests only: open one from `main`: https://github.com/acme/shop/compare/develop...main?expand=1\n";
    assert!(run.stderr.ends_with(said), "{run}");
    assert_eq!(sandbox.say("rev-parse develop"), develop);
    assert_eq!(sandbox.say("rev-parse 1.0.0^{commit}"), sandbox.say("rev-parse main"));
    assert_eq!(sandbox.head(), "main");
}

#[test]
fn without_a_remote_there_is_no_pull_request() {
    let sandbox = flow().git("switch -q -c feature/login").commit("login.txt", "1\n");
    let said =
        "error: there is no remote `origin` to open a pull request at\nhint: add it with `git remote add origin URL`\n";
    refused(sandbox.run("flow finish --pr"), 1, said);
    // Of a site that nobody knows there is no page, and the branch is pushed all the same.
    let sandbox = with_remote().git("switch -q -c feature/login").commit("login.txt", "1\n");
    let run = sandbox.run("flow finish --pr").succeeds().stdout_is("");
    assert!(run.stderr.contains("`forge` in `[flow]` says what it is"), "{run}");
    assert!(sandbox.say("ls-remote origin").contains("refs/heads/feature/login"));
}

#[test]
fn a_push_that_is_refused_can_be_taken_back() {
    let sandbox = release("'main'");
    let before = sandbox.essence();
    let sandbox = sandbox.git("config --remove-section remote.origin").git("remote add origin ../tmp/none.git");
    let run = sandbox.run("flow finish --no-fetch --pr").exits(1);
    assert!(
        run.stderr.starts_with("error: `origin` did not take the push, and cannot be asked what it has\n"),
        "{run}"
    );
    sandbox.run("flow finish --abort").succeeds();
    let after = sandbox.essence();
    for (key, value) in before.iter().filter(|(key, _)| !key.contains("config") && *key != "git refs") {
        assert_eq!(after.get(key), Some(value), "{key}");
    }
}
