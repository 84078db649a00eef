//! Tasks that are stopped: by Ctrl-C, by a signal to prodev alone, and by the death of prodev.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::stage::{log, logs, template};
use crate::proof;
use crate::sandbox::{PRODEV, Sandbox};
use crate::terminal::Terminal;

#[test]
fn ctrl_c_ends_the_task_and_says_what_is_left() {
    if !proof::have("how Ctrl-C ends a task", &["tmux"]) {
        return;
    }
    let slow = "[[tasks]]\nrun = \"echo slow >> log; echo has' 'begun; exec sleep 60\"\n";
    let sandbox = template(&format!("{slow}{}", logs("never")));
    let command = format!("'{PRODEV}' new ../tpl shop --no-git --defaults --trust");
    // The shell around it hears of the key, too.
    let script = format!("trap : INT; {command}; printf '\\n[exit %s]\\n' \"$?\"; exec cat");
    let terminal = Terminal::start_program(&sandbox, &script);
    terminal.sees("has begun");
    terminal.presses("C-c").exits(130).sees("`shop` is written, and stays; what is left to run there:");
    assert_eq!(log(&sandbox), ["slow"]);
}

/// A `new` whose task has said `started`, and the lines that follow.
fn started(sandbox: &Sandbox) -> (Child, impl Iterator<Item = String>) {
    let mut child = sandbox
        .command(PRODEV)
        .args(["new", "../tpl", "shop", "--no-git", "--trust"])
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.any(|line| line == "started"));
    (child, lines)
}

#[test]
fn a_signal_to_prodev_alone_reaches_all_that_the_task_started() {
    // A shell that waits for another program, and hears of no signal meanwhile.
    let slow = "[[tasks]]\nrun = \"sleep 61 & echo $! > log; echo started; wait; sleep 60; true\"\n";
    let sandbox = template(&format!("{slow}{}", logs("never")));
    let (mut child, lines) = started(&sandbox);
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    let said: Vec<String> = lines.collect();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{said:?}");
    assert!(said.iter().any(|line| line.contains("is written, and stays")), "{said:?}");
    let id: i32 = sandbox.read("shop/log").trim().parse().unwrap();
    ends(id);
}

/// Dead, or dead and not yet taken note of by whoever inherited it.
#[track_caller]
fn ends(id: i32) {
    let start = Instant::now();
    let state = || std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    while !(state().is_empty() || state().contains(") Z ")) {
        assert!(start.elapsed() < Duration::from_secs(20), "it still runs: {}", state());
        std::thread::yield_now();
    }
}

#[test]
fn a_prodev_that_is_killed_leaves_no_task_behind() {
    // A shell, its child, and one that turned its back on both.
    let slow = "[[tasks]]\nrun = \"sleep 62 & echo $! >> log; (setsid sh -c 'echo $$ >> log; exec sleep 63' &); \
                while test $(wc -l < log) -lt 2; do sleep 0.01; done; echo $$ >> log; echo started; wait\"\n";
    let sandbox = template(&format!("{slow}{}", logs("never")));
    let (mut child, _lines) = started(&sandbox);
    let ids: Vec<i32> = log(&sandbox).iter().map(|line| line.trim().parse().unwrap()).collect();
    assert_eq!(ids.len(), 3);
    kill_process(Pid::from_child(&child), Signal::KILL).unwrap();
    child.wait().unwrap();
    ids.into_iter().for_each(ends);
    assert_eq!(log(&sandbox).len(), 3, "and runs nothing later");
}

#[test]
fn a_task_that_a_signal_ends_is_told_as_such() {
    let sandbox = template("[[tasks]]\nrun = 'kill -9 $$'\n");
    let run = sandbox.run("new ../tpl shop --no-git --trust --quiet").exits(1);
    assert!(run.stderr.contains("  caused by: signal 9 ended it\n"), "{run}");
}

#[test]
fn a_prodev_that_is_killed_before_a_task_leaves_a_whole_project_and_runs_nothing_later() {
    let sandbox = template(&format!("{}{}", logs("first"), logs("second")));
    let mut left = Vec::new();
    for step in 1..40 {
        let mut command = sandbox.command(PRODEV);
        command.args(["new", "../tpl", "shop", "--no-git", "--trust"]).env("PRODEV_TEST_FAULT", step.to_string());
        let output = command.output().unwrap();
        if output.status.success() {
            break;
        }
        // Whatever the next command finds is nothing that it would go on with.
        sandbox.run("-C . template list").succeeds();
        if sandbox.exists("shop") {
            assert!(sandbox.exists("shop/a") && sandbox.exists("shop/.prodev/tpl/state.toml"), "step {step}");
            left.push(if sandbox.exists("shop/log") { log(&sandbox).len() } else { 0 });
            std::fs::remove_dir_all(sandbox.path("shop")).unwrap();
        }
    }
    assert_eq!(left, [0, 1], "died before the first task, and before the second");
}
