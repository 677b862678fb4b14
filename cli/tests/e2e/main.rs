//! The binary from the outside: what people type, what they get, and what is left behind.
#![expect(clippy::unwrap_used, reason = "a failure is a failed test")]
#![expect(clippy::print_stderr, reason = "a skipped test says so")]

mod archives;
mod config;
mod context;
mod corrupt_blobs;
mod damage;
mod dockerfile_errors;
mod editor;
mod hard_files;
mod images;
mod interrupted;
mod outputs;
mod place;
mod progress;
mod run_container;
mod run_steps;
mod step_errors;
mod store_limits;
