//! Gives an image a manifest and its layers a form in which they can leave: a blob that is here, one that can be had, or one made
//! from the tree.

use std::os::fd::AsFd as _;

use containr_layer::Codec;
use containr_oci::{Descriptor, Digest, Manifest, Reference, canonical, media};
use containr_store::LayerRow;

use crate::build::CompressionChoice;
use crate::error::Context as _;
use crate::image::Found;
use crate::resolve::FOREIGN;
use crate::work::TaskWork;
use crate::{Engine, EngineError};

/// An image whose manifest, config and layers all lie in the store as blobs.
#[derive(Debug, Clone)]
pub(crate) struct Outgoing {
    pub(crate) manifest: Manifest,
    pub(crate) manifest_bytes: Vec<u8>,
    pub(crate) descriptor: Descriptor,
}

impl CompressionChoice {
    /// Returns the codec of the choice; a level is clamped to what the codec has.
    pub(crate) fn codec(self) -> Codec {
        let level = |level: i32, top: i32| u8::try_from(level.clamp(1, top)).expect("clamped to a small number");
        match self {
            Self::Plain => Codec::Plain,
            Self::Gzip(None) => Codec::GZIP,
            Self::Zstd(None) => Codec::ZSTD,
            Self::Gzip(Some(given)) => Codec::Gzip { level: level(given, 12) },
            Self::Zstd(Some(given)) => Codec::Zstd { level: level(given, 22) },
        }
    }
}

impl Engine {
    /// Returns the manifest of an image whose layers all have a blob in the store afterwards.
    ///
    /// An image that was pulled keeps its own manifest: its digest is what people have pinned.
    pub(crate) fn outgoing(
        &self,
        found: &Found,
        choice: CompressionChoice,
        annotations: &[(String, String)],
        work: &TaskWork<'_>,
    ) -> Result<Outgoing, EngineError> {
        if annotations.is_empty() {
            match (self.kept_manifest(found, work)?, &found.row.manifest) {
                (Some(kept), _) => return Ok(kept),
                (None, Some(lost)) => work.warn(format!(
                    "{} leaves with a new manifest: what {} names is no longer here as a whole",
                    name_of(found),
                    lost.digest
                )),
                (None, None) => {}
            }
        }
        let mut layers = Vec::with_capacity(found.config.rootfs.diff_ids.len());
        for diff_id in &found.config.rootfs.diff_ids {
            work.cancel.check()?;
            layers.push(self.layer_blob(found, diff_id, choice.codec(), work)?);
        }
        let failed = || "cannot write the manifest".to_owned();
        let size = self.store.has_blob(&found.row.config).context(failed)?;
        let size = size.ok_or_else(|| EngineError::Damaged { image: name_of(found), blob: found.row.config })?;
        let mut manifest = Manifest::oci(Descriptor::new(media::CONFIG, found.row.config, size), layers);
        manifest.annotations = found.row.annotations.clone();
        manifest.annotations.extend(annotations.iter().cloned());
        let manifest_bytes = canonical(&manifest);
        self.store.put_blob(&manifest_bytes).context(failed)?;
        let descriptor = Descriptor::of(media::MANIFEST, &manifest_bytes);
        Ok(Outgoing { manifest, manifest_bytes, descriptor })
    }

    fn kept_manifest(&self, found: &Found, work: &TaskWork<'_>) -> Result<Option<Outgoing>, EngineError> {
        let Some(descriptor) = found.row.manifest.clone() else { return Ok(None) };
        let kept = self.whole_manifest(found.name.as_ref(), &found.row, work)?;
        let Some((manifest, manifest_bytes)) = kept else { return Ok(None) };
        for layer in &manifest.layers {
            if !self.ensure_blob(found, layer, work)? {
                return Ok(None);
            }
        }
        Ok(Some(Outgoing { manifest, manifest_bytes, descriptor }))
    }

    /// Returns a blob of the layer: the wanted form, else the form it came in, else the wanted form made now.
    fn layer_blob(
        &self,
        found: &Found,
        diff_id: &Digest,
        codec: Codec,
        work: &TaskWork<'_>,
    ) -> Result<Descriptor, EngineError> {
        let failed = || format!("cannot look up layer {diff_id}");
        if let Some(blob) = self.store.layer_blob(diff_id, &codec.name()).context(failed)? {
            return Ok(blob);
        }
        for (made_by, blob) in self.store.layer_blobs(diff_id).context(failed)? {
            if made_by == FOREIGN && self.ensure_blob(found, &blob, work)? {
                return Ok(as_oci(blob));
            }
        }
        self.compress(found, diff_id, codec, work)
    }

    /// Fetches a blob that is not here or is damaged; returns whether it is here now.
    fn ensure_blob(&self, found: &Found, blob: &Descriptor, work: &TaskWork<'_>) -> Result<bool, EngineError> {
        let failed = || format!("cannot fetch layer {}", blob.digest.short());
        if self.store.open_verified(&blob.digest).context(failed)?.is_some() {
            return Ok(true);
        }
        self.fetch_again(found.name.as_ref(), blob, std::iter::once(blob), work)
    }

    /// Compresses a layer from its tree.
    fn compress(
        &self,
        found: &Found,
        diff_id: &Digest,
        codec: Codec,
        work: &TaskWork<'_>,
    ) -> Result<Descriptor, EngineError> {
        let failed = || format!("cannot compress layer {diff_id}");
        let row = self.layer_row(found, diff_id, work)?;
        let context = work.layer(self.threads());
        let blob = match &row.delta {
            Some(delta) => {
                let directory = self.snapshots.delta_dir(delta).context(failed)?;
                let listing = self.snapshots.listing(delta).context(failed)?;
                containr_layer::blob_of(diff_id, (directory.as_fd(), &listing), codec, &self.store, context)
            }
            None => {
                let nowhere = std::fs::File::open("/").context(failed)?;
                containr_layer::blob_of(
                    diff_id,
                    (nowhere.as_fd(), &containr_tree::Listing::default()),
                    codec,
                    &self.store,
                    context,
                )
            }
        }
        .context(failed)?;
        work.complete(&format!("compressed {}", diff_id.short()), row.size);
        Ok(blob)
    }

    fn layer_row(&self, found: &Found, diff_id: &Digest, work: &TaskWork<'_>) -> Result<LayerRow, EngineError> {
        let failed = || format!("cannot look up layer {diff_id}");
        if let Some(row) = self.store.layer(diff_id).context(failed)? {
            return Ok(row);
        }
        let name = found.name.as_ref().map(ToString::to_string).unwrap_or_default();
        self.layers_view(&name, &found.config.rootfs.diff_ids, work)?;
        let row = self.store.layer(diff_id).context(failed)?;
        row.ok_or_else(|| EngineError::LostLayer { image: name, layer: *diff_id })
    }
}

/// Returns what people call the image.
fn name_of(found: &Found) -> String {
    found.name.as_ref().map_or_else(|| found.row.config.to_string(), Reference::familiar)
}

/// Returns the descriptor with OCI's media type: docker's types must not stand in an OCI manifest.
fn as_oci(mut blob: Descriptor) -> Descriptor {
    let media_type = match blob.media_type.as_str() {
        media::DOCKER_LAYER_GZIP => media::LAYER_GZIP,
        media::DOCKER_LAYER => media::LAYER,
        _ => return blob,
    };
    blob.media_type = media_type.to_owned();
    blob
}
