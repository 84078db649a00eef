//! Secrets in and out of .env files, through the real program.

mod dotenvx;
mod editing;
mod encryption;
mod faults;
mod importing;
mod scan;
mod syncing;
mod values;
