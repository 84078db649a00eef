//! Scenario 79: the audit of a whole repository.

use super::{on_both, works};
use crate::proof;
use crate::sandbox::Sandbox;

/// Makes a commit at a time of its own, in seconds since 1970, and gives its id.
fn commit(sandbox: &Sandbox, message: &str) -> String {
    sandbox.ask_git(&["commit", "-q", "--allow-empty", "-m", message]);
    sandbox.ask_git(&["rev-parse", "HEAD"])
}

/// Starts a branch, commits, and merges it into `targets`.
fn merge(sandbox: &Sandbox, branch: &str, start: &str, targets: &[&str]) {
    works(sandbox, &format!("switch -qc {branch} {start}"));
    commit(sandbox, &format!("work on {branch}"));
    for target in targets {
        works(sandbox, &format!("switch -q {target}"));
        works(sandbox, &format!("merge -q --no-ff {branch}"));
    }
    works(sandbox, &format!("branch -D {branch}"));
}

#[test]
fn scenario_79_a_clean_history_has_no_findings() {
    on_both("", |sandbox| {
        merge(&sandbox, "feature/a", "develop", &["develop"]);
        merge(&sandbox, "release/1.0.0", "develop", &["main", "develop"]);
        works(&sandbox, "tag -a 1.0.0 -m one main");
        merge(&sandbox, "hotfix/1.0.1", "main", &["main"]);
        works(&sandbox, "tag -a 1.0.1 -m two main");
        works(&sandbox, "switch -q develop");
        works(&sandbox, "merge -q --no-ff main");
        works(&sandbox, "branch support/1.0 1.0.0");
        merge(&sandbox, "hotfix/1.0.2", "support/1.0", &["support/1.0"]);
        works(&sandbox, "tag 1.0.2 support/1.0");
        works(&sandbox, "switch -qc feature/open develop");
        commit(&sandbox, "open");
        works(&sandbox, "tag 2.0.0-rc.1");
        sandbox
            .run("flow check --repo")
            .succeeds()
            .stdout_is("")
            .stderr_is("nothing found in 13 commits, 4 branches, 4 tags\n")
            .changed_nothing();
        // A clone sees the same through the branches of its remote, and so does a bare one.
        sandbox.ask_git(&["clone", "-q", ".", "../tmp/clone"]);
        sandbox.run("-C ../tmp/clone flow check --repo").succeeds().stdout_is("");
        sandbox.ask_git(&["clone", "-q", "--bare", ".", "../tmp/bare"]);
        sandbox.run("-C ../tmp/bare flow check --repo").succeeds().stdout_is("");
    });
}

#[test]
fn scenario_79_what_is_against_the_model_is_told_with_its_commit() {
    on_both("", |sandbox| {
        works(&sandbox, "switch -q main");
        let direct = commit(&sandbox, "direct on main");
        works(&sandbox, "switch -q develop");
        let other = commit(&sandbox, "direct on develop");
        merge(&sandbox, "release/1.0.0", "develop", &["main"]);
        let release = sandbox.ask_git(&["rev-parse", "main"]);
        let short = |id: &str| id[..7].to_owned();
        let run = sandbox.run("flow check --repo").exits(1).changed_nothing();
        let expected = [
            format!(
                "error: commit `{}` (Merge branch 'release/1.0.0'): it brought something into production and has no version tag \
                 [untagged-merge]\nhint: tag it: `git tag -a VERSION {release}`\n",
                short(&release)
            ),
            format!(
                "error: commit `{}` (direct on main): it was made on `main` directly [direct-commit]\n",
                short(&direct)
            ),
            format!(
                "error: commit `{}` (direct on develop): it was made on `develop` directly [direct-commit]\n",
                short(&other)
            ),
            format!(
                "error: commit `{}` (Merge branch 'release/1.0.0'): what it brought into `main` is not in `develop` \
                 [missing-back-merge]\nhint: bring it there: `git switch develop && git merge --no-ff main`\n",
                short(&release)
            ),
        ];
        for part in &expected {
            assert!(run.stdout.contains(part), "{part}\n{run}");
        }
        assert_eq!(run.stderr, "4 errors\n");
        let told = sandbox.run("flow check --repo --json").exits(1).json();
        assert_eq!(told["findings"][0]["object"]["id"], release.as_str());
        // It is put right as the hints say.
        works(&sandbox, &format!("tag -a 1.0.0 -m one {release}"));
        works(&sandbox, "switch -q develop");
        works(&sandbox, "merge -q --no-ff main");
        assert_eq!(sandbox.run("flow check --repo").exits(1).stderr, "2 errors\n");
    });
}

#[test]
fn scenario_79_merges_the_wrong_way_are_found_whatever_they_say() {
    on_both("", |sandbox| {
        works(&sandbox, "switch -q develop");
        merge(&sandbox, "feature/first", "develop", &["develop"]);
        works(&sandbox, "switch -qc feature/a develop");
        commit(&sandbox, "a");
        works(&sandbox, "switch -q main");
        works(&sandbox, "merge -q --no-ff feature/a -m Release");
        works(&sandbox, "tag 1.0.0");
        let run = sandbox.run("flow check --repo").exits(1);
        assert!(run.stdout.contains("(Release): `feature/a` does not go into `main` [direction]"), "{run}");
    });
}

#[test]
fn scenario_79_tags_are_semantic_in_place_and_in_order() {
    on_both("tag_prefix = \"v\"\n", |sandbox| {
        for version in ["v1.1.0", "v1.0.0"] {
            merge(&sandbox, &format!("release/{version}"), "develop", &["main", "develop"]);
            works(&sandbox, &format!("tag {version} main"));
        }
        merge(&sandbox, "feature/a", "develop", &["develop"]);
        works(&sandbox, "tag v1.2 main");
        works(&sandbox, "tag v2.0.0 develop");
        works(&sandbox, "tag 3.0.0 main");
        sandbox.run("flow check --repo").exits(1).stdout_is(
            "error: tag `3.0.0`: the prefix `v` is missing [tag-name]\nhint: tag it as `v3.0.0`\n\
             error: tag `v1.2`: `1.2` is no semantic version [tag-name]\nhint: tag it as `v1.2.0`\n\
             error: tag `v2.0.0`: it is neither on `main` nor on a branch that releases live on [tag-place]\n\
             hint: tag the merge into `main`\n\
             warning: tag `v1.0.0`: it comes after `v1.1.0` and is lower [tag-order]\n\
             hint: tag versions in the order in which they are released\n",
        );
    });
}

#[test]
fn scenario_79_branches_grow_old() {
    on_both("stale_after = \"30d\"\nmax_age = \"60d\"\n", |sandbox| {
        works(&sandbox, "switch -qc feature/old develop");
        commit(&sandbox, "long ago");
        works(&sandbox, "switch -qc support/1 main");
        works(&sandbox, "switch -qc login develop");
        let run = sandbox.run("flow check --repo").exits(1);
        let rules: Vec<&str> =
            run.stdout.lines().filter_map(|line| line.split_once(" [")).map(|(_, rule)| rule).collect();
        assert_eq!(rules, ["stale-branch]", "old-branch]", "branch-name]"], "{run}");
        assert!(run.stdout.contains("hint: go on with it, or delete it: `git branch -D feature/old`"), "{run}");
        assert_eq!(run.stderr, "1 error, 2 warnings\n");
    });
}

#[test]
fn scenario_79_severities_are_the_policy_s() {
    let rules = "[flow.rules]\ndirect-commit = \"warn\"\nuntagged-merge = \"off\"\nmissing-back-merge = \"off\"\n";
    on_both(rules, |sandbox| {
        works(&sandbox, "switch -q main");
        commit(&sandbox, "direct");
        merge(&sandbox, "hotfix/1", "main", &["main"]);
        let run = sandbox.run("flow check --repo").succeeds();
        assert!(run.stdout.starts_with("warning: commit `") && run.stderr == "1 warning\n", "{run}");
    });
}

#[test]
fn scenario_79_squashed_and_rebased_branches_are_no_direct_commits() {
    on_both("[flow.kinds.feature]\nstrategy = \"squash\"\n", |sandbox| {
        works(&sandbox, "switch -q develop");
        commit(&sandbox, "squashed");
        let run = sandbox.run("flow check --repo").succeeds();
        assert!(run.stderr.starts_with("skipped direct-commit on `develop`: "), "{run}");
    });
}

#[test]
fn scenario_79_a_clean_history_of_git_flow_avh_has_no_findings() {
    if !proof::have("that histories made by git-flow AVH are clean", &["git-flow"]) {
        return;
    }
    for backend in ["libgit2", "plumbing"] {
        let sandbox = Sandbox::repo().env("PRODEV_TEST_GIT", backend).env("GIT_MERGE_AUTOEDIT", "no");
        works(&sandbox, "flow init -d");
        let run = |kind: &str, name: &str, commits: usize, rest: &str| {
            works(&sandbox, &format!("flow {kind} start {name} {rest}"));
            (0..commits).for_each(|number| drop(commit(&sandbox, &format!("{name} {number}"))));
            let message = if matches!(kind, "release" | "hotfix") { "-m done" } else { "" };
            works(&sandbox, &format!("flow {kind} finish {message} {name}"));
        };
        run("feature", "one", 1, "");
        run("feature", "two", 2, "");
        run("bugfix", "three", 2, "");
        run("release", "1.0.0", 1, "");
        run("hotfix", "1.0.1", 1, "");
        run("release", "1.1.0", 0, "");
        works(&sandbox, "flow support start 1.x 1.0.0");
        run("hotfix", "1.0.2", 1, "support/1.x");
        works(&sandbox, "flow feature start open");
        commit(&sandbox, "open");
        sandbox.run("flow check --repo").succeeds().stdout_is("").changed_nothing();
        // What git-flow would not have done is found.
        works(&sandbox, "switch -q develop");
        commit(&sandbox, "direct");
        works(&sandbox, "switch -q main");
        commit(&sandbox, "direct");
        let run = sandbox.run("flow check --repo").exits(1);
        assert_eq!(run.stdout.matches("[direct-commit]").count(), 2, "{run}");
        assert!(run.stderr.ends_with("2 errors\n"), "{run}");
    }
}
