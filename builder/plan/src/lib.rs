//! Turns a syntax tree, arguments and base configs into a graph, image configs and history; no I/O.
//!
//! [`plan()`] is pure. It names the images whose configs it needs and is called again until it has them all.

mod arguments;
mod contexts;
mod diagnostic;
mod expose;
mod history;
mod input;
mod instruction;
mod onbuild;
mod output;
mod path;
mod plan;
mod scope;
mod signal;
mod stages;
mod state;
mod variables;

pub use diagnostic::{Code, Diagnostic};
pub use input::{BaseKey, NamedContext, NoCache, PlanInput, ResolvedBase, RunDefaults};
pub use output::{HistoryLine, Need, Plan, Planned, TargetImage};
pub use plan::plan;
