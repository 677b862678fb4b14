//! From a written tree to a delta: times clamped, one read for all digests, then the rename that makes it visible.

use std::os::fd::BorrowedFd;

use containr_layer::{Context, Digests, SealRequest, Sealed, seal};
use containr_snapshot::Fresh;
use containr_store::{DeltaId, LayerRow};
use containr_tree::{Kind, Listing, Times};
use rustix::fs::{AtFlags, Timespec, Timestamps};

use super::Builder;
use crate::error::StepError;
use crate::steps::Made;

impl Builder<'_> {
    pub(super) fn context(&self) -> Context<'_> {
        Context { cancel: self.cancel, threads: self.threads }
    }

    /// Seals and commits a delta that was written directly.
    pub(super) fn commit_fresh(&self, fresh: Fresh, mut listing: Listing) -> Result<Made, StepError> {
        let sealed = self.seal(fresh.dir(), &mut listing)?;
        let delta = if listing.is_empty() { None } else { Some(fresh.commit(&listing)?) };
        self.made(&listing, delta, &sealed)
    }

    /// Clamps times, fills in digests and computes the layer's digest, all before anything is visible.
    pub(super) fn seal(&self, tree: BorrowedFd<'_>, listing: &mut Listing) -> Result<Sealed, StepError> {
        if let Some(epoch) = self.epoch {
            clamp(tree, listing, epoch)?;
        }
        if let Some(sealed) = self.empty.get().filter(|_| listing.is_empty()) {
            return Ok(sealed.clone());
        }
        let request = SealRequest { compress: self.compress, digests: Digests::Fill };
        let sealed = seal(tree, listing, &request, self.store, self.context())?;
        if listing.is_empty() {
            // All empty layers are the same, so whoever comes first notes it for the others.
            self.note(&sealed, None)?;
            _ = self.empty.set(sealed.clone());
        }
        Ok(sealed)
    }

    /// Notes the layer (an empty one was noted when it was sealed) and returns what the step made.
    pub(super) fn made(&self, listing: &Listing, delta: Option<DeltaId>, sealed: &Sealed) -> Result<Made, StepError> {
        if !listing.is_empty() {
            self.note(sealed, delta.clone())?;
        }
        let times = if self.epoch.is_some() { Times::Keyed } else { Times::Ignored };
        let (listing, bytes) = (listing.digest(times), listing.content_bytes());
        Ok(Made { listing, delta, diff_id: sealed.diff_id, bytes, log: None })
    }

    fn note(&self, sealed: &Sealed, delta: Option<DeltaId>) -> Result<(), StepError> {
        let Sealed { diff_id, size, blob: _ } = sealed;
        self.store.add_layer(&LayerRow { diff_id: *diff_id, delta, size: *size })?;
        Ok(())
    }
}

/// Sets times after the epoch to it, in the tree and in the listing.
fn clamp(tree: BorrowedFd<'_>, listing: &mut Listing, epoch: i64) -> Result<(), StepError> {
    let time = Timespec { tv_sec: epoch, tv_nsec: 0 };
    let times = Timestamps { last_access: time, last_modification: time };
    let late = listing.entries_mut().iter_mut().filter(|e| e.mtime > epoch && !matches!(e.kind, Kind::Whiteout));
    for entry in late {
        // The parents of listed entries are directories of the same tree, so no link is followed on the way.
        rustix::fs::utimensat(tree, entry.path.as_path(), &times, AtFlags::SYMLINK_NOFOLLOW)
            .map_err(|e| StepError::Io { what: entry.path.to_string(), source: e.into() })?;
        entry.mtime = epoch;
    }
    Ok(())
}
