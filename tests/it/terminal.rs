//! A real terminal for tests of prompts, colors and progress: prodev in a tmux session, keys sent, the screen read.

use std::time::{Duration, Instant};

use crate::proof;
use crate::sandbox::{PRODEV, Sandbox};

/// How long the screen may take to show what is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

/// prodev in a terminal of 100 columns and 40 rows. The session ends with the value.
pub(crate) struct Terminal<'a> {
    sandbox: &'a Sandbox,
    /// Holds the socket of this session's server, outside the sandbox: it is no part of its state.
    folder: tempfile::TempDir,
}

#[allow(dead_code, reason = "a toolbox: not every tool is in use at every time")]
impl<'a> Terminal<'a> {
    /// Starts prodev with words split at spaces. `None` where tmux is missing: then the test has said so, and ends.
    #[track_caller]
    pub(crate) fn start(sandbox: &'a Sandbox, words: &str) -> Option<Self> {
        Self::start_sized(sandbox, words, (100, 40))
    }

    /// The same in a terminal of other columns and rows.
    #[track_caller]
    pub(crate) fn start_sized(sandbox: &'a Sandbox, words: &str, size: (u16, u16)) -> Option<Self> {
        if !proof::have("how prodev behaves in a terminal", &["tmux"]) {
            return None;
        }
        let script = format!("'{PRODEV}' {words}; printf '\\n[exit %s]\\n' \"$?\"; exec cat");
        Some(Self::open(sandbox, &script, size))
    }

    /// Starts anything that `sh` can run. tmux must be there.
    #[track_caller]
    pub(crate) fn start_program(sandbox: &'a Sandbox, script: &str) -> Self {
        Self::open(sandbox, script, (100, 40))
    }

    #[track_caller]
    fn open(sandbox: &'a Sandbox, script: &str, (columns, rows): (u16, u16)) -> Self {
        let terminal = Self { sandbox, folder: tempfile::tempdir().unwrap() };
        let (columns, rows) = (columns.to_string(), rows.to_string());
        terminal.tmux(&["new-session", "-d", "-x", &columns, "-y", &rows, "sh", "-c", script]);
        terminal
    }

    /// Waits until the screen shows `text`.
    #[track_caller]
    pub(crate) fn sees(&self, text: &str) -> &Self {
        let start = Instant::now();
        while !self.screen().contains(text) {
            assert!(start.elapsed() < PATIENCE, "the terminal never showed {text:?}:\n{}", self.screen());
            std::thread::sleep(Duration::from_millis(20));
        }
        self
    }

    /// Types text as it is.
    #[track_caller]
    pub(crate) fn types(&self, text: &str) -> &Self {
        self.tmux(&["send-keys", "-l", "--", text]);
        self
    }

    /// Presses a key by tmux's name for it: `Enter`, `Space`, `Down`, `C-c`.
    #[track_caller]
    pub(crate) fn presses(&self, key: &str) -> &Self {
        self.tmux(&["send-keys", key]);
        self
    }

    /// Waits until prodev has ended with this code.
    #[track_caller]
    pub(crate) fn exits(&self, code: i32) -> &Self {
        self.sees("[exit ");
        self.sees(&format!("[exit {code}]"))
    }

    /// What the screen shows now, with the sandbox's paths replaced and without the spaces that end a line.
    pub(crate) fn screen(&self) -> String {
        let screen = self.tmux(&["capture-pane", "-p", "-J"]);
        screen.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
    }

    /// The same with colors and styles, as escape sequences.
    pub(crate) fn styled_screen(&self) -> String {
        self.tmux(&["capture-pane", "-p", "-J", "-e"])
    }

    pub(crate) fn shows_its_cursor(&self) -> bool {
        self.tmux(&["display-message", "-p", "#{cursor_flag}"]).trim() == "1"
    }

    #[track_caller]
    fn tmux(&self, args: &[&str]) -> String {
        let output = self
            .sandbox
            .command("tmux")
            .env("TERM", "xterm-256color")
            .args(["-u", "-f", "/dev/null", "-S"])
            .arg(self.folder.path().join("socket"))
            .args(args)
            .output()
            .unwrap();
        assert!(output.status.success(), "tmux {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        self.sandbox.normalise(&output.stdout)
    }
}

impl Drop for Terminal<'_> {
    fn drop(&mut self) {
        // A panic here would hide the one that the test failed with.
        let socket = self.folder.path().join("socket");
        let _ = self.sandbox.command("tmux").arg("-S").arg(socket).arg("kill-server").output();
    }
}

#[test]
fn a_terminal_shows_what_prodev_prints_and_how_it_ends() {
    let sandbox = Sandbox::new();
    let Some(terminal) = Terminal::start(&sandbox, "-C nowhere man") else { return };
    terminal.sees("error: `nowhere` is no directory").exits(2);
    terminal.types("typed").presses("Enter").sees("typed\ntyped");
}
