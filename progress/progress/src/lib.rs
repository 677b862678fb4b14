//! Says what happened: one closed enum of events, one trait to receive them, one cancel token.
//!
//! Events are plain values without a clock: whoever shows them (the room `cli`) stamps the time at which they arrive.

mod cancel;
mod event;

pub use cancel::{Cancel, Cancelled};
pub use event::{Event, Outcome, PartState, Stream, TaskId, TaskInfo};

/// Receives events from any thread, in the order in which each thread sends them.
pub trait Progress: Send + Sync {
    /// Takes one event; must not block for long and must not panic.
    fn event(&self, event: Event);
}

/// Throws every event away; for library callers and tests that do not look at progress.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn event(&self, _: Event) {}
}
