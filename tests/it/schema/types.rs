//! `env types`: the code compiles, reads what it is given, and tells all that is wrong.

use std::path::Path;

use crate::proof;
use crate::sandbox::Sandbox;

const DECLARED: &str = r#"
[env.vars.PORT]
type = "port"
default = 8000
doc = "Where the server listens; */ and \"\"\" end nothing"

[env.vars.API_KEY]
required = true
secret = true

[env.vars.MODE]
type = "enum"
values = ["dev", "pro-d", "it's \"quoted\" \\"]
required = true

[env.vars.RATIO]
type = "float"
default = 0.5

[env.vars.COUNT]
type = "int"

[env.vars.TLS]
type = "bool"
default = false

[env.vars.TIMEOUT]
type = "duration"
default = "1m30s"

[env.vars.DATA]
type = "path"

[env.vars.EXTRA]
type = "json"

[env.vars.HOSTS]
type = "list"
default = "a, b"

[env.vars.PORTS]
type = "list"
items = "port"
separator = ";"

[env.vars.LABELS]
type = "map"
items = "int"

[env.vars.URL]
type = "url"
default = "http://localhost:${PORT}"

[env.vars.NAME]
allow_empty = true

[env.vars.class]

[env.vars."with.dot"]
"#;

/// What every language is given.
const GIVEN: [(&str, &str); 9] = [
    ("API_KEY", "hunter2hunter2"),
    ("MODE", "it's \"quoted\" \\"),
    ("COUNT", "-12"),
    ("DATA", "/data"),
    ("EXTRA", "{\"a\": [1]}"),
    ("PORTS", "80;443"),
    ("LABELS", "a=1,b=2"),
    ("URL", "http://h:1"),
    ("NAME", ""),
];

/// What it says where this is given instead.
const WRONG: [(&str, &str); 3] = [("MODE", "x"), ("PORTS", "80;x"), ("LABELS", "a")];

fn project() -> Sandbox {
    Sandbox::new().file("prodev.toml", DECLARED)
}

#[track_caller]
fn output(command: &mut std::process::Command) -> String {
    let output = command.output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}\n{said}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Runs a program twice: as it should be, and where everything is wrong.
#[track_caller]
fn both(sandbox: &Sandbox, program: &str, args: &[&str]) -> (String, String) {
    let right = output(sandbox.tool(program).args(args).envs(GIVEN));
    let wrong = output(sandbox.tool(program).args(args).envs(WRONG));
    (right, wrong)
}

#[test]
fn python_reads_it_and_its_checker_agrees() {
    if !proof::have("that Python reads the types", &["python3"]) {
        return;
    }
    let sandbox = project();
    sandbox.run("env types --lang python -o env.py").succeeds().stderr_is("wrote `env.py`\n");
    sandbox.write(
        "main.py",
        "from env import Env, EnvError\ntry:\n    env = Env.load()\n    print(repr(env))\nexcept EnvError as error:\n    print(error)\n",
    );
    let (right, wrong) = both(&sandbox, "python3", &["main.py"]);
    assert_eq!(
        right,
        "Env(port=8000, mode='it\\'s \"quoted\" \\\\', ratio=0.5, count=-12, tls=False, timeout=datetime.timedelta(seconds=90), \
         data=PosixPath('/data'), extra={'a': [1]}, hosts=['a', 'b'], ports=[80, 443], labels={'a': 1, 'b': 2}, url='http://h:1', name='', \
         class_=None, with_dot=None)\n"
    );
    assert_eq!(
        wrong,
        "API_KEY is not set\nMODE must be one of dev, pro-d, it's \"quoted\" \\\nPORTS must be a whole number\n\
         LABELS must have items such as key=value\nURL is not set\n"
    );
    if proof::may("that mypy accepts the types", &["mypy"]) {
        output(sandbox.tool("mypy").args([
            "--strict",
            "--no-error-summary",
            "--cache-dir=/dev/null",
            "env.py",
            "main.py",
        ]));
    }
}

#[test]
fn rust_compiles_it() {
    if !proof::have("that Rust compiles the types", &["rustc"]) {
        return;
    }
    let sandbox = project();
    sandbox.run("env types --lang rust -o env.rs").succeeds();
    sandbox.write(
        "main.rs",
        "#![deny(warnings)]\nmod env;\nfn main() {\n    match env::Env::load() {\n        Ok(env) => println!(\"{env:?} {}\", env.mode.as_str()),\n        Err(error) => println!(\"{error}\"),\n    }\n}\n",
    );
    output(sandbox.tool("rustc").args(["--edition", "2021", "-o", "main", "main.rs"]));
    let (right, wrong) = both(&sandbox, "./main", &[]);
    assert_eq!(
        right,
        "Env { port: 8000, api_key: \"********\", mode: ItSQuoted, ratio: 0.5, count: Some(-12), tls: false, timeout: 90s, data: Some(\"/data\"), \
         extra: Some(\"{\\\"a\\\": [1]}\"), hosts: [\"a\", \"b\"], ports: Some([80, 443]), labels: Some({\"a\": 1, \"b\": 2}), url: \"http://h:1\", \
         name: Some(\"\"), class: None, with_dot: None } it's \"quoted\" \\\n"
    );
    assert_eq!(
        wrong,
        "API_KEY is not set\nMODE must be one of dev, pro-d, it's \"quoted\" \\\nPORTS must be a port from 1 to 65535\n\
         LABELS must have items such as key=value\nURL is not set\n"
    );
}

#[test]
fn go_compiles_it() {
    if !proof::may("that Go compiles the types", &["go"]) {
        return;
    }
    let sandbox = project();
    sandbox.run("env types --lang go --package config -o config/env.go").exits(1);
    std::fs::create_dir(sandbox.path("config")).unwrap();
    sandbox.run("env types --lang go --package config -o config/env.go").succeeds();
    sandbox.write("go.mod", "module x\n\ngo 1.21\n");
    sandbox.write(
        "main.go",
        "package main\n\nimport (\n\t\"encoding/json\"\n\t\"fmt\"\n\n\t\"x/config\"\n)\n\nfunc main() {\n\tenv, err := config.Load()\n\tif err != nil {\n\t\tfmt.Println(err)\n\t\treturn\n\t}\n\ttext, _ := json.Marshal(env)\n\tfmt.Println(string(text))\n}\n",
    );
    output(sandbox.tool("go").args(["vet", "./..."]).env("GOFLAGS", "-mod=mod"));
    let (right, wrong) = both(&sandbox, "go", &["run", "."]);
    assert_eq!(
        right,
        "{\"Port\":8000,\"ApiKey\":\"hunter2hunter2\",\"Mode\":\"it's \\\"quoted\\\" \\\\\",\"Ratio\":0.5,\"Count\":-12,\"Tls\":false,\
         \"Timeout\":90000000000,\"Data\":\"/data\",\"Extra\":{\"a\":[1]},\"Hosts\":[\"a\",\"b\"],\"Ports\":[80,443],\"Labels\":{\"a\":1,\"b\":2},\
         \"Url\":\"http://h:1\",\"Name\":\"\",\"Class\":null,\"WithDot\":null}\n"
    );
    assert_eq!(
        wrong,
        "API_KEY is not set\nMODE must be one of dev, pro-d, it's \"quoted\" \\\nPORTS must be a port from 1 to 65535\n\
         LABELS must have items such as key=value\nURL is not set\n"
    );
}

#[test]
fn typescript_runs_and_its_compiler_agrees() {
    let strips = "const [a, b] = process.versions.node.split('.').map(Number); process.exit(a > 23 || a === 23 && b >= 6 || a === 22 && b >= 18 ? 0 : 1)";
    let what = "that TypeScript runs";
    if !proof::may(what, &["node"]) {
        return;
    }
    let sandbox = project();
    sandbox.run("env types --lang typescript -o env.ts").succeeds();
    if sandbox.tool("node").args(["-e", strips]).status().unwrap().success() {
        sandbox.write(
            "main.mjs",
            "import { loadEnv, EnvError } from './env.ts';\ntry {\n  console.log(JSON.stringify(loadEnv()));\n} catch (error) {\n  console.log(error instanceof EnvError ? error.message : error);\n}\n",
        );
        let (right, wrong) = both(&sandbox, "node", &["--no-warnings", "main.mjs"]);
        assert_eq!(
            right,
            "{\"PORT\":8000,\"API_KEY\":\"hunter2hunter2\",\"MODE\":\"it's \\\"quoted\\\" \\\\\",\"RATIO\":0.5,\"COUNT\":-12,\"TLS\":false,\
             \"TIMEOUT\":90000,\"DATA\":\"/data\",\"EXTRA\":{\"a\":[1]},\"HOSTS\":[\"a\",\"b\"],\"PORTS\":[80,443],\"LABELS\":{\"a\":1,\"b\":2},\
             \"URL\":\"http://h:1\",\"NAME\":\"\"}\n"
        );
        assert_eq!(
            wrong,
            "API_KEY is not set\nMODE must be one of dev, pro-d, it's \"quoted\" \\\nPORTS must be a whole number\n\
             LABELS must have items such as key=value\nURL is not set\n"
        );
    } else {
        proof::skipped(what, "this node does not strip types");
    }
    if proof::may("that tsc accepts the types", &["tsc"]) {
        output(sandbox.tool("tsc").args([
            "--strict",
            "--noEmit",
            "--noUncheckedIndexedAccess",
            "--exactOptionalPropertyTypes",
            "--target",
            "es2022",
            "env.ts",
        ]));
    }
}

#[test]
fn the_same_declarations_give_the_same_code_and_ci_can_tell() {
    let sandbox = project();
    for (language, file) in [("python", "a.py"), ("typescript", "a.ts"), ("rust", "a.rs"), ("go", "a.go")] {
        let words = format!("env types --lang {language} -o {file}");
        sandbox.run(&format!("{words} --check")).exits(1).changed_nothing();
        sandbox.honest(&words);
        sandbox.run(&words).succeeds().changed_nothing().stderr_is(&format!("`{file}` is up to date\n"));
        sandbox.run(&format!("{words} --check")).succeeds().changed_nothing();
        assert_eq!(sandbox.run(&format!("env types --lang {language}")).stdout, sandbox.read(file));
        assert!(Path::new(&sandbox.path(file)).is_file());
        sandbox.write("prodev.toml", format!("{DECLARED}\n[env.vars.MORE]\n"));
        sandbox.run(&format!("{words} --check")).changed_nothing().fails(
            1,
            &format!("error: `{file}` is not what the declarations make\nhint: write it anew: `prodev env types --lang {language} -o {file}`\n"),
        );
        sandbox.run(&words).succeeds();
        sandbox.write("prodev.toml", DECLARED);
    }
    sandbox.write("mine.py", "print()\n");
    let run = sandbox.run("env types --lang python -o mine.py").exits(1).changed_nothing();
    assert!(run.stderr.starts_with("error: `mine.py` was not written by `prodev env types`\n"), "{run}");
    Sandbox::new().run("env types --lang go").exits(1).changed_nothing();
    sandbox.run("env types --lang go --package X-Y").exits(2).changed_nothing();
}
