//! The state under times and boots that no real machine shows on demand.
#![expect(clippy::unwrap_used, reason = "a failure is a failed test")]
#![expect(clippy::print_stderr, reason = "a skipped test says so")]

mod clock;
mod place;
mod power_cut;
