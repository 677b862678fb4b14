//! Runs one plan as an isolated process tree: gives back pipes, a kill handle and a report.

mod compile;
mod defaults;
mod error;
mod launcher;
mod memory;
mod plan;
mod user;

pub use error::SandboxError;
pub use launcher::{KillHandle, Launcher, LauncherOptions, Running};
pub use plan::{
    Access, Exit, Ids, Isolation, Limit, Mount, MountSource, Network, Plan, Report, Resource, Seccomp, Stdio, Usage,
    User,
};
pub use user::{ResolvedUser, UserError, resolve_user};
