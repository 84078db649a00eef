//! The name of the branch that something is about: the one that is checked out or rebased, or the one that a CI says it is.

use clap_complete::CompletionCandidate;

use crate::ctx;
use crate::git::{Head, Operation, Repository};

/// Variables in which CIs name the branch that is built; that of a pull request's source comes before others.
const BRANCHES: [&str; 14] = [
    "GITHUB_HEAD_REF",
    "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME",
    "CI_COMMIT_BRANCH",
    "CHANGE_BRANCH",
    "BITBUCKET_BRANCH",
    "SYSTEM_PULLREQUEST_SOURCEBRANCH",
    "DRONE_SOURCE_BRANCH",
    "TRAVIS_PULL_REQUEST_BRANCH",
    "BUILDKITE_BRANCH",
    "CIRCLE_BRANCH",
    "GITHUB_REF",
    "BUILD_SOURCEBRANCH",
    "BRANCH_NAME",
    "GIT_BRANCH",
];

/// Variables in which CIs name the branch that a pull request goes to.
const TARGETS: [&str; 6] = [
    "GITHUB_BASE_REF",
    "CI_MERGE_REQUEST_TARGET_BRANCH_NAME",
    "CHANGE_TARGET",
    "BITBUCKET_PR_DESTINATION_BRANCH",
    "SYSTEM_PULLREQUEST_TARGETBRANCH",
    "BUILDKITE_PULL_REQUEST_BASE_BRANCH",
];

/// The branch that is worked on.
pub(super) fn current(repository: &Repository) -> anyhow::Result<Option<String>> {
    Ok(match repository.head()? {
        Head::Branch(name, _) => Some(name),
        Head::Detached(_) => match repository.operation() {
            Some(Operation::Rebase(name)) => name,
            _ => of_ci(),
        },
    })
}

/// The branch that a CI builds.
pub(super) fn of_ci() -> Option<String> {
    BRANCHES.iter().find_map(|name| branch(*name == "GIT_BRANCH", &ctx::variable(name)?))
}

/// The branch that a pull request goes to, according to the CI that builds it.
pub(super) fn target_of_ci() -> Option<String> {
    TARGETS.iter().find_map(|name| branch(false, &ctx::variable(name)?))
}

/// What a variable calls a branch; tags and pull requests have refs of other kinds.
fn branch(has_remote: bool, value: &str) -> Option<String> {
    let short = match value.strip_prefix("refs/") {
        Some(rest) => rest.strip_prefix("heads/")?,
        None => value,
    };
    // Jenkins' Git plugin writes the remote in front.
    let short = if has_remote { short.strip_prefix("origin/").unwrap_or(short) } else { short };
    // Buildkite says `false` where there is no pull request.
    (!matches!(short, "" | "false" | "HEAD")).then(|| short.to_owned())
}

/// Local branches, for the shell.
pub(super) fn complete() -> Vec<CompletionCandidate> {
    let Ok(dir) = std::path::absolute(".") else { return Vec::new() };
    let Ok(Some(repository)) = Repository::around(&dir) else { return Vec::new() };
    repository
        .branches()
        .map(|names| names.map(|(name, _)| CompletionCandidate::new(name)).collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_can_name_a_branch_or_something_else() {
        let cases = [
            (false, "feature/a", Some("feature/a")),
            (false, "refs/heads/feature/a", Some("feature/a")),
            (false, "refs/tags/v1", None),
            (false, "refs/pull/1/merge", None),
            (false, "origin/a", Some("origin/a")),
            (true, "origin/a", Some("a")),
            (false, "false", None),
        ];
        for (has_remote, value, expected) in cases {
            assert_eq!(branch(has_remote, value).as_deref(), expected, "{value}");
        }
    }
}
