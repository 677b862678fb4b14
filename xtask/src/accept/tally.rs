//! Counts checks as they pass, fail or are skipped, each said aloud.

use std::time::Instant;

use crate::console::say;
use crate::failure::{Failure, Outcome};
use crate::workspace;

/// How many checks passed, failed and were skipped.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    pub(crate) skipped: usize,
}

impl Tally {
    /// Runs a check and returns what it gave, or nothing when it failed.
    pub(super) fn check<T>(&mut self, name: &str, check: impl FnOnce() -> Outcome<T>) -> Option<T> {
        let started = Instant::now();
        match check() {
            Ok(value) => {
                say(format!("ok      {name} ({:.1} s)", started.elapsed().as_secs_f64()));
                self.passed += 1;
                Some(value)
            }
            Err(failure) => {
                say(format!("FAILED  {name}\n{failure}"));
                self.failed += 1;
                None
            }
        }
    }

    /// Leaves a check out because something is missing; where nothing may be missing it fails.
    pub(super) fn missing(&mut self, name: &str, why: &Failure) {
        if workspace::in_ci() {
            say(format!("FAILED  {name}\n{why}"));
            self.failed += 1;
        } else {
            self.not_for(name, &why.to_string());
        }
    }

    /// Leaves a check out that does not apply.
    pub(super) fn not_for(&mut self, name: &str, why: &str) {
        say(format!("skipped {name}: {why}"));
        self.skipped += 1;
    }
}
