//! Scenario 80: what may be pushed, asked by who pushes and by the server, through real pushes to a real bare repository.

use super::{attempt, hook, is_refused, on_both, script, works};
use crate::sandbox::Sandbox;

/// Adds a bare repository `origin` that has everything, and asks before pushes or on arrival.
fn remote(sandbox: &Sandbox, side: &str) {
    works(sandbox, "init -q --bare -b main ../tmp/origin.git");
    works(sandbox, "remote add origin ../tmp/origin.git");
    works(sandbox, "push -q origin main develop");
    if side == "server" {
        works(sandbox, "-C ../tmp/origin.git config receive.advertisePushOptions true");
        script(sandbox, "../tmp/origin.git/hooks/pre-receive", "--pre-receive");
    } else {
        hook(sandbox, "pre-push", "--pre-push \"$@\"");
    }
}

/// Both sides and both backends.
fn on_all(more: &str, scenario: impl Fn(&Sandbox, &str)) {
    for side in ["client", "server"] {
        on_both(more, |sandbox| {
            remote(&sandbox, side);
            scenario(&sandbox, side);
        });
    }
}

fn commit(sandbox: &Sandbox, message: &str) {
    sandbox.ask_git(&["commit", "-q", "--allow-empty", "-m", message]);
}

#[test]
fn scenario_80_protected_branches_are_neither_rewritten_nor_deleted() {
    on_all("", |sandbox, _| {
        works(sandbox, "switch -q develop");
        works(sandbox, "commit -q --allow-empty --amend -m other");
        is_refused(sandbox, "push --force origin develop", "the push would take a commit away [force-push]");
        is_refused(sandbox, "push origin :develop", "branch `develop`: nobody deletes it [branch-deletion]");
        works(sandbox, "switch -qc feature/a main");
        commit(sandbox, "a");
        works(sandbox, "push -q origin feature/a");
        works(sandbox, "commit -q --allow-empty --amend -m b");
        works(sandbox, "push -q --force origin feature/a");
        works(sandbox, "push -q origin :feature/a");
        // What was refused did not happen.
        let develop = sandbox.ask_git(&["-C", "../tmp/origin.git", "log", "--format=%s", "-1", "develop"]);
        assert_eq!(develop, "policy");
    });
}

#[test]
fn scenario_80_commits_come_to_protected_branches_by_merges() {
    on_all("", |sandbox, _| {
        works(sandbox, "switch -q develop");
        commit(sandbox, "direct");
        let id = sandbox.ask_git(&["rev-parse", "HEAD"]);
        is_refused(sandbox, "push origin develop", "(direct): it was made on `develop` directly [direct-commit]");
        assert!(attempt(sandbox, "push origin develop").1.contains(&format!("git branch feature/NAME {id}")));
        works(sandbox, "reset -q --hard HEAD~1");
        works(sandbox, "switch -qc feature/a");
        commit(sandbox, "a");
        works(sandbox, "switch -q develop");
        works(sandbox, "merge -q --no-ff feature/a");
        works(sandbox, "push -q origin develop feature/a");
        works(sandbox, "switch -q main");
        works(sandbox, "merge -q --no-ff feature/a -m Release");
        is_refused(sandbox, "push origin main", "`feature/a` does not go into `main` [direction]");
    });
}

#[test]
fn scenario_80_versions_stay_and_are_semantic() {
    on_all("", |sandbox, _| {
        works(sandbox, "tag 1.0.0 main");
        works(sandbox, "tag -a 1.1.0 -m one main");
        works(sandbox, "tag note main");
        works(sandbox, "push -q origin 1.0.0 1.1.0 note");
        works(sandbox, "switch -q develop");
        works(sandbox, "switch -qc feature/a");
        commit(sandbox, "a");
        works(sandbox, "tag -f 1.0.0");
        works(sandbox, "tag -f note");
        is_refused(sandbox, "push --force origin 1.0.0", "tag `1.0.0`: it would be moved [tag-moved]");
        is_refused(sandbox, "push origin :1.1.0", "tag `1.1.0`: it would be deleted [tag-moved]");
        works(sandbox, "push -q --force origin note");
        works(sandbox, "push -q origin :note");
        works(sandbox, "tag v1.2 main");
        is_refused(sandbox, "push origin v1.2", "tag `v1.2`: `v1.2` is no semantic version [tag-name]");
    });
}

#[test]
fn scenario_80_only_what_is_new_to_the_remote_is_looked_at() {
    on_all("[flow.message]\n", |sandbox, side| {
        works(sandbox, "switch -qc feature/a develop");
        commit(sandbox, "feat: good");
        // All of the history before is in no form at all, and there already.
        works(sandbox, "push -q origin feature/a");
        works(sandbox, "switch -qc feature/b");
        commit(sandbox, "bad");
        is_refused(sandbox, "push origin feature/b", "(bad): the first line");
        assert_eq!(attempt(sandbox, "push origin feature/b").1.matches("[message-header]").count(), 1);
        is_refused(sandbox, "push origin HEAD:refs/heads/feat/b", "git branch -m feat/b feature/b");
        sandbox.ask_git(&["commit", "-q", "--allow-empty", "--amend", "-m", "feat: b"]);
        works(sandbox, "push -q origin feature/b");
        if side == "server" {
            works(sandbox, "commit -q --allow-empty --amend -m bad");
            is_refused(sandbox, "push --force origin feature/b", "[message-header]");
            works(sandbox, "push -q --force -o prodev.skip=message-header origin feature/b");
        } else {
            works(sandbox, "commit -q --allow-empty --amend -m bad");
            works(sandbox, "push -q --force --no-verify origin feature/b");
        }
    });
}

#[test]
fn scenario_80_who_pushes_is_told_that_a_branch_takes_pull_requests_only() {
    on_both("pull_requests = [\"main\"]\n", |sandbox| {
        remote(&sandbox, "client");
        works(&sandbox, "switch -q main");
        commit(&sandbox, "x");
        is_refused(&sandbox, "push origin main", "branch `main`: it takes pull requests only [direct-commit]");
    });
}

#[test]
fn scenario_80_a_push_is_judged_by_the_policy_before_it() {
    on_both("[flow.message]\n", |sandbox| {
        remote(&sandbox, "server");
        let bring = |name: &str, text: &str, message: &str| {
            works(&sandbox, &format!("switch -qc hotfix/{name} main"));
            sandbox.write("prodev.toml", text);
            sandbox.ask_git(&["commit", "-qam", message]);
            works(&sandbox, "switch -q main");
            works(&sandbox, &format!("merge -q --no-ff hotfix/{name}"));
        };
        bring("1.0.1", "[flow]\n", "laxer");
        is_refused(&sandbox, "push origin main", "(laxer): the first line");
        works(&sandbox, "reset -q --hard HEAD~1");
        bring("1.0.2", "[flow]\nmain = \"main\"\n", "fix: laxer");
        let (is_success, said) = attempt(&sandbox, "push origin main");
        assert!(
            is_success && said.contains("warning: branch `main`: the push changes `[flow]` in prodev.toml [policy]"),
            "{said}"
        );
        // One that nobody could read would end all pushing.
        bring("1.0.3", "[flow]\nmian = \"main\"\n", "fix: broken");
        is_refused(&sandbox, "push origin main", "the policy that the push brings cannot be read");
    });
}

#[test]
fn what_git_never_says_is_refused() {
    on_both("", |sandbox| {
        let run = sandbox.run_with_input(&["flow", "check", "--pre-receive"], "nonsense\n");
        run.fails(
            2,
            "error: `nonsense` is no line that Git gives the hook `pre-receive`\nhint: each line of stdin is `OLD-ID NEW-ID REF`\n",
        )
        .changed_nothing();
    });
}
