//! What update, rename and delete have in common: changes that are made together, drafted here and journalled by the plan.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::see::Seen;
use crate::error::Failure;
use crate::git::{Head, Id};
use crate::plan::deed::{Act, Conflicts, Deed, Spot, Told, locked};

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
        let home = seen.top()?.to_owned();
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
            flags: seen.repository.flagged()?,
            kept: self.kept,
            settings,
            conflicts: self.conflicts,
            told: Told::default(),
        };
        unlocked(&deed)?;
        Ok(deed)
    }
}

/// Whether nobody holds a lock that a deed would come upon.
pub(super) fn unlocked(deed: &Deed) -> anyhow::Result<()> {
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
