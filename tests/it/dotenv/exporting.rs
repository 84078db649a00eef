//! `prodev env export`: every format is read by what it is for, and what it cannot carry is refused.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::proof;
use crate::sandbox::Sandbox;

/// Values that are hard to carry.
fn awkward() -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dotenv/values.json");
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// A file that holds `values` as `V0`, `V1`…: in a dialect without any quoting the sandbox's environment hands them in.
fn holding(values: &[String]) -> (Sandbox, BTreeMap<String, Value>) {
    let mut sandbox = Sandbox::new();
    let mut names = String::new();
    let mut expected = BTreeMap::new();
    for (number, value) in values.iter().enumerate() {
        let name = format!("V{number}");
        names.push_str(&name);
        names.push('\n');
        sandbox = sandbox.env(&name, value);
        expected.insert(name, value.clone().into());
    }
    (sandbox.file("values", &names), expected)
}

/// What a program prints as JSON of the variables that begin with `V`.
fn seen(sandbox: &Sandbox, program: &str, args: &[&str]) -> BTreeMap<String, Value> {
    let mut command = sandbox.tool(program);
    (0..100).for_each(|number| {
        command.env_remove(format!("V{number}"));
    });
    let output = command.args(args).output().unwrap();
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

const DUMP: &str =
    "import os,json; print(json.dumps({k: v for k, v in os.environ.items() if k[0] == 'V' and k[1:].isdigit()}))";

#[track_caller]
fn export(sandbox: &Sandbox, format: &str) -> String {
    let run = sandbox.run(&format!("env export --format {format} -f values")).succeeds();
    sandbox.write("out", &run.stdout);
    run.stdout.clone()
}

#[test]
fn json_is_one_flat_object_in_the_order_of_the_file() {
    let sandbox = Sandbox::new().file("f", "B=1\nA\nC=\"x\\ny\"\n");
    sandbox
        .run("env export --format json -f f --dialect python")
        .succeeds()
        .stdout_is("{\n  \"B\": \"1\",\n  \"A\": null,\n  \"C\": \"x\\ny\"\n}\n")
        .changed_nothing();
    sandbox.write("f", "A=b c\n");
    sandbox.run("env export --format json -f f --dialect dotenvy").exits(1).stdout_is("").changed_nothing();
    sandbox.write("f", "A=$(touch made)\n");
    sandbox.run("env export --format json -f f --dialect dotenvx").exits(1).stdout_is("").changed_nothing();
    let (sandbox, expected) = holding(&awkward());
    let object: BTreeMap<String, Value> = serde_json::from_str(&export(&sandbox, "json")).unwrap();
    assert_eq!(object, expected);
}

#[test]
fn shells_read_what_is_for_them() {
    let (sandbox, expected) = holding(&awkward());
    for (format, shell) in [("sh", "sh"), ("sh", "bash"), ("sh", "dash"), ("sh", "zsh"), ("fish", "fish")] {
        if !proof::have(&format!("that {shell} reads an export"), &[shell, "python3"]) {
            continue;
        }
        export(&sandbox, format);
        sandbox.write("dump.py", DUMP);
        let script = "source ./out; python3 dump.py".replace("source", if shell == "fish" { "source" } else { "." });
        assert_eq!(seen(&sandbox, shell, &["-c", &script]), expected, "{shell}");
    }
}

#[test]
fn data_languages_read_what_is_for_them() {
    let (sandbox, expected) = holding(&awkward());
    let parse = |text: &str| -> Value { serde_saphyr::from_str(text).unwrap() };
    let object = |value: &Value| -> BTreeMap<String, Value> { serde_json::from_value(value.clone()).unwrap() };
    assert_eq!(object(&parse(&export(&sandbox, "yaml"))), expected);
    let secret = parse(&export(&sandbox, "k8s-secret"));
    assert_eq!((&secret["kind"], &secret["metadata"]), (&json!("Secret"), &json!({ "name": "env" })));
    assert_eq!(object(&secret["stringData"]), expected);
    assert_eq!(object(&parse(&export(&sandbox, "k8s-configmap"))["data"]), expected);
    let doubled = object(&parse(&export(&sandbox, "compose"))["environment"]);
    let undoubled = doubled.into_iter().map(|(name, value)| (name, value.as_str().unwrap().replace("$$", "$").into()));
    assert_eq!(undoubled.collect::<BTreeMap<_, Value>>(), expected);
}

#[test]
fn systemd_reads_what_is_for_it() {
    let values: Vec<String> = awkward().into_iter().filter(|value| !value.contains('\r')).collect();
    let (sandbox, expected) = holding(&values);
    let text = export(&sandbox, "systemd");
    // Its own reader by its own rules: in double quotes a backslash goes before four characters, and everything else stands.
    let mut read = BTreeMap::new();
    let mut rest = text.as_str();
    while let Some((name, behind)) = rest.split_once("=\"") {
        let mut value = String::new();
        let mut characters = behind.char_indices();
        while let Some((at, found)) = characters.next() {
            match found {
                '\\' => value.push(characters.next().unwrap().1),
                '"' => {
                    rest = behind[at + 1..].strip_prefix('\n').unwrap();
                    break;
                }
                found => value.push(found),
            }
        }
        read.insert(name.to_owned(), Value::from(value));
    }
    assert_eq!(read, expected);
}

#[test]
fn terraform_reads_what_is_for_it() {
    if !proof::have("that terraform reads an export", &["terraform"]) {
        return;
    }
    let (sandbox, expected) = holding(&awkward());
    export(&sandbox, "terraform");
    let names: Vec<&String> = expected.keys().collect();
    let variables: Vec<String> = names.iter().map(|name| format!("variable \"{name}\" {{}}")).collect();
    sandbox.write("main.tf", variables.join("\n"));
    let object: Vec<String> = names.iter().map(|name| format!("{name}=var.{name}")).collect();
    let mut command = sandbox.tool("terraform");
    command.args(["console", "-no-color", "-var-file=out"]).env("CHECKPOINT_DISABLE", "1");
    let mut command = assert_cmd::Command::from_std(command);
    let output = command.write_stdin(format!("jsonencode({{{}}})\n", object.join(","))).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    // It shows a text, which is a text of JSON again.
    let text: String =
        said.lines().find_map(|line| serde_json::from_str(line).ok()).unwrap_or_else(|| panic!("{said}"));
    assert_eq!(serde_json::from_str::<BTreeMap<String, Value>>(&text).unwrap(), expected);
}

#[test]
fn github_gets_delimiters_that_differ_and_masks() {
    let (sandbox, expected) = holding(&["a\nB=2".to_owned(), "100%".to_owned()]);
    let run = sandbox.run("env export --format github -f values").succeeds();
    assert_eq!(run.stderr, "::add-mask::a\n::add-mask::B=2\n::add-mask::100%25\n");
    let mut read = BTreeMap::new();
    let mut delimiters = Vec::new();
    let mut rest = run.stdout.as_str();
    while let Some((name, behind)) = rest.split_once("<<") {
        let (delimiter, behind) = behind.split_once('\n').unwrap();
        let (value, behind) = behind.split_once(&format!("\n{delimiter}\n")).unwrap();
        read.insert(name.to_owned(), Value::from(value));
        delimiters.push(delimiter.to_owned());
        rest = behind;
    }
    assert_eq!(read, expected);
    assert_ne!(delimiters[0], delimiters[1]);
}

#[test]
fn what_a_format_cannot_carry_is_refused_and_nothing_printed() {
    let sandbox = Sandbox::new().file(".env", "A=\"x\ny\"\nB=1\nC=\"p\nq\"\n");
    sandbox.run("env export --format docker").changed_nothing().fails(
        1,
        "error: the format cannot carry all of the variables\n  \
         `A` has a line end, which an env file for docker cannot carry\n  \
         `C` has a line end, which an env file for docker cannot carry\n\
         hint: choose another format, or leave variables out with `--only KEY,KEY`\n",
    );
    sandbox.run("env export --format docker --only B").succeeds().stdout_is("B=1\n");
    sandbox.run("env export --format terraform --only A").stdout_is("A = \"x\\ny\"\n");
    sandbox.write(".env", "a.b=1\n");
    for format in ["sh", "fish", "systemd", "gitlab", "github", "terraform"] {
        sandbox.run(&format!("env export --format {format}")).exits(1).stdout_is("").changed_nothing();
    }
    sandbox.write(".env", "A=b\0c\n");
    for format in ["sh", "yaml", "docker", "compose", "nix", "pwsh"] {
        sandbox.run(&format!("env export --format {format}")).exits(1).stdout_is("").changed_nothing();
    }
}
