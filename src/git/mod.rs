//! Everything known of Git. No `git2` type leaves this room; `shell` runs the `git` program.

mod act;
mod blobs;
mod changed;
mod commit;
mod contents;
mod fetch;
mod forecast;
mod graph;
mod hooks;
mod id;
mod identity;
pub(crate) mod merge;
pub(crate) mod mirror;
mod operation;
mod reader;
mod repository;
pub(crate) mod shell;
mod survey;
mod worktree;

pub(crate) use act::{Actor, Hooks, Said};
pub(crate) use blobs::{Blob, Limits, What};
pub(crate) use changed::changed;
pub(crate) use commit::Commit;
pub(crate) use contents::{Commits, Contents, Piece};
pub(crate) use forecast::{Forecast, Forecaster};
pub(crate) use graph::{Distance, Graph, Node, Set};
pub(crate) use hooks::failed_hook;
pub(crate) use id::Id;
pub(crate) use identity::author;
pub(crate) use operation::Operation;
pub(crate) use reader::{Head, Repository, Settings, Signature};
pub(crate) use repository::{around, directory, is_inside};
pub(crate) use survey::{Survey, survey};
pub(crate) use worktree::{Change, Dirt, Flag, Untracked, Worktree, dirt, ignored, is_ignored};
