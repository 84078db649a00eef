//! Repositories to judge: one with a long branch, one with many branches, both without a fault.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const POLICY: &str = "[flow]\n[flow.message]\n";

/// The same for `committed`.
const COMMITTED: &str =
    "style = \"conventional\"\nsubject_capitalized = false\nimperative_subject = false\nsubject_length = 72\n";

/// A stream for `git fast-import`.
struct Stream {
    text: String,
    mark: usize,
}

impl Stream {
    /// `main` and `develop` at one commit, which has the policy. Its mark is 1.
    fn new() -> Self {
        let mut stream = Self { text: String::new(), mark: 0 };
        stream.commit("refs/heads/main", "feat: begin", &[]);
        let _ = writeln!(stream.text, "M 100644 inline prodev.toml\ndata {}\n{POLICY}", POLICY.len());
        stream.text.push_str("reset refs/heads/develop\nfrom :1\n\n");
        stream
    }

    /// One commit a minute; the first parent is the branch that it is made on.
    fn commit(&mut self, name: &str, message: &str, parents: &[usize]) -> usize {
        self.mark += 1;
        let time = 1_700_000_000 + self.mark * 60;
        let _ = writeln!(
            self.text,
            "commit {name}\nmark :{}\ncommitter Ada Lovelace <ada@example.org> {time} +0000\ndata {}\n{message}",
            self.mark,
            message.len()
        );
        for (index, parent) in parents.iter().enumerate() {
            let _ = writeln!(self.text, "{} :{parent}", if index == 0 { "from" } else { "merge" });
        }
        self.mark
    }

    fn write(self, folder: &Path) -> PathBuf {
        fs::create_dir_all(folder).unwrap();
        git(folder, &["init", "-q", "-b", "main"], "");
        git(folder, &["fast-import", "--quiet"], &self.text);
        git(folder, &["pack-refs", "--all"], "");
        git(folder, &["reset", "-q", "--hard"], "");
        fs::write(folder.join("MESSAGE"), "feat(api): judge it\n\nAnd say why.\n").unwrap();
        fs::write(folder.join("committed.toml"), COMMITTED).unwrap();
        folder.to_owned()
    }
}

fn git(folder: &Path, args: &[&str], input: &str) {
    let mut child = Command::new("git").current_dir(folder).args(args).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success(), "git {}", args.join(" "));
}

/// `feature/long` has `count` commits that develop does not have.
pub(crate) fn long(folder: &Path, count: usize) -> PathBuf {
    let mut stream = Stream::new();
    let mut tip = 1;
    for number in 0..count {
        let message = format!("fix(part): change number {number}\n\nBecause it has to be so,\nand nobody knows why.\n");
        tip = stream.commit("refs/heads/feature/long", &message, &[tip]);
    }
    stream.write(folder)
}

/// `branches` open features, and as many commits in all as that: the rest has been merged into develop.
pub(crate) fn wide(folder: &Path, branches: usize, commits: usize) -> PathBuf {
    let mut stream = Stream::new();
    let mut develop = 1;
    let mut number = 0;
    let feature = |stream: &mut Stream, name: &str, from: usize| {
        let first = stream.commit(name, "feat: begin", &[from]);
        stream.commit(name, "feat: end", &[first])
    };
    while stream.mark + 2 * branches + 3 <= commits {
        let tip = feature(&mut stream, "refs/heads/merged", develop);
        let message = format!("Merge branch 'feature/merged-{number}' into develop");
        develop = stream.commit("refs/heads/develop", &message, &[develop, tip]);
        number += 1;
        // Open ones start all along.
        if number <= branches {
            feature(&mut stream, &format!("refs/heads/feature/open-{number:04}"), develop);
        }
        if stream.mark + 3 > commits {
            break;
        }
    }
    for number in number + 1..=branches {
        feature(&mut stream, &format!("refs/heads/feature/open-{number:04}"), develop);
    }
    stream.text.push_str("reset refs/heads/merged\nfrom 0000000000000000000000000000000000000000\n\n");
    stream.write(folder)
}

/// The same, set up for git-flow AVH, too.
pub(crate) fn listed(folder: &Path, branches: usize, commits: usize) -> PathBuf {
    let folder = wide(folder, branches, commits);
    let prefixes = ["feature", "bugfix", "release", "hotfix", "support"]
        .map(|kind| (format!("prefix.{kind}"), format!("{kind}/")));
    let keys = [("branch.master", "main"), ("branch.develop", "develop"), ("prefix.versiontag", "")];
    let keys = keys.map(|(key, value)| (key.to_owned(), value.to_owned()));
    for (key, value) in keys.into_iter().chain(prefixes) {
        git(&folder, &["config", &format!("gitflow.{key}"), &value], "");
    }
    folder
}
