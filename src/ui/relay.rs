//! The output of other programs, passed on byte for byte. It was meant for whoever reads: nothing is taken out of it.

use std::io::{self, IsTerminal as _, Write as _};

use super::Ui;

/// Where output goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stream {
    Out,
    Err,
}

impl Ui {
    /// Passes `bytes` on. A reader that has gone away had enough; its program is not told.
    ///
    /// # Errors
    /// Where the stream cannot be written to for another reason.
    pub(crate) fn relay(stream: Stream, bytes: &[u8]) -> io::Result<()> {
        match Self::hand_on(stream, bytes) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => other,
        }
    }

    /// Passes `bytes` on, for whoever has to know that nobody reads any more.
    ///
    /// # Errors
    /// Where the stream cannot be written to.
    pub(crate) fn hand_on(stream: Stream, bytes: &[u8]) -> io::Result<()> {
        super::live::around(|| match stream {
            Stream::Out => {
                let mut stdout = io::stdout().lock();
                stdout.write_all(bytes).and_then(|()| stdout.flush())
            }
            Stream::Err => io::stderr().lock().write_all(bytes),
        })
    }

    /// Says something of several lines, with the styles of the house, whatever the volume.
    pub(crate) fn tell(stream: Stream, text: &str) {
        // Nobody can be told that the stream is gone.
        let _ = super::live::around(|| match stream {
            Stream::Out => write!(anstream::stdout(), "{}", super::tame(text)),
            Stream::Err => write!(anstream::stderr(), "{}", super::tame(text)),
        });
    }

    /// Whether styles are shown in this stream: a terminal, and nobody who wants none.
    pub(crate) fn has_color(stream: Stream) -> bool {
        let choice = match stream {
            Stream::Out => anstream::AutoStream::choice(&io::stdout()),
            Stream::Err => anstream::AutoStream::choice(&io::stderr()),
        };
        Self::is_terminal(stream) && choice != anstream::ColorChoice::Never
    }

    /// Whether a terminal shows this stream.
    pub(crate) fn is_terminal(stream: Stream) -> bool {
        match stream {
            Stream::Out => io::stdout().is_terminal(),
            Stream::Err => io::stderr().is_terminal(),
        }
    }
}
