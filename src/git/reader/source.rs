//! Which backend answers, and what Git's own variables say about where a repository is and how it is configured.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::git::id::Id;

/// Who shall answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Choice {
    /// libgit2 where it can, `git` elsewhere.
    Either,
    Libgit,
    Plumbing,
}

/// libgit2 unless it cannot. In debug builds tests can choose, so that both go through every scenario.
pub(super) fn choice() -> Choice {
    if !cfg!(debug_assertions) {
        return Choice::Either;
    }
    match variable("PRODEV_TEST_GIT").as_deref().and_then(std::ffi::OsStr::to_str) {
        Some("libgit2") => Choice::Libgit,
        Some("plumbing") => Choice::Plumbing,
        _ => Choice::Either,
    }
}

/// A variable of Git's.
#[allow(clippy::disallowed_methods, reason = "what Git tells its hooks by variables is this file's business")]
pub(super) fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// `GIT_DIR` and its kin, as seen from `dir`.
pub(super) fn path(name: &str, dir: &Path) -> Option<PathBuf> {
    variable(name).map(|value| dir.join(value))
}

/// Whether variables say where the repository is.
pub(super) fn is_named() -> bool {
    variable("GIT_DIR").is_some()
}

/// Where objects are beside the repository's own store: what a push brings lies in quarantine until it is accepted.
pub(super) fn object_dirs(dir: &Path) -> Vec<PathBuf> {
    let own = path("GIT_OBJECT_DIRECTORY", dir);
    let others = variable("GIT_ALTERNATE_OBJECT_DIRECTORIES").unwrap_or_default();
    let others: Vec<PathBuf> =
        std::env::split_paths(&others).filter(|path| !path.as_os_str().is_empty()).map(|path| dir.join(path)).collect();
    own.into_iter().chain(others).collect()
}

/// What `git merge` is bringing in, as it tells its hooks: `GITHEAD_ID=NAME`.
pub(super) fn merged_heads() -> Vec<Id> {
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    names.filter_map(|name| Id::parse(name.strip_prefix("GITHEAD_")?.as_bytes())).collect()
}

/// Whether configuration comes from where libgit2 does not look.
pub(super) fn is_configured_by_variables() -> bool {
    let set = |name: &str| variable(name).is_some();
    ["GIT_CONFIG_PARAMETERS", "GIT_CONFIG_COUNT", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"].into_iter().any(set)
        || (set("GIT_CONFIG_NOSYSTEM") && Path::new("/etc/gitconfig").exists())
}
