//! What a store holds, and what of it can go.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::store::{Entry, Store};

/// A file of the store.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    pub(super) path: PathBuf,
    pub(super) size: u64,
    /// When it was last used.
    pub(super) used: SystemTime,
}

/// All files of the store, by kind.
#[derive(Debug, Default)]
pub(super) struct Survey {
    pub(super) results: Vec<Piece>,
    pub(super) blobs: Vec<Piece>,
    pub(super) states: Vec<Piece>,
    pub(super) drafts: Vec<Piece>,
}

/// What is to be kept.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// In bytes.
    pub(super) size: u64,
    /// What was not used for longer goes.
    pub(super) age: Option<Duration>,
}

/// A blob lies there before the result that names it does; so long it is left alone.
const GRACE: Duration = Duration::from_hours(1);

impl Survey {
    pub(super) fn of(store: &Store) -> Self {
        let pieces = |kind| pieces(&store.root().join(kind));
        Self { results: pieces("results"), blobs: pieces("blobs"), states: pieces("states"), drafts: pieces("drafts") }
    }

    pub(super) fn size(&self) -> u64 {
        let all = self.results.iter().chain(&self.blobs).chain(&self.states).chain(&self.drafts);
        all.map(|piece| piece.size).sum()
    }

    /// What has to go so that the rest keeps within `bounds`: what was used longest ago first, results before the blobs that they alone name.
    pub(super) fn surplus(&self, bounds: Bounds, now: SystemTime) -> Vec<Piece> {
        let is_old = |piece: &Piece, age: Duration| now.duration_since(piece.used).is_ok_and(|since| since > age);
        let mut going: Vec<Piece> = self.drafts.iter().filter(|piece| is_old(piece, GRACE)).cloned().collect();
        if let Some(age) = bounds.age {
            going.extend(self.states.iter().filter(|piece| is_old(piece, age)).cloned());
        }
        let mut results: Vec<&Piece> = self.results.iter().collect();
        results.sort_by_key(|piece| std::cmp::Reverse(piece.used));
        let sizes: std::collections::HashMap<&Path, u64> =
            self.blobs.iter().map(|piece| (piece.path.as_path(), piece.size)).collect();
        let mut left = bounds.size.saturating_sub(self.states.iter().map(|piece| piece.size).sum());
        let mut needed: HashSet<PathBuf> = HashSet::new();
        let mut is_full = false;
        for result in results {
            let names = blobs_of(result, self);
            let new = names.iter().filter(|name| !needed.contains(*name));
            let size = result.size + new.filter_map(|name| sizes.get(name.as_path())).sum::<u64>();
            let is_stale = bounds.age.is_some_and(|age| is_old(result, age));
            is_full = is_full || size > left;
            if is_full || is_stale {
                going.push(result.clone());
            } else {
                left -= size;
                needed.extend(names);
            }
        }
        let is_loose =
            |piece: &&Piece| !needed.contains(&piece.path) && (bounds.size == 0 || is_old(piece, GRACE) || is_full);
        going.extend(self.blobs.iter().filter(is_loose).cloned());
        going
    }
}

fn blobs_of(result: &Piece, survey: &Survey) -> Vec<PathBuf> {
    let Some(entry) = fs::read(&result.path).ok().and_then(|bytes| serde_json::from_slice::<Entry>(&bytes).ok()) else {
        return Vec::new();
    };
    let root =
        survey.blobs.first().and_then(|piece| piece.path.ancestors().nth(2)).map(Path::to_owned).unwrap_or_default();
    let digests =
        entry.outputs.iter().filter(|output| output.link.is_none()).map(|output| output.digest).chain(entry.log);
    digests.map(|digest| digest.to_hex()).map(|name| root.join(&name[..2]).join(name.as_str())).collect()
}

/// The files two levels down.
fn pieces(folder: &Path) -> Vec<Piece> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let Ok(meta) = entry.metadata() else { continue };
            if meta.is_dir() {
                folders.push(entry.path());
            } else if let Ok(used) = meta.modified() {
                found.push(Piece { path: entry.path(), size: meta.len(), used });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}
