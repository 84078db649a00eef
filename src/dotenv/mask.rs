//! Which values are shown.

use std::collections::{HashMap, HashSet};

use super::evaluate::{Assignment, Found};
use crate::config::environment::Environment;
use crate::config::secrecy;

/// Whether secrets are shown.
#[derive(clap::Args, Debug, Clone, Copy, Default)]
pub(super) struct ShowArgs {
    /// Show the values of secrets, too
    #[arg(long)]
    pub(super) show_secrets: bool,
}

/// What stands for a value that is not shown. It does not tell how long that is.
pub(super) const MASK: &str = "********";

/// Names whose values tell nothing to anybody.
const HARMLESS: [&str; 14] = [
    "NODE_ENV",
    "RAILS_ENV",
    "APP_ENV",
    "ENV",
    "ENVIRONMENT",
    "DEBUG",
    "PORT",
    "HOST",
    "HOSTNAME",
    "TZ",
    "LANG",
    "LC_ALL",
    "LOG_LEVEL",
    "PUBLIC_URL",
];

/// How the names of such values end.
const HARMLESS_ENDS: [&str; 7] = ["_PORT", "_HOST", "_LEVEL", "_ENABLED", "_TIMEOUT", "_DEBUG", "_LOCALE"];

/// Whether the value of `name` must not be shown.
pub(super) fn is_hidden(name: &str, config: &Environment) -> bool {
    if config.made_of_secrets.contains(name) {
        return true;
    }
    match config.vars.get(name) {
        Some(variable) => variable.secret,
        None => !HARMLESS.contains(&name) && !HARMLESS_ENDS.iter().any(|end| name.ends_with(end)),
    }
}

/// The value, or what stands for it. Nothing is nothing to hide; what looks like a secret is one, whatever is declared.
pub(super) fn shown<'a>(name: &str, value: &'a str, config: &Environment, show_secrets: bool) -> &'a str {
    let is_open = || !is_hidden(name, config) && !secrecy::is_of_somebody(value);
    if show_secrets || value.is_empty() || is_open() { value } else { MASK }
}

/// A value on one line: line ends and control characters are escaped.
pub(super) fn on_one_line(value: &str) -> String {
    let mut result = String::with_capacity(value.len());
    for found in value.chars() {
        match found {
            '\n' => result.push_str("\\n"),
            '\r' => result.push_str("\\r"),
            '\t' => result.push_str("\\t"),
            found if found.is_control() || is_unseen(found) => result.extend(found.escape_unicode()),
            found => result.push(found),
        }
    }
    result
}

/// What nobody sees, or what turns the text behind it round.
fn is_unseen(found: char) -> bool {
    matches!(found, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// A name as it is told of: on one line, and no longer than anybody reads.
pub(super) fn name(name: &str) -> String {
    const LONGEST: usize = 100;
    let shown: String = on_one_line(name).chars().take(LONGEST + 1).collect();
    match shown.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &shown[..end]),
        None => shown,
    }
}

/// The names whose values were made, directly or not, of one that is not shown: they would show it.
pub(super) fn made_of_secrets<'a>(
    assignments: impl Iterator<Item = &'a Assignment>,
    config: &Environment,
) -> HashSet<String> {
    let mut users: HashMap<&str, Vec<&str>> = HashMap::new();
    for one in assignments {
        for reference in one.references.iter().filter(|reference| reference.found != Found::Nowhere) {
            users.entry(&reference.name).or_default().push(&one.key);
        }
    }
    let mut left: Vec<&str> = users.keys().copied().filter(|name| is_hidden(name, config)).collect();
    let mut made = HashSet::new();
    while let Some(name) = left.pop() {
        for user in users.get(name).into_iter().flatten() {
            if made.insert((*user).to_owned()) {
                left.push(user);
            }
        }
    }
    made
}
