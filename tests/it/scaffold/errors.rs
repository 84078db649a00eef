//! What goes wrong in templates and answers, as people meet it: each time the place, a way on, the right exit, and nothing left.

use super::templates::{link, with_template};
use crate::sandbox::Sandbox;

/// It fails into a new folder and into an old one, in just these words.
#[track_caller]
fn fails(sandbox: &Sandbox, more: &str, code: i32, said: &str) {
    sandbox.write("old/own.txt", "own");
    for dir in ["shop", "old --overwrite force", "a/b/c --git"] {
        sandbox.run(&format!("new ../tpl {dir} {more}")).fails(code, said).changed_nothing();
    }
}

#[test]
fn a_syntax_error_has_a_place() {
    let sandbox = with_template(&[("files/a.txt.jinja", "fine\n  {% if x %}\nnever closed\n"), ("files/b.txt", "b")]);
    sandbox.write("old/own.txt", "own");
    let run = sandbox.run("new ../tpl shop").exits(1).stdout_is("").changed_nothing();
    assert!(run.stderr.starts_with("error: ") && run.stderr.contains("../tpl/files/a.txt.jinja:"), "{run}");
    assert!(run.stderr.lines().count() <= 8, "{run}");
    let sandbox = with_template(&[("files/a.txt.jinja", "fine\n  {{ 1 + }}\n")]);
    fails(
        &sandbox,
        "",
        1,
        "error: unexpected end of variable block\n \
         --> ../tpl/files/a.txt.jinja:2:10\n\
         2 |   {{ 1 + }}\n  \
           |          ^^\n",
    );
}

#[test]
fn an_undefined_name_is_an_error_with_a_suggestion() {
    let table = [
        ("template.toml", "[questions.project_name]\ndefault = 'Shop'\n"),
        ("files/a.txt.jinja", "# {{ project_name }}\n\nby {{ projct_name }}\n"),
    ];
    fails(
        &with_template(&table),
        "",
        1,
        "error: `projct_name` is undefined\n \
         --> ../tpl/files/a.txt.jinja:3:7\n\
         3 | by {{ projct_name }}\n  \
           |       ^^^^^^^^^^^\n\
         hint: did you mean `project_name`?\n",
    );
}

#[test]
fn all_that_is_wrong_is_told_in_one_run() {
    let sandbox = with_template(&[
        ("files/a.jinja", "{{ one }}"),
        ("files/b.jinja", "{{ two }}"),
        ("files/{{ three }}", ""),
        ("files/../files/c.jinja", "{{ 'x' | nofilter }}"),
    ]);
    let run = sandbox.run("new ../tpl shop").exits(1).changed_nothing();
    // Names come first: without them there is nothing to put the texts into.
    assert!(run.stderr.contains("`three` is undefined"), "{run}");
    std::fs::remove_file(sandbox.path("../tpl/files/{{ three }}")).unwrap();
    let run = sandbox.run("new ../tpl shop").exits(1).changed_nothing();
    for word in [
        "a.jinja:1:4: `one` is undefined",
        "b.jinja:1:4: `two` is undefined",
        "c.jinja:1:10: there is no filter `nofilter`",
    ] {
        assert!(run.stderr.contains(word), "{word}: {run}");
    }
}

#[test]
fn all_missing_answers_are_told_in_one_run() {
    let table = "[questions.one]\n[questions.two]\ntype = 'int'\n[questions.three]\ndefault = 'x'\n";
    let sandbox = with_template(&[("template.toml", table), ("files/a.jinja", "{{ one }}")]);
    for more in ["", "--defaults", "--no-input"] {
        fails(
            &sandbox,
            more,
            2,
            "error: no answer for `one`, `two`\n\
             hint: answer with `--set one=… --set two=…`, or in a file with `--answers FILE`\n",
        );
    }
}

#[test]
fn an_unknown_answer_is_refused_with_a_suggestion() {
    let sandbox = with_template(&[("template.toml", "[questions.package]\ndefault = 'x'\n"), ("files/a", "")]);
    let run = sandbox.run("new ../tpl shop --set pakage=y").exits(2).stdout_is("").changed_nothing();
    assert!(run.stderr.contains("`pakage`") && run.stderr.contains("did you mean `package`?"), "{run}");
    for set in ["package", "=x", ""] {
        sandbox.run_args(&["new", "../tpl", "shop", "--set", set]).exits(2).changed_nothing();
    }
}

#[test]
fn a_broken_template_toml_is_wrong_usage_with_a_place() {
    for (text, words) in [
        ("[questions.a]\ntyp = 'int'\n", ["template.toml:6:1", "did you mean `type`?"]),
        ("[questions.a]\ntype = 'integer'\n", ["template.toml:6:8", "int"]),
        ("[questions.a\n", ["template.toml:5:", "error: "]),
        ("[[files]]\nmatch = '[z-a]'\n", ["is no glob", "error: "]),
        ("[components.a]\nrequires = ['b']\n", ["`b` that is not there", "error: "]),
        ("[computed]\nx = '1 +'\n", ["template.toml:6:5", "is no expression"]),
        ("[[files]]\nmatch = '**'\nfor_each = '[1]'\nas = 'components'\n", ["means something else", "error: "]),
    ] {
        let sandbox = with_template(&[("template.toml", text), ("files/a", "")]);
        let run = sandbox.run("new ../tpl shop").exits(2).stdout_is("").changed_nothing();
        for word in words {
            assert!(run.stderr.contains(word), "{text:?} should say {word:?}: {run}");
        }
    }
}

#[test]
fn a_template_that_is_not_there_is_wrong_usage() {
    let sandbox = with_template(&[]).file("empty/x", "").file("cookie/cookiecutter.json", "{}").file("file", "");
    for (template, word) in [
        ("nowhere", "hint: "),
        ("./nowhere", "hint: "),
        ("empty", "hint: "),
        ("./file", "hint: "),
        ("cookie", "cookiecutter"),
        ("https://example.org", "hint: "),
        ("gh:a", "hint: "),
    ] {
        let run = sandbox.run(&format!("new {template} shop")).exits(2).stdout_is("").changed_nothing();
        assert!(run.stderr.contains(word), "{run}");
    }
}

#[test]
fn a_template_for_a_newer_prodev_is_refused_by_its_number() {
    let sandbox = with_template(&[("files/a", "")]);
    let text = "[template]\nname = 'tpl'\nversion = '1.0.0'\nmin_prodev = '99.0.0'\nnew_key = true\n";
    sandbox.write("../tpl/template.toml", text);
    let run = sandbox.run("new ../tpl shop").exits(2).changed_nothing();
    assert!(run.stderr.contains("needs prodev 99.0.0 or newer"), "{run}");
}

#[test]
fn a_dangling_link_in_a_template_is_a_link_in_the_project() {
    let sandbox = with_template(&[("files/a", "a")]);
    link(&sandbox, "later", "../tpl/files/link");
    for (dir, more) in [("shop", ""), ("old", "--overwrite force")] {
        sandbox.write("old/own.txt", "own");
        sandbox.run(&format!("new ../tpl {dir} --no-git {more}")).succeeds();
        assert_eq!(std::fs::read_link(sandbox.path(dir).join("link")).unwrap().to_string_lossy(), "later");
    }
}

#[test]
fn a_file_per_item_is_made_under_any_name_for_the_item() {
    for (name, text) in [("item", ""), ("app", "as = 'app'\n")] {
        let table = format!("[[files]]\nmatch = '**'\nfor_each = \"['x', 'y']\"\n{text}");
        let path = format!("files/{{{{ {name} }}}}/main.py.jinja");
        let body = format!("{{{{ {name} }}}}\n");
        let sandbox = with_template(&[("template.toml", &table), (&path, &body)]);
        sandbox.run("new ../tpl shop --no-git").succeeds();
        assert_eq!((sandbox.read("shop/x/main.py"), sandbox.read("shop/y/main.py")), ("x\n".into(), "y\n".into()));
    }
}
