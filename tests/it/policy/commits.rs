//! Scenarios 74 and 75: what may be committed where, and what branches are called.

use super::{attempt, hook, is_refused, on_both, repository, script, works};
use crate::sandbox::PRODEV;

#[test]
fn scenario_74_protected_branches_take_no_commits_but_merges_and_roots() {
    on_both("", |sandbox| {
        hook(&sandbox, "pre-commit", "--pre-commit");
        sandbox.ask_git(&["switch", "-q", "develop"]);
        sandbox
            .run("flow check --pre-commit")
            .exits(1)
            .stdout_is(
                "error: branch `develop`: nobody commits to it directly [direct-commit]\n\
                 hint: take it to a branch of its own: `git switch -c feature/NAME`\n",
            )
            .changed_nothing();
        is_refused(&sandbox, "commit --allow-empty -m x", "[direct-commit]");
        works(&sandbox, "commit --allow-empty --no-verify -m x");
        works(&sandbox, "switch -qc feature/a HEAD~1");
        sandbox.write("a", "feature");
        works(&sandbox, "add a");
        works(&sandbox, "commit -qm a");
        // A merge that has to be resolved is committed by hand.
        works(&sandbox, "switch -q develop");
        sandbox.write("a", "develop");
        works(&sandbox, "add a");
        works(&sandbox, "commit -q --no-verify -m other");
        assert!(!attempt(&sandbox, "merge -q feature/a").0, "the merge must conflict");
        sandbox.write("a", "both");
        works(&sandbox, "add a");
        works(&sandbox, "commit -qm merged");
    });
}

#[test]
fn scenario_74_a_root_commit_and_a_merge_in_a_linked_worktree_are_allowed() {
    on_both("", |sandbox| {
        hook(&sandbox, "pre-commit", "--pre-commit");
        hook(&sandbox, "pre-merge-commit", "--pre-commit");
        works(&sandbox, "branch -m main support/old");
        works(&sandbox, "checkout -q --orphan main");
        works(&sandbox, "commit -qm root");
        works(&sandbox, "switch -qc feature/a develop");
        works(&sandbox, "commit -q --allow-empty -m a");
        works(&sandbox, "worktree add -q ../tmp/linked develop");
        let linked = ["-C", "../tmp/linked"];
        let words = |words: &str| [&linked[..], &words.split(' ').collect::<Vec<_>>()].concat().join(" ");
        works(&sandbox, &words("merge -q --no-ff feature/a"));
        is_refused(&sandbox, &words("commit --allow-empty -m x"), "[direct-commit]");
        assert_eq!(sandbox.ask_git(&["rev-list", "--count", "develop"]), "4");
    });
}

#[test]
fn scenario_78_a_merge_the_wrong_way_is_refused_before_it_is_committed() {
    on_both("", |sandbox| {
        hook(&sandbox, "pre-merge-commit", "--pre-commit");
        works(&sandbox, "switch -qc feature/a develop");
        works(&sandbox, "commit -q --allow-empty -m a");
        works(&sandbox, "switch -q main");
        is_refused(
            &sandbox,
            "merge -q --no-ff -m Innocent feature/a",
            "`feature/a` does not go into `main` [direction]",
        );
        works(&sandbox, "merge --abort");
        works(&sandbox, "switch -q develop");
        works(&sandbox, "merge -q --no-ff feature/a");
    });
}

#[test]
fn scenario_75_a_bad_name_is_told_with_a_better_one() {
    on_both("", |sandbox| {
        hook(&sandbox, "pre-commit", "--pre-commit");
        works(&sandbox, "switch -qc feat/login develop");
        is_refused(&sandbox, "commit --allow-empty -m x", "git branch -m feat/login feature/login");
        sandbox
            .run("flow check --branch")
            .exits(1)
            .stdout_is(
                "error: branch `feat/login`: it has the prefix of no kind (`feature/`, `bugfix/`, `release/`, `hotfix/`, \
                 `support/`) [branch-name]\nhint: rename it with `git branch -m feat/login feature/login`\n",
            )
            .stderr_is("1 error\n")
            .changed_nothing();
        works(&sandbox, "branch -m feat/login feature/login");
        sandbox.run("flow check --branch").succeeds().stdout_is("").stderr_is("").changed_nothing();
        works(&sandbox, "commit --allow-empty -qm x");
    });
}

#[test]
fn scenario_75_while_rebasing_the_branch_is_the_one_that_is_rebased() {
    on_both("", |sandbox| {
        works(&sandbox, "switch -qc feat/login develop");
        sandbox.write("a", "1");
        works(&sandbox, "add a");
        works(&sandbox, "commit -qm a");
        works(&sandbox, "switch -q develop");
        sandbox.write("a", "2");
        works(&sandbox, "add a");
        works(&sandbox, "commit -qm b");
        works(&sandbox, "switch -q feat/login");
        assert!(!attempt(&sandbox, "rebase -q develop").0, "the rebase must stop");
        let told = sandbox.run("flow check --branch --json").exits(1).json();
        assert_eq!(told["branch"], "feat/login");
        assert_eq!(told["findings"][0]["object"], serde_json::json!({ "kind": "branch", "name": "feat/login" }));
    });
}

#[test]
fn scenario_77_on_a_detached_head_the_ci_names_the_branch() {
    let ask = |variables: &[(&str, &str)]| {
        let sandbox = repository("").git("checkout -q --detach");
        let sandbox = variables.iter().fold(sandbox, |sandbox, (name, value)| sandbox.env(name, value));
        sandbox.run("flow check --branch --json").json()["branch"].clone()
    };
    assert_eq!(ask(&[("GITHUB_HEAD_REF", "feature/a"), ("GITHUB_REF", "refs/pull/1/merge")]), "feature/a");
    assert_eq!(ask(&[("GITHUB_REF", "refs/heads/develop")]), "develop");
    assert_eq!(ask(&[("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "bad")]), "bad");
    assert_eq!(ask(&[("BUILD_SOURCEBRANCH", "refs/heads/a/b")]), "a/b");
    assert_eq!(ask(&[("GITHUB_REF", "refs/tags/v1")]), serde_json::Value::Null);
    let run = repository("").git("checkout -q --detach");
    run.run("flow check --branch")
        .succeeds()
        .stdout_is("")
        .stderr_is("skipped branch-name: HEAD is detached, and no variable of a CI names a branch\n");
}

#[test]
fn scenario_81_the_policy_answers_wherever_hooks_are_kept() {
    for (scope, path, folder) in [
        ("", "", ".git/hooks"),
        ("--local", "tools/hooks", "tools/hooks"),
        ("--local", ".husky/_", ".husky/_"),
        ("--global", "~/hooks", "../home/hooks"),
    ] {
        let sandbox = repository("[flow.message]\n");
        if !path.is_empty() {
            sandbox.ask_git(&["config", scope, "core.hooksPath", path]);
        }
        for (name, arguments) in
            [("pre-commit", "--pre-commit"), ("commit-msg", "--message \"$1\""), ("pre-push", "--pre-push \"$@\"")]
        {
            script(&sandbox, &format!("{folder}/{name}"), arguments);
        }
        works(&sandbox, "init -q --bare -b main ../tmp/origin.git");
        works(&sandbox, "remote add origin ../tmp/origin.git");
        works(&sandbox, "push -q --no-verify origin main develop");
        is_refused(&sandbox, "commit --allow-empty -m x", "[direct-commit]");
        // In a linked worktree, whose index and HEAD Git names to its hooks by variables.
        works(&sandbox, "worktree add -q -b feature/a ../tmp/linked develop");
        if matches!(folder, "tools/hooks" | ".husky/_") {
            // A path in the worktree: what is not committed is not there.
            continue;
        }
        is_refused(&sandbox, "-C ../tmp/linked commit --allow-empty -m nonsense", "[message-header]");
        sandbox.ask_git(&["-C", "../tmp/linked", "commit", "-q", "--allow-empty", "-m", "fix: it"]);
        is_refused(&sandbox, "push origin feature/a:main", "[direct-commit]");
    }
}

#[test]
fn scenario_81_the_policy_stands_beside_another_hook() {
    on_both("[flow.message]\n", |sandbox| {
        works(&sandbox, "switch -qc feature/a develop");
        // What was there is called first, and both can refuse.
        let chained = format!(
            "#!/bin/sh\ngrep -q forbidden \"$1\" && {{ echo 'refused by the other' >&2; exit 1; }}\nexec {} flow check --message \"$1\"\n",
            crate::sandbox::PRODEV
        );
        hook(&sandbox, "commit-msg", "");
        sandbox.write(".git/hooks/commit-msg", chained);
        is_refused(&sandbox, "commit --allow-empty -m forbidden", "refused by the other");
        is_refused(&sandbox, "commit --allow-empty -m nonsense", "[message-header]");
        sandbox.ask_git(&["commit", "-q", "--allow-empty", "-m", "fix: it"]);
    });
}

#[test]
fn a_link_under_the_name_of_a_hook_is_the_check_that_belongs_to_it() {
    on_both("[flow.message]\n", |sandbox| {
        for name in ["pre-commit", "commit-msg", "pre-push"] {
            std::os::unix::fs::symlink(PRODEV, sandbox.path(&format!(".git/hooks/{name}"))).unwrap();
        }
        works(&sandbox, "init -q --bare -b main ../tmp/origin.git");
        works(&sandbox, "remote add origin ../tmp/origin.git");
        works(&sandbox, "switch -q develop");
        is_refused(&sandbox, "commit -q --allow-empty -m feat:x", "[direct-commit]");
        works(&sandbox, "switch -qc feature/a");
        is_refused(&sandbox, "commit -q --allow-empty -m whatever", "[message-header]");
        works(&sandbox, "commit -q --allow-empty -m whatever --no-verify");
        works(&sandbox, "push -q --no-verify origin main develop");
        is_refused(&sandbox, "push -q origin :develop", "[branch-deletion]");
    });
}
