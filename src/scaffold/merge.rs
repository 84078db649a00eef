//! Three trees made one: the template as it was (`base`), the project (`ours`), and the template as it is now (`theirs`). Pure but for `ours`,
//! which reads the project. No store is made for it, so no file of the user's, ignored or secret, is copied anywhere.

mod content;
pub(super) mod contributions;
mod kin;
mod ours;
mod place;
mod similar;

use std::collections::{BTreeMap, HashMap};

use self::content::{Joined, Labels};
use self::kin::Kin;
pub(super) use self::ours::{Here, Ours};
use crate::git::merge::Markers;
use crate::plan::path::TreePath;
use crate::plan::tree::{Content, Stage, Unmerged};

use super::render::RenderedFile;
use super::state::Based;

/// All that a merge is made of.
pub(super) struct Input<'a> {
    pub(super) base: &'a BTreeMap<TreePath, Based>,
    pub(super) ours: &'a Ours,
    /// Without files that are written but once.
    pub(super) theirs: &'a BTreeMap<TreePath, &'a RenderedFile>,
    /// What the template itself says of renames: from where, to where.
    pub(super) declared: &'a [(TreePath, TreePath)],
    /// What a conflict calls the two versions of the template.
    pub(super) old_name: &'a str,
    pub(super) new_name: &'a str,
    pub(super) markers: Markers,
}

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Merge {
    /// What is written, by path; what is as it should be already is not among it.
    pub(super) writes: BTreeMap<TreePath, Content>,
    /// What goes, and what it is now.
    pub(super) removes: BTreeMap<TreePath, Content>,
    /// Sorted by path.
    pub(super) conflicts: Vec<Conflict>,
    /// Renames that were followed.
    pub(super) followed: Vec<Followed>,
    /// What is remarkable and no conflict.
    pub(super) notes: Vec<String>,
}

/// Something on which both sides do not agree.
#[derive(Debug, Clone)]
pub(super) struct Conflict {
    /// Where the user finds it.
    pub(super) path: TreePath,
    pub(super) kind: Dispute,
    /// Where the template's side lies, where it is not in the file itself.
    pub(super) beside: Option<TreePath>,
    pub(super) stages: Vec<(TreePath, Stage, Content)>,
}

/// Why they do not agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Dispute {
    /// The same lines.
    Lines,
    /// Neither is a text, or they are of different kinds.
    Whole,
    /// The template has it no more, and the user changed it.
    DeletedByTemplate,
    /// The user has it no more, and the template changed it.
    DeletedByYou,
    /// Both gave it another name.
    Renamed,
    /// Something stands in the place where the template has it.
    InTheWay,
    /// The user's own file has no place for what the template puts into it.
    NoPlace,
}

impl Dispute {
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Lines => "both changed the same lines",
            Self::Whole => "both changed it, and it cannot be joined line by line",
            Self::DeletedByTemplate => "the template removes it, and you changed it",
            Self::DeletedByYou => "you removed it, and the template changed it",
            Self::Renamed => "both gave it another name",
            Self::InTheWay => "something of yours stands where the template has it",
            Self::NoPlace => "it has no place for what the template puts into it",
        }
    }
}

/// A rename that was followed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub(super) struct Followed {
    pub(super) from: String,
    pub(super) to: String,
    /// `"template"` or `"you"`.
    pub(super) by: &'static str,
}

/// What the name of a file ends in that is the template's side of a conflict.
pub(super) const BESIDE: &str = ".from-template";

/// # Errors
/// Where there is no memory for it.
pub(super) fn merge(input: &Input) -> anyhow::Result<Merge> {
    let kin = Kin::find(input);
    let mut pass = Pass { input, kin: &kin, merge: Merge::default() };
    for thread in &kin.threads {
        pass.thread(thread)?;
    }
    pass.user_files();
    let mut merge = pass.merge;
    place::settle(input.ours, &mut merge);
    merge.followed.sort();
    merge.followed.dedup();
    merge.conflicts.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(merge)
}

/// One file through its three lives.
#[derive(Debug, Clone, Default)]
struct Thread {
    base: Option<TreePath>,
    ours: Option<TreePath>,
    theirs: Option<TreePath>,
}

struct Pass<'a> {
    input: &'a Input<'a>,
    kin: &'a Kin,
    merge: Merge,
}

impl Pass<'_> {
    fn thread(&mut self, thread: &Thread) -> anyhow::Result<()> {
        let base = thread.base.as_ref().and_then(|path| self.input.base.get(path)).map(|based| &based.content);
        let theirs = thread.theirs.as_ref().and_then(|path| self.input.theirs.get(path));
        let ours = thread.ours.as_ref().and_then(|path| self.input.ours.content(path));
        if let (Some(file), true) = (theirs, ours.is_some() || base.is_some())
            && file.skip_if_exists
        {
            return Ok(());
        }
        let theirs = theirs.map(|file| &file.content);
        let blocked = [&thread.ours, &thread.base, &thread.theirs]
            .into_iter()
            .flatten()
            .find_map(|path| self.input.ours.blocked(path).map(|why| (path.clone(), why)));
        if let Some((path, why)) = blocked {
            self.blocked(&path, &why, base, theirs);
            return Ok(());
        }
        match (base, ours, theirs) {
            (None | Some(_), None, None) | (None, Some(_), None) => {}
            (None, None, Some(theirs)) => self.added(thread, theirs),
            (Some(base), None, Some(theirs)) => self.deleted_by_user(thread, base, theirs),
            (Some(base), Some(ours), None) => self.deleted_by_template(thread, base, ours),
            (base, Some(ours), Some(theirs)) => self.both(thread, base, ours, theirs)?,
        }
        Ok(())
    }

    /// The template has something new.
    fn added(&mut self, thread: &Thread, theirs: &Content) {
        let Some(path) = &thread.theirs else { return };
        let path = match self.kin.user_folders.follow(path) {
            Some(moved) if self.input.ours.content(&moved).is_none() => {
                self.followed(path, &moved, "you");
                moved
            }
            _ => path.clone(),
        };
        if let Some(ours) = self.input.ours.content(&path) {
            // Another file of the template's, which the user calls by that name.
            if !content::is_same(ours, theirs) {
                let beside = place::beside(&path, self.input.ours, &self.merge);
                self.merge.writes.insert(beside.clone(), theirs.clone());
                self.conflict(path, Dispute::InTheWay, Some(beside), Vec::new());
            }
            return;
        }
        self.merge.writes.insert(path, theirs.clone());
    }

    fn deleted_by_user(&mut self, thread: &Thread, base: &Content, theirs: &Content) {
        let (Some(old), Some(new)) = (&thread.base, &thread.theirs) else { return };
        if content::is_same(base, theirs) {
            return;
        }
        let path = self.kin.user_folders.follow(new).unwrap_or_else(|| new.clone());
        let stages = vec![(old.clone(), Stage::Base, base.clone()), (path.clone(), Stage::Theirs, theirs.clone())];
        self.merge.writes.insert(path.clone(), theirs.clone());
        self.conflict(path, Dispute::DeletedByYou, None, stages);
    }

    fn deleted_by_template(&mut self, thread: &Thread, base: &Content, ours: &Content) {
        let Some(path) = &thread.ours else { return };
        if content::is_same(base, ours) {
            self.merge.removes.insert(path.clone(), ours.clone());
            return;
        }
        let stages = vec![(path.clone(), Stage::Base, base.clone()), (path.clone(), Stage::Ours, ours.clone())];
        self.conflict(path.clone(), Dispute::DeletedByTemplate, None, stages);
    }

    fn both(
        &mut self,
        thread: &Thread,
        base: Option<&Content>,
        ours: &Content,
        theirs: &Content,
    ) -> anyhow::Result<()> {
        let (Some(at), Some(new)) = (&thread.ours, &thread.theirs) else { return Ok(()) };
        let (path, is_disputed) = self.name(thread, at, new);
        let labels = Labels { ours: "yours", base: self.input.old_name, theirs: self.input.new_name };
        let joined = content::join(base, ours, theirs, labels, self.input.markers)?;
        let stages = || {
            let base =
                base.map(|base| (thread.base.clone().unwrap_or_else(|| path.clone()), Stage::Base, base.clone()));
            let ours = (path.clone(), Stage::Ours, ours.clone());
            base.into_iter().chain([ours, (path.clone(), Stage::Theirs, theirs.clone())]).collect()
        };
        let (result, conflict) = match joined {
            Joined::Clean(result) => (result, is_disputed.then_some((Dispute::Renamed, None))),
            Joined::Marked(result) => (result, Some((Dispute::Lines, None))),
            Joined::Apart => {
                let beside = place::beside(&path, self.input.ours, &self.merge);
                self.merge.writes.insert(beside.clone(), theirs.clone());
                (ours.clone(), Some((Dispute::Whole, Some(beside))))
            }
        };
        if path != *at {
            self.merge.removes.insert(at.clone(), ours.clone());
            self.merge.writes.insert(path.clone(), result);
        } else if result != *ours {
            self.merge.writes.insert(path.clone(), result);
        }
        if let Some((kind, beside)) = conflict {
            let stages = stages();
            self.conflict(path, kind, beside, stages);
        }
        Ok(())
    }

    /// What a file is called in the end, and whether the two sides do not agree on that.
    fn name(&mut self, thread: &Thread, at: &TreePath, new: &TreePath) -> (TreePath, bool) {
        let Some(old) = &thread.base else { return (at.clone(), false) };
        if old == new {
            if at != old {
                self.followed(old, at, "you");
            }
            return (at.clone(), false);
        }
        if at == new {
            return (at.clone(), false);
        }
        if at == old {
            if self.input.ours.here(new).is_some_and(|here| !matches!(here, Here::Folder)) {
                // The user has a file of that name; nothing is put over it.
                return (at.clone(), true);
            }
            self.followed(old, new, "template");
            return (new.clone(), false);
        }
        (at.clone(), true)
    }

    /// The user's own files in a folder that the template renamed go with it.
    fn user_files(&mut self) {
        for path in self.input.ours.extra() {
            let Some(to) = self.kin.template_folders.follow(path) else { continue };
            let known = self.kin.candidates_used.contains(path);
            let Some(content) = self.input.ours.content(path).filter(|_| !known) else { continue };
            if self.input.ours.here(&to).is_some()
                || self.input.ours.stranger(&to).is_some()
                || self.merge.writes.contains_key(&to)
            {
                self.merge.notes.push(format!("`{path}` stays: `{to}` is there already"));
                continue;
            }
            self.followed(path, &to, "template");
            self.merge.removes.insert(path.clone(), content.clone());
            self.merge.writes.insert(to, content.clone());
        }
    }

    /// The template's side of what lies where nothing may be written.
    fn blocked(&mut self, path: &TreePath, why: &ours::Blocked, base: Option<&Content>, theirs: Option<&Content>) {
        match (base, theirs) {
            (Some(base), Some(theirs)) if content::is_same(base, theirs) => {}
            (None, None) => {}
            (_, Some(theirs)) => {
                let beside = place::beside_folder(path, &why.at, self.input.ours, &self.merge);
                self.merge.writes.insert(beside.clone(), theirs.clone());
                self.merge.notes.push(format!("`{path}` is not written: {}", why.why));
                self.conflict(path.clone(), Dispute::InTheWay, Some(beside), Vec::new());
            }
            (Some(_), None) => {
                self.merge.notes.push(format!("the template removes `{path}`, which stays: {}", why.why));
            }
        }
    }

    fn followed(&mut self, from: &TreePath, to: &TreePath, by: &'static str) {
        self.merge.followed.push(Followed { from: from.to_string(), to: to.to_string(), by });
    }

    fn conflict(
        &mut self,
        path: TreePath,
        kind: Dispute,
        beside: Option<TreePath>,
        stages: Vec<(TreePath, Stage, Content)>,
    ) {
        self.merge.conflicts.push(Conflict { path, kind, beside, stages });
    }
}

impl Merge {
    /// What Git's index is told, of the paths that `is_tracked` says it has.
    pub(super) fn unmerged(&self, is_tracked: &dyn Fn(&TreePath) -> bool) -> Vec<Unmerged> {
        let mut by_path: HashMap<&TreePath, Vec<(Stage, Content)>> = HashMap::new();
        for (path, stage, content) in self.conflicts.iter().flat_map(|conflict| &conflict.stages) {
            by_path.entry(path).or_default().push((*stage, content.clone()));
        }
        let conflicts = self.conflicts.iter().filter(|conflict| {
            conflict.stages.iter().any(|(path, _, _)| is_tracked(path)) || is_tracked(&conflict.path)
        });
        let mut paths: Vec<&TreePath> =
            conflicts.flat_map(|conflict| conflict.stages.iter().map(|(path, _, _)| path)).collect();
        paths.sort();
        paths.dedup();
        paths
            .into_iter()
            .map(|path| Unmerged { path: path.clone(), stages: by_path.remove(path).unwrap_or_default() })
            .collect()
    }
}

#[cfg(test)]
mod tests;
