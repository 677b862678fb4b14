//! What is done about blobs that are gone or damaged: told, fetched again from where they can be had, or made again from the tree.
//!
//! A blob is named by its digest, so whatever heals it gives the same bytes or nothing.

use std::error::Error;
use std::io;
use std::os::fd::AsFd as _;

use containr_layer::{Codec, Digests, LayerError, seal_into};
use containr_oci::{Descriptor, ImageConfig, Manifest, Reference};
use containr_progress::{Event, Progress};
use containr_registry::RegistryError;
use containr_store::{ImageRow, LayerRow};
use containr_tree::Listing;

use crate::blobs::Outgoing;
use crate::error::Context as _;
use crate::image::Found;
use crate::work::TaskWork;
use crate::{Engine, EngineError, Records};

impl Records {
    /// Warns of every blob that was found damaged since the last call.
    pub(crate) fn tell_damages(&self, progress: &dyn Progress) {
        for damage in self.store.take_damages() {
            let text = format!(
                "blob {} was damaged on disk (it had the content of {}) and has been thrown away",
                damage.expected, damage.actual
            );
            progress.event(Event::Warning { task: None, text });
        }
    }
}

impl Engine {
    /// Returns the image with this name or id, with a config that is fetched again where it is gone or damaged.
    pub(crate) fn find_whole(&self, image: &str, work: &TaskWork<'_>) -> Result<Found, EngineError> {
        let (name, row) = self.find_row(image)?;
        let config = self.whole_config(name.as_ref(), &row, work)?;
        let config = config.ok_or_else(|| EngineError::Damaged { image: image.to_owned(), blob: row.config })?;
        Ok(Found { name, row, config })
    }

    /// Returns an image's config; nothing when it is gone or damaged and no registry is known to have it.
    pub(crate) fn whole_config(
        &self,
        name: Option<&Reference>,
        row: &ImageRow,
        work: &TaskWork<'_>,
    ) -> Result<Option<ImageConfig>, EngineError> {
        if let Some(config) = self.config(row)? {
            return Ok(Some(config));
        }
        let Some((manifest, _)) = self.whole_manifest(name, row, work)? else { return Ok(None) };
        let blobs = std::iter::once(&manifest.config).chain(&manifest.layers);
        if !self.fetch_again(name, &manifest.config, blobs, work)? {
            return Ok(None);
        }
        self.config(row)
    }

    /// Returns the manifest that an image came with and its bytes; nothing when it has none, or none can be had.
    pub(crate) fn whole_manifest(
        &self,
        name: Option<&Reference>,
        row: &ImageRow,
        work: &TaskWork<'_>,
    ) -> Result<Option<(Manifest, Vec<u8>)>, EngineError> {
        let Some(descriptor) = &row.manifest else { return Ok(None) };
        let failed = || format!("cannot read the manifest {}", descriptor.digest);
        let kept = self.store.read_blob(&descriptor.digest).context(failed)?;
        let bytes = match (kept, self.place_of(&text(name), &row.config)?) {
            (Some(bytes), _) => bytes,
            (None, None) => return Ok(None),
            (None, Some(place)) => {
                let bytes =
                    self.registries()?.manifest(&place, &descriptor.digest, &work.registry()).context(failed)?;
                self.store.put_blob(&bytes).context(failed)?;
                bytes
            }
        };
        Ok(Some((serde_json::from_slice(&bytes).context(failed)?, bytes)))
    }

    /// Fetches a blob from a registry that is known to have it, or one of the blobs beside it; says whether there was one.
    pub(crate) fn fetch_again<'b>(
        &self,
        name: Option<&Reference>,
        blob: &Descriptor,
        beside: impl Iterator<Item = &'b Descriptor>,
        work: &TaskWork<'_>,
    ) -> Result<bool, EngineError> {
        let failed = || format!("cannot fetch the blob {} again", blob.digest);
        for known in beside {
            let Some(place) = self.place_of(&text(name), &known.digest)? else { continue };
            let mut source = self.registries()?.blob(&place, blob, &work.registry()).context(failed)?;
            let mut copy = self.store.ingest().context(failed)?;
            io::copy(&mut source, &mut copy).context(failed)?;
            copy.commit(Some(&blob.digest)).context(failed)?;
            return Ok(true);
        }
        Ok(false)
    }

    /// Returns whether the tree of a layer, which a power cut may have torn, still gives the layer.
    ///
    /// Names, owners and modes lie in the file system's journal before the rename that made the tree visible; what can be
    /// missing is content, and that is read here, with the listing that says what it must be.
    pub(crate) fn is_intact(&self, row: &LayerRow, work: &TaskWork<'_>) -> Result<bool, EngineError> {
        let Some(delta) = &row.delta else { return Ok(true) };
        let (Ok(tree), Ok(listing)) = (self.snapshots.delta_dir(delta), self.snapshots.listing(delta)) else {
            return Ok(false);
        };
        let (mut listing, context) = (Listing::clone(&listing), work.layer(self.threads()));
        let sink = &mut io::sink();
        match seal_into(tree.as_fd(), &mut listing, Digests::Keep, Codec::Plain, sink, context) {
            Ok(found) => Ok(found.diff_id == row.diff_id),
            Err(LayerError::Cancelled(cancelled)) => Err(cancelled.into()),
            Err(_) => Ok(false),
        }
    }

    /// Runs `work`, which reads blobs of an image with so many layers, again after each blob that turned out to be damaged.
    pub(crate) fn past_damages<T>(
        &self,
        layers: usize,
        mut run: impl FnMut() -> Result<T, EngineError>,
    ) -> Result<T, EngineError> {
        let mut result = run();
        for _ in 0..=layers {
            match &result {
                Err(error) if self.discarded(error)? => result = run(),
                _ => break,
            }
        }
        result
    }

    /// Returns whether a failure comes from a damaged blob, which is thrown away unless it is already.
    fn discarded(&self, error: &EngineError) -> Result<bool, EngineError> {
        let mut cause: Option<&(dyn Error + 'static)> = Some(error);
        while let Some(current) = cause {
            if let Some(LayerError::Corrupt { expected, actual }) = current.downcast_ref() {
                let failed = || format!("cannot discard the damaged blob {expected}");
                let present = self.store.has_blob(expected).context(failed)?.is_some();
                if present {
                    self.store.discard_damaged(expected, actual).context(failed)?;
                }
                return Ok(present);
            }
            // Whoever reads a blob for a push checks it first and throws a damaged one away.
            if let Some(RegistryError::Source { digest, .. }) = current.downcast_ref() {
                return Ok(self.store.has_blob(digest).context(|| format!("cannot look up {digest}"))?.is_none());
            }
            cause = current.source();
        }
        Ok(false)
    }

    /// Returns the outgoing form of an image after a look at every blob: for bytes that cannot be taken back once they have gone.
    pub(crate) fn checked(
        &self,
        outgoing: impl Fn() -> Result<Outgoing, EngineError>,
    ) -> Result<Outgoing, EngineError> {
        let mut found = outgoing()?;
        for _ in 0..=found.manifest.layers.len() {
            if self.is_whole(&found.manifest)? {
                return Ok(found);
            }
            found = outgoing()?;
        }
        let text = format!("the blobs of {} are damaged again and again", found.descriptor.digest);
        Err(EngineError::Request(text))
    }

    fn is_whole(&self, manifest: &Manifest) -> Result<bool, EngineError> {
        for blob in manifest.layers.iter().chain([&manifest.config]) {
            let failed = || format!("cannot read blob {}", blob.digest);
            if !self.store.has_written(&blob.digest)
                && self.store.open_verified(&blob.digest).context(failed)?.is_none()
            {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Returns the name as the key of what is known of registries.
fn text(name: Option<&Reference>) -> String {
    name.map(ToString::to_string).unwrap_or_default()
}
