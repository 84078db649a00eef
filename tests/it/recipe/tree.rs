//! A run in the background and the processes that it starts: found by a variable that all of them inherit, wherever they go.

use std::os::unix::process::CommandExt as _;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::sandbox::{PRODEV, Sandbox};

/// How long something may take that has to happen.
const PATIENCE: Duration = Duration::from_secs(20);

/// The variable by which processes are found again.
const TAG: &str = "PRODEV_TEST_TREE";

/// Two recipes side by side: a grandchild in the background (which ignores INT, since `sh` starts it so), one in a session of its own, and one
/// that ignores every signal that can be ignored.
pub(super) const CONFIG: &str = r#"
[settings]
grace = "500ms"
jobs = 4

[recipes.all]
needs = ["one", "two"]

[recipes.one]
run = '''
sleep 600 &
setsid sleep 600 &
touch one.ready
sleep 600
'''

[recipes.two]
run = '''
sh -c 'trap "" INT TERM HUP QUIT; touch two.ready; sleep 600; sleep 600'
'''
"#;

/// A run that goes on.
pub(super) struct Running<'a> {
    sandbox: &'a Sandbox,
    child: Child,
}

impl<'a> Running<'a> {
    /// Starts prodev with words split at spaces, in a group of its own, as a shell does.
    pub(super) fn start(sandbox: &'a Sandbox, words: &str) -> Self {
        let child = sandbox
            .command(PRODEV)
            .args(words.split_whitespace())
            .env(TAG, tag(sandbox))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .unwrap();
        Self { sandbox, child }
    }

    pub(super) fn pid(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap()
    }

    /// The process that runs the recipes.
    pub(super) fn executor(&self) -> Pid {
        let own = self.pid().as_raw_nonzero().get();
        let mut found = None;
        until("there is an executor", || {
            found = processes().into_iter().find(|pid| parent(*pid) == Some(own));
            found.is_some()
        });
        Pid::from_raw(found.unwrap()).unwrap()
    }

    #[track_caller]
    pub(super) fn waits_for(&self, files: &[&str]) -> &Self {
        until(&format!("{files:?} are there"), || files.iter().all(|file| self.sandbox.exists(file)));
        self
    }

    pub(super) fn sends(&self, signal: Signal) -> &Self {
        kill_process(self.pid(), signal).unwrap();
        self
    }

    /// As a terminal does: to all processes of the group.
    pub(super) fn sends_to_group(&self, signal: Signal) -> &Self {
        rustix::process::kill_process_group(self.pid(), signal).unwrap();
        self
    }

    /// Waits until the last signal has arrived: the kernel makes one of two that are still on their way.
    #[track_caller]
    pub(super) fn hears(&self, signal: Signal) -> &Self {
        let executor = self.executor();
        until("the signal was heard", || [self.pid(), executor].iter().all(|pid| !is_pending(*pid, signal)));
        self
    }

    /// How it ended: the code, or 128 and the signal.
    #[track_caller]
    pub(super) fn ends(mut self) -> i32 {
        use std::os::unix::process::ExitStatusExt as _;
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code().unwrap_or_else(|| 128 + status.signal().unwrap());
            }
            assert!(start.elapsed() < PATIENCE, "prodev did not end; left are {:?}", survivors(self.sandbox));
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// A test that fails leaves nothing running.
impl Drop for Running<'_> {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whether a signal to a process has not been delivered to any of its threads (proc(5), `ShdPnd`).
fn is_pending(pid: Pid, signal: Signal) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{}/status", pid.as_raw_nonzero())).unwrap();
    let mask = status.lines().find_map(|line| line.strip_prefix("ShdPnd:")).unwrap().trim();
    u64::from_str_radix(mask, 16).unwrap() >> (signal.as_raw() - 1) & 1 == 1
}

fn tag(sandbox: &Sandbox) -> String {
    sandbox.root().to_string_lossy().into_owned()
}

/// For a command in a terminal: the assignment that makes its processes findable.
pub(super) fn tagged(sandbox: &Sandbox) -> String {
    format!("{TAG}='{}'", tag(sandbox))
}

/// What still runs of what was started in this sandbox.
pub(super) fn survivors(sandbox: &Sandbox) -> Vec<String> {
    let wanted = format!("{TAG}={}", tag(sandbox));
    let carries = |pid: &i32| {
        let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|line| line == wanted.as_bytes())
    };
    let command = |pid: i32| {
        let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        format!("{pid} {}", String::from_utf8_lossy(&line).replace('\0', " "))
    };
    processes().into_iter().filter(carries).map(command).collect()
}

/// Nothing is left at the moment at which prodev is gone.
#[track_caller]
pub(super) fn nothing_is_left(sandbox: &Sandbox) {
    let left = survivors(sandbox);
    assert!(left.is_empty(), "still running: {left:#?}");
}

/// Nothing is left after a while: for runs whose front could not wait.
#[track_caller]
pub(super) fn nothing_stays(sandbox: &Sandbox) {
    until("nothing is left", || survivors(sandbox).is_empty());
}

/// Ends what a test meant to be left.
pub(super) fn clean_up(sandbox: &Sandbox) {
    for line in survivors(sandbox) {
        let pid = line.split(' ').next().and_then(|pid| pid.parse().ok()).and_then(Pid::from_raw).unwrap();
        let _ = kill_process(pid, Signal::KILL);
    }
}

fn processes() -> Vec<i32> {
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

fn parent(pid: i32) -> Option<i32> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

/// Waits for what has to happen.
#[track_caller]
pub(super) fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < PATIENCE, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
