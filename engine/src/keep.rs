//! What the state takes up, and how it is given back.

use std::time::Duration;

use containr_store::{ImageScope, PrunePolicy, WhenBusy};

use crate::error::Context as _;
use crate::{Engine, EngineError};

/// One kind of things in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageRow {
    /// What it is.
    pub kind: &'static str,
    /// How many there are.
    pub count: u64,
    /// Bytes on disk.
    pub bytes: u64,
    /// Bytes that `prune` would free without taking anything that is used.
    pub reclaimable_bytes: u64,
}

/// What `prune` takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PruneRequest {
    /// What killed builds have left, and what no row of the index names.
    Leftovers,
    /// Results and nameless images that nobody used for so long.
    OlderThan(Duration),
    /// Everything that no running command uses.
    Everything,
}
