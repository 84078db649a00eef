//! Templates from Git repositories, and what their authors have for working on them.

mod cache;
mod extends;
mod hostile;
mod lint;
mod origin;
mod renames;
mod served;
mod testing;
mod updates;
mod versions;
mod walk;
