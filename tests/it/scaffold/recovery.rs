//! What the next prodev does about a run that was killed: it takes back what was prodev's, leaves what was not, and says what it could not do.

use std::os::unix::fs::PermissionsExt as _;

use rustix::fs::{FlockOperation, flock};

use super::templates::{link, with_plain_template};
use crate::sandbox::{PRODEV, Sandbox};
use crate::terminal::Terminal;

const JOURNAL: &str = "shop/.prodev/journal";
const RECORD: &str = "shop/.prodev/journal/journal.json";

/// Kills a run at the first step after which `is_there`.
#[track_caller]
fn killed(prepare: fn() -> Sandbox, words: &str, is_there: fn(&Sandbox) -> bool) -> Sandbox {
    for step in 1..200 {
        let sandbox = prepare();
        let mut command = sandbox.command(PRODEV);
        let output =
            command.env("PRODEV_TEST_FAULT", step.to_string()).args(words.split_whitespace()).output().unwrap();
        assert!(!output.status.success(), "`{words}` ended before it could be killed");
        if is_there(&sandbox) {
            return sandbox;
        }
    }
    panic!("`{words}` has no such step")
}

fn with_own_file() -> Sandbox {
    with_plain_template().file("shop/a.txt", "mine\n").file("shop/own.txt", "own\n")
}

const FORCE: &str = "new ../tpl shop --overwrite force";

fn is_half_done(sandbox: &Sandbox) -> bool {
    sandbox.exists(RECORD) && sandbox.exists("shop/sub/b.txt")
}

#[test]
fn a_repository_that_the_user_made_after_the_kill_is_his() {
    for (commit, content) in [(false, "mine\n"), (true, "mine\n")] {
        let sandbox = killed(with_own_file, FORCE, is_half_done);
        let sandbox = sandbox.git("init -q shop").git("-C shop remote add origin https://example.org/x");
        let sandbox = sandbox.git("-C shop add own.txt");
        if commit {
            sandbox.ask_git(&["-C", "shop", "commit", "-q", "-m", "Own"]);
        }
        let run = sandbox.run("-C shop template list").succeeds();
        assert!(run.stderr.contains("took back"), "{run}");
        assert_eq!(sandbox.ask_git(&["-C", "shop", "ls-files"]), "own.txt");
        assert_eq!(sandbox.ask_git(&["-C", "shop", "remote"]), "origin");
        assert_eq!(sandbox.read("shop/a.txt"), content, "with a commit: {commit}");
        assert!(!sandbox.exists("shop/sub/b.txt") && !sandbox.exists(JOURNAL));
    }
}

#[test]
fn a_repository_appears_whole_and_with_its_commit() {
    for (words, commits) in [(FORCE, ""), ("new ../tpl shop --overwrite force --git", "1")] {
        let sandbox = killed(with_own_file, words, |sandbox| sandbox.exists("shop/.git"));
        let said = sandbox.ask_git(&["-C", "shop", "for-each-ref"]);
        assert_eq!(said.lines().count().to_string().replace('0', ""), commits);
        // The last deed was done: nothing is taken back, nothing is left of the journal.
        sandbox.run("-C shop template list").succeeds().stderr_is("");
        assert_eq!(sandbox.read("shop/a.txt"), "a\n");
        assert!(sandbox.exists("shop/.git/HEAD") && !sandbox.exists(JOURNAL));
    }
}

#[test]
fn what_only_answers_goes_on_while_another_prodev_is_at_work() {
    let sandbox = killed(with_own_file, FORCE, is_half_done);
    let held = std::fs::File::open(sandbox.path(JOURNAL)).unwrap();
    flock(&held, FlockOperation::NonBlockingLockExclusive).unwrap();
    for words in ["completions bash", "man"] {
        sandbox.run(&format!("-C shop {words}")).succeeds().stderr_is("").changed_nothing();
    }
    for words in ["template list", "config path"] {
        let run = sandbox.run(&format!("-C shop {words}")).changed_nothing();
        assert!(run.stderr.starts_with("warning: another prodev is changing this project\n"), "{run}");
    }
    sandbox.run("-C shop template list").succeeds();
    for words in [FORCE, "-C shop init"] {
        let run = sandbox.run(words).exits(1).changed_nothing();
        assert!(run.stderr.contains("error: another prodev is changing this project\nhint: "), "{run}");
    }
    drop(held);
    let run = sandbox.run("-C shop template list").succeeds();
    assert!(run.stderr.contains("took back"), "{run}");
}

#[test]
fn a_folder_named_at_the_prompt_is_taken_back_too() {
    let sandbox = killed(with_own_file, FORCE, is_half_done);
    let Some(terminal) = Terminal::start(&sandbox, "new ../tpl --no-git --defaults --overwrite skip") else { return };
    terminal.sees("Folder of the project").types("shop").presses("Enter").sees("took back").exits(0);
    assert_eq!(sandbox.read("shop/a.txt"), "mine\n");
    assert!(sandbox.exists("shop/sub/b.txt") && !sandbox.exists(JOURNAL));
}

#[test]
fn what_cannot_be_taken_back_is_said_and_remembered() {
    let sandbox = killed(with_own_file, FORCE, is_half_done);
    // Who may write everywhere cannot be kept out by a mode; a folder in the place of a draft can keep anybody out.
    let draft = blake3::hash(b"a.txt").to_hex();
    let draft = format!("shop/.prodev-new-{}", &draft[..16]);
    sandbox.write(&format!("{draft}/in/the/way"), "");
    let run = sandbox.run(FORCE).exits(1);
    assert!(run.stderr.starts_with("error: a change to `[DIR]/shop` could not be taken back\n"), "{run}");
    assert!(run.stderr.contains("\n  could not remove the draft of `a.txt`: "), "{run}");
    assert!(run.stderr.contains("hint: set right what is in the way"), "{run}");
    assert!(sandbox.exists(RECORD), "the journal is gone");
    std::fs::remove_dir_all(sandbox.path(&draft)).unwrap();
    let run = sandbox.run("-C shop template list").succeeds();
    assert!(run.stderr.contains("took back"), "{run}");
    assert_eq!(sandbox.read("shop/a.txt"), "mine\n");
    assert!(!sandbox.exists("shop/sub/b.txt") && !sandbox.exists(JOURNAL));
}

#[test]
fn a_changed_mode_is_taken_back() {
    let prepare = || {
        let sandbox = with_own_file().file("shop/bin/run", "#!/bin/sh\n");
        std::fs::set_permissions(sandbox.path("shop/bin/run"), std::fs::Permissions::from_mode(0o640)).unwrap();
        sandbox
    };
    let mode = |sandbox: &Sandbox| sandbox.path("shop/bin/run").metadata().unwrap().permissions().mode() & 0o777;
    let sandbox = killed(prepare, FORCE, is_half_done);
    sandbox.run("-C shop template list").succeeds();
    assert_eq!(mode(&sandbox), 0o640);
}

#[test]
fn a_signal_leaves_nothing_of_a_single_file() {
    let sandbox = Sandbox::repo();
    let mut command = sandbox.command(PRODEV);
    let output = command.env("PRODEV_TEST_SIGNAL", "1").arg("init").output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", sandbox.normalise(&output.stderr));
    assert_eq!(sandbox.list(), [""; 0]);
}

#[test]
fn a_single_file_is_there_whole_or_not_and_a_killed_run_leaves_no_draft_for_long() {
    let (mut steps, mut drafts) = (0, 0);
    for step in 1..50 {
        let sandbox = Sandbox::repo();
        let mut command = sandbox.command(PRODEV);
        let output = command.env("PRODEV_TEST_FAULT", step.to_string()).arg("init").output().unwrap();
        if output.status.success() {
            break;
        }
        steps = step;
        drafts += usize::from(sandbox.list().iter().any(|path| path.contains(".prodev-")));
        if !sandbox.exists("prodev.toml") {
            sandbox.run("init").succeeds();
        }
        sandbox.run("config show").succeeds();
        assert_eq!(sandbox.list(), ["prodev.toml"], "killed at step {step}");
    }
    assert!(steps >= 3 && drafts > 0, "{steps} steps to be killed at, and {drafts} drafts");
}

#[test]
fn leftovers_of_a_run_that_had_not_begun_are_no_obstacle() {
    let sandbox = with_own_file().file(&format!("{JOURNAL}/old/000000"), "x").file(&format!("{JOURNAL}/repo/x"), "x");
    std::fs::set_permissions(sandbox.path(JOURNAL), std::fs::Permissions::from_mode(0o700)).unwrap();
    sandbox.run(FORCE).succeeds();
    assert!(sandbox.exists("shop/.git/HEAD") && !sandbox.exists(JOURNAL));
}

#[test]
fn a_link_in_the_place_of_a_replaced_file_gives_no_permissions() {
    let sandbox = with_own_file().file("shared", "x").file("tool", "x");
    std::fs::remove_file(sandbox.path("shop/a.txt")).unwrap();
    link(&sandbox, "../shared", "shop/a.txt");
    link(&sandbox, "../../tool", "shop/bin/run");
    sandbox.run("new ../tpl shop --overwrite force").succeeds();
    let mode = |path| sandbox.path(path).symlink_metadata().unwrap().permissions().mode() & 0o7777;
    assert_eq!((mode("shop/a.txt"), mode("shop/bin/run")), (0o644, 0o755));
    assert_eq!((sandbox.read("shared"), sandbox.read("tool")), ("x".to_owned(), "x".to_owned()));
}
