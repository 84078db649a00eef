//! However a run ends, nothing that it started is left, and the code says how it ended.

use rustix::process::{Signal, kill_process};

use super::tree::{CONFIG, Running, clean_up, nothing_is_left, nothing_stays, survivors, until};
use crate::sandbox::Sandbox;

fn started(sandbox: &Sandbox) -> Running<'_> {
    let running = Running::start(sandbox, "run all");
    running.waits_for(&["one.ready", "two.ready"]);
    running
}

#[test]
fn ctrl_c_leaves_nothing() {
    let sandbox = Sandbox::new().file("prodev.toml", CONFIG);
    let running = started(&sandbox);
    running.sends_to_group(Signal::INT);
    assert_eq!(running.ends(), 130);
    nothing_is_left(&sandbox);
}

#[test]
fn a_signal_to_prodev_alone_leaves_nothing() {
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let sandbox = Sandbox::new().file("prodev.toml", CONFIG);
        let running = started(&sandbox);
        running.sends(signal);
        assert_eq!(running.ends(), 130, "{signal:?}");
        nothing_is_left(&sandbox);
    }
}

#[test]
fn a_second_ctrl_c_does_not_wait() {
    let sandbox = Sandbox::new().file("prodev.toml", &CONFIG.replace("500ms", "1h"));
    let running = started(&sandbox);
    running.sends_to_group(Signal::INT);
    running.hears(Signal::INT);
    running.sends_to_group(Signal::INT);
    assert_eq!(running.ends(), 130);
    nothing_is_left(&sandbox);
}

#[test]
fn ctrl_backslash_does_not_wait() {
    let sandbox = Sandbox::new().file("prodev.toml", &CONFIG.replace("500ms", "1h"));
    let running = started(&sandbox);
    running.sends_to_group(Signal::QUIT);
    assert_eq!(running.ends(), 130);
    nothing_is_left(&sandbox);
}

#[test]
fn killing_prodev_leaves_nothing() {
    let sandbox = Sandbox::new().file("prodev.toml", CONFIG);
    let running = started(&sandbox);
    running.sends(Signal::KILL);
    assert_eq!(running.ends(), 137);
    nothing_stays(&sandbox);
}

#[test]
fn killing_the_executor_leaves_nothing() {
    let sandbox = Sandbox::new().file("prodev.toml", CONFIG);
    let running = started(&sandbox);
    kill_process(running.executor(), Signal::KILL).unwrap();
    assert_eq!(running.ends(), 137);
    nothing_is_left(&sandbox);
}

#[test]
fn a_failure_stops_what_runs_beside_it() {
    let config =
        CONFIG.replace("[\"one\", \"two\"]", "[\"one\", \"two\", \"seven\", \"late\"]").replace("jobs = 4", "jobs = 3")
            + "[recipes.seven]\nrun = 'while [ ! -e one.ready ] || [ ! -e two.ready ]; do sleep 0.01; done; exit 7'\n\
           [recipes.late]\nrun = 'touch late'\n";
    let sandbox = Sandbox::new().file("prodev.toml", &config);
    assert_eq!(Running::start(&sandbox, "run all").ends(), 7);
    nothing_is_left(&sandbox);
    assert!(!sandbox.exists("late"), "a recipe was started after another had failed");
}

#[test]
fn a_timeout_ends_all_of_a_recipe() {
    for recipe in ["one", "two"] {
        let config = CONFIG.replace(&format!("[recipes.{recipe}]"), &format!("[recipes.{recipe}]\ntimeout = '300ms'"));
        let sandbox = Sandbox::new().file("prodev.toml", &config);
        assert_eq!(Running::start(&sandbox, &format!("run {recipe}")).ends(), 124);
        nothing_is_left(&sandbox);
    }
}

#[test]
fn leftovers_of_a_failure_go() {
    let sandbox = Sandbox::new().file("prodev.toml", "[settings]\ngrace = '500ms'\n[recipes.x]\nrun = '''\nsleep 600 &\nsetsid sleep 600 &\nenv -i setsid sleep 600 &\nexit 3\n'''\n");
    assert_eq!(Running::start(&sandbox, "run x").ends(), 3);
    nothing_is_left(&sandbox);
}

#[test]
fn what_a_success_leaves_stays_and_is_named() {
    let sandbox = Sandbox::new().file("prodev.toml", "[recipes.x]\nrun = '''\nsleep 601 >/dev/null 2>&1 &\nwhile [ \"$(cat /proc/$!/comm)\" != sleep ]; do :; done\n'''\n");
    let run = sandbox.run("run x").succeeds();
    let pid =
        run.stderr.split("(process ").nth(1).and_then(|rest| rest.split(')').next()).expect("it is named").to_owned();
    run.stderr_is(&format!("warning: still running: sleep 601 (process {pid})\n"));
    kill_process(rustix::process::Pid::from_raw(pid.parse().unwrap()).unwrap(), Signal::KILL).unwrap();
}

#[test]
fn what_a_success_leaves_goes_on_request() {
    let sandbox = Sandbox::new()
        .file("prodev.toml", "[recipes.x]\nsurvivors = 'kill'\nrun = '''\nsleep 600 &\nsetsid sleep 600 &\n'''\n");
    assert_eq!(Running::start(&sandbox, "run x").ends(), 0);
    nothing_is_left(&sandbox);
}

#[test]
fn a_detached_recipe_leaves_what_it_started() {
    let sandbox = Sandbox::new().file(
        "prodev.toml",
        "[recipes.x]\ndetach = true\nrun = '''\nsleep 602 &\n'''\n[recipes.y]\nneeds = ['x']\nrun = 'exit 4'\n",
    );
    assert_eq!(Running::start(&sandbox, "run y").ends(), 4);
    // The shell that is left may not have become the program yet.
    until("one is left", || matches!(&survivors(&sandbox)[..], [only] if only.ends_with("sleep 602 ")));
    clean_up(&sandbox);
}

#[test]
fn finally_follows_every_end() {
    let config = "[settings]\ngrace = '300ms'\n[recipes.x]\nparams = ['how']\nfinally = 'echo {{ how }} >> ends'\ntimeout = '2s'\nrun = '''\n\
                  touch ready\ncase \"$how\" in done) exit 0;; failed) exit 5;; *) sleep 600 & sleep 600;; esac\n'''\n";
    for (how, code) in [("done", 0), ("failed", 5), ("late", 124), ("int", 130), ("term", 130)] {
        let sandbox = Sandbox::new().file("prodev.toml", config);
        let running = Running::start(&sandbox, &format!("run x {how}"));
        running.waits_for(&["ready"]);
        match how {
            "int" => drop(running.sends_to_group(Signal::INT)),
            "term" => drop(running.sends(Signal::TERM)),
            _ => {}
        }
        assert_eq!(running.ends(), code, "{how}");
        assert_eq!(sandbox.read("ends"), format!("{how}\n"));
        nothing_is_left(&sandbox);
    }
}

#[test]
fn a_run_within_a_run_leaves_nothing() {
    for signal in [Signal::TERM, Signal::KILL] {
        let config = format!("{CONFIG}[recipes.outer]\nrun = ['{}', 'run', 'all']\n", crate::sandbox::PRODEV);
        let sandbox = Sandbox::new().file("prodev.toml", &config);
        let running = Running::start(&sandbox, "run outer");
        running.waits_for(&["one.ready", "two.ready"]);
        running.sends(signal);
        running.ends();
        nothing_stays(&sandbox);
    }
}

#[test]
fn the_code_is_that_of_the_recipe() {
    for (script, code) in
        [("exit 7", 7), ("kill -9 $$", 137), ("kill -15 $$", 143), ("exit 0", 0), ("no-such-program", 127)]
    {
        let sandbox = Sandbox::new().file("prodev.toml", &format!("[recipes.x]\nrun = '{script}'\n"));
        assert_eq!(Running::start(&sandbox, "run x").ends(), code, "{script}");
    }
}

#[test]
fn a_child_that_holds_stdout_is_not_waited_for() {
    let sandbox =
        Sandbox::new().file("prodev.toml", "[recipes.x]\ndetach = true\nrun = '''\nsleep 603 & echo $! > pid\n'''\n");
    sandbox.run("run --output prefix x").succeeds();
    let pid = sandbox.read("pid").trim().parse().ok().and_then(rustix::process::Pid::from_raw).unwrap();
    kill_process(pid, Signal::KILL).unwrap();
}
