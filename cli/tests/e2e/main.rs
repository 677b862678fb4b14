//! The binary from the outside: what people type, what they get, and what is left behind.
#![expect(clippy::unwrap_used, reason = "a failure is a failed test")]

mod config;
mod dockerfile_errors;
mod place;
mod progress;
mod run_container;
mod run_steps;
mod step_errors;
