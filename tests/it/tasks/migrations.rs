//! What an update runs for projects of older versions.

use super::stage::{log, manifest, template};
use crate::sandbox::Sandbox;

fn migration(version: &str, name: &str, more: &str) -> String {
    format!("[[migrations]]\nversion = '{version}'\nrun = 'echo {name} >> log'\n{more}")
}

/// A project of 1.0.0, and a template at 2.0.0 with these migrations.
#[track_caller]
fn old_project(migrations: &str) -> Sandbox {
    let sandbox = template("");
    sandbox.run("new ../tpl shop --no-git").succeeds();
    manifest(&sandbox, "2.0.0", migrations);
    sandbox
}

#[test]
fn migrations_run_in_the_order_of_their_versions_each_once() {
    let all = [
        migration("2.0.0", "two", ""),
        migration("1.0.0", "never", ""),
        migration("1.10.0", "ten", ""),
        migration("1.2.0", "first", ""),
        migration("1.2.0", "second", ""),
        migration("1.3.0-rc.1", "candidate", ""),
        "[[tasks]]\nrun = 'echo task >> log'\non = ['update']\n".to_owned(),
    ];
    let sandbox = old_project(&all.concat());
    sandbox.honest("-C shop update --trust");
    assert_eq!(log(&sandbox), ["first", "second", "candidate", "ten", "two", "task"]);
    sandbox.run("-C shop update --trust").succeeds().changed_nothing();
}

#[test]
fn a_new_project_needs_no_migration() {
    let sandbox = template(&migration("1.0.0", "never", ""));
    sandbox.run("new ../tpl shop --no-git").succeeds();
    assert!(!sandbox.exists("shop/log"));
}

#[test]
fn a_dry_run_lists_them_and_a_check_runs_nothing() {
    let sandbox = old_project(&migration("1.5.0", "one", ""));
    let run = sandbox.run("-C shop update --trust --dry-run").succeeds().changed_nothing();
    assert!(run.stdout.contains("run       echo one >> log\n"), "{run}");
    sandbox.run("-C shop update --check").exits(1).changed_nothing();
    sandbox.run("-C shop update").exits(4).changed_nothing();
    sandbox.run("-C shop update --record-only").succeeds();
    assert!(!sandbox.exists("shop/log"));
}

#[test]
fn a_migration_knows_both_versions_and_the_answers() {
    let more = "[questions.title]\ndefault = 'My Shop'\n[[migrations]]\nversion = '1.5.0'\n\
                run = 'echo \"$PRODEV_OLD_VERSION $PRODEV_NEW_VERSION $TITLE\" > log'\nenv = { TITLE = '{{ title }}' }\n\
                [[migrations]]\nversion = '1.5.0'\nrun = 'echo no >> log'\nwhen = \"title == ''\"\n";
    let sandbox = old_project(more);
    sandbox.run("-C shop update --defaults --trust").succeeds();
    assert_eq!(log(&sandbox), ["1.0.0 2.0.0 My Shop"]);
}

#[test]
fn after_conflicts_they_wait_until_these_are_resolved() {
    let migrations = migration("1.5.0", "after", "");
    let conflict = || {
        let sandbox = old_project(&migrations);
        sandbox.write("../tpl/files/a", "theirs\n");
        sandbox.write("shop/a", "mine\n");
        sandbox.run("-C shop update").exits(4).changed_nothing();
        let run = sandbox.run("-C shop update --trust").exits(3);
        assert!(
            run.stderr.contains("when the conflicts are resolved, the template runs:\n  echo after >> log\n"),
            "{run}"
        );
        assert!(!sandbox.exists("shop/log"));
        sandbox
    };
    let sandbox = conflict();
    sandbox.run("-C shop update --continue").exits(3).changed_nothing();
    sandbox.write("shop/a", "ours\n");
    sandbox.honest("-C shop update --continue");
    assert_eq!(log(&sandbox), ["after"]);
    sandbox.run("-C shop update --continue").exits(2).changed_nothing();

    let sandbox = conflict();
    sandbox.write("shop/a", "ours\n");
    let run = sandbox.run("-C shop update --continue --no-tasks --json").succeeds();
    let said = "left out, as `--no-tasks` says; to have it done later, run in `shop`:\n  \
                export PRODEV_NEW_VERSION=2.0.0 PRODEV_OLD_VERSION=1.0.0\n  echo after >> log\n";
    assert!(run.stderr.contains(said), "{run}");
    assert_eq!(run.json()["tasks"], serde_json::json!([{ "command": "echo after >> log", "runs": false }]));
    assert!(!sandbox.exists("shop/log"));

    let sandbox = conflict();
    sandbox.run("-C shop update --abort").succeeds();
    assert!(!sandbox.exists("shop/log"));
    assert_eq!(sandbox.read("shop/a"), "mine\n");
}

/// A project with an update that waits, and what is kept of that.
fn waiting(more: &str) -> Sandbox {
    let sandbox = old_project(&format!("{more}{}", migration("1.5.0", "after", "")));
    sandbox.write("../tpl/files/a", "theirs\n");
    sandbox.write("shop/a", "mine\n");
    sandbox.run("-C shop update --trust").exits(3);
    sandbox.write("shop/a", "ours\n");
    sandbox
}

#[test]
fn what_waits_runs_only_where_it_was_agreed_to() {
    let note = "shop/.prodev/update/note.json";
    let refused = "error: the open update runs a command on this machine, and is not trusted\n  `echo evil >> log`\n\
                   hint: `--trust` runs this, `--no-tasks` leaves it out\n";
    let sandbox = waiting("");
    sandbox.write(note, sandbox.read(note).replace("echo after", "echo evil"));
    sandbox.run("-C shop update --continue").fails(4, refused).changed_nothing();
    // Nothing runs in a dry run, so nothing is to be agreed to.
    let run = sandbox.run("-C shop update --continue --dry-run").succeeds().changed_nothing();
    assert_eq!(run.stdout, "finish    the update\nrun       echo evil >> log\n");
    assert!(
        run.stderr
            .starts_with("the open update runs a command on this machine; that needs `--trust`:\n  echo evil >> log\n"),
        "{run}"
    );
    sandbox.run("-C shop update --continue --trust").succeeds();
    assert_eq!(log(&sandbox), ["evil"]);

    // An archive brings the project, and not what its owner agreed to elsewhere.
    let sandbox = waiting("");
    std::fs::remove_dir_all(sandbox.path("../home/.local/state/prodev")).unwrap();
    sandbox.run("-C shop update --continue").exits(4).changed_nothing();
    sandbox.run("-C shop update --continue --no-tasks").succeeds();
    assert!(!sandbox.exists("shop/log"));

    // Never in another folder: a project that was moved has its commands run where it is, with trust.
    let sandbox = waiting("");
    let shop = sandbox.path("shop").display().to_string();
    let elsewhere = sandbox.read(note).replace(&format!("\"root\":\"{shop}\""), "\"root\":\"/\"");
    assert_ne!(elsewhere, sandbox.read(note));
    sandbox.write(note, elsewhere);
    sandbox.run("-C shop update --continue").exits(4).changed_nothing();
    sandbox.run("-C shop update --continue --trust").succeeds();
    assert_eq!(log(&sandbox), ["after"]);

    // Neither end leaves an agreement.
    let sandbox = waiting("");
    sandbox.run("-C shop update --abort").succeeds();
    assert!(std::fs::read_dir(sandbox.path("../home/.local/state/prodev/waiting")).unwrap().next().is_none());
}

#[test]
fn what_a_note_names_is_not_removed() {
    let before = "[[migrations]]\nversion = '1.5.0'\nstage = 'before'\nrun = 'echo before >> log'\n";
    let sandbox = waiting(before);
    let note = "shop/.prodev/update/note.json";
    let mut told: serde_json::Value = serde_json::from_str(&sandbox.read(note)).unwrap();
    sandbox.write("precious/file", "mine\n");
    assert!(told["ran"].is_string());
    told["ran"] = sandbox.path("precious").display().to_string().into();
    sandbox.write(note, told.to_string());
    sandbox.run("-C shop update --continue").succeeds();
    assert_eq!(sandbox.read("precious/file"), "mine\n");
}

#[test]
fn a_version_that_is_none_or_not_there_yet_is_told() {
    for (version, message) in [
        ("3.0.0", "`3.0.0` is newer than the template itself, so nothing migrates yet"),
        ("new", "`new` is no semantic version: "),
    ] {
        let sandbox = old_project(&migration(version, "x", ""));
        let run = sandbox.run("-C shop update --trust").exits(2).changed_nothing();
        assert!(run.stderr.contains(message), "{run}");
    }
}

/// Brings the user's file to the form that the new version has.
const REFORM: &str =
    "[[migrations]]\nversion = '1.5.0'\nstage = 'before'\nrun = 'sed -i s/old/new/ a; echo before >> log'\n";

#[test]
fn what_comes_before_is_done_first_and_the_merge_starts_from_there() {
    let more = format!("{REFORM}{}", migration("1.5.0", "after", ""));
    let sandbox = old_project(&more);
    sandbox.write("../tpl/files/a", "new\n");
    sandbox.write("shop/a", "old\n");
    let run = sandbox.run("-C shop update --trust --dry-run").succeeds().changed_nothing();
    assert!(run.stdout.starts_with("run       sed -i s/old/new/ a; echo before >> log\n"), "{run}");
    sandbox.run("-C shop update").exits(4).changed_nothing();
    // Without it this is a conflict: both sides changed the line.
    sandbox.run("-C shop update --no-tasks").exits(3);
    sandbox.run("-C shop update --abort").succeeds();
    let run = sandbox.run("-C shop update --trust --json").succeeds();
    assert_eq!(run.json()["tasks"].as_array().map(Vec::len), Some(2), "{run}");
    assert_eq!(
        (log(&sandbox), sandbox.read("shop/a")),
        (vec!["before".to_owned(), "after".to_owned()], "new\n".to_owned())
    );
    assert!(no_memory(&sandbox));
    sandbox.run("-C shop update --trust").succeeds().changed_nothing();
}

/// Whether nothing is remembered of what ran.
fn no_memory(sandbox: &Sandbox) -> bool {
    std::fs::read_dir(sandbox.path("../home/.local/state/prodev/migrated")).unwrap().next().is_none()
}

#[test]
fn what_came_before_is_not_done_again_where_the_update_went_no_further() {
    let before = |run: &str| format!("[[migrations]]\nversion = '1.5.0'\nstage = 'before'\nrun = '{run}'\n");
    let sandbox = old_project(&format!("{}{}", before("echo one >> log"), before("test -e go && echo two >> log")));
    sandbox.write("../tpl/files/a", "theirs\n");
    let run = sandbox.run("-C shop update --trust").exits(1);
    let said = "error: the task `test -e go && echo two >> log` failed\n  caused by: it ended with exit code 1\n\
                hint: what it did stays, and nothing else is done yet; mend it, and run the command again\n";
    assert!(run.stderr.ends_with(said), "{run}");
    assert_eq!((log(&sandbox), sandbox.read("shop/a")), (vec!["one".to_owned()], "one\n".to_owned()));
    sandbox.write("shop/go", "");
    let run = sandbox.run("-C shop update --trust").succeeds();
    assert!(run.stderr.starts_with("`echo one >> log` ran already, when this update was begun before\n"), "{run}");
    assert_eq!(
        (log(&sandbox), sandbox.read("shop/a")),
        (vec!["one".to_owned(), "two".to_owned()], "theirs\n".to_owned())
    );
    assert!(no_memory(&sandbox));
}

#[test]
fn what_came_before_conflicts_is_remembered_until_they_end() {
    let before = "[[migrations]]\nversion = '1.5.0'\nstage = 'before'\nrun = 'echo before >> log'\n";
    let sandbox = old_project(before);
    sandbox.write("../tpl/files/a", "theirs\n");
    sandbox.write("shop/a", "mine\n");
    sandbox.run("-C shop update --trust").exits(3);
    sandbox.run("-C shop update --abort").succeeds();
    // What it did is the user's now, and not done twice.
    assert_eq!(log(&sandbox), ["before"]);
    sandbox.run("-C shop update --trust").exits(3);
    sandbox.write("shop/a", "ours\n");
    sandbox.run("-C shop update --continue").succeeds();
    assert_eq!(log(&sandbox), ["before"]);
    assert!(no_memory(&sandbox));
}
