//! `env usage`: what the code reads against what is declared.

use crate::sandbox::Sandbox;

const DECLARED: &str = "\
[env.vars.PORT]
type = \"port\"
default = 8000

[env.vars.DATABASE_URL]
secret = true

[env.vars.GONE]

[env.vars.KEPT] # prodev:allow

[env.vars.BY_RECIPE]

[recipes.x]
run = 'SET_HERE=1 echo $BY_RECIPE'
";

fn project() -> Sandbox {
    Sandbox::repo()
        .file("prodev.toml", DECLARED)
        .file(".gitignore", "ignored/\n")
        .file("ignored/x.py", "os.environ['IGNORED']\n")
        .file(
            "app.py",
            "import os\n# os.environ['COMMENT']\nPORT = os.getenv('PORT', '8000')\nos.environ['DATABASE_ULR']\n",
        )
        .file(
            "server.ts",
            "const { PORT = '3000' } = process.env;\nprocess.env.DATABASE_URL ?? 'postgres://u:hunter2hunter2@h/d';\n",
        )
        .file("tests/test_app.py", "os.environ['ONLY_TESTS']\n")
        .file("run.sh", "#!/bin/sh\necho \"$HOME $SET_HERE $OWN\" # prodev:allow\n")
}

#[test]
fn what_does_not_fit_is_told_with_its_place() {
    let sandbox = project();
    let run = sandbox.run("env usage").exits(1).changed_nothing();
    assert_eq!(
        run.stdout,
        "error: `DATABASE_ULR` is read here and declared nowhere [undeclared-read]
 --> app.py:4:12
4 | os.environ['DATABASE_ULR']
  |            ^^^^^^^^^^^^
hint: did you mean `DATABASE_URL`?
error: `PORT` is `3000` here where it is not set, and `8000` by its declaration [differing-default]
 --> server.ts:1:9
1 | const { PORT = '3000' } = process.env;
  |         ^^^^
hint: give both the same default, or leave the code's own out: prodev hands over the declared one
error: `GONE` is declared, and nothing reads it [unused-declaration]
 --> prodev.toml:8:11
8 | [env.vars.GONE]
  |           ^^^^
hint: take the declaration out, or put `prodev:allow` into a comment on its line
"
    );
    assert_eq!(run.stderr, "3 errors\n");
    let json = sandbox.run("env usage --json").exits(1).json();
    assert_eq!(json["errors"], 3);
    let port = json["variables"].as_array().unwrap().iter().find(|one| one["name"] == "PORT").unwrap();
    assert_eq!(port["declared"], true);
    assert_eq!(port["read"][1], serde_json::json!({ "file": "server.ts", "line": 1, "default": "3000" }));
    assert!(!sandbox.run("env usage --json").stdout.contains("hunter2"), "a secret of the code is told");
}

#[test]
fn a_part_of_the_project_and_how_much_it_matters_can_be_named() {
    let sandbox = project();
    let run = sandbox.run("env usage server.ts").exits(1);
    assert!(!run.stdout.contains("GONE") && run.stdout.contains("`3000`"), "{run}");
    sandbox.run("env usage nowhere").fails(1, "error: there is no file or folder `nowhere`\nhint: leave it out\n");
    let mild = "[env.lint]\nundeclared-read = 'warn'\nunused-declaration = 'off'\ndiffering-default = 'off'\n";
    sandbox.write("prodev.toml", format!("{DECLARED}\n{mild}"));
    sandbox.run("env usage").succeeds().stderr_is("1 warning\n");
}

#[test]
fn without_declarations_the_example_counts() {
    let sandbox = Sandbox::new().file(".env.example", "A=1\nB=\n").file("a.js", "process.env.A + process.env.C\n");
    let run = sandbox.run("env usage").exits(1);
    assert_eq!(run.stderr, "2 errors\n");
    assert!(run.stdout.contains("`C` is read here and declared nowhere"), "{run}");
    assert!(run.stdout.contains("`B` is declared, and nothing reads it"), "{run}");
    sandbox.write("a.js", "process.env.A + process.env.B\n");
    sandbox.run("env usage").succeeds().stderr_is("2 variables read in 1 file, and nothing amiss\n");
}

#[test]
fn the_template_for_apis_declares_what_it_reads() {
    let sandbox = Sandbox::new();
    sandbox.run("new django-api shop --defaults --no-git").succeeds();
    sandbox.run("-C shop env usage").succeeds();
    sandbox.run("new django-api full --defaults --preset full --no-git").succeeds();
    let run = sandbox.run("-C full env usage");
    assert_eq!(run.stdout, "", "{run}");
}
