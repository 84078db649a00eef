//! Where a project goes: what is there already, and what that means for each file.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Component, Path, PathBuf};

use anyhow::Context as _;

use crate::ctx::Ctx;
use crate::error::{Exit, Failure, Problem, fail};
use crate::git;
use crate::plan::path;
use crate::plan::tree::{Action, Content, Entry, Mode, Site, difference, digest_of};
use crate::ui;

/// A folder, or the place where one will be.
#[derive(Debug)]
pub(super) struct Destination {
    /// Absolute, without links in the part that exists.
    pub(super) path: PathBuf,
    /// As the user named it.
    pub(super) shown: String,
    pub(super) site: Site,
    /// Whether there is anything in it but a `.git`.
    pub(super) occupied: bool,
    pub(super) in_repository: bool,
}

impl Destination {
    /// The last part of its path.
    pub(super) fn name(&self) -> String {
        self.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }
}

/// Looks at `dir`.
///
/// # Errors
/// Where it cannot be a project's folder: it is a file, or nothing can be written there.
pub(super) fn look(ctx: &Ctx, dir: &Path) -> Result<Destination, Failure> {
    let shown = dir.display().to_string();
    let wanted = ctx.resolve(dir);
    let existing = wanted.ancestors().find(|path| path.symlink_metadata().is_ok()).unwrap_or(Path::new("/"));
    let missing = wanted.strip_prefix(existing).unwrap_or(Path::new(""));
    if missing.components().any(|part| !matches!(part, Component::Normal(_))) {
        return Err(fail(format!("`{shown}` goes back through a folder that is not there"))
            .hint("name the folder directly")
            .exit(Exit::Usage));
    }
    let real = fs::canonicalize(existing).map_err(|error| {
        fail(format!("`{}` cannot be opened", existing.display()))
            .cause(error.to_string())
            .hint("is it a link to something that is gone?")
    })?;
    if let Some(git) = git::around(&real.join(missing)) {
        return Err(fail(format!("`{shown}` lies inside `{}`, which is Git's own", git.display()))
            .hint("choose a folder outside of it")
            .exit(Exit::Usage));
    }
    let longest = path::LONGEST_NAME;
    if let Some(name) = missing.components().map(Component::as_os_str).find(|name| name.len() > longest) {
        return Err(fail(format!("the name `{}` is too long", name.display()))
            .hint(format!("a name may have {longest} bytes at most")));
    }
    if !real.is_dir() {
        return Err(fail(format!("`{}` is a file, and a project is a folder", existing.display()))
            .hint("choose another name")
            .exit(Exit::Usage));
    }
    if let Err(error) = rustix::fs::access(&real, rustix::fs::Access::WRITE_OK) {
        return Err(fail(format!("`{}` cannot be written to", real.display()))
            .cause(std::io::Error::from(error).to_string())
            .hint("choose another folder"));
    }
    let site = if missing.as_os_str().is_empty() { Site::Folder } else { Site::Fresh };
    let path = if site == Site::Folder { real.clone() } else { real.join(missing) };
    let occupied = site == Site::Folder
        && fs::read_dir(&real)
            .map_err(|error| {
                fail(format!("`{shown}` cannot be read")).cause(error.to_string()).hint("choose another folder")
            })?
            .flatten()
            .any(|entry| entry.file_name() != ".git");
    Ok(Destination { in_repository: git::is_inside(&path), path, shown, site, occupied })
}

/// What is to be done with files that are there already and differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Overwrite {
    /// Ask for each; without a terminal, refuse
    Ask,
    /// Keep what is there
    Skip,
    /// Replace what is there
    Force,
}

/// Settles for each entry whether it is created, replaces something, or leaves what is there.
///
/// # Errors
/// What is in the way, all at once; or the user's interruption.
pub(super) fn settle(
    ctx: &Ctx,
    destination: &Destination,
    entries: &mut [Entry],
    keep: &dyn Fn(&Entry) -> bool,
    overwrite: Overwrite,
) -> anyhow::Result<()> {
    if destination.site == Site::Fresh {
        return Ok(());
    }
    let mut obstacles = Vec::new();
    let mut differing = Vec::new();
    for entry in entries.iter_mut() {
        match look_at(destination, entry) {
            Found::Nothing => {}
            Found::Same => entry.action = Action::Keep,
            Found::Other(_) if keep(entry) => entry.action = Action::Keep,
            Found::Other(digest) => differing.push((entry, digest)),
            Found::Obstacle(problem) => obstacles.push(problem),
        }
    }
    if !obstacles.is_empty() {
        return Err(Failure::of(format!("`{}` has things in the way", destination.shown), obstacles).into());
    }
    match overwrite {
        Overwrite::Skip => differing.into_iter().for_each(|(entry, _)| entry.action = Action::Keep),
        Overwrite::Force => differing.into_iter().for_each(|(entry, digest)| entry.action = Action::Replace(digest)),
        Overwrite::Ask if differing.is_empty() => {}
        Overwrite::Ask if ctx.ui.is_interactive() => ask(ctx, destination, differing)?,
        Overwrite::Ask => {
            let problems =
                differing.iter().map(|(entry, _)| Problem::new(format!("`{}` is there already", entry.path))).collect();
            return Err(Failure::of(
                format!("`{}` has files that the template would replace", destination.shown),
                problems,
            )
            .hint("`--overwrite skip` keeps them, `--overwrite force` replaces them")
            .exit(Exit::Refused)
            .into());
        }
    }
    check_permissions(destination, entries)
}

/// Whether the folders that are there already let something be put into them.
///
/// # Errors
/// Those that do not, all at once.
fn check_permissions(destination: &Destination, entries: &[Entry]) -> anyhow::Result<()> {
    let mut places = BTreeSet::new();
    for entry in entries.iter().filter(|entry| entry.action != Action::Keep) {
        let folders: Vec<&str> = entry.path.folders().collect();
        places.extend(folders.into_iter().rev().find(|folder| destination.path.join(folder).is_dir()));
    }
    let locked = places.into_iter().filter(|folder| {
        let access = rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK;
        rustix::fs::access(destination.path.join(folder), access).is_err()
    });
    let problems: Vec<Problem> = locked
        .map(|folder| Problem::new(format!("`{folder}` cannot be written to")).hint("change its permissions"))
        .collect();
    if problems.is_empty() {
        return Ok(());
    }
    Err(Failure::of(format!("`{}` has folders that are locked", destination.shown), problems).into())
}

enum Found {
    Nothing,
    /// Just what would be written.
    Same,
    /// A file or link with this digest.
    Other(blake3::Hash),
    Obstacle(Problem),
}

fn look_at(destination: &Destination, entry: &Entry) -> Found {
    for folder in entry.path.folders() {
        let Ok(meta) = destination.path.join(folder).symlink_metadata() else { return Found::Nothing };
        if meta.is_symlink() {
            let problem =
                Problem::new(format!("`{folder}` is a link, and `{}` would be written through it", entry.path));
            return Found::Obstacle(problem.hint("move the link away"));
        }
        if !meta.is_dir() {
            return Found::Obstacle(
                Problem::new(format!("`{folder}` is a file, and `{}` needs a folder", entry.path)).hint("move it away"),
            );
        }
    }
    let path = entry.path.below(&destination.path);
    let Ok(meta) = path.symlink_metadata() else { return Found::Nothing };
    if meta.is_dir() || !(meta.is_file() || meta.is_symlink()) {
        return Found::Obstacle(
            Problem::new(format!("`{}` is there, and is no file", entry.path)).hint("move it away"),
        );
    }
    let Ok(found) = digest_of(&path) else {
        return Found::Obstacle(Problem::new(format!("`{}` cannot be read", entry.path)));
    };
    let same_kind = meta.is_symlink() == matches!(entry.content, Content::Link(_));
    // Who may run it is part of what a file is; of the other bits the template says nothing.
    let same_use = match entry.content {
        Content::File { mode: Mode::Plain, .. } => meta.mode() & 0o100 == 0,
        Content::File { mode: Mode::Executable, .. } => meta.mode() & 0o100 != 0,
        Content::File { mode: Mode::Private, .. } | Content::Link(_) => true,
    };
    if same_kind && same_use && found == entry.content.digest() { Found::Same } else { Found::Other(found) }
}

/// Asks what becomes of each, as far as one answer was not for all of them.
fn ask(ctx: &Ctx, destination: &Destination, differing: Vec<(&mut Entry, blake3::Hash)>) -> anyhow::Result<()> {
    let labels = ["keep yours", "replace it", "keep all of yours", "replace all", "show the difference"];
    let choices = labels.map(ui::Choice::plain);
    let mut for_all = None;
    for (entry, digest) in differing {
        let prompt = format!("{} is there and differs", entry.path);
        let question = ui::Question { prompt: &prompt, help: None };
        let replace = loop {
            if let Some(replace) = for_all {
                break replace;
            }
            match ctx.ui.ask_choice(&question, &choices, &|_| Ok(()))? {
                4 => ctx.ui.note(
                    difference(entry.path.as_str(), Some(&there(destination, entry)?), Some(&entry.content))?
                        .trim_end(),
                ),
                taken => {
                    for_all = (taken >= 2).then_some(taken == 3);
                    break taken % 2 == 1;
                }
            }
        };
        entry.action = if replace { Action::Replace(digest) } else { Action::Keep };
    }
    Ok(())
}

/// What lies where an entry would go.
fn there(destination: &Destination, entry: &Entry) -> anyhow::Result<Content> {
    let path = entry.path.below(&destination.path);
    let read = || -> std::io::Result<Content> {
        let meta = path.symlink_metadata()?;
        if meta.is_symlink() {
            return Ok(Content::Link(fs::read_link(&path)?.to_string_lossy().into_owned()));
        }
        let mode = if meta.mode() & 0o100 == 0 { Mode::Plain } else { Mode::Executable };
        Ok(Content::File { bytes: fs::read(&path)?.into(), mode })
    };
    read().with_context(|| format!("cannot read `{}`", entry.path))
}
