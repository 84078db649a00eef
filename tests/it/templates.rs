//! Every template that prodev carries: it shows itself, generates the same bytes twice for each preset, and leaves no markup behind.

use std::fs;

use serde_json::Value;

use crate::proof;
use crate::sandbox::{Run, Sandbox};

/// The names of all built-in templates.
pub(crate) fn names() -> Vec<String> {
    let list = Sandbox::new().run("template list --json").succeeds().json();
    list["templates"].as_array().unwrap().iter().map(|template| template["name"].as_str().unwrap().to_owned()).collect()
}

fn shown(name: &str) -> Value {
    Sandbox::new().run(&format!("template show {name} --json")).succeeds().stderr_is("").changed_nothing().json()
}

/// Selections that together have every component: the defaults and all presets.
fn selections(name: &str) -> Vec<String> {
    let presets = shown(name)["presets"]
        .as_object()
        .unwrap()
        .keys()
        .map(|preset| format!("--preset {preset}"))
        .collect::<Vec<_>>();
    [String::new()].into_iter().chain(presets).collect()
}

#[track_caller]
fn generate<'a>(sandbox: &'a Sandbox, name: &str, folder: &str, selection: &str) -> Run<'a> {
    sandbox.run(&format!("new {name} {folder} --defaults --no-git {selection}")).succeeds()
}

#[test]
fn every_template_shows_what_it_asks_and_has() {
    for name in names() {
        let sandbox = Sandbox::new();
        let text = sandbox.run(&format!("template show {name}")).succeeds().stderr_is("").changed_nothing().stdout;
        let json = shown(&name);
        assert!(text.starts_with(&format!("{name} {}\n", json["template"]["version"].as_str().unwrap())), "{text}");
        for part in ["components", "questions"] {
            for item in json[part].as_array().unwrap() {
                assert!(text.contains(&format!("\n  {} ", item["name"].as_str().unwrap())), "{item} is not in\n{text}");
            }
        }
        let listed =
            json["presets"].as_object().unwrap().values().flat_map(|preset| preset.as_array().unwrap().clone());
        let listed: Vec<Value> = listed.collect();
        for component in json["components"].as_array().unwrap().iter().filter(|one| one["required"] == false) {
            assert!(listed.contains(&component["name"]), "no preset of {name} has {}", component["name"]);
        }
    }
}

#[test]
fn every_selection_gives_the_same_bytes_twice() {
    for name in names() {
        for selection in selections(&name) {
            let sandbox = Sandbox::new().env("SOURCE_DATE_EPOCH", "1700000000");
            generate(&sandbox, &name, "one/shop", &selection);
            generate(&sandbox, &name, "two/shop", &selection);
            let files: Vec<String> = sandbox
                .list()
                .into_iter()
                .filter_map(|path| path.strip_prefix("one/").map(ToOwned::to_owned))
                .collect();
            assert!(files.len() > 4, "{name} {selection}: {files:?}");
            for file in files {
                let read = |root: &str| fs::read(sandbox.path(&format!("{root}/{file}"))).unwrap();
                // What is written once holds secrets, and these differ.
                let once = !file.contains("/.prodev/")
                    && !sandbox.exists(&format!("one/shop/.prodev/{name}/base/{}.base", &file[5..]));
                assert!(once || read("one") == read("two"), "{name} {selection}: {file} differs");
            }
        }
    }
}

#[test]
fn no_markup_is_left_and_every_configuration_is_read() {
    for name in names() {
        for selection in selections(&name) {
            let sandbox = Sandbox::new();
            generate(&sandbox, &name, "shop", &selection);
            for file in sandbox.list().iter().filter(|path| !path.contains("/.prodev/")) {
                let Ok(text) = fs::read_to_string(sandbox.path(file)) else { continue };
                let own = ["/.github/", "/templates/", "/dashboard.json"].iter().any(|part| file.contains(part));
                for markup in ["{{", "{%", "{#", ".jinja", "__slot"].iter().filter(|_| !own) {
                    // `{{` is an escaped brace in format strings of Python and Rust; recipes take arguments in it.
                    let harmless =
                        *markup == "{{" && [".py", ".rs", "prodev.toml"].iter().any(|end| file.ends_with(end));
                    assert!(harmless || !text.contains(markup), "{name} {selection}: {file} has `{markup}`");
                }
                assert!(!text.contains('\r'), "{name} {selection}: {file} has Windows newlines");
                assert!(!text.ends_with("\n\n"), "{name} {selection}: {file} ends with an empty line");
            }
            sandbox.run("-C shop config show --json").succeeds().stderr_is("").changed_nothing();
        }
    }
}

/// Runs a shell script in a generated project.
#[track_caller]
fn sh(sandbox: &Sandbox, script: &str) {
    let output = sandbox.tool("sh").args(["-ec", script]).current_dir(sandbox.path("shop")).output().unwrap();
    assert!(
        output.status.success(),
        "{script}\n{}\n{}",
        sandbox.normalise(&output.stdout),
        sandbox.normalise(&output.stderr)
    );
}

#[test]
fn a_python_program_passes_its_tests_and_runs() {
    let Some(python) = proof::python("that a python-cli project works") else { return };
    for selection in selections("python-cli") {
        let sandbox = Sandbox::new();
        generate(&sandbox, "python-cli", "shop", &selection);
        sh(&sandbox, &format!("export PYTHONPATH=src; {python} -m unittest discover -q; {python} -m shop --help"));
    }
}

#[test]
fn a_python_program_is_installed_with_its_command() {
    let Some(python) = proof::python("that a python-cli project can be installed") else { return };
    let sandbox = Sandbox::new();
    generate(&sandbox, "python-cli", "shop", "--preset full");
    sh(
        &sandbox,
        &format!("{python} -m venv ../venv; ../venv/bin/python -m pip install -q .; ../venv/bin/shop --version"),
    );
}

#[test]
fn a_pipeline_passes_its_tests_and_loads_a_file() {
    let Some(python) = proof::python("that a python-pipeline project works") else { return };
    let sandbox = Sandbox::new();
    generate(&sandbox, "python-pipeline", "shop", "--preset full");
    let lines =
        "number,sku,quantity,price,sold_at\n1,lamp,2,9.99,2026-01-31T12:00:00Z\n2,lamp,x,9.99,2026-01-31T12:00:00Z\n";
    sandbox.write("shop/sales.csv", lines);
    sh(&sandbox, &format!("{python} -m unittest -q"));
    sh(
        &sandbox,
        &format!("export PYTHONPATH=src; {python} -m shop ingest sales.csv; {python} -m shop report totals.csv"),
    );
    assert_eq!(sandbox.read("shop/totals.csv"), "sku,sales,quantity,revenue\nlamp,1,2,19.98\n");
    let rejects = "line,reason,number,sku,quantity,price,sold_at\n3,quantity must be a whole number,2,lamp,x,9.99,2026-01-31T12:00:00Z\n";
    assert_eq!(sandbox.read("shop/sales.rejects.csv"), rejects);
}

#[test]
fn a_rust_program_is_formatted_and_passes_its_tests_and_lints() {
    if !proof::can_run("that a rust-cli project works", &["cargo"]) {
        return;
    }
    let target = concat!(env!("CARGO_MANIFEST_DIR"), "/target/generated");
    for selection in ["--preset minimal", "--preset full"] {
        let sandbox = Sandbox::new().env("CARGO_TARGET_DIR", target);
        generate(&sandbox, "rust-cli", "shop", selection);
        sh(&sandbox, "cargo fmt --check");
        sh(&sandbox, "cargo clippy -q --all-targets -- -D warnings");
        sh(&sandbox, "cargo test -q");
    }
}
