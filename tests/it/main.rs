//! prodev's tests at its doors: the real binary in a sandbox. One module per room, and the house itself.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests start programs and change files themselves, and a test fails by panicking"
)]

mod authors;
mod backend;
mod cache;
mod completions;
mod components;
mod conditions;
mod config;
mod configuration;
mod documents;
mod dotenv;
mod draft;
mod flow;
mod guards;
mod house;
mod manifests;
mod policy;
mod prompts;
mod proof;
mod questions;
mod recipe;
mod rendering;
mod sandbox;
mod scaffold;
mod schedule;
mod schema;
mod secrets;
mod slots;
mod sources;
mod tasks;
mod templates;
mod terminal;
mod updates;
mod usage;
