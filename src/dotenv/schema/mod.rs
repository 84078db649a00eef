//! What is declared of variables, held against what they are. `env check`, `env run` and recipes judge by this one function; it reads no file.
//! `files` finds declarations that stand in files of their own, `envspec` and `json` understand them.

mod defaults;
mod describe;
mod envspec;
mod files;
mod json;
mod judge;
mod kinds;

pub(super) use defaults::defaults;
pub(super) use describe::{as_data, in_words, type_name};
pub(super) use files::{Read, extend, paths, read};
pub(super) use judge::{Given, Judge, RULES, Violation, is_nothing};
