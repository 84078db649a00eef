//! What ran before: it is told, it can be gone on with, and no secret is in it.

use std::fs;
use std::path::PathBuf;

use crate::sandbox::{PRODEV, Sandbox};

const CONFIG: &str = r#"
[recipes.all]
needs = ["one", "two", "three"]

[recipes.one]
run = "echo one >>log"

[recipes.two]
needs = ["one"]
run = '''
echo two >>log
test -e good
'''

[recipes.three]
needs = ["two"]
run = "echo three >>log"

[recipes.hello]
params = ["name", { name = "token", default = "", secret = true }]
run = 'echo "hello $name" >>log'
"#;

fn log(sandbox: &Sandbox) -> String {
    let log = sandbox.read("log").replace('\n', " ");
    sandbox.write("log", "");
    log.trim().to_owned()
}

/// The one file of history.
fn file(sandbox: &Sandbox) -> PathBuf {
    let entries = fs::read_dir(sandbox.home().join(".local/state/prodev/runs")).unwrap();
    let mut files = entries.map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some());
    let file = files.next().unwrap();
    assert!(files.next().is_none());
    file
}

#[test]
fn a_run_goes_on_where_it_failed() {
    let sandbox = Sandbox::new().file("prodev.toml", CONFIG);
    sandbox.run("run --jobs 1 all").exits(1);
    assert_eq!(log(&sandbox), "one two");
    let run = sandbox.run("run --resume").exits(1);
    assert!(run.stderr.contains("`one` was skipped: it has succeeded in the last run\n"), "{run}");
    assert_eq!(log(&sandbox), "two");
    // What was spared before is spared again.
    for words in ["run --last-failed", "run --last-failed all"] {
        sandbox.run(words).exits(1);
        assert_eq!(log(&sandbox), "two");
    }
    sandbox.write("good", "");
    let run = sandbox.run("run --resume --json").succeeds();
    let recipes = run.json()["recipes"].as_array().unwrap().clone();
    let results: Vec<(&str, &str)> =
        recipes.iter().map(|it| (it["recipe"].as_str().unwrap(), it["result"].as_str().unwrap())).collect();
    assert_eq!(results, [("one", "skipped"), ("two", "done"), ("three", "done")]);
    assert_eq!(log(&sandbox), "two three");
    sandbox.run("run --resume").succeeds().stderr_is("nothing has failed in it: there is nothing to do again\n");
    assert_eq!(log(&sandbox), "");
}

#[test]
fn what_is_defined_otherwise_now_is_done_again() {
    let sandbox = Sandbox::new().file("prodev.toml", CONFIG);
    sandbox.run("run --jobs 1 all").exits(1);
    sandbox.write("prodev.toml", CONFIG.replace("echo one", "echo other"));
    sandbox.write("log", "");
    let shown = sandbox.run("run --resume --dry-run").succeeds().changed_nothing().stdout;
    assert!(shown.contains("one"), "{shown}");
    sandbox.run("run --resume").exits(1);
    assert_eq!(log(&sandbox), "other two");
    // Other surroundings are other calls.
    sandbox.run("run --resume --profile test").exits(1);
    assert_eq!(log(&sandbox), "other two");
}

#[test]
fn the_last_runs_are_shown() {
    let sandbox = Sandbox::new().file("prodev.toml", CONFIG);
    sandbox.run("run --history").succeeds().stdout_is("").changed_nothing();
    sandbox.run_args(&["run", "hello", "a b"]).succeeds();
    sandbox.run("run two").exits(1);
    let shown = sandbox.run("run --history").succeeds().stderr_is("").stdout;
    let lines: Vec<&str> = shown.lines().map(|line| line.get(21..).unwrap_or_default()).collect();
    let ends: Vec<&str> = lines.iter().map(|line| line.rsplit("  ").next().unwrap_or_default()).collect();
    assert_eq!(ends, ["hello 'a b'", "two", "`two` failed with exit code 1"], "{shown}");
    assert!(lines[0].starts_with("done          ") && lines[1].starts_with("failed (1)    "), "{shown}");
    let data = sandbox.run("--json run --history hello").succeeds().json();
    let runs = data["runs"].as_array().unwrap();
    assert_eq!(runs.len(), 1);
    assert_eq!(runs[0]["words"], serde_json::json!(["hello", "a b"]));
    assert_eq!(runs[0]["recipes"][0]["result"], "done");
}

#[test]
fn a_secret_is_not_in_the_history() {
    let sandbox = Sandbox::new().file("prodev.toml", CONFIG);
    sandbox.run("run hello Ada hunter2hunter2").succeeds();
    let text = fs::read_to_string(file(&sandbox)).unwrap();
    assert!(!text.contains("hunter2") && text.contains("hello (with a secret)"), "{text}");
    sandbox.run("run --resume").fails(
        120,
        "error: `hello (with a secret)` was given a secret, which is not kept\nhint: run it again with all that it takes\n",
    );
    sandbox
        .run("run --last-failed two")
        .fails(120, "error: nothing of the kind has run here\nhint: `prodev run --history` shows what has\n");
}

#[test]
fn no_run_is_lost_and_the_file_stays_small() {
    let sandbox = Sandbox::new().file("prodev.toml", CONFIG);
    sandbox.run("run one").succeeds();
    let path = file(&sandbox);
    let line = fs::read_to_string(&path).unwrap();
    // As a prodev leaves it that was killed while it wrote.
    fs::write(&path, line.repeat(150) + "{\"at\":\"2026-").unwrap();
    let runs: Vec<_> = (0..8).map(|_| sandbox.command(PRODEV).args(["run", "hello", "x"]).spawn().unwrap()).collect();
    for mut run in runs {
        assert!(run.wait().unwrap().success());
    }
    let count =
        |words: &str| sandbox.run(&format!("--json run --history {words}")).json()["runs"].as_array().unwrap().len();
    assert_eq!((count(""), count("hello")), (158, 8));
    fs::write(&path, line.repeat(250)).unwrap();
    // Whenever the file has grown by 16 KiB it is looked at.
    for _ in 0..6 {
        sandbox.run_args(&["run", "hello", &"y".repeat(3000)]).succeeds();
    }
    assert_eq!(count("hello"), 6);
    assert!((100..106).contains(&count("")), "{}", count(""));
}

#[test]
fn where_no_history_can_be_kept_recipes_run_all_the_same() {
    let sandbox = Sandbox::new().file("prodev.toml", CONFIG).file("../home/.local/state", "a file");
    sandbox.run("run one").succeeds().stderr_is("");
    sandbox.run("run --resume").exits(120);
}
