//! Signals that only ring: the loop hears of them when it comes round.

use std::io::Read as _;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;

use anyhow::Context as _;
use rustix::process::Signal;

/// Counts how often a signal came.
#[derive(Debug)]
pub(crate) struct Bell(UnixStream);

impl Bell {
    /// Listens from here on; the signal does nothing else any more.
    pub(crate) fn on(signal: Signal) -> anyhow::Result<Self> {
        let (read, write) = UnixStream::pair().context("could not make a pipe for signals")?;
        read.set_nonblocking(true)?;
        write.set_nonblocking(true)?;
        signal_hook::low_level::pipe::register(signal.as_raw(), write).context("could not listen to signals")?;
        Ok(Self(read))
    }

    /// How often it came since the last look.
    pub(crate) fn rung(&self) -> usize {
        let mut count = 0;
        let mut buffer = [0; 64];
        while let Ok(read @ 1..) = (&self.0).read(&mut buffer) {
            count += read;
        }
        count
    }
}

impl AsFd for Bell {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
