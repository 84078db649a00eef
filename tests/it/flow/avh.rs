//! The same as git-flow AVH makes: commit for commit and tag for tag, in the usual runs.

use std::collections::HashMap;
use std::io::Write as _;

use super::world::World as _;
use crate::sandbox::Sandbox;

/// What is done before both are asked to finish.
#[derive(Clone, Copy, PartialEq)]
enum Before {
    Nothing,
    /// Two commits on the branch.
    Commits,
    /// And one on the branch of this name, meanwhile.
    Moved(&'static str),
}

/// Kind, name, what was done, how AVH is asked, and how prodev is.
type Case = (&'static str, &'static str, Before, &'static str, &'static str);

const CASES: [Case; 14] = [
    ("feature", "login", Before::Commits, "", ""),
    ("feature", "login", Before::Nothing, "", ""),
    ("feature", "login", Before::Moved("develop"), "", ""),
    ("feature", "login", Before::Commits, "-k", "--keep"),
    ("bugfix", "login", Before::Commits, "", ""),
    ("release", "1.0.0", Before::Commits, "-m one", "-m one"),
    ("release", "1.0.0", Before::Moved("develop"), "-m one", "-m one"),
    ("release", "1.0.0", Before::Moved("main"), "-m one", "-m one"),
    ("release", "1.0.0", Before::Commits, "-m one -k", "-m one --keep"),
    ("release", "1.0.0", Before::Commits, "-n", "--no-tag"),
    ("hotfix", "1.0.1", Before::Commits, "-m one", "-m one"),
    ("hotfix", "1.0.1", Before::Moved("develop"), "-m one", "-m one"),
    ("hotfix", "1.0.1", Before::Commits, "-n", "--no-tag"),
    ("hotfix", "1.0.1", Before::Commits, "-m one -k", "-m one --keep"),
];

fn world(kind: &str, name: &str, before: Before) -> Sandbox {
    let mut sandbox = super::world::flow().env("GIT_MERGE_AUTOEDIT", "no");
    for setting in ["branch.master main", "branch.develop develop", "prefix.versiontag v"] {
        sandbox = sandbox.git(&format!("config gitflow.{setting}"));
    }
    for kind in ["feature", "bugfix", "release", "hotfix", "support"] {
        sandbox = sandbox.git(&format!("config gitflow.prefix.{kind} {kind}/"));
    }
    let start = if kind == "hotfix" { "main" } else { "develop" };
    let branch = format!("{kind}/{name}");
    let sandbox = sandbox.git(&format!("switch -q -c {branch} {start}"));
    let sandbox = match before {
        Before::Nothing => sandbox,
        _ => sandbox.commit("one.txt", "1\n").commit("two.txt", "2\n"),
    };
    match before {
        Before::Moved(other) => sandbox
            .git(&format!("switch -q {other}"))
            .commit("other.txt", "other\n")
            .git(&format!("switch -q {branch}")),
        _ => sandbox,
    }
}

/// Refs and what they are. A commit is its tree, its parents and its first line: Git puts a tag's message below that, which AVH adds the version to.
fn shape(sandbox: &Sandbox) -> Vec<String> {
    let mut known: HashMap<String, String> = HashMap::new();
    let log = sandbox.ask_git(&["log", "--all", "--topo-order", "--reverse", "--format=%H%x09%T%x09%P%x09%an %s"]);
    for line in log.lines() {
        let [id, tree, parents, words] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let parents: Vec<&str> = parents.split_whitespace().map(|id| known[id].as_str()).collect();
        let commit = blake3::hash(format!("{tree} {} {words}", parents.join(" ")).as_bytes()).to_hex();
        known.insert(id.to_owned(), format!("{} ({words})", &commit[..16]));
    }
    let format = "--format=%(refname) %(objecttype) %(if)%(*objectname)%(then)%(*objectname)%(else)%(objectname)%(end) %(taggername) %(contents:subject)";
    let text = sandbox.ask_git(&["for-each-ref", format]);
    let plain = |line: &str| {
        let [name, kind, id, rest] = line.splitn(4, ' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let message = if kind == "tag" { rest.split(" one").next().unwrap_or_default() } else { "" };
        format!("{name} {kind} {} {message}", known[id])
    };
    text.lines().map(plain).chain([sandbox.say("symbolic-ref HEAD")]).collect()
}

#[test]
fn the_usual_runs_come_out_as_those_of_git_flow() {
    let is_there = Sandbox::repo().command("git").args(["flow", "version"]).output();
    if !is_there.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains("AVH")) {
        writeln!(std::io::stderr(), "SKIPPED: git-flow AVH is not installed, so nothing was compared with it").unwrap();
        return;
    }
    for (kind, name, before, theirs, ours) in CASES {
        let what = format!("{kind} finish {theirs} {name}");
        let avh = world(kind, name, before);
        let words = format!("flow {what}");
        let output = avh.command("git").args(words.split_whitespace()).output().unwrap();
        assert!(output.status.success(), "{what}: {output:?}");
        let prodev = world(kind, name, before);
        prodev.run(&format!("flow finish {ours}")).succeeds();
        assert_eq!(shape(&prodev), shape(&avh), "{what}");
    }
}
