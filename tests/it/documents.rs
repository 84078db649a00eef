//! What the documents promise: the README's commands are CI's, links lead somewhere, every command's JSON is described.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::completions;
use crate::proof;
use crate::sandbox::Sandbox;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

#[track_caller]
fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The lines of a document's first block of code.
fn first_block(document: &str) -> Vec<String> {
    let lines = document.lines().skip_while(|line| !line.starts_with("```")).skip(1);
    lines.take_while(|line| !line.starts_with("```")).map(ToOwned::to_owned).collect()
}

#[test]
fn ci_runs_the_first_two_commands_of_the_readme() {
    let commands = first_block(&read("README.md"));
    assert_eq!(commands.len(), 2, "the README's first block of code holds its two commands: {commands:?}");
    let ci = read(".ci/run");
    let last: Vec<&str> = ci.lines().filter(|line| !line.is_empty()).rev().take(2).collect();
    assert_eq!(
        last,
        [&commands[1], &commands[0]],
        "the last two lines of .ci/run are the README's two commands, as they stand there"
    );
}

#[test]
fn scripts_that_documents_name_exist() {
    let script = regex::Regex::new(r"\bsh ([\w/.-]+\.sh)").unwrap();
    for document in ["README.md", "ARCHITECTURE.md", ".ci/run", "benches/main.rs"] {
        for found in script.captures_iter(&read(document)) {
            assert!(root().join(&found[1]).is_file(), "{document} names {}, which does not exist", &found[1]);
        }
    }
}

#[test]
fn links_lead_somewhere() {
    let link = regex::Regex::new(r"\]\(([^)#:]+)(#[^)]*)?\)").unwrap();
    for document in [
        "README.md",
        "ARCHITECTURE.md",
        "CHANGELOG.md",
        "docs/configuration.md",
        "docs/policy.md",
        "docs/json.md",
        "docs/run.md",
        "docs/sources.md",
        "docs/templates.md",
    ] {
        for found in link.captures_iter(&read(document)) {
            let target = root().join(document).parent().unwrap().join(&found[1]);
            assert!(target.exists(), "{document} links to {}, which does not exist", &found[1]);
        }
    }
}

#[test]
fn the_json_of_every_command_is_described() {
    let text = read("docs/json.md");
    let headings: Vec<&str> = text.lines().filter(|line| line.starts_with("## `prodev ")).collect();
    for command in completions::leaves() {
        let described = headings.iter().any(|heading| {
            heading
                .trim_start_matches("## `prodev ")
                .trim_end_matches('`')
                .strip_prefix(command.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
        });
        assert!(described, "add a heading \"## `prodev {command} …`\" with its fields to docs/json.md");
    }
}

#[test]
fn answers_are_documents_of_version_one() {
    for command in ["template list", "template show python-cli", "template schema", "completions zsh", "man"] {
        Sandbox::new().run(&format!("{command} --json")).succeeds().stderr_is("").changed_nothing().json();
    }
}

#[test]
fn shell_scripts_are_clean() {
    if !proof::have("that shell scripts are clean", &["shellcheck"]) {
        return;
    }
    let scripts = ["scripts", "benches"].into_iter().flat_map(|folder| fs::read_dir(root().join(folder)).unwrap());
    let scripts = scripts.map(|entry| entry.unwrap().path()).filter(|path| is_script(path));
    let output = Command::new("shellcheck").args(scripts).arg(root().join(".ci/run")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

fn is_script(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "sh")
}
