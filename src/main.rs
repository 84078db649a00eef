//! prodev: projects from templates, safe Git-Flow, `.env` files and automation recipes, in one program.
//!
//! The map of the house. Data walks one way through it: what was typed (`cli`) becomes what is meant (a room's request), what is
//! seen (a snapshot), what will be done (`plan`) and what was done (a report that `ui` tells). Imports point down this list:
//!
//! - `cli`: the top-level commands and global flags; the only caller of `Plan::apply`
//! - `recipe`: automation recipes, and when they run by themselves
//! - `scaffold`: projects from templates
//! - `flow`: Git-Flow: kinds of branches, and how they come together
//! - `dotenv`: `.env` files and their secrets
//! - `ctx`, `outcome`: where a command stands, and what it hands back
//! - `plan`: steps that show themselves and are done in one place
//! - `findings`: what was found wrong, and the forms in which that is told
//! - `git`: everything known of Git
//! - `config`: `prodev.toml`
//! - `ui`: the only room that speaks
//! - `error`: what went wrong, as data

mod cli;
mod config;
mod ctx;
mod dotenv;
mod error;
mod findings;
mod flow;
mod git;
mod outcome;
mod plan;
mod recipe;
mod scaffold;
mod ui;

fn main() -> std::process::ExitCode {
    cli::main()
}
