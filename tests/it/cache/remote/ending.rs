//! Runs that end while something is on its way: no half of anything is left, nor any process.

use std::process::Stdio;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::server::{Reply, Server};
use super::{filled, fresh, is_restored, runs_and_says, shared};
use crate::cache::{made, runs};
use crate::sandbox::{PRODEV, Sandbox};

/// A run that is under way.
fn begin(sandbox: &Sandbox) -> std::process::Child {
    let mut command = sandbox.command(PRODEV);
    command.args(["run", "join"]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
}

fn send(child: &std::process::Child, signal: Signal) {
    kill_process(Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap(), signal).unwrap();
}

/// Waits until no process of the sandbox is left: they all have its home in their environment.
fn is_left_alone(sandbox: &Sandbox) {
    let home = format!("HOME={}\0", sandbox.home().display());
    let left = || {
        let all = std::fs::read_dir("/proc").unwrap().flatten();
        let own = all.filter(|entry| {
            let environment = std::fs::read(entry.path().join("environ")).unwrap_or_default();
            environment.windows(home.len()).any(|it| it == home.as_bytes())
        });
        own.map(|entry| std::fs::read_to_string(entry.path().join("cmdline")).unwrap_or_default()).collect::<Vec<_>>()
    };
    let start = Instant::now();
    while !left().is_empty() {
        assert!(start.elapsed() < Duration::from_secs(20), "these are left: {:?}", left());
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_run_that_is_ended_while_it_fetches_leaves_nothing() {
    let full = filled();
    for (signal, code) in [(Signal::KILL, None), (Signal::INT, Some(130)), (Signal::TERM, Some(130))] {
        let server =
            full.instead(
                |request| if request.is("GET", "/team/cas/") { Reply::Stuck(2, b"A".to_vec()) } else { Reply::Kept },
            );
        let sandbox = fresh(&shared(&server.url(), "timeout = '10m'"));
        let child = begin(&sandbox);
        server.await_request("GET", "/team/cas/");
        send(&child, signal);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), code, "{signal:?}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!said.contains("remote cache"), "what was ended has no troubles of its own: {said}");
        is_left_alone(&sandbox);
        assert_eq!(
            (sandbox.list(), runs(&sandbox)),
            (["prodev.toml", "src/a", "src/b"].map(str::to_owned).to_vec(), 0)
        );
        sandbox.write("prodev.toml", shared(&full.url(), ""));
        is_restored(&sandbox, "run join");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_run_that_is_ended_while_it_sends_leaves_no_half() {
    for (signal, code) in [(Signal::KILL, None), (Signal::INT, Some(130)), (Signal::TERM, Some(130))] {
        let server =
            Server::new(|request| if request.method == "PUT" { Reply::Stuck(2, Vec::new()) } else { Reply::Kept });
        let sandbox = fresh(&shared(&server.url(), "timeout = '10m'"));
        let child = begin(&sandbox);
        server.await_request("PUT", "/team/cas/");
        send(&child, signal);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), code, "{signal:?}: {}", String::from_utf8_lossy(&output.stderr));
        is_left_alone(&sandbox);
        assert_eq!((made(&sandbox).as_str(), server.names("/ac/").len()), ("AB", 0));
        sandbox.run("run join").succeeds().stderr_is("`join` was skipped: nothing has changed\n");
    }
}

#[test]
fn a_server_that_takes_nothing_is_not_waited_for_at_the_end() {
    let server = Server::new(|request| if request.method == "PUT" { Reply::Stuck(2, Vec::new()) } else { Reply::Kept });
    let sandbox = fresh(&shared(&server.url(), "timeout = '1s'"));
    let run = sandbox.run("run join").succeeds().stdout_is("joined\n");
    assert!(run.stderr.starts_with("waiting for the remote cache: 1 result is to be sent\nwarning: "), "{run}");
    assert_eq!((run.stderr.matches("warning").count(), made(&sandbox).as_str()), (1, "AB"), "{run}");
    sandbox.run("run join").succeeds().stderr_is("`join` was skipped: nothing has changed\n");
}

/// What went well before something else failed is worth as much.
#[test]
fn what_was_made_is_sent_though_the_run_fails() {
    let server = Server::keeping();
    let config = shared(&server.url(), "") + "[recipes.last]\nneeds = ['join']\nrun = 'exit 7'\n";
    let sandbox = fresh(&config);
    sandbox.run("run last").exits(7);
    is_restored(&fresh(&config), "run join");
}

/// What is left of a run that failed is ended, though there was something to send.
#[test]
#[cfg(target_os = "linux")]
fn a_run_that_fails_leaves_nothing() {
    let server = Server::keeping();
    let last = "[recipes.last]\nneeds = ['join']\nrun = \"\"\"\n(trap '' TERM; setsid sh -c 'trap \\\"\\\" TERM; sleep 600') >/dev/null 2>&1 &\nexit 7\n\"\"\"\n";
    let config = format!("{}{last}", shared(&server.url(), "[settings]\ngrace = '1s'"));
    let sandbox = fresh(&config);
    sandbox.run("run last").exits(7);
    is_left_alone(&sandbox);
}

#[test]
fn a_store_that_cannot_be_written_is_no_reason_to_fail() {
    if rustix::process::geteuid().is_root() {
        // Whoever may do everything cannot be kept from writing; a file where the folder should be can do that.
        let server = filled();
        let sandbox = fresh(&shared(&server.url(), ""));
        runs_and_says(
            &fresh(&shared(&server.url(), "").replace("out/", "elsewhere/").replace("elsewhere/all", "out/all")),
            "warning: `join` is not kept: it made nothing that is called `elsewhere/`\n",
        );
        sandbox.write("../cache/prodev/recipes/v1", "in the way");
        let run = sandbox.run("run join").succeeds();
        assert!(run.stderr.starts_with("warning: `join` runs in any case: the cache cannot be used: "), "{run}");
        assert_eq!(made(&sandbox), "AB");
    }
}
