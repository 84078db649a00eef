//! The user's own editor, for texts of several lines.

use std::fmt;

use super::Interrupt;
use crate::error::fail;

/// An editor that cannot be used; the question is asked again.
#[derive(Debug)]
pub(super) struct Unusable {
    program: String,
    why: String,
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` did not work ({}): type one line, or set `EDITOR`", self.program, self.why)
    }
}

impl std::error::Error for Unusable {}

/// What `VISUAL` and `EDITOR` say, in this order, as everywhere.
#[allow(clippy::disallowed_methods, reason = "prompts lie below `ctx`, and nobody above needs to know of editors")]
pub(super) fn program() -> String {
    let named = ["VISUAL", "EDITOR"].iter().filter_map(|name| std::env::var(name).ok());
    named
        .map(|program| program.trim().to_owned())
        .find(|program| !program.is_empty())
        .unwrap_or_else(|| "vi".to_owned())
}

/// The text as it was saved; `text` itself where it was not.
///
/// # Errors
/// `Unusable`; or the user's interruption, which reaches the editor too.
pub(super) fn edit(program: &str, text: &str) -> anyhow::Result<String> {
    let edited = dialoguer::Editor::new().executable(program).edit(text);
    Interrupt::hold()?.check()?;
    let dialoguer::Error::IO(error) = match edited {
        Ok(edited) => return Ok(edited.unwrap_or_else(|| text.to_owned())),
        Err(error) => error,
    };
    Err(Unusable { program: program.to_owned(), why: error.to_string() }.into())
}

/// Opens a file in the editor and waits until the user has left it. As Git does, the program is a text for the shell, and the file an argument.
///
/// # Errors
/// Where it cannot be started or says that it failed; or the user's interruption.
#[allow(clippy::disallowed_methods, reason = "the editor speaks with the user, as this room does")]
pub(super) fn open(path: &std::path::Path) -> anyhow::Result<()> {
    let program = program();
    let interrupt = Interrupt::hold()?;
    let unusable =
        |why: String| fail(format!("`{program}` did not work")).cause(why).hint("set `EDITOR` to another editor");
    let status = std::process::Command::new("sh")
        .args(["-c", &format!("{program} \"$@\""), "sh"])
        .arg(path)
        .status()
        .map_err(|error| unusable(error.to_string()))?;
    interrupt.check()?;
    if status.success() { Ok(()) } else { Err(unusable(status.to_string()).into()) }
}

/// Whether the user has said which editor to use.
#[allow(clippy::disallowed_methods, reason = "prompts lie below `ctx`, and nobody above needs to know of editors")]
pub(super) fn is_named() -> bool {
    ["VISUAL", "EDITOR"].iter().any(|name| std::env::var(name).is_ok_and(|program| !program.trim().is_empty()))
}
