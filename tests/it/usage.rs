//! What was typed wrongly: told as every other failure, with what was meant and what there is.

use crate::sandbox::Sandbox;

#[test]
fn what_is_typed_wrongly_is_told_as_every_other_failure() {
    let cases = [
        (
            "new --defualts",
            2,
            "error: unexpected argument `--defualts`\n\
             hint: did you mean `--defaults`?\n\
             hint: write `prodev new --defaults [TEMPLATE] [DIR]`; `prodev new --help` tells more\n",
        ),
        (
            "config shwo",
            2,
            "error: unknown command `shwo`\n\
             hint: did you mean `show`?\n\
             hint: write `prodev config [OPTIONS] <COMMAND>`; `prodev config --help` tells more\n",
        ),
        (
            "nwe",
            2,
            "error: unknown command `nwe`\n\
             hint: did you mean `new`?\n\
             hint: write `prodev [OPTIONS] <COMMAND>`; `prodev --help` tells more\n",
        ),
        (
            "doctor",
            2,
            "error: unknown command `doctor`\n\
             hint: write `prodev [OPTIONS] <COMMAND>`; `prodev --help` tells more\n",
        ),
        (
            "flow start",
            2,
            "error: `<KIND>`, `<NAME>` are missing\n\
             hint: write `prodev flow start <KIND> <NAME> [BASE]`; `prodev flow start --help` tells more\n",
        ),
        (
            "--color maybe env list",
            2,
            "error: `maybe` is no value for `--color <WHEN>`\n\
             hint: it can be `auto`, `always` or `never`\n",
        ),
        (
            "run --jobs many",
            120,
            "error: `many` is no value for `--jobs <N>`\n  \
               caused by: a whole number is wanted here, such as 4\n\
             hint: `--help` behind the command says what it takes\n",
        ),
        (
            "flow finish --squash --rebase",
            2,
            "error: `--squash` does not go with `--rebase`\n\
             hint: write `prodev flow finish --squash [BRANCH]`; `prodev flow finish --help` tells more\n",
        ),
        (
            "env run",
            120,
            "error: `<COMMAND>...` is missing\n\
             hint: write `prodev env run <COMMAND>...`; `prodev env run --help` tells more\n",
        ),
        (
            "env run --pofile ci -- tool --json",
            120,
            "error: unexpected argument `--pofile`\n\
             hint: did you mean `--profile`?\n\
             hint: write `prodev env run --profile <NAME> <COMMAND>...`; `prodev env run --help` tells more\n",
        ),
        ("-C", 2, "error: `-C <DIR>` needs a value\nhint: `--help` behind the command says what it takes\n"),
    ];
    for (command, code, stderr) in cases {
        Sandbox::new().run(command).fails(code, stderr).changed_nothing();
    }
}

#[test]
fn what_is_typed_wrongly_is_data_too_where_that_is_asked_for() {
    let sandbox = Sandbox::new();
    let ran = sandbox.run("flow start --json");
    let ran = ran.exits(2);
    assert_eq!(
        ran.json(),
        serde_json::json!({
            "version": 1,
            "error": {
                "message": "`<KIND>`, `<NAME>` are missing",
                "place": null,
                "problems": [],
                "cause": null,
                "hints": ["write `prodev flow start --json <KIND> <NAME> [BASE]`; `prodev flow start --help` tells more"],
                "exit": 2,
            }
        })
    );
    ran.changed_nothing();
    for words in ["--json", "--json cache"] {
        let run = sandbox.run(words).exits(2);
        assert_eq!(run.json()["error"]["message"], "no command was given", "{run}");
    }
    // What belongs to the program that would be run asks prodev for nothing.
    sandbox.run("env run --many -- tool --json").exits(120).stdout_is("");
}
