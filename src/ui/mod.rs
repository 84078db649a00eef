//! The only room that speaks: stdout for answers, stderr for everything else. It decides on color, progress and prompts.

mod editor;
mod failure;
mod hidden;
mod interrupt;
mod live;
mod progress;
mod prompt;
mod relay;
mod secrets;
mod tame;
mod theme;
mod width;

use std::io::{self, IsTerminal as _, Write as _};

pub(crate) use failure::snippet;
pub(crate) use interrupt::Interrupt;
pub(crate) use live::Live;
pub(crate) use progress::Progress;
pub(crate) use prompt::{Choice, Field, Question};
pub(crate) use relay::Stream;
pub(crate) use secrets::{SHORTEST, Secrets};
pub(crate) use width::{fitted, shown_width};

use self::tame::tame;

/// How much is said on stderr.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) enum Volume {
    Quiet,
    #[default]
    Normal,
    Verbose,
}

/// The voice of the program.
#[derive(Debug, Clone)]
pub(crate) struct Ui {
    volume: Volume,
    /// Whether stderr is a terminal on which what was drawn can be drawn over.
    draws: bool,
    /// Whether questions can be asked.
    interactive: bool,
    /// Whether every confirmation is taken as given.
    yes: bool,
}

/// The styles of the house; the streams take them away where no terminal listens.
pub(crate) mod style {
    use anstyle::{AnsiColor, Style};

    pub(crate) const ERROR: Style = AnsiColor::Red.on_default().bold();
    pub(crate) const WARNING: Style = AnsiColor::Yellow.on_default().bold();
    pub(crate) const HINT: Style = AnsiColor::Cyan.on_default().bold();
    pub(crate) const GOOD: Style = AnsiColor::Green.on_default().bold();
    pub(crate) const DIM: Style = Style::new().dimmed();
    pub(crate) const BOLD: Style = Style::new().bold();
}

impl Ui {
    /// `no_input` is what the flag or `CI` say; terminals are looked at here.
    #[allow(
        clippy::disallowed_methods,
        reason = "what the terminal is, is told by the environment, and nobody above needs to know"
    )]
    pub(crate) fn new(volume: Volume, no_input: bool, yes: bool) -> Self {
        // The shells of editors and the logs of some CI systems are terminals that only print.
        let draws = io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb");
        let interactive = !no_input && draws && io::stdin().is_terminal();
        Self { volume, draws, interactive, yes }
    }

    /// Whether questions can be asked.
    pub(crate) fn is_interactive(&self) -> bool {
        self.interactive
    }

    /// Opens a file in the user's editor, and waits.
    ///
    /// # Errors
    /// Where there is nobody to edit, or the editor fails.
    pub(crate) fn edit(&self, path: &std::path::Path) -> anyhow::Result<()> {
        // A script that names an editor knows what it does.
        if !self.interactive && !editor::is_named() {
            return Err(crate::error::fail("there is nobody here to edit")
                .exit(crate::error::Exit::Usage)
                .hint("set `EDITOR`, or change single values with `prodev env set KEY`")
                .into());
        }
        editor::open(path)
    }

    /// How many columns an answer has; `None` where it goes to no terminal, and nothing has to be cut.
    pub(crate) fn width() -> Option<usize> {
        width::of_stdout()
    }

    /// Prints an answer. A reader that has gone away is no failure: it had enough.
    pub(crate) fn answer(text: &str) -> io::Result<()> {
        // A pipe gets what was meant, a terminal what cannot harm it.
        let text = if io::stdout().is_terminal() { tame(text) } else { text.into() };
        let mut stdout = anstream::stdout().lock();
        match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => other,
        }
    }

    /// Prints one JSON document with the format's version in front.
    pub(crate) fn json(answer: &serde_json::Map<String, serde_json::Value>) -> io::Result<()> {
        let mut document = serde_json::Map::new();
        document.insert("version".to_owned(), 1.into());
        document.extend(answer.clone());
        Self::answer(&format!("{:#}\n", serde_json::Value::Object(document)))
    }

    /// Something worth knowing, unless `--quiet`.
    pub(crate) fn note(&self, text: &str) {
        if self.volume >= Volume::Normal {
            Self::speak(text);
        }
    }

    /// Something that only `--verbose` tells.
    pub(crate) fn detail(&self, text: &str) {
        if self.volume >= Volume::Verbose {
            Self::speak(&format!("{}{text}{:#}", style::DIM, style::DIM));
        }
    }

    /// Something that is probably not what the user wants.
    pub(crate) fn warn(&self, text: &str) {
        if self.volume >= Volume::Normal {
            Self::speak(&format!("{}warning:{:#} {text}", style::WARNING, style::WARNING));
        }
    }

    /// Writes a line to stderr. Nobody can be told that stderr is gone, so that is not looked at.
    fn speak(text: &str) {
        let _ = live::around(|| writeln!(anstream::stderr(), "{}", tame(text)));
    }
}
