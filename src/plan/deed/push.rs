//! What leaves this machine: one push, all or nothing, and whether it has arrived, which only the remote knows.

use std::collections::BTreeMap;

use anyhow::Context as _;

use super::act::{Act, head};
use super::journal::Phase;
use super::run::Run;
use super::view::View;
use crate::error::{Failure, fail};
use crate::git::Id;
use crate::ui::Ui;

impl Run {
    /// Sends refs, and deletes the branch that is where it was seen.
    pub(super) fn push(&self, remote: &str, refs: &[String], delete: Option<&(String, Id)>) -> anyhow::Result<()> {
        let view = View::of(self.home())?;
        let mut arguments = ["push", "--quiet", "--atomic", "--no-follow-tags"].map(str::to_owned).to_vec();
        // What is gone there already needs no deletion; what others pushed to it meanwhile is not ours to delete.
        let delete = match delete {
            Some((branch, id)) if self.record().phase == Phase::Unpushed || self.record().phase == Phase::Acting => {
                self.is_at_remote(remote, branch)?.then_some((branch, id))
            }
            other => other.map(|(branch, id)| (branch, id)),
        };
        if refs.is_empty() && delete.is_none() {
            // Without a word on what to push, Git would push what it is configured to.
            return Ok(());
        }
        if let Some((branch, id)) = delete {
            arguments.push(format!("--force-with-lease={}:{id}", head(branch)));
        }
        arguments.extend(["--".to_owned(), remote.to_owned()]);
        for name in refs {
            let id = view.id(name)?.with_context(|| format!("`{name}` is gone"))?;
            arguments.push(format!("{id}:{name}"));
        }
        arguments.extend(delete.map(|(branch, _)| format!(":{}", head(branch))));
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let said = self.git(self.home()).run(&arguments, b"")?;
        if said.is_success() {
            return Ok(());
        }
        // A connection can break when all is there.
        let names = refs.iter().cloned().chain(delete.iter().map(|(branch, _)| head(branch)));
        let message = match self.at_remote(remote, names)? {
            Some(there) if self.is_there(&view, &there, refs, delete.map(|(branch, _)| branch.as_str()))? => {
                return Ok(());
            }
            Some(_) => format!("`{remote}` did not take the push; nothing was changed there"),
            None => format!("`{remote}` did not take the push, and cannot be asked what it has"),
        };
        Err(self.unpushed(fail(message).cause(said.last(4))).into())
    }

    /// What can be done about a push that was not made.
    pub(super) fn unpushed(&self, failure: Failure) -> Failure {
        let command = self.command();
        failure
            .hint(format!("push again with `prodev flow {command} --continue`"))
            .hint(format!("or take all back with `prodev flow {command} --abort`"))
    }

    fn is_at_remote(&self, remote: &str, branch: &str) -> anyhow::Result<bool> {
        // Where it cannot be asked, the push will say why.
        Ok(self.at_remote(remote, [head(branch)])?.is_none_or(|there| there.contains_key(&head(branch))))
    }

    /// Where refs are at a remote, by their full names; `None` where it cannot be reached.
    fn at_remote(
        &self,
        remote: &str,
        names: impl IntoIterator<Item = String>,
    ) -> anyhow::Result<Option<BTreeMap<String, Id>>> {
        Ok(self.git(self.home()).at_remote(remote, &names.into_iter().collect::<Vec<_>>())?.ok())
    }

    /// Whether a push that was begun has come to its end although nobody has written that down: the remote is asked.
    pub(super) fn has_arrived(&self, view: &View, act: Option<&Act>, ui: &Ui) -> anyhow::Result<bool> {
        let Some(Act::Push { remote, refs, delete }) = act else { return Ok(false) };
        let record = self.record();
        let names = refs.iter().cloned().chain(delete.iter().map(|(branch, _)| head(branch)));
        let Some(there) = self.at_remote(remote, names)? else {
            if record.phase == Phase::Unpushed {
                ui.warn(&format!("`{remote}` cannot be reached; it did not take the push when that was tried"));
                return Ok(false);
            }
            return Err(fail(format!("`{remote}` cannot be asked whether the push has arrived there"))
                .hint(format!("ask again when it can be reached: `prodev flow {} --abort`", self.command()))
                .hint(format!("or let it push again: `prodev flow {} --continue`", self.command()))
                .into());
        };
        self.is_there(view, &there, refs, delete.as_ref().map(|(branch, _)| branch.as_str()))
    }

    /// Whether what a remote has shows that a push has arrived. All refs go together or none: one that tells is enough. What has not moved here is
    /// there in any case.
    fn is_there(
        &self,
        view: &View,
        there: &BTreeMap<String, Id>,
        refs: &[String],
        deleted: Option<&str>,
    ) -> anyhow::Result<bool> {
        let mut tells = false;
        for name in refs {
            let is = view.id(name)?;
            if self.record().deed.refs.get(name).is_none_or(|was| *was != is) {
                tells = true;
                if is.is_some() && there.get(name).copied() == is {
                    return Ok(true);
                }
            }
        }
        Ok(!tells && deleted.is_some_and(|branch| !there.contains_key(&head(branch))))
    }
}
