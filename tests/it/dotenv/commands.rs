//! `--allow-commands`: commands of values run where that is given, in dialects that have them, and from nowhere but the file's own text.

use std::process::Stdio;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::sandbox::{PRODEV, Sandbox};

#[test]
fn commands_run_only_where_they_are_allowed() {
    let sandbox = Sandbox::new().file(".env", "A=$(touch ran; echo hi)\n");
    for words in ["list --json", "get A", "explain A", "export --format json", "run -- true"] {
        let run = sandbox.run(&format!("env {}", words.replacen(' ', " --dialect dotenvx ", 1))).changed_nothing();
        assert!(
            run.stderr.starts_with("error: `A` has a `$(…)` that would run a program\n --> .env:1:3\nhint: "),
            "{run}"
        );
    }
    sandbox.run("env check --dialect dotenvx").exits(1).changed_nothing();
    sandbox.run("env get A").succeeds().stdout_is("$(touch ran; echo hi)\n").changed_nothing();
    let run = sandbox.run("env get A --dialect dotenvx --allow-commands").succeeds().stdout_is("hi\n");
    assert_eq!(run.changes(), ["+ work/ran"]);
    for words in
        ["-n env run --dialect dotenvx --allow-commands -- true", "env get A --dialect dotenvx --allow-commands -n"]
    {
        let code = if words.contains("env run") { 120 } else { 2 };
        sandbox.run(words).changed_nothing().fails(
            code,
            "error: a dry run runs no commands, those of values included\n\
             hint: leave out `--dry-run`, or `--allow-commands`\n",
        );
    }
    sandbox.run("env get A --allow-commands").fails(
        2,
        "error: files read as `default` have no commands that could be allowed\n\
         hint: leave `--allow-commands` out, or name a dialect that has them: `--dialect dotenvx`, `dotenv-expand` or `sh`\n",
    );
}

#[test]
fn each_dialect_runs_them_as_its_parser_does() {
    let sandbox = Sandbox::new().env("OUT", "side");
    let get = |dialect: &str, source: &str| -> String {
        sandbox.write(".env", source);
        sandbox.run(&format!("env get A --dialect {dialect} --allow-commands")).succeeds().stdout
    };
    for (source, dotenvx, expand, sh) in [
        ("A=$(printf 'x\\n\\n')\n", "x", "x", "x"),
        ("X=1\nA=$(echo \"$X\")\n", "1", "1", "1"),
        ("A=\"pre $(echo hi) post\"\n", "pre hi post", "pre hi post", "pre hi post"),
        ("A='$(echo hi)'\n", "$(echo hi)", "hi", "$(echo hi)"),
        ("A=$(echo 'a b' | tr a c)\n", "c b", "c b", "c b"),
        ("A=$(echo \\$OUT)\n", "$OUT", "$OUT", "$OUT"),
        ("A=$OUT-$(echo x)\n", "$OUT-x", "side-x", "side-x"),
        ("A=$(echo $(echo in))\n", "in", "in", "in"),
        ("B=$(echo x)\nA=$B\n", "x", "x", "x"),
        ("A=${NO:-$(echo d)}\n", "${NO:-d}", "d", "d"),
        ("A=$(cat)\n", "", "", ""),
    ] {
        assert_eq!(get("dotenvx", source), format!("{dotenvx}\n"), "dotenvx {source:?}");
        assert_eq!(get("dotenv-expand", source), format!("{expand}\n"), "dotenv-expand {source:?}");
        assert_eq!(get("sh", source), format!("{sh}\n"), "sh {source:?}");
    }
    assert_eq!(get("sh", "A=`echo \\`echo hi\\``x\n"), "hix\n");
    assert_eq!(get("sh", "A=\"`echo \\\"a  b\\\"`\"\n"), "a  b\n");
}

#[test]
fn what_comes_from_elsewhere_is_never_run() {
    let evil = "$(touch ran)";
    let sandbox = Sandbox::new().env("EVIL", evil).file(".env", "SECRET='$(touch ran)'\n");
    sandbox.run("env encrypt").succeeds();
    let file =
        sandbox.read(".env") + "A=${EVIL}\nB=\"x${SECRET}\"\nOUT=$(printf '%s' '$(touch ran) ${EVIL}')\nC=$OUT\n";
    sandbox.write(".env", &file);
    for dialect in ["dotenvx", "dotenv-expand", "sh"] {
        for (name, value) in [("A", evil), ("SECRET", evil), ("B", "x$(touch ran)"), ("OUT", "$(touch ran) ${EVIL}")] {
            let run = sandbox.run(&format!("env get {name} --dialect {dialect} --allow-commands"));
            run.succeeds().changed_nothing().stdout_is(&format!("{value}\n"));
        }
        sandbox.run(&format!("env get C --dialect {dialect} --allow-commands")).succeeds().changed_nothing();
    }
    // Nor is the environment's value of a name that the file sets.
    let own = Sandbox::new().env("A", evil).file(".env", "A=1\n");
    own.run("env run --dialect dotenvx --allow-commands -- true").succeeds().changed_nothing();
}

#[test]
fn a_command_that_fails_leaves_nothing_half_done() {
    let sandbox = Sandbox::new().file(".env", "A=1\nB=$(echo secret; echo why >&2; exit 3)\n");
    let said = "why\nerror: the command in `B` failed: it ended with 3\n --> .env:2:3\nhint: run it by itself, and see what it says\n";
    sandbox.run("env get A --dialect sh --allow-commands").fails(1, said);
    sandbox.run("env run --dialect sh --allow-commands -- echo started").fails(120, said);
}

#[test]
fn commands_that_fail_say_how() {
    let patient = Sandbox::new();
    let hasty = Sandbox::new().env("PRODEV_TEST_PATIENCE", "1000");
    for (command, reason) in [
        ("echo x; exit 3", "it ended with 3"),
        ("kill -9 $$", "signal 9 ended it"),
        ("printf '\\377'", "what it printed is no UTF-8"),
        ("printf 'a\\000b'", "what it printed has a NUL"),
        ("yes", "it printed more than 16 MiB"),
        ("exec >&-; sleep 3141", "it took longer than 60 s"),
        ("sleep 3142 & wait", "it took longer than 60 s"),
        ("sleep 3143 & exec >&-", "it ended, but what it left running held its output for 60 s"),
    ] {
        let sandbox = if command.contains("sleep") { &hasty } else { &patient };
        sandbox.write(".env", format!("A=$({command})\n"));
        let run = sandbox.run("env get A --dialect sh --allow-commands").exits(1);
        let said = format!("error: the command in `A` failed: {reason}\n");
        assert!(run.stderr.starts_with(&said), "{command}: {run}");
        assert!(sleeping(sandbox).is_empty(), "{command}");
    }
}

#[test]
fn commands_go_with_prodev_whatever_ends_it() {
    for signal in [Signal::INT, Signal::TERM, Signal::HUP, Signal::KILL] {
        let sandbox = Sandbox::new().file(".env", "A=$(setsid sleep 3144 & echo $$ > started; sleep 3145)\n");
        let mut prodev = sandbox.command(PRODEV);
        prodev.args(["env", "get", "A", "--dialect", "sh", "--allow-commands"]).stdout(Stdio::null());
        let mut prodev = prodev.spawn().unwrap();
        until("both are there", || sleeping(&sandbox).len() == 2);
        let id = Pid::from_raw(i32::try_from(prodev.id()).unwrap()).unwrap();
        kill_process(id, signal).unwrap();
        prodev.wait().unwrap();
        until("nothing is left", || sleeping(&sandbox).is_empty());
    }
}

/// The processes in the sandbox's folder that sleep, past the ends of those that started them.
fn sleeping(sandbox: &Sandbox) -> Vec<String> {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let here = processes.filter(|process| {
        std::fs::read_link(process.path().join("cwd")).is_ok_and(|folder| folder == sandbox.dir())
            && std::fs::read(process.path().join("cmdline")).is_ok_and(|line| line.starts_with(b"sleep"))
    });
    here.map(|process| process.file_name().to_string_lossy().into_owned()).collect()
}

fn until(what: &str, is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_mins(1), "never: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
