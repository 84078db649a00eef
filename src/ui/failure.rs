//! How a failure reads: `error:`, the place with its line, `caused by:`, `hint:`; and the same as data.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::{Ui, Volume, style};
use crate::error::{Exit, Failure, Place, Problem};

impl Ui {
    /// Tells of a failure on stderr, and gives the exit that belongs to it.
    pub(crate) fn failure(error: &anyhow::Error, volume: Volume) -> Exit {
        let (text, exit) = render(error, volume);
        if !text.is_empty() {
            Self::speak(text.trim_end());
        }
        exit
    }

    /// The same for programs, on stdout: all of it, however long it is, and the exit that the process has in the end.
    pub(crate) fn failure_json(error: &anyhow::Error, exit: Exit) {
        let mut data = as_data(error);
        data["exit"] = exit.code().into();
        let document = Map::from_iter([("error".to_owned(), data)]);
        // Where stdout is gone too, stderr and the exit have told it.
        let _ = Self::json(&document);
    }
}

/// The text for stderr and the exit that goes with it. An interrupted prompt says nothing: the user knows.
fn render(error: &anyhow::Error, volume: Volume) -> (String, Exit) {
    if is_interruption_chain(error) {
        return (String::new(), Exit::Interrupted);
    }
    match error.downcast_ref::<Failure>() {
        Some(failure) => (foreseen(failure, volume), failure.exit),
        None => (unforeseen(error), Exit::Failed),
    }
}

fn as_data(error: &anyhow::Error) -> Value {
    if is_interruption_chain(error) {
        return data(&Failure { message: "interrupted".to_owned(), exit: Exit::Interrupted, ..Failure::default() });
    }
    if let Some(failure) = error.downcast_ref::<Failure>() {
        return data(failure);
    }
    let causes: Vec<String> = error.chain().skip(1).map(ToString::to_string).collect();
    let cause = (!causes.is_empty()).then(|| causes.join(": "));
    data(&Failure { message: error.to_string(), cause, ..Failure::default() })
}

fn data(failure: &Failure) -> Value {
    let place = |place: &Option<Place>| {
        place.as_ref().map(|place| json!({ "file": place.file, "line": place.line, "column": place.column }))
    };
    let problem =
        |problem: &Problem| json!({ "message": problem.message, "place": place(&problem.place), "hint": problem.hint });
    json!({
        "message": failure.message,
        "place": place(&failure.place),
        "problems": failure.problems.iter().map(problem).collect::<Vec<Value>>(),
        "cause": failure.cause,
        "hints": failure.hints,
    })
}

/// Whether the user (or the system) stopped what was going on.
pub(super) fn is_interruption_chain(error: &anyhow::Error) -> bool {
    error.chain().any(is_interruption)
}

fn is_interruption(cause: &(dyn std::error::Error + 'static)) -> bool {
    cause.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == std::io::ErrorKind::Interrupted)
}

/// As many problems as can be read; the rest is told to those who ask for it.
const MOST_PROBLEMS: usize = 20;

fn foreseen(failure: &Failure, volume: Volume) -> String {
    let mut text = headline(&failure.message);
    if let Some(place) = &failure.place {
        snippet(&mut text, place);
    }
    let shown = if volume == Volume::Verbose { usize::MAX } else { MOST_PROBLEMS };
    for problem in failure.problems.iter().take(shown) {
        item(&mut text, problem);
    }
    let more = failure.problems.len().saturating_sub(shown);
    if more > 0 {
        let _ = writeln!(text, "  … and {more} more (`--verbose` shows them all)");
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

/// Adds a place and the line that it stands in, marked, to `text`.
pub(crate) fn snippet(text: &mut String, place: &Place) {
    let number = place.line.to_string();
    let gap = " ".repeat(number.len());
    let shown: String = place.text.chars().take(WIDEST).collect();
    let _ = writeln!(text, "{gap}{}-->{:#} {place}", style::HINT, style::HINT);
    if place.is_hidden() {
        return;
    }
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
