//! What a repository tells of how it is used: branches, tags, the shape of messages, configured hooks. Read only.

use std::path::Path;

use anyhow::Context as _;
use git2::{BranchType, Repository};

/// How a repository is used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Survey {
    /// The branch that is checked out, also where it has no commit yet.
    pub(crate) head: Option<String>,
    /// The branch that the remote calls its default.
    pub(crate) remote_default: Option<String>,
    /// The remote: `origin` where there is one of that name.
    pub(crate) remote: Option<String>,
    /// Local branches and those of the remote, each once, without the remote's name.
    pub(crate) branches: Vec<String>,
    pub(crate) tags: Vec<String>,
    /// First lines of the newest commits on this branch that are no merges.
    pub(crate) subjects: Vec<String>,
    /// `core.hooksPath`, where it is set.
    pub(crate) hooks_path: Option<String>,
    /// Scripts in `.git/hooks` that Git would run.
    pub(crate) hooks: Vec<String>,
    /// `gitflow.*`: keys and values.
    pub(crate) git_flow: Vec<(String, String)>,
}

/// How many commits say what messages look like.
const SAMPLE: usize = 100;

/// Surveys the repository whose working tree `top` is; `None` where it is none.
///
/// # Errors
/// Where there is a repository that cannot be read.
pub(crate) fn survey(top: &Path) -> anyhow::Result<Option<Survey>> {
    if !top.join(".git").exists() {
        return Ok(None);
    }
    let repository = Repository::open(top).map_err(|error| short(&error)).context("could not read the repository")?;
    let remote = remote(&repository);
    let config = repository.config().and_then(|mut config| config.snapshot());
    let seen = Survey {
        head: head(&repository),
        remote_default: remote.as_deref().and_then(|remote| remote_default(&repository, remote)),
        branches: branches(&repository, remote.as_deref()),
        tags: tags(&repository),
        subjects: subjects(&repository),
        hooks_path: config.as_ref().ok().and_then(|config| config.get_string("core.hooksPath").ok()),
        hooks: hooks(&repository.commondir().join("hooks")),
        git_flow: config.as_ref().map(git_flow).unwrap_or_default(),
        remote,
    };
    Ok(Some(seen))
}

/// What libgit2 says, without its class and code.
fn short(error: &git2::Error) -> anyhow::Error {
    anyhow::anyhow!("{}", error.message().split(';').next().unwrap_or_default().trim().to_owned())
}

fn head(repository: &Repository) -> Option<String> {
    // `head` fails on a branch without a commit; the symbolic reference is there all the same.
    let head = repository.find_reference("HEAD").ok()?;
    let target = head.symbolic_target().ok().flatten()?;
    target.strip_prefix("refs/heads/").map(str::to_owned)
}

fn remote(repository: &Repository) -> Option<String> {
    let remotes = repository.remotes().ok()?;
    let names: Vec<&str> = remotes.iter().filter_map(|name| name.ok().flatten()).collect();
    names.iter().find(|name| **name == "origin").or_else(|| names.first()).map(|name| (*name).to_owned())
}

fn remote_default(repository: &Repository, remote: &str) -> Option<String> {
    let head = repository.find_reference(&format!("refs/remotes/{remote}/HEAD")).ok()?;
    let target = head.symbolic_target().ok().flatten()?;
    target.strip_prefix(&format!("refs/remotes/{remote}/")).map(str::to_owned)
}

fn branches(repository: &Repository, remote: Option<&str>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (branch, kind) in repository.branches(None).into_iter().flatten().flatten() {
        let Ok(Some(name)) = branch.name().map(|name| name.map(str::to_owned)) else { continue };
        let name = match (kind, remote) {
            (BranchType::Local, _) => Some(name.as_str()),
            (BranchType::Remote, Some(remote)) => name.strip_prefix(remote).and_then(|name| name.strip_prefix('/')),
            (BranchType::Remote, None) => None,
        };
        names.extend(name.filter(|name| *name != "HEAD").map(str::to_owned));
    }
    names.sort_unstable();
    names.dedup();
    names
}

fn tags(repository: &Repository) -> Vec<String> {
    let names = repository.tag_names(None);
    names.iter().flat_map(|names| names.iter()).filter_map(|name| name.ok().flatten()).map(str::to_owned).collect()
}

fn subjects(repository: &Repository) -> Vec<String> {
    let Ok(mut walk) = repository.revwalk() else { return Vec::new() };
    if walk.push_head().is_err() {
        return Vec::new();
    }
    let commits =
        walk.filter_map(|id| repository.find_commit(id.ok()?).ok()).filter(|commit| commit.parent_count() < 2);
    commits.take(SAMPLE).filter_map(|commit| commit.summary().ok().flatten().map(str::to_owned)).collect()
}

fn hooks(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .filter(|entry| entry.path().is_file())
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| !name.contains('.'))
        .collect();
    names.sort_unstable();
    names
}

fn git_flow(config: &git2::Config) -> Vec<(String, String)> {
    let mut found = Vec::new();
    if let Ok(entries) = config.entries(Some("^gitflow\\.")) {
        // The only error is that of an entry without a value, which says nothing.
        let _ = entries.for_each(|entry| {
            if let (Ok(name), Ok(value)) = (entry.name(), entry.value()) {
                found.push((name.to_owned(), value.to_owned()));
            }
        });
    }
    found
}
