//! `prodev schedule fire` and `run`: recipes that are started because their time has come, beside each other and again.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::project;
use crate::sandbox::{PRODEV, Sandbox};

/// How long something that will happen may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A recipe that notes its start, waits until there is a file `go`, and notes its end.
fn waiting(more: &str) -> Sandbox {
    let run = "echo begin >> log; until [ -e go ]; do sleep 0.02; done; echo end >> log";
    project(&format!("[recipes.slow]\nrun = \"{run}\"\nschedule = {{ cron = \"0 0 1 1 *\", {more} }}\n"))
}

fn spawn(sandbox: &Sandbox, words: &str) -> Child {
    let mut command: Command = sandbox.command(PRODEV);
    command.args(words.split(' ')).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

#[track_caller]
fn wait_for(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < PATIENCE, "it never came to this: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn log(sandbox: &Sandbox) -> String {
    std::fs::read_to_string(sandbox.path("log")).unwrap_or_default()
}

/// Its code, and what it said on stderr.
fn end(sandbox: &Sandbox, child: Child) -> (Option<i32>, String) {
    let output = child.wait_with_output().unwrap();
    (output.status.code(), sandbox.normalise(&output.stderr))
}

fn terminate(child: &Child) {
    let pid = rustix::process::Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
}

#[test]
fn the_recipe_runs_with_its_arguments_and_hands_on_its_code() {
    let recipes = "[recipes.report]\nrun = 'echo \"$month:$#\" > log; exit 3'\nparams = [\"month\", { name = \"rest\", variadic = true }]\n\
                   schedule = { cron = \"@daily\", jitter = \"1ms\", with = { month = \"a b\", rest = [\"-x\", \"$y\"] } }\n";
    let sandbox = project(recipes);
    sandbox.run("schedule fire report").exits(3);
    assert_eq!(log(&sandbox), "a b:3\n");
    let run = sandbox.run("--dry-run schedule fire report").succeeds().changed_nothing();
    run.stdout_is(&format!("run       {PRODEV} -C [DIR] run report -- 'a b' -x '$y'\n"));
    sandbox
        .run("schedule fire raport")
        .changed_nothing()
        .fails(2, "error: `raport` is no recipe with a schedule\nhint: did you mean `report`?\n");
}

#[test]
fn what_is_not_over_is_not_begun_again() {
    let sandbox = waiting("overlap = \"skip\"");
    let first = spawn(&sandbox, "schedule fire slow");
    wait_for("it begins", || log(&sandbox) == "begin\n");
    let run = sandbox.run("schedule fire slow").succeeds();
    run.stderr_is("`slow` does not run: its last run is not over\n");
    sandbox.write("go", "");
    assert_eq!(end(&sandbox, first).0, Some(0));
    assert_eq!(log(&sandbox), "begin\nend\n");
    sandbox.run("schedule fire slow").succeeds();
    assert_eq!(log(&sandbox), "begin\nend\nbegin\nend\n");
}

#[test]
fn one_waits_for_the_last_run() {
    let sandbox = waiting("overlap = \"queue\"");
    let first = spawn(&sandbox, "schedule fire slow");
    wait_for("it begins", || log(&sandbox) == "begin\n");
    let mut others = [spawn(&sandbox, "schedule fire slow"), spawn(&sandbox, "schedule fire slow")];
    wait_for("one of two gives up", || others.iter_mut().any(|child| child.try_wait().unwrap().is_some()));
    assert_eq!(log(&sandbox), "begin\n");
    sandbox.write("go", "");
    let ends: Vec<(Option<i32>, String)> = others.into_iter().map(|child| end(&sandbox, child)).collect();
    assert_eq!(end(&sandbox, first).0, Some(0));
    assert!(ends.iter().all(|(code, _)| *code == Some(0)), "{ends:?}");
    assert_eq!(
        ends.iter().filter(|(_, said)| said == "`slow` does not run: one waits already\n").count(),
        1,
        "{ends:?}"
    );
    assert_eq!(log(&sandbox), "begin\nend\nbegin\nend\n");
}

#[test]
fn the_last_run_is_stopped() {
    let sandbox = waiting("overlap = \"kill\"");
    let first = spawn(&sandbox, "schedule fire slow");
    wait_for("it begins", || log(&sandbox) == "begin\n");
    let second = spawn(&sandbox, "schedule fire slow");
    assert_ne!(end(&sandbox, first).0, Some(0));
    wait_for("the second begins", || log(&sandbox) == "begin\nbegin\n");
    sandbox.write("go", "");
    assert_eq!(end(&sandbox, second).0, Some(0));
    assert_eq!(log(&sandbox), "begin\nbegin\nend\n");
}

#[test]
fn who_is_told_to_end_ends_the_recipe() {
    let sandbox = waiting("overlap = \"skip\"");
    let first = spawn(&sandbox, "schedule fire slow");
    wait_for("it begins", || log(&sandbox) == "begin\n");
    terminate(&first);
    assert_ne!(end(&sandbox, first).0, Some(0));
    // The turn is free, and nobody is left who would note an end.
    sandbox.write("go", "");
    sandbox.run("schedule fire slow").succeeds();
    assert_eq!(log(&sandbox), "begin\nbegin\nend\n");
}

#[test]
fn what_was_missed_runs_once() {
    let sandbox =
        project("[recipes.a]\nrun = \"echo ran >> log\"\nschedule = { cron = \"@hourly\", missed = \"run-once\" }\n");
    let none = "`a` does not run: none of its times was missed\n";
    // Nothing is known of the time before it is first asked.
    sandbox.run("schedule fire a --missed").succeeds().stderr_is(none);
    sandbox.run("schedule fire a --missed").succeeds().stderr_is(none);
    let records = sandbox.snapshot("../home/.local/state/prodev/schedules");
    let last = records.keys().find(|path| path.ends_with("/last")).unwrap();
    sandbox.write(&format!("../home/.local/state/prodev/schedules/{last}"), "2026-01-01T00:30:00Z\n");
    sandbox.run("schedule fire a --missed").succeeds();
    assert_eq!(log(&sandbox), "ran\n");
    sandbox.run("schedule fire a --missed").succeeds().stderr_is(none);
    assert_eq!(log(&sandbox), "ran\n");
}

#[test]
fn the_foreground_keeps_the_times_until_it_is_told_to_end() {
    let sandbox = project(
        "[recipes.tick]\nrun = \"echo tick >> log\"\nschedule = { on = \"secondly\" }\n\
         [recipes.boot]\nrun = \"echo boot >> log\"\nschedule = \"@reboot\"\n\
         [recipes.slow]\nrun = \"echo slow >> log; exec sleep 600\"\nschedule = \"@reboot\"\n",
    );
    let run = sandbox.run("--dry-run schedule run").succeeds().changed_nothing();
    assert!(run.stdout.contains("start     boot: at once\n") && run.stdout.contains("start     tick: "), "{run}");
    let keeper = spawn(&sandbox, "schedule run");
    wait_for("everything has run", || {
        let log = log(&sandbox);
        log.matches("tick").count() > 1 && log.matches("boot").count() == 1 && log.contains("slow")
    });
    terminate(&keeper);
    let (code, said) = end(&sandbox, keeper);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.starts_with("keeping the times of 3 recipes\n"), "{said}");
    assert!(
        said.contains("`tick` is started\n")
            && said.contains("`boot` has ended\n")
            && said.contains("`slow` was stopped\n"),
        "{said}"
    );
    // Nobody is left who ticks.
    let before = log(&sandbox);
    sandbox.run("schedule list").succeeds();
    assert_eq!(log(&sandbox), before);
}
