//! Repositories that libgit2 cannot open, or reads otherwise than Git does: branches come together there, too, and are taken back. (82)

use super::world::{World as _, same};
use crate::sandbox::Sandbox;

/// main and develop, a feature that conflicts with nothing, and one that conflicts with develop.
fn fill(sandbox: Sandbox) -> Sandbox {
    sandbox
        .commit("d/base.txt", "base\n")
        .git("switch -q -c develop")
        .commit("d/develop.txt", "develop\n")
        .git("branch feature/clean")
        .git("switch -q -c feature/conflict")
        .commit("d/base.txt", "ours\n")
        .git("switch -q develop")
        .commit("d/base.txt", "theirs\n")
        .git("switch -q feature/clean")
        .commit("d/clean.txt", "clean\n")
}

fn holds(what: &str, sandbox: &Sandbox) {
    let before = sandbox.essence();
    sandbox.run("flow finish --dry-run").succeeds().changed_nothing();
    let run = sandbox.run("flow finish feature/conflict").exits(1);
    assert!(run.stderr.contains("`feature/conflict` and `develop` conflict in `d/base.txt`"), "{what}\n{run}");
    sandbox.run("flow finish feature/conflict --resolve").exits(3);
    sandbox.run("flow finish --abort").succeeds();
    same(&format!("{what}: after --abort"), &sandbox.essence(), &before);
    let tip = sandbox.say("rev-parse feature/clean");
    sandbox.run("flow finish").succeeds();
    assert_eq!(sandbox.say("rev-parse develop^2"), tip, "{what}");
    assert_eq!((sandbox.head(), sandbox.has("refs/heads/feature/clean")), ("develop".to_owned(), false), "{what}");
    sandbox.run("flow start release 1.0.0").succeeds();
    sandbox.run("flow finish -m one").succeeds();
    assert_eq!(sandbox.say("rev-parse 1.0.0^{commit}"), sandbox.say("rev-parse main"), "{what}");
    sandbox.say("merge-base --is-ancestor main develop");
    assert_eq!(sandbox.say("status --porcelain"), "", "{what}");
    let drawn = sandbox.run("flow graph").succeeds().stdout;
    assert!(drawn.contains("[main]") && drawn.contains("‹1.0.0›"), "{what}\n{drawn}");
}

#[test]
fn branches_come_together_in_every_repository_82() {
    let made = |init: &str| fill(Sandbox::new().git(&format!("init -q -b main {init}")));
    let configured = |commands: &[&str]| commands.iter().fold(made(""), |sandbox, command| sandbox.git(command));
    holds("plain, through git", &made("").env("PRODEV_TEST_GIT", "plumbing"));
    holds("SHA-256", &made("--object-format=sha256"));
    holds("a split index", &configured(&["update-index --split-index"]));
    holds("a sparse index", &configured(&["sparse-checkout set --cone --sparse-index d"]));
    holds(
        "configuration of worktrees",
        &configured(&["config extensions.worktreeConfig true", "config --worktree a.b c"]),
    );
    // Git 2.45 and newer.
    let probe = Sandbox::new();
    if probe.command("git").args(["init", "-q", "--ref-format=reftable", "probe"]).status().unwrap().success() {
        holds("reftable", &made("--ref-format=reftable"));
    }
    // A partial clone, and a linked worktree of it.
    let whole = made("").git("config uploadpack.allowFilter true").git("switch -q main");
    let url = format!("file://{}", whole.dir().display());
    let clone = Sandbox::new();
    clone.ask_git(&["clone", "-q", "--filter", "blob:none", &url, "."]);
    let clone = ["feature/conflict", "develop", "feature/clean"]
        .iter()
        .fold(clone, |clone, branch| clone.git(&format!("switch -q {branch}")));
    holds("a partial clone", &clone);
    let main = made("").git("switch -q main").git("worktree add -q ../tmp/linked feature/clean");
    main.run("-C ../tmp/linked flow finish").succeeds();
    assert_eq!(main.say("-C ../tmp/linked symbolic-ref --short HEAD"), "develop");
    assert!(!main.has("refs/heads/feature/clean"));
}
