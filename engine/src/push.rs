//! Sends an image to its registry: blobs in parallel, the manifest last.

use std::fs::File;
use std::io::{self, Read, Seek as _, SeekFrom};
use std::sync::{Mutex, PoisonError};

use containr_oci::{Descriptor, Digest, Reference};
use containr_progress::{Cancel, Event, Outcome, Progress, TaskId, TaskInfo};
use containr_registry::{BlobSource, Pushed};

use crate::blobs::Outgoing;
use crate::build::CompressionChoice;
use crate::error::Context as _;
use crate::image::{Found, reference};
use crate::work::{TaskWork, Work};
use crate::{Engine, EngineError};

/// Blobs that travel at the same time.
const PARALLEL_BLOBS: usize = 4;

/// A blob of the store as the registry client reads it, from any place again after a cut.
struct StoredBlob<'a> {
    engine: &'a Engine,
    digest: Digest,
}

impl BlobSource for StoredBlob<'_> {
    fn open_at(&self, offset: u64) -> io::Result<Box<dyn Read + Send>> {
        let gone = || {
            let text = format!("blob {} is damaged in the local store or gone from it", self.digest);
            io::Error::new(io::ErrorKind::NotFound, text)
        };
        let store = &self.engine.store;
        // One look before the first byte leaves: what this process wrote was checked then, and a resumed blob at its start.
        let checked = offset > 0 || store.has_written(&self.digest);
        let found = if checked { store.open_blob(&self.digest) } else { store.open_verified(&self.digest) };
        let mut file: File = found.map_err(io::Error::other)?.ok_or_else(gone)?;
        file.seek(SeekFrom::Start(offset))?;
        Ok(Box::new(file))
    }
}

impl Engine {
    /// Pushes the image `name` under the name `target` and returns the digest of its manifest.
    ///
    /// # Errors
    /// When there is no such image, or the registry refuses or breaks.
    pub fn push(
        &self,
        name: &str,
        target: &str,
        compression: CompressionChoice,
        (progress, cancel): (&dyn Progress, &Cancel),
    ) -> Result<Digest, EngineError> {
        let _lease = self.store.lease().context(|| "cannot lock the local store".to_owned())?;
        let target = reference(target)?;
        let work = Work { progress, cancel };
        self.task(&work, &format!("pushing {}", target.familiar()), |task| {
            let found = self.find_whole(name, task)?;
            self.push_found(&found, &target, (compression, &[]), task).map(|manifest| manifest.digest)
        })
    }

    /// Pushes an image that was found and returns its manifest; blobs that turn out to be damaged are made again.
    pub(crate) fn push_found(
        &self,
        found: &Found,
        target: &Reference,
        (compression, annotations): (CompressionChoice, &[(String, String)]),
        work: &TaskWork<'_>,
    ) -> Result<Descriptor, EngineError> {
        self.past_damages(found.config.rootfs.diff_ids.len(), || {
            let outgoing = self.outgoing(found, compression, annotations, work)?;
            self.push_image(&outgoing, target, work)?;
            Ok(outgoing.descriptor)
        })
    }

    /// Runs `work` as a task of its own, so that progress shows its beginning and end.
    pub(crate) fn task<T>(
        &self,
        work: &Work<'_>,
        name: &str,
        run: impl FnOnce(&TaskWork<'_>) -> Result<T, EngineError>,
    ) -> Result<T, EngineError> {
        let task = TaskId::next();
        let digest = Digest::of(format!("{name}\0{}", task.number()).as_bytes()).to_string();
        work.progress.event(Event::Added(TaskInfo { id: task, digest, name: name.to_owned(), inputs: Vec::new() }));
        work.progress.event(Event::Started(task));
        let result = run(&work.task(task));
        self.tell_damages(work.progress);
        let outcome = match &result {
            Ok(_) => Outcome::Done,
            Err(EngineError::Cancelled) => Outcome::Cancelled,
            Err(error) => Outcome::Failed(error.to_string()),
        };
        work.progress.event(Event::Finished(task, outcome));
        result
    }

    /// Pushes blobs, then the manifest, so that the name never leads to something that is not whole.
    fn push_image(&self, image: &Outgoing, target: &Reference, work: &TaskWork<'_>) -> Result<Digest, EngineError> {
        let mut blobs: Vec<&Descriptor> = image.manifest.layers.iter().collect();
        blobs.push(&image.manifest.config);
        // Equal layers, empty ones for example, travel once.
        blobs.sort_by_key(|blob| (std::cmp::Reverse(blob.size), blob.digest));
        blobs.dedup_by_key(|blob| blob.digest);
        let next = Mutex::new(blobs.iter());
        let worker = || -> Result<(), EngineError> {
            loop {
                let blob = next.lock().unwrap_or_else(PoisonError::into_inner).next();
                let Some(blob) = blob else { return Ok(()) };
                self.push_blob(blob, target, work)?;
            }
        };
        std::thread::scope(|scope| {
            let handles: Vec<_> = (0..PARALLEL_BLOBS.min(blobs.len())).map(|_| scope.spawn(worker)).collect();
            handles.into_iter().try_for_each(|handle| handle.join().unwrap_or_else(|_| Err(panicked())))
        })?;
        let failed = || format!("cannot push the manifest to {}", target.familiar());
        let media_type = &image.descriptor.media_type;
        self.registries()?.push_manifest(target, media_type, &image.manifest_bytes, &work.registry()).context(failed)
    }

    fn push_blob(&self, blob: &Descriptor, target: &Reference, work: &TaskWork<'_>) -> Result<(), EngineError> {
        work.cancel.check()?;
        let failed = || format!("cannot push {} to {}", blob.digest.short(), target.familiar());
        let source = StoredBlob { engine: self, digest: blob.digest };
        let seen: Vec<Reference> = self
            .store
            .remotes(&blob.digest)
            .context(failed)?
            .iter()
            .filter_map(|repository| repository.parse().ok())
            .collect();
        let pushed = self.registries()?.push_blob(target, blob, &source, &seen, &work.registry()).context(failed)?;
        self.store.add_remote(&blob.digest, &target.name()).context(failed)?;
        let how = match pushed {
            Pushed::Existed => "exists",
            Pushed::Mounted => "mounted",
            Pushed::Uploaded => "pushed",
        };
        work.complete(&format!("{how} {}", blob.digest.short()), blob.size);
        Ok(())
    }
}

fn panicked() -> EngineError {
    EngineError::Request("a thread that pushes blobs has panicked; this is a defect of containr".to_owned())
}
