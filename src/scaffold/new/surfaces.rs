//! Files that somebody or something will execute sooner or later, told by their names, and why.

use crate::plan::tree::{Content, Mode};
use crate::scaffold::render::Rendering;

/// Names, wherever they lie.
const NAMES: [(&[&str], &str); 14] = [
    (&["prodev.toml"], "recipes and hooks of prodev"),
    (&[".envrc"], "direnv runs it on entering the folder"),
    (&["Makefile", "makefile", "GNUmakefile"], "`make` runs it"),
    (&["justfile", "Justfile", ".justfile"], "`just` runs it"),
    (&["Taskfile.yml", "Taskfile.yaml", "Taskfile.dist.yml", "Taskfile.dist.yaml"], "`task` runs it"),
    (&["package.json", ".npmrc", ".pnpmfile.cjs"], "package managers run what it says"),
    (&["setup.py", "noxfile.py", "tasks.py", "conanfile.py"], "packaging tools run it"),
    (&["conftest.py", "sitecustomize.py", "manage.py"], "Python runs it with tests or commands"),
    (&["build.rs", "build.gradle", "build.gradle.kts", "gradlew", "mvnw"], "building runs it"),
    (&["lefthook.yml", "lefthook.yaml", ".pre-commit-config.yaml"], "Git hooks"),
    (&["Jenkinsfile", ".gitlab-ci.yml", "azure-pipelines.yml", ".travis.yml", "bitbucket-pipelines.yml"], "CI runs it"),
    (&["Dockerfile", "Containerfile"], "building an image runs it"),
    (&["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"], "`docker compose` runs it"),
    (&["mise.toml", ".mise.toml", "Vagrantfile", "Rakefile", "flake.nix", "shell.nix"], "a tool of that name runs it"),
];

/// Folders at the top or below, and whatever lies in them.
const FOLDERS: [(&str, &str); 11] = [
    (".github/workflows/", "CI runs it"),
    (".github/actions/", "CI runs it"),
    (".circleci/", "CI runs it"),
    (".gitea/workflows/", "CI runs it"),
    (".forgejo/workflows/", "CI runs it"),
    (".husky/", "Git hooks"),
    (".githooks/", "Git hooks"),
    (".devcontainer/", "editors run it in a container"),
    (".vscode/tasks.json", "editors run its tasks"),
    (".cargo/config", "Cargo takes runners and linkers from it"),
    (".yarn/", "package managers run it"),
];

/// Paths and a few words why, in the order of the paths.
pub(in crate::scaffold) fn surfaces(rendering: &Rendering) -> Vec<(String, &'static str)> {
    let none = Content::Link(String::new());
    let files = rendering.files.iter().map(|file| (&file.path, &file.content));
    let all = files.chain(rendering.contributions.iter().map(|it| (&it.to, &none)));
    let mut found: Vec<_> =
        all.filter_map(|(path, content)| Some((path.to_string(), why(path.as_str(), content)?))).collect();
    found.sort_unstable();
    found.dedup();
    found
}

fn why(path: &str, content: &Content) -> Option<&'static str> {
    let name = path.rsplit('/').next().unwrap_or_default();
    let by_name = NAMES.iter().find(|(names, _)| names.contains(&name)).map(|(_, why)| *why);
    let within = |folder: &str| path.starts_with(folder) || path.contains(&format!("/{folder}"));
    let by_folder = || FOLDERS.iter().find(|(folder, _)| within(folder)).map(|(_, why)| *why);
    let is_executable = matches!(content, Content::File { mode: Mode::Executable, .. });
    by_name.or_else(by_folder).or(is_executable.then_some("it is executable"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_is_told_by_its_name() {
        let plain = Content::Link(String::new());
        for path in [
            ".husky/pre-commit",
            ".vscode/tasks.json",
            ".devcontainer/devcontainer.json",
            ".cargo/config.toml",
            "sub/build.rs",
            "setup.py",
            "tests/conftest.py",
            "Taskfile.yml",
            ".circleci/config.yml",
            ".gitlab-ci.yml",
            "Justfile",
            "GNUmakefile",
            "makefile",
            "app/.github/workflows/ci.yml",
        ] {
            assert!(why(path, &plain).is_some(), "{path}");
        }
        for path in ["src/main.rs", "README.md", ".vscode/settings.json", "husky/x", "docs/build.rs.md"] {
            assert_eq!(why(path, &plain), None, "{path}");
        }
    }
}
