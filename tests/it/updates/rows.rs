//! What other tools were seen to do to projects, and to their users, long after these were made: none of it here.

use std::os::unix::process::ExitStatusExt as _;

use super::story::Be::Text;
use super::story::{NUMBERS, Story};
use crate::sandbox::PRODEV;

fn edited(to: &str) -> String {
    NUMBERS.replace("5\n", &format!("{to}\n"))
}

/// A story with files of all kinds, and a conflict in one of them.
fn disputed() -> Story {
    let story = Story::of("", &[("f", Text(NUMBERS)), ("g", Text("g\n")), ("deep/gone", Text("x\n"))]).made("");
    story.user("f", Text(&edited("mine")));
    story.manifest("1.1.0", "");
    story.template("f", Text(&edited("its")));
    story.template("g", Text("G\n"));
    story.template("new", Text("new\n"));
    story
}

#[test]
fn ctrl_c_at_every_step_of_an_update_leaves_the_tree_as_it_was() {
    let mut steps = 0;
    for step in 1..200 {
        let story = disputed();
        let before = story.state();
        let mut command = story.sandbox.command(PRODEV);
        let output =
            command.env("PRODEV_TEST_SIGNAL", step.to_string()).args(["-C", "shop", "update"]).output().unwrap();
        let said = story.sandbox.normalise(&output.stderr);
        match output.status.code() {
            // The signal came before anything was changed, or was taken back: no edit is lost, nothing is half there.
            Some(130) => assert_eq!(story.state(), before, "step {step}: {said}"),
            // It came when all was written.
            Some(3) => {}
            other => panic!("step {step}: {other:?} {:?}: {said}", output.status.signal()),
        }
        if output.status.code() == Some(130) {
            steps = step;
            // And nobody has to put anything right by hand.
            story.run("update").exits(3);
            assert_eq!(story.read("g"), "G\n");
        } else if step > steps + 5 {
            break;
        }
    }
    assert!(steps >= 10, "only {steps} steps at which it was stopped");
}

#[test]
fn a_template_that_was_moved_is_told_and_can_be_named_anew() {
    let story = Story::of("", &[("f", Text("a\n"))]).made("");
    story.manifest("1.1.0", "");
    story.template("f", Text("b\n"));
    std::fs::rename(story.sandbox.path("../tpl"), story.sandbox.path("../elsewhere")).unwrap();
    story.run("update").changed_nothing().fails(
        2,
        "error: there is no folder `../../tpl`\n\
         hint: name a folder with a `template.toml`, or see `prodev template list`\n\
         hint: where it lies elsewhere by now, say so in `source` in `.prodev/tpl/state.toml`\n",
    );
    let state = story.read(".prodev/tpl/state.toml").replace("../../tpl", "../../elsewhere");
    story.user(".prodev/tpl/state.toml", Text(&state));
    story.run("update").exits(4).changed_nothing();
    story.run("update --yes").succeeds();
    assert_eq!(story.read("f"), "b\n");
    story.run("update").succeeds().changed_nothing();
}

#[test]
fn a_project_that_was_moved_away_from_its_template_is_told_the_same() {
    let story = Story::of("", &[("f", Text("a\n"))]).made("");
    std::fs::create_dir_all(story.sandbox.path("deep")).unwrap();
    std::fs::rename(story.path(""), story.sandbox.path("deep/shop")).unwrap();
    let run = story.sandbox.run("-C deep/shop update").exits(2).changed_nothing();
    assert!(run.stderr.ends_with("say so in `source` in `.prodev/tpl/state.toml`\n"), "{run}");
}

#[test]
fn nothing_unknown_is_taken_as_an_answer() {
    let story = Story::of("[questions.name]\ndefault = 'x'\n", &[("f.jinja", Text("{{ name }}\n"))]).made("");
    for command in ["update", "add x", "remove x"] {
        story.run(&format!("{command} --set nmae=y")).exits(2).changed_nothing();
    }
    story.run("update --set nmae=y --set name=z").exits(2).changed_nothing();
}

#[test]
fn a_task_that_fails_in_a_project_leaves_a_whole_one() {
    let task = "[[tasks]]\nrun = 'test -e go'\non = ['update']\n";
    let story = Story::of("", &[("f", Text("a\n")), ("g", Text("a\n"))]).made("");
    story.manifest("1.1.0", task);
    story.template("f", Text("b\n"));
    story.template("g", Text("b\n"));
    let run = story.run("update --trust").exits(1);
    assert!(
        run.stderr.contains("hint: `shop` is written, and stays; what is left to run there: `test -e go`\n"),
        "{run}"
    );
    assert_eq!((story.read("f"), story.read("g")), ("b\n".to_owned(), "b\n".to_owned()));
    story.run("update --check").exits(0);
}
