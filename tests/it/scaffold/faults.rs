//! prodev killed, and the disk full, at every single step: afterwards all is as it was before, or as it should be.

use std::collections::BTreeMap;
use std::process::Output;

use super::templates::{different, link, project, with_plain_template};
use crate::sandbox::{PRODEV, Sandbox};

/// More steps than any run here has.
const ENDLESS: usize = 500;

type Tree = BTreeMap<String, String>;

/// Runs prodev with a switch that makes it fail at a step.
fn run_with(sandbox: &Sandbox, switch: &str, step: usize, words: &str) -> Output {
    let mut command = sandbox.command(PRODEV);
    command.env(switch, step.to_string()).args(words.split_whitespace()).output().unwrap()
}

fn was_killed(output: &Output) -> bool {
    std::os::unix::process::ExitStatusExt::signal(&output.status).is_some()
}

/// A situation in which a project is generated.
struct Case {
    name: &'static str,
    prepare: fn() -> Sandbox,
    words: &'static str,
}

const CASES: [Case; 8] = [
    Case { name: "a new folder", prepare: with_plain_template, words: "new ../tpl shop --no-git" },
    Case { name: "new folders", prepare: with_plain_template, words: "new ../tpl a/b/shop" },
    Case { name: "a new folder with a commit", prepare: with_plain_template, words: "new ../tpl shop --git" },
    Case { name: "a new folder in a repository", prepare: in_repository, words: "new ../tpl other" },
    Case { name: "an old folder", prepare: with_old_files, words: "new ../tpl shop --overwrite force --no-git" },
    Case {
        name: "an old folder, made a repository",
        prepare: with_old_files,
        words: "new ../tpl shop --overwrite force",
    },
    Case {
        name: "an old folder with a commit",
        prepare: with_old_files,
        words: "new ../tpl shop --overwrite force --git",
    },
    Case { name: "an old folder in a repository", prepare: in_repository, words: "new ../tpl shop --overwrite force" },
];

/// A project folder with every kind of thing that can be replaced.
fn with_old_files() -> Sandbox {
    let sandbox = with_plain_template().file("shop/own/deep/file", "own").file("shop/a.txt", "mine\n");
    // What is there is a link whose target reads like the file that replaces it, and the other way round.
    std::fs::remove_file(sandbox.path("../tpl/files/a.txt")).unwrap();
    sandbox.write("../tpl/files/a.txt", "own");
    std::fs::remove_file(sandbox.path("shop/a.txt")).unwrap();
    link(&sandbox, "own", "shop/a.txt");
    sandbox.write("shop/link", "sub/b.txt");
    sandbox.write("shop/sub/b.txt", "mine\n");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o640);
    std::fs::set_permissions(sandbox.path("shop/sub/b.txt"), mode).unwrap();
    sandbox
}

fn in_repository() -> Sandbox {
    with_old_files().git("init -q .").git("add .").git("commit -q -m Before")
}

/// What counts: the working directory without what is in `.git`, and what Git itself says.
fn state(sandbox: &Sandbox) -> Tree {
    let mut tree = project(sandbox, ".");
    // It names the template's folder, which is another one in every sandbox.
    for (path, what) in tree.iter_mut().filter(|(path, _)| path.ends_with("/state.toml")) {
        *what = sandbox.read(path).replace(&*sandbox.root().to_string_lossy(), "[ROOT]");
    }
    for folder in [".", "shop", "a/b/shop", "other"] {
        if sandbox.exists(&format!("{folder}/.git")) {
            let ask = |words: &[&str]| sandbox.ask_git(&[&["-C", folder], words].concat());
            // A folder that a killed run left beside its place is swept by the next run there.
            let status = ask(&["status", "--porcelain"])
                .lines()
                .filter(|line| !line.contains(".prodev-"))
                .collect::<Vec<_>>()
                .join("\n");
            let said = [ask(&["for-each-ref", "--format=%(refname)"]), status, ask(&["ls-files"])];
            tree.insert(format!("{folder}/.git says"), said.join("\n"));
        }
        let litter = format!("{folder}/.git/prodev");
        assert!(!sandbox.exists(&litter), "`{litter}` is left");
    }
    tree
}

#[test]
fn killed_at_every_step_it_is_before_or_after() {
    for Case { name, prepare, words } in CASES {
        let undisturbed = prepare();
        let before = state(&undisturbed);
        undisturbed.run(words).succeeds();
        let after = state(&undisturbed);
        let mut steps = 0;
        for step in 1..ENDLESS {
            let sandbox = prepare();
            let output = run_with(&sandbox, "PRODEV_TEST_FAULT", step, words);
            if !was_killed(&output) {
                assert!(output.status.success(), "{name}: {}", sandbox.normalise(&output.stderr));
                assert_eq!(state(&sandbox), after, "{name}: undisturbed");
                break;
            }
            steps = step;
            // Any other command in the folder takes back what was begun in it; what was begun beside it is swept by the next run.
            let place = if sandbox.exists("shop") { "shop" } else { "." };
            sandbox.run(&format!("-C {place} template list")).succeeds();
            let mut then = state(&sandbox);
            then.retain(|path, _| !path.contains(".prodev-"));
            assert!(then == before || then == after, "{name}, killed at step {step}: {}", different(&then, &before));
            if then == before {
                sandbox.run(words).succeeds();
                assert_eq!(state(&sandbox), after, "{name}, killed at step {step} and run again");
            }
        }
        assert!(steps >= 5, "{name} has no steps to be killed at");
    }
}

#[test]
fn run_again_after_a_kill_it_ends_as_if_nothing_had_been() {
    for Case { name, prepare, words } in CASES {
        let undisturbed = prepare();
        undisturbed.run(words).succeeds();
        let after = state(&undisturbed);
        for step in (1..ENDLESS).step_by(5) {
            let sandbox = prepare();
            if !was_killed(&run_with(&sandbox, "PRODEV_TEST_FAULT", step, words)) {
                break;
            }
            let again = sandbox.command(PRODEV).args(words.split_whitespace()).output().unwrap();
            let said = sandbox.normalise(&again.stderr);
            // Killed after its last deed, there is nothing left to do.
            let all = ["was generated from `tpl` already", "is in a Git repository already"];
            let done = again.status.success() || all.iter().any(|all| said.contains(all));
            assert!(done, "{name}, killed at step {step}: {said}");
            assert_eq!(state(&sandbox), after, "{name}, killed at step {step}");
        }
    }
}

#[test]
fn killed_again_and_again_it_is_before_or_after() {
    let Case { prepare, words, .. } = CASES[5];
    let undisturbed = prepare();
    let before = state(&undisturbed);
    undisturbed.run(words).succeeds();
    let after = state(&undisturbed);
    let sandbox = prepare();
    for step in 1..ENDLESS {
        if !was_killed(&run_with(&sandbox, "PRODEV_TEST_FAULT", step, words)) {
            break;
        }
    }
    sandbox.run("-C shop template list").succeeds();
    let then = state(&sandbox);
    assert!(then == before || then == after, "{}", different(&then, &before));
}

#[test]
fn a_full_disk_at_every_step_leaves_nothing() {
    for Case { name, prepare, words } in CASES {
        let undisturbed = prepare();
        let before = state(&undisturbed);
        let mut steps = 0;
        for step in 1..ENDLESS {
            let sandbox = prepare();
            let output = run_with(&sandbox, "PRODEV_TEST_FULL", step, words);
            if output.status.success() {
                break;
            }
            steps = step;
            let said = sandbox.normalise(&output.stderr);
            assert_eq!(output.status.code(), Some(1), "{name}, full at step {step}: {said}");
            assert!(said.contains("error: ") && said.contains("no storage space"), "{name}, {step}: {said}");
            let then = state(&sandbox);
            assert!(then == before, "{name}, full at step {step}: {}", different(&then, &before));
        }
        assert!(steps >= 5, "{name} has no steps at which the disk can be full");
    }
}

#[test]
fn a_dry_run_takes_nothing_back() {
    let Case { prepare, words, .. } = CASES[4];
    let sandbox = prepare();
    assert!(was_killed(&run_with(&sandbox, "PRODEV_TEST_FAULT", 12, words)));
    for words in ["-C shop template list --dry-run", &format!("{words} --dry-run")] {
        let run = sandbox.run(words).exits(1).changed_nothing();
        assert!(run.stderr.contains("interrupted") && run.stderr.contains("hint:"), "{run}");
    }
    let run = sandbox.run("-C shop template list").succeeds();
    assert!(run.stderr.contains("took back a change to `[DIR]/shop` that was interrupted"), "{run}");
    sandbox.run("-C shop template list").succeeds().stderr_is("").changed_nothing();
}

#[test]
fn what_the_user_changed_after_the_kill_is_left_to_him() {
    let Case { prepare, words, .. } = CASES[4];
    let sandbox = prepare();
    // Late enough for all files to be there.
    let last = (1..ENDLESS).find(|step| !was_killed(&run_with(&prepare(), "PRODEV_TEST_FAULT", *step, words))).unwrap();
    assert!(was_killed(&run_with(&sandbox, "PRODEV_TEST_FAULT", last - 2, words)));
    sandbox.write("shop/bin/run", "edited");
    sandbox.write("shop/sub/new", "new");
    let run = sandbox.run("-C shop template list").succeeds();
    assert!(run.stderr.contains("changed since and left as they are: bin/run"), "{run}");
    assert_eq!(sandbox.read("shop/bin/run"), "edited");
    assert_eq!(sandbox.read("shop/sub/new"), "new");
    assert_eq!(sandbox.read("shop/sub/b.txt"), "mine\n");
}
