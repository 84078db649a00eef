//! What was typed wrongly, told as every other failure: clap finds it, and keeps what it found as data.

use std::num::{IntErrorKind, ParseIntError};

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::config::words::either;
use crate::error::{Exit, Failure, fail, listed, nearest};

/// The failure that clap's complaint is, or nothing where it found no more than a sentence.
pub(super) fn failure(error: &clap::Error) -> Option<Failure> {
    let found = Found(error);
    let mut failure = fail(found.message()?).exit(Exit::Usage);
    if let Some(cause) = std::error::Error::source(error) {
        failure = failure.cause(in_words(cause));
    }
    for hint in found.hints() {
        failure = failure.hint(hint);
    }
    Some(failure)
}

/// What the parser of a value says, in words for whoever typed it: the standard library's are for those who wrote the program.
fn in_words(cause: &(dyn std::error::Error + 'static)) -> String {
    match cause.downcast_ref::<ParseIntError>().map(ParseIntError::kind) {
        None => cause.to_string(),
        Some(IntErrorKind::PosOverflow) => "the number is too large".to_owned(),
        Some(_) => "a whole number is wanted here, such as 4".to_owned(),
    }
}

struct Found<'a>(&'a clap::Error);

impl Found<'_> {
    fn texts(&self, kind: ContextKind) -> Vec<String> {
        match self.0.get(kind) {
            Some(ContextValue::String(text)) => vec![text.clone()],
            Some(ContextValue::Strings(texts)) => texts.clone(),
            Some(ContextValue::StyledStr(text)) => vec![text.to_string()],
            Some(ContextValue::StyledStrs(texts)) => texts.iter().map(ToString::to_string).collect(),
            Some(ContextValue::Number(number)) => vec![number.to_string()],
            _ => Vec::new(),
        }
    }

    fn text(&self, kind: ContextKind) -> Option<String> {
        self.texts(kind).into_iter().next()
    }

    fn message(&self) -> Option<String> {
        let argument = || self.text(ContextKind::InvalidArg);
        let value = || self.text(ContextKind::InvalidValue);
        Some(match self.0.kind() {
            ErrorKind::ArgumentConflict => {
                let one = argument().or_else(|| self.text(ContextKind::InvalidSubcommand))?;
                let others = self.texts(ContextKind::PriorArg);
                match others.as_slice() {
                    [] => format!("`{one}` goes with nothing else that was given"),
                    [other] if *other == one => format!("`{one}` is given more than once"),
                    others => format!("`{one}` does not go with {}", listed(others)),
                }
            }
            ErrorKind::NoEquals => format!("`{}` wants `=` before its value", argument()?),
            ErrorKind::InvalidValue if value()?.is_empty() => format!("`{}` needs a value", argument()?),
            ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
                format!("`{}` is no value for `{}`", value()?, argument()?)
            }
            ErrorKind::InvalidSubcommand => format!("unknown command `{}`", self.text(ContextKind::InvalidSubcommand)?),
            ErrorKind::UnknownArgument => format!("unexpected argument `{}`", argument()?),
            ErrorKind::MissingRequiredArgument => {
                let missing = self.texts(ContextKind::InvalidArg);
                format!("{} {} missing", listed(&missing), if missing.len() == 1 { "is" } else { "are" })
            }
            ErrorKind::TooManyValues => format!("`{}` is one value too many for `{}`", value()?, argument()?),
            ErrorKind::TooFewValues => {
                let (least, given) = (self.text(ContextKind::MinValues)?, self.text(ContextKind::ActualNumValues)?);
                format!("`{}` needs {least} values, and has {given}", argument()?)
            }
            ErrorKind::WrongNumberOfValues => {
                let (asked, given) =
                    (self.text(ContextKind::ExpectedNumValues)?, self.text(ContextKind::ActualNumValues)?);
                format!("`{}` needs {asked} values, and has {given}", argument()?)
            }
            _ => return None,
        })
    }

    /// What clap thinks was meant; the nearest stands last with it.
    fn suggested(&self) -> Vec<String> {
        let near = [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand, ContextKind::SuggestedValue];
        near.into_iter().flat_map(|kind| self.texts(kind)).rev().collect()
    }

    /// What was typed in place of one of prodev's own commands.
    fn instead_of_a_command(&self) -> Option<String> {
        let typed =
            self.text(ContextKind::InvalidSubcommand).filter(|_| self.0.kind() == ErrorKind::InvalidSubcommand)?;
        let usage = self.text(ContextKind::Usage)?;
        usage.trim_start_matches("Usage:").trim_start().starts_with("prodev [").then_some(typed)
    }

    /// What was probably meant. Of its commands prodev judges itself: clap sees more likeness than there is, and no swapped letters.
    fn near(&self) -> Vec<String> {
        let Some(typed) = self.instead_of_a_command() else { return self.suggested() };
        let cli = super::command();
        let near = nearest(&typed, cli.get_subcommands().map(clap::Command::get_name));
        near.map(str::to_owned).into_iter().collect()
    }

    fn hints(&self) -> Vec<String> {
        let near = self.near();
        let mut hints = Vec::new();
        if !near.is_empty() {
            hints.push(format!("did you mean {}?", one_of(&near)));
        }
        let values: Vec<String> =
            self.texts(ContextKind::ValidValue).into_iter().filter(|value| !value.is_empty()).collect();
        if !values.is_empty() {
            hints.push(format!("it can be {}", one_of(&values)));
        }
        if self.0.get(ContextKind::TrailingArg).is_some() {
            let argument = self.text(ContextKind::InvalidArg).unwrap_or_default();
            hints.push(format!("write `-- {argument}` if it is no option"));
        }
        hints.extend(self.usage());
        if hints.is_empty() {
            hints.push("`--help` behind the command says what it takes".to_owned());
        }
        hints
    }

    /// How the command is used, and what tells more.
    fn usage(&self) -> Option<String> {
        let text = self.text(ContextKind::Usage)?;
        let usage = text.lines().next()?.trim_start_matches("Usage:").trim();
        let is_name = |word: &&str| !word.starts_with(['[', '<', '-']);
        let command: Vec<&str> = usage.split(' ').take_while(is_name).collect();
        Some(format!("write `{usage}`; `{} --help` tells more", command.join(" ")))
    }
}

fn one_of(names: &[String]) -> String {
    either(&names.iter().map(String::as_str).collect::<Vec<_>>())
}
