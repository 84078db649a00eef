//! Files and folders that the template, the user, or both gave another name: changes follow them, and every rename followed is told.

use super::story::Be::{Gone, Link, Text};
use super::story::{NUMBERS, Story};

fn replaced(from: &str, to: &str) -> String {
    NUMBERS.replace(&format!("{from}\n"), &format!("{to}\n"))
}

/// A template whose file is called as an answer says.
fn named() -> Story {
    Story::of(
        "[questions.pkg]\ndefault = 'app'\n",
        &[
            ("{{ pkg }}/main.py", Text(NUMBERS)),
            ("{{ pkg }}/__init__.py", Text("")),
            ("{{ pkg }}/sub/x.py", Text("x = 1\n")),
        ],
    )
}

#[test]
fn what_the_user_renamed_gets_the_templates_edits() {
    let story = Story::of("", &[("f", Text(NUMBERS))]).made("");
    story.moves("f", "deep/g");
    story.user("deep/g", Text(&replaced("2", "two")));
    story.manifest("1.1.0", "");
    story.template("f", Text(&replaced("10", "ten")));
    let run = story.updates();
    assert!(run.stderr.contains("you renamed `f` to `deep/g`: followed\n"), "{run}");
    assert_eq!(story.read("deep/g"), replaced("2", "two").replace("10\n", "ten\n"));
    assert!(!story.exists("f"));
    // And so the next time, and when the template removes it.
    story.commit();
    story.manifest("1.2.0", "");
    story.template("f", Text(&replaced("10", "TEN")));
    story.updates();
    assert_eq!(story.read("deep/g"), replaced("2", "two").replace("10\n", "TEN\n"));
    story.commit();
    story.manifest("1.3.0", "");
    story.template("f", Gone);
    story.stops(&[("deep/g", "deleted-by-template")]);
}

#[test]
fn a_short_file_is_followed_where_it_was_moved_as_it_is() {
    let story = Story::of("", &[("f", Text("only\nthis\n"))]).made("");
    story.moves("f", "g");
    story.manifest("1.1.0", "");
    story.template("f", Text("only\nthat\n"));
    story.updates();
    assert_eq!(story.read("g"), "only\nthat\n");
    assert!(!story.exists("f"));
}

#[test]
fn what_the_template_renames_keeps_the_users_edits() {
    let story = Story::of("", &[("{% if true %}f{% endif %}", Text(NUMBERS))]).made("");
    story.user("f", Text(&replaced("2", "two")));
    // Declared by nobody, but the same file of the template.
    story.manifest("1.1.0", "[questions.name]\ndefault = 'h'\n");
    std::fs::rename(
        story.sandbox.path("../tpl/files/{% if true %}f{% endif %}"),
        story.sandbox.path("../tpl/files/{{ name }}"),
    )
    .unwrap();
    // Another path in the template is another file: the user's edit is told, not lost.
    story.stops(&[("f", "deleted-by-template")]);
    assert_eq!(story.read("f"), replaced("2", "two"));
    assert_eq!(story.read("h"), NUMBERS);
}

#[test]
fn an_answer_that_changes_a_folders_name_moves_what_is_in_it() {
    let story = named().made("");
    story.user("app/main.py", Text(&replaced("2", "two")));
    story.user("app/own.py", Text("mine\n"));
    story.user("app/sub/deep/own.py", Text("mine too\n"));
    story.commit();
    story.manifest("1.1.0", "[questions.pkg]\ndefault = 'app'\n");
    story.template("{{ pkg }}/main.py", Text(&replaced("10", "ten")));
    story.template("{{ pkg }}/new.py", Text("new\n"));
    let run = story.run("update --defaults --set pkg=core").succeeds();
    for (from, to) in [("app/main.py", "core/main.py"), ("app/own.py", "core/own.py")] {
        assert!(run.stderr.contains(&format!("the template renamed `{from}` to `{to}`: followed\n")), "{run}");
    }
    assert_eq!(story.read("core/main.py"), replaced("2", "two").replace("10\n", "ten\n"));
    for (path, text) in [
        ("core/own.py", "mine\n"),
        ("core/sub/deep/own.py", "mine too\n"),
        ("core/__init__.py", ""),
        ("core/new.py", "new\n"),
    ] {
        assert_eq!(story.read(path), text, "{path}");
    }
    assert!(!story.exists("app"), "{:?}", story.status());
    story.run("update --check").exits(0);
}

#[test]
fn a_folder_that_the_user_renamed_gets_what_the_template_adds_to_it() {
    let story =
        Story::of("", &[("a/x.py", Text(NUMBERS)), ("a/y.py", Text("y\n")), ("a/__init__.py", Text(""))]).made("");
    story.moves("a", "b/c");
    story.manifest("1.1.0", "");
    story.template("a/new.py", Text("new\n"));
    story.template("a/y.py", Text("Y\n"));
    let run = story.updates();
    assert!(run.stderr.contains("you renamed `a/new.py` to `b/c/new.py`: followed\n"), "{run}");
    assert_eq!((story.read("b/c/new.py"), story.read("b/c/y.py")), ("new\n".to_owned(), "Y\n".to_owned()));
    assert!(!story.exists("a"));
}

#[test]
fn what_both_renamed_keeps_the_users_name_and_is_told() {
    let story = named().made("");
    story.moves("app/main.py", "app/start.py");
    story.manifest("1.1.0", "[questions.pkg]\ndefault = 'app'\n");
    story.template("{{ pkg }}/main.py", Text(&replaced("10", "ten")));
    let run = story.run("update --defaults --set pkg=core --json").exits(3);
    let conflicts = &run.json()["conflicts"];
    assert_eq!((&conflicts[0]["path"], &conflicts[0]["kind"]), (&"app/start.py".into(), &"renamed".into()), "{run}");
    assert_eq!(story.read("app/start.py"), replaced("10", "ten"));
    assert!(!story.exists("core/main.py"));
    story.run("update --abort").succeeds();
    assert_eq!(story.read("app/start.py"), NUMBERS);
}

#[test]
fn a_file_that_goes_and_a_similar_one_that_comes_are_two() {
    let story = Story::of("", &[("old.py", Text(NUMBERS))]).made("");
    story.user("old.py", Text(&replaced("2", "mine")));
    story.manifest("1.1.0", "");
    story.template("old.py", Gone);
    story.template("new.py", Text(&replaced("10", "ten")));
    story.stops(&[("old.py", "deleted-by-template")]);
    assert_eq!(story.read("old.py"), replaced("2", "mine"));
    assert_eq!(story.read("new.py"), replaced("10", "ten"));
}

#[test]
fn a_new_file_that_the_user_gave_to_another_is_put_beside_it() {
    let story = Story::of("", &[("f", Text(NUMBERS))]).made("");
    story.moves("f", "g");
    story.manifest("1.1.0", "");
    story.template("g", Text("another\n"));
    story.stops(&[("g", "in-the-way")]);
    assert_eq!((story.read("g").as_str(), story.read("g.from-template").as_str()), (NUMBERS, "another\n"));
}

/// A folder `a` of three files, which the user calls `b`, and a template that has one more in it.
fn renamed_folder() -> Story {
    let files = ["x", "y", "z"].map(|name| (format!("a/{name}"), format!("{name}\n{NUMBERS}")));
    let files: Vec<(&str, super::story::Be)> = files.iter().map(|(path, text)| (path.as_str(), Text(text))).collect();
    let story = Story::of("", &files).made("");
    story.moves("a", "b");
    story.manifest("1.1.0", "");
    story.template("a/new", Text("its\n"));
    story
}

#[test]
fn what_nobody_looked_at_is_not_overwritten_where_a_file_follows_a_folder() {
    // Files that Git ignores, and large ones, are not searched for renames, and stand in the way all the same.
    let large = "x".repeat((1 << 20) + 1);
    for (ignore, mine) in [("new\n", "mine\n"), ("nothing\n", large.as_str())] {
        let story = renamed_folder();
        story.user(".gitignore", Text(ignore));
        story.user("b/new", Text(mine));
        story.stops(&[("b/new", "in-the-way")]);
        assert_eq!(story.read("b/new"), mine);
        assert_eq!(story.read("b/new.from-template"), "its\n");
    }
}

#[test]
fn nothing_follows_a_folder_through_a_link() {
    let story = renamed_folder();
    story.template("a/deep/new", Text("its\n"));
    std::fs::create_dir(story.sandbox.path("elsewhere")).unwrap();
    story.user("b/deep", Link("../../elsewhere"));
    story.stops(&[("b/deep/new", "in-the-way")]);
    assert!(!story.sandbox.exists("elsewhere/new"));
    assert_eq!(story.read("b/deep.from-template/new"), "its\n");
}

#[test]
fn what_nobody_looked_at_is_not_overwritten_where_the_users_file_follows_the_template() {
    let more = "[questions.package]\ndefault = \"old\"\n";
    let story = Story::of(more, &[("{{ package }}/f", Text(NUMBERS)), (".gitignore", Text("*.log\n"))]).made("");
    story.user("old/mine.log", Text("of the old one\n"));
    story.user("old/mine.txt", Text("mine\n"));
    story.user("new/mine.txt", Text(&"x".repeat((1 << 20) + 1)));
    let run = story.run("update --set package=new").succeeds();
    assert!(run.stderr.contains("`old/mine.txt` stays: `new/mine.txt` is there already"), "{run}");
    assert_eq!(story.read("old/mine.txt"), "mine\n");
    assert!(story.exists("new/f") && story.read("new/mine.txt").len() > 1 << 20);
}
