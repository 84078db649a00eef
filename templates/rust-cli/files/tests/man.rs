//! The man pages.

use std::fs;
use std::path::Path;

use assert_cmd::cargo::cargo_bin_cmd;
use predicates::prelude::*;

#[test]
fn the_main_page_is_printed() {
    cargo_bin_cmd!()
        .arg("man")
        .assert()
        .success()
        .stdout(predicate::str::contains(".TH ").and(predicate::str::contains("stats")));
}

#[test]
fn a_folder_gets_a_page_per_command() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("man");
    cargo_bin_cmd!()
        .args(["man", "--out"])
        .arg(&folder)
        .assert()
        .success()
        .stdout("");
    for page in [
        concat!(env!("CARGO_PKG_NAME"), ".1"),
        concat!(env!("CARGO_PKG_NAME"), "-stats.1"),
    ] {
        let text = fs::read_to_string(folder.join(page)).expect("the page was written");
        assert!(text.contains(".SH NAME"), "{page}: {text}");
    }
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("man-file");
    fs::write(&file, "").expect("the file can be written");
    cargo_bin_cmd!()
        .args(["man", "--out"])
        .arg(&file)
        .assert()
        .code(1)
        .stderr(predicate::str::contains(file.display().to_string()));
}
