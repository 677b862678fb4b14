//! Runs one plan as an isolated process tree: gives back pipes, a kill handle and a report.

mod compile;
mod defaults;
mod error;
mod ids;
mod launcher;
mod layout;
mod memory;
mod plan;
mod probe;
mod user;

pub use error::SandboxError;
pub use ids::{IdFacts, IdPlan, IdsError, Standing, Subordinate, id_map};
pub use launcher::{Begun, KillHandle, Launcher, LauncherOptions, Running};
pub use plan::{
    Access, Exit, Ids, Isolation, Limit, Mount, MountSource, Network, Plan, Report, Resource, Seccomp, Stdio, Usage,
    User,
};
pub use probe::{PidView, Probe, ProcSource, probe, view};
pub use user::{ResolvedUser, UserError, resolve_user};
