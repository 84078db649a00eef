//! The way back: refs, HEAD, working tree and configuration as they were, each only where nobody else has moved it meanwhile.

use std::path::{Path, PathBuf};

use super::Spot;
use super::act::{Act, head, short};
use super::journal::Phase;
use super::run::{Run, configure, switch};
use super::view::View;
use crate::error::{Problem, fail};
use crate::git::{Flag, Id};
use crate::plan::process::quoted;
use crate::ui::Ui;

impl Run {
    /// Takes all back.
    ///
    /// # Errors
    /// Where others have seen it, or moved something that it moved: then nothing is changed.
    pub(super) fn take_back(mut self, ui: &Ui) -> anyhow::Result<()> {
        self.may_be_taken_back(ui)?;
        self.journal.record.phase = Phase::Aborting;
        self.journal.write()?;
        self.settle(ui)?;
        self.close_places()?;
        self.move_refs(|name, dirs| !dirs.iter().any(|(_, on)| on.as_deref() == Some(name)))?;
        for (dir, spot) in self.record().deed.heads.clone() {
            if View::of(&dir)?.spot()? != spot {
                switch(self.quiet(&dir), &spot)?;
            }
        }
        self.move_refs(|_, _| true)?;
        self.put_back_settings()?;
        self.put_back_flags()?;
        self.journal.put_back_files()?;
        self.journal.close()
    }

    pub(super) fn may_be_taken_back(&self, ui: &Ui) -> anyhow::Result<()> {
        let record = self.record();
        let view = View::of(&record.deed.home)?;
        let act = record.deed.acts.get(record.at);
        if record.pushed || self.has_arrived(&view, act, ui)? {
            let hint = format!("go on with `prodev flow {} --continue`", self.command());
            return Err(fail("it is pushed: others may have it already").hint(hint).into());
        }
        // What a killed run did last may not be written down yet.
        let is_doing = |act: &&Act| self.is_made(act).unwrap_or(false) || view.is_half_open(act);
        let doing = act.filter(is_doing).and_then(Act::moves);
        let going = act.filter(|act| self.is_gone_beyond(act).unwrap_or(true)).and_then(Act::moves);
        let mut problems = self.kept_open()?;
        for (name, was) in &record.deed.refs {
            let is = view.id(name)?;
            let is_beyond = doing.as_ref() == Some(name) && going.as_ref() == Some(name);
            if is != *was && (is_beyond || record.beyond.contains(name)) {
                let message = format!("`{}` has commits that came on top of it meanwhile", short(name));
                problems.push(
                    Problem::new(message).hint(format!("keep them: `prodev flow {} --continue`", self.command())),
                );
                continue;
            }
            // To put back what somebody deleted loses nothing.
            let is_ours =
                is == *was || is.is_none() || record.made.get(name) == Some(&is) || doing.as_ref() == Some(name);
            if !is_ours {
                let shown = |id: Option<Id>| id.map_or_else(|| "nothing".to_owned(), |id| id.short());
                let made = record.made.get(name).copied().flatten();
                let message = format!(
                    "`{}` is at {}, and was left at {}: somebody else moved it",
                    short(name),
                    shown(is),
                    shown(made.or(*was))
                );
                problems.push(Problem::new(message).hint(keep_and_return(&view, name, is, made.or(*was))?));
            }
        }
        if problems.is_empty() {
            Ok(())
        } else {
            Err(crate::error::Failure::of("branches were moved meanwhile", problems).into())
        }
    }

    /// Moves those refs back that are chosen: by `update-ref` where they are checked out nowhere, else with their worktree.
    fn move_refs(&self, choose: impl Fn(&str, &[(PathBuf, Option<String>)]) -> bool) -> anyhow::Result<()> {
        let deed = &self.record().deed;
        let view = View::of(&deed.home)?;
        let mut dirs = Vec::new();
        for (dir, _) in &deed.heads {
            let on = match View::of(dir)?.spot()? {
                Spot::Branch(name) => Some(head(&name)),
                Spot::Commit(_) => None,
            };
            dirs.push((dir.clone(), on));
        }
        let mut changes = Vec::new();
        for (name, was) in deed.refs.iter().filter(|(name, _)| choose(name, &dirs)) {
            let is = view.id(name)?;
            if is == *was {
                continue;
            }
            let checked_out = dirs.iter().find(|(_, on)| on.as_ref() == Some(name)).map(|(dir, _)| dir);
            match (checked_out, was, is) {
                (Some(dir), Some(was), _) => {
                    // What Git last saw of a file may be older than the file; without a look it takes that for a change.
                    self.quiet(dir).run(&["update-index", "-q", "--refresh"], b"")?;
                    self.quiet(dir).must(&["reset", "--quiet", "--keep", &was.to_string()], b"")?;
                }
                (_, Some(was), Some(is)) => changes.push(format!("update {name} {was} {is}\n")),
                (_, Some(was), None) => changes.push(format!("create {name} {was}\n")),
                (_, None, Some(is)) => changes.push(format!("delete {name} {is}\n")),
                (_, None, None) => {}
            }
        }
        if !changes.is_empty() {
            self.quiet(&deed.home).must(&["update-ref", "--stdin"], changes.concat().as_bytes())?;
        }
        Ok(())
    }

    fn put_back_settings(&self) -> anyhow::Result<()> {
        let deed = &self.record().deed;
        for act in deed.acts.iter().take(self.record().at + 1).rev() {
            let view = View::of(&deed.home)?;
            let settings = view.repository.settings()?;
            match act {
                Act::Configure { key, old, new } if settings.get(key) == new.as_deref() && old != new => {
                    configure(self.quiet(&deed.home), key, old.as_deref())?;
                }
                Act::Copy { to, .. } | Act::Track { branch: to, .. }
                    if !settings.below(&format!("branch.{to}.")).is_empty() =>
                {
                    self.quiet(&deed.home)
                        .run(&["config", "--local", "--remove-section", &format!("branch.{to}")], b"")?;
                }
                _ => {}
            }
        }
        let view = View::of(&deed.home)?;
        for (key, value) in &deed.settings {
            let settings = view.repository.settings()?;
            if settings.get(key).is_none() {
                self.quiet(&deed.home).must(&["config", "--local", "--add", key, value], b"")?;
            }
        }
        Ok(())
    }

    fn put_back_flags(&self) -> anyhow::Result<()> {
        let deed = &self.record().deed;
        if deed.flags.is_empty() {
            return Ok(());
        }
        let now = View::of(&deed.home)?.repository.flagged()?;
        for (flag, option) in [(Flag::AssumeUnchanged, "--assume-unchanged"), (Flag::SkipWorktree, "--skip-worktree")] {
            let missing = deed.flags.iter().filter(|one| one.1 == flag && !now.contains(one));
            let paths: Vec<&str> = missing.map(|(path, _)| path.as_str()).collect();
            if !paths.is_empty() {
                let home: &Path = &deed.home;
                self.quiet(home).must(&["update-index", option, "-z", "--stdin"], paths.join("\0").as_bytes())?;
            }
        }
        Ok(())
    }
}

/// How to bring a ref to where it was left, and lose nothing of what is there now.
fn keep_and_return(view: &View, name: &str, is: Option<Id>, left: Option<Id>) -> anyhow::Result<String> {
    let is_checked_out = view.spot()? == Spot::Branch(short(name).to_owned()) && name.starts_with("refs/heads/");
    let back = match left {
        Some(left) if is_checked_out => format!("git reset --keep {left}"),
        Some(left) => format!("git update-ref {} {left}", quoted(name)),
        None => format!("git update-ref -d {}", quoted(name)),
    };
    Ok(match is {
        Some(is) => {
            let kept = quoted(&format!("{}-kept", short(name)));
            format!(
                "if all is to be taken back, keep what is there under another name: `git branch {kept} {is} && {back}`"
            )
        }
        None => format!("if all is to be taken back: `{back}`"),
    })
}
