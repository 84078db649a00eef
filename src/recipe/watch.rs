//! `prodev run --watch`: the run again when a file changes that matters to it. The old one is gone, with all that it started, before the
//! new one begins; what the recipes make themselves starts nothing.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context as _;

use super::cache::files::{Globs, Links, Stat};
use super::catalog::Catalog;
use super::executor::{Front, Heard, Running};
use super::graph::{Graph, Kind};
use crate::ctx::Ctx;
use crate::plan::system::Watch;

/// How long the files have to be quiet: an editor writes more than once, and a checkout writes many.
const QUIET: Duration = Duration::from_millis(100);

/// A change so soon after the start is likely to come from the run itself.
const SOON: Duration = Duration::from_secs(2);

/// How often in a row a file may start its own writer again before it is left alone.
const PATIENCE: u32 = 3;

/// In how many runs that began when all was quiet it has to do so again before it is left alone.
const TRIALS: u32 = 3;

/// What is watched.
#[derive(Debug)]
pub(super) struct Subject {
    root: PathBuf,
    /// What the recipes read, each from its directory; `None` where one of them does not say.
    inputs: Option<Vec<(PathBuf, Globs)>>,
    /// What they make.
    outputs: Vec<(PathBuf, Globs)>,
    /// The files of the configuration and of the environment, which always matter, though Git may ignore them.
    config: Vec<PathBuf>,
}

/// Files, each with what shows that it was changed.
type Seen = BTreeMap<PathBuf, Stat>;

impl Subject {
    /// # Errors
    /// Where a glob is none; they are checked when `prodev.toml` is read.
    pub(super) fn of(catalog: &Catalog, graph: &Graph, dotenv: Vec<PathBuf>) -> anyhow::Result<Self> {
        let mut inputs = Some(Vec::new());
        let mut outputs = Vec::new();
        let entries: BTreeSet<usize> =
            graph.nodes.iter().filter(|node| node.kind != Kind::Join).map(|node| node.entry).collect();
        for entry in entries.into_iter().map(|at| &catalog.entries[at]) {
            let globs = |globs: &[crate::config::value::Glob]| Globs::new(globs.iter().map(|glob| &**glob));
            if entry.recipe.inputs.is_empty() {
                inputs = None;
            } else if let Some(inputs) = &mut inputs {
                inputs.push((entry.home(), globs(&entry.recipe.inputs)?));
            }
            outputs.push((entry.home(), globs(&entry.recipe.outputs)?));
        }
        let config = catalog.project.files.iter().map(|file| file.path.clone()).chain(dotenv).collect();
        Ok(Self { root: catalog.project.dir.clone(), inputs, outputs, config })
    }

    /// The files as they are now, and the folders in which others can come up.
    fn look(&self) -> (Seen, Vec<PathBuf>) {
        let mut seen = Seen::new();
        let mut folders = vec![self.root.clone()];
        let is_output = |path: &Path| {
            self.outputs.iter().any(|(base, globs)| {
                path.strip_prefix(base).ok().and_then(Path::to_str).is_some_and(|path| globs.has(path))
            })
        };
        let mut add = |path: PathBuf| {
            if let Ok(meta) = path.symlink_metadata()
                && !is_output(&path)
            {
                seen.insert(path, Stat::of(&meta));
            }
        };
        for path in &self.config {
            add(path.clone());
            folders.extend(path.parent().map(Path::to_owned));
        }
        let mut walk = ignore::WalkBuilder::new(&self.root);
        walk.hidden(false).require_git(false).follow_links(false).filter_entry(|entry| entry.file_name() != ".git");
        for entry in walk.build().flatten() {
            match entry.file_type() {
                Some(kind) if kind.is_dir() => folders.push(entry.into_path()),
                Some(_) if self.inputs.is_none() => add(entry.into_path()),
                _ => {}
            }
        }
        for (base, globs) in self.inputs.iter().flatten() {
            for file in globs.find(base, Links::Follow).unwrap_or_default() {
                let path = base.join(&file.path);
                folders.extend(path.parent().map(Path::to_owned));
                add(path);
            }
        }
        folders.sort();
        folders.dedup();
        (seen, folders)
    }
}

/// The paths that are other, new or gone.
fn differences(before: &Seen, after: &Seen) -> BTreeSet<PathBuf> {
    let other = after.iter().filter(|(path, stat)| before.get(*path) != Some(*stat)).map(|(path, _)| path);
    let gone = before.keys().filter(|path| !after.contains_key(*path));
    other.chain(gone).cloned().collect()
}

/// Files that seem to be written by the recipes themselves.
#[derive(Debug, Default)]
struct Suspects {
    counts: HashMap<PathBuf, u32>,
    /// Held back until all is quiet: a person may have saved them as quickly.
    held: BTreeSet<PathBuf>,
    /// Held back before, and how often: the runs that come of it are to show who writes them.
    tried: HashMap<PathBuf, u32>,
    /// While a run may write them they are its own; what comes at any other time counts.
    left_alone: HashSet<PathBuf>,
}

impl Suspects {
    /// Takes out of `changed` what is left alone; `is_suspect` where the run itself may have written it.
    fn sift(&mut self, changed: &mut BTreeSet<PathBuf>, is_suspect: bool, ctx: &Ctx) {
        if !is_suspect {
            self.counts.clear();
            self.tried.retain(|path, _| !changed.contains(path));
            self.held.retain(|path| !changed.contains(path));
            return;
        }
        changed.retain(|path| !self.left_alone.contains(path) && !self.held.contains(path));
        self.counts.retain(|path, _| changed.contains(path));
        self.tried.retain(|path, _| changed.contains(path));
        for path in changed.iter() {
            *self.counts.entry(path.clone()).or_default() += 1;
        }
        let own: Vec<PathBuf> =
            self.counts.iter().filter(|(_, count)| **count >= PATIENCE).map(|(path, _)| path.clone()).collect();
        for path in own {
            changed.remove(&path);
            self.counts.remove(&path);
            // A person can be as quick as a recipe once or twice, and not at the beginning of each run.
            if self.tried.get(&path).copied().unwrap_or_default() < TRIALS {
                self.held.insert(path);
                continue;
            }
            self.tried.remove(&path);
            let shown = crate::config::discover::shown(&path, &ctx.dir);
            ctx.ui.warn(&format!(
                "`{shown}` seems to be written by the recipes: it counts only while they do not run (`outputs` can name it)"
            ));
            self.left_alone.insert(path);
        }
    }

    /// What was held back and has been quiet since: one more run shows whether it writes them itself.
    fn release(&mut self) -> BTreeSet<PathBuf> {
        for path in &self.held {
            self.counts.insert(path.clone(), PATIENCE - 1);
            *self.tried.entry(path.clone()).or_default() += 1;
        }
        std::mem::take(&mut self.held)
    }
}

/// Why a wait is over.
enum After {
    Changed(BTreeSet<PathBuf>),
    Stopped(u8),
}

/// Runs, and runs again, until it is told to end.
///
/// # Errors
/// Where the run cannot be started, or the files not be watched.
pub(super) fn watch(subject: &dyn Fn() -> anyhow::Result<Subject>, ctx: &Ctx) -> anyhow::Result<u8> {
    let front = Front::new()?;
    let mut current = subject()?;
    let mut suspects = Suspects::default();
    loop {
        let (seen, folders) = current.look();
        let files: Vec<PathBuf> = seen.keys().cloned().collect();
        let watch = Watch::tree(&folders, &files)?;
        let mut run = Some(front.start()?);
        let after = wait(&front, &mut run, &watch, &current, seen, &mut suspects, ctx)?;
        match after {
            After::Stopped(code) => return Ok(code),
            After::Changed(paths) => {
                if let Some(run) = run
                    && let Some(code) = end(&front, run)?
                {
                    return Ok(code);
                }
                tell(&paths, ctx);
            }
        }
        // A broken configuration is for the run to tell; what was watched before still is.
        if let Ok(next) = subject() {
            current = next;
        }
    }
}

fn tell(paths: &BTreeSet<PathBuf>, ctx: &Ctx) {
    let first = paths.iter().next().map(|path| crate::config::discover::shown(path, &ctx.dir)).unwrap_or_default();
    let more = if paths.len() > 1 { format!(" and {} more", paths.len() - 1) } else { String::new() };
    ctx.ui.note(&format!("`{first}`{more} changed; running again"));
}

fn wait(
    front: &Front,
    run: &mut Option<Running>,
    watch: &Watch,
    subject: &Subject,
    mut seen: Seen,
    suspects: &mut Suspects,
    ctx: &Ctx,
) -> anyhow::Result<After> {
    let begun = Instant::now();
    let mut quiet_at: Option<Instant> = None;
    // Whether what has changed may have been changed by a run that is over by now, and since when it is over.
    let mut came_while_running = false;
    let mut ended: Option<Instant> = None;
    let mut release_at = (!suspects.held.is_empty()).then(|| begun + SOON);
    loop {
        let next = quiet_at.into_iter().chain(release_at).min();
        let patience = next.map(|moment| moment.saturating_duration_since(Instant::now()));
        match front.wait(run.as_mut(), Some(watch), patience).context("could not wait for a change")? {
            Heard::Ended(code) => {
                *run = None;
                ended = Some(Instant::now());
                // It may have been over before it heard of the end.
                if let Some(stopped) = front.stopped() {
                    return Ok(After::Stopped(if code == 0 { stopped } else { code }));
                }
                if code == crate::error::Exit::Interrupted.code() {
                    return Ok(After::Stopped(code));
                }
                ctx.ui.note(&format!("ended with {code}; waiting for a change"));
            }
            Heard::Stopped(code) if run.is_none() => return Ok(After::Stopped(code)),
            Heard::Stopped(_) | Heard::Nothing => {}
            Heard::Change => {
                if watch.has_changed() {
                    // The end may be heard before the change that came ahead of it.
                    came_while_running |= ended.is_none_or(|moment| moment.elapsed() < QUIET);
                    quiet_at = Some(Instant::now() + QUIET);
                }
            }
        }
        if quiet_at.is_some_and(|moment| moment <= Instant::now()) && front.stopped().is_none() {
            quiet_at = None;
            let (now, _) = subject.look();
            let mut changed = differences(&seen, &now);
            seen = now;
            let is_suspect = came_while_running && (begun.elapsed() < SOON || run.is_none());
            came_while_running = false;
            if !changed.is_empty() {
                suspects.sift(&mut changed, is_suspect, ctx);
                release_at = (!suspects.held.is_empty()).then(|| Instant::now() + SOON);
            }
            if !changed.is_empty() {
                return Ok(After::Changed(changed));
            }
        }
        if quiet_at.is_none() && release_at.is_some_and(|moment| moment <= Instant::now()) && front.stopped().is_none()
        {
            return Ok(After::Changed(suspects.release()));
        }
    }
}

/// Ends a run with all that it started. The code where prodev itself was told to end meanwhile.
fn end(front: &Front, mut run: Running) -> anyhow::Result<Option<u8>> {
    run.ask_to_end();
    loop {
        if let Heard::Ended(_) = front.wait(Some(&mut run), None, None)? {
            return Ok(front.stopped());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_what_is_other_new_or_gone() {
        let seen = |files: &[(&str, u64)]| -> Seen {
            files.iter().map(|(path, size)| (PathBuf::from(path), Stat { size: *size, ..Stat::default() })).collect()
        };
        let found = differences(&seen(&[("a", 1), ("b", 1), ("c", 1)]), &seen(&[("a", 1), ("b", 2), ("d", 1)]));
        assert_eq!(found.iter().map(|path| path.display().to_string()).collect::<Vec<_>>(), ["b", "c", "d"]);
    }
}
