//! Templates and answers that try to write or read outside of the project: each is refused, and neither the project nor anything around it is touched.

use std::os::unix::ffi::OsStrExt as _;

use super::templates::{link, with_template};
use crate::sandbox::Sandbox;

/// Generates, into a new folder and into an old one. Both are refused with `why`, and nothing is changed.
#[track_caller]
fn is_refused(sandbox: &Sandbox, why: &str, more: &[&str]) {
    sandbox.write("old/own.txt", "own");
    sandbox.write("../home/secret", "secret");
    for dir in ["shop", "old"] {
        let args = [&["new", "../tpl", dir, "--overwrite", "force"], more].concat();
        let run = sandbox.run_args(&args).changed_nothing().stdout_is("");
        assert!(run.stderr.contains(why), "should say {why:?}: {run}");
        assert!(run.stderr.starts_with("error: "), "{run}");
        // The dry run knows as much.
        let run = sandbox.run_args(&[&args[..], &["--dry-run"]].concat()).changed_nothing();
        assert!(run.stderr.contains(why), "the dry run should say {why:?}: {run}");
    }
}

#[test]
fn names_that_leave_the_project_are_refused() {
    let attacks = [
        ("../x", "leaves the project"),
        ("a/../../x", "leaves the project"),
        ("..", "leaves the project"),
        ("a/./x", "has a segment `.`"),
        ("/etc/prodev-was-here", "is absolute"),
        ("//etc/x", "is absolute"),
        ("a//etc/x", "has an empty segment"),
        ("C:/x", "is absolute"),
        ("c:x", "is absolute"),
        ("..\\x", "has a backslash"),
        ("a\\..\\..\\x", "has a backslash"),
        ("\\\\server\\share", "has a backslash"),
        (".git/hooks/post-checkout", "reaches into `.git`"),
        (".GIT/hooks/x", "reaches into `.git`"),
        (".gIt/config", "reaches into `.git`"),
        (".git./config", "reaches into `.git`"),
        (".git /config", "reaches into `.git`"),
        (".git...  ./config", "reaches into `.git`"),
        (".git::$INDEX_ALLOCATION/config", "reaches into `.git`"),
        (".git:x", "reaches into `.git`"),
        ("git~1/config", "reaches into `.git`"),
        ("GIT~1/config", "reaches into `.git`"),
        (".g\u{200c}it/config", "reaches into `.git`"),
        (".gi\u{feff}t/config", "reaches into `.git`"),
        ("sub/.git/config", "reaches into `.git`"),
        (".git", "reaches into `.git`"),
        (".prodev/tpl/state.toml", "prodev's own"),
        (".PRODEV/x", "prodev's own"),
        (".prodev/journal/journal.json", "prodev's own"),
        (".p\u{200d}rodev/x", "prodev's own"),
        ("a\nb", "control character"),
        ("a\u{1b}[31mb", "control character"),
        ("a\u{0}b", "control character"),
        ("a\u{7f}b", "control character"),
        ("a\u{85}b", "control character"),
    ];
    for (name, why) in attacks {
        let table = "[questions.package]\ntype = 'text'\n";
        let sandbox = with_template(&[("template.toml", table), ("files/{{ package }}", "x"), ("files/b", "b")]);
        // Answers come from somebody who does not know better; a template can hide the same in a default.
        let answer = serde_json::json!({ "package": name }).to_string();
        sandbox.write("answers.json", answer);
        is_refused(&sandbox, why, &["--answers", "answers.json"]);
        let toml = toml::Value::from(name).to_string();
        sandbox.write("../tpl/template.toml", format!("[template]\nname='tpl'\nversion='1.0.0'\n[computed]\nx = '1'\n[questions.package]\ntype='text'\ndefault = {toml}\n"));
        is_refused(&sandbox, why, &[]);
    }
}

#[test]
fn an_answer_cannot_lead_out_of_the_project() {
    let table = "[questions.package]\n";
    let sandbox =
        with_template(&[("template.toml", table), ("files/src/{{ package }}/main.py.jinja", "{{ package }}")]);
    is_refused(&sandbox, "leaves the project", &["--set", "package=../../x"]);
    is_refused(&sandbox, "empty segment", &["--set", "package=/etc"]);
    is_refused(&sandbox, "reaches into `.git`", &["--set", "package=x/.git/hooks"]);
}

#[test]
fn names_in_the_template_itself_are_held_to_the_same() {
    for (path, why) in [
        ("files/.prodev/x", "prodev's own"),
        ("files/.GIT/hooks/x", "reaches into `.git`"),
        ("files/sub/git~1/x", "reaches into `.git`"),
        ("files/a\nb", "control character"),
        ("files/a\\b", "has a backslash"),
        ("files/C:x", "is absolute"),
    ] {
        is_refused(&with_template(&[(path, "x")]), why, &[]);
    }
}

#[test]
fn links_out_of_the_project_are_refused() {
    let targets = [
        "/etc/passwd",
        "../secret",
        "../../home",
        "a/../../x",
        "..",
        ".git/config",
        ".git",
        "sub/.GIT/x",
        "C:/x",
        "..\\x",
        "//x",
    ];
    for target in targets {
        let sandbox = with_template(&[("files/a/b", "b")]);
        link(&sandbox, target, "../tpl/files/link");
        is_refused(&sandbox, "points out of the project", &[]);
    }
    // A link that is inside where it lies in the template, and outside where it comes to lie.
    let table = "[[files]]\nmatch = '**'\nfor_each = \"['x', 'a/b']\"\n";
    let sandbox = with_template(&[("template.toml", table)]);
    link(&sandbox, "../../x", "../tpl/files/a/b/{{ item }}");
    sandbox.run("new ../tpl fine --no-git").succeeds();
    let sandbox = with_template(&[("template.toml", "[questions.place]\ndefault = ''\n")]);
    link(&sandbox, "../../x", "../tpl/files/{{ place }}/link");
    is_refused(&sandbox, "points out of the project", &["--set", "place=a"]);
}

#[test]
fn a_link_that_is_not_utf8_is_refused() {
    let sandbox = with_template(&[("files/a", "a")]);
    let target = std::ffi::OsStr::from_bytes(b"\xff");
    std::os::unix::fs::symlink(target, sandbox.path("../tpl/files/link")).unwrap();
    is_refused(&sandbox, "is not UTF-8", &[]);
}

#[test]
fn nothing_is_written_below_a_link_that_the_template_brings() {
    for (target, file) in [("b", "a/x"), ("../../home", "a/x"), ("b", "A/x"), (".", "a/a/x")] {
        let sandbox = with_template(&[
            ("template.toml", "[questions.folder]\n"),
            ("files/b/y", "y"),
            ("files/{{ folder }}", "x"),
        ]);
        link(&sandbox, target, "../tpl/files/a");
        is_refused(&sandbox, "would be both a file and the folder of", &["--set", &format!("folder={file}")]);
    }
}

#[test]
fn includes_from_outside_are_not_found() {
    for name in ["../../x", "../files/a", "/etc/passwd", "../../../home/secret", "./../x", "missing"] {
        for statement in
            ["{% include NAME %}", "{% import NAME as x %}", "{% extends NAME %}", "{% from NAME import x %}"]
        {
            let text = statement.replace("NAME", &format!("\"{name}\""));
            let sandbox = with_template(&[("files/b.jinja", &text), ("files/a", "a"), ("../home/secret", "secret")]);
            is_refused(&sandbox, "includes/", &[]);
        }
    }
}

#[test]
fn parts_of_a_template_that_are_links_to_outside_are_refused() {
    for part in ["files", "includes", "fragments", "template.toml"] {
        let sandbox = with_template(&[]).file("../home/secret", "secret").file("../home/folder/a", "a");
        let target = if part.contains('.') { "../home/secret" } else { "../home/folder" };
        if part == "template.toml" {
            std::fs::remove_file(sandbox.path("../tpl/template.toml")).unwrap();
        }
        link(&sandbox, target, &format!("../tpl/{part}"));
        is_refused(&sandbox, "is a link out of the template", &[]);
    }
    for part in ["includes/x", "fragments/slot/core"] {
        let table = "[components.core]\nrequired = true\n";
        let sandbox = with_template(&[("template.toml", table), ("files/a.jinja", "{{ slot('slot') }}")]);
        link(&sandbox, "../../../home/secret", &format!("../tpl/{part}"));
        is_refused(&sandbox, "is a link", &[]);
    }
}

#[test]
fn a_link_in_a_template_is_never_followed() {
    let sandbox = with_template(&[("files/a", "a")]).file("../home/secret", "secret");
    link(&sandbox, "a", "../tpl/files/inside");
    link(&sandbox, ".", "../tpl/files/round");
    link(&sandbox, "gone", "../tpl/files/dangling");
    sandbox.run("new ../tpl shop --no-git").succeeds();
    for (name, target) in [("inside", "a"), ("round", "."), ("dangling", "gone")] {
        assert_eq!(std::fs::read_link(sandbox.path("shop").join(name)).unwrap().to_string_lossy(), target);
    }
}

#[test]
fn two_files_in_one_place_are_refused() {
    for (one, two, why) in [
        ("Readme", "README", "are one file to some file systems"),
        ("\u{e9}t\u{e9}", "e\u{301}te\u{301}", "are one file to some file systems"),
        ("straße", "STRASSE", "are one file to some file systems"),
        ("σας", "ΣΑΣ", "are one file to some file systems"),
        ("a\u{200c}b", "ab", "are one file to some file systems"),
        ("x", "x/y", "would be both a file and the folder of"),
        ("ΑΣ", "ΑΣ/y", "would be both a file and the folder of"),
        ("a\u{200c}", "a\u{200c}/y", "would be both a file and the folder of"),
        ("X", "x/y/z", "would be both a file and the folder of"),
        ("a", "a.base/b", "would be both a file and the folder of"),
    ] {
        let table = "[questions.one]\n[questions.two]\n";
        let sandbox = with_template(&[("template.toml", table), ("files/{{ one }}", "1"), ("files/{{ two }}", "2")]);
        is_refused(&sandbox, why, &["--set", &format!("one={one}"), "--set", &format!("two={two}")]);
    }
    for expression in ["['x', 'x']", "['x', 'X']", "range(2)"] {
        let table = format!("[[files]]\nmatch = '**'\nfor_each = \"{expression}\"\n");
        let path = if expression == "range(2)" { "files/same" } else { "files/{{ item }}" };
        is_refused(&with_template(&[("template.toml", &table), (path, "x")]), "", &[]);
    }
}

#[test]
fn the_engine_shows_nothing_of_what_is_below_it() {
    for expression in [
        "''.__class__",
        "''['__class__']['__mro__']",
        "self.__init__",
        "slot.__globals__",
        "components.__class__",
        "namespace().__dict__",
        "''|attr('__class__')|attr('__mro__')",
        "''|attr('__class__')()",
        "lipsum.__globals__['os'].popen('id').read()",
        "cycler.__init__.__globals__.os",
        "open('/etc/passwd').read()",
        "import('os')",
        "env('HOME')",
        "system('id')",
        "read_file('/etc/passwd')",
    ] {
        let sandbox = with_template(&[("files/a.jinja", &format!("{{{{ {expression} }}}}"))]);
        is_refused(&sandbox, "../tpl/files/a.jinja:1:", &[]);
    }
    let sandbox = with_template(&[("files/a.jinja", "{{ debug() }}")]).env("SECRET_IN_ENVIRONMENT", "hunter2");
    if sandbox.run("new ../tpl shop --no-git").stderr.contains("created") {
        assert!(!sandbox.read("shop/a").contains("hunter2"));
    }
}

#[test]
fn what_is_no_file_is_refused() {
    let sandbox = with_template(&[("files/a", "a")]);
    assert!(sandbox.command("mkfifo").arg(sandbox.path("../tpl/files/pipe")).status().unwrap().success());
    is_refused(&sandbox, "is neither a file nor a folder nor a link", &[]);
    let sandbox = with_template(&[("files/a", "a")]);
    let _socket = std::os::unix::net::UnixListener::bind(sandbox.path("../tpl/files/socket")).unwrap();
    is_refused(&sandbox, "is neither a file nor a folder nor a link", &[]);
}

#[test]
fn a_name_that_is_not_utf8_is_refused() {
    let sandbox = with_template(&[("files/a", "a")]);
    std::fs::write(sandbox.path("../tpl/files").join(std::ffi::OsStr::from_bytes(b"a\xff")), "x").unwrap();
    is_refused(&sandbox, "is not UTF-8", &[]);
}

#[test]
fn a_secret_cannot_reach_what_is_committed() {
    let table = "[questions.token]\ntype = 'secret'\n[[files]]\nmatch = ['a-once', '{{ token }}']\nonce = true\n";
    for (path, text) in [
        ("files/b.jinja", "{{ token }}"),
        ("files/z/{{ token }}", "x"),
        ("files/b.jinja", "{{ random_secret() }}"),
        ("files/b.jinja", "{% include 'leak' %}"),
    ] {
        let sandbox = with_template(&[
            ("template.toml", table),
            ("files/{{ token }}", "once"),
            ("includes/leak", "{{ token }}"),
            (path, text),
        ]);
        sandbox.write("token.toml", "token = 'hunter2'\n");
        is_refused(&sandbox, "", &["--answers", "token.toml"]);
    }
    let sandbox = with_template(&[("template.toml", table), ("files/a-once.jinja", "{{ token }}"), ("files/b", "b")]);
    let run = sandbox.run("new ../tpl shop --git --json --set token=hunter2").succeeds();
    assert!(!run.stdout.contains("hunter2") && !run.stderr.contains("hunter2"), "{run}");
    for (path, what) in sandbox.snapshot("shop") {
        let holds =
            what.starts_with("file") && sandbox_bytes(&sandbox, &path).windows(7).any(|part| part == b"hunter2");
        assert_eq!(holds, path == "a-once", "{path}");
    }
}

fn sandbox_bytes(sandbox: &Sandbox, path: &str) -> Vec<u8> {
    std::fs::read(sandbox.path("shop").join(path)).unwrap()
}

#[test]
fn a_template_cannot_steer_the_terminal() {
    let table = "[messages]\nafter = \"\\u001b]52;c;aGk=\\u0007done\\rnow\"\n";
    let sandbox = with_template(&[("template.toml", table), ("files/a", "a")]);
    let run = sandbox.run("new ../tpl shop --color always").succeeds();
    assert!(!run.stderr.contains("\u{1b}]") && !run.stderr.contains('\u{7}') && !run.stderr.contains('\r'), "{run}");
    assert!(run.stderr.contains("done"), "{run}");
}
