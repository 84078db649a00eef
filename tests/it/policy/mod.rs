//! `prodev flow check`: every scenario through the real binary, on both of the backends that read repositories.

mod audits;
mod commits;
mod exotic;
mod messages;
mod pushes;
mod ranges;

use std::os::unix::fs::PermissionsExt as _;

use crate::sandbox::{PRODEV, Sandbox};

/// Runs `scenario` in a repository of each backend: `main` and `develop` with `[flow]`, then `more`, in prodev.toml.
fn on_both(more: &str, scenario: impl Fn(Sandbox)) {
    for backend in ["libgit2", "plumbing"] {
        scenario(repository(more).env("PRODEV_TEST_GIT", backend));
    }
}

/// A repository with `main` and `develop`, whose policy is committed.
fn repository(more: &str) -> Sandbox {
    Sandbox::repo()
        .file("prodev.toml", &format!("[flow]\n{more}"))
        .git("add .")
        .git("commit -qm policy")
        .git("branch develop")
}

/// Installs a hook that calls prodev with these arguments.
fn hook(sandbox: &Sandbox, name: &str, arguments: &str) {
    script(sandbox, &format!(".git/hooks/{name}"), arguments);
}

fn script(sandbox: &Sandbox, path: &str, arguments: &str) {
    sandbox.write(path, format!("#!/bin/sh\nexec {PRODEV} flow check {arguments}\n"));
    std::fs::set_permissions(sandbox.path(path), std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// What a git command says, and whether it succeeds.
fn attempt(sandbox: &Sandbox, words: &str) -> (bool, String) {
    let output = sandbox.command("git").args(words.split_whitespace()).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), sandbox.normalise(&said))
}

#[track_caller]
fn works(sandbox: &Sandbox, words: &str) {
    let (is_success, said) = attempt(sandbox, words);
    assert!(is_success, "git {words}\n{said}");
}

#[track_caller]
fn is_refused(sandbox: &Sandbox, words: &str, by: &str) {
    let (is_success, said) = attempt(sandbox, words);
    assert!(!is_success && said.contains(by), "git {words} must be refused by {by}\n{said}");
}

#[test]
fn something_must_be_named() {
    let sandbox = Sandbox::repo();
    let run = sandbox.run("flow check").exits(2).changed_nothing();
    assert!(run.stderr.contains("--branch"), "{run}");
}

#[test]
fn rules_can_be_skipped_where_the_policy_lets_them_and_it_is_shown() {
    on_both("", |sandbox| {
        let sandbox = sandbox.env("PRODEV_SKIP", "branch-name");
        sandbox
            .run("flow check --branch login")
            .succeeds()
            .stdout_is("")
            .stderr_is("skipped branch-name: `PRODEV_SKIP` names it\n")
            .changed_nothing();
        let told = sandbox.run("flow check --branch login --json").succeeds().json();
        assert_eq!(told["skipped"][0]["what"], "branch-name");
    });
    on_both("allow_skips = false\n", |sandbox| {
        let sandbox = sandbox.env("PRODEV_SKIP", "branch-name");
        let run = sandbox.run("flow check --branch login").exits(1);
        assert!(run.stderr.starts_with("skipped nothing: `PRODEV_SKIP` names `branch-name`"), "{run}");
    });
    Sandbox::repo()
        .env("PRODEV_SKIP", "branch-nam")
        .run("flow check --branch")
        .fails(2, "error: `PRODEV_SKIP` names `branch-nam`, which is no rule\nhint: did you mean `branch-name`?\n")
        .changed_nothing();
}

#[test]
fn every_format_is_told_to_its_reader() {
    let sandbox = repository("");
    let run = |format: &str| sandbox.run(&format!("flow check --branch login --format {format}")).exits(1).stdout;
    assert!(run("github").starts_with("::error title=branch-name::branch `login`: it has the prefix of no kind"));
    for format in ["json", "sarif", "gitlab"] {
        serde_json::from_str::<serde_json::Value>(&run(format)).unwrap();
    }
    roxmltree::Document::parse(&run("junit")).unwrap();
}

#[test]
fn sarif_is_what_its_schema_says() {
    // That of OASIS for version 2.1.0, as <https://docs.oasis-open.org/sarif/sarif/v2.1.0/> publishes it.
    let schema = include_str!("../../data/sarif-2.1.0.json");
    let mut schema: serde_json::Value = serde_json::from_str(schema).unwrap();
    // A pattern of it is none to those who read patterns strictly; prodev names no language.
    for what in ["run", "toolComponent"] {
        schema["definitions"][what]["properties"]["language"].as_object_mut().unwrap().remove("pattern").unwrap();
    }
    let schema = jsonschema::validator_for(&schema).unwrap();
    let sandbox =
        repository("").file("message", "wip\n").file(".env", "A=1\nA=2\nB C\n").git("switch -q -c wrong/name");
    let sandbox = sandbox.git("commit -q --allow-empty -m nonsense").git("tag 1.0").git("switch -q main");
    for command in [
        "flow check --branch login",
        "flow check --branch feature/login",
        "flow check --message message",
        "flow check --range main..wrong/name",
        "flow check --repo",
        "env check .env",
        "env scan",
    ] {
        let run = sandbox.run(&format!("{command} --format sarif"));
        let document: serde_json::Value =
            serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}\n{run}"));
        let wrong: Vec<String> = schema.iter_errors(&document).map(|error| error.to_string()).collect();
        assert!(wrong.is_empty(), "{run}\n{}", wrong.join("\n"));
    }
}
