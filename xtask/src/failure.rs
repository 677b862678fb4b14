//! What can go wrong in a chore: one sentence for the person at the terminal.

use std::fmt;

/// A chore's result.
pub(crate) type Outcome<T = ()> = Result<T, Failure>;

/// A sentence that says what did not work, with its cause behind it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Failure(String);

impl Failure {
    /// Makes a failure of one sentence.
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}

/// Puts what was tried before the cause.
pub(crate) trait Context<T> {
    /// Turns the error into `WHAT: CAUSE`.
    fn context(self, what: impl FnOnce() -> String) -> Outcome<T>;
}

impl<T, E: fmt::Display> Context<T> for Result<T, E> {
    fn context(self, what: impl FnOnce() -> String) -> Outcome<T> {
        self.map_err(|cause| Failure(format!("{}: {cause}", what())))
    }
}

impl<T> Context<T> for Option<T> {
    fn context(self, what: impl FnOnce() -> String) -> Outcome<T> {
        self.ok_or_else(|| Failure(what()))
    }
}
