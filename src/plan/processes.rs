//! Processes as the system shows them: whose child is whose, what a job left behind, and signals that reach exactly the process that is meant.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use rustix::event::{Timespec, poll};
use rustix::process::{Pid, Signal, WaitOptions, WaitStatus};

use super::system::{self, Seen};

/// The variable that every process of a job carries.
pub(crate) const MARK: &str = "PRODEV_JOB";

/// What its value ends with where the job's processes are meant to stay.
pub(crate) const DETACHED: &str = "+detach";

/// All processes at one moment.
#[derive(Debug)]
pub(crate) struct Table {
    seen: HashMap<i32, Seen>,
}

impl Table {
    /// Looks at all of them.
    pub(crate) fn read() -> Self {
        Self { seen: system::all() }
    }

    /// The living ones below `root`, children before their own.
    pub(crate) fn below(&self, root: i32) -> Vec<i32> {
        let mut children: HashMap<i32, Vec<i32>> = HashMap::new();
        for (pid, process) in &self.seen {
            children.entry(process.parent).or_default().push(*pid);
        }
        let mut found = Vec::new();
        let mut known = HashSet::from([root]);
        let mut open = vec![root];
        while let Some(pid) = open.pop() {
            for child in children.get(&pid).into_iter().flatten().copied().filter(|child| known.insert(*child)) {
                open.push(child);
                if !self.seen[&child].is_dead {
                    found.push(child);
                }
            }
        }
        found
    }

    /// The living ones of a job: what is below its process, and what is below `root` and carries its mark.
    pub(crate) fn of_job(&self, process: Option<Pid>, mark: &str, root: i32) -> Vec<i32> {
        let process = process.map(|pid| pid.as_raw_nonzero().get());
        let mut found: Vec<i32> = process.map(|pid| self.below(pid)).unwrap_or_default();
        found.extend(process.filter(|pid| self.seen.get(pid).is_some_and(|seen| !seen.is_dead)));
        let marked: Vec<i32> = self.below(root).into_iter().filter(|pid| carries(*pid, mark)).collect();
        for pid in marked {
            found.push(pid);
            found.extend(self.below(pid));
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// The mark that a process carries, as far as it can be seen.
pub(crate) fn mark(pid: i32) -> Option<String> {
    let environment = system::environment(pid)?;
    let prefix = format!("{MARK}=");
    let found = environment.split(|byte| *byte == 0).find_map(|line| line.strip_prefix(prefix.as_bytes()))?;
    String::from_utf8(found.to_vec()).ok()
}

fn carries(pid: i32, wanted: &str) -> bool {
    mark(pid).is_some_and(|mark| mark == wanted)
}

/// What a process was started as, for people.
pub(crate) fn command(pid: i32) -> Option<String> {
    let line = system::arguments(pid)?;
    let words: Vec<String> =
        line.split(|byte| *byte == 0).map(|word| String::from_utf8_lossy(word).into_owned()).collect();
    let text = words.join(" ").trim().to_owned();
    (!text.is_empty())
        .then(|| if text.chars().count() > 60 { text.chars().take(59).chain(['…']).collect() } else { text })
}

/// Sends `signal` to each of `pids`, which were seen below `root`.
pub(crate) fn signal(pids: &[i32], signal: Signal, root: i32) {
    system::signal(pids, signal, root);
}

/// This process's own number.
pub(crate) fn own() -> i32 {
    rustix::process::getpid().as_raw_nonzero().get()
}

/// What becomes of children.
pub(crate) enum Reaped {
    Ended(Pid, WaitStatus),
    /// Some are left, and none has ended.
    Running,
    /// There are none.
    Childless,
}

/// Takes in one child that has ended, a job's or an orphan.
pub(crate) fn reap() -> Reaped {
    loop {
        match rustix::process::wait(WaitOptions::NOHANG) {
            Ok(Some((pid, status))) => return Reaped::Ended(pid, status),
            Ok(None) => return Reaped::Running,
            Err(rustix::io::Errno::INTR) => {}
            Err(_) => return Reaped::Childless,
        }
    }
}

/// Whether there are children at all, without taking one in.
pub(crate) fn reap_nothing() -> Reaped {
    let options = rustix::process::WaitIdOptions::EXITED
        | rustix::process::WaitIdOptions::NOHANG
        | rustix::process::WaitIdOptions::NOWAIT;
    match rustix::process::waitid(rustix::process::WaitId::All, options) {
        Err(rustix::io::Errno::CHILD) => Reaped::Childless,
        _ => Reaped::Running,
    }
}

/// Ends everything below this process: TERM, and after `patience` KILL. What is meant to stay stays.
pub(crate) fn sweep(patience: Duration) {
    sweep_beside(patience, || {});
}

/// The same; `beside` is done now and then, so that nobody has to wait to be heard.
pub(crate) fn sweep_beside(patience: Duration, mut beside: impl FnMut()) {
    let start = Instant::now();
    let own = own();
    let mut told: Vec<i32> = Vec::new();
    loop {
        beside();
        while let Reaped::Ended(..) = reap() {}
        if matches!(reap_nothing(), Reaped::Childless) {
            return;
        }
        let mut left = Table::read().below(own);
        left.retain(|pid| !mark(*pid).is_some_and(|mark| mark.ends_with(DETACHED)));
        if left.is_empty() {
            return;
        }
        if start.elapsed() >= patience {
            signal(&left, Signal::KILL, own);
        } else {
            let new: Vec<i32> = left.iter().copied().filter(|pid| !told.contains(pid)).collect();
            signal(&new, Signal::TERM, own);
            // A stopped one hears of it only when it goes on.
            signal(&new, Signal::CONT, own);
            told.extend(new);
        }
        // Wakes early for nobody: those that end are not all children of this one.
        let _ = poll(&mut [], Some(&Timespec { tv_sec: 0, tv_nsec: 10_000_000 }));
    }
}
