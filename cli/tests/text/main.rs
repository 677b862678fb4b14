//! The commands that read Dockerfiles and nothing else, from the outside: fmt, lint, hadolint, build --check.
#![expect(clippy::unwrap_used, reason = "a failure is a failed test")]

mod check;
mod desk;
mod fmt;
mod hadolint;
mod lint;
mod online;
