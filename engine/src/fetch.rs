//! Brings layers of images into the store as trees: from blobs that are here, else from a registry while they arrive.

use std::collections::BTreeMap;
use std::io::{self, Read, Write as _};
use std::os::fd::{AsFd as _, OwnedFd};
use std::sync::{Arc, Mutex, PoisonError};

use containr_layer::{Digests, Limits, Missing, SealRequest, Sealed, Unpacked};
use containr_oci::{Descriptor, Digest, Reference};
use containr_snapshot::{Fresh, View};
use containr_store::{DeltaId, Ingest, LayerRow};

use crate::error::Context as _;
use crate::resolve::FOREIGN;
use crate::work::TaskWork;
use crate::{Engine, EngineError};

/// Layers of one image that are unpacked at the same time.
const PARALLEL_LAYERS: usize = 3;
/// The time of a directory that had to be made up although the layers below were unknown: no archive can hold it.
const MADE_UP: i64 = i64::MIN;

/// One lock a layer, so that two stages that need the same base wait for each other instead of working twice.
#[derive(Debug, Default)]
pub(crate) struct LayerLocks(Mutex<BTreeMap<Digest, Arc<Mutex<()>>>>);

impl LayerLocks {
    fn of(&self, diff_id: &Digest) -> Arc<Mutex<()>> {
        let mut locks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(locks.entry(*diff_id).or_default())
    }
}

/// What lies below a layer that is unpacked.
#[derive(Clone, Copy)]
enum Below<'a> {
    /// These layers.
    View(&'a View),
    /// Layers that are not unpacked yet.
    Unknown,
}

/// What became of an attempt to unpack a layer.
enum Attempt {
    /// Its delta; nothing for a layer without content.
    Done(Option<DeltaId>),
    /// It must see the layers below.
    NeedsBelow,
}

impl Engine {
    /// Returns the tree made of the given layers, lowest first; `name` says where they can be had.
    pub(crate) fn layers_view(
        &self,
        name: &str,
        diff_ids: &[Digest],
        work: &TaskWork<'_>,
    ) -> Result<View, EngineError> {
        let mut missing = Vec::new();
        for diff_id in diff_ids {
            if self.unpacked(diff_id)?.is_none() {
                missing.push(diff_id);
            }
        }
        if missing.len() > 1 && self.settings.threads > 1 {
            self.unpack_in_parallel(name, &missing, work)?;
        }
        let mut deltas: Vec<DeltaId> = Vec::with_capacity(diff_ids.len());
        for diff_id in diff_ids {
            let below = View::new(deltas.clone());
            match self.layer_delta(name, diff_id, Below::View(&below), work)? {
                Attempt::Done(delta) => deltas.extend(delta),
                Attempt::NeedsBelow => {
                    return Err(EngineError::Request(format!(
                        "layer {diff_id} of {name} refers to files that no layer has"
                    )));
                }
            }
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
                self.layer_delta(name, diff_id, Below::Unknown, work)?;
            }
        };
        std::thread::scope(|scope| {
            let handles: Vec<_> = (0..PARALLEL_LAYERS.min(missing.len())).map(|_| scope.spawn(worker)).collect();
            handles.into_iter().try_for_each(|handle| handle.join().unwrap_or_else(|_| Err(panicked())))
        })
    }

    /// Returns the delta of a layer that is unpacked already; the inner nothing is a layer without content.
    fn unpacked(&self, diff_id: &Digest) -> Result<Option<Option<DeltaId>>, EngineError> {
        let row = self.store.layer(diff_id).context(|| format!("cannot look up layer {diff_id}"))?;
        Ok(row.map(|row| row.delta))
    }

    fn layer_delta(
        &self,
        name: &str,
        diff_id: &Digest,
        below: Below<'_>,
        work: &TaskWork<'_>,
    ) -> Result<Attempt, EngineError> {
        let lock = self.layer_locks.of(diff_id);
        let _alone = lock.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(delta) = self.unpacked(diff_id)? {
            return Ok(Attempt::Done(delta));
        }
        work.cancel.check()?;
        let failed = || format!("cannot look up layer {diff_id}");
        if let Some(row) = self.store.doubtful_layer(diff_id).context(failed)?
            && self.is_intact(&row, work)?
        {
            return Ok(Attempt::Done(self.store.add_layer(&row).context(failed)?.delta));
        }
        let blobs = self.store.layer_blobs(diff_id).context(failed)?;
        for (_, blob) in &blobs {
            if let Some(file) = self.store.open_verified(&blob.digest).context(failed)? {
                return self.unpack(&mut io::BufReader::with_capacity(1 << 20, file), diff_id, below, work);
            }
        }
        let blob = blobs.iter().find(|(codec, _)| codec == FOREIGN).or(blobs.first()).map(|(_, blob)| blob);
        let blob = blob.ok_or_else(|| EngineError::LostLayer { image: name.to_owned(), layer: *diff_id })?;
        self.download(name, (diff_id, blob), below, work)
    }

    /// Fetches a layer and unpacks it while it arrives; one that arrives damaged is fetched once more.
    fn download(
        &self,
        name: &str,
        (diff_id, blob): (&Digest, &Descriptor),
        below: Below<'_>,
        work: &TaskWork<'_>,
    ) -> Result<Attempt, EngineError> {
        let lost = || EngineError::LostLayer { image: name.to_owned(), layer: *diff_id };
        let reference = self.place_of(name, &blob.digest)?.ok_or_else(lost)?;
        let failed = || format!("cannot fetch layer {} of {}", blob.digest.short(), reference.familiar());
        let mut again = true;
        loop {
            let source = self.registries()?.blob(&reference, blob, &work.registry()).context(failed)?;
            let mut tee = Tee { source, copy: self.store.ingest().context(failed)? };
            let attempt = self.unpack(&mut tee, diff_id, below, work);
            // What follows the archive's end is part of the blob's digest too, and a layer that has to wait keeps its blob.
            let whole = match attempt {
                Ok(_) => io::copy(&mut tee, &mut io::sink()).context(failed).map(|_| ()),
                Err(_) => Ok(()),
            };
            match (attempt, whole) {
                (Ok(attempt), Ok(())) => {
                    tee.copy.commit(Some(&blob.digest)).context(failed)?;
                    return Ok(attempt);
                }
                (Err(error), _) | (_, Err(error)) if again && is_corrupt(&error) => again = false,
                (Err(error), _) | (_, Err(error)) => return Err(error),
            }
        }
    }

    /// Returns a repository that has the blob: the image's own, else one that was seen to have it.
    pub(crate) fn place_of(&self, name: &str, blob: &Digest) -> Result<Option<Reference>, EngineError> {
        let seen = self.store.remotes(blob).context(|| format!("cannot look up blob {blob}"))?;
        let own: Option<Reference> = name.parse().ok();
        let known = own.filter(|own| seen.contains(&own.name()));
        Ok(known.or_else(|| seen.iter().find_map(|repository| repository.parse().ok())))
    }

    fn unpack(
        &self,
        layer: &mut (dyn Read + Send),
        diff_id: &Digest,
        below: Below<'_>,
        work: &TaskWork<'_>,
    ) -> Result<Attempt, EngineError> {
        match self.unpack_any(layer, below, work)? {
            Some((fresh, unpacked)) if unpacked.diff_id == *diff_id => self.keep(fresh, unpacked),
            Some((_, unpacked)) => {
                let actual = unpacked.diff_id;
                Err(EngineError::Request(format!("the layer that the image calls {diff_id} has the content {actual}")))
            }
            None => Ok(Attempt::NeedsBelow),
        }
    }

    /// Unpacks a tar that nobody has named yet and returns the `diff_id` of the layer that its tree gives.
    ///
    /// The tar's own bytes are not kept, so its own digest would name a layer that nobody could write again.
    pub(crate) fn import_layer(
        &self,
        layer: &mut (dyn Read + Send),
        work: &TaskWork<'_>,
    ) -> Result<Digest, EngineError> {
        let nothing = View::new(Vec::new());
        let unpacked = self.unpack_any(layer, Below::View(&nothing), work)?;
        let (fresh, mut unpacked) =
            unpacked.ok_or_else(|| EngineError::Request("the tar has links to files that it lacks".to_owned()))?;
        let request = SealRequest { compress: None, digests: Digests::Keep };
        let sealed =
            containr_layer::seal(fresh.dir(), &mut unpacked.listing, &request, &self.store, work.layer(self.threads()));
        let Sealed { diff_id, size, .. } = sealed.context(|| "cannot keep the file tree".to_owned())?;
        self.keep(fresh, Unpacked { diff_id, size, ..unpacked })?;
        Ok(diff_id)
    }

    /// Unpacks a tar into a new delta; nothing comes back when it must see what lies below.
    fn unpack_any(
        &self,
        layer: &mut (dyn Read + Send),
        below: Below<'_>,
        work: &TaskWork<'_>,
    ) -> Result<Option<(Fresh, Unpacked)>, EngineError> {
        let failed = || "cannot unpack a layer".to_owned();
        let fresh = self.snapshots.create().context(failed)?;
        let mount: Option<OwnedFd> = match below {
            Below::View(view) if !view.is_empty() => Some(self.snapshots.mount(view).context(failed)?),
            Below::View(_) | Below::Unknown => None,
        };
        let mtime = if matches!(below, Below::Unknown) { MADE_UP } else { 0 };
        let destination = containr_layer::Destination {
            fs: fresh.dir(),
            marks: &fresh,
            below: mount.as_ref().map(|mount| mount.as_fd()),
            missing: Missing { mtime, ..Missing::default() },
        };
        let context = work.layer(self.threads());
        match (containr_layer::unpack_into(layer, &destination, Limits::default(), context), below) {
            (Ok(unpacked), Below::Unknown) if unpacked.listing.entries().iter().any(|entry| entry.mtime == MADE_UP) => {
                Ok(None)
            }
            (Ok(unpacked), _) => Ok(Some((fresh, unpacked))),
            // A link to a file of a layer below looks like a broken archive as long as that layer is unknown.
            (Err(containr_layer::LayerError::Member { .. }), Below::Unknown) => Ok(None),
            (Err(error), _) => Err(error).context(failed),
        }
    }

    /// Commits an unpacked layer.
    fn keep(&self, fresh: Fresh, unpacked: Unpacked) -> Result<Attempt, EngineError> {
        let Unpacked { listing, diff_id, size } = unpacked;
        let failed = || format!("cannot keep layer {diff_id}");
        let delta = if listing.is_empty() { None } else { Some(fresh.commit(&listing).context(failed)?) };
        let row = self.store.add_layer(&LayerRow { diff_id, delta, size }).context(failed)?;
        Ok(Attempt::Done(row.delta))
    }
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
    let causes = std::iter::successors(Some(error as &(dyn std::error::Error + 'static)), |error| error.source());
    causes.into_iter().any(|cause| cause.downcast_ref::<io::Error>().is_some_and(containr_registry::is_corrupt))
}
