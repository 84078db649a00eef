//! Secrets in and out of .env files, through the real program.

mod scan;
