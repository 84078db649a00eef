//! Conflicts as Git's index tells them, so that `git status`, `git mergetool` and editors know of them.

use std::fs;
use std::path::Path;

use anyhow::Context as _;

use super::Content;
use super::journal::{Deed, Journal};
use crate::git::{is_inside, shell};
use crate::plan::fault;
use crate::plan::path::TreePath;

/// One file on which two sides do not agree.
#[derive(Debug, Clone)]
pub(crate) struct Unmerged {
    /// A path that Git has; others are none of the index's.
    pub(crate) path: TreePath,
    pub(crate) stages: Vec<(Stage, Content)>,
}

/// Whose content it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    Base,
    Ours,
    Theirs,
}

impl Stage {
    fn number(self) -> u8 {
        match self {
            Self::Base => 1,
            Self::Ours => 2,
            Self::Theirs => 3,
        }
    }
}

/// Writes down how the index is now.
pub(super) fn prepare(root: &Path, unmerged: &[Unmerged], journal: &mut Journal) -> anyhow::Result<()> {
    if unmerged.is_empty() || !is_inside(root) {
        return Ok(());
    }
    let paths: Vec<&str> = unmerged.iter().map(|unmerged| unmerged.path.as_str()).collect();
    journal.add(Deed::Index { before: shell::index_entries(root, &paths)? });
    Ok(())
}

/// Tells the index.
pub(super) fn put(root: &Path, unmerged: &[Unmerged], workshop: &Path) -> anyhow::Result<()> {
    if unmerged.is_empty() || !is_inside(root) {
        return Ok(());
    }
    fault::point()?;
    let stages: Vec<(&Unmerged, Stage, &Content)> = unmerged
        .iter()
        .flat_map(|unmerged| unmerged.stages.iter().map(move |(stage, content)| (unmerged, *stage, content)))
        .collect();
    let mut files = Vec::new();
    for (number, (_, _, content)) in stages.iter().enumerate() {
        let path = workshop.join(number.to_string());
        let bytes = match content {
            Content::File { bytes, .. } => bytes.as_slice(),
            Content::Link(target) => target.as_bytes(),
        };
        fs::File::create_new(&path)
            .and_then(|mut file| std::io::Write::write_all(&mut file, bytes))
            .with_context(|| format!("could not write `{}`", path.display()))?;
        files.push(path);
    }
    let blobs = shell::store_blobs(root, &files)?;
    let entries: Vec<shell::IndexEntry> = stages
        .iter()
        .zip(blobs)
        .map(|((unmerged, stage, content), blob)| shell::IndexEntry {
            path: unmerged.path.as_str(),
            mode: content.git_mode(),
            blob,
            stage: stage.number(),
        })
        .collect();
    fault::point()?;
    shell::put_unmerged(root, &entries)
}
