//! `prodev env sync` and `example`: what is added, what is taken out, and that no secret goes into an example.

use crate::sandbox::Sandbox;

const EXAMPLE: &str = "# Where it listens\nHOST=0.0.0.0\nPORT=8000\n\n# From the provider\nAPI_TOKEN=\n";

#[test]
fn a_file_gets_what_the_example_has_more() {
    let sandbox = Sandbox::new().file(".env.example", EXAMPLE).file(".env", "PORT=9000 # mine\nOWN=1\n");
    sandbox.honest("env sync").stderr_is(
        "added `HOST`, `API_TOKEN` of `.env.example` to `.env`\n\n`.env.example` does not have `OWN`: `--remove` takes it out\n",
    );
    assert_eq!(
        sandbox.read(".env"),
        "# Where it listens\nHOST=0.0.0.0\nPORT=9000 # mine\n# From the provider\nAPI_TOKEN=\nOWN=1\n"
    );
    let again = sandbox.run("env sync").succeeds().changed_nothing();
    assert!(again.stderr.starts_with("`.env` has all that is in `.env.example`\n"), "{again}");
    sandbox.honest("env sync --remove").stderr_is("took `OWN` out of `.env`\n");
    sandbox.write(".env", "API_TOKEN=t\nPORT=1\n# h\nHOST=h\n");
    sandbox.honest("env sync --reorder").stderr_is("`.env` is in the order of `.env.example`\n");
    assert_eq!(sandbox.read(".env"), "# h\nHOST=h\nPORT=1\nAPI_TOKEN=t\n");
}

#[test]
fn no_secret_goes_into_an_example() {
    let env = "# The database\n# like postgres://u:hunter2@h/d\nDATABASE_URL=postgres://app:hunter2@db/app\nDEBUG=true\nPORT=8000\n\
               API_TOKEN=abc\nSITE=https://example.org/api\nLEVEL=info\nGREETING=hello\n#OLD=hunter2\nLAST=${DEBUG}\n";
    let sandbox = Sandbox::new()
        .file(".env", env)
        .file("prodev.toml", "[env.vars.GREETING]\nexample = 'hi'\n[env.vars.LEVEL]\nsecret = true\nexample = 'x'\n");
    let run = sandbox.honest("env example");
    assert!(run.stderr.contains("of `.env` to `.env.example`\n"), "{run}");
    assert_eq!(
        sandbox.read(".env.example"),
        "# The database\nDATABASE_URL=\nDEBUG=true\nPORT=8000\nAPI_TOKEN=\nSITE=https://example.org/api\nLEVEL=\nGREETING=hi\nLAST=\n"
    );
    sandbox.run("env example").succeeds().changed_nothing();
    // By the other command into the same file, it is the same.
    let before = sandbox.read(".env.example");
    std::fs::remove_file(sandbox.path(".env.example")).unwrap();
    sandbox.run("env sync --from .env -f .env.example").succeeds();
    assert_eq!(sandbox.read(".env.example"), before);
}

#[test]
fn comments_do_not_carry_a_value_that_is_withheld() {
    let env = "# the old one was hunter2horse, ask Bob\n# For the API\nTOKEN=hunter2horse\n# PASSWORD: hunter4\n# note: any\nPORT=1\n\
               # OLD=\"abc\n# hunter7\"\n# not pw-in-url\nPASSWORD=hunter4\n# hunter4 again, 1234\nPIN=1234\n# to DEBUG\n\
               DATABASE_URL=postgres://app:pw-in-url@db/app\n";
    let sandbox = Sandbox::new().file(".env", env);
    sandbox.honest("env example");
    let expected = "# For the API\nTOKEN=\n# note: any\nPORT=1\nPASSWORD=\nPIN=\n# to DEBUG\nDATABASE_URL=\n";
    assert_eq!(sandbox.read(".env.example"), expected);
    sandbox.run("env sync --from .env -f .env.sample").succeeds();
    assert_eq!(sandbox.read(".env.sample"), expected);
}

#[test]
fn values_of_several_lines_stay_what_they_are_in_a_file_with_other_line_ends() {
    let sandbox = Sandbox::new().file(".env", "A=1\r\n").file(".env.example", "A=1\n# c\nC=\"x\ny\"\nD=2\n");
    sandbox.honest("env sync");
    assert_eq!(sandbox.read(".env"), "A=1\r\n# c\r\nC=\"x\ny\"\r\nD=2\r\n");
    sandbox.run("env get C").succeeds().stdout_is("x\ny\n");
    // Where the line end belongs to the value, there is no way.
    sandbox.write(".env", "A=1\r\n");
    sandbox
        .run("env sync --dialect sh")
        .fails(
            1,
            "error: `C` of `.env.example` would be read otherwise by `sh` in `.env`\nhint: give both files the same line ends first\n",
        )
        .changed_nothing();
}

#[test]
fn comments_go_with_the_variable_that_is_taken_out() {
    let sandbox = Sandbox::new()
        .file(".env", "# all of it\n\n# admin password, ask Bob\nX=2\n# prodev:off lowercase-key\n# of y\ny=1\nB=1\n")
        .file(".env.example", "B=\n");
    let dry = sandbox.run("env sync --remove --dry-run").succeeds().changed_nothing();
    assert_eq!(dry.stderr, "would take `X`, `y` out of `.env`\nnothing was changed (--dry-run)\n");
    sandbox.honest("env sync --remove").stderr_is("took `X`, `y` out of `.env`\n");
    assert_eq!(sandbox.read(".env"), "# all of it\n\n# prodev:off lowercase-key\nB=1\n");
    sandbox.write(".env.example", "# of OLD\nOLD=\nB=\n");
    sandbox.honest("env example --remove");
    assert_eq!(sandbox.read(".env.example"), "B=\n");
}

#[test]
fn dry_runs_say_what_they_would_do() {
    let sandbox = Sandbox::new().file(".env", "A=1\nC=1\n").file(".env.example", "B=\nA=\n");
    let rest = "\nnothing was changed (--dry-run)\n";
    for (words, expected) in [
        ("env sync", "would add `B` of `.env.example` to `.env`"),
        ("env sync --remove", "would add `B` of `.env.example` to `.env`\nwould take `C` out of `.env`"),
        ("env example", "would add `C` of `.env` to `.env.example`"),
    ] {
        let run = sandbox.run(&format!("{words} --dry-run")).succeeds().changed_nothing();
        assert_eq!(run.stderr, format!("{expected}{rest}"), "{words}");
    }
    sandbox.write(".env", "A=1\nB=1\n");
    for (words, what) in [("env sync --reorder", "would be in the order of"), ("env sync", "has all that is in")] {
        let run = sandbox.run(&format!("{words} --dry-run")).succeeds().changed_nothing();
        assert_eq!(run.stderr, format!("`.env` {what} `.env.example`{rest}"), "{words}");
    }
}

#[test]
fn an_encrypted_file_shows_nothing_and_encrypts_what_it_gets() {
    let sandbox = Sandbox::new().file(".env", "DEBUG=true\nTOKEN=t0ken\n");
    sandbox.run("env encrypt").succeeds();
    sandbox.run("env example").succeeds();
    assert_eq!(sandbox.read(".env.example"), "DEBUG=\nTOKEN=\n");
    sandbox.write(".env.example", "DEBUG=\nTOKEN=\nNEW=value\nEMPTY=\n");
    sandbox.run("env sync").succeeds();
    let text = sandbox.read(".env");
    assert!(text.contains("\nNEW=encrypted:") && text.ends_with("\nEMPTY=\n"), "{text}");
}

#[test]
fn what_cannot_be_done_is_refused() {
    let sandbox = Sandbox::new().file(".env", "A=1\n");
    sandbox
        .run("env sync")
        .fails(1, "error: there is no file `.env.example`\nhint: name another with `--from` or `--file`\n")
        .changed_nothing();
    sandbox
        .run("env sync --from .env")
        .fails(2, "error: two different files are needed\nhint: name one with `--file`, and the other with `--from`\n")
        .changed_nothing();
    sandbox
        .run("env example --output .env")
        .fails(
            2,
            "error: two different files are needed\nhint: name one with `--file`, and the other with `--output`\n",
        )
        .changed_nothing();
    let sandbox = sandbox.file(".env.example", "B=1\nURL=${B}\n");
    sandbox.write(".env", "URL=${B}\nB=1\n");
    sandbox
        .run("env sync --reorder")
        .fails(
            1,
            "error: `URL` in `.env` would be read otherwise by `default` afterwards\nhint: leave `--reorder` out: what refers to others has to stand below them\n",
        )
        .changed_nothing();
}
