//! Commits that exist: their messages, and whether they are signed where they must be.

use super::Court;
use super::message::{About, Judge};
use crate::config::flow::Signed;
use crate::config::rule::Rule;
use crate::findings::Object;
use crate::git::{Commit, Id, Repository, Signature};

/// As findings name it.
pub(super) fn object(commit: &Commit) -> Object {
    Object::Commit { id: commit.id.to_string(), subject: commit.subject().to_owned() }
}

/// Judges the messages of `commits`. Merges speak for themselves: they are recognised by their parents.
pub(super) fn messages(court: &mut Court, commits: &[Commit], branch: Option<&str>) {
    let Some(spec) = &court.rules.flow.message else { return };
    let judge = Judge::new(spec);
    for commit in commits.iter().filter(|commit| !commit.is_merge()) {
        let text = commit.message.trim_matches('\n');
        let lines: Vec<&str> = text.lines().map(|line| line.trim_end_matches([' ', '\t', '\r'])).collect();
        let author = Some((commit.author.name.as_str(), commit.author.mail.as_str()));
        for fault in judge.faults(&lines, About { author, branch }) {
            court.find(fault.rule, object(commit), fault.message, fault.hint);
        }
    }
}

/// Judges the signatures of those of `commits` that must be signed: all, or the merges among those that `is_on_base`.
pub(super) fn signatures(
    court: &mut Court,
    repository: &Repository,
    commits: &[Commit],
    is_on_base: impl Fn(Id) -> bool,
) -> anyhow::Result<()> {
    if !court.asks(Rule::Signature) {
        return Ok(());
    }
    let wanted = &court.rules.flow.signatures;
    let (all, merges) = (wanted.contains(&Signed::Commits), wanted.contains(&Signed::Merges));
    let must = |commit: &&Commit| all || (merges && commit.is_merge() && is_on_base(commit.id));
    let (signed, unsigned): (Vec<&Commit>, Vec<&Commit>) = commits.iter().filter(must).partition(|it| it.is_signed);
    for commit in unsigned {
        court.find(Rule::Signature, object(commit), "it is not signed", Some(HINT.to_owned()));
    }
    let ids: Vec<Id> = signed.iter().map(|commit| commit.id).collect();
    for (commit, signature) in signed.iter().zip(repository.signatures(&ids)?) {
        if let Some((message, hint)) = fault(signature) {
            court.find(Rule::Signature, object(commit), message, Some(hint.to_owned()));
        }
    }
    Ok(())
}

const HINT: &str =
    "sign it with `git commit --amend --no-edit -S`, and all later ones with `git config commit.gpgSign true`";

/// What is wrong with a signature that is there.
pub(super) fn fault(signature: Signature) -> Option<(&'static str, &'static str)> {
    match signature {
        Signature::Good => None,
        Signature::Bad => Some(("its signature is bad", HINT)),
        Signature::Revoked => Some(("it is signed with a key that was revoked", HINT)),
        Signature::Unknown => Some((
            "its signature cannot be checked here",
            "give Git the signer's key: `gpg --import KEY`, or `gpg.ssh.allowedSignersFile` for SSH",
        )),
    }
}
