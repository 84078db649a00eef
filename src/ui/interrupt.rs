//! Ctrl-C, TERM and HUP: while somebody holds them they only leave a note, so that what was begun can be taken back; at all other times they
//! end the process at once, with the exit that says so.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use rustix::process::Signal;

use crate::error::Exit;

/// Holds the signals back as long as it lives.
pub(crate) struct Interrupt(&'static Switches);

struct Switches {
    came: Arc<AtomicBool>,
    /// Whether a signal ends the process at once.
    deadly: Arc<AtomicBool>,
}

static SWITCHES: OnceLock<Switches> = OnceLock::new();

impl Interrupt {
    /// Ends the process on these signals from here on, with the exit that says so, wherever nobody holds them.
    pub(crate) fn listen() -> io::Result<()> {
        Self::hold().map(drop)
    }

    pub(crate) fn hold() -> io::Result<Self> {
        let switches = if let Some(switches) = SWITCHES.get() {
            switches
        } else {
            let switches = Switches::install()?;
            SWITCHES.get_or_init(|| switches)
        };
        switches.deadly.store(false, Ordering::SeqCst);
        Ok(Self(switches))
    }

    /// # Errors
    /// `Interrupted` once a signal came.
    pub(crate) fn check(&self) -> io::Result<()> {
        if self.0.came.load(Ordering::SeqCst) { Err(io::ErrorKind::Interrupted.into()) } else { Ok(()) }
    }
}

impl Drop for Interrupt {
    fn drop(&mut self) {
        self.0.deadly.store(true, Ordering::SeqCst);
    }
}

impl Switches {
    fn install() -> io::Result<Self> {
        let switches = Self { came: Arc::default(), deadly: Arc::new(AtomicBool::new(true)) };
        for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
            let code = Exit::Interrupted.code().into();
            signal_hook::flag::register_conditional_shutdown(signal.as_raw(), code, Arc::clone(&switches.deadly))?;
            signal_hook::flag::register(signal.as_raw(), Arc::clone(&switches.came))?;
        }
        Ok(switches)
    }
}
