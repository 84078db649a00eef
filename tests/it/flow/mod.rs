//! `prodev flow`: branches that open, come together and are shown. A number at the end of a test's name counts the situations that a flow
//! must hold in.

mod avh;
mod configured;
mod exotic;
mod finish;
mod graph;
mod hooks;
mod hostile;
mod init;
mod kills;
mod linked;
mod lists;
mod losses;
mod model;
mod preflight;
mod pulls;
mod release;
mod remotes;
mod resumed;
mod shared;
mod start;
mod topics;
mod updates;
mod versions;
mod world;
