//! Lists, descriptions, plans and graphs: told, and nothing run.

use crate::sandbox::Sandbox;

const CONFIG: &str = r#"
[recipes.build]
doc = "Build it"
group = "make"
run = "touch built"

[recipes.lint]
alias = "l"
run = "touch linted"

[recipes.secret]
private = true
run = "true"

[recipes.test]
doc = """Run the tests
all of them"""
needs = ["build", { recipe = "lint" }]
params = [{ name = "paths", variadic = true }]
run = ["touch", "{{ paths }}"]
finally = "rm -f x"
"#;

#[test]
fn recipes_are_listed_under_their_headings() {
    let sandbox = Sandbox::new().file("prodev.toml", CONFIG);
    let text = "lint\ntest [PATHS…]  Run the tests\n\nmake:\n  build          Build it\n";
    sandbox.run("run --list").succeeds().stdout_is(text).stderr_is("").changed_nothing();
    let json = sandbox.run("--json run --list").succeeds().changed_nothing().json();
    assert_eq!(json["recipes"][1]["aliases"], serde_json::json!(["l"]));
    assert_eq!(json["recipes"][2]["params"], serde_json::json!([{ "name": "paths", "variadic": true }]));
}

#[test]
fn a_recipe_is_shown_as_it_stands() {
    let sandbox = Sandbox::new().file("prodev.toml", CONFIG);
    sandbox.run("run --show l test").succeeds().changed_nothing().stdout_is(
        "lint  prodev.toml:7
    touch linted

test [PATHS…]  prodev.toml:15
  Run the tests
all of them
  needs: build, lint
    touch {{ paths }}
",
    );
}

#[test]
fn a_dry_run_tells_the_schedule() {
    let sandbox = Sandbox::new().file("prodev.toml", CONFIG);
    sandbox.run("--dry-run run test a b").succeeds().changed_nothing().stderr_is("").stdout_is(
        "  1  build
       touch built
  1  lint
       touch linted
  2  test
       touch {{ paths }}
       finally: rm -f x
",
    );
    let json = sandbox.run("-n --json run test a b").succeeds().changed_nothing().json();
    assert_eq!(json["steps"][2]["values"]["paths"], serde_json::json!(["a", "b"]));
    assert_eq!(json["dry_run"], true);
}

#[test]
fn the_graph_is_drawn() {
    let sandbox = Sandbox::new().file("prodev.toml", CONFIG);
    sandbox.run("run --graph test").succeeds().stdout_is("test\n├── build\n└── lint\n").changed_nothing();
    sandbox.run("run --graph=dot test").succeeds().stdout_is(
        "digraph recipes {\n  rankdir = LR\n  node [shape = box]\n  n0 [label = \"build\"]\n  n1 [label = \"lint\"]\n  n2 [label = \"test\"]\n  n0 -> n2\n  n1 -> n2\n}\n",
    );
    sandbox
        .run("run --graph=mermaid test")
        .succeeds()
        .stdout_is("flowchart LR\n  n0[\"build\"]\n  n1[\"lint\"]\n  n2[\"test\"]\n  n0 --> n2\n  n1 --> n2\n");
}
