//! What scripts rely on: streams, exits, JSON, quietness, colors, and a reader that goes away.

use std::process::Stdio;

use serde_json::json;

use super::templates::{with_plain_template, with_template};
use crate::sandbox::{PRODEV, Sandbox};

#[test]
fn new_is_honest_in_every_situation() {
    for words in ["new ../tpl shop", "new ../tpl shop --git", "new ../tpl a/b/shop --no-git"] {
        with_plain_template().honest(words);
    }
    for words in ["--overwrite skip", "--overwrite force", "--overwrite force --git", "--overwrite skip --no-git"] {
        with_plain_template().file("shop/a.txt", "mine").honest(&format!("new ../tpl shop {words}"));
    }
    with_plain_template().git("init -q .").honest("new ../tpl shop");
}

#[test]
fn a_second_time_it_is_refused() {
    let sandbox = with_plain_template();
    sandbox.run("new ../tpl shop").succeeds();
    sandbox.run("new ../tpl shop").exits(4).changed_nothing();
    sandbox.run("new ../tpl shop --overwrite skip").exits(1).changed_nothing();
}

#[test]
fn stdout_is_empty_unless_it_is_the_answer() {
    let sandbox = with_plain_template();
    let dry = sandbox.run("new ../tpl shop --dry-run").succeeds().changed_nothing();
    assert_eq!(
        dry.stdout,
        "create    a.txt\n\
         create    bin/run\n\
         create    link\n\
         create    sub/b.txt\n\
         record    .prodev/ (8 files)\n\
         init      .git\n"
    );
    assert!(dry.stderr.ends_with("nothing was changed (--dry-run)\n"), "{dry}");
    sandbox.run("new ../tpl shop").succeeds().stdout_is("");
}

#[test]
fn json_is_one_document_with_these_fields() {
    let table = "[questions.name]\ndefault = 'x'\n[components.a]\nrequires = ['b']\n[components.b]\n";
    let sandbox = with_template(&[("template.toml", table), ("files/Makefile", "all:\n")]);
    let run = sandbox.run("new ../tpl shop --json --with a --no-git").succeeds();
    let mut document = run.json();
    let source = document["template"]["source"].take();
    assert!(source.as_str().is_some_and(|source| source.ends_with("/tpl")), "{source}");
    assert_eq!(
        document,
        json!({
            "version": 1,
            "directory": "[DIR]/shop",
            "template": { "name": "tpl", "version": "1.0.0", "source": null, "ref": null, "commit": null },
            "components": ["a", "b"],
            "added": [{ "component": "b", "required_by": "a" }],
            "answers": { "name": "x" },
            "runs": ["Makefile"],
            "tasks": [],
            "dry_run": false,
            "steps": [
                { "action": "create", "path": "Makefile" },
                { "action": "record", "path": ".prodev/ (5 files)" },
            ],
        })
    );
    let refused = sandbox.run("new ../tpl shop --json").exits(4).changed_nothing();
    assert!(refused.stderr.starts_with("error: `shop` is not empty\n"), "{refused}");
    let error = &refused.json()["error"];
    assert_eq!((&error["message"], &error["exit"]), (&json!("`shop` is not empty"), &json!(4)));
}

#[test]
fn a_failure_is_one_document_too() {
    let sandbox = with_template(&[("files/a.jinja", "x\n{{ 1 + }}\n")]);
    let run = sandbox.run("new ../tpl shop --json").exits(1).changed_nothing();
    assert!(run.stderr.starts_with("error: unexpected end of variable block\n"), "{run}");
    assert_eq!(
        run.json(),
        json!({
            "version": 1,
            "error": {
                "message": "unexpected end of variable block",
                "place": { "file": "../tpl/files/a.jinja", "line": 2, "column": 8 },
                "problems": [],
                "cause": null,
                "hints": [],
                "exit": 1,
            },
        })
    );
    let run = sandbox.run("--json -C nowhere template list").exits(2);
    assert_eq!(run.json()["error"]["exit"], 2);
}

#[test]
fn many_problems_do_not_flood() {
    let files: Vec<(String, String)> =
        (10..40).map(|at| (format!("files/{at}.jinja"), format!("{{{{ n{at} }}}}"))).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let sandbox = with_template(&files);
    let run = sandbox.run("new ../tpl shop --json").exits(1).changed_nothing();
    assert_eq!(run.stderr.matches("is undefined").count(), 20, "{run}");
    assert!(run.stderr.contains("  … and 10 more (`--verbose` shows them all)\n"), "{run}");
    assert_eq!(run.json()["error"]["problems"].as_array().map(Vec::len), Some(30));
    let run = sandbox.run("new ../tpl shop --verbose").exits(1);
    assert_eq!(run.stderr.matches("is undefined").count(), 30, "{run}");
}

#[test]
fn a_variable_that_is_set_to_nothing_is_not_set() {
    with_plain_template().env("PRODEV_CONFIG", "").run("new ../tpl shop --no-git").succeeds();
}

#[test]
fn quiet_says_only_what_went_wrong() {
    let sandbox = with_plain_template();
    sandbox.run("-q new ../tpl shop").succeeds().stdout_is("").stderr_is("");
    let run = sandbox.run("-q new ../tpl shop").exits(4).stdout_is("");
    assert!(run.stderr.starts_with("error: "), "{run}");
}

#[test]
fn color_is_for_those_who_want_it() {
    let colored = |sandbox: Sandbox, words: &str| sandbox.run(words).exits(4).stderr.contains('\u{1b}');
    let sandbox = || with_plain_template().file("shop/x", "");
    assert!(!colored(sandbox(), "new ../tpl shop"));
    assert!(colored(sandbox(), "new ../tpl shop --color always"));
    assert!(!colored(sandbox().env("CLICOLOR_FORCE", "1"), "new ../tpl shop --color never"));
    assert!(colored(sandbox().env("CLICOLOR_FORCE", "1"), "new ../tpl shop"));
    assert!(!colored(sandbox().env("NO_COLOR", "1"), "new ../tpl shop"));
}

#[test]
fn a_reader_that_goes_away_ends_it_silently() {
    let sandbox = with_plain_template();
    for words in
        ["new ../tpl shop --json", "new ../tpl other --dry-run", "template list", "--help", "new --help", "--version"]
    {
        let mut child = sandbox
            .command(PRODEV)
            .args(words.split_whitespace())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let said = sandbox.normalise(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{words}: {said}");
        assert!(!said.contains("error") && !said.contains("panic"), "{words}: {said}");
    }
    assert!(sandbox.exists("shop/a.txt"), "what was to be done is done");
}

#[test]
fn an_answer_that_cannot_be_written_is_a_failure() {
    let sandbox = with_plain_template();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = sandbox.command(PRODEV).args(["template", "list"]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(sandbox.normalise(&output.stderr).starts_with("error: "));
}

#[test]
fn wrong_usage_is_told_on_stderr() {
    let sandbox = with_plain_template();
    for words in
        ["new ../tpl", "new", "new ../tpl a b", "new ../tpl shop --overwrite maybe", "new ../tpl shop --nonsense"]
    {
        sandbox.run(words).exits(2).stdout_is("").changed_nothing();
    }
}

#[test]
fn a_folder_is_seen_from_where_c_says() {
    let sandbox = with_plain_template().file("deep/er/x", "");
    sandbox.run("-C deep/er new ../../../tpl shop --no-git").succeeds();
    assert!(sandbox.exists("deep/er/shop/a.txt"));
}

#[test]
fn the_same_inputs_give_the_same_bytes() {
    let sandbox = with_template(&[("files/a.jinja", "{{ now('%s') }}\n"), ("files/b", "b")]);
    sandbox.run("new ../tpl one --no-git").succeeds();
    sandbox.run("new ../tpl two --no-git").succeeds();
    assert_eq!(sandbox.snapshot("one"), sandbox.snapshot("two"));
    assert_eq!(sandbox.read("one/a"), "1735732800\n");
    let run = Sandbox::new().env("SOURCE_DATE_EPOCH", "soon").run("new rust-cli x --defaults").exits(2).stderr.clone();
    assert!(run.contains("`SOURCE_DATE_EPOCH` is `soon`"), "{run}");
    let sandbox = Sandbox::new().env("SOURCE_DATE_EPOCH", "999999999999999");
    sandbox.run("new rust-cli x --defaults").fails(
        2,
        "error: `SOURCE_DATE_EPOCH` is `999999999999999`, which is no instant of any year up to 9999\n\
         hint: set it to seconds since 1970, such as `1735732800`, or unset it\n",
    );
}
