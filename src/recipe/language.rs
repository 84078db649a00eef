//! What a recipe's text is written in: how a variable is spoken of there, and where that would mean something else.

mod quotes;

use super::context::{self, Context};

/// A language, as far as `{{ name }}` has a form in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    /// What `sh` and its kin read.
    Posix,
    Fish,
    PowerShell,
    Nu,
    /// Any other: nothing is known of its variables.
    Other,
}

impl Language {
    /// What is read by a program of this name.
    pub(super) fn of(program: &str) -> Self {
        match program {
            "sh" | "dash" | "ash" | "bash" | "ksh" | "zsh" => Self::Posix,
            "fish" => Self::Fish,
            "pwsh" | "powershell" => Self::PowerShell,
            "nu" => Self::Nu,
            _ => Self::Other,
        }
    }

    /// The value of a variable of the environment, as one word, whatever it holds.
    pub(super) fn reference(self, variable: &str) -> String {
        match self {
            Self::Fish => format!("\"${variable}\""),
            Self::PowerShell => format!("\"${{env:{variable}}}\""),
            Self::Nu => format!("($env.{variable})"),
            Self::Posix | Self::Other => format!("\"${{{variable}}}\""),
        }
    }

    /// The same inside of double quotes.
    pub(super) fn within(self, variable: &str) -> String {
        match self {
            Self::Fish => format!("${variable}"),
            Self::PowerShell => format!("${{env:{variable}}}"),
            Self::Nu => format!("$\"…($env.{variable})…\""),
            Self::Posix | Self::Other => format!("${{{variable}}}"),
        }
    }

    /// Whether a word can go on behind a reference, or begin before it.
    pub(super) fn joins(self) -> bool {
        self != Self::PowerShell
    }

    /// The contexts of `spots` (byte offsets, ascending) in `text`.
    pub(super) fn contexts(self, text: &str, spots: &[(usize, usize)]) -> Vec<Context> {
        match self {
            Self::Posix | Self::Other => context::contexts(text, spots),
            Self::Fish | Self::PowerShell | Self::Nu => quotes::contexts(self, text, spots),
        }
    }

    /// What to write in place of a reference that cannot stand in such a place.
    pub(super) fn hint(self, context: Context, variable: &str) -> String {
        let within = self.within(variable);
        match (context, self) {
            (Context::Literal, _) => "put it elsewhere".to_owned(),
            (Context::Comment, _) => "take it out of the comment".to_owned(),
            (Context::DoubleQuotes | Context::SingleQuotes, Self::Nu) => {
                format!("write `{within}`, or take the quotes away")
            }
            (Context::DoubleQuotes, _) => format!("write `{within}`, or take the quotes away"),
            (Context::SingleQuotes, _) => format!("take the quotes away, or use double quotes and `{within}`"),
            (Context::Heredoc, Self::PowerShell) => {
                format!("write `{within}` (where the here-string has double quotes)")
            }
            (Context::Heredoc, _) => {
                format!("write `{within}` (where the end of the here-document is not quoted)")
            }
            (Context::Arithmetic, _) => format!("write `{variable}`: a parameter of type `int` is a number"),
            (Context::Expansion | Context::Plain, _) => format!("write `{within}`"),
        }
    }
}
