//! The changes that can conflict: merge, squash, rebase. Each is done by `git`, so that hooks, signing, drivers and filters work, and what it did
//! not do is told as what it was: a conflict, a hook's refusal, a signature that could not be made.

use std::path::Path;

use super::act::{Act, Source, head};
use super::run::{Failed, Run};
use super::view::View;
use crate::error::{Exit, fail, first_of};
use crate::git::{Commit, Forecast, Forecaster, Id, Said, Untracked, dirt};

/// How much of what Git and hooks said is told.
const LINES: usize = 5;

impl Run {
    /// Merges, or goes on with a merge that the user has resolved.
    pub(super) fn merge(&self, dir: &Path, into: &str, from: &Source, message: &str) -> Result<(), Failed> {
        let view = View::of(dir)?;
        let source = view.source(from)?;
        let said = if view.has("MERGE_HEAD") {
            self.nothing_unmerged(dir, into, &from.shown())?;
            self.tracing(dir).run(&["commit", "--quiet", "--cleanup=verbatim", "-F", "-"], message.as_bytes())?
        } else {
            let id = source.to_string();
            // Whatever `merge.*` and `branch.NAME.mergeOptions` say, it is one merge commit with this message.
            let how = ["--no-ff", "--no-squash", "--commit", "--no-log", "--no-edit", "--cleanup=verbatim"];
            self.tracing(dir).run(&[&["merge", "--quiet"], &how[..], &["-m", message, &id]].concat(), b"")?
        };
        self.judge(dir, into, &from.shown(), &said, "merge")
    }

    /// Brings all of a branch into one commit.
    pub(super) fn squash(&self, dir: &Path, into: &str, from: &Source, message: &str) -> Result<(), Failed> {
        let view = View::of(dir)?;
        if !self.is_stopped() || !view.is_squashing(dir)? {
            let id = view.source(from)?.to_string();
            let said = self.git(dir).run(&["merge", "--quiet", "--squash", "--ff", "--no-commit", &id], b"")?;
            self.judge(dir, into, &from.shown(), &said, "merge")?;
        }
        self.nothing_unmerged(dir, into, &from.shown())?;
        // What comes to nothing is brought in all the same.
        let arguments = ["commit", "--quiet", "--allow-empty", "--cleanup=verbatim", "-F", "-"];
        let said = self.tracing(dir).run(&arguments, message.as_bytes())?;
        self.judge(dir, into, &from.shown(), &said, "commit")
    }

    /// Whether a squash that has just been made is there, whatever hooks made of it.
    pub(super) fn is_squashed(&self, act: &Act) -> anyhow::Result<bool> {
        let Act::Squash { dir, into, .. } = act else { return Ok(false) };
        let view = View::of(dir)?;
        match (view.branch(into)?, self.expected(&head(into))) {
            (Some(is), Some(was)) => Ok(is != was && view.contains(is, was)?),
            _ => Ok(false),
        }
    }

    /// Puts a branch on top of another.
    pub(super) fn rebase(&self, dir: &Path, branch: &str, onto: &Source) -> Result<(), Failed> {
        let view = View::of(dir)?;
        let said = if view.is_rebasing() {
            self.nothing_unmerged(dir, branch, &onto.shown())?;
            self.tracing(dir).run(&["rebase", "--continue"], b"")?
        } else {
            let onto = view.source(onto)?.to_string();
            self.tracing(dir).run(&["rebase", "--quiet", "--no-autostash", "--no-update-refs", &onto], b"")?
        };
        self.judge(dir, branch, &onto.shown(), &said, "rebase")
    }

    /// Whether the user has resolved everything.
    pub(super) fn nothing_unmerged(&self, dir: &Path, into: &str, from: &str) -> Result<(), Failed> {
        let paths = dirt(dir, Untracked::Leave)?.unmerged;
        if paths.is_empty() { Ok(()) } else { Err(self.conflict(into, from, &paths)) }
    }

    /// What a `git` that failed failed at.
    pub(super) fn judge(&self, dir: &Path, into: &str, from: &str, said: &Said, verb: &str) -> Result<(), Failed> {
        if said.is_success() {
            return Ok(());
        }
        let paths = dirt(dir, Untracked::Leave)?.unmerged;
        if !paths.is_empty() {
            return Err(self.conflict(into, from, &paths));
        }
        let words = said.words.to_lowercase();
        let is_unsigned = ["failed to sign", "gpg failed", "signing failed", "failed to write commit object"];
        if is_unsigned.iter().any(|mark| words.contains(mark)) {
            return Err(Failed::Other(
                fail(format!("the {verb} into `{into}` could not be signed"))
                    .cause(said.last(LINES))
                    .hint("look at `git config user.signingkey`, or turn signing off with `git config commit.gpgsign false`")
                    .into(),
            ));
        }
        if let Some(hook) = self.journal.refusing_hook() {
            let failure = fail(format!("the hook `{hook}` refused the {verb} into `{into}`")).cause(said.last(LINES));
            let failure = if matches!(hook.as_str(), "commit-msg" | "prepare-commit-msg") {
                if self.is_stopped() {
                    let command = self.command();
                    let way = format!("commit it yourself: `git commit`, then `prodev flow {command} --continue`");
                    return Err(Failed::Other(failure.hint(way).into()));
                }
                failure.hint(match verb {
                    "merge" => "write a message that it takes: `-m TEXT`, or `merge_message` in `[flow]`",
                    // The commit of the version is made on the branch itself.
                    _ if from == into => "write a message that it takes: `message` in `[flow.release]`",
                    _ => "write a message that it takes: `-m TEXT`, or `squash_message` in `[flow]`",
                })
            } else {
                failure.hint("satisfy it, and run the command again")
            };
            return Err(Failed::Other(failure.into()));
        }
        Err(Failed::Other(fail(format!("the {verb} into `{into}` failed")).cause(said.last(LINES)).into()))
    }

    pub(super) fn conflict(&self, into: &str, from: &str, paths: &[String]) -> Failed {
        let failure = fail(format!("`{from}` and `{into}` conflict in {}", first_of(paths, 4)));
        Failed::Conflict(
            failure
                .exit(Exit::Conflict)
                .hint(
                    "resolve them, `git add` them, and run `prodev flow finish --continue`"
                        .replace("finish", &self.command()),
                )
                .hint("or take all back with `prodev flow finish --abort`".replace("finish", &self.command())),
        )
    }
}

impl View {
    /// Whether `commit` is what merging `source` into `old` made, whoever made it.
    pub(super) fn is_merge_of(&self, commit: Id, old: Id, source: Id) -> anyhow::Result<bool> {
        Ok(self.commit(commit)?.parents == [old, source])
    }

    /// Whether `commit` is what squashing `source` on top of `old` made. A hook may have written another message.
    pub(super) fn is_squash_of(&self, commit: Id, old: Id, source: Id, message: &str) -> anyhow::Result<bool> {
        let found = self.commit(commit)?;
        if found.parents != [old] {
            return Ok(false);
        }
        Ok(found.message.trim_end() == message.trim_end()
            || Forecaster::new(&self.repository).merge(old, source)? == Forecast::Clean(found.tree))
    }

    /// Whether what came on top of `old` has the squash of `source` in it, whose conflict the user resolved. Whoever gave it up can have committed
    /// something else meanwhile.
    pub(super) fn is_resolved_squash(&self, is: Id, old: Id, source: Id, message: &str) -> anyhow::Result<bool> {
        if !self.contains(is, old)? {
            return Ok(false);
        }
        let mut forecaster = Forecaster::new(&self.repository);
        let missing = forecaster.news(is, source)?;
        if missing.is_empty() {
            return Ok(true);
        }
        // Where both sides changed the same lines Git cannot know what became of them; all else must be there, and something of it.
        let Forecast::Conflict(conflicts) = forecaster.merge(old, source)? else { return Ok(false) };
        if !missing.iter().all(|path| conflicts.contains(path)) {
            return Ok(false);
        }
        if forecaster.news(old, source)?.iter().any(|path| !conflicts.contains(path)) {
            return Ok(true);
        }
        // There is nothing else: then the message tells, ours or the one that Git proposes.
        let is_ours = |commit: &Commit| {
            commit.message.trim_end() == message.trim_end()
                || commit.message.contains("Squashed commit of the following:")
        };
        let ids = self.repository.range(&[is], &[old])?;
        Ok(self.repository.commits(&ids)?.iter().any(is_ours))
    }

    /// Where a branch is.
    pub(super) fn branch(&self, name: &str) -> anyhow::Result<Option<Id>> {
        self.id(&head(name))
    }
}
