//! Which `prodev.toml` is the project's: the outermost one inside the repository, and the nested ones on the way down.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// The name of every configuration file.
pub(crate) const FILE_NAME: &str = "prodev.toml";

/// The directories that can hold the project's files, as seen from `start` (absolute): itself, then those above it, up to the top of its
/// repository. Outside of a repository they end where they begin to belong to somebody else.
fn candidates(start: &Path) -> Vec<&Path> {
    if let Some(top) = start.ancestors().position(|directory| directory.join(".git").exists()) {
        return start.ancestors().take(top + 1).collect();
    }
    let owner = |directory: &Path| std::fs::metadata(directory).ok().map(|meta| meta.uid());
    let ours = owner(start);
    start.ancestors().take_while(|directory| owner(directory) == ours).collect()
}

/// The project's root file as seen from `start`, if there is one.
pub(crate) fn root(start: &Path) -> Option<PathBuf> {
    let outermost = candidates(start).into_iter().rev();
    outermost.map(|directory| directory.join(FILE_NAME)).find(|path| is_there(path))
}

/// The directory that a new root file belongs in: the top of the repository, else `start` itself.
pub(crate) fn home(start: &Path) -> &Path {
    start.ancestors().find(|directory| directory.join(".git").exists()).unwrap_or(start)
}

/// The nested files on the way from `root` (a directory) down to `start`, outermost first, each with its namespace.
pub(crate) fn nested(root: &Path, start: &Path) -> Vec<(String, PathBuf)> {
    let Ok(way) = start.strip_prefix(root) else { return Vec::new() };
    let mut directory = root.to_owned();
    let mut namespace: Vec<String> = Vec::new();
    let mut found = Vec::new();
    for component in way.components() {
        directory.push(component);
        namespace.push(component.as_os_str().to_string_lossy().into_owned());
        let path = directory.join(FILE_NAME);
        if is_there(&path) {
            found.push((namespace.join("::"), path));
        }
    }
    found
}

/// Whether there is something by this name. A symlink that leads nowhere is: it is told, not passed over.
pub(super) fn is_there(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

/// `path` as somebody in `dir` would name it; both are absolute.
pub(crate) fn shown(path: &Path, dir: &Path) -> String {
    for (climbs, ancestor) in dir.ancestors().enumerate() {
        // Beyond this the absolute path reads better, and at the root of the file system it always does.
        if climbs > 4 || ancestor.parent().is_none() {
            break;
        }
        if let Ok(rest) = path.strip_prefix(ancestor) {
            return format!("{}{}", "../".repeat(climbs), rest.display());
        }
    }
    path.display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_read_as_seen_from_the_directory() {
        let cases = [
            ("/a/b/prodev.toml", "/a/b", "prodev.toml"),
            ("/a/b/c/prodev.toml", "/a/b", "c/prodev.toml"),
            ("/a/prodev.toml", "/a/b/c", "../../prodev.toml"),
            ("/x/prodev.toml", "/a/b/c", "/x/prodev.toml"),
        ];
        for (path, dir, expected) in cases {
            assert_eq!(shown(Path::new(path), Path::new(dir)), expected);
        }
    }
}
