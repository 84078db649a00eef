//! What files held when they were last read, and when that can be believed without reading them again.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use blake3::Hash;
use rayon::prelude::*;

use super::files::{Found, Stat};

/// The digest of a file, and when it was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) digest: Hash,
    pub(super) stat: Stat,
    /// In nanoseconds since 1970, before the file was read.
    pub(super) at: i64,
}

/// A file system's clock moves in ticks, of two seconds where it is coarsest: what was written in the tick in which it was read
/// may have been written again since, and show the same time.
const TICK: i64 = 2_000_000_000;

impl Seen {
    /// Whether it still holds of a file that looks so.
    pub(super) fn holds(&self, stat: Stat) -> bool {
        self.stat == stat && stat.modified.max(stat.changed).saturating_add(TICK) < self.at
    }
}

/// By path.
pub(super) type Index = HashMap<String, Seen>;

/// Nanoseconds since 1970.
pub(super) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)
}

/// What each of `found` holds: as `index` remembers it, or read now.
///
/// # Errors
/// Where a file cannot be read.
pub(super) fn digests(base: &Path, found: &[Found], index: &Index) -> io::Result<Vec<Seen>> {
    let seen = |file: &Found| match index.get(&file.path) {
        Some(seen) if seen.holds(file.stat) => Ok(*seen),
        _ => read(base, file),
    };
    // Threads for a few files cost more than the files.
    if found.len() < 64 { found.iter().map(seen).collect() } else { found.par_iter().map(seen).collect() }
}

/// Reads a file. A link that is not read through holds what it points to.
pub(super) fn read(base: &Path, file: &Found) -> io::Result<Seen> {
    let at = now();
    let is_link = file.stat.mode & LINK == LINK;
    let digest = match &file.link {
        Some(target) if is_link => blake3::hash(target.as_bytes()),
        _ => {
            let mut hasher = blake3::Hasher::new();
            hasher.update_reader(File::open(base.join(&file.path))?)?;
            hasher.finalize()
        }
    };
    Ok(Seen { digest, stat: file.stat, at })
}

/// The bits of a mode that say "symbolic link".
const LINK: u32 = 0o120_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_rested_is_believed() {
        let stat = Stat { size: 1, modified: 5 * TICK, changed: 5 * TICK, ..Stat::default() };
        let seen = |at| Seen { digest: blake3::hash(b""), stat, at };
        assert!(seen(7 * TICK).holds(stat));
        assert!(!seen(6 * TICK).holds(stat), "read in the tick in which it was written");
        assert!(!seen(4 * TICK).holds(stat), "read before it was written");
        assert!(!seen(7 * TICK).holds(Stat { changed: 5 * TICK - 1, ..stat }));
        assert!(!seen(7 * TICK).holds(Stat { inode: 9, ..stat }));
    }
}
