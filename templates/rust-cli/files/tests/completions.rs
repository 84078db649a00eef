//! Completions for every shell.

use assert_cmd::cargo::cargo_bin_cmd;
use predicates::prelude::*;

#[test]
fn every_shell_gets_a_script_that_knows_the_commands() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        cargo_bin_cmd!()
            .args(["completions", shell])
            .assert()
            .success()
            .stdout(predicate::str::contains("stats"))
            .stderr("");
    }
}

#[test]
fn an_unknown_shell_is_wrong_usage() {
    cargo_bin_cmd!()
        .args(["completions", "tcsh"])
        .assert()
        .code(2)
        .stderr(predicate::str::contains("possible values: bash"));
}
