//! Recipes: what a project's work is, and when it is done by itself.

pub(crate) mod cache;
pub(crate) mod schedule;
