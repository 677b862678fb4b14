//! Brings layers of images into the store as trees: from blobs that are here, else from a registry while they arrive.

use std::collections::BTreeMap;
use std::io::{self, Read, Write as _};
use std::sync::{Arc, Mutex, PoisonError};

use containr_layer::Unpacked;
use containr_oci::{Descriptor, Digest, ImageConfig, Reference};
use containr_snapshot::View;
use containr_store::{DeltaId, Ingest, LayerRow};

use crate::error::Context as _;
use crate::resolve::FOREIGN;
use crate::work::TaskWork;
use crate::{Engine, EngineError};

/// Layers of one image that are unpacked at the same time.
const PARALLEL_LAYERS: usize = 3;

/// One lock a layer, so that two stages that need the same base wait for each other instead of working twice.
#[derive(Debug, Default)]
pub(crate) struct LayerLocks(Mutex<BTreeMap<Digest, Arc<Mutex<()>>>>);

impl LayerLocks {
    fn of(&self, diff_id: &Digest) -> Arc<Mutex<()>> {
        let mut locks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(locks.entry(*diff_id).or_default())
    }
}

impl Engine {
    /// Returns the tree of an image; layers that are not unpacked yet are fetched and unpacked.
    pub(crate) fn image_view(&self, name: &str, config: &ImageConfig, work: &TaskWork<'_>) -> Result<View, EngineError> {
        self.layers_view(name, &config.rootfs.diff_ids, work)
    }

    /// Returns the tree made of the given layers, lowest first; `name` says where they can be had.
    pub(crate) fn layers_view(&self, name: &str, diff_ids: &[Digest], work: &TaskWork<'_>) -> Result<View, EngineError> {
        let missing: Vec<&Digest> = diff_ids.iter().filter(|id| self.unpacked(id).is_ok_and(|delta| delta.is_none())).collect();
        if missing.len() > 1 && self.settings.threads > 1 {
            self.unpack_in_parallel(name, &missing, work)?;
        }
        let mut deltas: Vec<DeltaId> = Vec::with_capacity(diff_ids.len());
        for diff_id in diff_ids {
            let below = View::new(deltas.clone());
            deltas.extend(self.layer_delta(name, diff_id, Below::View(&below), work)?);
        }
        Ok(View::new(deltas))
    }

    /// Unpacks layers that need nothing from the layers below them; the others are left for the walk from the bottom up.
    fn unpack_in_parallel(&self, name: &str, missing: &[&Digest], work: &TaskWork<'_>) -> Result<(), EngineError> {
        let next = Mutex::new(missing.iter());
        let worker = || -> Result<(), EngineError> {
            loop {
                let diff_id = next.lock().unwrap_or_else(PoisonError::into_inner).next().copied();
                let Some(diff_id) = diff_id else { return Ok(()) };
                match self.layer_delta(name, diff_id, Below::Unknown, work) {
                    Err(error) if !needs_below(&error) => return Err(error),
                    _ => {}
                }
            }
        };
        std::thread::scope(|scope| {
            let handles: Vec<_> = (0..PARALLEL_LAYERS.min(missing.len())).map(|_| scope.spawn(worker)).collect();
            handles.into_iter().map(|handle| handle.join().unwrap_or_else(|_| Err(panicked()))).collect()
        })
    }

    /// Returns the delta of a layer that is unpacked already; the inner nothing is a layer without content.
    fn unpacked(&self, diff_id: &Digest) -> Result<Option<Option<DeltaId>>, EngineError> {
        let row = self.store.layer(diff_id).context(|| format!("cannot look up layer {diff_id}"))?;
        Ok(row.and_then(|row| match row.delta {
            Some(delta) => Some(Some(delta)),
            None if row.size <= EMPTY_TAR_BYTES => Some(None),
            None => None,
        }))
    }

    fn layer_delta(&self, name: &str, diff_id: &Digest, below: Below<'_>, work: &TaskWork<'_>) -> Result<Option<DeltaId>, EngineError> {
        let lock = self.layer_locks.of(diff_id);
        let _alone = lock.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(delta) = self.unpacked(diff_id)? {
            return Ok(delta);
        }
        work.cancel.check()?;
        let blobs = self.store.layer_blobs(diff_id).context(|| format!("cannot look up layer {diff_id}"))?;
        for (_, blob) in &blobs {
            if let Some(file) = self.store.open_verified(&blob.digest).context(|| format!("cannot read layer {}", blob.digest))? {
                return self.unpack(&mut io::BufReader::with_capacity(1 << 20, file), (diff_id, blob), below, work);
            }
        }
        let blob = blobs.iter().find(|(codec, _)| codec == FOREIGN).or(blobs.first()).map(|(_, blob)| blob);
        let blob = blob.ok_or_else(|| EngineError::Request(format!("layer {diff_id} of {name} is not in the local store")))?;
        self.download(name, (diff_id, blob), below, work)
    }

    /// Fetches a layer and unpacks it while it arrives; one that arrives damaged is fetched once more.
    fn download(
        &self,
        name: &str,
        (diff_id, blob): (&Digest, &Descriptor),
        below: Below<'_>,
        work: &TaskWork<'_>,
    ) -> Result<Option<DeltaId>, EngineError> {
        let reference = self.place_of(name, &blob.digest)?;
        let mut again = true;
        loop {
            let failed = || format!("cannot fetch layer {} of {}", blob.digest.short(), reference.familiar());
            let source = self.registries()?.blob(&reference, blob, &work.registry()).context(failed)?;
            let copy = self.store.ingest().context(failed)?;
            let mut tee = Tee { source, copy };
            match self.unpack(&mut tee, (diff_id, blob), below, work) {
                Ok(delta) => {
                    // What follows the archive's end is part of the blob's digest too.
                    io::copy(&mut tee, &mut io::sink()).context(failed)?;
                    tee.copy.commit(Some(&blob.digest)).context(failed)?;
                    work.complete(&format!("pulled {}", blob.digest.short()), blob.size);
                    return Ok(delta);
                }
                Err(error) if again && is_corrupt(&error) => again = false,
                Err(error) => return Err(error),
            }
        }
    }

    /// Returns a repository that has the blob: the image's own, else one that was seen to have it.
    fn place_of(&self, name: &str, blob: &Digest) -> Result<Reference, EngineError> {
        let seen = self.store.remotes(blob).context(|| format!("cannot look up blob {blob}"))?;
        let own: Option<Reference> = name.parse().ok();
        let known = own.filter(|own| seen.is_empty() || seen.contains(&own.name()));
        let place = known.or_else(|| seen.iter().find_map(|repository| repository.parse().ok()));
        place.ok_or_else(|| EngineError::Request(format!("nothing is known of where to get layer {blob}")))
    }

    fn unpack(
        &self,
        layer: &mut (dyn Read + Send),
        (diff_id, blob): (&Digest, &Descriptor),
        below: Below<'_>,
        work: &TaskWork<'_>,
    ) -> Result<Option<DeltaId>, EngineError> {
        let failed = || format!("cannot unpack layer {}", blob.digest);
        let fresh = self.snapshots.create().context(failed)?;
        let mount = match below {
            Below::View(view) if !view.is_empty() => Some(self.snapshots.mount(view).context(failed)?),
            Below::View(_) | Below::Unknown => None,
        };
        let lower = match (&below, &mount) {
            (Below::Unknown, _) => containr_layer::Below::Unknown,
            (_, Some(mount)) => containr_layer::Below::Tree(std::os::fd::AsFd::as_fd(mount)),
            (_, None) => containr_layer::Below::Nothing,
        };
        let Unpacked { listing, diff_id: actual, size } =
            containr_layer::unpack(layer, &blob.media_type, &fresh, lower, &work.layer(self.settings.threads)).context(failed)?;
        if actual != *diff_id {
            return Err(EngineError::Request(format!("layer {} has the content {actual}, its image says {diff_id}", blob.digest)));
        }
        let delta = if listing.is_empty() { None } else { Some(fresh.commit(&listing).context(failed)?) };
        let row = self.store.add_layer(&LayerRow { diff_id: *diff_id, delta, size }).context(failed)?;
        Ok(row.delta)
    }
}

/// The length of a tar that holds nothing: two blocks, padded by some writers to a record.
const EMPTY_TAR_BYTES: u64 = 10_240;

/// What lies below a layer that is unpacked.
#[derive(Clone, Copy)]
enum Below<'a> {
    /// These layers.
    View(&'a View),
    /// Layers that are not unpacked yet.
    Unknown,
}

/// Reads from the network and keeps what it has read.
struct Tee<R> {
    source: R,
    copy: Ingest,
}

impl<R: Read> Read for Tee<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buffer)?;
        self.copy.write_all(&buffer[..count])?;
        Ok(count)
    }
}

fn panicked() -> EngineError {
    EngineError::Request("a thread that unpacks layers has panicked; this is a defect of containr".to_owned())
}

/// Looks through the causes for a blob that is unlike its digest.
fn is_corrupt(error: &EngineError) -> bool {
    causes(error).any(|cause| cause.downcast_ref::<io::Error>().is_some_and(containr_registry::is_corrupt))
}

/// Looks through the causes for an unpacker that must see the layers below.
fn needs_below(error: &EngineError) -> bool {
    causes(error).any(|cause| cause.downcast_ref::<containr_layer::LayerError>().is_some_and(containr_layer::LayerError::needs_below))
}

fn causes<'a>(error: &'a (dyn std::error::Error + 'static)) -> impl Iterator<Item = &'a (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |error| error.source())
}
