//! What a finish finds before it changes anything: what Git would fail at later, or leave out with a whisper.

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;

use super::world::{World as _, flow, refused, same, with_remote};
use crate::sandbox::Sandbox;

fn feature() -> Sandbox {
    flow().git("switch -q -c feature/login").commit("login.txt", "login\n")
}

#[test]
fn nobody_cannot_finish() {
    let sandbox = feature().git("config user.useConfigOnly true");
    let sandbox = sandbox.env("GIT_AUTHOR_NAME", "").env("GIT_AUTHOR_EMAIL", "");
    let sandbox = sandbox.env("GIT_COMMITTER_NAME", "").env("GIT_COMMITTER_EMAIL", "");
    let said = "error: Git does not know who you are\n\
                hint: run `git config --global user.name NAME` and `git config --global user.email ADDRESS`\n";
    refused(sandbox.run("flow finish"), 1, said);
    refused(sandbox.run("flow finish --dry-run"), 1, said);
    let sandbox = sandbox.env("GIT_AUTHOR_NAME", "Ada").env("GIT_AUTHOR_EMAIL", "ada@example.org");
    let sandbox = sandbox.env("GIT_COMMITTER_NAME", "Ada").env("GIT_COMMITTER_EMAIL", "ada@example.org");
    sandbox.run("flow finish").succeeds();
}

#[test]
fn a_key_that_does_not_sign_is_found_before_the_merge_46() {
    for (option, words) in [("commit.gpgsign", "flow finish"), ("tag.gpgsign", "flow finish release/1")] {
        let sandbox = feature().git("branch release/1").git(&format!("config {option} true"));
        let sandbox = sandbox.git("config gpg.format ssh").git("config user.signingkey ../tmp/no-such-key");
        let run = sandbox.run(words).exits(1).changed_nothing();
        assert!(run.stderr.starts_with("error: nothing can be signed: "), "{run}");
        assert!(run.stderr.contains("hint: look at `git config user.signingkey`"), "{run}");
        let run = sandbox.run(&format!("{words} --dry-run")).exits(1).changed_nothing();
        assert!(run.stderr.starts_with("error: nothing can be signed: "), "{run}");
    }
    // Where nothing is tagged, the key of tags is nobody's concern.
    let sandbox = feature().git("config tag.gpgsign true").git("config gpg.program false");
    sandbox.run("flow finish").succeeds();
    let run = flow().git("switch -q -c release/1").git("config gpg.program false").exits_with("flow finish --sign");
    assert!(run.starts_with("error: nothing can be signed: "), "{run}");
}

trait Exits {
    fn exits_with(self, words: &str) -> String;
}

impl Exits for Sandbox {
    #[track_caller]
    fn exits_with(self, words: &str) -> String {
        self.run(words).exits(1).changed_nothing().stderr
    }
}

#[test]
fn a_gpg_key_signs_merge_and_tag_47() {
    let sandbox = flow();
    let home = sandbox.home().join("gnupg");
    std::fs::create_dir(&home).unwrap();
    std::fs::set_permissions(&home, std::fs::Permissions::from_mode(0o700)).unwrap();
    let sandbox = sandbox.env("GNUPGHOME", &home.to_string_lossy());
    let made = sandbox
        .command("gpg")
        .args([
            "--batch",
            "--quiet",
            "--passphrase",
            "",
            "--quick-gen-key",
            "Ada Lovelace <ada@example.org>",
            "ed25519",
            "sign",
        ])
        .output();
    if !made.as_ref().is_ok_and(|made| made.status.success()) {
        writeln!(std::io::stderr(), "skipped: there is no gpg that makes a key here").unwrap();
        return;
    }
    let sandbox = sandbox.git("config commit.gpgsign true").git("switch -q -c release/1.0.0").commit("v.txt", "1\n");
    let run = sandbox.run("flow finish --sign");
    let said = run.to_string();
    let _ = sandbox.command("gpgconf").args(["--kill", "all"]).status();
    run.succeeds();
    for object in ["main", "develop", "1.0.0"] {
        assert!(sandbox.say(&format!("cat-file -p {object}")).contains("BEGIN PGP SIGNATURE"), "{object}\n{said}");
    }
}

#[test]
fn a_hook_that_git_would_leave_out_is_an_obstacle() {
    let sandbox = feature().hook("commit-msg", "exit 1");
    let mode = |mode| std::fs::set_permissions(sandbox.path(".git/hooks/commit-msg"), mode).unwrap();
    mode(std::fs::Permissions::from_mode(0o644));
    let said = "error: the hook `commit-msg` is not executable, so Git leaves it out\n\
                hint: let it run with `chmod +x [DIR]/.git/hooks/commit-msg`, or remove it\n";
    refused(sandbox.run("flow finish"), 1, said);
    sandbox.ask_git(&["config", "advice.ignoredHook", "false"]);
    sandbox.run("flow finish").succeeds();
}

#[test]
fn a_dry_run_asks_the_remote_and_writes_nothing_down() {
    let published = || {
        with_remote()
            .git("switch -q -c feature/login")
            .commit("login.txt", "login\n")
            .git("push -q -u origin feature/login")
    };
    let sandbox = published();
    sandbox.run("flow finish --dry-run").succeeds().changed_nothing();
    sandbox.ask_git(&["clone", "-q", "../tmp/origin.git", "../tmp/other"]);
    for words in ["switch -q develop", "commit -q --allow-empty -m More", "push -q"] {
        sandbox.say(&format!("-C ../tmp/other {words}"));
    }
    let said =
        "error: `develop` has moved at `origin`, and a dry run does not fetch\nhint: fetch first: `git fetch origin`\n";
    refused(sandbox.run("flow finish --dry-run"), 1, said);
    sandbox.run("flow finish --dry-run --no-fetch").succeeds().changed_nothing();
    let sandbox = published().git("remote set-url origin ../tmp/gone.git");
    let run = sandbox.run("flow finish --dry-run").succeeds().changed_nothing();
    assert!(run.stderr.starts_with("warning: `origin` cannot be reached"), "{run}");
}

#[test]
fn a_target_that_is_only_behind_is_brought_up_where_that_is_wanted_43() {
    let sandbox = with_remote().file(".git/info/exclude", "prodev.toml\n");
    let sandbox = sandbox.commit("more.txt", "more\n").git("push -q").git("reset -q --hard HEAD~1");
    sandbox.write("prodev.toml", "[flow]\nfast_forward = true\n");
    let sandbox = sandbox.git("switch -q -c feature/login").commit("login.txt", "1\n");
    let before = sandbox.essence();
    sandbox.honest("flow finish");
    assert_eq!(sandbox.say("rev-parse develop^1"), sandbox.say("rev-parse origin/develop"));
    assert!(sandbox.exists("more.txt") && sandbox.exists("login.txt"));
    // A refusal takes that back, too.
    let sandbox = with_remote().file(".git/info/exclude", "prodev.toml\n");
    let sandbox = sandbox.commit("more.txt", "more\n").git("push -q").git("reset -q --hard HEAD~1");
    sandbox.write("prodev.toml", "[flow]\nfast_forward = true\n");
    let sandbox = sandbox.git("switch -q -c feature/login").commit("login.txt", "1\n");
    let sandbox = sandbox.hook("pre-merge-commit", "exit 1");
    sandbox.run("flow finish").exits(1);
    same("after the refusal", &sandbox.essence(), &before);
    // Diverged is not behind.
    let sandbox = sandbox.git("switch -q develop").commit("other.txt", "other\n").git("switch -q feature/login");
    let run = sandbox.run("flow finish").exits(1).changed_nothing();
    let said = "error: `develop` and `origin/develop` have diverged\n\
                hint: bring them together: `git switch develop && git pull --rebase=merges origin develop`\n";
    assert_eq!(run.stderr, said);
}

#[test]
fn the_branch_is_kept_here_or_there_41() {
    for (flag, here, there) in
        [("", false, false), ("--keep-local", true, false), ("--keep-remote", false, true), ("--keep", true, true)]
    {
        let sandbox = with_remote()
            .git("switch -q -c feature/login")
            .commit("login.txt", "login\n")
            .git("push -q -u origin feature/login");
        sandbox.run(&format!("flow finish --push {flag}")).succeeds();
        let is = (sandbox.has("refs/heads/feature/login"), sandbox.say("ls-remote origin").contains("feature/login"));
        assert_eq!(is, (here, there), "{flag}");
    }
}

#[test]
fn what_the_remotes_branch_has_more_is_left_by_force_alone_and_stays_there_42() {
    let sandbox = with_remote().git("switch -q -c feature/login").commit("login.txt", "1\n").commit("login.txt", "2\n");
    let sandbox = sandbox.git("push -q -u origin feature/login").git("reset -q --hard HEAD~1");
    let tip = sandbox.say("rev-parse origin/feature/login");
    sandbox.run("flow finish").exits(1).changed_nothing();
    sandbox.run("flow finish --force --push").succeeds();
    assert_eq!(sandbox.read("login.txt"), "1\n");
    assert!(!sandbox.has("refs/heads/feature/login"));
    assert!(sandbox.say("ls-remote origin").contains(&format!("{tip}\trefs/heads/feature/login")));
}

#[test]
fn a_squash_is_let_through_by_the_hook_that_holds_the_policy() {
    let sandbox = feature().commit("login.txt", "more\n");
    let sandbox = sandbox.hook("pre-commit", &format!("exec '{}' flow check --pre-commit", crate::sandbox::PRODEV));
    sandbox.run("flow finish --squash").succeeds();
    assert_eq!(sandbox.read("login.txt"), "more\n");
    // Whoever commits to develop by hand is still told.
    sandbox.write("direct.txt", "1\n");
    sandbox.ask_git(&["add", "direct.txt"]);
    let output = sandbox.command("git").args(["commit", "-q", "-m", "direct"]).output().unwrap();
    assert!(!output.status.success());
}

#[test]
fn recipes_come_before_a_finish_and_may_say_no() {
    let world = |recipe: &str| {
        feature()
            .file(".git/info/exclude", "prodev.toml\nran\n")
            .file("prodev.toml", &format!("[flow]\nbefore_finish = [\"test\"]\n[recipes.test]\nrun = '''{recipe}'''\n"))
    };
    let sandbox = world("echo ran >> ran");
    let promised = sandbox.run("flow finish --dry-run").succeeds().changed_nothing();
    assert_eq!(
        promised.stdout,
        "run       test\nswitch    develop\nmerge     feature/login into develop\ndelete    feature/login\n"
    );
    let json = sandbox.run("flow finish --json").succeeds().json();
    assert_eq!(json["steps"][0]["action"], "run");
    assert_eq!(sandbox.read("ran"), "ran\n");
    assert!(!sandbox.has("refs/heads/feature/login"));

    let sandbox = world("echo 'it is red' >&2; exit 3");
    let before = sandbox.essence();
    let run = sandbox.run("flow finish").exits(1);
    let last = "error: the recipe `test` failed, so nothing was changed\n  caused by: it ended with 3\nhint: look at it with `prodev run test`\n";
    assert!(run.stderr.contains("it is red\n") && run.stderr.ends_with(last), "{run}");
    same("after the recipe failed", &sandbox.essence(), &before);

    // What a recipe moves is not finished unseen.
    for recipe in ["git commit -q --allow-empty -m Sneaked", "echo changed > base.txt", "git branch -f develop main"] {
        let sandbox = world(recipe);
        let run = sandbox.run("flow finish").exits(1);
        assert!(
            run.stderr.contains("error: the recipes of `before_finish` changed what was to be finished\n"),
            "{recipe}\n{run}"
        );
        assert!(sandbox.has("refs/heads/feature/login"), "{recipe}");
    }
}
