//! `prodev schedule`: when recipes run by themselves, and who keeps their times.

mod times;

use crate::sandbox::Sandbox;

/// A project with these recipes.
fn project(recipes: &str) -> Sandbox {
    Sandbox::new().file("prodev.toml", recipes)
}

/// A recipe that writes a line, with this schedule.
fn recipe(name: &str, schedule: &str) -> String {
    format!("[recipes.{name}]\nrun = \"echo {name} >> log\"\nschedule = {schedule}\n\n")
}
