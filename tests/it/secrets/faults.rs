//! Commands that change .env files killed, interrupted, and with a full disk at every step: the file is old or new, and nothing stays beside it.

use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::process::Output;

use crate::sandbox::{PRODEV, Sandbox};

const ENDLESS: usize = 100;

const CASES: [&str; 4] = ["env set A new", "env set B new -f .env.new", "env encrypt", "env unset A"];

fn prepare() -> Sandbox {
    Sandbox::new().file(".env", "A=old\nC=1\n")
}

fn run_with(sandbox: &Sandbox, switch: &str, step: usize, words: &str) -> Output {
    sandbox.command(PRODEV).env(switch, step.to_string()).args(words.split_whitespace()).output().unwrap()
}

/// What .env holds, without what is encrypted each time otherwise.
fn text(sandbox: &Sandbox) -> String {
    let read = |path: &str| if sandbox.exists(path) { sandbox.read(path) } else { String::new() };
    let text = format!("{}|{}", read(".env"), read(".env.new"));
    regex::Regex::new(r"encrypted:[A-Za-z0-9+/=]+|0[23][0-9a-f]{64}").unwrap().replace_all(&text, "…").into_owned()
}

#[test]
fn killed_at_every_step_a_file_is_old_or_new_and_the_next_run_cleans_up() {
    for words in CASES {
        let undisturbed = prepare();
        let before = text(&undisturbed);
        undisturbed.run(words).succeeds();
        let after = text(&undisturbed);
        let mut steps = 0;
        for step in 1..ENDLESS {
            let sandbox = prepare();
            let output = run_with(&sandbox, "PRODEV_TEST_FAULT", step, words);
            if output.status.signal().is_none() {
                assert!(output.status.success());
                break;
            }
            steps = step;
            let then = text(&sandbox);
            assert!(then == before || then == after, "`{words}` killed at step {step}: {then}");
            for stray in sandbox.list().iter().filter(|path| path.contains(".prodev-")) {
                let mode = |path: &str| sandbox.path(path).metadata().map_or(0o600, |meta| meta.mode() & 0o777);
                let (target, _) = stray.split_once(".prodev-").unwrap();
                assert_eq!(mode(stray) & !mode(target), 0, "`{stray}` can be read by more than may read `{target}`");
            }
            sandbox.run("env set LAST 1").succeeds();
            assert!(!sandbox.list().iter().any(|path| path.contains(".prodev-")), "{:?}", sandbox.list());
            // What was encrypted before the kill can be read.
            sandbox.run("env decrypt").succeeds();
        }
        assert!(steps >= 4, "`{words}` has no steps to be killed at");
    }
}

#[test]
fn a_full_disk_or_a_signal_leaves_all_as_it_was() {
    for (switch, code) in [("PRODEV_TEST_FULL", 1), ("PRODEV_TEST_SIGNAL", 130)] {
        for words in CASES {
            let mut steps = 0;
            for step in 1..ENDLESS {
                let sandbox = prepare();
                let before = text(&sandbox);
                let output = run_with(&sandbox, switch, step, words);
                if output.status.success() {
                    break;
                }
                steps = step;
                assert_eq!(output.status.code(), Some(code), "{}", sandbox.normalise(&output.stderr));
                assert_eq!(text(&sandbox), before, "`{words}`, {switch} at step {step}");
                assert!(!sandbox.list().iter().any(|path| path.contains(".prodev-")), "{:?}", sandbox.list());
            }
            assert!(steps >= 3, "`{words}` has no steps at which {switch} can come");
        }
    }
}
