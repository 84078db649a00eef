//! Renames that a template declares: followed by updates, and told where they cannot be.

use super::origin::{author, manifest, publish, published, url};
use crate::sandbox::Sandbox;

#[test]
fn a_declared_rename_is_followed_with_the_users_edits() {
    let sandbox = published();
    publish(&sandbox, &[("files/out", "one\ntwo\nthree\nfour\nfive\nsix\n")], Some("v1.0.1"));
    sandbox.run_args(&["new", &url(&sandbox), "p", "--no-git"]).succeeds();
    sandbox.write("p/out", "ONE\ntwo\nthree\nfour\nfive\nsix\n");
    author(&sandbox, &["rm", "-q", "files/out"]);
    let rename = "[[renames]]\nsince = \"2.0.0\"\nfrom = \"out\"\nto = \"sub/{{ template.name }}\"\n";
    let files = [
        ("template.toml", &*format!("{}{rename}", manifest("2.0.0"))),
        ("files/sub/{{ template.name }}", "one\ntwo\nthree\nfour\nfive\nSIX\n"),
    ];
    publish(&sandbox, &files, Some("v2.0.0"));
    sandbox.run("-C p update").succeeds();
    assert_eq!(sandbox.read("p/sub/tpl"), "ONE\ntwo\nthree\nfour\nfive\nSIX\n");
    assert!(!sandbox.exists("p/out"));
}

#[test]
fn renames_that_cannot_be_are_told_before_anything_is_made() {
    let sandbox = Sandbox::new();
    let renames =
        "[[renames]]\nsince = '9.0.0'\nfrom = 'a'\nto = '../b'\n[[renames]]\nsince = 'soon'\nfrom = 'a'\nto = 'b'\n";
    sandbox.write("t/template.toml", format!("{}{renames}", manifest("1.0.0")));
    sandbox.write("t/files/a", "");
    let run = sandbox.run("new ./t p").exits(2).changed_nothing();
    for why in [
        "t/template.toml:5:9: `9.0.0` is newer than the template itself, so nothing is renamed yet",
        "t/template.toml:7:6: the path `../b` leaves the project",
        "t/template.toml:9:9: `soon` is no semantic version: ",
    ] {
        assert!(run.stderr.contains(why), "{why}\n{run}");
    }
}
