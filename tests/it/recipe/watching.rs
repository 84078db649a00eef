//! `prodev run --watch`: what starts a run again, and what does not.

use std::fs;

use rustix::process::Signal;

use super::tree::{Running, nothing_is_left, until};
use crate::sandbox::Sandbox;

/// How often the recipe has begun; its log is outside of the project.
fn begun(sandbox: &Sandbox) -> usize {
    fs::read_to_string(sandbox.path("../home/log")).unwrap_or_default().lines().count()
}

#[track_caller]
fn runs(sandbox: &Sandbox, count: usize) {
    until(&format!("it has begun {count} times"), || begun(sandbox) >= count);
    assert_eq!(begun(sandbox), count);
}

/// All that has happened has been looked at: what comes after it starts a run, and only one.
#[track_caller]
fn only_this_counts(sandbox: &Sandbox, before: usize, path: &str) {
    sandbox.write(path, format!("{before}"));
    runs(sandbox, before + 1);
}

#[test]
fn a_change_ends_the_old_run_and_starts_another() {
    let config = "[settings]\ngrace = '1h'\n[recipes.serve]\nrun = '''\nsetsid sleep 600 &\necho begun >>\"$HOME/log\"\nsleep 600\n'''\n";
    let sandbox = Sandbox::repo().file("prodev.toml", config).file(".gitignore", "*.log\nbuild/\n").file("src/a", "");
    let running = Running::start(&sandbox, "run --watch serve");
    runs(&sandbox, 1);
    let sleeping = || -> Vec<String> {
        super::tree::survivors(&sandbox).into_iter().filter(|line| line.contains("sleep")).collect()
    };
    until("both sleep", || sleeping().len() == 2);
    let first = sleeping();
    only_this_counts(&sandbox, 1, "src/a");
    let second = super::tree::survivors(&sandbox);
    assert!(!first.iter().any(|old| second.contains(old)), "{first:?} {second:?}");
    // What Git ignores does not count, nor does its own folder; a new file in a new folder does.
    sandbox.write("x.log", "x");
    sandbox.write("build/y", "y");
    sandbox.write(".git/z", "z");
    only_this_counts(&sandbox, 2, "new/folder/file");
    only_this_counts(&sandbox, 3, "new/folder/file");
    fs::remove_file(sandbox.path("src/a")).unwrap();
    runs(&sandbox, 5);
    // The configuration itself.
    sandbox.write("prodev.toml", config.replace("sleep 600\n'''", "sleep 601\n'''"));
    runs(&sandbox, 6);
    running.sends_to_group(Signal::INT);
    assert_eq!(running.ends(), 130);
    nothing_is_left(&sandbox);
}

#[test]
fn with_inputs_nothing_else_counts_and_outputs_never_do() {
    let config = "[recipes.x]\ninputs = ['src/**']\noutputs = ['out/', 'src/made']\nrun = '''\nmkdir -p out; date +%N >out/a; date +%N >src/made\necho begun >>\"$HOME/log\"\n'''\n";
    let sandbox = Sandbox::new().file("prodev.toml", config).file("src/a", "");
    let running = Running::start(&sandbox, "run -w x");
    runs(&sandbox, 1);
    until("it has made its outputs", || sandbox.exists("out/a"));
    sandbox.write("other", "x");
    only_this_counts(&sandbox, 1, "src/b");
    running.sends(Signal::TERM);
    assert!([130, 143].contains(&running.ends()));
    nothing_is_left(&sandbox);
}

#[test]
fn a_recipe_that_writes_what_is_watched_does_not_run_for_ever() {
    let config = "[recipes.x]\nrun = '''\necho begun >>\"$HOME/log\"\ndate +%N >report\n'''\n";
    let sandbox = Sandbox::new().file("prodev.toml", config).file("src/a", "");
    let running = Running::start(&sandbox, "run -w x");
    // It is the first run and those that its own writing starts, until that is known.
    until("it is left alone", || begun(&sandbox) >= 3);
    std::thread::sleep(std::time::Duration::from_millis(800));
    let count = begun(&sandbox);
    assert!(count <= 4, "{count}");
    only_this_counts(&sandbox, count, "src/a");
    running.sends(Signal::INT);
    assert_eq!(running.ends(), 130);
}

#[test]
fn a_file_that_is_saved_quickly_stays_watched() {
    let config = "[recipes.x]\nrun = '''\necho begun >>\"$HOME/log\"\nsleep 600\n'''\n";
    let sandbox = Sandbox::new().file("prodev.toml", config).file("src/a", "");
    let running = Running::start(&sandbox, "run -w x");
    runs(&sandbox, 1);
    // The third time it is held back, in case that the recipe writes it, but not lost; nor is what comes later.
    for count in 1..=3 {
        only_this_counts(&sandbox, count, "src/a");
    }
    std::thread::sleep(std::time::Duration::from_millis(2500));
    only_this_counts(&sandbox, 4, "src/a");
    running.sends(Signal::INT);
    assert_eq!(running.ends(), 130);
    nothing_is_left(&sandbox);
}

#[test]
fn a_person_who_saves_again_is_not_taken_for_the_recipe() {
    let config = "[recipes.x]\nrun = '''\necho begun >>\"$HOME/log\"\nsleep 600\n'''\n";
    let sandbox = Sandbox::new().file("prodev.toml", config).file("src/a", "");
    let running = Running::start(&sandbox, "run -w x");
    runs(&sandbox, 1);
    for count in 1..=2 {
        only_this_counts(&sandbox, count, "src/a");
    }
    // Held back, and then tried; what is saved as soon as that has begun is held back again, and not lost.
    for count in 3..=5 {
        sandbox.write("src/a", format!("{count}"));
        runs(&sandbox, count + 1);
    }
    running.sends(Signal::INT);
    assert_eq!(running.ends(), 130);
}

#[test]
fn files_of_variables_count_though_git_ignores_them() {
    let config = "[env]\n[recipes.x]\ninputs = ['src/**']\nrun = '''\necho begun >>\"$HOME/log\"\nsleep 600\n'''\n\
                  [recipes.y]\ndotenv = ['ci.env']\nrun = '''\necho begun >>\"$HOME/log\"\nsleep 600\n'''\n\
                  [recipes.z]\ndotenv = false\nrun = '''\necho begun >>\"$HOME/log\"\nsleep 600\n'''\n";
    for (name, counts, does_not) in [("x", ".env", "ci.env"), ("y", "ci.env", ".env"), ("z", "src/a", ".env")] {
        let sandbox = Sandbox::new().file("prodev.toml", config).file(".gitignore", "*.env\n").file("src/a", "");
        let sandbox = sandbox.file("ci.env", "A=1\n");
        let words = format!("run -w {name}");
        let running = Running::start(&sandbox, &words);
        runs(&sandbox, 1);
        sandbox.write(does_not, "B=2\n");
        sandbox.write(counts, "A=2\n");
        runs(&sandbox, 2);
        running.sends(Signal::INT);
        assert_eq!(running.ends(), 130, "{name}");
    }
}

#[test]
fn one_document_is_not_printed_again_and_again() {
    let sandbox = Sandbox::new().file("prodev.toml", "[recipes.x]\nrun = 'echo a'\n");
    let run = sandbox.run("run --watch --json x").exits(120).changed_nothing();
    assert!(run.stdout.is_empty() || run.stdout.matches("\n}\n").count() <= 1, "{run}");
    let said = "`--watch` runs again and again, and `--json` prints one document";
    assert!(run.stdout.contains(said) || run.stderr.contains(said), "{run}");
    sandbox.run("run --dry-run --json --watch x").succeeds();
}

#[test]
fn a_broken_configuration_is_waited_out() {
    let config = "[recipes.x]\nrun = 'echo begun >>\"$HOME/log\"'\n";
    let sandbox = Sandbox::new().file("prodev.toml", config);
    sandbox.run("run --watch y").exits(120).changed_nothing();
    sandbox.run("run --watch --dry-run x").succeeds().changed_nothing();
    let running = Running::start(&sandbox, "run -w x");
    runs(&sandbox, 1);
    sandbox.write("prodev.toml", "[recipes.x\n");
    std::thread::sleep(std::time::Duration::from_millis(300));
    sandbox.write("prodev.toml", config);
    runs(&sandbox, 2);
    running.sends(Signal::INT);
    assert_eq!(running.ends(), 130);
}
