//! The situations in which other runners skip or restore wrongly, each through the real program.

use std::fs::{self, File};
use std::process::Stdio;
use std::time::{Duration, Instant, SystemTime};

use super::{does_not_run, joins, made, ready, runs, runs_again};
use crate::sandbox::{PRODEV, Sandbox};

#[test]
fn nothing_changed() {
    let sandbox = ready();
    let run = does_not_run(&sandbox, "AB").stderr_is("`join` was skipped: nothing has changed\n");
    // That it ran is written down.
    let changes = run.changes();
    assert!(changes.len() == 1 && changes[0].starts_with("~ home/.local/state/prodev/runs/"), "{changes:?}");
}

#[test]
fn touched_without_a_change() {
    let sandbox = ready();
    sandbox.write("src/a", "A");
    does_not_run(&sandbox, "AB");
}

#[test]
fn content_changed_while_time_and_size_stay() {
    let sandbox = ready();
    let path = sandbox.path("src/a");
    let modified = fs::metadata(&path).unwrap().modified().unwrap();
    sandbox.write("src/a", "X");
    File::options().append(true).open(&path).unwrap().set_modified(modified).unwrap();
    runs_again(&sandbox, "XB");
}

#[test]
fn command_edited() {
    let sandbox = ready();
    sandbox.write("prodev.toml", joins("").replace("cat src/*", "cat src/b"));
    runs_again(&sandbox, "B");
}

#[test]
fn declared_variable_changed() {
    let sandbox = ready();
    sandbox.write("prodev.toml", joins("env = { LEVEL = { from = \"LEVEL\", default = \"1\" } }\n"));
    runs_again(&sandbox, "AB");
    does_not_run(&sandbox, "AB");
    let sandbox = sandbox.env("UNDECLARED", "1");
    does_not_run(&sandbox, "AB");
    let sandbox = sandbox.env("LEVEL", "2");
    runs_again(&sandbox, "AB");
}

#[test]
fn output_deleted() {
    let sandbox = ready();
    fs::remove_dir_all(sandbox.path("out")).unwrap();
    does_not_run(&sandbox, "AB").stderr_is("`join` was skipped: what it makes was brought back\n");
}

#[test]
fn output_tampered_with() {
    let sandbox = ready();
    sandbox.write("out/all", "XY");
    does_not_run(&sandbox, "AB");
}

#[test]
fn source_renamed_removed_or_an_older_one_added() {
    let sandbox = ready();
    fs::rename(sandbox.path("src/b"), sandbox.path("src/0")).unwrap();
    runs_again(&sandbox, "BA");
    fs::remove_file(sandbox.path("src/0")).unwrap();
    runs_again(&sandbox, "A");
    sandbox.write("src/c", "C");
    File::options().append(true).open(sandbox.path("src/c")).unwrap().set_modified(SystemTime::UNIX_EPOCH).unwrap();
    runs_again(&sandbox, "AC");
}

#[test]
fn there_and_back_again() {
    let sandbox = ready();
    sandbox.write("src/a", "X");
    runs_again(&sandbox, "XB");
    sandbox.write("src/a", "A");
    does_not_run(&sandbox, "AB");
    sandbox.write("src/a", "X");
    does_not_run(&sandbox, "XB");
}

#[test]
fn failed_after_it_wrote_its_output() {
    let sandbox = ready().file("behind", "exit 7");
    sandbox.write("src/a", "X");
    sandbox.run("run join").exits(7);
    assert_eq!(made(&sandbox), "XB");
    sandbox.run("run join").exits(7);
    fs::remove_file(sandbox.path("behind")).unwrap();
    runs_again(&sandbox, "XB");
}

#[test]
fn killed_in_the_middle() {
    let sandbox = ready().file("behind", "echo half > out/all; touch ../cache/half; sleep 600");
    sandbox.write("src/a", "X");
    let mut child =
        sandbox.command(PRODEV).args(["run", "join"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let start = Instant::now();
    while !sandbox.exists("../cache/half") {
        assert!(start.elapsed() < Duration::from_secs(30), "it never came to its middle");
        std::thread::sleep(Duration::from_millis(10));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    fs::remove_file(sandbox.path("behind")).unwrap();
    runs_again(&sandbox, "XB");
}

#[test]
fn source_edited_after_it_was_read() {
    let sandbox = ready().file("behind", "echo Y > src/a; rm behind");
    sandbox.write("src/a", "X");
    let run = sandbox.run("run join").succeeds();
    run.stderr_is("warning: `join` is not kept: `src/a` was changed while it ran\n");
    assert_eq!(made(&sandbox), "XB");
    runs_again(&sandbox, "Y\nB");
}

#[test]
fn source_edited_before_it_was_read_and_reverted() {
    let sandbox = ready().file("before", "printf Y > src/a").file("behind", "printf X > src/a; rm before behind");
    sandbox.write("src/a", "X");
    sandbox.run("run join").succeeds();
    assert_eq!(made(&sandbox), "YB");
    runs_again(&sandbox, "XB");
}

#[test]
fn why_it_runs_is_explained() {
    let sandbox = ready();
    sandbox.write("src/a", "X");
    sandbox
        .write("prodev.toml", joins("env = { LEVEL = \"2\", TOKEN = { value = \"s3cret-value\", secret = true } }\n"));
    let run = sandbox.run("run --explain join").succeeds();
    let digest = |text: &str| blake3::hash(text.as_bytes()).to_hex()[..12].to_owned();
    run.stderr_is(&format!(
        "`join`: something has changed since it last succeeded:\n  \
         variable LEVEL: (none) → `2`\n  \
         variable TOKEN: (none) → `********`\n  \
         input src/a: `{}` → `{}`\n",
        digest("A"),
        digest("X"),
    ));
    sandbox.run("run --force --explain join").succeeds().stderr_is("`join`: it is to run in any case (--force)\n");
    let stored = sandbox.snapshot("../cache/prodev");
    for path in stored.keys().filter(|path| sandbox.path(&format!("../cache/prodev/{path}")).is_file()) {
        let bytes = fs::read(sandbox.path(&format!("../cache/prodev/{path}"))).unwrap();
        assert!(!bytes.windows(12).any(|it| it == b"s3cret-value"), "{path} holds a secret");
    }
}

#[test]
fn what_a_need_makes_is_a_part_of_the_key() {
    let recipes =
        joins("") + "[recipes.last]\ninputs = [\"other\"]\nneeds = [\"join\"]\nrun = \"echo last >> ../cache/last\"\n";
    let sandbox = ready().file("prodev.toml", &recipes).file("other", "");
    let count = || fs::read_to_string(sandbox.path("../cache/last")).unwrap_or_default().lines().count();
    sandbox.run("run last").succeeds();
    sandbox.run("run last").succeeds();
    assert_eq!(count(), 1);
    sandbox.write("src/a", "X");
    sandbox.run("run last").succeeds();
    assert_eq!((count(), runs(&sandbox)), (2, 2));
}

#[test]
fn arguments_are_apart() {
    let recipe = "[recipes.make]\nparams = [\"name\"]\ninputs = [\"src/**\"]\noutputs = [\"out/\"]\nrun = 'mkdir -p out; echo \"$name\" > out/all; echo ran >> ../cache/runs'\n";
    let sandbox = Sandbox::new().file("prodev.toml", recipe).file("src/a", "A");
    for (name, count) in [("x", 1), ("y", 2), ("x", 2), ("y", 2)] {
        sandbox.run(&format!("run make {name}")).succeeds();
        assert_eq!((made(&sandbox).trim(), runs(&sandbox)), (name, count));
    }
}
