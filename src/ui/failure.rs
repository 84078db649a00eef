//! How a failure reads: `error:`, the place with its line, `caused by:`, `hint:`.

use std::fmt::Write as _;

use super::style;
use crate::error::{Exit, Failure, Place, Problem};

/// The text for stderr and the exit that goes with it. An interrupted prompt says nothing: the user knows.
pub(super) fn render(error: &anyhow::Error) -> (String, Exit) {
    if is_interruption_chain(error) {
        return (String::new(), Exit::Interrupted);
    }
    match error.downcast_ref::<Failure>() {
        Some(failure) => (foreseen(failure), failure.exit),
        None => (unforeseen(error), Exit::Failed),
    }
}

/// Whether the user (or the system) stopped what was going on.
pub(super) fn is_interruption_chain(error: &anyhow::Error) -> bool {
    error.chain().any(is_interruption)
}

fn is_interruption(cause: &(dyn std::error::Error + 'static)) -> bool {
    cause.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == std::io::ErrorKind::Interrupted)
}

fn foreseen(failure: &Failure) -> String {
    let mut text = headline(&failure.message);
    if let Some(place) = &failure.place {
        snippet(&mut text, place);
    }
    for problem in &failure.problems {
        item(&mut text, problem);
    }
    if let Some(cause) = &failure.cause {
        caused_by(&mut text, cause);
    }
    for hint in &failure.hints {
        let _ = writeln!(text, "{}hint:{:#} {hint}", style::HINT, style::HINT);
    }
    text
}

fn unforeseen(error: &anyhow::Error) -> String {
    let mut text = headline(&error.to_string());
    for cause in error.chain().skip(1) {
        caused_by(&mut text, &cause.to_string());
    }
    text
}

fn headline(message: &str) -> String {
    format!("{}error:{:#} {message}\n", style::ERROR, style::ERROR)
}

fn caused_by(text: &mut String, cause: &str) {
    for (index, line) in cause.trim_end().lines().enumerate() {
        let _ = if index == 0 {
            writeln!(text, "  {}caused by:{:#} {line}", style::BOLD, style::BOLD)
        } else {
            writeln!(text, "    {line}")
        };
    }
}

/// The longest part of a line that is shown; a minified file must not flood the terminal.
const WIDEST: usize = 100;

fn snippet(text: &mut String, place: &Place) {
    let number = place.line.to_string();
    let gap = " ".repeat(number.len());
    let shown: String = place.text.chars().take(WIDEST).collect();
    let _ = writeln!(text, "{gap}{}-->{:#} {place}", style::HINT, style::HINT);
    let _ = writeln!(text, "{}{number} |{:#} {shown}", style::HINT, style::HINT);
    if place.column <= WIDEST {
        // Tabs stay tabs, so that the marker stands below what it marks.
        let before: String =
            place.text.chars().take(place.column - 1).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
        let marks = "^".repeat(place.width.min(WIDEST + 1 - place.column));
        let _ =
            writeln!(text, "{gap} {}|{:#} {before}{}{marks}{:#}", style::HINT, style::HINT, style::ERROR, style::ERROR);
    }
}

fn item(text: &mut String, problem: &Problem) {
    text.push_str("  ");
    if let Some(place) = &problem.place {
        let _ = write!(text, "{place}: ");
    }
    text.push_str(&problem.message);
    if let Some(hint) = &problem.hint {
        let _ = write!(text, " ({hint})");
    }
    text.push('\n');
}
