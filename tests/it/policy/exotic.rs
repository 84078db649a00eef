//! Scenario 82: repositories that libgit2 cannot open, or would read otherwise than Git does, get the same verdicts.

use super::works;
use crate::sandbox::Sandbox;

/// Something of every kind to find, the same in every repository.
fn fill(sandbox: &Sandbox) {
    let commit = |message: &str| drop(sandbox.ask_git(&["commit", "-q", "--allow-empty", "-m", message]));
    sandbox.write("prodev.toml", "[flow]\n[flow.message]\n");
    sandbox.write("d/f", "1");
    works(sandbox, "add .");
    commit("policy");
    works(sandbox, "branch develop");
    commit("direct on main");
    works(sandbox, "switch -qc feature/a develop");
    commit("feat: a");
    commit("bad");
    works(sandbox, "switch -q main");
    works(sandbox, "merge -q --no-ff feature/a -m Release");
    works(sandbox, "tag -a 1.0 -m one");
    works(sandbox, "branch login develop");
    works(sandbox, "switch -q feature/a");
}

/// The verdicts on all that can be judged, without the ids, which differ between hashes.
fn verdicts(sandbox: &Sandbox) -> Vec<String> {
    let rules = |run: crate::sandbox::Run| -> String {
        let told = run.changed_nothing().json();
        let findings = told["findings"].as_array().unwrap_or_else(|| panic!("{told}")).iter();
        let texts = findings.map(|finding| {
            format!("{} {} {}", finding["rule"], finding["object"]["name"], finding["object"]["subject"])
        });
        texts.collect::<Vec<_>>().join("\n")
    };
    sandbox.write("../tmp/MESSAGE", "nonsense\n");
    let commands = [
        "flow check --repo --json",
        "flow check --range develop..feature/a --json",
        "flow check --branch --json",
        "flow check --message ../tmp/MESSAGE --json",
        "flow check --pre-commit --json",
    ];
    commands.iter().map(|command| rules(sandbox.run(command))).collect()
}

/// An empty repository on `main`.
fn made(init: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    works(&sandbox, &format!("init -q -b main {init}"));
    sandbox
}

#[test]
fn scenario_82_the_verdict_is_the_same_everywhere() {
    let plain = made("");
    fill(&plain);
    let expected = verdicts(&plain);
    assert_eq!(expected[0].lines().count(), 6, "{expected:?}");
    assert!(expected[1].contains("bad") && expected[3].contains("message-header"), "{expected:?}");

    let filled = |init: &str| {
        let sandbox = made(init);
        fill(&sandbox);
        sandbox
    };
    let configured = |commands: &[&str]| {
        let sandbox = filled("");
        for command in commands {
            works(&sandbox, command);
        }
        sandbox
    };
    let mut cases = vec![
        ("SHA-256", filled("--object-format=sha256")),
        ("a split index", configured(&["update-index --split-index"])),
        ("a sparse index", configured(&["sparse-checkout set --cone --sparse-index d"])),
        (
            "configuration of worktrees",
            configured(&["config extensions.worktreeConfig true", "config --worktree a.b c"]),
        ),
        ("packed refs", configured(&["pack-refs --all", "gc -q"])),
        (
            "an unknown extension",
            configured(&["config core.repositoryFormatVersion 1", "config extensions.partialClone origin"]),
        ),
        ("replaced objects", configured(&["replace --graft feature/a develop", "replace -d feature/a"])),
    ];
    // Git 2.45 and newer.
    if plain.command("git").args(["init", "-q", "--ref-format=reftable", "../tmp/probe"]).status().unwrap().success() {
        cases.push(("reftable", filled("--ref-format=reftable")));
    }
    for (what, sandbox) in cases {
        assert_eq!(verdicts(&sandbox), expected, "{what}");
        let sandbox = sandbox.env("PRODEV_TEST_GIT", "plumbing");
        assert_eq!(verdicts(&sandbox), expected, "{what}, through git");
    }
}

#[test]
fn scenario_82_a_partial_clone_and_a_linked_worktree_are_read_as_what_they_come_from() {
    let plain = made("");
    fill(&plain);
    let expected = verdicts(&plain);
    works(&plain, "config uploadpack.allowFilter true");
    let url = format!("file://{}", plain.dir().display());
    for filter in ["blob:none", "tree:0"] {
        let sandbox = Sandbox::new();
        sandbox.ask_git(&["clone", "-q", "--filter", filter, &url, "."]);
        for branch in ["develop", "main", "login"] {
            works(&sandbox, &format!("branch {branch} origin/{branch}"));
        }
        assert_eq!(verdicts(&sandbox), expected, "{filter}");
    }
    works(&plain, "switch -q main");
    works(&plain, "worktree add -q ../tmp/linked feature/a");
    let told = plain.run("-C ../tmp/linked flow check --branch --json").succeeds().json();
    assert_eq!(told["branch"], "feature/a");
    plain.run("-C ../tmp/linked flow check --range develop..HEAD").exits(1);
}
