//! Where a project can go: new folders and old ones, with names of every kind.

use std::os::unix::fs::PermissionsExt as _;

use super::templates::{link, names, project, put, tree, with_plain_template, with_template};
use crate::sandbox::Sandbox;

const FILES: [&str; 4] = ["a.txt", "bin/run", "link", "sub/b.txt"];

/// What is said of every template that brings something executable.
const RUNS: &str =
    "this template brings files that run something; look at them before you use them:\n  bin/run: it is executable\n";

/// The project's own files in `folder`, without prodev's records.
fn files(sandbox: &Sandbox, folder: &str) -> Vec<String> {
    let all = project(sandbox, folder);
    let files = all.iter().filter(|(path, what)| !what.starts_with("folder") && !path.starts_with(".prodev/"));
    files.map(|(path, _)| path.clone()).collect()
}

#[test]
fn a_new_folder_holds_the_project_its_records_and_a_repository() {
    let sandbox = with_plain_template();
    sandbox.honest("new ../tpl shop").stderr_is(&format!("{RUNS}created `shop`: 4 files from tpl 1.0.0\n"));
    assert_eq!(
        sandbox.list().iter().filter(|path| !path.contains("/.git/")).collect::<Vec<_>>(),
        [
            "shop/.prodev/.gitattributes",
            "shop/.prodev/.gitignore",
            "shop/.prodev/tpl/base/a.txt.base",
            "shop/.prodev/tpl/base/bin/run.base",
            "shop/.prodev/tpl/base/link.base",
            "shop/.prodev/tpl/base/sub/b.txt.base",
            "shop/.prodev/tpl/digests/_shared.txt",
            "shop/.prodev/tpl/state.toml",
            "shop/a.txt",
            "shop/bin/run",
            "shop/link",
            "shop/sub/b.txt",
        ]
    );
    assert_eq!(sandbox.read("shop/link"), "2\n");
    assert_eq!(sandbox.path("shop/bin/run").metadata().unwrap().permissions().mode() & 0o777, 0o755);
    assert!(sandbox.exists("shop/.git/HEAD"), "no repository");
    assert_eq!(names(&sandbox, "."), ["shop"], "something was left beside the project");
}

#[test]
fn missing_folders_on_the_way_are_made() {
    let sandbox = with_plain_template();
    sandbox.run("new ../tpl a/b/c/shop --no-git").succeeds().stdout_is("");
    assert_eq!(files(&sandbox, "a/b/c/shop"), FILES);
    assert_eq!(names(&sandbox, "."), ["a"]);
    assert_eq!(names(&sandbox, "a"), ["b"]);
}

#[test]
fn an_empty_folder_is_filled() {
    for folder in ["shop", "shop/", "shop/.", "./shop", "shop/../shop", "."] {
        let sandbox = with_plain_template();
        std::fs::create_dir(sandbox.path("shop")).unwrap();
        let words = match folder {
            "." => "-C shop new ../../tpl .".to_owned(),
            _ => format!("new ../tpl {folder}"),
        };
        sandbox.run(&words).succeeds();
        assert_eq!(files(&sandbox, "shop"), FILES, "in `{folder}`");
        assert!(sandbox.exists("shop/.git/HEAD"), "no repository in `{folder}`");
        assert!(!sandbox.exists("shop/.prodev/journal"), "a journal is left in `{folder}`");
        assert_eq!(names(&sandbox, "."), ["shop"]);
    }
}

#[test]
fn a_new_folder_can_be_named_in_many_ways() {
    for folder in ["shop", "shop/", "shop/.", "./shop", "./shop//", "shop/./", "old/../shop", "./old/.././shop/."] {
        let sandbox = with_plain_template();
        std::fs::create_dir(sandbox.path("old")).unwrap();
        sandbox.run(&format!("new ../tpl {folder}")).succeeds();
        assert_eq!(files(&sandbox, "shop"), FILES, "in `{folder}`");
        assert_eq!(names(&sandbox, "."), ["old", "shop"], "for `{folder}`");
    }
}

#[test]
fn a_folder_that_holds_nothing_but_a_repository_counts_as_empty() {
    let sandbox = with_plain_template().git("init -q -b trunk .");
    let said = format!("{RUNS}generated into `.`: 4 files from tpl 1.0.0\n");
    sandbox.run("new ../tpl .").succeeds().stderr_is(&said);
    assert_eq!(files(&sandbox, "."), FILES);
    assert_eq!(sandbox.head(), "trunk");
    assert!(!sandbox.exists(".git/prodev"), "the journal's folder is left");
}

#[test]
fn names_are_data() {
    let long = "x".repeat(250);
    let unicode = "ü".repeat(125);
    for name in ["--force", "-rf", "with space", " ", "a\nb", "größe-名前-🎉", "%s$HOME`id`", "*", &long, &unicode]
    {
        let sandbox = with_plain_template();
        sandbox.run_args(&["new", "../tpl", "--git", "--", name]).succeeds().stdout_is("");
        assert_eq!(names(&sandbox, "."), [name]);
        assert_eq!(files(&sandbox, name), FILES, "in {name:?}");
        let status = sandbox.ask_git(&["-C", name, "status", "--porcelain"]);
        assert_eq!(status, "", "in {name:?}");
    }
}

#[test]
fn no_name_is_no_folder() {
    let sandbox = with_plain_template().file("mine", "");
    sandbox.run_args(&["new", "../tpl", "", "--overwrite", "force"]).exits(2).stdout_is("").changed_nothing();
    sandbox
        .run("new ../tpl")
        .fails(2, "error: no folder was named for the project\nhint: `prodev new ../tpl DIR`, or `.` for this folder\n")
        .changed_nothing();
}

#[test]
fn a_name_that_is_too_long_leaves_nothing() {
    let sandbox = with_plain_template();
    let name = "x".repeat(256);
    let run = sandbox.run_args(&["new", "../tpl", &name]).changed_nothing();
    assert!(run.stderr.contains("too long"), "{run}");
    run.exits(1);
    // Each name is short, and the whole path is longer than a path can be.
    let deep = vec!["d".repeat(250); 17].join("/");
    let run = sandbox.run_args(&["new", "../tpl", &deep]).exits(1).changed_nothing();
    assert!(run.stderr.contains("too long"), "{run}");
}

#[test]
fn files_with_the_longest_names_come_out() {
    for length in [249, 250] {
        let name = "n".repeat(length);
        let sandbox = with_template(&[(&format!("files/{name}"), "x")]);
        sandbox.run("new ../tpl fresh --no-git").succeeds();
        std::fs::create_dir(sandbox.path("old")).unwrap();
        sandbox.run("new ../tpl old --no-git").succeeds();
        assert_eq!(tree(&sandbox, "fresh"), tree(&sandbox, "old"));
    }
    let sandbox = with_template(&[(&format!("files/{}", "n".repeat(251)), "x")]);
    let run = sandbox.run("new ../tpl fresh").exits(1).changed_nothing();
    assert!(run.stderr.contains("longer than any file system allows"), "{run}");
}

#[test]
fn the_same_folder_comes_out_fresh_and_into_an_empty_one() {
    let sandbox = with_plain_template();
    sandbox.run("new ../tpl fresh --no-git").succeeds();
    std::fs::create_dir(sandbox.path("old")).unwrap();
    sandbox.run("new ../tpl old --no-git").succeeds();
    assert_eq!(tree(&sandbox, "fresh"), tree(&sandbox, "old"));
}

#[test]
fn a_template_is_generated_twice_under_two_names() {
    let sandbox = with_plain_template();
    sandbox.run("new ../tpl shop").succeeds();
    sandbox
        .run("new ../tpl shop --overwrite force")
        .fails(
            1,
            "error: `shop` was generated from `tpl` already\n\
             hint: to have the template twice, record it under another name: `--as NAME`\n",
        )
        .changed_nothing();
    sandbox.honest("new ../tpl shop --overwrite force --as second");
    assert_eq!(names(&sandbox, "shop/.prodev"), [".gitattributes", ".gitignore", "second", "tpl"]);
    assert_eq!(files(&sandbox, "shop"), FILES);
    for name in ["", "a/b", "..", "../x", "Capital", "-x", "journal"] {
        let run = sandbox.run_args(&["new", "../tpl", "shop", "--overwrite", "skip", &format!("--as={name}")]);
        run.exits(2).changed_nothing();
    }
}

#[test]
fn a_template_cannot_be_recorded_where_the_journal_is() {
    let sandbox = with_plain_template();
    sandbox.write("../tpl/template.toml", "[template]\nname = \"journal\"\nversion = \"1.0.0\"\n");
    std::fs::create_dir(sandbox.path("shop")).unwrap();
    sandbox.run("new ../tpl shop --no-git").exits(2).changed_nothing();
}

#[test]
fn templates_share_a_project() {
    let sandbox = with_plain_template();
    put(&sandbox, "../other", &[("files/c.txt", "c\n"), ("files/a.txt", "a\n")]);
    sandbox.run("new ../tpl shop").succeeds();
    let run = sandbox.run("new ../other shop --as other --overwrite ask --json").succeeds();
    assert_eq!(
        run.json()["steps"],
        serde_json::json!([
            { "action": "keep", "path": "a.txt" },
            { "action": "create", "path": "c.txt" },
            { "action": "record", "path": ".prodev/ (6 files)" },
        ])
    );
}

#[test]
fn a_folder_behind_a_link_is_the_folder() {
    let sandbox = with_plain_template();
    std::fs::create_dir(sandbox.path("real")).unwrap();
    link(&sandbox, "real", "alias");
    sandbox.run("new ../tpl alias/shop").succeeds();
    assert_eq!(files(&sandbox, "real/shop"), FILES);
    sandbox.run("new ../tpl alias --overwrite skip --no-git").succeeds();
    assert!(sandbox.path("alias").symlink_metadata().unwrap().is_symlink());
}

#[test]
fn a_name_that_is_too_long_is_seen_beforehand() {
    let sandbox = with_plain_template();
    let name = format!("a/{}/b", "x".repeat(256));
    let said = format!("error: the name `{}` is too long\nhint: a name may have 255 bytes at most\n", "x".repeat(256));
    for more in [&["--dry-run"][..], &[]] {
        sandbox.run_args(&[&["new", "../tpl", &name][..], more].concat()).fails(1, &said).changed_nothing();
    }
}

#[test]
fn what_is_gits_own_is_no_place_for_a_project() {
    let sandbox = with_plain_template().git("init -q repo").git("init -q --bare bare.git");
    for dir in ["repo/.git", "repo/.git/hooks", "repo/.git/new", "new/.git", "new/.git/x", "bare.git", "bare.git/x"] {
        let run = sandbox.run(&format!("new ../tpl {dir} --overwrite force")).exits(2).changed_nothing();
        assert!(run.stderr.contains("which is Git's own\nhint: choose a folder outside of it"), "{run}");
    }
}

#[test]
fn an_empty_git_folder_is_no_repository() {
    let sandbox = with_plain_template();
    std::fs::create_dir_all(sandbox.path("shop/.git")).unwrap();
    let run = sandbox.run("new ../tpl shop").exits(1).changed_nothing();
    assert!(run.stderr.contains("has a `.git` that is no repository\nhint: "), "{run}");
    sandbox.run("new ../tpl shop --no-git").succeeds();
    assert!(!sandbox.exists("shop/.prodev/journal") && names(&sandbox, "shop/.git").is_empty());
}
