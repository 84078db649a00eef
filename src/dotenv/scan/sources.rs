//! Where the texts come from: the working tree, the index, the history.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::judge::{Judge, Text};
use crate::config::discover;
use crate::ctx::Ctx;
use crate::error::fail;
use crate::findings::Findings;
use crate::git::{Commits, Contents, Piece};

/// Larger files are no texts that people write.
const LARGEST: u64 = 32 * 1024 * 1024;

/// So many bytes of history are collected before they are judged together.
const BATCH: usize = 8 * 1024 * 1024;

/// What came of it.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) findings: Findings,
    pub(super) looked_at: usize,
    /// What was counted: one, several.
    pub(super) unit: (&'static str, &'static str),
}

/// Files that Git has or would take: in the whole working tree, or in these paths.
pub(super) fn files(contents: Option<&Contents>, paths: &[PathBuf], judge: &Judge, ctx: &Ctx) -> anyhow::Result<Seen> {
    let top = contents.map_or(ctx.dir.as_path(), Contents::top);
    let mut roots = Vec::new();
    for path in paths {
        let full = ctx.resolve(path).canonicalize().map_err(|error| {
            fail(format!("there is no file or folder `{}`", path.display()))
                .cause(error.to_string())
                .hint("leave it out")
        })?;
        roots.push(full);
    }
    if roots.is_empty() {
        roots.push(top.to_owned());
    }
    let tracked: HashSet<PathBuf> = contents
        .map(Contents::tracked)
        .transpose()?
        .unwrap_or_default()
        .into_iter()
        .map(|path| top.join(path))
        .collect();
    let mut found = walk(&roots);
    // What Git has although it is told to ignore it.
    let known: HashSet<&PathBuf> = found.iter().collect();
    let more = tracked.iter().filter(|path| !known.contains(path) && roots.iter().any(|root| path.starts_with(root)));
    let more: Vec<PathBuf> = more.cloned().collect();
    found.extend(more);
    found.sort_unstable();
    let dir = ctx.dir.as_path();
    let judged: Vec<Findings> =
        found.par_iter().with_min_len(16).map(|path| file(path, tracked.contains(path), judge, dir)).collect();
    let mut findings = Findings::default();
    for more in judged {
        findings.append(more);
    }
    Ok(Seen { findings, looked_at: found.len(), unit: ("file", "files") })
}

/// All files below `roots` that Git does not ignore.
fn walk(roots: &[PathBuf]) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for root in roots {
        let walk = ignore::WalkBuilder::new(root)
            .hidden(false)
            .ignore(false)
            .filter_entry(|entry| entry.file_name() != ".git")
            .build();
        let is_file = |entry: &ignore::DirEntry| entry.file_type().is_some_and(|kind| kind.is_file());
        files.extend(walk.flatten().filter(is_file).map(ignore::DirEntry::into_path));
    }
    files.sort_unstable();
    files.dedup();
    files
}

fn file(path: &Path, is_tracked: bool, judge: &Judge, dir: &Path) -> Findings {
    let shown = discover::shown(path, dir);
    let mut findings = Findings::default();
    match path.symlink_metadata() {
        Ok(meta) if meta.len() > LARGEST => {
            findings.skip(format!("`{shown}`"), "it is larger than 32 MiB");
            return findings;
        }
        Ok(meta) if meta.is_file() => {}
        // Git has it, and it was deleted or replaced: there is nothing to read.
        _ => return findings,
    }
    match fs::read(path) {
        Ok(bytes) => {
            if is_tracked && let Some(finding) = judge.tracked(&shown, || bytes.clone()) {
                findings.add(finding);
            }
            findings.append(judge.text(Text { shown: &shown, line: 1, bytes: &bytes, commit: None }));
        }
        Err(error) => findings.skip(format!("`{shown}`"), error.to_string()),
    }
    findings
}

/// What the next commit would add.
pub(super) fn staged(contents: &Contents, judge: &Judge, ctx: &Ctx) -> anyhow::Result<Seen> {
    let pieces = contents.staged()?;
    let looked_at = pieces.len();
    Ok(Seen { findings: pieces_of(&pieces, contents, judge, ctx), looked_at, unit: ("staged file", "staged files") })
}

/// What commits added.
pub(super) fn history(contents: &Contents, commits: &Commits, judge: &Judge, ctx: &Ctx) -> anyhow::Result<Seen> {
    let mut findings = Findings::default();
    let (mut batch, mut size, mut looked_at) = (Vec::new(), 0, 0);
    let mut judge_batch = |batch: &mut Vec<Piece>| {
        findings.append(pieces_of(batch, contents, judge, ctx));
        batch.clear();
    };
    contents.added(commits, |pieces| {
        looked_at += 1;
        size += pieces.iter().map(|piece| piece.bytes.len()).sum::<usize>();
        batch.extend(pieces);
        if size > BATCH {
            judge_batch(&mut batch);
            size = 0;
        }
    })?;
    judge_batch(&mut batch);
    Ok(Seen { findings, looked_at, unit: ("commit", "commits") })
}

fn pieces_of(pieces: &[Piece], contents: &Contents, judge: &Judge, ctx: &Ctx) -> Findings {
    let (top, dir) = (contents.top(), ctx.dir.as_path());
    let judged: Vec<Findings> = pieces
        .par_iter()
        .with_min_len(16)
        .map(|piece| {
            let shown = discover::shown(&top.join(&piece.path), dir);
            let mut findings = Findings::default();
            if piece.commit.is_none()
                && let Some(finding) = judge.tracked(&shown, || piece.bytes.clone())
            {
                findings.add(finding);
            }
            let text = Text { shown: &shown, line: piece.line, bytes: &piece.bytes, commit: piece.commit.as_deref() };
            findings.append(judge.text(text));
            findings
        })
        .collect();
    let mut findings = Findings::default();
    for more in judged {
        findings.append(more);
    }
    findings
}
