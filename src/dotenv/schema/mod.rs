//! What is declared of variables, held against what they are. `env check`, `env run` and recipes judge by this one function; it reads no file.

mod defaults;
mod describe;
mod judge;

pub(super) use defaults::defaults;
pub(super) use describe::{as_data, in_words};
pub(super) use judge::{Given, Judge, RULES, Violation, is_nothing};
