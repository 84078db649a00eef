//! A project that is there already, made anew: what `update`, `add`, `remove` and `adopt` share. It reads the records, renders, merges, and
//! plans; what is to be another is its callers' to say.

mod report;
mod subject;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;

use serde_json::json;

pub(super) use report::{Words, change, nothing};
pub(super) use subject::{At, Subject, Wish, is_newer, open, refuse_open};

use super::answers::Answers;
use super::components::Selection;
use super::contribution::{self, Done};
use super::merge::{self, Conflict, Input, Merge, Ours, contributions};
use super::render::{RenderedFile, Rendering};
use super::state::{self, Based, Made, Recorded};
use crate::error::{Exit, Failure, Problem, fail};
use crate::git::merge::Markers;
use crate::git::{self, shell};
use crate::plan::path::{STATE_FOLDER, TreePath};
use crate::plan::tree::{Action, Content, Entry, Git, Open, Site, Tree};

/// What a project will be.
pub(super) struct Renewal<'a> {
    pub(super) subject: &'a Subject,
    pub(super) selection: &'a Selection,
    pub(super) answers: &'a Answers,
    pub(super) rendering: &'a Rendering,
    pub(super) markers: Markers,
    /// What the project has of the template already.
    pub(super) scope: Scope,
    /// How a conflict calls the new side.
    pub(super) new_name: String,
}

impl<'a> Renewal<'a> {
    /// All of it, with conflicts as Git shows them.
    pub(super) fn of(subject: &'a Subject, selection: &'a Selection, rendered: &'a (Answers, Rendering)) -> Self {
        let (answers, rendering) = rendered;
        let (markers, scope, new_name) = (Markers::Two, Scope::All, subject.new_name());
        Self { subject, selection, answers, rendering, markers, scope, new_name }
    }
}

/// How much of it is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    All,
    /// The records alone: the files stay as they are.
    Record,
}

/// A tree to write, and what is to be said of it.
pub(super) struct Renewed {
    pub(super) tree: Tree,
    pub(super) merge: Merge,
    /// What the template brings, whatever the user made of it: paths that are new, other, and gone.
    pub(super) brings: Brings,
}

/// What the template itself changed.
#[derive(Debug, Default)]
pub(super) struct Brings {
    pub(super) added: Vec<TreePath>,
    pub(super) changed: Vec<TreePath>,
    pub(super) removed: Vec<TreePath>,
}

/// # Errors
/// Everything in the project that does not let it be changed, before anything is.
pub(super) fn renew(renewal: &Renewal) -> anyhow::Result<Renewed> {
    let Renewal { subject, rendering, .. } = renewal;
    let root = &subject.root;
    let recorded = &subject.recorded;
    let theirs: BTreeMap<TreePath, &RenderedFile> =
        rendering.files.iter().filter(|file| !file.once).map(|file| (file.path.clone(), file)).collect();
    owned_by_another(root, &recorded.name, &recorded.base, &theirs)?;
    let brings = brings(&recorded.base, &theirs);
    let (old_parts, new_parts) = (&recorded.contributions, &rendering.contributions);
    let (merge, mut entries, contributions) = match renewal.scope {
        Scope::Record => {
            let (done, notes) = contribution::recorded(old_parts, new_parts);
            (Merge { notes, ..Merge::default() }, Vec::new(), done)
        }
        Scope::All => {
            let mut paths: BTreeSet<&TreePath> = recorded.base.keys().chain(theirs.keys()).collect();
            paths.extend(contributions::paths(old_parts, new_parts));
            let mut ours = Ours::read(root, &paths);
            let is_moved = |path: &TreePath| ours.content(path).is_none() || !theirs.contains_key(path);
            if recorded.base.keys().any(is_moved) {
                ours.search(&paths);
            }
            let mut merge = merge::merge(&Input {
                base: &recorded.base,
                ours: &ours,
                theirs: &theirs,
                declared: &subject.renames(renewal)?,
                old_name: &subject.old_name(),
                new_name: &renewal.new_name,
                markers: renewal.markers,
            })?;
            once_files(root, recorded, rendering, &mut merge);
            let done = contributions::settle(old_parts, new_parts, &ours, &mut merge);
            let entries = files(&merge, &ours);
            (merge, entries, done)
        }
    };
    entries.extend(records(renewal, &contributions)?);
    let touched: Vec<&TreePath> = merge.writes.keys().chain(merge.removes.keys()).collect();
    check_repository(root, &touched)?;
    let open = (!merge.conflicts.is_empty()).then(|| open_change(renewal, &merge)).transpose()?;
    let tree = Tree { target: root.clone(), site: Site::Folder, entries, git: Git::Leave, open };
    Ok(Renewed { tree, merge, brings })
}

impl Renewed {
    /// Whether there is nothing to do.
    pub(super) fn is_empty(&self) -> bool {
        self.tree.entries.iter().all(|entry| entry.action == Action::Keep)
    }
}

/// A path of another template of this project is not touched.
fn owned_by_another(
    root: &Path,
    name: &str,
    base: &BTreeMap<TreePath, Based>,
    theirs: &BTreeMap<TreePath, &RenderedFile>,
) -> anyhow::Result<()> {
    let mut problems = Vec::new();
    for other in state::names(root).into_iter().filter(|other| other != name) {
        let owned = state::read(root, &other)?.base;
        let both = theirs.keys().filter(|path| owned.contains_key(path) && !base.contains_key(path));
        problems.extend(both.map(|path| Problem::new(format!("`{path}` belongs to `{other}`"))));
    }
    if problems.is_empty() {
        return Ok(());
    }
    Err(Failure::of(format!("`{name}` has files that belong to another template of this project"), problems)
        .hint("a file can come from one template alone: leave it out in one of them")
        .into())
}

fn brings(base: &BTreeMap<TreePath, Based>, theirs: &BTreeMap<TreePath, &RenderedFile>) -> Brings {
    let mut brings = Brings::default();
    for (path, file) in theirs {
        match base.get(path) {
            None => brings.added.push(path.clone()),
            Some(based) if based.content != file.content => brings.changed.push(path.clone()),
            Some(_) => {}
        }
    }
    brings.removed = base.keys().filter(|path| !theirs.contains_key(path)).cloned().collect();
    brings
}

/// Files that are written but once: new ones, where nothing stands in their place.
fn once_files(root: &Path, recorded: &Recorded, rendering: &Rendering, merge: &mut Merge) {
    for file in rendering.files.iter().filter(|file| file.once) {
        let is_known = recorded.once.contains(&state::once_mark(&file.path));
        let is_free = file.path.below(root).symlink_metadata().is_err()
            && file
                .path
                .folders()
                .all(|folder| root.join(folder).symlink_metadata().map_or(true, |meta| meta.is_dir()));
        if !is_known && is_free {
            merge.writes.insert(file.path.clone(), file.content.clone());
        }
    }
}

/// What happens to the project's files. What is replaced is what was merged: where something else stands by then, the plan does not hold.
pub(super) fn files(merge: &Merge, ours: &Ours) -> Vec<Entry> {
    let entry =
        |path: &TreePath, content: &Content, action| Entry { path: path.clone(), content: content.clone(), action };
    let written = merge.writes.iter().map(|(path, content)| {
        let old = ours.content(path).map_or(Action::Create, |old| Action::Replace(old.digest()));
        entry(path, content, old)
    });
    let gone = merge.removes.iter().filter(|(path, _)| !merge.writes.contains_key(*path));
    written.chain(gone.map(|(path, content)| entry(path, content, Action::Remove(content.digest())))).collect()
}

/// What happens to prodev's own.
fn records(renewal: &Renewal, contributions: &[Done]) -> anyhow::Result<Vec<Entry>> {
    let Renewal { subject, selection, answers, rendering, .. } = renewal;
    let mut entries = state::records(&Made {
        name: &subject.recorded.name,
        template: &subject.template,
        selection,
        answers,
        rendering,
        contributions,
        now: subject.now,
        dir_name: &subject.dir_name,
        destination: &subject.root,
    })?;
    for entry in &mut entries {
        let at = entry.path.below(&subject.root);
        let old = subject.recorded.files.get(&entry.path).cloned().or_else(|| Content::at(&at).ok());
        entry.action = match old {
            None => Action::Create,
            Some(old) if old == entry.content => Action::Keep,
            Some(old) => Action::Replace(old.digest()),
        };
    }
    let kept: HashSet<TreePath> = entries.iter().map(|entry| entry.path.clone()).collect();
    let gone = subject.recorded.files.iter().filter(|(path, _)| !kept.contains(*path));
    entries.extend(gone.map(|(path, content)| Entry {
        path: path.clone(),
        content: content.clone(),
        action: Action::Remove(content.digest()),
    }));
    Ok(entries)
}

/// # Errors
/// A Git operation that is under way; files whose staged content would be lost from sight.
fn check_repository(root: &Path, touched: &[&TreePath]) -> anyhow::Result<()> {
    if touched.is_empty() || !git::is_inside(root) || !shell::is_installed() {
        return Ok(());
    }
    if let Ok(repository) = git::Repository::open(root)
        && let Some(operation) = repository.operation()
    {
        return Err(fail(format!("a {} is under way in this repository", operation.name()))
            .hint("finish it, or abort it, and run the command again")
            .exit(Exit::Refused)
            .into());
    }
    let half = shell::half_staged(root)?;
    let problems: Vec<Problem> = touched
        .iter()
        .filter(|path| half.contains(path.as_str()))
        .map(|path| Problem::new(format!("`{path}` is staged, and then changed again")))
        .collect();
    if problems.is_empty() {
        return Ok(());
    }
    Err(Failure::of("files that would change are staged in another form than they are in", problems)
        .hint("commit or unstage them, and run the command again")
        .exit(Exit::Refused)
        .into())
}

/// What is kept until the conflicts are resolved.
fn open_change(renewal: &Renewal, merge: &Merge) -> anyhow::Result<Open> {
    let root = &renewal.subject.root;
    let unmerged = if git::is_inside(root) && shell::is_installed() {
        let tracked = shell::tracked(root)?;
        merge.unmerged(&|path| tracked.contains(path.as_str()))
    } else {
        Vec::new()
    };
    let conflicts: Vec<serde_json::Value> = merge.conflicts.iter().map(conflict_json).collect();
    let unmerged_paths: Vec<&str> = unmerged.iter().map(|it| it.path.as_str()).collect();
    let note = json!({ "template": renewal.subject.recorded.name, "conflicts": conflicts, "unmerged": unmerged_paths });
    Ok(Open { unmerged, note })
}

/// A conflict as `--json` and the note of an open change tell it.
pub(super) fn conflict_json(conflict: &Conflict) -> serde_json::Value {
    json!({
        "path": conflict.path.as_str(),
        "kind": conflict.kind,
        "reason": conflict.kind.words(),
        "theirs": conflict.beside.as_ref().map(TreePath::as_str),
    })
}

/// Whether a path is one of prodev's records.
pub(super) fn is_record(path: &TreePath) -> bool {
    path.segments().next() == Some(STATE_FOLDER)
}
