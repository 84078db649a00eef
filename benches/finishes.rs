//! What changes a repository: branches that open and come together, and a commit with its hooks. Everybody gets a copy of the same repository for
//! each run.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::contest::{Contestant, Reach, Row, Work};
use crate::rows::find;

/// All rows. git-flow-next is not among the peers: nobody packages it.
pub(crate) fn rows(prodev: &Path, scratch: &Path) -> Vec<Row> {
    let main = world(&scratch.join("flow-main"), &[]);
    let feature = world(&scratch.join("flow-feature"), &["switch -q -c feature/login"]);
    commits(&feature);
    let release = world(&scratch.join("flow-release"), &["switch -q -c release/1.0.0"]);
    commits(&release);
    let row = |name, what: &str, world: &Path, ours: &str, theirs: &str, millis, processes: usize| {
        let ours = acting("prodev", Some(prodev.to_owned()), world, &format!("-C [OUT] flow {ours}"));
        let git = find("git-flow").and_then(|_| find("git"));
        let theirs = acting("git-flow", git, world, &format!("-C [OUT] flow {theirs}"));
        // prodev is a process, too.
        let reach = vec![Reach::Cpu(Duration::from_millis(millis)), Reach::Processes(processes + 1)];
        Row { name, what: what.to_owned(), runs: 10, contestants: vec![ours, theirs], reach }
    };
    vec![
        row("flow-start", "a feature is started", &main, "start feature login", "feature start login", 8, 2),
        row("flow-feature", "a feature is finished", &feature, "finish", "feature finish", 28, 5),
        row("flow-release", "a release is finished", &release, "finish -m one", "release finish -m one", 45, 9),
        hooks(prodev, scratch),
    ]
}

/// A commit whose branch and message are looked at, beside one that nobody looks at.
fn hooks(prodev: &Path, scratch: &Path) -> Row {
    let plain = world(&scratch.join("hooks-none"), &["switch -q -c feature/login"]);
    let ours = world(&scratch.join("hooks-prodev"), &["switch -q -c feature/login"]);
    let by_shell = world(&scratch.join("hooks-shell"), &["switch -q -c feature/login"]);
    for (name, arguments) in [("pre-commit", "--pre-commit"), ("commit-msg", "--message \"$1\"")] {
        symlink(prodev, ours.join(".git/hooks").join(name)).unwrap();
        let script = format!("#!/bin/sh\nexec '{}' flow check {arguments}\n", prodev.display());
        let path = by_shell.join(".git/hooks").join(name);
        fs::write(&path, script).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let prek = find("prek");
    let theirs = world(&scratch.join("hooks-prek"), &["switch -q -c feature/login"]);
    if let Some(prek) = &prek {
        let hook = |stage: &str| {
            format!(
                "  - {{ id: {stage}, name: {stage}, entry: 'true', language: system, always_run: true, pass_filenames: false, stages: [{stage}] }}\n"
            )
        };
        let text = format!("repos:\n- repo: local\n  hooks:\n{}{}", hook("pre-commit"), hook("commit-msg"));
        fs::write(theirs.join(".pre-commit-config.yaml"), text).unwrap();
        git(&theirs, "add .");
        git(&theirs, "commit -q -m hooks");
        let mut install = Command::new(prek);
        install.current_dir(&theirs).args(["install", "-q", "-t", "pre-commit", "-t", "commit-msg"]);
        assert!(install.output().unwrap().status.success(), "prek could not be installed");
    }
    let commit = |name, is_there: bool, world: &Path| {
        let words = "-C [OUT] commit -q --allow-empty -m";
        let mut contestant = acting(name, find("git").filter(|_| is_there), world, words);
        contestant.args.push("feat(api): judge it".to_owned());
        contestant
    };
    Row {
        name: "hooks",
        what: "a commit with pre-commit and commit-msg, beside one without".to_owned(),
        runs: 20,
        contestants: vec![
            commit("prodev", true, &ours),
            commit("by a shell", true, &by_shell),
            commit("no hooks", true, &plain),
            commit("prek", prek.is_some(), &theirs),
        ],
        reach: vec![Reach::CpuOver(Duration::from_millis(6), "no hooks")],
    }
}

/// main, and develop one commit ahead, set up for git-flow, with a policy for messages.
fn world(folder: &Path, more: &[&str]) -> PathBuf {
    fs::create_dir_all(folder).unwrap();
    git(folder, "init -q -b main");
    for setting in
        ["user.name Ada", "user.email ada@example.org", "gitflow.branch.master main", "gitflow.branch.develop develop"]
    {
        git(folder, &format!("config {setting}"));
    }
    for kind in ["feature", "bugfix", "release", "hotfix", "support"] {
        git(folder, &format!("config gitflow.prefix.{kind} {kind}/"));
    }
    // An empty value is no word.
    let tags = Command::new("git").current_dir(folder).args(["config", "gitflow.prefix.versiontag", ""]).status();
    assert!(tags.unwrap().success(), "git config");
    fs::write(folder.join("prodev.toml"), "[flow]\n[flow.message]\n").unwrap();
    git(folder, "add .");
    git(folder, "commit -q -m base");
    git(folder, "switch -q -c develop");
    for number in 0..50 {
        fs::write(folder.join(format!("file-{number}.txt")), format!("{number}\n").repeat(50)).unwrap();
    }
    git(folder, "add .");
    git(folder, "commit -q -m develop");
    for words in more {
        git(folder, words);
    }
    folder.to_owned()
}

fn commits(folder: &Path) {
    for number in 0..3 {
        fs::write(folder.join(format!("new-{number}.txt")), "new\n").unwrap();
        git(folder, "add .");
        git(folder, "commit -q -m work");
    }
}

fn git(folder: &Path, words: &str) {
    let status = Command::new("git").current_dir(folder).args(words.split(' ')).status().unwrap();
    assert!(status.success(), "git {words}");
}

/// Who changes a copy of `world`, which is `[OUT]`.
fn acting(name: &'static str, path: Option<PathBuf>, world: &Path, words: &str) -> Contestant {
    Contestant {
        name,
        path,
        args: words.split(' ').map(str::to_owned).collect(),
        work: Work::AnswersOn(world.to_owned()),
    }
}
