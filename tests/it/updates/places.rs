//! Where things stand: folders in the place of files, links on the way, other repositories, projects inside of one.

use super::story::Be::{Gone, Link, Text};
use super::story::{NUMBERS, Story};

#[test]
fn a_file_becomes_a_folder_and_back() {
    let story = Story::of("", &[("conf", Text("a\n"))]).made("");
    story.manifest("1.1.0", "");
    story.template("conf", Gone);
    story.template("conf/main", Text("a\n"));
    story.template("conf/deep/x", Text("x\n"));
    story.updates();
    assert_eq!((story.read("conf/main"), story.read("conf/deep/x")), ("a\n".to_owned(), "x\n".to_owned()));
    story.commit();
    story.manifest("1.2.0", "");
    story.template("conf", Gone);
    story.template("conf", Text("b\n"));
    story.updates();
    assert_eq!(story.read("conf"), "b\n");
}

#[test]
fn a_folder_with_something_of_the_users_in_it_stays() {
    let story = Story::of("", &[("conf/main", Text("a\n"))]).made("");
    story.user("conf/own", Text("mine\n"));
    story.manifest("1.1.0", "");
    story.template("conf", Gone);
    story.template("conf", Text("b\n"));
    story.stops(&[("conf", "in-the-way")]);
    assert_eq!((story.read("conf/own"), story.read("conf.from-template")), ("mine\n".to_owned(), "b\n".to_owned()));
    story.run("update --abort").succeeds();
    assert_eq!((story.read("conf/main"), story.exists("conf.from-template")), ("a\n".to_owned(), false));
}

#[test]
fn a_file_that_the_user_changed_does_not_make_room() {
    let story = Story::of("", &[("conf", Text("a\n"))]).made("");
    story.user("conf", Text("mine\n"));
    story.manifest("1.1.0", "");
    story.template("conf", Gone);
    story.template("conf/main", Text("b\n"));
    story.stops(&[("conf", "deleted-by-template"), ("conf/main", "in-the-way")]);
    assert_eq!((story.read("conf"), story.read("conf.from-template/main")), ("mine\n".to_owned(), "b\n".to_owned()));
}

#[test]
fn nothing_is_written_through_a_linked_folder() {
    let story = Story::of("", &[("d/f", Text(NUMBERS)), ("d/same", Text("s\n")), ("d/gone", Text("g\n"))]).made("");
    story.sandbox.write("elsewhere/f", "not the project's\n");
    story.user("d", Gone);
    story.user("d", Link("../elsewhere"));
    story.manifest("1.1.0", "");
    story.template("d/f", Text("its\n"));
    story.template("d/gone", Gone);
    let run = story.stops(&[("d/f", "in-the-way")]);
    assert!(run.stderr.contains("`d/f` is not written: `d` is a link\n"), "{run}");
    assert_eq!(story.sandbox.read("elsewhere/f"), "not the project's\n");
    assert_eq!(story.read("d.from-template/f"), "its\n");
}

#[test]
fn a_repository_inside_is_left_alone() {
    let story = Story::of("", &[("lib/f", Text("a\n"))]).made("");
    story.user("lib", Gone);
    story.sandbox.ask_git(&["init", "-q", "shop/lib"]);
    story.user("lib/f", Text("of another repository\n"));
    story.manifest("1.1.0", "");
    story.template("lib/f", Text("its\n"));
    let run = story.stops(&[("lib/f", "in-the-way")]);
    assert!(run.stderr.contains("`lib` is a repository of its own\n"), "{run}");
    assert_eq!(
        (story.read("lib/f"), story.read("lib.from-template/f")),
        ("of another repository\n".to_owned(), "its\n".to_owned())
    );
}

#[test]
fn a_submodule_is_left_alone() {
    let story = Story::of("", &[("lib/f", Text("a\n"))]).made("");
    let sandbox = &story.sandbox;
    sandbox.ask_git(&["init", "-q", "-b", "main", "other"]);
    sandbox.ask_git(&["-C", "other", "commit", "-q", "--allow-empty", "-m", "Start"]);
    story.user("lib", Gone);
    sandbox.ask_git(&["-C", "shop", "rm", "-rq", "--cached", "lib"]);
    sandbox.ask_git(&[
        "-C",
        "shop",
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "--quiet",
        "add",
        "../other",
        "lib",
    ]);
    story.commit();
    story.manifest("1.1.0", "");
    story.template("lib/f", Text("its\n"));
    story.stops(&[("lib/f", "in-the-way")]);
    assert!(!story.exists("lib/f"));
    assert_eq!(story.read("lib.from-template/f"), "its\n");
}

#[test]
fn what_a_filter_stands_before_is_not_written() {
    let story = Story::of("", &[("big.bin", Text("pointer 1\n")), ("f", Text("a\n"))]).made("");
    story.user(".gitattributes", Text("*.bin filter=lfs -text\n"));
    story.manifest("1.1.0", "");
    story.template("big.bin", Text("pointer 2\n"));
    story.template("f", Text("b\n"));
    story.stops(&[("big.bin", "in-the-way")]);
    assert_eq!(
        (story.read("big.bin"), story.read("big.bin.from-template")),
        ("pointer 1\n".to_owned(), "pointer 2\n".to_owned())
    );
    assert_eq!(story.read("f"), "b\n");
}

#[test]
fn a_project_in_a_folder_of_a_repository_is_one() {
    let story = Story::of("", &[("f", Text(NUMBERS))]);
    let sandbox = &story.sandbox;
    sandbox.ask_git(&["init", "-q", "-b", "main"]);
    sandbox.run("new ../tpl services/shop --defaults").succeeds();
    sandbox.ask_git(&["add", "."]);
    sandbox.ask_git(&["commit", "-q", "-m", "Generate"]);
    sandbox.write("services/shop/f", NUMBERS.replace("5\n", "mine\n"));
    story.manifest("1.1.0", "");
    story.template("f", Text(&NUMBERS.replace("5\n", "its\n")));
    sandbox.write("services/shop/deep/x", "");
    let before = sandbox.ask_git(&["ls-files", "--stage"]);
    sandbox.run("-C services/shop/deep update").exits(3);
    assert!(sandbox.ask_git(&["status", "--porcelain"]).contains("UU services/shop/f"));
    sandbox.run("-C services/shop update --abort").succeeds();
    assert_eq!(sandbox.read("services/shop/f"), NUMBERS.replace("5\n", "mine\n"));
    assert_eq!(sandbox.ask_git(&["ls-files", "--stage"]), before);
}

#[test]
fn a_pipe_in_the_place_of_a_file_is_not_opened() {
    let story = Story::of("", &[("f", Text("a\n"))]).made("");
    story.user("f", Gone);
    let pipe = rustix::fs::FileType::Fifo;
    rustix::fs::mknodat(rustix::fs::CWD, story.path("f"), pipe, 0o600.into(), 0).unwrap();
    story.manifest("1.1.0", "");
    story.template("f", Text("b\n"));
    story.stops(&[("f", "in-the-way")]);
    assert_eq!(story.read("f.from-template"), "b\n");
}
