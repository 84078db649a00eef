//! A line that is typed and not shown.

use std::io;
use std::os::fd::AsFd as _;

use dialoguer::console::Term;
use dialoguer::theme::Theme as _;
use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};

use super::Interrupt;
use super::theme::House;

/// Asks with `prompt` and reads a line from the terminal. The echo is off from the first key to the last: a terminal that is switched for each
/// key shows what is typed or pasted in between.
///
/// # Errors
/// `Interrupted` where the user pressed Ctrl-C or Ctrl-D, or a signal came.
pub(super) fn read(theme: &House, prompt: &str) -> io::Result<String> {
    let term = Term::stderr();
    let mut shown = String::new();
    theme.format_prompt(&mut shown, prompt).map_err(io::Error::other)?;
    let silence = Silence::begin()?;
    term.write_str(&shown)?;
    let typed = line();
    drop(silence);
    term.clear_line()?;
    typed
}

/// Keys without echo, lines or signals, given up to after a tenth of a second so that signals from elsewhere are noticed.
struct Silence(Termios);

impl Silence {
    fn begin() -> io::Result<Self> {
        let stdin = io::stdin();
        let before = tcgetattr(stdin.as_fd())?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG);
        silent.special_codes[SpecialCodeIndex::VMIN] = 0;
        silent.special_codes[SpecialCodeIndex::VTIME] = 1;
        tcsetattr(stdin.as_fd(), OptionalActions::Now, &silent)?;
        Ok(Self(before))
    }
}

impl Drop for Silence {
    fn drop(&mut self) {
        let _ = tcsetattr(io::stdin().as_fd(), OptionalActions::Now, &self.0);
    }
}

fn line() -> io::Result<String> {
    let interrupt = Interrupt::hold()?;
    let mut typed = Vec::new();
    loop {
        let mut key = [0];
        if rustix::io::read(io::stdin().as_fd(), &mut key)? == 0 {
            interrupt.check()?;
            continue;
        }
        match key[0] {
            b'\r' | b'\n' => break,
            // Ctrl-C and Ctrl-D.
            3 | 4 => return Err(io::ErrorKind::Interrupted.into()),
            // Backspace, as it comes in two ways; a character has one byte that is no continuation.
            8 | 127 => while typed.pop().is_some_and(|byte: u8| byte & 0xC0 == 0x80) {},
            // Ctrl-U.
            21 => typed.clear(),
            key => typed.push(key),
        }
    }
    String::from_utf8(typed).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "what was typed is not UTF-8"))
}
