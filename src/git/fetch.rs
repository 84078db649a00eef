//! Fetching from other people's repositories: a `git` that may run nothing, asks nobody who is not there, and keeps passwords to itself.

use std::path::Path;
use std::process::{Command, Stdio};

use super::mirror::Remote;
use super::shell;
use crate::error::{Failure, fail};

/// Branches, tags and the default, and none of the many names that hosts add for their own use.
const REFSPECS: [&str; 3] = ["+HEAD:refs/prodev/head", "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"];

pub(super) fn init(path: &Path) -> anyhow::Result<()> {
    let mut command = command(true);
    // An empty template: the user's own hooks stay out of it.
    command.args(["init", "--quiet", "--bare", "--template=", "--initial-branch=main", "--"]).arg(path);
    finish(command, None)
}

/// One file of names instead of one each.
pub(super) fn pack(path: &Path) {
    let mut command = command(true);
    command.arg("-C").arg(path).args(["pack-refs", "--all"]);
    // Without it the mirror is only slower.
    let _ = finish(command, None);
}

/// Fetches everything that is wanted. A `HEAD` that points to a branch that is not there is no reason to have nothing.
pub(super) fn all(path: &Path, remote: Remote, offline: bool) -> anyhow::Result<()> {
    match some(path, remote, &REFSPECS, offline) {
        Err(error) if has_no_head(&error) => some(path, remote, &REFSPECS[1..], offline),
        done => done,
    }
}

fn has_no_head(error: &anyhow::Error) -> bool {
    let cause = error.downcast_ref::<Failure>().and_then(|failure| failure.cause.as_deref());
    cause.is_some_and(|cause| cause.contains("couldn't find remote ref HEAD"))
}

/// Fetches into the repository at `path`.
pub(super) fn some(path: &Path, remote: Remote, refspecs: &[&str], offline: bool) -> anyhow::Result<()> {
    let mut command = command(offline);
    if let Some(secret) = remote.secret {
        lend(&mut command, secret);
    }
    command.arg("-C").arg(path).args(["fetch", "--quiet", "--no-tags", "--no-recurse-submodules"]);
    command.args(["--no-write-fetch-head", "--no-auto-maintenance", "--force"]);
    if refspecs.len() > 1 {
        command.arg("--prune");
    }
    command.arg("--").arg(remote.url).args(refspecs);
    finish(command, Some(remote))
}

/// A `git` that runs no hook, and fetches with nothing that runs what an address says.
fn command(offline: bool) -> Command {
    let mut command = shell::elsewhere();
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    command.args(["-c", "core.hooksPath=/dev/null", "-c", "gc.auto=0", "-c", "maintenance.auto=false"]);
    command.args(["-c", "core.fsmonitor=false", "-c", "fetch.writeCommitGraph=false"]);
    // Stronger than `protocol.*.allow`, which the user may have set otherwise.
    command.env("GIT_ALLOW_PROTOCOL", "https:ssh:file");
    // Read below: what it says must not depend on the user's language.
    command.env("LC_ALL", "C.UTF-8").env("GIT_OPTIONAL_LOCKS", "0");
    if offline {
        command.env("GIT_TERMINAL_PROMPT", "0");
        if is_unset("SSH_ASKPASS") {
            // OpenSSH asks this program instead of the terminal, and it has no answer.
            command.env("SSH_ASKPASS", "false").env("SSH_ASKPASS_REQUIRE", "force");
        }
    }
    command
}

#[allow(clippy::disallowed_methods, reason = "what `git` is told depends on what the user told it")]
fn is_unset(name: &str) -> bool {
    std::env::var_os(name).is_none()
}

/// Answers Git's question for credentials with what is in the environment; the address itself would be an argument of one of Git's own processes.
const HELPER: &str = "!f() { test \"$1\" = get && printf 'username=%s\\n' \"$PRODEV_FETCH_USER\" && { test -z \"${PRODEV_FETCH_PASSWORD+x}\" || \
     printf 'password=%s\\n' \"$PRODEV_FETCH_PASSWORD\"; }; }; f";

/// Hands the credentials of an address over.
#[allow(clippy::disallowed_methods, reason = "what `git` is told is added to what the user told it")]
fn lend(command: &mut Command, secret: &str) {
    let count = std::env::var("GIT_CONFIG_COUNT").ok().and_then(|count| count.parse::<usize>().ok()).unwrap_or(0);
    command.env("GIT_CONFIG_COUNT", (count + 2).to_string());
    // An empty one forgets those before it, which may know somebody else.
    for (index, helper) in [(count, ""), (count + 1, HELPER)] {
        command.env(format!("GIT_CONFIG_KEY_{index}"), "credential.helper");
        command.env(format!("GIT_CONFIG_VALUE_{index}"), helper);
    }
    let (user, password) = secret.split_once(':').map_or((secret, None), |(user, password)| (user, Some(password)));
    command.env("PRODEV_FETCH_USER", decoded(user));
    if let Some(password) = password {
        command.env("PRODEV_FETCH_PASSWORD", decoded(password));
    }
}

/// Text without the `%40`s of addresses. A line's end in it would be another answer to Git.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let hex = behind.get(..2).filter(|_| *first == b'%').and_then(|hex| std::str::from_utf8(hex).ok());
        let (byte, next) = match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => (byte, &behind[2..]),
            None => (*first, behind),
        };
        bytes.push(byte);
        rest = next;
    }
    bytes.retain(|byte| !byte.is_ascii_control());
    String::from_utf8_lossy(&bytes).into_owned()
}

fn finish(mut command: Command, remote: Option<Remote>) -> anyhow::Result<()> {
    let output = command.output().map_err(|error| {
        fail("could not run `git`").cause(error.to_string()).hint("install Git; it is what fetches templates")
    })?;
    if output.status.success() {
        return Ok(());
    }
    let Some(remote) = remote else {
        let said = String::from_utf8_lossy(&output.stderr).trim_end().to_owned();
        return Err(fail("could not prepare the cache of templates").cause(said).into());
    };
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(fail(format!("could not fetch `{}`", remote.url))
        .cause(telling(&said))
        .hint(format!("`git ls-remote {}` must work", remote.url))
        .into())
}

/// What of Git's complaint says something, without its advice that is the same for everything.
fn telling(said: &str) -> String {
    let useless = ["Please make sure", "and the repository exists", "hint:"];
    let lines: Vec<&str> = said
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !useless.iter().any(|useless| line.starts_with(useless)))
        .collect();
    lines[lines.len().saturating_sub(3)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_read_as_addresses_write_them() {
        for (text, expected) in
            [("a%40b", "a@b"), ("100%", "100%"), ("%zz%4", "%zz%4"), ("x%0ay%0D", "xy"), ("ä%C3%A4", "ää")]
        {
            assert_eq!(decoded(text), expected);
        }
    }
}
