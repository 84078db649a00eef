//! Where a project's template comes from: another source than the last one is confirmed, and an older version is no update.

use super::story::Be::Text;
use super::story::{NUMBERS, Story};
use crate::terminal::Terminal;

/// A project, and another template that its record names from now on.
fn led_astray() -> Story {
    let story = Story::of("", &[("f", Text(NUMBERS))]).made("");
    story.sandbox.write("../other/template.toml", "[template]\nname = \"tpl\"\nversion = \"1.1.0\"\n");
    story.sandbox.write("../other/files/f", "other\n");
    let record = ".prodev/tpl/state.toml";
    story.user(record, Text(&story.read(record).replace("../../tpl", "../../other")));
    story
}

#[test]
fn another_source_than_the_last_one_is_refused_until_it_is_confirmed() {
    let story = led_astray();
    let expected = "error: the template `tpl` is to come from `../../other`, and was last taken from `../../tpl` here\n\
                    hint: see who changed `source` in `.prodev/tpl/state.toml`; where that is right, add `--yes`\n";
    for words in ["update", "update --dry-run", "update --ref x", "add x", "remove x"] {
        story.run(words).fails(4, expected).changed_nothing();
    }
    story.run("update --check").exits(2).changed_nothing();
    story.run("diff").succeeds();
    let run = story.run("update --yes").succeeds();
    assert!(run.stderr.starts_with("the template `tpl` is to come from `../../other`"), "{run}");
    assert_eq!(story.read("f"), "other\n");
    story.run("update").succeeds().changed_nothing();
}

#[test]
fn another_source_is_confirmed_at_a_terminal() {
    let story = led_astray();
    let Some(terminal) = Terminal::start(&story.sandbox, "-C shop update") else { return };
    terminal.sees("Take it from there?").types("n").presses("Enter").exits(4);
    assert_eq!(story.read("f"), NUMBERS);
    let Some(terminal) = Terminal::start(&story.sandbox, "-C shop update") else { return };
    terminal.sees("Take it from there?").types("y").presses("Enter").exits(0);
    assert_eq!(story.read("f"), "other\n");
    story.run("update").succeeds();
}

#[test]
fn a_source_that_nobody_used_here_is_taken_as_it_is_recorded() {
    let story = led_astray();
    std::fs::remove_dir_all(story.sandbox.path("../home/.local/state/prodev/sources")).unwrap();
    story.run("update").succeeds();
    assert_eq!(story.read("f"), "other\n");
}

#[test]
fn an_older_version_is_no_update_unless_it_is_wanted() {
    let story = Story::of("", &[("f", Text(NUMBERS))]).made("");
    story.manifest("0.9.0", "");
    story.template("f", Text("old\n"));
    story.run("update").fails(
        4,
        "error: this project is of tpl 1.0.0, and the template is at 0.9.0\nhint: to go back to that, add `--yes`\n",
    ).changed_nothing();
    let check = story.run("update --check").exits(0);
    assert_eq!(check.stdout, "tpl 1.0.0 is the newest\n");
    story.run("update --yes").succeeds();
    assert_eq!(story.read("f"), "old\n");
}

#[test]
fn a_question_is_asked_again_at_a_terminal() {
    let more = "[questions.name]\nprompt = \"Its name\"\ndefault = \"one\"\n[questions.other]\ndefault = \"x\"\n";
    let story = Story::of(more, &[("f.jinja", Text("{{ name }} {{ other }}\n"))]).made("--set name=first");
    let Some(terminal) = Terminal::start(&story.sandbox, "-C shop update --reask 'na*'") else { return };
    terminal.sees("Its name").types("second").presses("Enter").exits(0);
    assert_eq!(story.read("f"), "second x\n");
}
