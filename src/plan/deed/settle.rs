//! What a `git` that was killed left in a worktree, made as HEAD says. Only what it can have written is touched; what only the user can have
//! written is saved aside first.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::act::{Act, Source, head};
use super::run::Run;
use super::view::View;
use super::{Deed, Spot};
use crate::git::{Actor, Id, Untracked, dirt};
use crate::ui::Ui;

impl Deed {
    /// The lock files of Git that are there now, where this deed has something to change.
    ///
    /// # Errors
    /// Where a worktree of it cannot be looked at.
    pub(crate) fn locks(&self) -> anyhow::Result<Vec<PathBuf>> {
        let mut places: Vec<PathBuf> = ["packed-refs", "config"].map(|name| self.common_dir.join(name)).into();
        places.extend(self.refs.keys().map(|name| self.common_dir.join(name)));
        for (dir, _) in &self.heads {
            let git_dir = View::of(dir)?.repository.git_dir().to_owned();
            places.extend(["index", "HEAD", "ORIG_HEAD", "MERGE_HEAD"].map(|name| git_dir.join(name)));
        }
        let lock = |place: PathBuf| {
            let mut lock = place.into_os_string();
            lock.push(".lock");
            PathBuf::from(lock)
        };
        Ok(places.into_iter().map(lock).filter(|lock| lock.symlink_metadata().is_ok()).collect())
    }
}

impl Run {
    /// Settles the worktree of the change that was being made.
    pub(super) fn settle(&self, ui: &Ui) -> anyhow::Result<()> {
        let record = self.record();
        let Some(act) = record.deed.acts.get(record.at) else { return Ok(()) };
        let Some(dir) = act.dir() else { return self.unopen(act) };
        self.stop_git(dir)?;
        if let Act::Edit { files, .. } = act {
            self.put_back_edits(dir, files, ui)?;
        }
        let mut sources = self.sources(act)?;
        // A switch that belongs to the taking back may have been killed, too.
        sources.extend(record.deed.refs.values().flatten().chain(record.made.values().flatten()).copied());
        self.restore(dir, &sources, ui)?;
        self.unopen(act)
    }

    /// Takes away the locks of a `git` that died with the prodev that had started it: it has held ours as long as it lived. One that was there
    /// before its change was begun is somebody else's.
    pub(super) fn unlock(&self) -> anyhow::Result<()> {
        let strange = &self.record().locks;
        for lock in self.record().deed.locks()?.iter().filter(|lock| !strange.contains(lock)) {
            remove(lock).ok();
        }
        Ok(())
    }

    /// Ends a merge or rebase that Git is in the middle of.
    pub(super) fn stop_git(&self, dir: &Path) -> anyhow::Result<()> {
        let view = View::of(dir)?;
        if view.has("MERGE_HEAD") {
            self.quiet(dir).run(&["merge", "--abort"], b"")?;
        }
        if view.is_rebasing() && !self.quiet(dir).run(&["rebase", "--abort"], b"")?.is_success() {
            // Killed before it had written down where it came from.
            self.quiet(dir).run(&["rebase", "--quit"], b"")?;
        }
        if !dirt(dir, Untracked::Leave)?.unmerged.is_empty() {
            self.quiet(dir).run(&["reset", "--quiet", "--merge"], b"")?;
        }
        let git_dir = view.repository.git_dir();
        for mark in ["SQUASH_MSG", "MERGE_MSG", "MERGE_MODE", "MERGE_HEAD", "AUTO_MERGE"] {
            remove(&git_dir.join(mark)).ok();
        }
        Ok(())
    }

    pub(super) fn quiet<'a>(&'a self, dir: &'a Path) -> Actor<'a> {
        self.git(dir).without_hooks()
    }

    /// The commits and trees that a change can have taken content from.
    fn sources(&self, act: &Act) -> anyhow::Result<Vec<Id>> {
        let view = View::of(&self.record().deed.home)?;
        let mut found = Vec::new();
        match act {
            Act::Switch { to: Spot::Commit(id), .. } | Act::Forward { to: id, .. } | Act::Open { at: id, .. } => {
                found.push(*id);
            }
            Act::Switch { to: Spot::Branch(name), .. } => found.extend(view.branch(name)?),
            Act::Merge { from, into, .. } | Act::Squash { from, into, .. } => {
                // Somebody may have deleted it meanwhile.
                let left = match from {
                    Source::Ref(name) => self.expected(name),
                    Source::Commit(_) => None,
                };
                let source = view.source(from).or_else(|error| left.ok_or(error))?;
                let old = self.expected(&head(into));
                found.push(source);
                // What it would have come to: Git had written that, whole, before it touched a file.
                if let Some(old) = old {
                    let arguments =
                        ["merge-tree", "--write-tree", "--no-messages", &old.to_string(), &source.to_string()];
                    let said = self.quiet(&self.record().deed.home).run(&arguments, b"")?;
                    let first = said.stdout.split(|byte| *byte == b'\n').next().unwrap_or_default();
                    found.extend(Id::parse(first));
                }
            }
            Act::Follow { from, .. } | Act::Rebase { onto: from, .. } => found.push(view.source(from)?),
            _ => {}
        }
        Ok(found)
    }

    /// Makes those paths of a worktree as in HEAD that are otherwise in one of `sources`, and are not as in HEAD now.
    pub(super) fn restore(&self, dir: &Path, sources: &[Id], ui: &Ui) -> anyhow::Result<()> {
        let dirt = dirt(dir, Untracked::List)?;
        if dirt.changed.is_empty() && dirt.untracked.is_empty() {
            return Ok(());
        }
        let view = View::of(dir)?;
        let Some(now) = view.repository.head()?.commit() else { return Ok(()) };
        let mut known: BTreeMap<String, BTreeSet<Id>> = BTreeMap::new();
        for source in sources.iter().collect::<BTreeSet<_>>() {
            // A tag's own object, or one that a killed run never wrote, has nothing to say.
            let (Ok(there), Ok(back)) = (view.repository.changes(now, *source), view.repository.changes(*source, now))
            else {
                continue;
            };
            for change in there.into_iter().chain(back) {
                known.entry(change.path).or_default().extend(change.new);
            }
        }
        let changed: Vec<&String> = dirt.changed.iter().filter(|path| known.contains_key(*path)).collect();
        let deed = &self.record().deed;
        let kept: BTreeSet<PathBuf> = deed.kept.iter().map(|path| deed.home.join(path)).collect();
        let is_kept = |path: &str| kept.contains(&dir.join(path));
        // What was there before the first change, no change has made.
        let is_new = |path: &String| known.contains_key(path) && !self.journal.is_older(&dir.join(path));
        let strange: Vec<&String> = dirt.untracked.iter().filter(|path| is_new(path)).collect();
        for path in changed.iter().chain(&strange).filter(|path| !is_kept(path)) {
            let is_ours = match self.digest(dir, path)? {
                None => true,
                Some(id) => known[path.as_str()].contains(&id),
            };
            if !is_ours {
                let to = self.journal.save_aside(dir, path)?;
                ui.warn(&format!("what was in `{path}` is saved in `{}`", to.display()));
            }
        }
        for path in strange.into_iter().filter(|path| !is_kept(path)) {
            remove(&dir.join(path)).with_context(|| format!("could not remove `{path}`"))?;
        }
        if !changed.is_empty() {
            let paths = changed.iter().map(|path| path.as_str()).collect::<Vec<_>>().join("\0");
            let arguments = [
                "restore",
                "--quiet",
                "--source=HEAD",
                "--staged",
                "--worktree",
                "--pathspec-from-file=-",
                "--pathspec-file-nul",
            ];
            self.quiet(dir).must(&arguments, paths.as_bytes())?;
        }
        Ok(())
    }

    /// What Git would call the content of a file; `None` where there is none.
    fn digest(&self, dir: &Path, path: &str) -> anyhow::Result<Option<Id>> {
        match dir.join(path).symlink_metadata() {
            Err(_) => return Ok(None),
            Ok(meta) if meta.is_symlink() => {
                use std::os::unix::ffi::OsStrExt as _;
                let target = std::fs::read_link(dir.join(path)).with_context(|| format!("could not read `{path}`"))?;
                let said = self.quiet(dir).must(&["hash-object", "--stdin"], target.as_os_str().as_bytes())?;
                return Ok(Id::parse(said.stdout.trim_ascii()));
            }
            Ok(meta) if !meta.is_file() => return Ok(None),
            Ok(_) => {}
        }
        let said = self.quiet(dir).must(&["hash-object", "--", path], b"")?;
        Ok(Id::parse(said.stdout.trim_ascii()))
    }
}

#[allow(clippy::disallowed_methods, reason = "what a killed `git` left is taken away here")]
fn remove(path: &Path) -> std::io::Result<()> {
    std::fs::remove_file(path)
}
