//! `prodev env scan`: secrets where they should not be: in files that Git has or would take, in what is staged, in history.

mod decoys;
mod named;
mod rules;
#[cfg(test)]
mod tests;
mod tokens;
