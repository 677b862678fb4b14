//! Steps: a launcher process that clones isolated processes, and the programs these run up to their one exec.
//!
//! After a fork only prepared memory is used: no allocation, no lock. The launcher may thus be started by a process
//! that already has threads.

mod arena;
mod child;
mod directory;
mod launcher;
mod op;
mod place;
mod privilege;
mod program;
mod reaper;
mod service;
mod surroundings;
mod trim;
mod wire;

pub use launcher::{Ended, Launcher, LauncherFailure, LauncherSetup, Outcome, Step, Surroundings};
pub use op::{Carried, Op, Slot, Text, Texts};
pub use program::{Namespaces, Program};
