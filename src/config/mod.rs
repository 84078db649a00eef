//! `prodev.toml`: where it is, what may stand in it, and what is wrong with it.

pub(crate) mod document;
mod text;
pub(crate) mod user;
