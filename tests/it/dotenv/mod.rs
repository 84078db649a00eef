//! `prodev env`, the reading half: what files say, what is exported of them, and programs that run with it.

mod checking;
mod commands;
mod consumers;
mod encrypted;
mod exporting;
mod leaking;
mod reading;
mod renaming;
mod running;
