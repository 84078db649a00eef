//! What a system can do with processes and files beyond what all of them can: watching a process, signalling exactly the one that is meant,
//! inheriting orphans, telling who is whose child, watching files. `linux` does it all; `elsewhere` does what it can, and says so.

#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(any(test, not(target_os = "linux")))]
mod portable;

use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

#[cfg(not(target_os = "linux"))]
use self::elsewhere as this;
#[cfg(target_os = "linux")]
use self::linux as this;

pub(crate) use self::this::{Handle, Watch, inherit_orphans, own_program};
pub(super) use self::this::{all, arguments, children, environment, holders, signal};

/// A process that was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) parent: i32,
    pub(super) is_dead: bool,
}

impl Watch {
    /// Whether something is said within this time.
    pub(crate) fn is_busy(&self, time: Duration) -> bool {
        let mut fds = [PollFd::new(self, PollFlags::IN)];
        let patience = Timespec { tv_sec: 0, tv_nsec: i64::from(time.subsec_nanos()) };
        poll(&mut fds, Some(&patience)).is_ok_and(|count| count > 0) && self.has_changed()
    }
}
