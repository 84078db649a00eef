//! What every Unix can do, for systems without better: processes listed by `ps`, files that are looked at time and again.

use std::collections::HashMap;
use std::io::{Read as _, Write as _};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::Context as _;

use super::Seen;

/// How often the files are looked at.
const GLANCE: Duration = Duration::from_millis(300);

/// What `ps` prints, and the number that it had itself.
#[allow(clippy::disallowed_methods, reason = "processes are seen through a program here")]
pub(super) fn ps(arguments: &[&str]) -> Option<(String, i32)> {
    let mut command = Command::new("/bin/ps");
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let child = command.spawn().ok()?;
    let own = i32::try_from(child.id()).ok()?;
    let output = child.wait_with_output().ok().filter(|output| output.status.success())?;
    Some((String::from_utf8_lossy(&output.stdout).into_owned(), own))
}

/// Lines of a number, the parent's and a state. The lister is left out: it is a child of ours, and none that was meant.
pub(super) fn listed(text: &str, lister: i32) -> HashMap<i32, Seen> {
    let process = |line: &str| {
        let mut words = line.split_ascii_whitespace();
        let pid = words.next()?.parse().ok().filter(|pid| *pid != lister)?;
        let parent = words.next()?.parse().ok()?;
        Some((pid, Seen { parent, is_dead: words.next()?.starts_with('Z') }))
    };
    text.lines().filter_map(process).collect()
}

/// Files that are looked at by a thread, which rings when one of them is another than before.
#[derive(Debug)]
pub(crate) struct Watch(UnixStream);

impl Watch {
    /// # Errors
    /// Where the system has no pipe or no thread left.
    pub(crate) fn on(files: &[PathBuf]) -> anyhow::Result<Self> {
        let cannot = || "could not watch the files";
        let (read, mut write) = UnixStream::pair().with_context(cannot)?;
        read.set_nonblocking(true)?;
        let files = files.to_owned();
        let mut before = looks(&files);
        let look = move || {
            loop {
                std::thread::sleep(GLANCE);
                let now = looks(&files);
                // Nobody to be told: the watch is over.
                if now != before && write.write_all(&[1]).is_err() {
                    return;
                }
                before = now;
            }
        };
        std::thread::Builder::new().spawn(look).with_context(cannot)?;
        Ok(Self(read))
    }

    /// All that happens in `folders`, where `files` are.
    ///
    /// # Errors
    /// As [`Watch::on`].
    #[cfg_attr(target_os = "linux", allow(dead_code, reason = "Linux has a better one"))]
    pub(crate) fn tree(folders: &[PathBuf], files: &[PathBuf]) -> anyhow::Result<Self> {
        Self::on(&[folders, files].concat())
    }

    /// Whether one of the files has changed since the last look.
    pub(crate) fn has_changed(&self) -> bool {
        let mut has_changed = false;
        let mut buffer = [0; 64];
        while let Ok(1..) = (&self.0).read(&mut buffer) {
            has_changed = true;
        }
        has_changed
    }
}

impl AsFd for Watch {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// By what a file shows that it is another: its number, its size, and when it was written.
type Look = Option<(u64, u64, i64, i64)>;

fn looks(files: &[PathBuf]) -> Vec<Look> {
    let look = |file: &PathBuf| {
        let meta = std::fs::metadata(file).ok()?;
        Some((meta.ino(), meta.size(), meta.mtime(), meta.mtime_nsec()))
    };
    files.iter().map(look).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::disallowed_methods, reason = "tests write their own files and start their own programs")]

    use rustix::event::{PollFd, PollFlags, poll};

    use super::*;

    #[test]
    fn lines_of_ps_are_processes() {
        let text =
            "    1     0 Ss\n   40     1 S+\n   41    40 Z+\n   42    40 R\n\nnonsense\n   43 x S\n   44    40\n";
        let expected = [(1, 0, false), (40, 1, false), (41, 40, true)];
        let expected = expected.map(|(pid, parent, is_dead)| (pid, Seen { parent, is_dead }));
        assert_eq!(listed(text, 42), HashMap::from(expected));
    }

    #[test]
    fn a_child_is_found_below_its_parent_and_the_lister_is_not() {
        let own = i32::try_from(std::process::id()).unwrap();
        let mut child = Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let (text, lister) = ps(&["-A", "-o", "pid=", "-o", "ppid=", "-o", "stat="]).unwrap();
        let all = listed(&text, lister);
        assert_eq!(all[&i32::try_from(child.id()).unwrap()], Seen { parent: own, is_dead: false });
        assert!(!all.contains_key(&lister));
        drop(child.stdin.take());
        child.wait().unwrap();
    }

    #[test]
    fn a_file_that_is_written_replaced_or_removed_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let (file, other) = (folder.path().join("a"), folder.path().join("b"));
        let watch = Watch::on(std::slice::from_ref(&file)).unwrap();
        let wait = || {
            poll(&mut [PollFd::new(&watch, PollFlags::IN)], None).unwrap();
            assert!(watch.has_changed());
            assert!(!watch.has_changed());
        };
        std::fs::write(&file, "1").unwrap();
        wait();
        std::fs::write(&other, "1").unwrap();
        std::fs::rename(&other, &file).unwrap();
        wait();
        std::fs::remove_file(&file).unwrap();
        wait();
    }
}
