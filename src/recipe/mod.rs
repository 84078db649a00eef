//! Recipes: what a project's work is, and when it is done by itself.

pub(crate) mod schedule;
