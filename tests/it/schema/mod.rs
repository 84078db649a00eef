//! What is declared of variables, at the doors: verdicts, defaults, and what programs get.

mod files;
mod running;
mod types;
mod usage;
