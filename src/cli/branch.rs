//! A branch of the command line that grows when it is walked: most runs need one command, and building all of them took most of a start.

use clap::builder::Resettable;
use clap::{ArgMatches, Command, Error, FromArgMatches, Subcommand};

/// The commands of a room, which clap hears of when one of them is called, completed or described.
#[derive(Debug)]
pub(super) struct Branch<T>(pub(super) T);

impl<T: FromArgMatches> FromArgMatches for Branch<T> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        T::from_arg_matches(matches).map(Self)
    }

    fn from_arg_matches_mut(matches: &mut ArgMatches) -> Result<Self, Error> {
        T::from_arg_matches_mut(matches).map(Self)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        self.0.update_from_arg_matches(matches)
    }
}

impl<T: Subcommand> Subcommand for Branch<T> {
    fn augment_subcommands(command: Command) -> Command {
        command.defer(|command| describing(command, T::augment_subcommands))
    }

    fn augment_subcommands_for_update(command: Command) -> Command {
        command.defer(|command| describing(command, T::augment_subcommands_for_update))
    }

    fn has_subcommand(name: &str) -> bool {
        T::has_subcommand(name)
    }
}

/// Grows the branch, which is described where it is mounted.
fn describing(command: Command, grow: impl FnOnce(Command) -> Command) -> Command {
    let (about, long_about) = (command.get_about().cloned(), command.get_long_about().cloned());
    grow(command).about(Resettable::from(about)).long_about(Resettable::from(long_about))
}
