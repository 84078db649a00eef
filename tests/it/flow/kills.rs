//! A finish that is killed: before and after every `git` that it runs, inside a merge, inside a checkout. Whatever comes next, `finish` again,
//! `--continue` or `--abort`, leads to the end or back to the beginning.

use std::collections::BTreeMap;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::Stdio;

use super::world::{World as _, at_home, copy_of, flow, same, with_remote};
use crate::sandbox::{PRODEV, Sandbox};

/// When the wrapper kills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moment {
    Before,
    After,
}

fn real_git() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap();
    std::env::split_paths(&path).map(|folder| folder.join("git")).find(|git| git.is_file()).unwrap()
}

/// Runs prodev with a `git` that counts, and kills everything around it at the `number`th. Gives how many were run.
fn run_counting(sandbox: &Sandbox, words: &str, kill: Option<(usize, Moment)>) -> (bool, usize) {
    let folder = sandbox.root().join("cache/bin");
    std::fs::create_dir_all(&folder).unwrap();
    let count = sandbox.root().join("cache/count");
    std::fs::write(&count, "0\n").unwrap();
    let script = format!(
        "#!/bin/sh\nread -r n <'{count}'\nn=$((n + 1))\necho $n >'{count}'\n[ \"$n\" = \"$KILL_BEFORE\" ] && kill -9 0\n'{git}' \"$@\"\n\
         code=$?\n[ \"$n\" = \"$KILL_AFTER\" ] && kill -9 0\nexit $code\n",
        count = count.display(),
        git = real_git().display()
    );
    let program = folder.join("git");
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let mut paths = vec![folder];
    paths.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap()));
    let mut command = sandbox.command(PRODEV);
    command.args(words.split(' ')).env("PATH", std::env::join_paths(paths).unwrap());
    if let Some((number, moment)) = kill {
        let name = if moment == Moment::Before { "KILL_BEFORE" } else { "KILL_AFTER" };
        command.env(name, number.to_string());
    }
    // A group of its own, so that the test is not killed with it.
    let output = command.process_group(0).stdin(Stdio::null()).output().unwrap();
    let count = std::fs::read_to_string(count).unwrap().trim().parse().unwrap();
    (output.status.success(), count)
}

/// What is here, and what the remote has, if there is one.
fn state(sandbox: &Sandbox) -> BTreeMap<String, String> {
    let mut state = sandbox.essence();
    if sandbox.exists("../tmp/origin.git") {
        let there = sandbox.say("-C ../tmp/origin.git for-each-ref --format=%(refname)%20%(objectname)");
        state.insert("remote".to_owned(), there);
    }
    if sandbox.exists("../tmp/linked/.git") {
        for (path, what) in sandbox.snapshot("../tmp/linked").into_iter().filter(|(path, _)| path != ".git") {
            state.insert(format!("linked/{path}"), what);
        }
        for words in ["rev-parse --symbolic-full-name HEAD", "rev-parse HEAD", "ls-files -s -v"] {
            state.insert(format!("linked {words}"), sandbox.say(&format!("-C ../tmp/linked {words}")));
        }
    }
    state
}

/// Kills `words` at every `git`, and goes on in each of the three ways.
pub(super) fn matrix(world: &Sandbox, words: &str) {
    let before = state(world);
    let whole = copy_of(world);
    let (succeeded, count) = run_counting(&whole, words, None);
    assert!(succeeded, "`{words}` does not work at all");
    let after = state(&whole);
    assert_ne!(before, after);
    assert!(count >= 2, "`{words}` ran {count} processes: is the counting `git` used?");
    for number in 1..=count {
        for moment in [Moment::Before, Moment::After] {
            let killed = copy_of(world);
            let (succeeded, _) = run_counting(&killed, words, Some((number, moment)));
            assert!(!succeeded, "killed {moment:?} {number}, and succeeded");
            let left = copy_of(&killed);
            for next in [words.to_owned(), way_out(words, "--continue"), way_out(words, "--abort")] {
                let what = format!("`{words}` killed {moment:?} git {number} of {count}, then `{next}`");
                goes_on(&killed, &next, &what, &before, &after);
                back_to(&killed, &left);
            }
        }
    }
}

/// The command alone, with this flag.
fn way_out(words: &str, flag: &str) -> String {
    let count = if words.starts_with("-C ") { 4 } else { 2 };
    let command: Vec<&str> = words.split(' ').take(count).collect();
    format!("{} {flag}", command.join(" "))
}

/// Makes a sandbox hold what another one holds. (A journal knows where it is, so it cannot go on in a copy.)
fn back_to(sandbox: &Sandbox, other: &Sandbox) {
    for folder in ["work", "tmp"] {
        let (from, to) = (other.root().join(folder).join("."), sandbox.root().join(folder));
        std::fs::remove_dir_all(&to).unwrap();
        assert!(std::process::Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap().success());
    }
    at_home(sandbox);
}

#[track_caller]
fn goes_on(
    sandbox: &Sandbox,
    next: &str,
    what: &str,
    before: &BTreeMap<String, String>,
    after: &BTreeMap<String, String>,
) {
    let run = sandbox.run(next);
    if run.stderr.starts_with("error: it is pushed: others may have it already\n") {
        // What has left this machine is not taken back.
        assert!(next.ends_with("--abort") && before.get("remote") != after.get("remote"), "{what}\n{run}");
        assert_eq!(state(sandbox)["remote"], after["remote"], "{what}\n{run}");
        let next = next.replace("--abort", "--continue");
        return goes_on(sandbox, &next, &format!("{what}, then `{next}`"), before, after);
    }
    // Killed before it had begun, there is nothing to go on with.
    let nothing = run.stderr.contains(" is under way here\n");
    let expected = if nothing || next.ends_with("--abort") { before } else { after };
    let done = ["took", "Finished", "Took", "Updated", "Renamed", "Deleted", "Switched", "Pushed", "Opened"]
        .iter()
        .any(|word| run.stderr.contains(word));
    assert!(nothing || done, "{what}\n{run}");
    same(what, &state(sandbox), expected);
}

#[test]
fn a_feature_finish_can_be_killed_anywhere_63() {
    let world = flow()
        .git("switch -q -c feature/login")
        .commit("login.txt", "login\n")
        .git("switch -q develop")
        .commit("other.txt", "other\n")
        .git("switch -q feature/login");
    world.write("notes.txt", "not known to Git\n");
    matrix(&world, "flow finish feature/login");
}

#[test]
fn a_release_finish_can_be_killed_anywhere_63() {
    let world = flow()
        .git("switch -q -c release/1.0.0")
        .commit("version.txt", "1.0.0\n")
        .git("config gitflow.branch.release/1.0.0.base develop");
    matrix(&world, "flow finish release/1.0.0");
}

#[test]
fn a_hotfix_finish_can_be_killed_anywhere_63() {
    let world = flow()
        .git("branch release/2.0.0")
        .git("switch -q -c hotfix/1.0.1 main")
        .commit("base.txt", "base\nfixed\n")
        .git("switch -q develop");
    matrix(&world, "flow finish hotfix/1.0.1");
}

#[test]
fn a_squashing_and_a_rebasing_finish_can_be_killed_anywhere_63() {
    let world = flow()
        .git("switch -q -c feature/login")
        .commit("login.txt", "1\n")
        .commit("login.txt", "2\n")
        .git("switch -q develop")
        .commit("other.txt", "other\n");
    matrix(&world, "flow finish feature/login --squash");
    matrix(&world, "flow finish feature/login --rebase");
}

/// A published feature, checked out, that its remote takes without a look.
fn published() -> Sandbox {
    with_remote()
        .git("switch -q -c feature/login")
        .commit("login.txt", "login\n")
        .git("push -q -u origin feature/login")
}

#[test]
fn a_finish_that_pushes_can_be_killed_anywhere_63() {
    matrix(&published(), "flow finish feature/login --push");
}

#[test]
fn a_release_that_writes_its_version_and_pushes_can_be_killed_anywhere_63() {
    matrix(&versioned(), "flow finish release/1.0.0 --push");
}

#[test]
fn a_finish_by_a_pull_request_can_be_killed_anywhere_63() {
    matrix(&versioned(), "flow finish release/1.0.0 --pr");
    matrix(
        &with_remote().git("switch -q -c feature/login").commit("login.txt", "1\n"),
        "flow finish feature/login --pr",
    );
}

/// A release that has a version and a changelog to write, beside a remote.
fn versioned() -> Sandbox {
    let policy = "[flow.release]\nchangelog = \"CHANGELOG.md\"\nfiles = [{ path = \"v.txt\", pattern = '(.+)' }]\n";
    let sandbox = with_remote().commit("v.txt", "0.9.0\n").commit("prodev.toml", policy);
    sandbox.git("push -q origin develop").git("switch -q -c release/1.0.0").commit("notes.txt", "1\n")
}

#[test]
fn an_update_can_be_killed_anywhere_69() {
    let world = flow()
        .git("switch -q -c feature/login")
        .commit("login.txt", "1\n")
        .commit("login.txt", "2\n")
        .git("switch -q develop")
        .commit("other.txt", "other\n");
    world.write("notes.txt", "not known to Git\n");
    matrix(&world, "flow update login");
    matrix(&world, "flow update login --rebase");
}

#[test]
fn a_rename_can_be_killed_anywhere_70() {
    let world = flow()
        .git("switch -q -c feature/login")
        .commit("login.txt", "1\n")
        .git("config gitflow.branch.feature/login.base main")
        .git("config branch.feature/login.description Users")
        .git("branch feature/top")
        .git("config gitflow.branch.feature/top.base feature/login");
    world.write("login.txt", "changed\n");
    matrix(&world, "flow rename sign-in login");
}

#[test]
fn a_delete_can_be_killed_anywhere_71() {
    let world = flow()
        .git("switch -q -c feature/login")
        .commit("login.txt", "1\n")
        .git("config gitflow.branch.feature/login.base main");
    world.write("notes.txt", "not known to Git\n");
    matrix(&world, "flow delete login --force");
}

/// Kills `words`, a command of single steps, at every `git`: given again, it comes to the same.
fn again(world: &Sandbox, words: &str) {
    let whole = copy_of(world);
    let (succeeded, count) = run_counting(&whole, words, None);
    assert!(succeeded && count >= 1, "`{words}` does not work at all");
    for number in 1..=count {
        for moment in [Moment::Before, Moment::After] {
            let killed = copy_of(world);
            run_counting(&killed, words, Some((number, moment)));
            let run = killed.run(words).to_string();
            let what = format!("`{words}` killed {moment:?} git {number} of {count}, then again\n{run}");
            same(&what, &state(&killed), &state(&whole));
        }
    }
}

#[test]
fn commands_of_single_steps_can_be_killed_and_given_again() {
    let world = with_remote().git("push -q origin develop:refs/heads/feature/theirs").git("branch feature/login");
    matrix(&world, "flow switch login");
    again(&world, "flow track theirs");
    again(&world.git("switch -q feature/login").commit("login.txt", "1\n"), "flow publish login");
}

#[test]
fn an_init_that_is_killed_anywhere_is_completed_by_the_next() {
    let unborn = || Sandbox::new().git("init -q -b trunk").file("added.txt", "1\n").git("add added.txt");
    again(&unborn(), "flow init");
    again(&unborn(), "flow init --preset github");
    again(&with_remote().git("switch -q main").git("branch -q -D develop"), "flow init");
    again(&Sandbox::new(), "flow init --git --main trunk --develop next");
    again(&flow().git("branch -q -D main").git("branch master"), "flow init --prefix feature=feat/");
    for step in 1.. {
        let killed = unborn();
        let mut command = killed.command(PRODEV);
        command.args(["flow", "init"]).env("PRODEV_TEST_FAULT", step.to_string());
        let is_whole = command.output().unwrap().status.success();
        killed.run("flow init").succeeds();
        let whole = unborn();
        whole.run("flow init").succeeds();
        same(&format!("killed at step {step}, then again"), &state(&killed), &state(&whole));
        if is_whole {
            break;
        }
    }
}

#[test]
fn a_track_can_be_killed_anywhere_68() {
    let world = with_remote().git("push -q origin develop:refs/heads/feature/theirs").git("fetch -q");
    matrix(&world, "flow track theirs --no-fetch");
}

#[test]
fn a_switch_can_be_killed_in_the_middle_of_a_checkout_72() {
    let world = flow()
        .file(".gitattributes", "*.slow filter=slow\n")
        .git("add .gitattributes")
        .git("commit -q -m Attributes")
        .git("switch -q -c feature/login")
        .commit("a.txt", "a\n")
        .commit("m.slow", "m\n")
        .commit("z.txt", "z\n")
        .git("switch -q develop")
        .file("base.txt", "mine\n")
        .file("new.txt", "mine\n");
    let filter = "sh -c '[ -e ../tmp/armed ] && rm ../tmp/armed && kill -9 0; cat' --";
    world.ask_git(&["config", "filter.slow.smudge", filter]);
    world.ask_git(&["config", "filter.slow.clean", "cat"]);
    killed_inside(&world, "flow switch login");
}

#[test]
fn a_rename_and_a_delete_at_the_remote_can_be_killed_anywhere_70_71() {
    matrix(&published(), "flow rename sign-in login");
    matrix(&published(), "flow delete login --remote --force");
}

/// Once, everything around it.
pub(super) const KILL_ONCE: &str = "[ -e ../tmp/armed ] && rm ../tmp/armed && kill -9 0\nexit 0";

pub(super) fn killed_inside(world: &Sandbox, words: &str) {
    let before = state(world);
    let whole = copy_of(world);
    whole.run(words).succeeds();
    let after = state(&whole);
    let killed = copy_of(world);
    killed.write("../tmp/armed", "");
    let (succeeded, _) = run_counting(&killed, words, None);
    assert!(!succeeded && !killed.exists("../tmp/armed"), "it was not killed");
    let left = copy_of(&killed);
    for next in [words.to_owned(), way_out(words, "--continue"), way_out(words, "--abort")] {
        goes_on(&killed, &next, &format!("`{words}` killed inside a merge, then `{next}`"), &before, &after);
        back_to(&killed, &left);
    }
}

#[test]
fn a_finish_can_be_killed_inside_a_merge_63() {
    let world = flow()
        .git("switch -q -c release/1.0.0")
        .commit("version.txt", "1.0.0\n")
        .git("switch -q develop")
        .commit("other.txt", "other\n");
    for hook in ["pre-merge-commit", "commit-msg", "post-merge", "post-checkout", "prepare-commit-msg"] {
        killed_inside(&copy_of(&world).hook(hook, KILL_ONCE), "flow finish release/1.0.0");
    }
}

#[test]
fn a_finish_can_be_killed_in_the_middle_of_a_checkout_63() {
    let world = flow()
        .file(".gitattributes", "*.slow filter=slow\n")
        .git("add .gitattributes")
        .git("commit -q -m Attributes")
        .git("branch -f main develop")
        .git("switch -q -c feature/login")
        .commit("a.txt", "a\n")
        .commit("m.slow", "m\n")
        .commit("z.txt", "z\n")
        .git("switch -q develop")
        .commit("base.txt", "changed\n")
        .commit("k.slow", "k\n")
        .git("switch -q feature/login");
    let filter = format!("sh -c '{}; cat' --", "[ -e ../tmp/armed ] && rm ../tmp/armed && kill -9 0");
    world.ask_git(&["config", "filter.slow.smudge", &filter]);
    world.ask_git(&["config", "filter.slow.clean", "cat"]);
    killed_inside(&world, "flow finish feature/login");
}
