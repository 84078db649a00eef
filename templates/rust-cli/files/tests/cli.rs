//! The program as its users see it: what is printed where, and the exit codes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};

use assert_cmd::cargo::{cargo_bin, cargo_bin_cmd};
use predicates::prelude::*;

/// A file with two lines, three words and fourteen bytes, in a folder of the test's own.
fn two_lines(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    fs::create_dir_all(&folder).expect("the folder can be made");
    let file = folder.join("a.txt");
    fs::write(&file, "one two\nthree\n").expect("the file can be written");
    file
}

#[test]
fn version_is_one_line() {
    cargo_bin_cmd!()
        .arg("--version")
        .assert()
        .success()
        .stdout(concat!(
            env!("CARGO_PKG_NAME"),
            " ",
            env!("CARGO_PKG_VERSION"),
            "\n"
        ));
}

#[test]
fn wrong_usage_is_told_on_stderr() {
    for args in [
        &[][..],
        &["no-such-command"],
        &["stats", "--no-such-option"],
    ] {
        cargo_bin_cmd!()
            .args(args)
            .assert()
            .code(2)
            .stdout("")
            .stderr(predicate::str::contains("Usage:"));
    }
}

#[test]
fn stdin_is_read_without_a_file_and_for_a_dash() {
    for args in [&["stats"][..], &["stats", "-"]] {
        cargo_bin_cmd!()
            .args(args)
            .write_stdin("a b\n")
            .assert()
            .success()
            .stdout("       1        2        4 -\n")
            .stderr("");
    }
}

#[test]
fn several_files_get_a_total() {
    let file = two_lines("total");
    cargo_bin_cmd!()
        .arg("stats")
        .args([&file, &file])
        .assert()
        .success()
        .stdout(predicate::str::ends_with(
            "       4        6       28 total\n",
        ));
}

#[test]
fn a_missing_file_is_named_and_the_others_are_counted() {
    let file = two_lines("missing");
    let missing = file.with_file_name("missing.txt");
    cargo_bin_cmd!()
        .arg("stats")
        .args([&missing, &file])
        .assert()
        .code(1)
        .stdout(predicate::str::starts_with("       2        3       14 "))
        .stderr(predicate::str::starts_with(format!(
            "error: could not read `{}`: ",
            missing.display()
        )));
}

#[test]
fn json_is_one_document_wherever_the_option_stands() {
    let counts = serde_json::json!({ "lines": 1, "words": 2, "bytes": 4 });
    let mut entry = counts.clone();
    entry["name"] = "-".into();
    let expected = serde_json::json!({ "files": [entry], "total": counts });

    for args in [["--json", "stats"], ["stats", "--json"]] {
        let output = cargo_bin_cmd!()
            .args(args)
            .write_stdin("a b\n")
            .output()
            .expect("the program starts");
        let report: serde_json::Value =
            serde_json::from_slice(&output.stdout).expect("stdout is JSON");
        assert_eq!(report, expected);
    }
}

#[test]
fn a_closed_pipe_ends_the_program_quietly() {
    for args in [&["stats"][..], &["stats", "--json"]] {
        let mut process = Process::new(cargo_bin!())
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        drop(process.stdout.take());
        drop(process.stdin.take());
        let output = process.wait_with_output().expect("the program ends");
        assert_eq!(output.status.code(), Some(141));
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    }
}
