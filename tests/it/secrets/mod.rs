//! Secrets in and out of .env files, through the real program.

mod dotenvx;
mod encryption;
mod faults;
mod scan;
mod values;
