//! Tools that stay as they are and are only mentioned: managers of hooks, other runners, readers of .env files.

use std::path::Path;

use super::{Found, read};
use crate::git::Survey;

pub(super) fn look(home: &Path, seen: Option<&Survey>, found: &mut Found) {
    let hooks = [
        (".pre-commit-config.yaml", "pre-commit"),
        ("lefthook.yml", "lefthook"),
        (".lefthook.yml", "lefthook"),
        ("prek.toml", "prek"),
        (".husky", "husky"),
        (".overcommit.yml", "overcommit"),
    ];
    for (file, tool) in hooks.iter().filter(|(file, _)| home.join(file).exists()) {
        found.notes.push(format!("Git hooks: {tool} ({file}) runs them."));
    }
    if let Some(seen) = seen {
        if let Some(path) = &seen.hooks_path {
            // The line below must stay one comment.
            let path: String = path.chars().filter(|c| !c.is_control()).collect();
            found.notes.push(format!("Git hooks: core.hooksPath is {path}."));
        } else if !seen.hooks.is_empty() {
            found.notes.push(format!("Git hooks: .git/hooks has {}.", seen.hooks.join(", ")));
        }
    }
    let runners = [
        ("justfile", "just"),
        ("Justfile", "just"),
        ("Taskfile.yml", "task"),
        ("mise.toml", "mise"),
        ("tox.ini", "tox"),
        ("noxfile.py", "nox"),
    ];
    let mut seen_runners = Vec::new();
    for (file, tool) in runners.iter().filter(|(file, _)| home.join(file).is_file()) {
        if !seen_runners.contains(tool) {
            seen_runners.push(*tool);
            found.notes.push(format!("Recipes: {tool} ({file}) has some of its own."));
        }
    }
}

/// Who else reads the .env files of this project, by its dependencies.
pub(super) fn dialects(home: &Path) -> Vec<&'static str> {
    let compose = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];
    let mut found = Vec::new();
    if compose.iter().any(|name| home.join(name).is_file()) {
        found.push("compose");
    }
    let python = ["pyproject.toml", "requirements.txt", "Pipfile", "requirements/base.txt"];
    let names = |file: &str, package: &str| read(&home.join(file)).is_some_and(|text| text.contains(package));
    if python.iter().any(|file| names(file, "python-dotenv")) {
        found.push("python");
    }
    if names("package.json", "\"dotenv-expand\"") {
        found.push("dotenv-expand");
    } else if names("package.json", "\"dotenv\"") {
        found.push("dotenv");
    }
    if names("package.json", "\"@dotenvx/dotenvx\"") {
        found.push("dotenvx");
    }
    if names("Cargo.toml", "dotenvy") {
        found.push("dotenvy");
    }
    if home.join(".envrc").is_file() {
        found.push("direnv");
    }
    found
}

/// Whose order of .env files holds, by its dependencies.
pub(super) fn order(home: &Path) -> Option<&'static str> {
    let text = read(&home.join("package.json"))?;
    let package: serde_json::Value = serde_json::from_str(&text).ok()?;
    let uses = |name: &str| ["dependencies", "devDependencies"].iter().any(|table| package[table].get(name).is_some());
    if uses("next") {
        Some("nextjs")
    } else if uses("vite") {
        Some("vite")
    } else {
        None
    }
}
