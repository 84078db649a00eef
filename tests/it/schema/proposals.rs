//! `env example --infer`, and exports that are .env files.

use crate::sandbox::Sandbox;

#[test]
fn declarations_are_proposed_from_files_and_code_without_secrets() {
    let sandbox = Sandbox::new()
        .file(".env", "DB_PASSWORD=hunter2hunter2\nPORT=8001\nMODE=x\n")
        .file(".env.example", "# Where the server listens\nPORT=8000\nDB_PASSWORD=\nADMIN=admin@example.org\n")
        .file("app.py", "import os\nos.environ['DB_PASSWORD']\nos.getenv('WORKERS', 4)\nos.environ['HOME']\n");
    let expected = "[env.vars.PORT]\ntype = \"port\"\nexample = \"8000\"\ndoc = \"Where the server listens\"\n\n\
                    [env.vars.DB_PASSWORD]\ntype = \"string\"\nsecret = true\nrequired = true\n\n\
                    [env.vars.ADMIN]\ntype = \"email\"\n\n\
                    [env.vars.MODE]\ntype = \"string\"\n\n\
                    [env.vars.WORKERS]\ntype = \"int\"\ndefault = \"4\"\n";
    sandbox.run("env example --infer").succeeds().changed_nothing().stdout_is(expected);
    sandbox.honest("env example --infer --write");
    assert_eq!(sandbox.read("prodev.toml"), expected);
    sandbox.run("env example --infer").succeeds().stdout_is("").stderr_is("every variable is declared\n");
    sandbox.run("env example --infer --write").succeeds().changed_nothing();
    sandbox.run_args(&["env", "run", "--", "sh", "-c", "echo $WORKERS"]).succeeds().stdout_is("4\n");
    // What was written before stays as it is.
    sandbox.write("prodev.toml", "# mine\n[env]\nvars = { PORT = { type = \"port\" } }\n");
    sandbox.run("env example --infer --write").exits(1).changed_nothing();
    sandbox.run("env example --write").exits(2).changed_nothing();
}

#[test]
fn an_export_is_a_file_that_all_dialects_read_alike() {
    let values: Vec<String> = serde_json::from_str(include_str!("../../dotenv/values.json")).unwrap();
    let mut sandbox =
        Sandbox::new().file("prodev.toml", "[env]\ndialect = \"python\"\ndialects = [\"compose\", \"dotenv\"]\n");
    let mut names = String::new();
    for (number, value) in values.iter().enumerate() {
        names = format!("{names}V{number}\n");
        sandbox = sandbox.env(&format!("V{number}"), value);
    }
    sandbox.write("values", &names);
    let exported = sandbox.run("env export --format dotenv -f values --dialect compose").succeeds().changed_nothing();
    sandbox.write("out", &exported.stdout);
    for dialect in ["compose", "dotenv"] {
        let json = sandbox.run(&format!("env export --format json -f out --dialect {dialect}")).succeeds();
        let read: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
        for (number, value) in values.iter().enumerate() {
            assert_eq!(read[format!("V{number}")], **value, "{dialect}");
        }
    }
    let sandbox = Sandbox::new().env("A", "${FOO}").file("f", "A\nB=1\n");
    sandbox.write("prodev.toml", "[env]\ndialects = [\"python\", \"compose\", \"dotenv\", \"dotenvx\"]\n");
    sandbox.run("env export --format dotenv -f f").changed_nothing().fails(
        1,
        "error: `A` has no spelling that all of the dialects read alike\n\
         hint: choose one dialect with `--dialect`, or leave variables out with `--only KEY,KEY`\n",
    );
}
