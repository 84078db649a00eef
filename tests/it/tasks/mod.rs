//! What templates run: never without trust, each command once, in the project, and shown before.

mod migrations;
mod running;
mod stage;
mod stopping;
mod trust;
