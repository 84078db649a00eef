//! One process and what it cost.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use wait4::Wait4;

/// What one run took.
#[derive(Clone, Copy)]
pub(crate) struct Sample {
    /// From before the start until the end was seen.
    pub(crate) wall: Duration,
    /// User and system time of the process and of all children that it waited for.
    pub(crate) cpu: Duration,
    /// The largest resident set of any of these processes, in bytes. The bench's own two or three megabytes are its floor.
    pub(crate) memory: u64,
}

/// What is started, always in the same small environment.
pub(crate) struct Program {
    pub(crate) path: PathBuf,
    pub(crate) args: Vec<String>,
    pub(crate) home: PathBuf,
}

impl Program {
    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", &self.home).env("LC_ALL", "C.UTF-8").current_dir(&self.home);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// Runs it once; it must succeed.
    pub(crate) fn sample(&self) -> Sample {
        let mut command = self.command(&self.path);
        let start = Instant::now();
        let used = command.args(&self.args).spawn().and_then(Wait4::wait4);
        let wall = start.elapsed();
        let used = used.unwrap_or_else(|error| panic!("{}: {error}", self.path.display()));
        assert!(used.status.success(), "{} {}: {}", self.path.display(), self.args.join(" "), used.status);
        Sample { wall, cpu: used.rusage.utime + used.rusage.stime, memory: used.rusage.maxrss }
    }

    /// How many processes a run is, itself included; threads are none. `None` where strace is missing or may not trace.
    pub(crate) fn processes(&self) -> Option<usize> {
        let log = self.home.join("strace.log");
        let mut command = self.command(Path::new("strace"));
        command.args(["-f", "-e", "trace=process", "-o"]).arg(&log).arg("--").arg(&self.path).args(&self.args);
        if !command.status().ok()?.success() {
            return None;
        }
        let log = std::fs::read_to_string(log).ok()?;
        let starts = |line: &&str| {
            let call = line.split_whitespace().nth(1).and_then(|rest| rest.split_once('(')).map(|(call, _)| call);
            matches!(call, Some("clone" | "clone3" | "fork" | "vfork")) && !line.contains("CLONE_THREAD")
        };
        Some(1 + log.lines().filter(starts).count())
    }
}

/// Starts `count` shells that do nothing, `jobs` at a time, each in a worker's turn.
pub(crate) fn spawn(count: usize, jobs: usize) {
    std::thread::scope(|scope| {
        for worker in 0..jobs {
            scope.spawn(move || {
                for _ in (worker..count).step_by(jobs) {
                    let mut shell = Command::new("sh");
                    assert!(shell.args(["-c", "true"]).stdin(Stdio::null()).status().unwrap().success());
                }
            });
        }
    });
}
