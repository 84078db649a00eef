//! `env run --mask` and `--watch`: prodev stays with the program.

use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, ChildStdout, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use crate::sandbox::{PRODEV, Sandbox};

const DECLARED: &str = "[env.vars.KEY]\nsecret = true\n[env.vars.SHORT]\nsecret = true\n[env.vars.OPEN]\n";

fn project() -> Sandbox {
    Sandbox::new().file("prodev.toml", DECLARED).file(".env", "KEY=hunter2hunter2\nSHORT=abc\nOPEN=shown-as-it-is\n")
}

#[test]
fn secrets_are_taken_out_of_what_a_program_says() {
    let sandbox = project();
    let script = "printf 'out %s %s %s\\n' $KEY $SHORT $OPEN; printf hunter2; printf 'hunter2 end' >&2; printf 'hunter2\\n'; echo $KEY >&2; exit 7";
    let run = sandbox.run_args(&["env", "run", "--mask", "--", "sh", "-c", script]).exits(7).changed_nothing();
    assert_eq!(run.stdout, "out ******** abc shown-as-it-is\n********\n");
    assert_eq!(run.stderr, "warning: `SHORT` has less than 8 characters, and is not masked\nhunter2 end********\n");
    sandbox.run_args(&["env", "run", "--mask", "--", "no-such-program"]).exits(127);
    let run = sandbox.run_with_input(&["env", "run", "--mask", "--", "cat"], "given hunter2hunter2").succeeds();
    assert_eq!(run.stdout, "given ********");
    // A dry run stays nowhere.
    sandbox.run("env run --mask --watch -n -- touch made").succeeds().changed_nothing();
}

#[test]
fn signals_reach_a_program_that_is_masked() {
    let sandbox = project();
    let status =
        sandbox.command(PRODEV).args(["env", "run", "--mask", "--", "sh", "-c", "kill -TERM $$"]).status().unwrap();
    assert_eq!((status.code(), status.signal()), (Some(143), None));
    let mut running = Running::start(
        &sandbox,
        &["--mask"],
        "trap 'echo told; exit 3' TERM; echo ready; while :; do sleep 0.01; done",
    );
    assert_eq!(running.line(), "ready");
    running.send(Signal::TERM);
    assert_eq!(running.line(), "told");
    assert_eq!(running.child.wait().unwrap().code(), Some(3));
}

#[test]
fn a_program_that_is_masked_ends_as_it_would_alone_when_nobody_reads_it() {
    let sandbox = project();
    // It never ends by itself, and its other stream stays open.
    let mut running = Running::start(&sandbox, &["--mask"], "exec yes");
    assert_eq!(running.line(), "y");
    let Running { child, stdout } = &mut running;
    let (nobody, _) = std::io::pipe().unwrap();
    drop(std::mem::replace(stdout, BufReader::new(std::os::fd::OwnedFd::from(nobody).into())));
    assert_eq!(child.wait().unwrap().code(), Some(141));
}

#[test]
fn a_program_is_started_anew_when_its_environment_changes_and_the_old_tree_is_gone() {
    let sandbox = project();
    // What it starts in the background does not end by itself.
    let script = "sleep 1000 & echo \"$OPEN $!\"; wait";
    let mut running = Running::start(&sandbox, &["--watch"], script);
    let first = running.line();
    assert!(first.starts_with("shown-as-it-is "), "{first}");
    // Other files, and the same values again, are no reason.
    sandbox.write("other", "x");
    sandbox.write(".env", "KEY=hunter2hunter2\nSHORT=abc\nOPEN=another\n");
    let second = running.line();
    assert!(second.starts_with("another "), "{second}");
    assert!(!is_alive(&first), "the old program's own is left: {first}");
    // A file that cannot be handed over is told, and waited for.
    sandbox.write(".env", "OPEN='\n");
    sandbox.write(".env.local", "OPEN=x\n");
    sandbox.write(".env", "OPEN=third\n");
    std::fs::remove_file(sandbox.path(".env.local")).unwrap();
    while !running.line().starts_with("third ") {}
    running.send(Signal::TERM);
    assert_eq!(running.child.wait().unwrap().code(), Some(143));
    assert!(!is_alive(&second));
}

#[test]
fn a_program_that_has_ended_is_started_again_on_a_change() {
    let sandbox = project();
    let mut running = Running::start(&sandbox, &["--watch", "--mask"], "echo \"$OPEN $KEY\"; exit 3");
    assert_eq!(running.line(), "shown-as-it-is ********");
    let mut said = BufReader::new(running.child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("ended with 3; waiting for a change") {
        line.clear();
        assert_ne!(said.read_line(&mut line).unwrap(), 0, "it does not wait");
    }
    sandbox.write("new", "OPEN=again\nKEY=other-secret\n");
    std::fs::rename(sandbox.path("new"), sandbox.path(".env")).unwrap();
    assert_eq!(running.line(), "again ********");
    running.send(Signal::INT);
    assert_eq!(running.child.wait().unwrap().code(), Some(130));
    let mut rest = String::new();
    said.read_to_string(&mut rest).unwrap();
}

struct Running {
    child: Child,
    stdout: BufReader<ChildStdout>,
}

impl Running {
    fn start(sandbox: &Sandbox, flags: &[&str], script: &str) -> Self {
        let mut command = sandbox.command(PRODEV);
        command.args(["env", "run"]).args(flags).args(["--", "sh", "-c", script]);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        Self { child, stdout }
    }

    #[track_caller]
    fn line(&mut self) -> String {
        let mut line = String::new();
        assert_ne!(self.stdout.read_line(&mut line).unwrap(), 0, "it has ended");
        line.trim_end().to_owned()
    }

    fn send(&self, signal: Signal) {
        kill_process(Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap(), signal).unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whether the process is there whose number is the second word.
fn is_alive(line: &str) -> bool {
    let pid = line.split(' ').nth(1).unwrap();
    std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z"))
}
