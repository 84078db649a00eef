//! `prodev flow`: branches that open, come together and are shown. A number at the end of a test's name counts the situations that a flow
//! must hold in.

mod finish;
mod init;
mod kills;
mod lists;
mod model;
mod release;
mod shared;
mod start;
mod topics;
mod updates;
mod world;
