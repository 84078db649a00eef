//! What files hold, where Git keeps it: the paths it tracks, what is staged, what commits added.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use git2::{Delta, Diff, DiffOptions, Oid, Patch, RepositoryOpenFlags, Sort};

use crate::error::fail;

/// A repository whose contents are read.
pub(crate) struct Contents {
    repository: git2::Repository,
    top: PathBuf,
}

/// Lines that follow each other in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece {
    /// From the top of the working tree.
    pub(crate) path: String,
    /// The number of its first line, from 1.
    pub(crate) line: usize,
    pub(crate) bytes: Vec<u8>,
    /// Which commit added it.
    pub(crate) commit: Option<String>,
}

/// Which commits are looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Commits {
    /// What `to` comes from, without what `from` comes from.
    Range { from: Option<String>, to: String },
    /// Whatever a ref comes from.
    All,
}

impl Contents {
    /// The repository that `dir` is in; `None` where there is none, or one without files.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub(crate) fn open(dir: &Path) -> anyhow::Result<Option<Self>> {
        // In a hook, Git's variables say which index is about to be committed.
        let opened = git2::Repository::open_ext(dir, RepositoryOpenFlags::FROM_ENV, std::iter::empty::<&OsStr>());
        match opened {
            Err(error) if error.code() == git2::ErrorCode::NotFound => Ok(None),
            Err(error) => Err(said(&error)).context("could not read the repository"),
            Ok(repository) => {
                let top = repository.workdir().map(Path::to_owned);
                Ok(top.map(|top| Self { repository, top: top.canonicalize().unwrap_or(top) }))
            }
        }
    }

    /// The top of the working tree.
    pub(crate) fn top(&self) -> &Path {
        &self.top
    }

    /// The files that Git has, from the top of the working tree; no links, no repositories within.
    ///
    /// # Errors
    /// Where the index cannot be read.
    pub(crate) fn tracked(&self) -> anyhow::Result<Vec<String>> {
        let index = self.repository.index().map_err(|error| said(&error)).context("could not read the index")?;
        let is_file = |entry: &git2::IndexEntry| entry.mode & 0o170_000 == 0o100_000;
        let files = index.iter().filter(is_file).map(|entry| String::from_utf8_lossy(&entry.path).into_owned());
        let mut files: Vec<String> = files.collect();
        files.dedup();
        Ok(files)
    }

    /// What the next commit would add, each file as a whole.
    ///
    /// # Errors
    /// Where the index or the last commit cannot be read.
    pub(crate) fn staged(&self) -> anyhow::Result<Vec<Piece>> {
        let staged = || -> Result<Vec<Piece>, git2::Error> {
            let head = self.repository.head().ok().map(|head| head.peel_to_tree()).transpose()?;
            let index = self.repository.index()?;
            let diff = self.repository.diff_tree_to_index(head.as_ref(), Some(&index), Some(&mut options()))?;
            self.new_files(&diff, None)
        };
        staged().map_err(|error| said(&error)).context("could not read what is staged")
    }

    /// Hands on what commits added, newest commits first, some pieces at a time.
    ///
    /// # Errors
    /// Where a name is no commit, or an object cannot be read.
    pub(crate) fn added(&self, commits: &Commits, mut each: impl FnMut(Vec<Piece>)) -> anyhow::Result<()> {
        let walk = self.walk(commits)?;
        for id in walk {
            let pieces =
                self.added_by(id).map_err(|error| said(&error)).with_context(|| format!("could not read `{id}`"))?;
            each(pieces);
        }
        Ok(())
    }

    fn walk(&self, commits: &Commits) -> anyhow::Result<Vec<Oid>> {
        let find = |name: &str| -> anyhow::Result<Oid> {
            let object = self.repository.revparse_single(name).and_then(|object| object.peel_to_commit());
            let object = object.map_err(|error| {
                fail(format!("`{name}` is no commit here"))
                    .cause(said(&error).to_string())
                    .hint("look for it with `git log --all --oneline`")
            })?;
            Ok(object.id())
        };
        let mut walk = self.repository.revwalk().map_err(|error| said(&error))?;
        let _ = walk.set_sorting(Sort::TOPOLOGICAL | Sort::TIME);
        let pushed = match commits {
            // A repository without commits has no refs, either.
            Commits::All => walk
                .push_glob("*")
                .and_then(|()| if self.repository.head().is_ok() { walk.push_head() } else { Ok(()) }),
            Commits::Range { from, to } => {
                let hidden = from.as_deref().map(find).transpose()?;
                walk.push(find(to)?).and_then(|()| hidden.map_or(Ok(()), |from| walk.hide(from)))
            }
        };
        pushed.and_then(|()| walk.collect()).map_err(|error| said(&error)).context("could not read the history")
    }

    /// What a commit has that none of its parents had.
    fn added_by(&self, id: Oid) -> Result<Vec<Piece>, git2::Error> {
        let commit = self.repository.find_commit(id)?;
        let tree = commit.tree()?;
        let parents = commit.parents().map(|parent| parent.tree()).collect::<Result<Vec<_>, _>>()?;
        let diff = self.repository.diff_tree_to_tree(parents.first(), Some(&tree), Some(&mut options()))?;
        let id = Some(id.to_string());
        if parents.len() < 2 {
            return self.new_lines(&diff, id.as_deref());
        }
        // A merge takes most from one side or the other; what it adds itself is in neither.
        let mut pieces = self.new_files(&diff, id.as_deref())?;
        pieces.retain(|piece| {
            let is_theirs = |parent: &git2::Tree| {
                let there = parent.get_path(Path::new(&piece.path)).map(|entry| entry.id());
                let here = tree.get_path(Path::new(&piece.path)).map(|entry| entry.id());
                matches!((there, here), (Ok(there), Ok(here)) if there == here)
            };
            !parents[1..].iter().any(is_theirs)
        });
        Ok(pieces)
    }

    /// The new side of every file of `diff`.
    fn new_files(&self, diff: &Diff, commit: Option<&str>) -> Result<Vec<Piece>, git2::Error> {
        let mut pieces = Vec::new();
        for delta in diff.deltas().filter(|delta| is_text(delta)) {
            let blob = self.repository.find_blob(delta.new_file().id())?;
            pieces.push(Piece {
                path: path(&delta),
                line: 1,
                bytes: blob.content().to_vec(),
                commit: commit.map(str::to_owned),
            });
        }
        Ok(pieces)
    }

    /// The lines that are only on the new side of `diff`, those that follow each other together.
    fn new_lines(&self, diff: &Diff, commit: Option<&str>) -> Result<Vec<Piece>, git2::Error> {
        let mut pieces: Vec<Piece> = Vec::new();
        for (index, delta) in diff.deltas().enumerate().filter(|(_, delta)| is_text(delta)) {
            let commit = commit.map(str::to_owned);
            if delta.status() == Delta::Added {
                let bytes = self.repository.find_blob(delta.new_file().id())?.content().to_vec();
                pieces.push(Piece { path: path(&delta), line: 1, bytes, commit });
                continue;
            }
            // Nothing comes of files that libgit2 takes for binary.
            let Some(patch) = Patch::from_diff(diff, index)? else { continue };
            for hunk in 0..patch.num_hunks() {
                let mut piece = Piece { path: path(&delta), line: 0, bytes: Vec::new(), commit: commit.clone() };
                for line in 0..patch.num_lines_in_hunk(hunk)? {
                    let line = patch.line_in_hunk(hunk, line)?;
                    if line.origin() == '+' {
                        if piece.bytes.is_empty() {
                            piece.line = line.new_lineno().and_then(|line| usize::try_from(line).ok()).unwrap_or(1);
                        }
                        piece.bytes.extend(line.content());
                    }
                }
                if !piece.bytes.is_empty() {
                    pieces.push(piece);
                }
            }
        }
        Ok(pieces)
    }
}

fn options() -> DiffOptions {
    let mut options = DiffOptions::new();
    options.context_lines(0).interhunk_lines(0).ignore_submodules(true);
    options
}

fn is_text(delta: &git2::DiffDelta) -> bool {
    let is_file = matches!(delta.new_file().mode(), git2::FileMode::Blob | git2::FileMode::BlobExecutable);
    is_file
        && matches!(delta.status(), Delta::Added | Delta::Modified | Delta::Typechange | Delta::Renamed | Delta::Copied)
}

fn path(delta: &git2::DiffDelta) -> String {
    delta.new_file().path_bytes().map(|path| String::from_utf8_lossy(path).into_owned()).unwrap_or_default()
}

/// What libgit2 says, without its class and code.
fn said(error: &git2::Error) -> anyhow::Error {
    anyhow::anyhow!("{}", error.message().split(';').next().unwrap_or_default().trim().to_owned())
}
