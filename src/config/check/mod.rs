//! What a schema cannot tell: names that lead nowhere, contradictions, cycles. Everything is found in one go.

mod environment;
mod flow;
mod graph;
mod hooks;
mod names;
mod parameters;
mod recipes;
mod settings;

pub(super) use environment::check as environment;
pub(super) use flow::check as flow;
pub(super) use graph::Catalog;
pub(super) use hooks::check as hooks;
pub(crate) use names::{refuse_branch, refuse_recipe, refuse_variable, refuse_whole_branch};
pub(super) use recipes::check as recipes;
pub(super) use recipes::variables;
pub(super) use settings::check as settings;

use super::show::HIDDEN;
use crate::error::{listed, nearest};

/// Something wrong at a path of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    /// Keys and indices from the top of the file.
    pub(super) path: Vec<String>,
    pub(super) message: String,
    pub(super) hint: Option<String>,
    /// Whether the key at the end of the path is meant, not its value.
    pub(super) is_of_key: bool,
}

/// Findings about one part of a file, as they come.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// Where the part is.
    path: Vec<String>,
    pub(super) list: Vec<Finding>,
    /// Where secrets stand that only the checks know of: arguments for secret parameters.
    pub(super) secrets: Vec<Vec<String>>,
}

impl Findings {
    /// Reports something wrong at `place`, which is seen from where this stands.
    fn add(&mut self, place: &[&str], message: impl Into<String>) -> &mut Finding {
        let path = self.path.iter().map(String::as_str).chain(place.iter().copied()).map(str::to_owned).collect();
        self.list.push(Finding { path, message: message.into(), hint: None, is_of_key: false });
        let last = self.list.len() - 1;
        &mut self.list[last]
    }

    /// Remembers that what is at `place` must not be shown.
    fn hide(&mut self, place: &[&str]) {
        self.secrets
            .push(self.path.iter().map(String::as_str).chain(place.iter().copied()).map(str::to_owned).collect());
    }

    /// Takes over what others have found.
    pub(super) fn append(&mut self, mut others: Self) {
        self.list.append(&mut others.list);
        self.secrets.append(&mut others.secrets);
    }

    /// Looks at what is at `segments`, and comes back.
    fn within(&mut self, segments: &[&str], look: impl FnOnce(&mut Self)) {
        let depth = self.path.len();
        self.path.extend(segments.iter().map(|segment| (*segment).to_owned()));
        look(self);
        self.path.truncate(depth);
    }
}

impl Finding {
    /// It is the key that is wrong.
    fn key(&mut self) -> &mut Self {
        self.is_of_key = true;
        self
    }

    fn hint(&mut self, hint: impl Into<String>) {
        self.hint = Some(hint.into());
    }

    /// Adds "did you mean" where one of `known` resembles `given`; else names them where they are few.
    fn suggest<'a>(&mut self, given: &str, known: impl IntoIterator<Item = &'a str>) {
        let known: Vec<&str> = known.into_iter().collect();
        self.hint = match nearest(given, known.iter().copied()) {
            Some(name) => Some(format!("did you mean `{name}`?")),
            None if (1..=8).contains(&known.len()) => Some(format!("known are {}", listed(&known))),
            None => None,
        };
    }
}

/// A value as it can stand in a message.
fn shown(value: &str, is_secret: bool) -> &str {
    if is_secret { HIDDEN } else { value }
}

#[cfg(test)]
mod tests;
