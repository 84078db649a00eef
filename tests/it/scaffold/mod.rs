//! `prodev new` at its door: where it writes, what it refuses, what it leaves behind when it is killed, and what an evil template can do.

mod bombs;
mod commands;
mod destinations;
mod errors;
mod escapes;
mod faults;
mod git;
mod journals;
mod kills;
mod obstacles;
mod properties;
mod recovery;
mod templates;
