//! Everything known of Git. No `git2` type leaves this room; `shell` runs the `git` program.

mod identity;
mod repository;
pub(crate) mod shell;
mod survey;

pub(crate) use identity::author;
pub(crate) use repository::{around, directory, is_inside};
pub(crate) use survey::{Survey, survey};
