//! `prodev cache status` and `clean`.

use super::{does_not_run, ready, runs_again};
use crate::sandbox::Sandbox;

#[test]
fn what_is_stored_is_told() {
    let sandbox = ready();
    let json = sandbox.run("cache status --json").succeeds().changed_nothing().json();
    assert_eq!((&json["results"], &json["files"], &json["recipes"]), (&1.into(), &2.into(), &1.into()), "{json}");
    assert_eq!(json["max_size"], 5_u64 << 30);
    let run = sandbox.run("cache status").succeeds();
    assert!(
        run.stdout
            .starts_with("directory  [CACHE]/prodev/recipes/v1\nresults    1\nfiles      2\nrecipes    1\nsize       "),
        "{run}"
    );
    Sandbox::new().run("cache status").succeeds().stdout_is(
        "directory  [CACHE]/prodev/recipes/v1\nresults    0\nfiles      0\nrecipes    0\nsize       0 B of 5 GiB\n",
    );
}

#[test]
fn all_of_it_can_go() {
    let sandbox = ready();
    let promised = sandbox.run("--dry-run --json cache clean --all").succeeds().changed_nothing().json();
    assert_eq!(promised["removed"], 4, "{promised}");
    let before = sandbox.snapshot("../cache/prodev");
    assert_eq!(before, sandbox.snapshot("../cache/prodev"), "the dry run changed nothing");
    let done = sandbox.run("--json cache clean --all").succeeds().json();
    assert_eq!(promised["steps"], done["steps"]);
    sandbox.run("cache clean --all").succeeds().stderr_is("there is nothing to remove\n");
    runs_again(&sandbox, "AB");
    does_not_run(&sandbox, "AB");
}

#[test]
fn what_is_too_much_goes_the_oldest_first() {
    let sandbox = ready();
    sandbox.write("src/a", "X".repeat(100_000));
    sandbox.run("run join").succeeds();
    sandbox.run("cache clean").succeeds().stderr_is("there is nothing to remove\n");
    sandbox.run("cache clean --max-size 101500").succeeds();
    let json = sandbox.run("cache status --json").succeeds().json();
    assert_eq!(json["results"], 1, "{json}");
    // The newer one is there, the older is made again.
    std::fs::remove_file(sandbox.path("out/all")).unwrap();
    does_not_run(&sandbox, &format!("{}B", "X".repeat(100_000)));
    sandbox.write("src/a", "A");
    runs_again(&sandbox, "AB");
}

#[test]
fn a_project_can_have_a_store_of_its_own() {
    let sandbox = ready();
    let own = format!("[settings.cache]\ndirectory = \"kept\"\nmax_size = \"1 MiB\"\n{}", super::joins(""));
    sandbox.write("prodev.toml", own);
    runs_again(&sandbox, "AB");
    let run = sandbox.run("cache status").succeeds();
    assert!(
        run.stdout.starts_with("directory  [DIR]/kept/v1\nresults    1\n") && run.stdout.ends_with(" of 1 MiB\n"),
        "{run}"
    );
}
