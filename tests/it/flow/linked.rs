//! Finishes that are begun in a linked worktree, or that reach into one, and branches that are opened, killed anywhere.

use super::kills::{KILL_ONCE, killed_inside, matrix};
use super::world::{World as _, copy_of, flow, same, with_remote};
use crate::sandbox::Sandbox;

/// A feature in a linked worktree; develop has moved meanwhile, and is free.
fn linked(sandbox: Sandbox) -> Sandbox {
    let sandbox = sandbox.git("branch feature/login").commit("other.txt", "other\n").git("switch -q main");
    let sandbox = sandbox.git("worktree add -q ../tmp/linked feature/login");
    sandbox.write("../tmp/linked/login.txt", "login\n");
    sandbox.say("-C ../tmp/linked add login.txt");
    sandbox.ask_git(&["-C", "../tmp/linked", "commit", "-q", "-m", "Login"]);
    sandbox.write("../tmp/linked/notes.txt", "not known to Git\n");
    sandbox
}

#[test]
fn a_finish_in_a_linked_worktree_can_be_killed_anywhere_63() {
    matrix(&linked(flow()), "-C ../tmp/linked flow finish");
}

#[test]
fn a_finish_that_frees_a_branch_in_a_linked_worktree_can_be_killed_anywhere_50_63() {
    matrix(&linked(flow()), "flow finish feature/login");
}

#[test]
fn a_finish_into_a_linked_worktree_can_be_killed_anywhere_49_63() {
    let world = flow().git("switch -q -c feature/login").commit("login.txt", "login\n");
    let world = world.git("worktree add -q ../tmp/linked develop");
    matrix(&world, "flow finish feature/login");
}

#[test]
fn a_release_in_a_linked_worktree_that_pushes_can_be_killed_anywhere_63() {
    // The remote's path is read from the top of whichever worktree asks.
    let world = with_remote();
    std::os::unix::fs::symlink(".", world.path("../tmp/tmp")).unwrap();
    let world = world.git("branch release/1.0.0").git("worktree add -q ../tmp/linked release/1.0.0");
    world.write("../tmp/linked/v.txt", "1\n");
    world.say("-C ../tmp/linked add v.txt");
    world.ask_git(&["-C", "../tmp/linked", "commit", "-q", "-m", "Version"]);
    matrix(&world.git("switch -q --detach"), "-C ../tmp/linked flow finish --push");
}

#[test]
fn a_finish_in_a_linked_worktree_can_be_killed_inside_a_merge_63() {
    for hook in ["pre-merge-commit", "commit-msg", "post-merge"] {
        let script = KILL_ONCE.replace("../tmp/", "../");
        killed_inside(&linked(flow()).hook(hook, &script), "-C ../tmp/linked flow finish");
    }
}

#[test]
fn a_conflict_in_a_linked_worktree_goes_on_or_back_from_there_or_from_here() {
    let world = linked(flow());
    world.write("../tmp/linked/other.txt", "ours\n");
    world.say("-C ../tmp/linked add other.txt");
    world.ask_git(&["-C", "../tmp/linked", "commit", "-q", "-m", "Other"]);
    for place in ["-C ../tmp/linked ", ""] {
        for end in ["--continue", "--abort"] {
            let sandbox = copy_of(&world);
            let before = sandbox.essence();
            sandbox.run("-C ../tmp/linked flow finish --resolve").exits(3);
            sandbox.write("../tmp/linked/other.txt", "both\n");
            sandbox.say("-C ../tmp/linked add other.txt");
            sandbox.run(&format!("{place}flow finish {end}")).succeeds();
            if end == "--abort" {
                same(place, &sandbox.essence(), &before);
                assert_eq!(sandbox.say("-C ../tmp/linked symbolic-ref --short HEAD"), "feature/login");
                assert_eq!(sandbox.say("-C ../tmp/linked show HEAD:other.txt"), "ours");
            } else {
                assert_eq!(sandbox.say("show develop:other.txt"), "both");
                assert!(!sandbox.has("refs/heads/feature/login"));
            }
        }
    }
}

#[test]
fn a_start_can_be_killed_anywhere() {
    let world = flow().git("switch -q main").file("base.txt", "changed\n").file("notes.txt", "not known to Git\n");
    matrix(&world, "flow start feature login");
    matrix(&flow(), "flow start release minor");
    matrix(&with_remote().git("switch -q main").git("branch -q -D develop"), "flow start feature login");
    matrix(&flow().git("tag here"), "flow start feature login here");
}

#[test]
fn a_start_in_a_new_worktree_can_be_killed_anywhere_25() {
    matrix(&flow().git("switch -q main"), "flow start feature login --worktree ../tmp/linked");
}

#[test]
fn a_start_can_be_killed_in_the_middle_of_a_checkout() {
    let world = flow()
        .file(".gitattributes", "*.slow filter=slow\n")
        .git("add .gitattributes")
        .git("commit -q -m Attributes")
        .commit("a.txt", "a\n")
        .commit("m.slow", "m\n")
        .commit("z.txt", "z\n")
        .git("switch -q main")
        .file("base.txt", "mine\n")
        .file("new.txt", "mine\n");
    // The filter runs at the top of whichever worktree it is.
    std::os::unix::fs::symlink(".", world.path("../tmp/tmp")).unwrap();
    let filter = "sh -c '[ -e ../tmp/armed ] && rm ../tmp/armed && kill -9 0; cat' --";
    world.ask_git(&["config", "filter.slow.smudge", filter]);
    world.ask_git(&["config", "filter.slow.clean", "cat"]);
    killed_inside(&world, "flow start feature login");
    killed_inside(&world, "flow start feature login --worktree ../tmp/linked");
    killed_inside(
        &copy_of(&world).hook("post-checkout", KILL_ONCE),
        "flow start feature login --worktree ../tmp/linked",
    );
}

#[test]
fn a_worktree_with_something_in_it_is_not_taken_away() {
    let sandbox = flow().hook("post-checkout", KILL_ONCE);
    std::os::unix::fs::symlink(".", sandbox.path("../tmp/tmp")).unwrap();
    sandbox.write("../tmp/armed", "");
    let mut command = sandbox.command(crate::sandbox::PRODEV);
    command.args(["flow", "start", "feature", "login", "--worktree", "../tmp/linked"]);
    let status = std::os::unix::process::CommandExt::process_group(&mut command, 0).status().unwrap();
    assert!(!status.success());
    sandbox.write("../tmp/linked/mine.txt", "mine\n");
    sandbox.run("flow start --abort").fails(
        1,
        "error: `[TMP]/linked` has `mine.txt`, which is not committed\nhint: keep it: `prodev flow start --continue`\n",
    );
    assert_eq!(sandbox.read("../tmp/linked/mine.txt"), "mine\n");
    sandbox.run("flow start --continue").succeeds().stderr_is(
        "Opened `feature/login` in `../tmp/linked`, on `develop`\n\nCommit to it, then: prodev flow finish feature/login\n",
    );
}
