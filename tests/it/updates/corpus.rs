//! One file, changed by the template, by the user, or by both: nothing of either is lost, and what cannot be joined is told.

use super::story::Be::{Bytes, Gone, Link, Script, Text};
use super::story::{Be, NUMBERS, Story};

/// A file `f` as it was generated, as the user has it, and as the template has it now.
fn story(base: Be, ours: Be, theirs: Be) -> Story {
    let story = Story::of("", &[("f", base)]).made("");
    story.user("f", ours);
    story.manifest("1.1.0", "");
    story.template("f", theirs);
    story
}

fn with(line: &str, new: &str) -> String {
    NUMBERS.split_inclusive('\n').map(|it| if it.trim() == line { new } else { it }).collect()
}

#[test]
fn separate_edits_are_joined() {
    let story = story(Text(NUMBERS), Text(&with("2", "two\n")), Text(&with("10", "ten\n")));
    story.updates();
    assert_eq!(story.read("f"), with("2", "two\n").replace("10\n", "ten\n"));
}

#[test]
fn the_same_edit_on_both_sides_is_one() {
    let edited = with("2", "two\n");
    let story = story(Text(NUMBERS), Text(&edited), Text(&edited));
    story.updates();
    assert_eq!(story.read("f"), edited);
}

#[test]
fn overlapping_and_adjacent_lines_are_marked() {
    for (ours, theirs) in [("5", "5"), ("5", "6")] {
        let story = story(Text(NUMBERS), Text(&with(ours, "mine\n")), Text(&with(theirs, "its\n")));
        story.stops(&[("f", "lines")]);
        let text = story.read("f");
        assert!(
            text.contains("<<<<<<< yours\nmine\n") && text.contains("its\n") && text.contains(">>>>>>> tpl 1.1.0\n"),
            "{text}"
        );
        assert!(!text.contains("|||||||"), "{text}");
        assert_eq!(story.status(), ["UU f"]);
    }
}

#[test]
fn what_was_there_before_is_shown_on_request() {
    let story = story(Text(NUMBERS), Text(&with("5", "mine\n")), Text(&with("5", "its\n")));
    story.run("update --diff3").exits(3);
    assert!(story.read("f").contains("<<<<<<< yours\nmine\n||||||| tpl 1.0.0\n5\n=======\nits\n>>>>>>> tpl 1.1.0\n"));
}

#[test]
fn a_file_that_both_added_is_joined_or_marked() {
    let story = story(Gone, Text("a\nmine\nz\n"), Text("a\nits\nz\n"));
    story.stops(&[("f", "lines")]);
    assert_eq!(story.read("f"), "a\n<<<<<<< yours\nmine\n=======\nits\n>>>>>>> tpl 1.1.0\nz\n");
    let story = self::story(Gone, Text("same\n"), Text("same\n"));
    story.updates();
    assert_eq!(story.read("f"), "same\n");
}

#[test]
fn keys_added_apart_in_one_toml_are_joined() {
    let base = "[a]\none = 1\n\n[b]\ntwo = 2\n\n[c]\nthree = 3\n";
    let ours = base.replace("one = 1\n", "one = 1\nmine = true\n");
    let theirs = base.replace("three = 3\n", "three = 3\nits = true\n");
    let story = story(Text(base), Text(&ours), Text(&theirs));
    story.updates();
    assert_eq!(story.read("f"), ours.replace("three = 3\n", "three = 3\nits = true\n"));
}

#[test]
fn what_the_template_deletes_goes_unless_the_user_changed_it() {
    let story = story(Text("a\n"), Text("a\n"), Gone);
    story.updates();
    assert!(!story.exists("f"));
    let story = self::story(Text("a\n"), Text("mine\n"), Gone);
    story.stops(&[("f", "deleted-by-template")]);
    assert_eq!(story.read("f"), "mine\n");
    assert_eq!(story.status(), ["UD f"]);
}

#[test]
fn what_the_user_deletes_stays_deleted_unless_the_template_changed_it() {
    let story = story(Text("a\n"), Gone, Text("a\n"));
    story.updates();
    assert!(!story.exists("f"));
    let story = self::story(Text("a\n"), Gone, Text("its\n"));
    story.stops(&[("f", "deleted-by-you")]);
    assert_eq!(story.read("f"), "its\n");
    assert_eq!(story.status(), ["DU f"]);
}

#[test]
fn a_binary_is_taken_from_the_side_that_changed_it() {
    let story = story(Bytes(b"\0old"), Bytes(b"\0old"), Bytes(b"\0new"));
    story.updates();
    assert_eq!(story.read("f"), "\0new");
    let story = self::story(Bytes(b"\0old"), Bytes(b"\0mine"), Bytes(b"\0old"));
    story.updates();
    assert_eq!(story.read("f"), "\0mine");
}

#[test]
fn a_binary_that_both_changed_is_there_twice() {
    let story = story(Bytes(b"\0old"), Bytes(b"\0mine"), Bytes(b"\0its"));
    let run = story.stops(&[("f", "whole")]);
    assert_eq!(run.json()["conflicts"][0]["theirs"], "f.from-template");
    assert_eq!((story.read("f").as_str(), story.read("f.from-template").as_str()), ("\0mine", "\0its"));
    assert_eq!(story.status(), ["UU f", "?? f.from-template"]);
    story.run("update --continue").exits(3).changed_nothing();
    std::fs::remove_file(story.path("f.from-template")).unwrap();
    story.sandbox.ask_git(&["-C", "shop", "add", "f"]);
    story.run("update --continue").succeeds();
    assert_eq!(story.read("f"), "\0mine");
}

#[test]
fn a_mode_and_a_content_come_from_either_side() {
    let story = story(Text(NUMBERS), Text(&with("2", "two\n")), Script(NUMBERS));
    story.updates();
    assert_eq!(story.read("f"), with("2", "two\n"));
    assert!(story.is_executable("f"));
    let story = self::story(Text(NUMBERS), Script(NUMBERS), Text(&with("2", "two\n")));
    story.updates();
    assert_eq!(story.read("f"), with("2", "two\n"));
    assert!(story.is_executable("f"));
    let story = self::story(Script("a\n"), Script("a\n"), Text("a\n"));
    story.updates();
    assert!(!story.is_executable("f"));
}

#[test]
fn a_link_is_a_link_to_the_end() {
    let target = |story: &Story| std::fs::read_link(story.path("f")).unwrap().to_string_lossy().into_owned();
    let story = story(Link("always"), Link("always"), Link("./always"));
    story.updates();
    assert_eq!(target(&story), "./always");
    let story = self::story(Link("always"), Link("mine"), Link("always"));
    story.updates();
    assert_eq!(target(&story), "mine");
    let story = self::story(Link("always"), Link("mine"), Link("./always"));
    story.stops(&[("f", "whole")]);
    assert_eq!(target(&story), "mine");
    assert_eq!(std::fs::read_link(story.path("f.from-template")).unwrap().to_string_lossy(), "./always");
    let story = self::story(Link("always"), Link("always"), Text("a file\n"));
    story.updates();
    assert_eq!(story.read("f"), "a file\n");
    assert!(!story.path("f").is_symlink());
}

#[test]
fn newlines_stay_as_the_user_has_them() {
    let windows = NUMBERS.replace('\n', "\r\n");
    let story = story(Text(NUMBERS), Text(&windows), Text(&with("10", "ten\n")));
    story.updates();
    assert_eq!(story.read("f"), windows.replace("10\r\n", "ten\r\n"));
    let story = self::story(Text(NUMBERS), Text(&windows.replace("2\r\n3", "two\r\n3")), Text(&with("10", "ten\n")));
    story.updates();
    assert_eq!(story.read("f"), windows.replace("2\r\n3", "two\r\n3").replace("10\r\n", "ten\r\n"));
}

#[test]
fn whitespace_is_a_change_like_any() {
    let story = story(Text(NUMBERS), Text(&with("2", "  2\n")), Text(&with("10", "10  \n")));
    story.updates();
    assert_eq!(story.read("f"), with("2", "  2\n").replace("10\n", "10  \n"));
}

#[test]
fn repeated_blocks_are_not_mixed_up() {
    let block = |name: &str| format!("def {name}():\n    a()\n    b()\n    return 1\n\n\n");
    let base = ["one", "two", "three"].map(block).concat();
    let ours = base.replace("def three():\n    a()", "def three():\n    mine()");
    let theirs = format!("{}{}", block("zero"), base);
    let story = story(Text(&base), Text(&ours), Text(&theirs));
    story.updates();
    assert_eq!(story.read("f"), format!("{}{ours}", block("zero")));
}

#[test]
fn a_file_that_git_ignores_is_merged_like_any() {
    let story = Story::of("", &[("f.local", Text(NUMBERS)), (".gitignore.jinja", Text("*.local\n"))]).made("");
    story.user("f.local", Text(&with("5", "mine\n")));
    story.manifest("1.1.0", "");
    story.template("f.local", Text(&with("5", "its\n")));
    let objects = || story.sandbox.ask_git(&["-C", "shop", "count-objects"]);
    let before = objects();
    story.stops(&[("f.local", "lines")]);
    assert!(story.read("f.local").contains("<<<<<<< yours\nmine\n=======\nits\n"));
    // It is none of the index's, and nothing of it is in Git's store.
    assert_eq!((story.status(), objects()), (Vec::new(), before));
    story.run("update --abort").succeeds();
    assert_eq!(story.read("f.local"), with("5", "mine\n"));
}

#[test]
fn names_with_blanks_and_unicode_are_names() {
    let name = "a b/ä ö \"c\" $x/-f";
    let story = Story::of("", &[(name, Text(NUMBERS))]).made("");
    story.user(name, Text(&with("5", "mine\n")));
    story.manifest("1.1.0", "");
    story.template(name, Text(&with("10", "ten\n")));
    story.updates();
    assert_eq!(story.read(name), with("5", "mine\n").replace("10\n", "ten\n"));
    story.commit();
    story.manifest("1.2.0", "");
    story.template(name, Text(&with("5", "its\n")));
    story.stops(&[(name, "lines")]);
    assert_eq!(story.sandbox.ask_git(&["-C", "shop", "ls-files", "-z", "--unmerged"]).matches(name).count(), 3);
    story.run("update --abort").succeeds();
}

#[test]
fn edits_that_are_not_committed_are_the_users_like_any() {
    let story = story(Text(NUMBERS), Text(&with("2", "two\n")), Text(&with("10", "ten\n")));
    story.user("own", Text("untracked\n"));
    story.updates();
    assert_eq!(story.status(), [" M f", "?? own"]);
}

#[test]
fn outside_of_git_all_is_the_same() {
    let story = Story::of("", &[("f", Text(NUMBERS)), ("g", Text(NUMBERS))]).made_without_git();
    let before = {
        story.user("f", Text(&with("5", "mine\n")));
        story.user("g", Text(&with("2", "two\n")));
        story.state()
    };
    story.manifest("1.1.0", "");
    story.template("f", Text(&with("5", "its\n")));
    story.template("g", Text(&with("10", "ten\n")));
    story.stops(&[("f", "lines")]);
    assert_eq!(story.read("g"), with("2", "two\n").replace("10\n", "ten\n"));
    story.run("update --abort").succeeds();
    assert_eq!(story.state(), before);
    story.stops(&[("f", "lines")]);
    story.run("update --continue").exits(3).changed_nothing();
    story.user("f", Text("resolved\n"));
    story.run("update --continue").succeeds();
    assert!(!story.exists(".prodev/update"));
    story.run("update --check").exits(0);
}

#[test]
fn a_repository_of_sha256_is_a_repository() {
    let story = Story::of("", &[("f", Text(NUMBERS)), ("g", Text("g\n"))]);
    story.sandbox.run("new ../tpl shop --defaults --no-git").succeeds();
    story.sandbox.ask_git(&["init", "-q", "--object-format=sha256", "shop"]);
    story.commit();
    story.user("f", Text(&with("5", "mine\n")));
    story.moves("g", "h");
    story.manifest("1.1.0", "");
    story.template("f", Text(&with("5", "its\n")));
    story.template("g", Text("G\n"));
    let before = story.state();
    story.stops(&[("f", "lines")]);
    assert_eq!(story.read("h"), "G\n");
    assert!(story.status().contains(&"UU f".to_owned()), "{:?}", story.status());
    story.run("update --abort").succeeds();
    assert_eq!(story.state(), before);
    story.run("update").exits(3);
    story.user("f", Text(NUMBERS));
    story.sandbox.ask_git(&["-C", "shop", "add", "f"]);
    story.run("update --continue").succeeds();
    story.run("update --check").exits(0);
}
