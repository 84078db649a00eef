//! `prodev env run`: the program takes prodev's place.

use std::os::unix::process::ExitStatusExt as _;

use crate::sandbox::{PRODEV, Sandbox};

fn files() -> Sandbox {
    Sandbox::new().file(".env", "A=1\nB='two words'\n")
}

#[test]
fn a_program_gets_the_variables_and_its_code_is_handed_on() {
    let sandbox = files();
    let run = sandbox.run_args(&["env", "run", "--", "sh", "-c", "echo \"$A $B\"; exit 7"]);
    run.exits(7).stdout_is("1 two words\n").stderr_is("").changed_nothing();
    let sandbox = sandbox.env("A", "mine");
    sandbox.run_args(&["env", "run", "--", "sh", "-c", "echo $A"]).stdout_is("mine\n");
    sandbox.run_args(&["env", "run", "--override", "--", "sh", "-c", "echo $A"]).stdout_is("1\n");
}

#[test]
fn a_signal_is_the_programs_own() {
    let sandbox = files();
    let status = sandbox.command(PRODEV).args(["env", "run", "--", "sh", "-c", "kill -TERM $$"]).status().unwrap();
    assert_eq!(status.signal(), Some(15));
}

#[test]
fn the_environment_can_be_left_out() {
    let sandbox = files().env("C", "3");
    let run = sandbox.run_args(&["env", "run", "--clean", "--only", "A", "--", "sh", "-c", "echo \"$A,$B,$C,$HOME\""]);
    run.succeeds().stdout_is("1,,,[HOME]\n");
}

#[test]
fn what_cannot_be_run_is_told_by_the_code() {
    let sandbox = files();
    sandbox.run("env run -- no-such-program").fails(127, "error: there is no program `no-such-program`\n");
    sandbox
        .run("env run -- ./.env")
        .fails(126, "error: cannot run `./.env`\n  caused by: Permission denied (os error 13)\n");
    sandbox.run("env run").exits(120).stdout_is("");
    sandbox
        .run("env run -f none -- true")
        .fails(120, "error: there is no file `none`\nhint: name another with `-f FILE`\n");
    sandbox.write(".env", "A=1\nB=\"\n");
    sandbox.run("env run -- true").exits(120).changed_nothing();
    sandbox.write(".env", "A=b\0c\n");
    sandbox.run("env run -- true").fails(
        122,
        "error: `A` has a NUL, which ends a value for programs\nhint: leave them out with `--only KEY,KEY`\n",
    );
    sandbox.write(".env", format!("A=1\nBIG={}\n", "x".repeat(200_000)));
    sandbox.run("env run -- true").fails(
        122,
        "error: the environment is larger than the system hands over\n  caused by: `BIG` alone has 200000 bytes\n\
         hint: leave it out with `--only`, or pass it as a file\n",
    );
}

#[test]
fn a_dry_run_runs_nothing() {
    let sandbox = files();
    let run = sandbox.run("env run -n -- touch made").succeeds().stdout_is("run       touch made\n").changed_nothing();
    assert_eq!(run.stderr, "with A, B\n");
}

#[test]
fn a_value_that_is_still_encrypted_is_not_handed_over() {
    let sandbox = Sandbox::new().file(".env", "A=\"encrypted:BAAABAAABAAABAAABAAABAAABAAABAAABAAA\"\n");
    sandbox.run("env run -- true").exits(122).changed_nothing();
}
