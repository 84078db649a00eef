//! Files as they are in a commit, read out of the object store: no checkout, so no filter, no attribute and no submodule has a say.

use anyhow::Context as _;
use git2::{ObjectType, Repository, Tree};

use crate::error::{Failure, fail};

/// One file or link of a commit.
#[derive(Debug)]
pub(crate) struct Blob {
    /// From the folder that was read, with `/`.
    pub(crate) path: String,
    pub(crate) what: What,
}

/// What a path of a commit is.
#[derive(Debug)]
pub(crate) enum What {
    File {
        bytes: Vec<u8>,
        executable: bool,
    },
    /// A symbolic link, with its target.
    Link(String),
}

/// How much is read before it is too much.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits<'a> {
    /// Files at the top that are read, and folders that are read with all that is in them; everything else is passed over.
    pub(crate) wanted: &'a [&'a str],
    /// Names that are passed over wherever they are.
    pub(crate) is_litter: fn(&str) -> bool,
    pub(crate) files: usize,
    pub(crate) bytes: u64,
}

/// No path of a checkout is deeper.
const DEEPEST: usize = 256;

/// What stands in place of a file that Git LFS keeps elsewhere (<https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md>).
const LFS_POINTER: &[u8] = b"version https://git-lfs.github.com/spec/v1\n";

/// Reads `folder` of `commit`; `None` where the commit has no such folder.
///
/// # Errors
/// Submodules and files that are kept elsewhere, names that are no text, more than `limits` allow, objects that are not there.
pub(super) fn read(
    repository: &Repository,
    commit: git2::Oid,
    folder: &str,
    limits: Limits,
) -> anyhow::Result<Option<Vec<Blob>>> {
    let tree = repository.find_commit(commit).and_then(|commit| commit.tree()).context("the commit cannot be read")?;
    let top = if folder.is_empty() {
        tree
    } else {
        let Ok(entry) = tree.get_path(std::path::Path::new(folder)) else { return Ok(None) };
        let Ok(top) = repository.find_tree(entry.id()) else { return Ok(None) };
        top
    };
    let mut walk = Walk { repository, limits, seen: 0, bytes: 0, blobs: Vec::new() };
    walk.tree(&top, "", 0)?;
    Ok(Some(walk.blobs))
}

/// Folders in which there is a file of this name, some levels deep.
pub(super) fn folders_with(repository: &Repository, commit: git2::Oid, file: &str) -> Vec<String> {
    const LEVELS: usize = 3;
    const MOST: usize = 1000;
    let mut found = Vec::new();
    let Ok(top) = repository.find_commit(commit).and_then(|commit| commit.tree()) else { return found };
    let mut open = vec![(String::new(), top, 0)];
    let mut seen = 0;
    while let Some((path, tree, level)) = open.pop() {
        for entry in &tree {
            seen += 1;
            let Ok(name) = std::str::from_utf8(entry.name_bytes()) else { continue };
            match entry.kind() {
                Some(ObjectType::Blob) if name == file => found.push(path.trim_end_matches('/').to_owned()),
                Some(ObjectType::Tree) if level < LEVELS && seen < MOST => {
                    if let Ok(tree) = repository.find_tree(entry.id()) {
                        open.push((format!("{path}{name}/"), tree, level + 1));
                    }
                }
                _ => {}
            }
        }
    }
    found.sort_unstable();
    found
}

struct Walk<'a> {
    repository: &'a Repository,
    limits: Limits<'a>,
    /// Entries so far, folders too: few objects can make a tree without end.
    seen: usize,
    bytes: u64,
    blobs: Vec<Blob>,
}

impl Walk<'_> {
    fn tree(&mut self, tree: &Tree, prefix: &str, depth: usize) -> anyhow::Result<()> {
        for entry in tree {
            let name = std::str::from_utf8(entry.name_bytes());
            if depth == 0 && !name.is_ok_and(|name| self.limits.wanted.contains(&name)) {
                continue;
            }
            let Ok(name) = name else {
                let name = String::from_utf8_lossy(entry.name_bytes());
                return Err(fail(format!("the name of `{prefix}{name}` is not UTF-8")).hint("rename it").into());
            };
            if (self.limits.is_litter)(name) {
                continue;
            }
            let path = format!("{prefix}{name}");
            self.seen += 1;
            if self.seen > self.limits.files || depth > DEEPEST {
                return Err(self.too_large().into());
            }
            // https://git-scm.com/docs/gitdatamodel: these are all the modes there are.
            match entry.filemode() {
                0o040_000 => {
                    let inner = self.repository.find_tree(entry.id()).with_context(|| unreadable(&path))?;
                    self.tree(&inner, &format!("{path}/"), depth + 1)?;
                }
                0o120_000 => {
                    let target = String::from_utf8(self.blob(&path, entry.id())?);
                    let target = target
                        .map_err(|_| fail(format!("the target of the link `{path}` is not UTF-8")).hint("rename it"))?;
                    self.blobs.push(Blob { path, what: What::Link(target) });
                }
                0o160_000 => {
                    return Err(fail(format!("`{path}` is a submodule, and those are not fetched"))
                        .hint("put the files themselves into the template")
                        .into());
                }
                mode => {
                    let bytes = self.blob(&path, entry.id())?;
                    if bytes.starts_with(LFS_POINTER) {
                        return Err(fail(format!("`{path}` is kept in Git LFS, from which nothing is fetched"))
                            .hint("put the file itself into the template")
                            .into());
                    }
                    self.blobs.push(Blob { path, what: What::File { bytes, executable: mode & 0o111 != 0 } });
                }
            }
        }
        Ok(())
    }

    /// The content of a blob, whose size is looked at first.
    fn blob(&mut self, path: &str, id: git2::Oid) -> anyhow::Result<Vec<u8>> {
        let store = self.repository.odb().with_context(|| unreadable(path))?;
        let (size, kind) = store.read_header(id).with_context(|| unreadable(path))?;
        self.bytes = self.bytes.saturating_add(size as u64);
        if self.bytes > self.limits.bytes {
            return Err(self.too_large().into());
        }
        anyhow::ensure!(kind == ObjectType::Blob, unreadable(path));
        Ok(store.read(id).with_context(|| unreadable(path))?.data().to_vec())
    }

    fn too_large(&self) -> Failure {
        let Limits { files, bytes, .. } = self.limits;
        fail(format!("this is too large for a template: over {files} files or {} GiB", bytes >> 30))
            .hint("is this the repository that you meant?")
    }
}

fn unreadable(path: &str) -> String {
    format!("`{path}` cannot be read from the repository")
}
