//! What long work is given besides its data.

use std::num::NonZeroUsize;

use containr_progress::Cancel;

/// The surroundings of a piece of work.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// Looked at between units.
    pub cancel: &'a Cancel,
    /// How many threads may compress; no result depends on it.
    pub threads: NonZeroUsize,
}
