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
fn a_signal_leaves_nothing_of_a_single_file() {
    let sandbox = Sandbox::repo();
    let mut command = sandbox.command(PRODEV);
    let output = command.env("PRODEV_TEST_SIGNAL", "1").arg("init").output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", sandbox.normalise(&output.stderr));
    assert_eq!(sandbox.list(), [""; 0]);
}
