//! Commands that a project already has: scripts, targets, and what its tools are usually called with.

use std::path::Path;

use super::{Found, read};
use crate::config::check::refuse_recipe;

/// A recipe to write down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Suggestion {
    pub(super) name: String,
    pub(super) doc: String,
    pub(super) run: String,
    /// The file that it comes from.
    pub(super) source: &'static str,
}

/// The most recipes taken over; who has more scripts than this wants to choose.
const MOST: usize = 30;

/// What the project says itself comes before what is usual for its language.
pub(super) fn look(home: &Path, found: &mut Found) {
    let package = read(&home.join("package.json"));
    if let Some(text) = &package {
        take(found, "package.json", scripts(text, package_manager(home)));
    }
    for name in ["GNUmakefile", "makefile", "Makefile"] {
        if let Some(text) = read(&home.join(name)) {
            take(found, name, targets(&text));
            break;
        }
    }
    if home.join("manage.py").is_file() {
        take(found, "manage.py", django(&python_runner(home)));
    }
    let python = python_tools(home);
    if let Some(source) = python.source {
        take(found, source, python_recipes(&python, &python_runner(home)));
    }
    if let Some(text) = read(&home.join("Cargo.toml")) {
        let workspace = if text.lines().any(|line| line.trim() == "[workspace]") { " --workspace" } else { "" };
        let commands = [
            ("build", "Build it", format!("cargo build{workspace}")),
            ("test", "Run the tests", format!("cargo test{workspace}")),
            ("lint", "Look for mistakes", format!("cargo clippy{workspace} --all-targets")),
            ("format", "Format the code", "cargo fmt --all".to_owned()),
        ];
        take(found, "Cargo.toml", commands.map(plain));
    }
    if home.join("go.mod").is_file() {
        let commands = [
            ("build", "Build it", "go build ./...".to_owned()),
            ("test", "Run the tests", "go test ./...".to_owned()),
            ("lint", "Look for mistakes", "go vet ./...".to_owned()),
        ];
        take(found, "go.mod", commands.map(plain));
    }
    found.recipes.truncate(MOST);
}

type Command = (String, String, String);

fn plain((name, doc, run): (&str, &str, String)) -> Command {
    (name.to_owned(), doc.to_owned(), run)
}

/// Takes over what has no name that is taken.
fn take(found: &mut Found, source: &'static str, commands: impl IntoIterator<Item = Command>) {
    found.sources.push(source.to_owned());
    for (name, doc, run) in commands {
        if refuse_recipe(&name).is_none() && !found.recipes.iter().any(|known| known.name == name) {
            found.recipes.push(Suggestion { name, doc, run, source });
        }
    }
}

fn package_manager(home: &Path) -> &'static str {
    let managers = [("pnpm-lock.yaml", "pnpm"), ("yarn.lock", "yarn"), ("bun.lock", "bun"), ("bun.lockb", "bun")];
    managers.into_iter().find(|(lock, _)| home.join(lock).is_file()).map_or("npm", |(_, manager)| manager)
}

fn scripts(text: &str, manager: &str) -> Vec<Command> {
    let Ok(package) = serde_json::from_str::<serde_json::Value>(text) else { return Vec::new() };
    let Some(scripts) = package.get("scripts").and_then(serde_json::Value::as_object) else { return Vec::new() };
    // What the package manager calls by itself is no command of its own.
    let is_lifecycle = |name: &str| {
        matches!(name, "prepare" | "prepublish" | "prepublishOnly" | "install" | "preinstall" | "postinstall")
            || ["pre", "post"].iter().any(|word| name.strip_prefix(word).is_some_and(|rest| scripts.contains_key(rest)))
    };
    scripts
        .iter()
        .filter(|(name, _)| !is_lifecycle(name))
        .filter_map(|(name, script)| {
            let run = format!("{manager} run {name}");
            Some((name.clone(), shorten(script.as_str()?), run))
        })
        .collect()
}

/// A command as a line of documentation.
fn shorten(command: &str) -> String {
    let line = command.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= 60 { line } else { format!("{}…", line.chars().take(59).collect::<String>()) }
}

/// The targets of a Makefile that are commands: those it calls phony, or else all with a plain name.
fn targets(text: &str) -> Vec<Command> {
    let phony: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix(".PHONY")?.trim_start().strip_prefix(':'))
        .flat_map(str::split_whitespace)
        .collect();
    let mut found: Vec<Command> = Vec::new();
    let mut comment = None;
    for line in text.lines() {
        if let Some(text) = line.strip_prefix('#') {
            comment = Some(text.trim_start_matches('#').trim()).filter(|text| !text.is_empty());
            continue;
        }
        if let Some((name, rest)) = line.split_once(':').filter(|_| !line.starts_with(char::is_whitespace)) {
            let name = name.trim();
            let is_rule =
                !rest.starts_with(['=', ':']) && !name.is_empty() && !name.contains(['%', '$', '.', '/', ' ', '=']);
            let is_command = is_rule && (phony.is_empty() || phony.contains(&name));
            if is_command && !found.iter().any(|(known, _, _)| known == name) {
                let doc = rest.split_once("## ").map(|(_, doc)| doc.trim()).or(comment).unwrap_or_default();
                found.push((name.to_owned(), shorten(doc), format!("make {name}")));
            }
        }
        comment = None;
    }
    found
}

/// What stands before a Python command so that it runs in the project's environment.
fn python_runner(home: &Path) -> String {
    let runners = [
        ("uv.lock", "uv run "),
        ("poetry.lock", "poetry run "),
        ("pdm.lock", "pdm run "),
        ("Pipfile.lock", "pipenv run "),
    ];
    let runner = runners.into_iter().find(|(lock, _)| home.join(lock).is_file());
    runner.map(|(_, runner)| runner.to_owned()).unwrap_or_default()
}

fn django(runner: &str) -> [Command; 3] {
    [
        ("dev", "Serve on http://localhost:8000 and reload on changes", format!("{runner}python manage.py runserver")),
        ("migrate", "Bring the database up to date", format!("{runner}python manage.py migrate")),
        ("test", "Run the tests", format!("{runner}python manage.py test")),
    ]
    .map(plain)
}

/// Which tools a Python project names, and the file that did so first.
#[derive(Debug, Default)]
struct PythonTools {
    source: Option<&'static str>,
    names: Vec<&'static str>,
}

fn python_tools(home: &Path) -> PythonTools {
    let mut tools = PythonTools::default();
    let files = [
        "pyproject.toml",
        "setup.cfg",
        "tox.ini",
        "requirements-dev.txt",
        "requirements/dev.txt",
        "requirements.txt",
        "Pipfile",
    ];
    for file in files {
        let Some(text) = read(&home.join(file)) else { continue };
        tools.source = tools.source.or(Some(file));
        tools.names.extend(["pytest", "ruff", "black", "flake8", "mypy"].iter().filter(|tool| mentions(&text, tool)));
    }
    let own = [("pytest.ini", "pytest"), ("ruff.toml", "ruff"), (".ruff.toml", "ruff"), ("mypy.ini", "mypy")];
    tools.names.extend(own.iter().filter(|(file, _)| home.join(file).is_file()).map(|(_, tool)| tool));
    tools
}

/// Whether a file names a tool as a requirement (`ruff>=0.4`, `"ruff"`, `ruff = …`) or configures it (`[tool.ruff]`).
fn mentions(text: &str, tool: &str) -> bool {
    text.lines().map(str::trim).filter(|line| !line.starts_with('#')).any(|line| {
        line.match_indices(tool).any(|(at, _)| {
            let before = line[..at].chars().next_back();
            let after = line[at + tool.len()..].chars().next();
            let is_start = before.is_none_or(|c| matches!(c, '"' | '\'' | '[' | '.' | ':' | ' '));
            let is_end = after.is_none_or(|c| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_')));
            is_start && is_end
        })
    })
}

fn python_recipes(tools: &PythonTools, runner: &str) -> Vec<Command> {
    // Of two that do the same the first is taken.
    let commands = [
        ("pytest", "test", "Run the tests", "pytest"),
        ("ruff", "lint", "Look for mistakes", "ruff check ."),
        ("flake8", "lint", "Look for mistakes", "flake8"),
        ("black", "format", "Format the code", "black ."),
        ("ruff", "format", "Format the code", "ruff format ."),
        ("mypy", "typecheck", "Check the types", "mypy ."),
    ];
    let used = commands.into_iter().filter(|(tool, ..)| tools.names.contains(tool));
    used.map(|(_, name, doc, run)| plain((name, doc, format!("{runner}{run}")))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_of_a_package_become_recipes() {
        let text = r#"{"scripts": {"test": "jest  --ci", "pretest": "x", "prepare": "husky", "build:all": "tsc"}}"#;
        let expected = [("test", "jest --ci", "pnpm run test"), ("build:all", "tsc", "pnpm run build:all")];
        assert_eq!(scripts(text, "pnpm"), expected.map(|(name, doc, run)| plain((name, doc, run.to_owned()))));
        assert_eq!(scripts("no json", "npm"), []);
    }

    #[test]
    fn phony_targets_become_recipes() {
        let text = ".PHONY: test lint\nCC = gcc\nA := b\n# Run the tests\ntest: build\n\tx\nlint: ## Look for mistakes\n\ty\nbuild:\n\tz\n%.o: %.c\n";
        let expected = [("test", "Run the tests", "make test"), ("lint", "Look for mistakes", "make lint")];
        assert_eq!(targets(text), expected.map(|(name, doc, run)| plain((name, doc, run.to_owned()))));
        assert_eq!(targets("all: x\n\ty\nout/x: y\n\tz\nA:=b\n").len(), 1);
    }

    #[test]
    fn a_tool_is_a_word_of_its_own() {
        let cases = [
            ("ruff>=0.4", true),
            ("  \"ruff\",", true),
            ("[tool.ruff.lint]", true),
            ("ruff-lsp", false),
            ("scruff", false),
            ("# ruff", false),
        ];
        for (line, expected) in cases {
            assert_eq!(mentions(line, "ruff"), expected, "{line}");
        }
    }
}
