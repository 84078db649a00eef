//! The way through a deed: one change after the other, each looked up first (it may be made already), then made, then written down.

use std::path::{Path, PathBuf};

use super::act::{Act, head};
use super::journal::{Journal, Phase, Record};
use super::open::is_whole;
use super::view::View;
use super::{Conflicts, Deed, Resume, Spot};
use crate::error::{Exit, Failure, Problem, fail};
use crate::git::{Actor, Id};
use crate::plan::fault;
use crate::plan::git::run_script;
use crate::plan::process::quoted;
use crate::ui::{Interrupt, Ui};

/// A deed that is being done.
pub(super) struct Run {
    pub(super) journal: Journal,
}

/// Why a change was not made.
pub(super) enum Failed {
    /// The user can resolve it.
    Conflict(Failure),
    Other(anyhow::Error),
}

impl From<anyhow::Error> for Failed {
    fn from(error: anyhow::Error) -> Self {
        Self::Other(error)
    }
}

/// Does a deed from its beginning.
pub(super) fn begin(deed: Deed, ui: &Ui) -> anyhow::Result<()> {
    let interrupt = Interrupt::hold()?;
    let view = View::of(&deed.home)?;
    let run = Run { journal: Journal::begin(deed)? };
    // Between the look and the lock somebody may have moved something.
    for (name, was) in &run.record().deed.refs {
        if view.id(name)? != *was {
            let failure = moved(name, *was, view.id(name)?).hint("run the command again");
            run.journal.discard();
            return Err(failure.into());
        }
    }
    run.go(&interrupt, ui)
}

/// Goes on with a deed that was begun, or takes it back.
pub(super) fn resume(common_dir: &Path, resume: Resume, ui: &Ui) -> anyhow::Result<()> {
    let interrupt = Interrupt::hold()?;
    let journal = Journal::open(common_dir)?.ok_or_else(|| fail("there is nothing to go on with any more"))?;
    let run = Run { journal };
    // In a conflict, or where only the push is missing, the `git` of that run had ended: a lock is that of one that the user has started since.
    if matches!(run.record().phase, Phase::Acting | Phase::Aborting) {
        run.unlock()?;
    }
    let locks = run.record().deed.locks()?;
    if !locks.is_empty() {
        return Err(run.locked(&locks).into());
    }
    match resume {
        Resume::Abort => run.take_back(ui),
        Resume::Continue if run.record().phase == Phase::Aborting => {
            let hint = format!("begin anew with `prodev flow {}`", run.record().deed.words());
            run.take_back(ui)?;
            Err(fail("it was being taken back, and now it is").hint(hint).into())
        }
        Resume::Continue => {
            if run.record().phase == Phase::Acting {
                run.settle(ui)?;
            }
            run.go(&interrupt, ui)
        }
    }
}

/// Whether what was begun could be taken back. Nothing is changed.
///
/// # Errors
/// Why not.
pub(crate) fn may_be_taken_back(common_dir: &Path, ui: &Ui) -> anyhow::Result<()> {
    let Some(journal) = Journal::open(common_dir)? else { return Ok(()) };
    Run { journal }.may_be_taken_back(ui)
}

/// Whether what was begun could go on, as far as its conflict and the locks tell. Nothing is changed.
///
/// # Errors
/// Why not.
pub(crate) fn may_go_on(common_dir: &Path) -> anyhow::Result<()> {
    let Some(journal) = Journal::open(common_dir)? else { return Ok(()) };
    let run = Run { journal };
    let record = run.record();
    let is_waiting = matches!(record.phase, Phase::Stopped | Phase::Unpushed);
    let locks = record.deed.locks()?;
    // Others are those of a `git` that died: they are taken away.
    let locks: Vec<PathBuf> = locks.into_iter().filter(|lock| is_waiting || record.locks.contains(lock)).collect();
    if !locks.is_empty() {
        return Err(run.locked(&locks).into());
    }
    match record.deed.acts.get(record.at) {
        Some(act) if run.is_stopped() => run.foresee(act),
        _ => Ok(()),
    }
}

pub(super) fn moved(name: &str, was: Option<Id>, is: Option<Id>) -> Failure {
    let shown = |id: Option<Id>| id.map_or_else(|| "nothing".to_owned(), |id| id.short());
    fail(format!("`{}` was moved by somebody else", super::act::short(name))).cause(format!(
        "it is at {} and should be at {}",
        shown(is),
        shown(was)
    ))
}

impl Run {
    pub(super) fn record(&self) -> &Record {
        &self.journal.record
    }

    /// The command that the deed is, as in hints.
    pub(super) fn command(&self) -> String {
        self.record().deed.command.clone()
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.record().phase == Phase::Stopped
    }

    pub(super) fn git<'a>(&'a self, dir: &'a Path) -> Actor<'a> {
        Actor { lock: Some(&self.journal.lock), ..Actor::new(dir) }
    }

    /// The same, with a record of which hooks ran and what they answered.
    pub(super) fn tracing<'a>(&'a self, dir: &'a Path) -> Actor<'a> {
        Actor { trace: Some(self.journal.trace()), ..self.git(dir) }
    }

    pub(super) fn home(&self) -> &Path {
        &self.record().deed.home
    }

    /// Where a ref should be now.
    pub(super) fn expected(&self, name: &str) -> Option<Id> {
        let record = self.record();
        record.made.get(name).copied().unwrap_or_else(|| record.deed.refs.get(name).copied().flatten())
    }

    /// Makes what is missing. What goes wrong takes all back, unless the user can go on from there.
    fn go(mut self, interrupt: &Interrupt, ui: &Ui) -> anyhow::Result<()> {
        while let Some(act) = self.record().deed.acts.get(self.record().at).cloned() {
            let made =
                interrupt.check().map_err(|error| Failed::Other(error.into())).and_then(|()| self.step(&act, ui));
            let failed = match made {
                Ok(()) => continue,
                Err(failed) => failed,
            };
            // Its `git` has ended, and taken its own locks away: what is there is another one's.
            let locks = self.record().deed.locks()?;
            self.journal.record.locks.clone_from(&locks);
            let is_push = matches!(act, Act::Push { .. });
            // A signal reaches `git`, too: what that says of it is not the reason.
            let failed = match (failed, interrupt.check(), &act) {
                (Failed::Other(_), Err(_), Act::Push { remote, .. }) => {
                    let failure = fail(format!("the push to `{remote}` was interrupted")).exit(Exit::Interrupted);
                    Failed::Other(self.unpushed(failure).into())
                }
                (Failed::Other(_), Err(stop), _) => Failed::Other(stop.into()),
                (failed, ..) => failed,
            };
            let (error, phase) = match failed {
                // The way back would come upon it as well.
                Failed::Other(_) if !locks.is_empty() => {
                    (self.locked(&locks).into(), Some(if is_push { Phase::Unpushed } else { self.record().phase }))
                }
                // Not what the user has resolved, because a hook wants another message.
                Failed::Other(error) if self.is_stopped() => (error, Some(Phase::Stopped)),
                Failed::Conflict(failure) if self.record().deed.conflicts == Conflicts::Stop => {
                    (failure.into(), Some(Phase::Stopped))
                }
                Failed::Conflict(failure) => {
                    let Failure { message, .. } = failure;
                    let failure = fail(format!("{message}, which was not foreseen: all is as it was"))
                        .hint(format!("go into the conflict with `prodev flow {} --resolve`", self.command()));
                    (anyhow::Error::from(failure), None)
                }
                Failed::Other(error) if is_push => (error, Some(Phase::Unpushed)),
                Failed::Other(error) if self.record().pushed => (error, Some(Phase::Acting)),
                Failed::Other(error) if self.record().resolved => (self.waiting(error), Some(Phase::Acting)),
                Failed::Other(error) => (error, None),
            };
            if let Some(phase) = phase {
                self.journal.record.phase = phase;
                self.journal.write()?;
                return Err(error);
            }
            let command = self.command();
            return match self.take_back(ui) {
                Ok(()) => Err(error),
                // It was refused, and says why; or it stays half-way.
                Err(worse) if worse.downcast_ref::<Failure>().is_some() => {
                    Err(worse.context(format!("{error:#}; and it could not be taken back")))
                }
                Err(worse) => Err(fail(format!("{error:#}; and it could not be taken back"))
                    .cause(format!("{worse:#}"))
                    .hint(format!("when that is mended, go on with `prodev flow {command} --continue`"))
                    .hint(format!("or take all back with `prodev flow {command} --abort`"))
                    .into()),
            };
        }
        self.journal.close()
    }

    /// Makes one change, unless it is made, and writes down that it is.
    fn step(&mut self, act: &Act, ui: &Ui) -> Result<(), Failed> {
        if self.is_stopped() {
            self.stands(act)?;
        }
        let is_found = self.is_made(act)?;
        if !is_found {
            if self.is_stopped() {
                Self::may_begin_anew(act)?;
            } else {
                self.check(act)?;
            }
            self.make(act, ui)?;
            fault::moment();
            // What a remote has come to is what it says.
            if !matches!(act, Act::Push { .. }) && !self.is_made(act)? && !self.is_squashed(act)? {
                return Err(Failed::Other(fail(format!("`{}` did not come to what it should", told(act))).into()));
            }
        }
        if let Some(name) = act.moves() {
            // What hooks have added in this very run goes back with it.
            if (is_found || self.is_stopped()) && self.is_gone_beyond(act)? {
                self.journal.record.beyond.insert(name.clone());
            }
            let is = View::of(self.home())?.id(&name)?;
            self.journal.record.made.insert(name, is);
        }
        self.journal.record.pushed |= matches!(act, Act::Push { .. });
        self.journal.record.resolved |= self.is_stopped();
        self.journal.record.at += 1;
        self.journal.record.phase = Phase::Acting;
        self.journal.record.locks = self.record().deed.locks()?;
        Ok(self.journal.write()?)
    }

    /// What a change relies on: the ref that it moves is where it was left.
    fn check(&self, act: &Act) -> anyhow::Result<()> {
        let Some(name) = act.moves() else { return Ok(()) };
        let (is, should) = (View::of(self.home())?.id(&name)?, self.expected(&name));
        if is == should { Ok(()) } else { Err(moved(&name, should, is).into()) }
    }

    /// Whether a change is made, as the repository shows it.
    pub(super) fn is_made(&self, act: &Act) -> anyhow::Result<bool> {
        let view = View::of(act.dir().map_or(self.home(), PathBuf::as_path))?;
        match act {
            Act::Switch { to, .. } => Ok(view.spot()? == *to),
            Act::Open { branch, at, place, .. } => {
                // Whoever was left with it may have committed to it.
                let Some(is) = view.branch(branch)? else { return Ok(false) };
                let is_here = match place {
                    None => view.spot()? == Spot::Branch(branch.clone()),
                    Some(place) => is_whole(place, branch),
                };
                Ok(is_here && view.contains(is, *at)?)
            }
            Act::Forward { branch, to, .. } => Ok(view.branch(branch)? == Some(*to)),
            Act::Edit { branch, files, .. } => match (view.branch(branch)?, self.expected(&head(branch))) {
                (Some(is), Some(was)) if is != was => Self::is_edit(&view, is, was, files),
                _ => Ok(false),
            },
            Act::Merge { into, from, .. } => {
                let (is, was, source) = (view.branch(into)?, self.expected(&head(into)), view.source(from)?);
                let (Some(is), Some(was)) = (is, was) else { return Ok(false) };
                // Nothing to merge is merged. A hook may have gone on from there, and whoever resolved a conflict have merged in a way of their own.
                Ok(view.contains(is, was)? && view.contains(is, source)?)
            }
            Act::Squash { into, from, message, .. } => {
                let (is, was, source) = (view.branch(into)?, self.expected(&head(into)), view.source(from)?);
                let (Some(is), Some(was)) = (is, was) else { return Ok(false) };
                if is == was {
                    return view.contains(was, source);
                }
                // Whoever resolved a conflict may have written a message of their own, and gone on from there.
                if self.is_stopped() {
                    return view.is_resolved_squash(is, was, source, message);
                }
                view.is_squash_of(is, was, source, message)
            }
            Act::Rebase { branch, onto, .. } => {
                let Some(is) = view.branch(branch)? else { return Ok(false) };
                Ok(!view.is_rebasing() && view.contains(is, view.source(onto)?)?)
            }
            Act::Follow { into, from, .. } => Ok(view.branch(into)? == Some(view.source(from)?)),
            Act::Tag { name, at, .. } => {
                let found = view.repository.look_up(&format!("refs/tags/{name}"))?.map(|tag| tag.peeled);
                Ok(found == Some(view.source(at)?))
            }
            Act::Push { .. } => Ok(false),
            Act::Track { branch, .. } => Ok(view.branch(branch)?.is_some()),
            Act::Copy { from, to } => {
                let is = view.branch(to)?;
                Ok(is.is_some() && is == self.expected(&head(from)))
            }
            Act::Configure { key, new, .. } => Ok(view.repository.settings()?.get(key) == new.as_deref()),
            Act::Delete { branch } => Ok(view.branch(branch)?.is_none()),
            // What a script did is its own business; it runs again after a kill, and not after that.
            Act::Script { .. } => Ok(self.ran_script()),
        }
    }

    /// That another Git is at work in the midst of it.
    fn locked(&self, locks: &[PathBuf]) -> Failure {
        let command = self.command();
        let mut failure = Failure::of("the repository is locked", locks.iter().map(|lock| locked(lock)).collect());
        failure.hints.insert(
            0,
            format!(
                "when it has ended, go on with `prodev flow {command} --continue`, or take all back with `--abort`"
            ),
        );
        failure.cause(format!("the {command} of `{}` waits half-way", self.record().deed.branch))
    }

    fn ran_script(&self) -> bool {
        self.journal.record.made.contains_key(&format!("script {}", self.record().at))
    }

    fn make(&mut self, act: &Act, ui: &Ui) -> Result<(), Failed> {
        match act {
            Act::Switch { dir, to } => self.switch(dir, to)?,
            Act::Open { .. } => self.open(act, ui)?,
            Act::Forward { dir: Some(dir), to, .. } => {
                self.git(dir).must(&["merge", "--quiet", "--ff-only", "--no-squash", &to.to_string()], b"")?;
            }
            Act::Forward { dir: None, branch, to } => {
                let was = self.expected(&head(branch)).map(|id| id.to_string()).unwrap_or_default();
                let (name, to) = (head(branch), to.to_string());
                self.git(self.home()).must(&["update-ref", "-m", "prodev: fast-forward", &name, &to, &was], b"")?;
            }
            Act::Edit { dir, branch, files, message } => self.edit(dir, branch, files, message, ui)?,
            Act::Merge { dir, into, from, message } => self.merge(dir, into, from, message)?,
            Act::Squash { dir, into, from, message } => self.squash(dir, into, from, message)?,
            Act::Rebase { dir, branch, onto } => self.rebase(dir, branch, onto)?,
            Act::Follow { dir, from, .. } => {
                let id = View::of(dir)?.source(from)?.to_string();
                self.git(dir).must(&["merge", "--quiet", "--ff-only", "--no-squash", &id], b"")?;
            }
            Act::Tag { name, at, message, sign } => {
                let id = View::of(self.home())?.source(at)?.to_string();
                let kind = if *sign { "--sign" } else { "--annotate" };
                let arguments = ["tag", kind, "--cleanup=verbatim", "-F", "-", "--", name, &id];
                let said = self.git(self.home()).run(&arguments, message.as_bytes())?;
                if !said.is_success() {
                    let failure = fail(format!("the tag `{name}` could not be made")).cause(said.last(4));
                    let hint = "look at `git config user.signingkey`, or leave `--sign` and `tag.gpgSign` out";
                    return Err(Failed::Other(failure.hint(hint).into()));
                }
            }
            Act::Push { remote, refs, delete } => self.push(remote, refs, delete.as_ref())?,
            Act::Track { branch, from } => {
                self.git(self.home()).must(&["branch", "--quiet", "--track=direct", "--", branch, from], b"")?;
            }
            Act::Copy { from, to } => {
                self.git(self.home()).must(&["branch", "--copy", "--", from, to], b"")?;
            }
            Act::Configure { key, new, .. } => configure(self.git(self.home()), key, new.as_deref())?,
            Act::Delete { branch } => self.delete(branch)?,
            Act::Script { program, arguments, shown } => {
                run_script(self.home(), program, arguments, shown, ui)?;
                let at = self.record().at;
                self.journal.record.made.insert(format!("script {at}"), None);
            }
        }
        Ok(())
    }

    pub(super) fn switch(&self, dir: &Path, to: &Spot) -> anyhow::Result<()> {
        switch(self.git(dir), to)
    }

    fn delete(&self, branch: &str) -> anyhow::Result<()> {
        let home = self.home();
        // First, since the branch tells whether all is done.
        let section = format!("gitflow.branch.{branch}");
        let is_there = |(key, _): &(String, String)| key.starts_with(&format!("{section}."));
        if self.record().deed.settings.iter().any(is_there) {
            self.git(home).run(&["config", "--local", "--remove-section", &section], b"")?;
        }
        self.git(home).must(&["branch", "--quiet", "-D", "--", branch], b"")?;
        Ok(())
    }
}

/// That there is a lock file, which somebody left, or holds.
pub(crate) fn locked(path: &Path) -> Problem {
    let shown = path.display();
    Problem::new(format!("`{shown}` is there: another Git may be at work"))
        .hint(format!("if none is, remove it: `rm {}`", quoted(&path.to_string_lossy())))
}

/// Sets a key of the repository's own configuration, or takes it out.
pub(super) fn configure(git: Actor, key: &str, value: Option<&str>) -> anyhow::Result<()> {
    match value {
        Some(value) => git.must(&["config", "--local", "--replace-all", key, value], b"")?,
        None => git.must(&["config", "--local", "--unset-all", key], b"")?,
    };
    Ok(())
}

/// Checks out a branch or a commit.
pub(super) fn switch(git: Actor, to: &Spot) -> anyhow::Result<()> {
    let id = match to {
        Spot::Branch(_) => String::new(),
        Spot::Commit(id) => id.to_string(),
    };
    let arguments: Vec<&str> = match to {
        Spot::Branch(name) => vec!["switch", "--quiet", "--no-guess", "--", name],
        Spot::Commit(_) => vec!["switch", "--quiet", "--detach", &id],
    };
    let said = git.run(&arguments, b"")?;
    if said.is_success() {
        return Ok(());
    }
    // A hook after the checkout cannot undo it; that it failed is no reason to stop.
    if View::of(git.dir)?.spot()? == *to {
        return Ok(());
    }
    Err(said.failure(&arguments).into())
}

fn told(act: &Act) -> String {
    let line = act.line();
    format!("{} {}", line.action, line.path)
}
