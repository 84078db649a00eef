//! What is declared of variables, at the doors: verdicts, defaults, and what programs get.

mod files;
mod proposals;
mod running;
mod staying;
mod types;
mod usage;
