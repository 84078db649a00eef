//! `prodev env import`: every value exactly, from every format; what is there stays.

use crate::sandbox::Sandbox;

fn awkward() -> Vec<String> {
    serde_json::from_str(include_str!("../../data/dotenv/awkward-values.json")).unwrap()
}

#[test]
fn awkward_values_arrive_as_they_were() {
    let values = awkward();
    let map: serde_json::Map<String, serde_json::Value> =
        values.iter().enumerate().map(|(number, value)| (format!("KEY_{number}"), value.as_str().into())).collect();
    let json = serde_json::to_string(&map).unwrap();
    // JSON is YAML, too.
    let secret = format!("kind: Secret\nstringData: {json}\n");
    for (name, text, format) in
        [("v.json", &json, ""), ("v.yaml", &json, ""), ("s.yaml", &secret, "--format k8s-secret")]
    {
        let sandbox = Sandbox::new().file(name, text);
        let run = sandbox.honest(&format!("env import {name} {format}"));
        assert!(run.stderr.starts_with("took 42 variables over into `.env`"), "{run}");
        for (number, value) in values.iter().enumerate().step_by(5) {
            sandbox.run_args(&["env", "set", &format!("KEY_{number}"), "--", value]).succeeds().changed_nothing();
        }
    }
}

#[test]
fn each_format_is_read() {
    for (name, text, format) in [
        ("a.json", "{\"A\": \"x y\", \"B\": 2, \"C\": true, \"D\": null}", ""),
        ("a.yml", "A: x y\nB: 2\nC: true\nD:\n", ""),
        ("a.toml", "A = 'x y'\nB = 2\nC = true\nD = ''\n", ""),
        (".env.other", "A=x y # c\nB=2\nC=true\nD=", ""),
        ("a", "A=x y\nB=2\nC=true\nD=", "--format docker"),
        ("a.sh", "export A='x y'\nB=2\nC=true\nD=\n", ""),
        ("s", "kind: Secret\ndata:\n  A: eCB5\n  B: Mg==\n  C: dHJ1ZQ==\n  D: ''\n", "--format k8s-secret"),
        ("c", "kind: ConfigMap\ndata:\n  A: x y\n  B: '2'\n  C: 'true'\n  D: ''\n", "--format k8s-configmap"),
    ] {
        let sandbox = Sandbox::new().file(name, text);
        sandbox.run(&format!("env import {name} {format}")).succeeds();
        assert_eq!(sandbox.read(".env"), "A=\"x y\"\nB=2\nC=true\nD=\n", "{name}");
    }
}

#[test]
fn what_is_there_stays_unless_it_is_to_be_overwritten() {
    let sandbox = Sandbox::new().file(".env", "A=1\n").file("v.json", "{\"A\": \"2\", \"B\": \"3\"}");
    sandbox
        .honest("env import v.json")
        .stderr_is("took 1 variable over into `.env`\n\nleft as they were: `A` (`--overwrite` changes them)\n");
    assert_eq!(sandbox.read(".env"), "A=1\nB=3\n");
    sandbox.honest("env import v.json --overwrite");
    assert_eq!(sandbox.read(".env"), "A=2\nB=3\n");
    sandbox.run("env import v.json --overwrite").succeeds().stderr_is("`.env` has it all already\n").changed_nothing();
}

#[test]
fn what_no_variable_can_hold_is_refused() {
    let sandbox =
        Sandbox::new().file("v.json", "{\"A\": [1], \"B\": {}}").file("n.json", "{\"1A\": \"x\"}").file("x", "");
    sandbox
        .run("env import v.json")
        .fails(
            1,
            "error: `v.json` has values that are no text\n  `A` is a list or a map\n  `B` is a list or a map\n\
             hint: take them out, or write them as JSON in a text\n",
        )
        .changed_nothing();
    sandbox
        .run("env import n.json")
        .fails(1, "error: `1A` cannot be the name of a variable\nhint: give them other names\n")
        .changed_nothing();
    sandbox
        .run("env import x")
        .fails(2, "error: nothing tells what `x` is\nhint: say it with `--format`, such as `--format json`\n")
        .changed_nothing();
    let run = sandbox
        .run_with_input(&["env", "import", "--format", "json", "-"], "{\"A\": hunter2")
        .exits(1)
        .changed_nothing();
    assert!(!run.stderr.contains("hunter2"), "{run}");
}
