//! `prodev template test`: answer sets, what they gave before, and projects of the version before.

use super::origin::{author, manifest, publish};
use crate::sandbox::Sandbox;

const QUESTIONS: &str =
    "[questions.name]\ndefault = 'Shop'\npattern = '[A-Z].*'\n[components.extra]\nfiles = ['extra']\n";

/// A template with two answer sets.
fn template() -> Sandbox {
    Sandbox::new()
        .file("t/template.toml", &format!("{}{QUESTIONS}[[files]]\nmatch = '.env'\nonce = true\n", manifest("1.0.0")))
        .file("t/files/out.jinja", "{{ name }} in {{ dir_name }} {{ now() }}\n")
        .file("t/files/.gitignore.jinja", "x\n")
        .file("t/files/extra", "")
        .file("t/files/.env.jinja", "{{ random_secret() }}\n")
        .file("t/tests/default.toml", "")
        .file("t/tests/full.toml", "with = ['extra']\ndir = 'shop'\n[answers]\nname = 'Full'\n")
        .file("t/tests/wrong.toml", "fails = 'does not match'\n[answers]\nname = 'small'\n")
}

#[test]
fn every_answer_set_must_render_and_what_must_fail_fails() {
    let sandbox = template();
    sandbox
        .run("template test t")
        .succeeds()
        .stdout_is("ok      default (3 files)\nok      full (4 files)\nok      wrong (0 files)\n")
        .changed_nothing();
    sandbox.write("t/files/out.jinja", "{{ nmae }}\n");
    let run = sandbox.run("template test t").exits(1).changed_nothing();
    let said = "failed  default (0 files)\n  it does not render\n    t/files/out.jinja:1:4: `nmae` is undefined\n";
    assert!(run.stdout.starts_with(said), "{run}");
    sandbox.write("t/files/out.jinja", "x\n");
    sandbox.write("t/tests/wrong.toml", "fails = 'does not match'\n");
    let run = sandbox.run("template test t --only wrong").exits(1);
    assert_eq!(run.stdout, "failed  wrong (0 files)\n  it renders, and should fail with `does not match`\n");
}

#[test]
fn what_came_out_before_is_compared_and_can_be_blessed() {
    let sandbox = template();
    sandbox.honest("template test t --bless");
    assert_eq!(sandbox.read("t/tests/full/out.golden"), "Full in shop 2025-01-01\n");
    assert!(sandbox.exists("t/tests/full/.gitignore.golden") && sandbox.exists("t/tests/full/extra.golden"));
    // What holds secrets is not kept.
    assert!(!sandbox.exists("t/tests/full/.env.golden"));
    let run = sandbox.run("template test t").succeeds().changed_nothing();
    assert!(run.stdout.contains("ok      full (4 files, as before)\n"), "{run}");
    sandbox.run("template test t --bless").succeeds().changed_nothing();
    // A project is not made of answer sets.
    sandbox.run("new t p --no-git --defaults").succeeds();
    assert!(!sandbox.exists("p/tests"));

    sandbox.write("t/files/out.jinja", "{{ name }}\n");
    sandbox.write("t/files/new", "");
    std::fs::remove_file(sandbox.path("t/files/.gitignore.jinja")).unwrap();
    let run = sandbox.run("template test t --only full").exits(1).changed_nothing();
    let said = "failed  full (4 files)\n  `new` is new\n  `out` is different\n    diff --git a/out b/out\n    --- a/out\n    +++ b/out\n    \
                @@ -1 +1 @@\n    -Full in shop 2025-01-01\n    +Full\n  `.gitignore` does not come out any more\n";
    assert_eq!(run.stdout, said);
    let json = sandbox.run("template test t --json").exits(1).json();
    assert_eq!(
        (&json["failed"], &json["cases"][1]["name"], &json["cases"][1]["ok"]),
        (&2.into(), &"full".into(), &false.into())
    );
    sandbox.run("template test t --bless").succeeds();
    assert!(!sandbox.exists("t/tests/full/.gitignore.golden"));
    sandbox.run("template test t").succeeds();
}

#[test]
fn a_project_of_the_version_before_must_come_to_this_one() {
    let sandbox = Sandbox::new();
    let out = "1\n2\n3\n";
    publish(
        &sandbox,
        &[
            ("template.toml", &format!("{}{QUESTIONS}", manifest("1.0.0"))),
            ("files/out", out),
            ("files/extra", ""),
            ("tests/default.toml", ""),
            ("tests/full.toml", "with = ['extra']\n"),
        ],
        Some("v1.0.0"),
    );
    let toml =
        |more: &str| sandbox.write("../home/author/template.toml", format!("{}{QUESTIONS}{more}", manifest("1.1.0")));
    toml("");
    sandbox.write("../home/author/files/out", "1\n2\n3\n4\n");
    let run = sandbox.run("template test ../home/author").succeeds();
    assert_eq!(run.stdout, "ok      default (1 file, from v1.0.0)\nok      full (2 files, from v1.0.0)\n");
    // A new question without an answer is one that no update can answer by itself; the answer set does.
    toml("[questions.owner]\n");
    sandbox.write("../home/author/tests/default.toml", "[answers]\nowner = 'us'\n");
    sandbox.write("../home/author/tests/full.toml", "with = ['extra']\n[answers]\nowner = 'us'\n");
    let run = sandbox.run("template test ../home/author").exits(1);
    assert!(run.stdout.contains("  a project of v1.0.0 does not come to this version\n"), "{run}");
    assert!(run.stdout.contains("owner"), "{run}");
    assert_eq!(author(&sandbox, &["tag"]), "v1.0.0");
}

#[test]
fn what_is_no_answer_set_is_told() {
    let sandbox = template();
    for (words, code, message) in [
        ("template test t --only defualt", 2, "hint: did you mean `default`?"),
        ("template test python-cli", 2, "error: `python-cli` is no folder, where a template is worked on"),
        ("template test .", 2, "error: `.` has no `template.toml`"),
    ] {
        let run = sandbox.run(words).exits(code).changed_nothing();
        assert!(run.stderr.contains(message), "{run}");
    }
    sandbox.write("t/tests/full.toml", "wiht = ['extra']\n");
    let run = sandbox.run("template test t").exits(2).changed_nothing();
    assert!(run.stderr.contains("unknown key `wiht`"), "{run}");
    std::fs::remove_dir_all(sandbox.path("t/tests")).unwrap();
    let run = sandbox.run("template test t").exits(2).changed_nothing();
    assert!(run.stderr.contains("hint: an empty `tests/default.toml` is one: all defaults\n"), "{run}");
}

#[test]
fn the_answer_sets_of_prodevs_own_templates_pass() {
    let sandbox = Sandbox::new();
    for name in ["django-api", "python-cli", "python-pipeline", "rust-cli", "service-extras"] {
        let folder = format!("{}/templates/{name}", env!("CARGO_MANIFEST_DIR"));
        sandbox.run_args(&["template", "test", &folder]).succeeds();
    }
}

#[test]
fn the_version_before_is_the_newest_that_is_older() {
    for folder in ["", "templates/web/"] {
        let sandbox = Sandbox::new();
        let file = |path: &str| format!("{folder}{path}");
        let version = |version: &str, more: &str, out: &str, tag: Option<&str>| {
            publish(
                &sandbox,
                &[
                    (&file("template.toml"), &format!("{}{QUESTIONS}{more}", manifest(version))),
                    (&file("files/out.jinja"), out),
                    (&file("files/extra"), ""),
                    (&file("tests/default.toml"), ""),
                    (&file("tests/full.toml"), "with = ['extra']\n"),
                    (&file("tests/old.toml"), "[answers]\nname = 'Old'\n"),
                ],
                tag,
            );
        };
        let test = |more: &str| sandbox.run(&format!("template test ../home/author/{folder} {more}"));
        let each = |from: &str, more: &str| {
            format!(
                "ok      default (1 file{more}{from})\nok      full (2 files{more}{from})\nok      old (1 file{more}{from})\n"
            )
        };
        // A repository without a version has nothing to come from.
        version("1.0.0", "", "{{ name }}\n", None);
        test("").succeeds().stdout_is(&each("", ""));
        version("1.0.0", "", "{{ name }}\n", Some("v1.0.0"));
        version("1.10.0", "[questions.port]\ndefault = '80'\n", "{{ name }} {{ port }}\n", Some("v1.10.0"));
        version("1.9.0", "", "{{ name }}!\n", Some("v1.9.0"));
        version("2.0.0-rc.1", "", "{{ name }}?\n", Some("v2.0.0-rc.1"));
        publish(&sandbox, &[], Some("not-a-version"));
        // The one that is tagged already is held against the one before it, by their numbers.
        version("2.0.0", "[questions.port]\ndefault = '81'\n", "{{ name }} at {{ port }}\n", Some("v2.0.0"));
        let run = test("").succeeds();
        run.stdout_is(&each(", from v1.10.0", "")).changed_nothing();
        // And the one that is to be next against what was published last.
        version("2.1.0", "[questions.port]\ndefault = '82'\n", "{{ name }} with {{ port }}\n", None);
        test("").succeeds().stdout_is(&each(", from v2.0.0", ""));
        test("--bless").succeeds();
        let golden = sandbox.read(&format!("../home/author/{folder}tests/old/out.golden"));
        assert_eq!(golden, "Old with 82\n");
        test("").succeeds().stdout_is(&each(", from v2.0.0", ", as before"));
        let json = test("--json --only old").succeeds().json();
        let case = serde_json::json!({
            "name": "old", "ok": true, "files": 1, "compared": true, "from": "v2.0.0", "problems": [],
        });
        assert_eq!(json["cases"], serde_json::json!([case]));
        // A question that no project of the version before can answer is told, and which set it is.
        version("2.1.0", "[questions.port]\n[questions.owner]\n", "{{ name }} with {{ owner }}{{ port }}\n", None);
        let run = test("").exits(1).changed_nothing();
        assert!(run.stdout.contains("failed  default (0 files)\n  it does not render\n"), "{run}");
        assert!(run.stdout.contains("`owner`"), "{run}");
    }
}
