//! `prodev flow start`.

use super::world::{World as _, flow, refused, with_remote};
use crate::sandbox::Sandbox;

#[test]
fn a_feature_opens_on_develop_11() {
    let sandbox = flow().git("switch -q main");
    let run = sandbox.honest("flow start feature login");
    assert_eq!(run.json()["branch"], "feature/login");
    assert_eq!(sandbox.head(), "feature/login");
    assert_eq!(sandbox.say("rev-parse HEAD"), sandbox.say("rev-parse develop"));
    let sandbox = flow().git("switch -q --detach main");
    sandbox.run("flow start feature login").succeeds().stderr_is(
        "Switched to the new branch `feature/login`, on `develop`\n\nCommit to it, then: prodev flow finish feature/login\n",
    );
    assert_eq!(sandbox.head(), "feature/login");
}

#[test]
fn changes_come_along_unless_they_would_be_lost_12() {
    let sandbox = flow().git("switch -q main");
    sandbox.write("base.txt", "mine\n");
    sandbox.write("new.txt", "mine\n");
    sandbox.git("add new.txt").run("flow start feature login").succeeds();
    let sandbox = flow().git("switch -q main");
    sandbox.write("develop.txt", "mine\n");
    let said = "error: switching to `feature/login` would overwrite `develop.txt`, which Git does not have\n\
                hint: move what is there to another place\n";
    refused(sandbox.run("flow start feature login"), 1, said);
    let sandbox = flow().commit("base.txt", "other\n").git("switch -q main");
    sandbox.write("base.txt", "mine\n");
    let said = "error: switching to `feature/login` would overwrite changes in `base.txt`\n\
                hint: commit them, or put them aside with `git stash`\n";
    refused(sandbox.run("flow start feature login"), 1, said);
}

#[test]
fn an_ignored_file_with_other_content_is_not_overwritten_12() {
    let sandbox = flow().commit(".env", "A=1\n").git("switch -q main").file(".git/info/exclude", ".env\n");
    sandbox.write(".env", "SECRET=1\n");
    let said = "error: switching to `feature/login` would overwrite `.env`, which Git does not have\n\
                hint: move what is there to another place\n";
    refused(sandbox.run("flow start feature login"), 1, said);
    sandbox.write(".env", "A=1\n");
    sandbox.run("flow start feature login").succeeds();
}

#[test]
fn a_base_can_be_named_and_is_remembered_13() {
    let sandbox = flow().git("tag v0");
    sandbox.honest("flow start feature a main");
    assert_eq!(sandbox.say("rev-parse HEAD"), sandbox.say("rev-parse main"));
    assert_eq!(sandbox.say("config gitflow.branch.feature/a.base"), "main");
    sandbox.run("flow start feature b v0").succeeds();
    sandbox.run(&format!("flow start feature c {}", sandbox.say("rev-parse main"))).succeeds();
    let said = "error: there is no branch, tag or commit `nowhere`\nhint: `git branch --all` and `git tag` show them\n";
    refused(sandbox.run("flow start feature d nowhere"), 1, said);
}

#[test]
fn a_branch_is_not_started_twice_14() {
    let sandbox = flow().git("branch feature/login");
    let said =
        "error: branch `feature/login` already exists\nhint: continue it with `prodev flow switch feature/login`\n";
    refused(sandbox.run("flow start feature login"), 1, said);
    let sandbox = with_remote().git("push -q origin develop:refs/heads/feature/login");
    sandbox.ask_git(&["fetch", "-q"]);
    let run = sandbox.run("flow start feature login --dry-run");
    let said =
        "error: `feature/login` is on `origin` already\nhint: work on it with `prodev flow track feature/login`\n";
    refused(run, 1, said);
}

#[test]
fn names_that_cannot_be_are_refused_with_the_reason_15() {
    let sandbox = flow();
    for name in [
        "a b", "a..b", "a~b", "a^", "a:b", "a?b", "a*b", "a[b", "a\\b", "x.lock", "a.lock/b", "a@{b", "a/", "a//b",
        "a\u{7}b", "", ".a", "a/.b",
    ] {
        let run = sandbox.run_args(&["flow", "start", "feature", name]);
        assert!(run.stderr.contains("cannot be a branch: "), "{name:?}: {run}");
        run.exits(2).changed_nothing();
    }
}

#[test]
fn names_are_data_16_20() {
    let sandbox = flow();
    for name in ["-x", "--help", "--force", "$(touch x)", "`touch x`", "a;touch x", "a'b", "a\"b", "-", "%s", "a&b"] {
        let run = sandbox.run_args(&["flow", "start", "feature", "--no-input", "--", name]);
        if name.contains(' ') {
            run.exits(2).changed_nothing();
        } else {
            run.succeeds();
            assert_eq!(sandbox.head(), format!("feature/{name}"));
        }
        assert!(!sandbox.exists("x"), "{name} was run");
    }
}

#[test]
fn a_prefix_is_not_doubled_17() {
    let sandbox = flow();
    sandbox.run("flow start feature feature/login").succeeds();
    assert_eq!(sandbox.head(), "feature/login");
}

#[test]
fn long_and_foreign_names_are_made_or_refused_cleanly_18() {
    let sandbox = flow();
    sandbox.run("flow start feature größe-日本").succeeds();
    assert_eq!(sandbox.head(), "feature/größe-日本");
    sandbox.run(&format!("flow start feature {}", "a".repeat(200))).succeeds();
    sandbox.run(&format!("flow start feature {}", "b".repeat(300))).exits(2).changed_nothing();
}

#[test]
fn a_branch_that_is_in_the_way_is_named_19() {
    let sandbox = flow().git("branch feature/a");
    let said = "error: `feature/a/b` cannot be beside the branch `feature/a`\n  caused by: Git keeps a branch as a file, and those \
                below it in a folder of that name\nhint: choose another name\n";
    refused(sandbox.run("flow start feature a/b"), 1, said);
}

#[test]
fn one_release_at_a_time_unless_configured_21() {
    let sandbox = flow().git("branch release/1.0.0 develop");
    let said = "error: the release `release/1.0.0` is open already\nhint: finish it with `prodev flow finish release/1.0.0`\n\
                hint: or allow several with `several = true` in `[flow.kinds.release]`\n";
    refused(sandbox.run("flow start release 2.0.0"), 1, said);
    let sandbox = sandbox.file("prodev.toml", "[flow.kinds.release]\nseveral = true\n");
    sandbox.run("flow start release 2.0.0").succeeds();
}

#[test]
fn versions_follow_the_tags_22() {
    let sandbox = flow().git("tag 1.2.3 main").git("tag nonsense");
    let said =
        "error: the tag `1.2.3` exists already\nhint: start the next one with `prodev flow start release patch`\n";
    refused(sandbox.run("flow start release 1.2.3"), 1, said);
    let said = "error: `1.2.0` is older than the latest version, 1.2.3\nhint: start the next one with `prodev flow start release patch`\n";
    refused(sandbox.run("flow start release 1.2.0"), 1, said);
    sandbox.run("flow start release minor").succeeds();
    assert_eq!(sandbox.head(), "release/1.3.0");
    sandbox.run("flow start hotfix patch").succeeds();
    assert_eq!(sandbox.head(), "hotfix/1.2.4");
    sandbox.run("flow start feature minor").succeeds();
    assert_eq!(sandbox.head(), "feature/minor");
}

#[test]
fn a_develop_that_only_the_remote_has_is_made_23() {
    let sandbox = with_remote().git("switch -q main").git("branch -q -D develop");
    sandbox.honest("flow start feature login");
    assert_eq!(sandbox.say("rev-parse develop"), sandbox.say("rev-parse origin/develop"));
    let sandbox = Sandbox::repo();
    let said = "error: there is no branch `develop` to start from\nhint: make it with `git branch develop main`, or name another one\n\
                hint: or set the repository up: `prodev flow init`\n";
    refused(sandbox.run("flow start feature login"), 1, said);
}

#[test]
fn the_remote_is_looked_at_and_may_be_away_24() {
    let sandbox = with_remote();
    let old = sandbox.say("rev-parse develop");
    let sandbox = sandbox.commit("more.txt", "more\n").git("push -q");
    let new = sandbox.say("rev-parse develop");
    let sandbox = sandbox.git("switch -q main");
    sandbox.ask_git(&["branch", "-f", "develop", &old]);
    sandbox.ask_git(&["update-ref", "refs/remotes/origin/develop", &old]);
    sandbox.run("flow start feature fresh").succeeds();
    assert_eq!(sandbox.say("rev-parse HEAD"), new);
    std::fs::remove_dir_all(sandbox.path("../tmp/origin.git")).unwrap();
    let run = sandbox.run("flow start feature offline").succeeds();
    assert!(run.stderr.starts_with("warning: `origin` cannot be reached"), "{run}");
}

#[test]
fn a_worktree_of_its_own_leaves_this_one_alone_25() {
    let sandbox = flow();
    sandbox.write("mine.txt", "mine\n");
    sandbox.honest("flow start feature login --worktree ../tmp/login");
    assert_eq!(sandbox.head(), "develop");
    assert_eq!(sandbox.say("-C ../tmp/login symbolic-ref --short HEAD"), "feature/login");
    let said = "error: `../tmp/login` is there already\nhint: name a folder that is not\n";
    refused(sandbox.run("flow start feature other --worktree ../tmp/login"), 1, said);
}

#[test]
fn hooks_and_filters_of_git_flow_are_heard_26() {
    let sandbox = flow().hook("pre-flow-feature-start", "echo \"not $1 of $2: $3 from $4\" >&2; exit 3");
    let said = "error: `pre-flow-feature-start` refused it\n  caused by: not login of origin: feature/login from develop\n\
                hint: satisfy it, and run the command again\n";
    refused(sandbox.run("flow start feature login"), 1, said);
    let sandbox = flow().hook("filter-flow-release-start-version", "echo \"$1.0\"");
    sandbox.run("flow start release 1.2").succeeds();
    assert_eq!(sandbox.head(), "release/1.2.0");
    let sandbox = flow().hook("filter-flow-release-start-version", "echo no >&2; exit 1");
    sandbox.run("flow start release 1.2").exits(1).changed_nothing();
}

#[test]
fn an_unknown_kind_is_told_with_the_nearest() {
    refused(flow().run("flow start featur x"), 2, "error: there is no kind `featur`\nhint: did you mean `feature`?\n");
}

#[test]
fn a_script_after_the_fact_cannot_refuse_it_26() {
    let sandbox = super::world::with_remote().hook("post-flow-feature-start", "echo 'no board today' >&2; exit 1");
    let run = sandbox.run("flow start feature login").succeeds();
    let said = "warning: `post-flow-feature-start` failed, when all was done: no board today\n\
                Switched to the new branch `feature/login`, on `develop`\n";
    assert!(run.stderr.starts_with(said), "{run}");
    assert_eq!(sandbox.head(), "feature/login");
    let sandbox = sandbox.hook("post-flow-feature-publish", "exit 1");
    let run = sandbox.run("flow publish").succeeds();
    assert!(run.stderr.starts_with("warning: `post-flow-feature-publish` failed, when all was done\n"), "{run}");
    assert!(sandbox.say("ls-remote origin").contains("refs/heads/feature/login"));
}

#[test]
fn the_hook_of_a_checkout_runs_once_as_with_git_11() {
    let sandbox = flow();
    let ran = sandbox.path("../home/ran");
    // It cannot undo what is done.
    let sandbox =
        sandbox.hook("post-checkout", &format!("echo \"$3\" >>'{}'; echo 'no thanks' >&2; exit 1", ran.display()));
    let run = sandbox.run("flow start feature login").succeeds();
    assert!(
        run.stderr.starts_with("warning: a hook failed, when all was done: no thanks\nSwitched to the new branch"),
        "{run}"
    );
    assert_eq!((sandbox.read("../home/ran"), sandbox.head()), ("1\n".to_owned(), "feature/login".to_owned()));
    let run = sandbox.run("flow start feature other --worktree ../tmp/other").succeeds();
    assert!(run.stderr.starts_with("warning: a hook failed, when all was done: no thanks\n"), "{run}");
    assert_eq!(sandbox.say("-C ../tmp/other symbolic-ref --short HEAD"), "feature/other");
    assert_eq!(sandbox.read("../home/ran"), "1\n1\n");
}
