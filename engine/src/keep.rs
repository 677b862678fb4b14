//! What the state takes up, and how it is given back.

use std::time::Duration;

use containr_progress::Cancel;
use containr_store::{ImageScope, PrunePolicy, WhenBusy};

use crate::error::Context as _;
use crate::{EngineError, Records};

/// One kind of things in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageRow {
    /// What it is.
    pub kind: &'static str,
    /// How many there are.
    pub count: u64,
    /// Bytes on disk.
    pub bytes: u64,
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

/// Longer ago than any record.
const NEVER: i64 = i64::MAX / 2;

impl Records {
    /// Returns what the store holds, by kind.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn usage(&self) -> Result<Vec<UsageRow>, EngineError> {
        let usage = self.store.usage().context(|| "cannot measure the local store".to_owned())?;
        let row = |kind, count, bytes| UsageRow { kind, count, bytes };
        Ok(vec![
            row("images", usage.images, 0),
            row("results", usage.results, 0),
            row("trees", usage.deltas.count, usage.deltas.bytes),
            row("blobs", usage.blobs.count, usage.blobs.bytes),
            row("digest caches", usage.contexts.count, usage.contexts.bytes),
            row("caches of steps", usage.caches.count, usage.caches.bytes),
            row("under construction", usage.work.count, usage.work.bytes),
            row("trash", usage.trash.count, usage.trash.bytes),
        ])
    }

    /// Removes what the request names and returns the bytes that are free now.
    ///
    /// A store with nothing left in it may be used with other ids and another driver from then on.
    ///
    /// # Errors
    /// When the store cannot be written, or is in use and everything is to go.
    pub fn prune(&self, request: PruneRequest) -> Result<u64, EngineError> {
        let failed = || "cannot clean the local store".to_owned();
        let (unused_for, images) = match request {
            PruneRequest::Leftovers => (Some(NEVER), ImageScope::Unnamed),
            PruneRequest::OlderThan(age) => (Some(i64::try_from(age.as_secs()).unwrap_or(NEVER)), ImageScope::Unnamed),
            PruneRequest::Everything => (None, ImageScope::All),
        };
        let policy = PrunePolicy { unused_for, keep_bytes: None, images, busy: WhenBusy::Refuse };
        let pruned = self.store.prune(&policy, &Cancel::new(), &mut || {}).context(failed)?;
        let usage = self.store.usage().context(failed)?;
        if (usage.images, usage.results, usage.deltas.count, usage.blobs.count) == (0, 0, 0, 0) {
            self.store.forget_properties().context(failed)?;
        }
        Ok(pruned.bytes)
    }

    /// Makes what was recorded safe against a power cut; called when the user has the output.
    ///
    /// A failure costs no more than the cache: records that were not made safe are not believed after the next boot.
    pub fn settle(&self) {
        let _ = self.store.sync_after_output();
    }
}
