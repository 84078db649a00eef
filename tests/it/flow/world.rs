//! Repositories with a flow in them, and what counts as their state.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use crate::sandbox::{Run, Sandbox};

/// main and develop with a file each, develop one commit ahead; develop is checked out.
pub(super) fn flow() -> Sandbox {
    Sandbox::repo()
        .file("base.txt", "base\n")
        .git("add .")
        .git("commit -q -m Base")
        .git("switch -q -c develop")
        .file("develop.txt", "develop\n")
        .git("add .")
        .git("commit -q -m Develop")
}

/// The same with a bare remote that has both branches.
pub(super) fn with_remote() -> Sandbox {
    let sandbox = flow().git("init -q --bare -b main ../tmp/origin.git").git("remote add origin ../tmp/origin.git");
    sandbox.git("push -q -u origin main develop")
}

/// A feature that conflicts with develop in `base.txt`.
pub(super) fn conflicting(sandbox: Sandbox) -> Sandbox {
    sandbox
        .git("switch -q -c feature/login")
        .commit("base.txt", "ours\n")
        .git("switch -q develop")
        .commit("base.txt", "theirs\n")
        .git("switch -q feature/login")
}

/// How `finish --resolve` stops there.
pub(super) const CONFLICT: &str = "error: `feature/login` and `develop` conflict in `base.txt`\n\
                        hint: resolve them, `git add` them, and run `prodev flow finish --continue`\n\
                        hint: or take all back with `prodev flow finish --abort`\n";

/// Runs a scenario with either way of reading a repository.
pub(super) fn with_both_readers(world: impl Fn() -> Sandbox, scenario: impl Fn(&Sandbox)) {
    for reader in ["libgit2", "plumbing"] {
        scenario(&world().env("PRODEV_TEST_GIT", reader));
    }
}

pub(super) trait World {
    /// Commits a file with this content.
    fn commit(self, path: &str, text: &str) -> Self;
    /// A program among Git's hooks.
    fn hook(self, name: &str, script: &str) -> Self;
    /// The branches and tags, HEAD, index and files: what a finish that is taken back must leave as it was.
    fn essence(&self) -> BTreeMap<String, String>;
    /// What `git` says.
    fn say(&self, words: &str) -> String;
    /// Whether a ref is there.
    fn has(&self, name: &str) -> bool;
}

impl World for Sandbox {
    #[track_caller]
    fn commit(self, path: &str, text: &str) -> Self {
        self.write(path, text);
        self.ask_git(&["add", "-f", "--", path]);
        self.ask_git(&["commit", "-q", "-m", &format!("Change {path}")]);
        self
    }

    #[track_caller]
    fn hook(self, name: &str, script: &str) -> Self {
        let path = format!(".git/hooks/{name}");
        self.write(&path, format!("#!/bin/sh\n{script}\n"));
        std::fs::set_permissions(self.path(&path), std::fs::Permissions::from_mode(0o755)).unwrap();
        self
    }

    #[track_caller]
    fn essence(&self) -> BTreeMap<String, String> {
        let mut state: BTreeMap<String, String> = self.snapshot(".");
        state.retain(|path, _| !path.starts_with(".git") || path == ".gitignore");
        for (name, words) in [
            ("refs", "for-each-ref --format=%(refname)%20%(objectname)"),
            ("HEAD", "rev-parse --symbolic-full-name HEAD"),
            ("head", "rev-parse HEAD"),
            ("index", "ls-files -s -v"),
            ("config", "config --local --list"),
        ] {
            state.insert(format!("git {name}"), self.say(words));
        }
        // What was taken out and put back stands at another place, and says the same.
        if let Some(config) = state.get_mut("git config") {
            let mut lines: Vec<&str> = config.lines().collect();
            lines.sort_unstable();
            *config = lines.join("\n");
        }
        for mark in ["MERGE_HEAD", "SQUASH_MSG", "rebase-merge", "index.lock", "prodev/flow"] {
            state.insert(format!("git {mark}"), self.exists(&format!(".git/{mark}")).to_string());
        }
        state
    }

    #[track_caller]
    fn say(&self, words: &str) -> String {
        self.ask_git(&words.split(' ').collect::<Vec<_>>())
    }

    fn has(&self, name: &str) -> bool {
        let found = self.command("git").args(["rev-parse", "--verify", "--quiet", name]).output().unwrap();
        found.status.success()
    }
}

/// Fails where two states differ, and says where.
#[track_caller]
pub(super) fn same(what: &str, is: &BTreeMap<String, String>, should: &BTreeMap<String, String>) {
    let keys: std::collections::BTreeSet<&String> = is.keys().chain(should.keys()).collect();
    let different: Vec<String> = keys
        .into_iter()
        .filter(|key| is.get(*key) != should.get(*key))
        .map(|key| format!("{key}\n  is     {:?}\n  should {:?}", is.get(key), should.get(key)))
        .collect();
    assert!(different.is_empty(), "{what}:\n{}", different.join("\n"));
}

/// A sandbox of the same content, at another place.
#[track_caller]
pub(super) fn copy_of(sandbox: &Sandbox) -> Sandbox {
    let copy = Sandbox::new();
    for folder in ["work", "home", "tmp"] {
        let (from, to) = (sandbox.root().join(folder).join("."), copy.root().join(folder));
        assert!(Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap().success());
    }
    at_home(&copy);
    copy
}

/// Lets a repository and its linked worktree, which know each other by their paths, meet where they are now.
#[track_caller]
pub(super) fn at_home(sandbox: &Sandbox) {
    if sandbox.exists("../tmp/linked/.git") {
        // (`git worktree repair` would rather mend the one that this was copied from.)
        let (git, linked) = (sandbox.path(".git/worktrees/linked"), sandbox.root().join("tmp/linked/.git"));
        sandbox.write(".git/worktrees/linked/gitdir", format!("{}\n", linked.display()));
        sandbox.write("../tmp/linked/.git", format!("gitdir: {}\n", git.display()));
    }
}

/// The run failed, and refs, HEAD, index, files and configuration are as they were.
#[track_caller]
pub(super) fn refused(run: Run, code: i32, stderr: &str) {
    run.fails(code, stderr).changed_nothing();
}
