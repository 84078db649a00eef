//! What runs is told at the bottom of a terminal while it runs, and nowhere else; and small words of the executor.

use std::process::{Command, Stdio};

use super::Says as _;
use crate::sandbox::{PRODEV, Sandbox};
use crate::terminal::Terminal;

const SLOW: &str = "[recipes.one]\nrun = 'echo said; while [ ! -e go ]; do sleep 0.05; done'\n[recipes.two]\nrun = 'while [ ! -e go ]; do sleep 0.05; done'\n\
                    [recipes.both]\nneeds = ['one', 'two']\n";

#[test]
fn what_runs_is_told_on_a_terminal() {
    let sandbox = Sandbox::new().file("prodev.toml", SLOW);
    for known in [false, true] {
        let Some(terminal) = Terminal::start_sized(&sandbox, "run -j2 both", (80, 24)) else { return };
        terminal.sees("one │ said").sees("0 of 2 done in ").sees("  two  ");
        if known {
            terminal.sees(" of about ");
        }
        sandbox.write("go", "");
        terminal.exits(0);
        let screen = terminal.screen();
        assert!(!screen.contains("of 2 done") && screen.contains("2 done in "), "{screen}");
        std::fs::remove_file(sandbox.path("go")).unwrap();
    }
    let plain = sandbox.env("NO_COLOR", "1");
    let Some(terminal) = Terminal::start(&plain, "run -j2 both") else { return };
    terminal.sees("one | said").sees("0 of 2 done in ");
    assert!(!terminal.styled_screen().contains("\u{1b}[2m"), "{}", terminal.styled_screen());
    plain.write("go", "");
    terminal.exits(0);
    drop(terminal);
    std::fs::remove_file(plain.path("go")).unwrap();
    let quiet = plain.env("CI", "true");
    let Some(terminal) = Terminal::start(&quiet, "run -j2 both") else { return };
    quiet.write("go", "");
    terminal.exits(0);
    assert!(!terminal.screen().contains("of 2 done"));
}

#[test]
fn elsewhere_nothing_changes() {
    let sandbox = Sandbox::new().file("prodev.toml", SLOW).file("go", "");
    sandbox.run("run -j2 both").succeeds().stdout_is("one | said\n").says("2 done in TIME\n");
}

#[test]
fn a_secret_too_short_to_be_hidden_is_told() {
    let config = "[recipes.a]\nenv = { PIN = { value = '1234', secret = true }, LONG = { value = 'hunter2hunter2', secret = true } }\n\
                  run = ['sh', '-c', 'echo $PIN $LONG']\n";
    let sandbox = Sandbox::new().file("prodev.toml", config);
    let run = sandbox.run("run a").succeeds().stdout_is("1234 ********\n");
    run.says("warning: the value of `PIN` is shown in output: it is too short to be hidden\n");
}

#[test]
fn the_history_keeps_as_many_runs_as_it_is_told_to() {
    let sandbox =
        Sandbox::new().file("prodev.toml", "[settings]\nhistory = 3\n[recipes.a]\nparams = ['x']\nrun = ['true']\n");
    let long = "x".repeat(3000);
    for at in 0..20 {
        sandbox.run_args(&["run", "a", &format!("{at}{long}")]).succeeds();
    }
    let runs = sandbox.run("run --history --json").succeeds().json()["runs"].as_array().unwrap().len();
    // Only now and then it is looked at how many there are.
    assert!((3..12).contains(&runs), "{runs}");
    sandbox.run_args(&["run", "--resume"]).succeeds();
}

#[test]
fn a_run_told_to_end_after_ctrl_c_does_not_wait_for_the_grace() {
    let config = "[recipes.a]\ngrace = '1h'\nrun = \"trap '' INT; trap 'echo told; exit 5' TERM; echo ready; while :; do sleep 0.05; done\"\n";
    let sandbox = Sandbox::new().file("prodev.toml", config);
    let mut child =
        sandbox.command(PRODEV).args(["run", "a"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().unwrap()));
    assert_eq!(lines.next().unwrap().unwrap(), "ready");
    let kill = |signal: &str| {
        assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
    };
    kill("-INT");
    kill("-TERM");
    assert_eq!(lines.next().unwrap().unwrap(), "told");
    assert_eq!(child.wait().unwrap().code(), Some(130));
}
