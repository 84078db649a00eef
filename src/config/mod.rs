//! `prodev.toml`: where it is, what may stand in it, and what is wrong with it.

pub(crate) mod check;
pub(crate) mod condition;
pub(crate) mod discover;
pub(crate) mod document;
pub(crate) mod environment;
pub(crate) mod file;
pub(crate) mod flow;
#[cfg(test)]
mod fuzz;
pub(crate) mod hook;
pub(crate) mod kind;
mod lines;
pub(crate) mod message;
mod named;
pub(crate) mod parameter;
pub(crate) mod project;
pub(crate) mod recipe;
pub(crate) mod repeat;
pub(crate) mod rule;
pub(crate) mod schedule;
pub(crate) mod schema;
pub(crate) mod secrecy;
pub(crate) mod settings;
pub(crate) mod show;
mod strict;
mod text;
pub(crate) mod tree;
pub(crate) mod user;
pub(crate) mod value;
pub(crate) mod variable;
mod variable_value;
mod version;
pub(crate) mod words;
