//! A row of the table: prodev and its peers take turns, so that whatever the machine does meanwhile hits all alike.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use crate::measure::{Program, Sample};
use crate::projects;

pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) what: String,
    /// How often everybody runs, where the command line does not say.
    pub(crate) runs: usize,
    /// prodev first.
    pub(crate) contestants: Vec<Contestant>,
    pub(crate) reach: Vec<Reach>,
}

pub(crate) struct Contestant {
    pub(crate) name: &'static str,
    /// `None` where it is not installed.
    pub(crate) path: Option<PathBuf>,
    /// `[OUT]` stands for a folder that does not exist yet.
    pub(crate) args: Vec<String>,
    pub(crate) work: Work,
}

/// What is expected of a run.
#[derive(Clone)]
pub(crate) enum Work {
    /// An answer.
    Answers,
    /// So many files in `[OUT]`; what is kept in a `.prodev` is not counted.
    Writes(usize),
    /// An answer, when all files of this folder have got other times.
    AnswersAfterTouching(PathBuf),
    /// An answer on a copy of this folder, which is `[OUT]`.
    AnswersOn(PathBuf),
    /// A copy of this project, which is `[OUT]`, brought to the second edition of its template.
    Updates(PathBuf),
}

/// What the row is meant to reach.
pub(crate) enum Reach {
    Wall(Duration),
    /// Of all processes together.
    Cpu(Duration),
    /// So much more of it than a peer takes.
    CpuOver(Duration, &'static str),
    /// At the most, itself included.
    Processes(usize),
    /// Bytes.
    Memory(u64),
    /// prodev takes this many times the peer's wall time at the most.
    TimesOf(f64, &'static str),
    /// prodev is this many times as fast as the peer at the least.
    FasterThan(f64, &'static str),
}

/// What one contestant showed.
pub(crate) struct Score {
    pub(crate) name: &'static str,
    pub(crate) samples: Vec<Sample>,
    pub(crate) processes: Option<usize>,
}

impl Score {
    pub(crate) fn median<T: Ord + Copy>(&self, of: impl Fn(&Sample) -> T) -> T {
        let mut values: Vec<T> = self.samples.iter().map(of).collect();
        values.sort();
        values[values.len() / 2]
    }

    pub(crate) fn wall(&self) -> Duration {
        self.median(|sample| sample.wall)
    }

    pub(crate) fn fastest(&self) -> Duration {
        self.samples.iter().map(|sample| sample.wall).min().unwrap_or_default()
    }
}

/// Everybody who is there runs once unmeasured, then `runs` times, in an order that rotates.
pub(crate) fn run(row: &Row, runs: usize, scratch: &Path) -> Vec<Score> {
    // What takes long takes many times as long while it is traced.
    let is_traced = row.runs > 1;
    let present: Vec<&Contestant> = row.contestants.iter().filter(|contestant| contestant.path.is_some()).collect();
    let mut scores: Vec<Score> = present
        .iter()
        .map(|contestant| {
            once(contestant, scratch, Program::sample);
            let processes = if is_traced { once(contestant, scratch, Program::processes) } else { None };
            Score { name: contestant.name, samples: Vec::new(), processes }
        })
        .collect();
    for round in 0..runs {
        for turn in 0..present.len() {
            let at = (round + turn) % present.len();
            scores[at].samples.push(once(present[at], scratch, Program::sample));
        }
    }
    scores
}

/// Runs a contestant into a fresh folder, and sees that it did the work. Nothing is deleted before all is measured: ext4 gives inodes
/// that were just freed out again only after minutes, and searches long for others, which would be counted against the next in turn.
fn once<T>(contestant: &Contestant, scratch: &Path, run: impl Fn(&Program) -> T) -> T {
    static RUNS: AtomicUsize = AtomicUsize::new(0);
    let project = match &contestant.work {
        Work::AnswersOn(project) | Work::Updates(project) => Some(project),
        Work::Answers | Work::AnswersAfterTouching(_) | Work::Writes(_) => None,
    };
    // Beside the project itself: its template is known by the way there.
    let out = project
        .and_then(|project| project.parent())
        .unwrap_or(scratch)
        .join(format!("out-{}", RUNS.fetch_add(1, Ordering::Relaxed)));
    let home = scratch.join("home");
    fs::create_dir_all(&home).unwrap();
    let args = contestant.args.iter().map(|arg| arg.replace("[OUT]", &out.to_string_lossy())).collect();
    let program = Program { path: contestant.path.clone().unwrap(), args, home };
    if let Some(project) = project {
        copy(project, &out);
    }
    if let Work::AnswersAfterTouching(folder) = &contestant.work {
        touch(folder);
    }
    let result = run(&program);
    match &contestant.work {
        Work::Answers | Work::AnswersAfterTouching(_) | Work::AnswersOn(_) => {}
        Work::Writes(expected) => {
            let files = ignore::WalkBuilder::new(&out).standard_filters(false).build().map(Result::unwrap);
            let files = files.filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()));
            let count =
                files.filter(|entry| !entry.path().components().any(|part| part.as_os_str() == ".prodev")).count();
            assert_eq!(count, *expected, "{} wrote another number of files", contestant.name);
        }
        Work::Updates(_) => assert!(projects::is_second(&out), "{} did not update", contestant.name),
    }
    result
}

fn touch(folder: &Path) {
    for entry in ignore::WalkBuilder::new(folder).standard_filters(false).build().map(Result::unwrap) {
        if entry.file_type().is_some_and(|kind| kind.is_file()) {
            fs::File::options().append(true).open(entry.path()).unwrap().set_modified(SystemTime::now()).unwrap();
        }
    }
}

/// Copies a folder, times included, so that Git need not read it all anew.
fn copy(from: &Path, to: &Path) {
    let done = Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap();
    assert!(done.success(), "could not copy {}", from.display());
}
