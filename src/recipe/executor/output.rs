//! What becomes of a job's output: passed on as it comes, line by line behind its name, or in one block when it is over.

use std::collections::VecDeque;
use std::io::{PipeReader, Read as _};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::config::settings::Output;
use crate::recipe::cache::Log;
use crate::ui::{Secrets, Stream, Ui, style};

/// The longest line that is waited for; a longer one is shown in pieces.
const LONGEST: usize = 64 * 1024;

/// How many of the last lines are kept for the summary.
const KEPT: usize = 12;

/// The end of a pipe that a job writes into.
#[derive(Debug)]
pub(super) struct Pipe {
    /// `None` once the other end is closed.
    pub(super) reader: Option<PipeReader>,
    stream: Stream,
    /// What has been read and not been shown.
    held: Vec<u8>,
    /// Of a line that has been begun: masked, and not shown yet.
    line: Vec<u8>,
}

/// The output of one job.
#[derive(Debug)]
pub(super) struct Sink {
    pub(super) pipes: Vec<Pipe>,
    way: Output,
    /// What stands in front of each line.
    prefix: String,
    /// Blocks that wait for the end.
    block: Vec<(Stream, Vec<u8>)>,
    tail: VecDeque<String>,
    log: Log,
    /// stdout belongs to a report, so all goes to stderr.
    is_diverted: bool,
}

impl Sink {
    pub(super) fn new(way: Output, prefix: String, is_diverted: bool) -> Self {
        Self {
            pipes: Vec::new(),
            way,
            prefix,
            block: Vec::new(),
            tail: VecDeque::new(),
            log: Log::default(),
            is_diverted,
        }
    }

    pub(super) fn add(&mut self, reader: PipeReader, stream: Stream) {
        let stream = if self.is_diverted { Stream::Err } else { stream };
        self.pipes.push(Pipe { reader: Some(reader), stream, held: Vec::new(), line: Vec::new() });
    }

    /// Reads once from a pipe that has something.
    pub(super) fn read(&mut self, at: usize, secrets: &Secrets) {
        let mut buffer = [0; 16 * 1024];
        let Some(reader) = &mut self.pipes[at].reader else { return };
        match reader.read(&mut buffer) {
            Ok(count @ 1..) => {
                self.pipes[at].held.extend_from_slice(&buffer[..count]);
                let shown = secrets.release(&mut self.pipes[at].held);
                self.show(at, shown);
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            _ => {
                self.pipes[at].reader = None;
                self.flush(at, secrets);
            }
        }
    }

    /// Whether something is held back that only time can set free.
    pub(super) fn holds_back(&self) -> bool {
        self.pipes.iter().any(|pipe| !pipe.held.is_empty())
    }

    /// Shows what was held back in case it began a secret: it has not gone on.
    pub(super) fn give_up_waiting(&mut self, secrets: &Secrets) {
        for at in 0..self.pipes.len() {
            let shown = secrets.finish(&mut self.pipes[at].held);
            self.show(at, shown);
        }
    }

    /// Reads what is there and closes the pipes. Who still holds the other end is not waited for.
    pub(super) fn drain(&mut self, secrets: &Secrets) {
        for at in 0..self.pipes.len() {
            while self.pipes[at].reader.as_ref().is_some_and(has_something) {
                self.read(at, secrets);
            }
            self.flush(at, secrets);
        }
        self.pipes.clear();
    }

    fn flush(&mut self, at: usize, secrets: &Secrets) {
        let shown = secrets.finish(&mut self.pipes[at].held);
        self.show(at, shown);
        if !self.pipes[at].line.is_empty() {
            let mut line = std::mem::take(&mut self.pipes[at].line);
            line.push(b'\n');
            self.emit(self.pipes[at].stream, &line);
        }
    }

    fn show(&mut self, at: usize, bytes: Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        let stream = self.pipes[at].stream;
        if self.way == Output::Stream {
            self.keep(stream, &bytes);
            // A stream that cannot be written to cannot be told of either.
            let _ = Ui::relay(stream, &bytes);
            return;
        }
        let mut line = std::mem::take(&mut self.pipes[at].line);
        line.extend(bytes);
        if let Some(end) = line.iter().rposition(|byte| *byte == b'\n') {
            let rest = line.split_off(end + 1);
            self.emit(stream, &line);
            line = rest;
        } else if line.len() > LONGEST {
            line.push(b'\n');
            self.emit(stream, &line);
            line.clear();
        }
        self.pipes[at].line = line;
    }

    /// Whole lines.
    fn emit(&mut self, stream: Stream, lines: &[u8]) {
        self.keep(stream, lines);
        if self.way == Output::Group {
            match self.block.last_mut().filter(|(last, _)| *last == stream) {
                Some((_, block)) => block.extend_from_slice(lines),
                None => self.block.push((stream, lines.to_vec())),
            }
        } else {
            let mut text = Vec::with_capacity(lines.len() + self.prefix.len());
            for line in lines.split_inclusive(|byte| *byte == b'\n') {
                text.extend_from_slice(self.prefix.as_bytes());
                text.extend_from_slice(line);
            }
            let _ = Ui::relay(stream, &text);
        }
    }

    fn keep(&mut self, stream: Stream, bytes: &[u8]) {
        self.log.add(stream, bytes);
        for line in String::from_utf8_lossy(bytes).lines() {
            if self.tail.len() == KEPT {
                self.tail.pop_front();
            }
            self.tail.push_back(line.to_owned());
        }
    }

    /// All that was said, without its secrets.
    pub(super) fn take_log(&mut self) -> Log {
        std::mem::take(&mut self.log)
    }

    /// The last lines, for the summary.
    pub(super) fn tail(&self) -> Vec<String> {
        self.tail.iter().cloned().collect()
    }

    /// Shows the block, between what opens and closes it. A block of nothing is not shown.
    pub(super) fn release_block(&mut self, fold: Fold, label: &str) {
        if self.block.is_empty() {
            return;
        }
        let (open, close) = fold.around(label);
        let out = if self.is_diverted { Stream::Err } else { Stream::Out };
        let _ = Ui::relay(out, open.as_bytes());
        for (stream, bytes) in self.block.drain(..) {
            let _ = Ui::relay(stream, &bytes);
        }
        let _ = Ui::relay(out, close.as_bytes());
    }
}

fn has_something(reader: &PipeReader) -> bool {
    let mut fds = [PollFd::new(reader, PollFlags::IN)];
    poll(&mut fds, Some(&Timespec { tv_sec: 0, tv_nsec: 0 })).is_ok_and(|count| count > 0)
}

/// How blocks are told apart: as the machine that shows them folds them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fold {
    GitHub,
    GitLab,
    Plain,
}

impl Fold {
    /// As the environment says.
    pub(super) fn here(variable: impl Fn(&str) -> Option<String>) -> Self {
        if variable("GITHUB_ACTIONS").is_some_and(|value| value == "true") {
            Self::GitHub
        } else if variable("GITLAB_CI").is_some_and(|value| value == "true") {
            Self::GitLab
        } else {
            Self::Plain
        }
    }

    fn around(self, label: &str) -> (String, String) {
        match self {
            Self::GitHub => (format!("::group::{label}\n"), "::endgroup::\n".to_owned()),
            Self::GitLab => {
                let id: String = label.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
                let now = jiff::Timestamp::now().as_second();
                (
                    format!("\x1b[0Ksection_start:{now}:{id}\r\x1b[0K{label}\n"),
                    format!("\x1b[0Ksection_end:{now}:{id}\r\x1b[0K"),
                )
            }
            Self::Plain => (format!("--- {label}\n"), String::new()),
        }
    }

    /// What tells the machine of a failure, beside the summary.
    pub(super) fn annotation(self, file: &str, line: usize, title: &str, message: &str) -> Option<String> {
        let escape = |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
        let property = |text: &str| escape(text).replace(':', "%3A").replace(',', "%2C");
        (self == Self::GitHub).then(|| {
            format!("::error file={},line={line},title={}::{}\n", property(file), property(title), escape(message))
        })
    }
}

/// What stands in front of the lines of a job.
pub(super) fn prefix(label: &str, width: usize, has_color: bool) -> String {
    let dim = style::DIM;
    if has_color { format!("{dim}{label:<width$} │{dim:#} ") } else { format!("{label:<width$} | ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_folded_as_the_machine_does() {
        assert_eq!(Fold::GitHub.around("a b"), ("::group::a b\n".to_owned(), "::endgroup::\n".to_owned()));
        assert!(Fold::GitLab.around("a b").0.ends_with(":a_b\r\x1b[0Ka b\n"));
        let annotation = Fold::GitHub.annotation("a,b", 3, "x: y", "p%\nq");
        assert_eq!(annotation.as_deref(), Some("::error file=a%2Cb,line=3,title=x%3A y::p%25%0Aq\n"));
        assert_eq!(Fold::Plain.annotation("a", 1, "", ""), None);
    }

    #[test]
    fn the_machine_is_known_by_its_variables() {
        let with = |name: &'static str| move |asked: &str| (asked == name).then(|| "true".to_owned());
        assert_eq!(Fold::here(with("GITHUB_ACTIONS")), Fold::GitHub);
        assert_eq!(Fold::here(with("GITLAB_CI")), Fold::GitLab);
        assert_eq!(Fold::here(with("X")), Fold::Plain);
    }
}
