//! How questions look: a bold prompt with a dim hint, lists whose active line is marked even without color.

use std::fmt::{self, Write};

use dialoguer::console::{Style, measure_text_width, truncate_str};
use dialoguer::theme::{ColorfulTheme, Theme};

/// The look of all prompts but the fuzzy ones, whose items have a type of another crate.
pub(super) struct House {
    /// What may be typed, beside the prompt: `(y/n)`.
    pub(super) hint: String,
}

fn style() -> Style {
    Style::new().for_stderr()
}

impl House {
    /// Dialoguer's own look for fuzzy lists, with this hint.
    pub(super) fn fuzzy(&self) -> ColorfulTheme {
        let suffix = format!("{}›", if self.hint.is_empty() { String::new() } else { format!("{} ", self.hint) });
        ColorfulTheme { prompt_suffix: style().dim().apply_to(suffix), ..ColorfulTheme::default() }
    }
}

fn ask(f: &mut dyn Write, prompt: &str, hint: &str) -> fmt::Result {
    write!(f, "{} {} ", style().yellow().apply_to("?"), style().bold().apply_to(prompt))?;
    if !hint.is_empty() {
        // What follows needs some room on the line too.
        let room = width().saturating_sub(measure_text_width(prompt) + 16).max(8);
        write!(f, "{} ", style().dim().apply_to(truncate_str(hint, room, "…)")))?;
    }
    write!(f, "{} ", style().dim().apply_to("›"))
}

impl Theme for House {
    /// Of lists and passwords.
    fn format_prompt(&self, f: &mut dyn Write, prompt: &str) -> fmt::Result {
        ask(f, prompt, &self.hint)
    }

    fn format_input_prompt(&self, f: &mut dyn Write, prompt: &str, default: Option<&str>) -> fmt::Result {
        let hint = match default {
            None => self.hint.clone(),
            Some("") => "(empty)".to_owned(),
            Some(default) => {
                let line = default.lines().next().unwrap_or_default();
                let dots = if line.len() < default.len() { " …" } else { "" };
                format!("({line}{dots})")
            }
        };
        ask(f, prompt, &hint)
    }

    fn format_confirm_prompt(&self, f: &mut dyn Write, prompt: &str, default: Option<bool>) -> fmt::Result {
        let hint = match default {
            None => "(y/n)",
            Some(true) => "(Y/n)",
            Some(false) => "(y/N)",
        };
        ask(f, prompt, hint)
    }

    fn format_confirm_prompt_selection(&self, f: &mut dyn Write, prompt: &str, given: Option<bool>) -> fmt::Result {
        ask(f, prompt, "(y/n)")?;
        f.write_str(match given {
            None => "",
            Some(true) => "yes",
            Some(false) => "no",
        })
    }

    fn format_select_prompt_item(&self, f: &mut dyn Write, text: &str, active: bool) -> fmt::Result {
        item(f, "", text, active)
    }

    fn format_multi_select_prompt_item(
        &self,
        f: &mut dyn Write,
        text: &str,
        checked: bool,
        active: bool,
    ) -> fmt::Result {
        let mark = if checked { style().green().apply_to("[x] ") } else { style().dim().apply_to("[ ] ") };
        item(f, &mark.to_string(), text, active)
    }
}

fn item(f: &mut dyn Write, mark: &str, text: &str, active: bool) -> fmt::Result {
    if active {
        write!(f, "{} {mark}{}", style().cyan().apply_to("❯"), style().cyan().apply_to(text))
    } else {
        write!(f, "  {mark}{text}")
    }
}

/// The line that stays of a question: `✔ Prompt · answer`.
pub(super) fn report(prompt: &str, answer: &str) -> String {
    let tick = style().green().apply_to("✔");
    let line = answer.lines().next().unwrap_or_default();
    let room = width().saturating_sub(measure_text_width(prompt) + 6).max(20);
    let answer = match line {
        "" => style().dim().apply_to("(empty)".to_owned()),
        line => style().green().apply_to(truncate_str(line, room, "…").into_owned()),
    };
    format!("{tick} {} {} {answer}", style().bold().apply_to(prompt), style().dim().apply_to("·"))
}

/// A line of what says why an answer does not do.
pub(super) fn complaint(index: usize, line: &str) -> String {
    let mark = if index == 0 { "✘" } else { " " };
    format!("{} {}", style().red().apply_to(mark), style().red().apply_to(line))
}

/// Columns of the terminal.
pub(super) fn width() -> usize {
    usize::from(dialoguer::console::Term::stderr().size().1).max(20)
}
