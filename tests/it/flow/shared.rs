//! Branches and a remote: `prodev flow publish` and `track`.

use super::world::{World as _, flow, refused, with_both_readers, with_remote};
use crate::sandbox::Sandbox;

/// A published feature that somebody else has made, and that was never fetched.
fn with_theirs() -> Sandbox {
    with_remote()
        .git("push -q origin develop:refs/heads/feature/theirs")
        .git("update-ref -d refs/remotes/origin/feature/theirs")
}

#[test]
fn a_branch_is_published_and_follows_what_is_there_67() {
    with_both_readers(
        || with_remote().git("switch -q -c feature/login").commit("login.txt", "1\n"),
        |sandbox| {
            let run = sandbox.honest("flow publish");
            assert_eq!((&run.json()["branch"], &run.json()["remote"]), (&"feature/login".into(), &"origin".into()));
            assert_eq!(sandbox.say("rev-parse origin/feature/login"), sandbox.say("rev-parse HEAD"));
            assert_eq!(sandbox.say("rev-parse --abbrev-ref @{u}"), "origin/feature/login");
            sandbox
                .run("flow publish login")
                .succeeds()
                .changed_nothing()
                .stderr_is("`feature/login` is on `origin` as it is here\n");
            sandbox.write("login.txt", "2\n");
            sandbox.ask_git(&["commit", "-qam", "More"]);
            sandbox
                .run("flow feature publish login")
                .succeeds()
                .stderr_is("Brought `feature/login` on `origin` up to date\n");
            assert_eq!(sandbox.say("ls-remote origin feature/login")[..40], sandbox.say("rev-parse HEAD"));
        },
    );
}

#[test]
fn nothing_is_published_without_a_remote_67() {
    let sandbox = flow().git("switch -q -c feature/login");
    let said = "error: there is no remote `origin`\nhint: add it with `git remote add origin URL`\n";
    refused(sandbox.run("flow publish"), 1, said);
    let said = "error: `develop` is no topic branch\nhint: push it with `git push origin develop`\n";
    refused(sandbox.run("flow publish develop"), 1, said);
}

#[test]
fn what_others_pushed_is_not_pushed_over_67() {
    let sandbox = with_remote().git("switch -q -c feature/login").commit("login.txt", "1\n").commit("login.txt", "2\n");
    let sandbox = sandbox.git("push -q -u origin feature/login").git("reset -q --hard HEAD~1");
    let said = "error: `feature/login` is behind `origin/feature/login`\n\
                hint: take in what is there: `git fetch origin && git merge --ff-only origin/feature/login`\n";
    refused(sandbox.run("flow publish"), 1, said);
    let sandbox = sandbox.commit("login.txt", "other\n");
    let said = "error: `feature/login` and `origin/feature/login` have diverged\n\
                hint: bring them together: `git pull --rebase origin feature/login`\n\
                hint: or, if what is there was rebased here: `prodev flow publish --force`\n";
    refused(sandbox.run("flow publish"), 1, said);
    sandbox.honest("flow publish --force");
    assert_eq!(sandbox.say("ls-remote origin feature/login")[..40], sandbox.say("rev-parse HEAD"));
}

#[test]
fn what_was_never_seen_is_not_replaced_67() {
    let sandbox = with_theirs().git("switch -q -c feature/theirs main").commit("mine.txt", "1\n");
    let before = sandbox.say("ls-remote origin");
    let run = sandbox.run("flow publish --force").exits(1);
    assert!(run.stderr.starts_with("error: could not push `feature/theirs` to `origin`\n"), "{run}");
    assert_eq!(sandbox.say("ls-remote origin"), before);
}

#[test]
fn a_published_branch_is_tracked_with_or_without_its_prefix_68() {
    for name in ["theirs", "feature/theirs"] {
        with_both_readers(with_theirs, |sandbox| {
            let run = sandbox.honest(&format!("flow track {name}"));
            assert_eq!(run.json()["branch"], "feature/theirs");
            assert_eq!(sandbox.head(), "feature/theirs");
            assert_eq!(sandbox.say("rev-parse --abbrev-ref @{u}"), "origin/feature/theirs");
        });
    }
    let sandbox = with_theirs();
    sandbox
        .run("flow feature track theirs")
        .succeeds()
        .stderr_is("Switched to the new branch `feature/theirs`, which follows `origin/feature/theirs`\n");
}

#[test]
fn a_branch_that_is_here_or_nowhere_is_not_tracked_68() {
    let sandbox = with_theirs().git("branch feature/mine");
    let said = "error: there is a branch `feature/mine` here already\nhint: work on it with `prodev flow switch feature/mine`\n";
    refused(sandbox.run("flow track mine"), 1, said);
    let said =
        "error: there is no branch `nobodys` on `origin`\nhint: see what there is: `git ls-remote --heads origin`\n";
    refused(sandbox.run("flow track nobodys --no-fetch"), 1, said);
    sandbox.run("flow track nobodys").fails(1, said);
    let said = "error: there is no remote `origin`\nhint: add it with `git remote add origin URL`\n";
    refused(flow().run("flow track x"), 1, said);
}

#[test]
fn tracking_overwrites_nothing_that_git_does_not_have_68() {
    let sandbox = with_remote().git("switch -q -c feature/theirs").commit(".env", "A=1\n");
    let sandbox =
        sandbox.git("push -q origin feature/theirs").git("switch -q develop").git("branch -q -D feature/theirs");
    let sandbox = sandbox.file(".git/info/exclude", ".env\n").file(".env", "SECRET=1\n");
    let said = "error: switching to `feature/theirs` would overwrite `.env`, which Git does not have\n\
                hint: move what is there to another place\n";
    refused(sandbox.run("flow track theirs --no-fetch"), 1, said);
}

#[test]
fn the_remote_may_be_away_68() {
    let sandbox = with_theirs().git("fetch -q");
    std::fs::rename(sandbox.path("../tmp/origin.git"), sandbox.path("../tmp/away.git")).unwrap();
    let run = sandbox.run("flow track theirs").succeeds();
    assert!(run.stderr.starts_with("warning: `origin` cannot be reached"), "{run}");
    assert_eq!(sandbox.head(), "feature/theirs");
}

#[test]
fn scripts_of_git_flow_are_asked_when_a_branch_is_shared() {
    let say = "echo \"$1 $2 $3\" >&2; exit 1";
    let sandbox = with_theirs().hook("pre-flow-feature-track", say).hook("pre-flow-feature-publish", say);
    let said = |command: &str, name: &str| {
        format!(
            "error: `pre-flow-feature-{command}` refused it\n  caused by: {name} origin feature/{name}\n\
             hint: satisfy it, and run the command again\n"
        )
    };
    sandbox.run("flow track theirs").fails(1, &said("track", "theirs"));
    assert!(!sandbox.has("refs/heads/feature/theirs"));
    let sandbox = sandbox.git("branch feature/login");
    refused(sandbox.run("flow publish login"), 1, &said("publish", "login"));
}

#[test]
fn a_colleagues_commit_is_not_rebased_away_69() {
    let sandbox = with_remote().git("switch -q -c feature/login").commit("login.txt", "1\n");
    let sandbox = sandbox.git("push -q -u origin feature/login").git("clone -q ../tmp/origin.git ../tmp/other");
    for words in ["switch -q feature/login", "commit -q --allow-empty -m Theirs", "push -q"] {
        sandbox.say(&format!("-C ../tmp/other {words}"));
    }
    let sandbox = sandbox.git("switch -q develop").commit("more.txt", "more\n").git("switch -q feature/login");
    let there = sandbox.say("ls-remote origin");
    let tip = sandbox.say("rev-parse HEAD");
    let said = "error: `origin/feature/login` has commits that were never in `feature/login`\n\
                hint: take them in: `git switch feature/login && git pull --rebase origin feature/login`\n";
    sandbox.run("flow update --rebase").fails(1, said);
    assert_eq!(sandbox.say("rev-parse HEAD"), tip);
    // Rebased past it by hand, it is still not thrown away.
    let sandbox = sandbox.git("rebase -q develop");
    refused(sandbox.run("flow publish --force"), 1, said);
    assert_eq!(sandbox.say("ls-remote origin"), there);
    // Taken in, and updated twice, it can be published.
    let sandbox = sandbox.git("pull -q --rebase origin feature/login");
    sandbox.run("flow update --rebase").succeeds();
    let sandbox = sandbox.git("switch -q develop").commit("most.txt", "most\n");
    sandbox.run("flow update login --rebase").succeeds();
    sandbox.run("flow publish --force").succeeds();
    assert!(sandbox.say("log --format=%s origin/feature/login").contains("Theirs"));
}
