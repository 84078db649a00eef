//! `prodev run --export`: what other engines read. Its steps do what the recipes do, and its form is what the engines' own checkers accept.

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Command, Output};

use serde_json::Value;

use crate::proof;
use crate::sandbox::Sandbox;

/// Values that a shell, YAML and each engine would like to read in their own way.
const RECIPES: &str = r#"
[vars]
image = "shop:1 $(id) ${{ x }}"
sha = { run = "printf abc" }
where = { run = ["sh", "-c", "echo elsewhere"] }

[recipes.lint]
doc = "Look for mistakes"
params = [{ name = "path", default = "it's a $path" }, { name = "rest", variadic = true, default = "a b" }]
requires = ["sh"]
run = '''
echo lint {{ path }} {{ sha }} "$1" {{ rest }}
cat <<EOF
${image}
EOF
'''

[recipes.words]
run = ["printf", "%s\n", "{{ image }}", "it's {{ sha }}"]
env = { LEVEL = "7 $x", BOTH = "{{ where }}-{{ sha }}" }

[recipes.python]
shell = "python3"
env = { LEVEL = "7 $x" }
run = '''
import os, sys
print(os.environ["LEVEL"], os.environ["image"], sys.argv[1:])
'''

[recipes.build]
needs = ["lint", { recipe = "lint", with = { path = "other" } }]
matrix = { i = [1, 2], j = ["x y", "$z"] }
run = 'echo build {{ i }} "$j"'

[recipes.steps]
needs = ["build", "words", "python"]
run = [{ run = "cd /; X=1; echo ${X}" }, { run = "echo ${X-gone}; exit 3", ignore_errors = true }, ["echo", "last"]]

[recipes.bundle]
inputs = ["src/**", "!src/x"]
outputs = ["dist/"]
dir = "src"
run = 'mkdir -p ../dist; pwd | sed "s,.*/,," | tee ../dist/a'

[recipes.default]
needs = ["steps", "bundle", "last"]
ordered = true

[recipes.last]
run = 'echo last; cat dist/a'
needs = ["bundle"]
finally = 'echo finally "$image"'
"#;

fn sandbox() -> Sandbox {
    Sandbox::new().file("prodev.toml", RECIPES).file("src/a", "").file("src/x", "")
}

/// The lines of a run, in no order: who runs side by side has none.
fn lines(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines.sort();
    lines
}

/// What prodev itself prints.
fn own(sandbox: &Sandbox) -> Vec<String> {
    let run = sandbox.run("run --output group default").succeeds();
    lines(&run.stdout.lines().filter(|line| !line.starts_with("--- ")).collect::<Vec<_>>().join("\n"))
}

fn exported(sandbox: &Sandbox, engine: &str) -> String {
    sandbox.run(&format!("run --export {engine} default")).succeeds().stderr_is("").changed_nothing().stdout
}

#[track_caller]
fn good(output: &Output, what: &str) -> String {
    let said = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{what}: {said}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// Runs a text as an engine does: from a file, in the project.
pub(super) fn run(sandbox: &Sandbox, text: &str, dir: &str, env: &BTreeMap<String, String>) -> Output {
    sandbox.write("step.sh", text);
    let mut command = Command::new("sh");
    command.arg("-eu").arg(sandbox.path("step.sh")).current_dir(sandbox.path(dir)).env_clear().envs(env);
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default()).output().unwrap()
}

pub(super) fn strings(value: &Value) -> BTreeMap<String, String> {
    let pairs = value.as_object().into_iter().flatten();
    pairs.map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect()
}

/// The names of jobs, each behind those that it needs.
fn order(jobs: &serde_json::Map<String, Value>) -> Vec<String> {
    let mut done: Vec<String> = Vec::new();
    while done.len() < jobs.len() {
        let count = done.len();
        for (name, job) in jobs {
            let mut needs = job["needs"].as_array().into_iter().flatten().map(|need| need.as_str().unwrap());
            if !done.contains(name) && needs.all(|need| done.iter().any(|it| it == need)) {
                done.push(name.clone());
            }
        }
        assert!(done.len() > count, "they wait for each other");
    }
    done
}

#[test]
fn steps_for_github_do_what_the_recipes_do() {
    let sandbox = sandbox();
    let expected = own(&sandbox);
    let text = exported(&sandbox, "github");
    let workflow: Value = serde_saphyr::from_str(&text).unwrap();
    let jobs = workflow["jobs"].as_object().unwrap();
    // GitHub's own: expressions, and the environments that lie upon each other.
    let meant = |text: &str, row: &Value| {
        let mut text = text.to_owned();
        for (name, value) in row.as_object().into_iter().flatten() {
            text = text.replace(&format!("${{{{ matrix.{name} }}}}"), value.as_str().unwrap());
        }
        text.replace("${{ '${{' }}", "${{")
    };
    let mut said = String::new();
    for name in order(jobs) {
        let job = &jobs[&name];
        let rows = job["strategy"]["matrix"]["include"].as_array().cloned().unwrap_or_else(|| vec![Value::Null]);
        for row in rows {
            let mut env = strings(&workflow["env"]);
            env.extend(strings(&job["env"]));
            let env = env.into_iter().map(|(name, value)| (name, meant(&value, &row))).collect();
            for step in job["steps"].as_array().unwrap().iter().filter(|step| step.get("run").is_some()) {
                assert_eq!(step["shell"], "sh -eu {0}");
                let dir = step["working-directory"].as_str().unwrap_or_default();
                let output = run(&sandbox, &meant(step["run"].as_str().unwrap(), &row), dir, &env);
                said += &String::from_utf8_lossy(&output.stdout);
                assert!(output.status.success() || step["continue-on-error"] == true, "{name}: {output:?}");
            }
        }
    }
    assert_eq!(lines(&said), expected, "{text}");
    let bundle = jobs["bundle"].to_string();
    assert!(bundle.contains("hashFiles('src/**', '!src/x')"), "{bundle}");
    let needs = |job: &str| {
        jobs[job]["needs"].as_array().into_iter().flatten().map(|it| it.as_str().unwrap()).collect::<BTreeSet<_>>()
    };
    assert_eq!(needs("build"), BTreeSet::from(["lint", "lint-2"]));
    assert_eq!(needs("bundle"), BTreeSet::from(["steps"]));
    if proof::may("workflows keep to their schema", &["check-jsonschema"]) {
        sandbox.write("workflow.yml", &text);
        let mut command = sandbox.tool("check-jsonschema");
        good(&command.args(["--builtin-schema", "vendor.github-workflows", "workflow.yml"]).output().unwrap(), &text);
    }
}

#[test]
fn scripts_for_gitlab_do_what_the_recipes_do() {
    let sandbox = sandbox();
    let expected = own(&sandbox);
    let text = exported(&sandbox, "gitlab");
    let mut pipeline: Value = serde_saphyr::from_str(&text).unwrap();
    let jobs = pipeline.as_object_mut().unwrap();
    let general = jobs.remove("variables").unwrap_or_default();
    let mut said = String::new();
    for name in order(jobs) {
        let job = &jobs[&name];
        let rows = job["parallel"]["matrix"].as_array().cloned().unwrap_or_else(|| vec![Value::Null]);
        for row in rows {
            let mut env = strings(&general);
            env.extend(strings(&job["variables"]));
            env.extend(strings(&row));
            let env = env.into_iter().map(|(name, value)| (name, value.replace("$$", "$"))).collect();
            for key in ["script", "after_script"] {
                for script in job[key].as_array().into_iter().flatten() {
                    let output = run(&sandbox, script.as_str().unwrap(), "", &env);
                    said += &good(&output, &name);
                }
            }
        }
    }
    assert_eq!(lines(&said), expected, "{text}");
    if proof::may("pipelines keep to their schema", &["check-jsonschema"]) {
        sandbox.write("pipeline.yml", &text);
        let mut command = sandbox.tool("check-jsonschema");
        let output = command
            .args(["--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci", "pipeline.yml"])
            .output();
        good(&output.unwrap(), &text);
    }
}

#[test]
fn jobs_for_kubernetes_do_what_the_recipes_do() {
    let sandbox = sandbox();
    let said = "error: `bundle`: Kubernetes hands no files on from job to job (`outputs`)\n\
                hint: leave that out with `--approximate`\n";
    sandbox.run("run --export kubernetes --image shop:1 default").fails(120, said).changed_nothing();
    let expected = own(&sandbox);
    let run_of = sandbox.run("run --export kubernetes --image shop:1 --approximate default").succeeds();
    let documents: Vec<Value> = run_of
        .stdout
        .split("---\n")
        .map(|text| serde_saphyr::from_str(text).unwrap())
        .filter(|it: &Value| it["kind"] == "Job")
        .collect();
    let mut said = String::new();
    for job in &documents {
        let spec = &job["spec"]["template"]["spec"];
        let container = &spec["containers"][0];
        let env = container["env"].as_array().into_iter().flatten();
        let meant = |value: &Value| value.as_str().unwrap().replace("$$(", "$(");
        let env: BTreeMap<String, String> =
            env.map(|it| (it["name"].as_str().unwrap().to_owned(), meant(&it["value"]))).collect();
        assert_eq!(container["command"].to_string(), r#"["sh","-euc"]"#);
        said += &good(&run(&sandbox, &meant(&container["args"][0]), "", &env), &run_of.stdout);
    }
    assert_eq!(lines(&said), expected, "{}", run_of.stdout);
    let last = documents.iter().find(|it| it["metadata"]["name"] == "steps").unwrap();
    let wait = last["spec"]["template"]["spec"]["initContainers"][0]["command"].to_string();
    assert_eq!(
        wait,
        r#"["kubectl","wait","--for=condition=complete","--timeout=-1s","job/build-row-1","job/build-row-2","job/build-row-3","job/build-row-4","job/words","job/python"]"#
    );
    if proof::may("manifests keep to the schemas of Kubernetes", &["kubernetes-validate"]) {
        sandbox.write("jobs.yaml", &run_of.stdout);
        good(&sandbox.tool("kubernetes-validate").args(["--strict", "jobs.yaml"]).output().unwrap(), &run_of.stdout);
    }
    sandbox.run("run --export kubernetes default").exits(120).changed_nothing();
}

#[test]
fn targets_of_make_and_just_do_what_the_recipes_do() {
    let sandbox = sandbox();
    let expected = own(&sandbox);
    let all = ["steps", "bundle", "last"];
    sandbox.write("Makefile", exported(&sandbox, "make"));
    if proof::have("a Makefile does what the recipes do", &["make"]) {
        let said = good(&sandbox.tool("make").arg("-s").args(all).output().unwrap(), &sandbox.read("Makefile"));
        assert_eq!(lines(&said), expected, "{}", sandbox.read("Makefile"));
        good(&sandbox.tool("make").arg("-n").args(all).output().unwrap(), "make -n");
    }
    sandbox.write("justfile", exported(&sandbox, "just"));
    if proof::may("a justfile does what the recipes do", &["just"]) {
        let said = good(&sandbox.tool("just").args(all).output().unwrap(), &sandbox.read("justfile"));
        assert_eq!(lines(&said), expected, "{}", sandbox.read("justfile"));
        good(&sandbox.tool("just").arg("--list").output().unwrap(), "just --list");
    }
}

#[test]
fn scripts_for_jenkins_do_what_the_recipes_do() {
    let sandbox = sandbox();
    let expected = own(&sandbox);
    let text = exported(&sandbox, "jenkins");
    let meant = |text: &str| text.replace("\\'", "'").replace("\\\\", "\\");
    let mut said = String::new();
    for stage in text.split("stage(").skip(1) {
        let pairs = stage
            .split_once("environment {")
            .map_or("", |(_, rest)| rest.split_once("steps {").map_or(rest, |(env, _)| env));
        let env: BTreeMap<String, String> = pairs
            .lines()
            .filter_map(|line| line.trim().split_once(" = "))
            .map(|(name, value)| (name.to_owned(), meant(&value[1..value.len() - 1])))
            .collect();
        for script in stage.split("sh '''").skip(1) {
            let (script, _) = script.split_once("'''").unwrap();
            assert!(script.starts_with("#!/bin/sh -eu\n"), "{script}");
            said += &good(&run(&sandbox, &meant(script), "", &env), &text);
        }
    }
    assert_eq!(lines(&said), expected, "{text}");
}

#[test]
fn what_an_engine_cannot_do_is_named() {
    let config = "[recipes.a]\nrun = 'true'\nretry = 3\nwhen = { changed = { paths = ['a'] } }\nconfirm = true\n[recipes.b]\nparams = ['x']\nrun = 'true'\n\
                  [recipes.c]\nparams = [{ name = 'key', secret = true, option = true }]\nrun = 'true'\n\
                  [recipes.d]\nenv = { TOKEN = { from = 'DEPLOY', secret = true } }\nrun = 'echo \"$TOKEN\"'\n";
    let sandbox = Sandbox::new().file("prodev.toml", config).env("DEPLOY", "hunter2hunter2");
    let said = "error: GitHub Actions cannot do all that these recipes say\n  \
                `a`: GitHub Actions has nobody to ask (`confirm`)\n  \
                `a`: GitHub Actions cannot tell what has changed (`when`)\n\
                hint: leave that out with `--approximate`\n";
    sandbox.run("run --export github").fails(120, said).changed_nothing();
    sandbox.run("run --export github c --key hunter2").exits(120).changed_nothing();
    for engine in ["github", "gitlab", "jenkins", "make", "just"] {
        let run = sandbox.run(&format!("run --export {engine} d")).succeeds();
        assert!(!run.stdout.contains("hunter2"), "{run}");
    }
    let run = sandbox.run("run --export github d").succeeds();
    assert!(run.stdout.contains("      DEPLOY: ${{ secrets.DEPLOY }}\n"), "{run}");
    let run = sandbox.run("run --export github --json d").succeeds();
    assert_eq!(run.json()["jobs"][0]["id"], "d");
}
