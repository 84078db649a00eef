//! Updates killed, and the disk full, at every single step: once recovered, all is before or after.

use std::os::unix::process::ExitStatusExt as _;
use std::process::Output;

use super::story::Be::{Gone, Link, Script, Text};
use super::story::{NUMBERS, Story};
use crate::sandbox::PRODEV;

/// More steps than any run here has.
const ENDLESS: usize = 500;

fn edited(to: &str) -> String {
    NUMBERS.replace("5\n", &format!("{to}\n"))
}

/// A story in which an update creates, replaces and removes files, links, modes and folders; with a conflict or without.
fn story(conflict: bool, git: bool) -> Story {
    let story = Story::of(
        "",
        &[
            ("f", Text(NUMBERS)),
            ("gone/deep/x", Text("x\n")),
            ("run", Text("#!/bin/sh\n")),
            ("link", Link("f")),
            ("conf", Text("a\n")),
            ("dir/a", Text("a\n")),
        ],
    );
    let story = if git { story.made("") } else { story.made_without_git() };
    if conflict {
        story.user("f", Text(&edited("mine")));
    }
    story.manifest("1.1.0", "");
    story.template("f", Text(&edited("its")));
    story.template("gone", Gone);
    story.template("run", Script("#!/bin/sh\n"));
    story.template("link", Link("run"));
    story.template("conf", Gone);
    story.template("conf/main", Text("a\n"));
    story.template("dir", Gone);
    story.template("dir", Text("b\n"));
    story.template("new/deep/file", Text("new\n"));
    story
}

fn run_with(story: &Story, switch: &str, step: usize, words: &str) -> Output {
    let mut command = story.sandbox.command(PRODEV);
    command.env(switch, step.to_string()).args(["-C", "shop"]).args(words.split_whitespace()).output().unwrap()
}

/// What counts, whatever sandbox it is in.
fn state(story: &Story) -> Vec<String> {
    let mut state = story.state();
    state.retain(|line| !line.starts_with(".prodev/update"));
    state
}

#[test]
fn killed_at_every_step_it_is_before_or_after() {
    for (conflict, git) in [(true, true), (false, false)] {
        killed(&|| story(conflict, git), "update", if conflict { 3 } else { 0 }, 15);
    }
}

const PARTS: &str = "[components.core]\nrequired = true\n[components.cache]\nfiles = ['cache/**']\n\
                     [components.celery]\nrequires = ['cache']\nfiles = ['celery']\n";

/// A project with a slot that components fill, edited by its user where another component comes in.
fn parts(flags: &str) -> Story {
    let files = [
        ("cache/deep/x", Text("x\n")),
        ("celery", Text("c\n")),
        ("settings.jinja", Text("[\n{{ slot('apps') }}\n]\n")),
        ("f", Text(NUMBERS)),
    ];
    let story = Story::of(PARTS, &files);
    for name in ["core", "cache", "celery"] {
        story.sandbox.write(&format!("../tpl/fragments/apps/{name}"), format!("{name}\n"));
    }
    story.made(flags)
}

/// Kills `words` at each of its steps, which are `least` or more, and looks at what the next command finds.
fn killed(make: &dyn Fn() -> Story, words: &str, code: i32, least: usize) {
    let undisturbed = make();
    let before = state(&undisturbed);
    undisturbed.run(words).exits(code);
    let after = state(&undisturbed);
    let mut steps = 0;
    for step in 1..ENDLESS {
        let story = make();
        let output = run_with(&story, "PRODEV_TEST_FAULT", step, words);
        if output.status.signal().is_none() {
            assert_eq!(output.status.code(), Some(code), "{}", story.sandbox.normalise(&output.stderr));
            break;
        }
        steps = step;
        story.run("template list").succeeds();
        let then = state(&story);
        assert!(then == before || then == after, "`{words}` killed at step {step}");
        assert!(!story.exists(".git/prodev/journal") && !story.exists(".prodev/journal"), "`{words}`, step {step}");
        // Going on from there costs as much as all before; every third step shows it as well.
        if step % 3 > 0 {
            continue;
        }
        if then == before {
            story.run(words).exits(code);
            assert_eq!(state(&story), after, "`{words}` killed at step {step} and run again");
        } else if code == 3 {
            story.run("update --abort").succeeds();
            assert_eq!(state(&story), before, "`{words}` killed at step {step} and aborted");
        }
    }
    assert!(steps >= least, "only {steps} steps of `{words}` to be killed at");
}

#[test]
fn components_and_links_killed_at_every_step_are_before_or_after() {
    killed(&|| parts(""), "add celery", 0, 10);
    killed(&|| parts("--with celery"), "remove celery cache", 0, 10);
    // An edit that is in the way of what goes is a conflict.
    let with_edit = || {
        let story = parts("--with celery");
        story.user("celery", Text("mine\n"));
        story
    };
    killed(&with_edit, "remove celery", 3, 10);
    for conflict in [false, true] {
        let by_hand = || {
            let files = [("f", Text(NUMBERS)), ("cache/deep/g", Text("g\n")), ("celery", Text("c\n"))];
            let story = Story::of(PARTS, &files);
            story.sandbox.ask_git(&["init", "-q", "shop"]);
            story.user("f", Text(&if conflict { self::edited("mine") } else { NUMBERS.to_owned() }));
            story.commit();
            story
        };
        killed(&by_hand, "adopt ../../tpl --with cache", if conflict { 3 } else { 0 }, 10);
    }
}

#[test]
fn giving_up_killed_at_every_step_is_finished_by_the_next_command() {
    for git in [true, false] {
        let mut steps = 0;
        for step in 1..ENDLESS {
            let story = story(true, git);
            let before = state(&story);
            story.run("update").exits(3);
            story.user("f", Text("edited since\n"));
            let output = run_with(&story, "PRODEV_TEST_FAULT", step, "update --abort");
            if output.status.signal().is_none() {
                assert!(output.status.success());
                break;
            }
            steps = step;
            story.run("template list").succeeds();
            if story.exists(".git/prodev/update") || story.exists(".prodev/update") {
                assert_eq!(story.read("f"), "edited since\n", "step {step}");
                story.run("update --abort").succeeds();
            }
            let without_kept = |state: Vec<String>| -> Vec<String> {
                state.into_iter().filter(|line| !line.starts_with(".prodev/kept-")).collect()
            };
            assert_eq!(without_kept(state(&story)), before, "killed at step {step} (git: {git})");
            let kept = if git { ".git/prodev" } else { ".prodev" };
            let kept = [1, 2].map(|number| format!("{kept}/kept-{number}/f"));
            assert!(kept.iter().any(|path| story.exists(path) && story.read(path) == "edited since\n"), "step {step}");
        }
        assert!(steps >= 5, "only {steps} steps to be killed at");
    }
}

#[test]
fn what_is_edited_after_giving_up_was_killed_is_kept() {
    let mut seen = 0;
    for step in 1..ENDLESS {
        let story = story(true, true);
        let before = state(&story);
        story.run("update").exits(3);
        if run_with(&story, "PRODEV_TEST_FAULT", step, "update --abort").status.signal().is_none() {
            break;
        }
        if !story.exists(".git/prodev/journal/back") {
            continue;
        }
        seen += 1;
        story.user("f", Text("edited after\n"));
        let run = story.run("diff");
        assert!(
            run.stderr.contains("; what you changed since is kept in `[DIR]/shop/.git/prodev/kept-1`: f\n"),
            "{run}"
        );
        assert_eq!(state(&story), before, "killed at step {step}");
        assert_eq!(story.read(".git/prodev/kept-1/f"), "edited after\n", "killed at step {step}");
    }
    assert!(seen >= 5, "only {seen} steps to be killed at");
}

#[test]
fn a_full_disk_at_every_step_leaves_nothing() {
    for (conflict, git) in [(true, true), (false, false)] {
        let mut steps = 0;
        for step in 1..ENDLESS {
            let story = story(conflict, git);
            let before = state(&story);
            let output = run_with(&story, "PRODEV_TEST_FULL", step, "update");
            if output.status.code() != Some(1) {
                break;
            }
            steps = step;
            assert_eq!(state(&story), before, "full at step {step}: {}", story.sandbox.normalise(&output.stderr));
        }
        assert!(steps >= 10, "only {steps} steps at which the disk can be full");
    }
}

#[test]
fn killed_at_any_moment_it_is_before_or_after() {
    let undisturbed = story(true, true);
    let before = state(&undisturbed);
    let begun = std::time::Instant::now();
    undisturbed.run("update").exits(3);
    let whole = begun.elapsed();
    let after = state(&undisturbed);
    for round in 0..12 {
        let story = story(true, true);
        let mut child = story
            .sandbox
            .command(PRODEV)
            .args(["-C", "shop", "update", "-q"])
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(whole.mul_f64(f64::from(round) / 12.0));
        child.kill().unwrap();
        child.wait().unwrap();
        // A `git` that it had started may still be at the index.
        while story.exists(".git/index.lock") {
            std::thread::yield_now();
        }
        story.run("template list").succeeds();
        let then = state(&story);
        assert!(then == before || then == after, "killed in round {round}");
    }
}
