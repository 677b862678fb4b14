//! The collector: picks what nobody needs, takes it out of sight, deletes it afterwards.

mod rows;
mod sweep;

use std::collections::BTreeSet;

use containr_oci::Digest;
use containr_progress::Cancel;

use crate::lease::{live, read_held};
use crate::lock::{FileLock, Share};
use crate::{DeltaId, Store, StoreError};

/// What may go.
///
/// Results and pulled layers go when they are past either limit; without any limit all of them go. What an image that stays
/// needs always stays, and so does what a lease covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrunePolicy {
    /// Seconds without use after which a result may go.
    pub unused_for: Option<i64>,
    /// Bytes of results that may stay, those used last.
    pub keep_bytes: Option<u64>,
    /// Which images go.
    pub images: ImageScope,
    /// What to do while others use the store.
    pub busy: WhenBusy,
}

/// Which images a collection removes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImageScope {
    /// None.
    Keep,
    /// Those without a name.
    Unnamed,
    /// All of them.
    All,
}

/// What a collection does while leases on everything are held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhenBusy {
    /// Waits until they are given back.
    Wait,
    /// Ends with [`StoreError::InUse`].
    Refuse,
}

/// What a collection removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Rows of images.
    pub images: u64,
    /// Rows of results.
    pub results: u64,
    /// Rows of layers.
    pub layers: u64,
    /// Blobs.
    pub blobs: u64,
    /// Deltas.
    pub deltas: u64,
    /// Bytes on disk that were freed.
    pub bytes: u64,
    /// Entries that could not be deleted (foreign ids, immutable files) and wait in the trash.
    pub left: u64,
}

/// What stays.
#[derive(Debug, Default)]
struct Kept {
    deltas: BTreeSet<DeltaId>,
    blobs: BTreeSet<Digest>,
}

impl Store {
    /// Collects garbage by `policy`.
    ///
    /// Picking happens with the collector's lock, so that no look-up sees half of it; deleting happens without it.
    ///
    /// # Errors
    /// [`StoreError::InUse`] by policy, [`StoreError::Cancelled`] while waiting; else when the store cannot be written.
    pub fn prune(
        &self,
        policy: &PrunePolicy,
        cancel: &Cancel,
        on_wait: &mut dyn FnMut(),
    ) -> Result<Pruned, StoreError> {
        let mut pruned = Pruned::default();
        {
            let _alone = self.stop_others(policy.busy, cancel, on_wait)?;
            let mut kept = self.leased()?;
            self.index.write(|tx| {
                self.drop_rows(tx, policy, &mut kept, &mut pruned)?;
                // Renamed before the commit: after a death in between the rows name missing things, which are misses.
                self.hide(&kept, policy, &mut pruned)
            })?;
        }
        self.empty_trash(cancel, &mut pruned)?;
        Ok(pruned)
    }

    /// Takes the collector's lock alone.
    fn stop_others(&self, busy: WhenBusy, cancel: &Cancel, on_wait: &mut dyn FnMut()) -> Result<FileLock, StoreError> {
        let path = self.layout.collector_lock();
        match busy {
            WhenBusy::Wait => FileLock::wait(&path, Share::Alone, cancel, on_wait),
            WhenBusy::Refuse => match FileLock::attempt(&path, Share::Alone)? {
                Some(lock) => Ok(lock),
                None => Err(StoreError::InUse(live(&self.layout.leases())?.len())),
            },
        }
    }

    /// Returns what narrowed leases cover.
    fn leased(&self) -> Result<Kept, StoreError> {
        let mut kept = Kept::default();
        for path in live(&self.layout.leases())? {
            let held = read_held(&path)?.ok_or(StoreError::InUse(1))?;
            kept.deltas.extend(held.deltas);
            kept.blobs.extend(held.blobs);
        }
        Ok(kept)
    }
}

#[cfg(test)]
mod tests;
