//! Scenarios 77 and 78: what a pull request brings, as a CI sees it.

use super::{on_both, repository, works};
use crate::sandbox::Sandbox;

const CONVENTIONAL: &str = "[flow.message]\n";

fn commit(sandbox: &Sandbox, message: &str) {
    sandbox.ask_git(&["commit", "-q", "--allow-empty", "-m", message]);
}

#[test]
fn scenario_77_a_range_is_judged_commit_by_commit_and_merges_by_their_parents() {
    on_both(CONVENTIONAL, |sandbox| {
        works(&sandbox, "switch -qc feature/a develop");
        commit(&sandbox, "feat: one");
        commit(&sandbox, "Merge branch 'nothing'");
        works(&sandbox, "switch -q develop");
        commit(&sandbox, "chore: meanwhile");
        works(&sandbox, "switch -q feature/a");
        works(&sandbox, "merge -q --no-ff develop -m Anything");
        let id = sandbox.ask_git(&["rev-parse", "--short=7", "HEAD~1"]);
        sandbox
            .run("flow check --range develop..feature/a")
            .exits(1)
            .stdout_is(&format!(
                "error: commit `{id}` (Merge branch 'nothing'): the first line does not begin with a type [message-header]\n\
                 hint: write it as `fix: Merge branch 'nothing'`, with one of the types `build`, `chore`, `ci`, `docs`, `feat`, \
                 `fix`, `perf`, `refactor`, `revert`, `style`, `test`\n"
            ))
            .changed_nothing();
        let told = sandbox.run("flow check --range develop..HEAD --json").exits(1).json();
        assert_eq!((told["commits"].as_u64(), told["branch"].as_str()), (Some(3), Some("feature/a")));
        sandbox.run("flow check --range HEAD~1..").succeeds().stderr_is("nothing found in 2 commits\n");
        for (range, from) in [("develop", "develop"), ("a...b", "a")] {
            sandbox
                .run(&format!("flow check --range {range}"))
                .fails(2, &format!("error: `{range}` is no range\nhint: write it as `--range {from}..HEAD`\n"));
        }
        sandbox
            .run("flow check --range nothing..HEAD")
            .fails(1, "error: there is no commit `nothing` here\nhint: fetch it with `git fetch origin`\n");
    });
}

#[test]
fn scenario_77_a_shallow_clone_without_the_merge_base_is_an_error() {
    on_both(CONVENTIONAL, |sandbox| {
        works(&sandbox, "switch -qc feature/a develop");
        (0..3).for_each(|number| commit(&sandbox, &format!("feat: {number}")));
        works(&sandbox, "switch -q develop");
        (0..3).for_each(|number| commit(&sandbox, &format!("fix: {number}")));
        let url = format!("file://{}", sandbox.dir().display());
        let clone = |depth: &str| {
            sandbox.ask_git(&["clone", "-q", "--no-single-branch", "--depth", depth, &url, &format!("../tmp/{depth}")]);
            sandbox.run(&format!("-C ../tmp/{depth} flow check --range origin/develop..origin/feature/a"))
        };
        clone("2").fails(
            1,
            "error: this shallow clone ends before the commit that both ends of `origin/develop..origin/feature/a` come from\n\
             hint: fetch all of the history: `fetch-depth: 0` for `actions/checkout`, `GIT_DEPTH: 0` in GitLab CI, or \
             `git fetch --unshallow`\n",
        );
        clone("4").succeeds().stderr_is("nothing found in 3 commits\n");
        sandbox.ask_git(&["clone", "-q", "--depth", "1", &url, "../tmp/one"]);
        let run = sandbox.run("-C ../tmp/one flow check --range develop~1..HEAD").exits(1);
        assert!(run.stderr.starts_with("error: there is no commit `develop~1` in this shallow clone\nhint: "), "{run}");
    });
}

#[test]
fn scenario_77_the_policy_is_that_of_the_beginning() {
    on_both("", |sandbox| {
        works(&sandbox, "switch -qc feature/a develop");
        sandbox.write("prodev.toml", "[flow]\n[flow.message]\n");
        works(&sandbox, "add .");
        works(&sandbox, "commit -qm stricter");
        sandbox.run("flow check --range develop..HEAD").succeeds();
        sandbox.run("flow check --range develop..HEAD --policy-ref HEAD").exits(1);
    });
    on_both(CONVENTIONAL, |sandbox| {
        works(&sandbox, "switch -qc feature/a develop");
        sandbox.write("prodev.toml", "[flow]\n[flow.rules]\nmessage-header = \"off\"\n");
        works(&sandbox, "add .");
        works(&sandbox, "commit -qm laxer");
        let run = sandbox.run("flow check --range develop..HEAD").exits(1);
        assert!(run.stdout.contains("(laxer)"), "{run}");
    });
}

#[test]
fn scenario_77_a_new_branch_is_what_the_long_lived_ones_do_not_have() {
    on_both(CONVENTIONAL, |sandbox| {
        works(&sandbox, "switch -qc feature/a develop");
        commit(&sandbox, "feat: a");
        let zeros = "0".repeat(40);
        sandbox.run(&format!("flow check --range {zeros}..HEAD")).succeeds().stderr_is("nothing found in 1 commit\n");
    });
}

#[test]
fn scenario_78_merges_go_where_their_kind_goes() {
    let cases = [
        ("feature/a", "develop", "develop", true),
        ("feature/a", "develop", "main", false),
        ("hotfix/1.0.1", "main", "main", true),
        ("hotfix/1.0.1", "main", "develop", true),
        ("release/1.0.0", "develop", "main", true),
        ("release/1.0.0", "develop", "develop", true),
        ("feature/a", "develop", "release/2.0.0", false),
    ];
    on_both("", |sandbox| {
        works(&sandbox, "branch release/2.0.0 develop");
        for (branch, start, target, is_right) in cases {
            works(&sandbox, &format!("switch -qc {branch} {start}"));
            commit(&sandbox, "work");
            works(&sandbox, &format!("switch -qC {target} {target}"));
            // The message claims whatever would be allowed.
            works(&sandbox, &format!("merge -q --no-ff {branch} -m Release"));
            let run = sandbox.run(&format!("flow check --range {target}~1..{target}"));
            let run = if is_right { run.succeeds() } else { run.exits(1) };
            assert_eq!(
                run.stdout.contains(&format!("`{branch}` does not go into `{target}` [direction]")),
                !is_right,
                "{run}"
            );
            works(&sandbox, "reset -q --hard HEAD~1");
            works(&sandbox, &format!("branch -D {branch}"));
        }
    });
}

#[test]
fn scenario_78_a_branch_that_is_gone_is_known_by_its_line() {
    on_both("", |sandbox| {
        // develop has gone on, so that the two lines can be told apart.
        works(&sandbox, "switch -q develop");
        commit(&sandbox, "on develop");
        let merge = |branch: &str, start: &str, target: &str, message: &[&str]| {
            works(&sandbox, &format!("switch -qc {branch} {start}"));
            commit(&sandbox, "work");
            works(&sandbox, &format!("switch -q {target}"));
            sandbox.ask_git(&[&["merge", "-q", "--no-ff", branch], message].concat());
            works(&sandbox, &format!("branch -D {branch}"));
            let run = sandbox.run(&format!("flow check --range {target}~1..{target}"));
            let found = run.stdout.contains("[direction]");
            works(&sandbox, "reset -q --hard HEAD~1");
            found
        };
        assert!(merge("feature/a", "develop", "main", &[]), "Git's own message accuses");
        assert!(!merge("release/1.0.0", "develop", "main", &[]));
        assert!(!merge("release/1.0.0", "develop", "main", &["-m", "Whatever"]));
        assert!(!merge("hotfix/1.0.1", "main", "main", &[]));
        assert!(!merge("feature/a", "develop", "develop", &["-m", "Whatever"]));
    });
}

#[test]
fn scenario_78_develop_into_production_is_as_the_policy_says() {
    let merge = |sandbox: &Sandbox| {
        works(sandbox, "switch -q develop");
        commit(sandbox, "on develop");
        works(sandbox, "switch -q main");
        works(sandbox, "merge -q --no-ff develop");
    };
    on_both("", |sandbox| {
        merge(&sandbox);
        let run = sandbox.run("flow check --range main~1..main").exits(1);
        assert!(run.stdout.contains("`develop` does not go into `main` [direction]"), "{run}");
    });
    on_both("[flow.bases.main]\naccepts = [\"release\", \"hotfix\", \"develop\"]\n", |sandbox| {
        merge(&sandbox);
        sandbox.run("flow check --range main~1..main").succeeds();
    });
}

#[test]
fn scenario_78_a_pull_request_goes_where_its_branch_goes() {
    let sandbox = repository("").git("switch -qc feature/a develop").git("commit -q --allow-empty -m a");
    let sandbox = sandbox.git("checkout -q --detach").env("GITHUB_HEAD_REF", "feature/a");
    sandbox.run("flow check --range main..HEAD").succeeds();
    let sandbox = sandbox.env("GITHUB_BASE_REF", "main");
    sandbox.run("flow check --range main..HEAD").exits(1).stdout_is(
        "error: branch `feature/a`: `feature/a` does not go into `main` [direction]\n\
         hint: a feature goes into `develop`; `main` takes `release`, `hotfix`\n",
    );
}
