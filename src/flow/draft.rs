//! What update, rename and delete have in common: changes that are made together, drafted here and journalled by the plan.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::see::Seen;
use crate::error::{Failure, Problem};
use crate::git::{Head, Id};
use crate::plan::deed::{Act, Conflicts, Deed, Spot, Told, locked, may_be_written};

/// A deed in the making.
pub(super) struct Draft {
    pub(super) command: &'static str,
    pub(super) branch: String,
    pub(super) acts: Vec<Act>,
    /// Other worktrees in which something else will be checked out, and what is now.
    pub(super) others: Vec<(PathBuf, Spot)>,
    /// Ignored files that a checkout overwrites with what they hold already.
    pub(super) kept: Vec<String>,
    pub(super) conflicts: Conflicts,
}

impl Draft {
    pub(super) fn deed(self, seen: &Seen) -> anyhow::Result<Deed> {
        // That of a bare repository opens branches in worktrees.
        let home = seen.repository.work_tree().unwrap_or(seen.repository.git_dir()).to_owned();
        let mut refs: BTreeMap<String, Option<Id>> = BTreeMap::new();
        for name in self.acts.iter().filter_map(Act::moves) {
            let is = seen.repository.find(&name)?.map(|found| found.id);
            refs.insert(name, is);
        }
        let mut settings = Vec::new();
        for act in &self.acts {
            if let Act::Delete { branch } = act {
                settings.extend(configured(seen, &format!("branch.{branch}."))?);
                settings.extend(configured(seen, &format!("gitflow.branch.{branch}."))?);
            }
        }
        let deed = Deed {
            command: self.command.to_owned(),
            branch: self.branch,
            heads: std::iter::once((home.clone(), spot(&seen.head))).chain(self.others).collect(),
            home,
            common_dir: seen.repository.common_dir().to_owned(),
            acts: self.acts,
            refs,
            flags: if seen.repository.work_tree().is_some() { seen.repository.flagged()? } else { Vec::new() },
            kept: self.kept,
            settings,
            conflicts: self.conflicts,
            told: Told::default(),
            again: None,
        };
        unlocked(&deed)?;
        Ok(deed)
    }
}

/// Whether nobody holds a lock that a deed would come upon, and all can be written that it changes.
pub(super) fn unlocked(deed: &Deed) -> anyhow::Result<()> {
    let folders = deed.heads.iter().map(|(dir, _)| dir).chain([&deed.common_dir]);
    let closed: Vec<Problem> = folders.filter_map(|folder| may_be_written(folder).err()).collect();
    if !closed.is_empty() {
        return Err(Failure::of("the repository cannot be written", closed).into());
    }
    let locked = deed.locks()?.iter().map(|path| locked(path)).collect::<Vec<_>>();
    if locked.is_empty() { Ok(()) } else { Err(Failure::of("the repository is locked", locked).into()) }
}

/// The keys of one section, whose name ends with a dot. (`branch.a.` is not that of the branch `a.b`.)
pub(super) fn configured(seen: &Seen, section: &str) -> anyhow::Result<Vec<(String, String)>> {
    let mut found = seen.repository.settings()?.below(section);
    found.retain(|(key, _)| !key[section.len()..].contains('.'));
    Ok(found)
}

pub(super) fn spot(head: &Head) -> Spot {
    match head {
        Head::Branch(name, _) => Spot::Branch(name.clone()),
        Head::Detached(id) => Spot::Commit(*id),
    }
}
