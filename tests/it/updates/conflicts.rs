//! What happens around conflicts: ending them, giving up, refusing to begin, and saying so.

use super::story::Be::{Gone, Script, Text};
use super::story::{NUMBERS, Story};

fn edited(to: &str) -> String {
    NUMBERS.replace("5\n", &format!("{to}\n"))
}

/// A story that stops at a conflict in `f`, and that changes all else that can be changed.
fn disputed() -> Story {
    let story = Story::of(
        "",
        &[("f", Text(NUMBERS)), ("gone/deep/x", Text("x\n")), ("run", Text("#!/bin/sh\n")), ("h", Text("h\n"))],
    );
    let story = story.made("");
    story.user("f", Text(&edited("mine")));
    story.user("own", Text("own\n"));
    story.manifest("1.1.0", "");
    story.template("f", Text(&edited("its")));
    story.template("gone", Gone);
    story.template("run", Script("#!/bin/sh\n"));
    story.template("h", Text("H\n"));
    story.template("new/file", Text("new\n"));
    story
}

#[test]
fn a_dry_run_shows_every_difference_and_changes_nothing() {
    let story = disputed();
    let run = story.run("update --dry-run").exits(0).changed_nothing();
    for part in [
        "create    new/file\n",
        "remove    gone/deep/x\n",
        "replace   f\n",
        "diff --git a/h b/h\n--- a/h\n+++ b/h\n@@ -1 +1 @@\n-h\n+H\n",
        "old mode 100644\nnew mode 100755\n",
        "+<<<<<<< yours\n",
    ] {
        assert!(run.stdout.contains(part), "{part}\n{run}");
    }
    let promised = story.run("update --dry-run --json").exits(0).changed_nothing().json();
    let done = story.run("update --json").exits(3).json();
    assert_eq!(promised["steps"], done["steps"]);
    assert_eq!(promised["conflicts"], done["conflicts"]);
    assert_eq!(promised["diff"], run.stdout.split_once("\n\n").unwrap().1);
}

#[test]
fn the_end_of_a_conflict_is_told_by_the_user() {
    let story = disputed();
    let run = story.run("update").exits(3);
    assert_eq!(run.stderr.lines().next(), Some("files of the template: 1 new, 3 changed, 1 removed"));
    assert!(
        run.stderr.ends_with(
            "\nConflicts:\n  f: both changed the same lines\nResolve them, then\n  prodev update --continue\n\
             or take it all back with\n  prodev update --abort\n"
        ),
        "{run}"
    );
    for words in ["update", "update --record-only", "add x", "remove x"] {
        story.run(words).exits(3).changed_nothing().stderr_is(
            "error: an update with conflicts is still open here\nhint: resolve them, then `prodev update --continue`\n\
             hint: or take it all back with `prodev update --abort`\n",
        );
    }
    story.run("update --continue").exits(3).changed_nothing().stderr_is(
        "error: some conflicts are not resolved yet\n  `f` has conflict markers in it\n  \
         Git calls `f` unmerged (when it is right, `git add 'f'` (or `git rm`))\n\
         hint: resolve them and run `prodev update --continue`, or take all back with `prodev update --abort`\n",
    );
    story.user("f", Text(&edited("ours")));
    story.run("update --continue").exits(3).changed_nothing();
    story.sandbox.ask_git(&["-C", "shop", "add", "f"]);
    story.run("update --continue --dry-run").exits(0).changed_nothing().stdout_is("finish    the update\n");
    story.run("update --continue").succeeds().stderr_is("the update is complete; look it through and commit it\n");
    assert_eq!(story.read("f"), edited("ours"));
    story.run("update --check").exits(0);
    story.run("update --continue").exits(2).changed_nothing();
    story.run("update --abort").exits(2).changed_nothing();
}

#[test]
fn giving_up_restores_everything() {
    let story = disputed();
    let before = story.state();
    story.run("update").exits(3);
    assert_ne!(story.state(), before);
    let promised = story.run("update --abort --dry-run --json").exits(0).changed_nothing().json();
    let done = story.run("update --abort --json").succeeds().json();
    assert_eq!(promised["steps"], done["steps"]);
    assert_eq!(story.state(), before);
    assert!(!story.exists(".git/prodev"));
    // And again, as if nothing had been.
    story.run("update").exits(3);
    story.run("update --abort").succeeds();
    assert_eq!(story.state(), before);
}

#[test]
fn giving_up_keeps_what_was_edited_since() {
    let story = disputed();
    let before = story.state();
    story.run("update").exits(3);
    story.user("f", Text("half resolved\n"));
    story.user("gone/deep/x", Text("made again\n"));
    story.user("h", Gone);
    story.sandbox.ask_git(&["-C", "shop", "add", "f"]);
    let run = story.run("update --abort").succeeds();
    assert!(run.stderr.contains("what you changed since is kept in `[DIR]/shop/.git/prodev/kept-1`: "), "{run}");
    assert_eq!(story.state(), before);
    assert_eq!(story.read(".git/prodev/kept-1/f"), "half resolved\n");
    assert_eq!(story.read(".git/prodev/kept-1/gone/deep/x"), "made again\n");
}

#[test]
fn giving_up_restores_what_has_no_folder_any_more_or_became_one() {
    let story = Story::of("", &[("f", Text(NUMBERS)), ("sub/deep/h", Text("h\n")), ("k", Text("k\n"))]).made("");
    story.user("f", Text(&edited("mine")));
    story.manifest("1.1.0", "");
    story.template("f", Text(&edited("its")));
    story.template("sub/deep/h", Text("H\n"));
    story.template("k", Text("K\n"));
    let before = story.state();
    story.run("update").exits(3);
    story.user("f", Text("half resolved\n"));
    story.user("sub", Gone);
    story.user("k", Gone);
    story.user("k/own", Text("own\n"));
    let run = story.run("update --abort").succeeds();
    assert!(run.stderr.contains("what you changed since is kept in `[DIR]/shop/.git/prodev/kept-1`: f\n"), "{run}");
    assert!(run.stderr.contains("your folder `k` is kept in `[DIR]/shop/.git/prodev/kept-1/k`\n"), "{run}");
    assert_eq!(story.state(), before);
    assert_eq!(story.read(".git/prodev/kept-1/f"), "half resolved\n");
    assert_eq!(story.read(".git/prodev/kept-1/k/own"), "own\n");
}

#[test]
fn giving_up_names_what_is_left() {
    let story = disputed();
    story.run("update").exits(3);
    story.user("new", Gone);
    story.user("new", Text("a file\n"));
    let run = story.run("update --abort").succeeds();
    let left = "`new/file` was changed by somebody else meanwhile and is left as it is\n";
    assert!(run.stderr.contains(left) && !run.stderr.contains("all is as it was"), "{run}");
    assert_eq!(story.read("new"), "a file\n");
}

#[test]
fn what_was_reset_meanwhile_is_not_ended_as_if_it_were_there() {
    let story = disputed();
    story.commit();
    let before = story.state();
    story.run("update").exits(3);
    story.sandbox.ask_git(&["-C", "shop", "reset", "-q", "--hard"]);
    let run = story.run("update --continue").exits(3).changed_nothing();
    assert!(
        run.stderr.starts_with(
            "error: the project is not what the update made of it: `.prodev/tpl/state.toml` changed since\n"
        ),
        "{run}"
    );
    story.run("update --abort").succeeds();
    assert_eq!(story.state(), before);
}

#[test]
fn what_is_staged_half_is_not_touched() {
    let story = disputed();
    story.user("h", Text("staged\n"));
    story.sandbox.ask_git(&["-C", "shop", "add", "h"]);
    story.user("h", Text("and changed again\n"));
    story.run("update").exits(4).changed_nothing().stderr_is(
        "error: `h` is staged, and then changed again\nhint: commit or unstage them, and run the command again\n",
    );
}

#[test]
fn an_operation_under_way_is_not_disturbed() {
    let story = disputed();
    let sandbox = &story.sandbox;
    sandbox.ask_git(&["-C", "shop", "stash", "-q", "-u"]);
    sandbox.ask_git(&["-C", "shop", "checkout", "-q", "-b", "other"]);
    story.user("own2", Text("1\n"));
    story.commit();
    sandbox.ask_git(&["-C", "shop", "checkout", "-q", "-"]);
    sandbox.ask_git(&["-C", "shop", "merge", "-q", "--no-ff", "--no-commit", "other"]);
    story.run("update").exits(4).changed_nothing().stderr_is(
        "error: a merge is under way in this repository\nhint: finish it, or abort it, and run the command again\n",
    );
}

#[test]
fn twice_is_once() {
    let story = Story::of("", &[("f", Text(NUMBERS))]).made("");
    story.run("update").succeeds().changed_nothing().stderr_is("nothing to do: tpl 1.0.0 is the newest\n");
    story.manifest("1.1.0", "");
    story.template("f", Text(&edited("its")));
    story.sandbox.honest("-C shop update");
    story.run("update").succeeds().changed_nothing().stderr_is("nothing to do: tpl 1.1.0 is the newest\n");
}

#[test]
fn a_check_says_yes_no_or_nobody_knows() {
    let story = Story::of("", &[("f", Text("a\n"))]).made("");
    story.run("update --check").exits(0).changed_nothing().stdout_is("tpl 1.0.0 is the newest\n");
    story.template("f", Text("b\n"));
    story.run("update --check").exits(1).changed_nothing().stdout_is("tpl 1.0.0 changed without a new version\n");
    story.manifest("1.1.0", "");
    story.run("update --check").exits(1).changed_nothing().stdout_is("tpl 1.0.0 -> 1.1.0\n");
    let json = story.run("update --check --json").exits(1).json();
    assert_eq!((&json["from"], &json["to"], &json["update"]), (&"1.0.0".into(), &"1.1.0".into(), &true.into()));
    std::fs::remove_dir_all(story.sandbox.path("../tpl")).unwrap();
    let run = story.run("update --check").exits(2).changed_nothing();
    assert!(run.stderr.starts_with("error: ") && run.stderr.contains("../tpl"), "{run}");
    story.sandbox.run("update --check").exits(2).stderr_is(
        "error: this is no project that prodev generated\n\
         hint: go to its folder; or link it to a template with `prodev adopt TEMPLATE`\n",
    );
}

#[test]
fn a_record_alone_leaves_the_files() {
    let story = disputed();
    let run = story.run("update --record-only").succeeds();
    assert!(run.stderr.contains("recorded `shop` from tpl 1.0.0 to 1.1.0: your files stay as they are\n"), "{run}");
    assert_eq!((story.read("f"), story.read("h")), (edited("mine"), "h\n".to_owned()));
    story.run("update --check").exits(0);
    let run = story.run("diff").succeeds().changed_nothing();
    assert!(run.stdout.contains("-its\n+mine\n") && run.stdout.contains("-H\n+h\n"), "{run}");
}
