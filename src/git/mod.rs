//! Everything known of Git. No `git2` type leaves this room.

mod survey;

pub(crate) use survey::{Survey, survey};
