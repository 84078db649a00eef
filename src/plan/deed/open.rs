//! A branch that is opened: made and checked out in one step, here or in a new worktree. What a killed run left half made is taken away, so that it
//! can be made anew.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::Spot;
use super::act::{Act, head};
use super::run::{Failed, Run};
use super::view::View;
use crate::error::{Problem, fail};
use crate::git::{Id, Untracked, dirt, ignored};
use crate::plan::process::quoted;
use crate::ui::Ui;

impl Run {
    /// Makes the branch and checks it out.
    pub(super) fn open(&self, act: &Act, ui: &Ui) -> Result<(), Failed> {
        let Act::Open { dir, branch, at, place, .. } = act else { return Ok(()) };
        let id = at.to_string();
        let path = place.as_ref().map(|place| place.to_string_lossy());
        let arguments = match &path {
            None => vec!["switch", "--quiet", "--no-track", "--create", branch, &id],
            Some(path) => vec!["worktree", "add", "--quiet", "--no-track", "-b", branch, "--", path, &id],
        };
        let said = self.git(dir).run(&arguments, b"")?;
        if said.is_success() {
            return Ok(());
        }
        if self.is_made(act).unwrap_or(false) {
            // A hook after the checkout cannot undo it.
            ui.warn(format!("a hook failed, when all was done: {}", said.last(4)).trim_end_matches(": "));
            return Ok(());
        }
        Err(Failed::Other(fail(format!("could not create `{}`", act.line().path)).cause(said.last(4)).into()))
    }

    /// Takes away what is half made of it.
    pub(super) fn unopen(&self, act: &Act) -> anyhow::Result<()> {
        let Act::Open { dir, branch, at, place, .. } = act else { return Ok(()) };
        if self.is_made(act)? {
            return Ok(());
        }
        if let Some(place) = place {
            if let Some(strange) = self.stranger(place, *at)? {
                return Err(fail(format!("`{}` has `{strange}`, which is not of `{branch}`", place.display()))
                    .hint("move it to another place, and give the command again")
                    .into());
            }
            let path = place.to_string_lossy();
            self.quiet(dir).run(&["worktree", "remove", "--force", "--force", "--", &path], b"")?;
            let cannot = || format!("could not take `{}` away", place.display());
            for folder in self.known_by(place).into_iter().chain([place.clone()]) {
                if folder.symlink_metadata().is_ok() {
                    remove_all(&folder).with_context(cannot)?;
                }
            }
        }
        if View::of(dir)?.branch(branch)? == Some(*at) {
            self.quiet(dir).must(&["update-ref", "-d", &head(branch), &at.to_string()], b"")?;
        }
        Ok(())
    }

    /// What would be lost with a worktree that was opened.
    pub(super) fn kept_open(&self) -> anyhow::Result<Vec<Problem>> {
        let mut problems = Vec::new();
        for place in self.places() {
            let dirt = dirt(&place, Untracked::List)?;
            let shown = place.display();
            if let Some(path) = dirt.changed.iter().chain(&dirt.untracked).next() {
                problems.push(
                    Problem::new(format!("`{shown}` has `{path}`, which is not committed"))
                        .hint(format!("keep it: `prodev flow {} --continue`", self.command())),
                );
            } else if let Some(path) = ignored(&place)? {
                problems.push(
                    Problem::new(format!("`{shown}` has `{path}`, which Git ignores: it would be gone")).hint(format!(
                        "keep it: `prodev flow {} --continue`; or move it to another place",
                        self.command()
                    )),
                );
            }
        }
        Ok(problems)
    }

    /// Takes the worktrees away that were opened.
    pub(super) fn close_places(&self) -> anyhow::Result<()> {
        for place in self.places() {
            self.quiet(self.home()).must(&["worktree", "remove", "--", &place.to_string_lossy()], b"")?;
        }
        Ok(())
    }

    /// The worktrees that were opened, whole.
    fn places(&self) -> Vec<PathBuf> {
        let record = self.record();
        let mut found = Vec::new();
        for act in record.deed.acts.iter().take(record.at + 1) {
            if let Act::Open { branch, place: Some(place), .. } = act
                && is_whole(place, branch)
            {
                found.push(place.clone());
            }
        }
        found
    }

    /// What Git keeps of the worktree at `place`.
    fn known_by(&self, place: &Path) -> Option<PathBuf> {
        let link = place.join(".git");
        let entries = fs::read_dir(self.record().deed.common_dir.join("worktrees")).ok()?;
        let is_it = |folder: &PathBuf| {
            fs::read_to_string(folder.join("gitdir")).is_ok_and(|text| Path::new(text.trim_end()) == link)
        };
        entries.flatten().map(|entry| entry.path()).find(is_it)
    }

    /// A file in a worktree that is half made, which no checkout of `at` can have put there.
    fn stranger(&self, place: &Path, at: Id) -> anyhow::Result<Option<String>> {
        let said = self.quiet(self.home()).must(&["ls-tree", "-r", "-z", "--name-only", &at.to_string()], b"")?;
        let known: std::collections::HashSet<&[u8]> = said.stdout.split(|byte| *byte == 0).collect();
        let mut folders = vec![place.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
                let path = entry.path();
                let name = path.strip_prefix(place).unwrap_or(&path);
                if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                    folders.push(path);
                } else if name != Path::new(".git") && !known.contains(name.as_os_str().as_encoded_bytes()) {
                    return Ok(Some(name.to_string_lossy().into_owned()));
                }
            }
        }
        Ok(None)
    }
}

impl View {
    /// Whether the branch is made, and nothing has come to it.
    pub(super) fn is_half_open(&self, act: &Act) -> bool {
        matches!(act, Act::Open { branch, at, .. } if self.branch(branch).is_ok_and(|is| is == Some(*at)))
    }
}

/// Whether a branch is checked out in a worktree, to the end: until then Git keeps it locked.
pub(super) fn is_whole(place: &Path, branch: &str) -> bool {
    let Ok(view) = View::of(place) else { return false };
    place.join(".git").is_file()
        && !view.has("locked")
        && view.spot().is_ok_and(|spot| spot == Spot::Branch(branch.to_owned()))
}

/// Whether a folder can be written, as far as its owner and mode tell.
///
/// # Errors
/// The problem that it is.
pub(crate) fn may_be_written(folder: &Path) -> Result<(), Problem> {
    if rustix::fs::access(folder, rustix::fs::Access::WRITE_OK).is_ok() {
        return Ok(());
    }
    let shown = quoted(&folder.to_string_lossy());
    Err(Problem::new(format!("`{}` cannot be written", folder.display()))
        .hint(format!("look at its owner and mode: `ls -ld {shown}`")))
}

#[allow(clippy::disallowed_methods, reason = "what a killed `git` left is taken away here")]
fn remove_all(path: &Path) -> std::io::Result<()> {
    fs::remove_dir_all(path)
}
