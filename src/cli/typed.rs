//! What was typed: read by clap, or told as what is wrong with it.

use std::ffi::OsString;

use clap::FromArgMatches as _;

use super::{Cli, command, usage};
use crate::error::{Exit, fail};
use crate::flow;
use crate::ui::{Ui, Volume};

/// What was typed, as clap reads it.
pub(super) fn parse() -> Result<Cli, clap::Error> {
    let mut command = command();
    let matches = command.try_get_matches_from_mut(flow::reorder(std::env::args_os()));
    let cli = matches
        .and_then(|mut matches| Cli::from_arg_matches_mut(&mut matches).map_err(|error| error.format(&mut command)));
    // The system takes it all back at once; piece by piece it would be a tenth of what a short command takes.
    std::mem::forget(command);
    cli
}

/// What clap has to say of `words`: help and versions go to stdout, complaints to stderr, and as data to stdout where that was asked for.
pub(super) fn refuse(error: &clap::Error, words: impl Iterator<Item = OsString>) -> Exit {
    let words = Words::of(words);
    let exit = match error.use_stderr() {
        false => Exit::Done,
        true if words.hand_on_codes => Exit::Own(Exit::Usage.beside_a_child()),
        true => Exit::Usage,
    };
    match usage::failure(error) {
        None => {
            // A reader of the help who has gone away had enough.
            let _ = error.print();
            if words.want_data && error.use_stderr() {
                let failure = fail("no command was given").exit(Exit::Usage).hint("`prodev --help` lists them");
                Ui::failure_json(&failure.into(), exit);
            }
        }
        Some(failure) => {
            let failure = failure.into();
            Ui::failure(&failure, Volume::Normal);
            if words.want_data {
                Ui::failure_json(&failure, exit);
            }
        }
    }
    exit
}

/// What can be told of words that clap refuses, which does not say how far it came.
#[derive(Debug, Default, PartialEq, Eq)]
struct Words {
    /// Whether the first that is no option, nor an option's value, is `run` (or the first two are `env run`): a command that hands on its
    /// child's code.
    hand_on_codes: bool,
    /// Whether `--json` is among those that are prodev's own.
    want_data: bool,
}

impl Words {
    fn of(words: impl Iterator<Item = OsString>) -> Self {
        let mut found = Self::default();
        let (mut is_value, mut is_named) = (false, false);
        for word in words {
            let word = word.to_string_lossy();
            match &*word {
                _ if std::mem::take(&mut is_value) => {}
                "--" => break,
                "--json" => found.want_data = true,
                "-C" | "--config" | "--color" => is_value = true,
                word if word.starts_with('-') || is_named => {}
                // `env run` is another command that hands on its child's code.
                "env" => {}
                word => {
                    found.hand_on_codes = word == "run";
                    is_named = true;
                }
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_for_can_be_told_though_the_words_are_wrong() {
        let cases = [
            ("run --jobs many", true, false),
            ("-C run env --json list", false, true),
            ("--json env run", true, true),
            ("env run -- tool --json", true, false),
            ("new run --json", false, true),
            ("--color --json new", false, false),
            ("", false, false),
        ];
        for (words, hand_on_codes, want_data) in cases {
            let found = Words::of(words.split_whitespace().map(OsString::from));
            assert_eq!(found, Words { hand_on_codes, want_data }, "{words}");
        }
    }
}
