//! prodev.
mod config;
mod ctx;
mod error;
mod outcome;
mod plan;
mod ui;

fn main() {}
