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
        .fails(2, "error: two different files are needed\nhint: name one with `--file`, and the other\n")
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
