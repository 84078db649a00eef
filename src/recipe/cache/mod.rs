//! What recipes read and made: whether one has to run, and what it would make brought back from a store.

mod command;
mod decide;
pub(super) mod files;
mod index;
mod keep;
mod log;
mod manifest;
mod remote;
mod restore;
mod state;
mod store;
mod survey;
#[cfg(test)]
mod tests;

pub(crate) use command::{Command, run};
pub(crate) use decide::{Decision, Hit, Keep, Reason, Subject};
pub(crate) use keep::{Kept, Pending};
pub(crate) use log::{Log, pieces};
pub(crate) use manifest::{Difference, Manifest, Value, What};
pub(crate) use remote::{Answer, Courier, Fetch, Remote};
pub(crate) use store::Store;
