//! Runs a graph: looks each step up, schedules what is missing, assembles images.
//!
//! A step's key is content: the op and the ids of its inputs. A hit touches no tree, so an image below stays where it is.
//! Invariants: a key runs at most once at a time, in all processes; a result is visible only when it is whole; a stage that
//! ran again with another outcome reaches every later stage, and one with the same outcome reaches none.

mod chain;
mod error;
mod explain;
mod identity;
#[cfg(test)]
mod model;
mod port;
mod schedule;
mod solver;
mod steps;
mod survey;
mod workshop;

pub use chain::{Chain, LayerRef};
pub use error::{SolveError, StepError};
pub use port::{Fetcher, Guard, LocalContext, Lookup, PortError, RunMount, RunOutcome, RunRequest, Runner};
pub use solver::{SolveOptions, Solver, solve, view};
pub use steps::Explain;
pub use survey::{Outlook, Prospect, Survey};
