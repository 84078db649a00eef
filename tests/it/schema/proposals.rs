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
                    [env.vars.ADMIN]\ntype = \"email\"\nsecret = true\n\n\
                    [env.vars.MODE]\ntype = \"string\"\nsecret = true\n\n\
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
fn declarations_make_nothing_visible_that_was_hidden() {
    let env = "LOGIN=hunter2hunter2\nURLZ=https://x.y/?api_key=abcdef\nMADE=hunter3${PORT}\nPORT=8000\n";
    let sandbox = Sandbox::new().file(".env", env);
    let before = sandbox.run("env list").succeeds().stdout.clone();
    assert_eq!(before.matches("********").count(), 3, "{before}");
    sandbox.honest("env example --infer --write");
    sandbox.run("env list").succeeds().stdout_is(&before);
    let run = sandbox.run_args(&["env", "run", "--mask", "--", "sh", "-c", "echo $LOGIN; echo $URLZ"]).succeeds();
    assert_eq!(run.stdout, "********\n********\n");
}

#[test]
fn what_code_only_tries_is_not_required() {
    let tried = [
        ("a.py", "import os\nos.environ.get('A_1')\nos.getenv('A_2')\n'A_3' in os.environ\n"),
        ("b.ts", "process.env.B_1;\nconst { B_2 } = process.env;\nimport.meta.env.VITE_B;\n"),
        (
            "c.rs",
            "std::env::var(\"C_1\").ok();\nstd::env::var(\"C_2\").unwrap_or_default();\nstd::env::var_os(\"C_3\");\n",
        ),
        ("d.go", "os.Getenv(\"D_1\")\nos.LookupEnv(\"D_2\")\n"),
        ("e.sh", "echo $E_1\n"),
        ("compose.yaml", "services:\n  a:\n    image: a:${F_1}\n"),
    ];
    let needed = [
        ("a.py", "import os\nfrom decouple import config\nos.environ['A_1']\nconfig('A_2')\nint(os.getenv('A_3'))\n"),
        ("b.ts", "import { B_1 } from '$env/static/private';\nprocess.env.B_2!;\n"),
        ("c.rs", "env!(\"C_1\");\nstd::env::var(\"C_2\").unwrap();\nstd::env::var(\"C_3\")?;\n"),
        ("d.go", "type C struct { A string `env:\"D_1,required\"` }\n"),
        ("e.sh", "set -u\necho $E_1\necho ${E_2:?}\n"),
        ("compose.yaml", "services:\n  a:\n    image: a:${F_1:?}\n"),
    ];
    for (files, is_needed) in [(tried, false), (needed, true)] {
        for (file, source) in files {
            let text = Sandbox::new().file(file, source).run("env example --infer").succeeds().stdout.clone();
            let (declared, required) = (text.matches("[env.vars.").count(), text.matches("required = true").count());
            assert!(declared > 0 && required == if is_needed { declared } else { 0 }, "{source}\n{text}");
        }
    }
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
