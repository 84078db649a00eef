//! A row of the table: prodev and its peers take turns, so that whatever the machine does meanwhile hits all alike.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::measure::{Program, Sample};

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
    /// How many files it has to write; what it keeps for itself in a `.prodev` is not counted.
    pub(crate) files: usize,
    /// A repository; `[OUT]` is a copy of it.
    pub(crate) world: Option<PathBuf>,
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
    let present: Vec<&Contestant> = row.contestants.iter().filter(|contestant| contestant.path.is_some()).collect();
    let mut scores: Vec<Score> = present
        .iter()
        .map(|contestant| {
            once(contestant, scratch, Program::sample);
            let processes = once(contestant, scratch, Program::processes);
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
    let out = scratch.join(format!("out-{}", RUNS.fetch_add(1, Ordering::Relaxed)));
    let home = scratch.join("home");
    fs::create_dir_all(&home).unwrap();
    if let Some(world) = &contestant.world {
        let copied = std::process::Command::new("cp").arg("-a").arg(world).arg(&out).status().unwrap();
        assert!(copied.success(), "could not copy {}", world.display());
    }
    let args = contestant.args.iter().map(|arg| arg.replace("[OUT]", &out.to_string_lossy())).collect();
    let program = Program { path: contestant.path.clone().unwrap(), args, home };
    let result = run(&program);
    if contestant.files > 0 {
        let files = ignore::WalkBuilder::new(&out).standard_filters(false).build().map(Result::unwrap);
        let files = files.filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()));
        let count = files.filter(|entry| !entry.path().components().any(|part| part.as_os_str() == ".prodev")).count();
        assert_eq!(count, contestant.files, "{} wrote another number of files", contestant.name);
    }
    result
}
