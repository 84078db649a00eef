//! Questions to the person at the terminal. Whoever asks has made sure that there is one (`Ui::is_interactive`).

use std::io;

use dialoguer::theme::ColorfulTheme;
use dialoguer::{Confirm, Editor, FuzzySelect, Input, MultiSelect, Password, Select};

use super::{Interrupt, Ui};

/// A question for a text.
pub(crate) struct Field<'a> {
    pub(crate) prompt: &'a str,
    /// What is taken when the user just presses enter.
    pub(crate) default: Option<String>,
    /// Says what is wrong with a text, or nothing.
    pub(crate) check: &'a dyn Fn(&str) -> Result<(), String>,
}

/// One of several answers to choose from.
pub(crate) struct Choice {
    pub(crate) label: String,
    /// Why it cannot be taken, where it cannot.
    pub(crate) disabled: Option<String>,
    pub(crate) chosen: bool,
}

impl Choice {
    /// One that can be taken, and is not the first to be offered.
    pub(crate) fn plain(label: &str) -> Self {
        Self { label: label.to_owned(), disabled: None, chosen: false }
    }

    fn line(&self) -> String {
        match &self.disabled {
            Some(reason) => format!("{} (not available: {reason})", self.label),
            None => self.label.clone(),
        }
    }
}

/// The list from which fuzzy search is more comfortable than arrows alone.
const LONG_LIST: usize = 9;

#[allow(clippy::unused_self, reason = "whoever asks needs a voice, also where the question needs nothing of it")]
impl Ui {
    /// A line of text.
    pub(crate) fn ask_text(&self, field: &Field) -> anyhow::Result<String> {
        guarded(|| {
            let theme = theme();
            let mut input = Input::<String>::with_theme(&theme)
                .with_prompt(field.prompt)
                .allow_empty(true)
                .validate_with(|text: &String| (field.check)(text));
            if let Some(default) = &field.default {
                input = input.default(default.clone());
            }
            input.interact_text()
        })
    }

    /// Several lines, in the user's editor, which opens with the default.
    pub(crate) fn ask_editor(&self, field: &Field) -> anyhow::Result<String> {
        let mut text = field.default.clone().unwrap_or_default();
        loop {
            self.note(&format!("{}: opening your editor", field.prompt));
            if let Some(edited) = guarded(|| Editor::new().edit(&text))? {
                text = edited;
            }
            match (field.check)(&text) {
                Ok(()) => return Ok(text),
                Err(message) => {
                    self.warn(&message);
                    if !self.confirm("Edit it again?", true)? {
                        return Err(io::Error::from(io::ErrorKind::Interrupted).into());
                    }
                }
            }
        }
    }

    /// A text that is not shown.
    pub(crate) fn ask_secret(&self, field: &Field) -> anyhow::Result<String> {
        guarded(|| {
            Password::with_theme(&theme())
                .with_prompt(field.prompt)
                .allow_empty_password(true)
                .validate_with(|text: &String| (field.check)(text))
                .interact()
        })
    }

    /// Yes or no. `--yes` answers yes.
    pub(crate) fn confirm(&self, prompt: &str, default: bool) -> anyhow::Result<bool> {
        if self.yes {
            return Ok(true);
        }
        self.ask_bool(prompt, Some(default))
    }

    /// Whether `--yes` was given.
    pub(crate) fn is_yes(&self) -> bool {
        self.yes
    }

    /// A question whose answer is yes or no.
    pub(crate) fn ask_bool(&self, prompt: &str, default: Option<bool>) -> anyhow::Result<bool> {
        guarded(|| {
            let theme = theme();
            let mut confirm = Confirm::with_theme(&theme).with_prompt(prompt);
            if let Some(default) = default {
                confirm = confirm.default(default);
            }
            confirm.interact()
        })
    }

    /// One of `choices`, by its index. A disabled one is shown, and asked again when it is taken.
    pub(crate) fn ask_choice(&self, prompt: &str, choices: &[Choice]) -> anyhow::Result<usize> {
        let lines: Vec<String> = choices.iter().map(Choice::line).collect();
        let mut start = choices.iter().position(|choice| choice.chosen).unwrap_or_default();
        loop {
            let taken = guarded(|| {
                let theme = theme();
                if lines.len() >= LONG_LIST {
                    FuzzySelect::with_theme(&theme).with_prompt(prompt).items(&lines).default(start).interact()
                } else {
                    Select::with_theme(&theme).with_prompt(prompt).items(&lines).default(start).interact()
                }
            })?;
            match choices.get(taken).and_then(|choice| choice.disabled.as_ref()) {
                None => return Ok(taken),
                Some(reason) => self.warn(&format!("that choice is not available: {reason}")),
            }
            start = taken;
        }
    }

    /// Any number of `choices`, by their indices, in their order.
    pub(crate) fn ask_several(&self, prompt: &str, choices: &[Choice]) -> anyhow::Result<Vec<usize>> {
        let prompt = format!("{prompt} (space selects, enter ends)");
        loop {
            let items = choices.iter().map(|choice| (choice.line(), choice.chosen));
            let taken =
                guarded(|| MultiSelect::with_theme(&theme()).with_prompt(&prompt).items_checked(items).interact())?;
            let refused = taken.iter().find_map(|at| choices.get(*at)?.disabled.as_ref());
            match refused {
                None => return Ok(taken),
                Some(reason) => self.warn(&format!("one of these is not available: {reason}")),
            }
        }
    }
}

fn theme() -> ColorfulTheme {
    ColorfulTheme::default()
}

/// Asks with Ctrl-C turned into an error, so that the cursor comes back before the program ends.
fn guarded<T>(ask: impl FnOnce() -> dialoguer::Result<T>) -> anyhow::Result<T> {
    let _interrupt = Interrupt::hold()?;
    let answer = ask();
    answer.map_err(|dialoguer::Error::IO(error)| {
        if error.kind() == io::ErrorKind::Interrupted {
            // Selections hide the cursor and leave it so when they are interrupted.
            let _ = dialoguer::console::Term::stderr().show_cursor();
        }
        error.into()
    })
}
