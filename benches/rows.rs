//! What is measured, beside whom, and what it is meant to reach.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::contest::{Contestant, Reach, Row, Work};
use crate::finishes;
use crate::histories;
use crate::templates;
use crate::variables;

const MEGABYTE: u64 = 1_000_000;

/// All rows. Templates are written to `scratch`.
pub(crate) fn all(prodev: &Path, scratch: &Path) -> Vec<Row> {
    let judged = judged(prodev, scratch);
    let rows = vec![
        start(prodev),
        version(prodev),
        new(
            prodev,
            scratch,
            "new-100",
            100,
            [
                Reach::Wall(Duration::from_millis(20)),
                Reach::FasterThan(30.0, "cookiecutter"),
                Reach::Memory(25 * MEGABYTE),
            ],
        ),
        new(
            prodev,
            scratch,
            "new-1000",
            1000,
            [
                Reach::Wall(Duration::from_millis(300)),
                Reach::FasterThan(20.0, "cookiecutter"),
                Reach::Memory(25 * MEGABYTE),
            ],
        ),
    ];
    let changing = finishes::rows(prodev, scratch);
    rows.into_iter()
        .chain(judged)
        .chain(listed(prodev, scratch))
        .chain(variables::all(prodev, scratch))
        .chain(variables::around(prodev, scratch))
        .chain(changing)
        .collect()
}

/// Many branches: their names alone, and how far each is from where it goes. git-flow AVH asks Git about each of them.
fn listed(prodev: &Path, scratch: &Path) -> [Row; 2] {
    let wide = histories::listed(&scratch.join("list-wide"), 2000, 10_000).to_string_lossy().into_owned();
    let row = |name, what: &str, runs, ours: &[&str], theirs: &[&str], millis| {
        let ours = answering("prodev", Some(prodev.to_owned()), &[&["-C", &wide, "flow", "list"], ours].concat());
        // It is a script that needs Git around it.
        let git = find("git-flow").and_then(|_| find("git"));
        let theirs = answering("git-flow", git, &[&["-C", &wide, "flow", "feature"], theirs].concat());
        let reach = vec![Reach::Wall(Duration::from_millis(millis))];
        Row { name, what: what.to_owned(), runs, contestants: vec![ours, theirs], reach }
    };
    [
        row("list-names", "the names of 2,000 branches", 10, &["--names"], &["list"], 25),
        row("list", "how far each of 2,000 branches is from develop, in 10,000 commits", 3, &[], &["list", "-v"], 250),
    ]
}

/// What a hook and a CI wait for. Nobody else audits a whole repository.
fn judged(prodev: &Path, scratch: &Path) -> [Row; 3] {
    let long = histories::long(&scratch.join("check-long"), 1000).to_string_lossy().into_owned();
    let wide = histories::wide(&scratch.join("check-wide"), 2000, 10_000).to_string_lossy().into_owned();
    let message = format!("{long}/MESSAGE");
    let range = "develop..feature/long";
    let ours =
        |args: &[&str]| answering("prodev", Some(prodev.to_owned()), &[&["-C", &long, "flow", "check"], args].concat());
    let committed = |args: &[&str]| {
        let args = [&["--work-tree", &long, "--no-merge-commit"], args].concat();
        answering("committed", find("committed"), &args)
    };
    let row = |name, what: &str, contestants, millis| Row {
        name,
        what: what.to_owned(),
        runs: 20,
        contestants,
        reach: vec![Reach::Wall(Duration::from_micros(millis))],
    };
    let audit = ["-C", &wide, "flow", "check", "--repo"];
    [
        row(
            "check-message",
            "a message and the branch, before a commit",
            vec![ours(&["--branch", "--message", &message]), committed(&["--commit-file", &message])],
            2_500,
        ),
        row(
            "check-range",
            "the messages of 1,000 commits",
            vec![ours(&["--range", range]), committed(&[range])],
            40_000,
        ),
        row(
            "check-repo",
            "a repository of 2,000 branches and 10,000 commits",
            vec![answering("prodev", Some(prodev.to_owned()), &audit)],
            500_000,
        ),
    ]
}

/// Beside the least that a program can be, and nobody else: an interpreter that starts in between leaves the processor's caches cold,
/// which costs the larger of two small programs more than the smaller.
fn start(prodev: &Path) -> Row {
    Row {
        name: "start",
        what: "start, and say the version, beside the least that a program can do".to_owned(),
        runs: 200,
        contestants: vec![
            answering("prodev", Some(prodev.to_owned()), &["--version"]),
            answering("/bin/true", find("true"), &[]),
        ],
        reach: vec![Reach::Wall(Duration::from_millis(2)), Reach::TimesOf(2.5, "/bin/true")],
    }
}

fn version(prodev: &Path) -> Row {
    Row {
        name: "version",
        what: "start, and say the version".to_owned(),
        runs: 20,
        contestants: vec![
            answering("prodev", Some(prodev.to_owned()), &["--version"]),
            answering("cargo-generate", find("cargo-generate"), &["generate", "--version"]),
            answering("copier", find("copier"), &["--version"]),
            answering("cookiecutter", find("cookiecutter"), &["--version"]),
        ],
        reach: vec![Reach::Wall(Duration::from_millis(2))],
    }
}

/// Who writes no files.
pub(crate) fn answering(name: &'static str, path: Option<PathBuf>, args: &[&str]) -> Contestant {
    Contestant { name, path, args: args.iter().map(ToString::to_string).collect(), work: Work::Answers }
}

fn new(prodev: &Path, scratch: &Path, name: &'static str, files: usize, reach: [Reach; 3]) -> Row {
    let written = templates::write(&scratch.join(name), files);
    let contestant = |name, path, args: &[&str]| Contestant {
        name,
        path,
        args: args.iter().map(|arg| arg.replace("[TEMPLATE]", &written.join(name).to_string_lossy())).collect(),
        work: Work::Writes(files),
    };
    Row {
        name,
        what: format!("a project of {files} files from a template"),
        runs: if files < 500 { 10 } else { 5 },
        contestants: vec![
            contestant(
                "prodev",
                Some(prodev.to_owned()),
                &["new", "[TEMPLATE]", "[OUT]", "--defaults", "--no-git", "-q"],
            ),
            contestant("cookiecutter", find("cookiecutter"), &["[TEMPLATE]", "--no-input", "--output-dir", "[OUT]"]),
            contestant("copier", find("copier"), &["copy", "--defaults", "--quiet", "[TEMPLATE]", "[OUT]"]),
        ],
        reach: reach.into(),
    }
}

/// Where a program is: in the peers' virtual environment, or on `PATH`.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let venv = std::env::var_os("PRODEV_BENCH_VENV").map(|venv| PathBuf::from(venv).join("bin"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut found = venv.into_iter().chain(std::env::split_paths(&path)).map(|folder| folder.join(program));
    found.find(|path| path.is_file()).and_then(|path| std::path::absolute(path).ok())
}
