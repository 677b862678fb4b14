//! Gives layers a form in which they can leave: a blob that is here, one that can be had, or one made from the tree.

use std::io;
use std::num::NonZeroUsize;
use std::os::fd::AsFd as _;

use containr_layer::{Codec, Digests};
use containr_oci::{Descriptor, Digest, ImageConfig, Manifest, canonical, media};
use containr_progress::{Event, PartState};
use containr_store::LayerRow;

use crate::build::CompressionChoice;
use crate::error::Context as _;
use crate::resolve::FOREIGN;
use crate::work::TaskWork;
use crate::{Engine, EngineError};

/// What a reader of the layers can take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reader {
    /// Everything OCI knows.
    Oci,
    /// docker 20.10 and later: no zstd.
    Docker,
}

/// An image with everything that is needed to send it away.
#[derive(Debug, Clone)]
pub(crate) struct Outgoing {
    pub(crate) config: Digest,
    pub(crate) manifest: Manifest,
    pub(crate) manifest_bytes: Vec<u8>,
    pub(crate) descriptor: Descriptor,
    pub(crate) diff_ids: Vec<Digest>,
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
    /// An image that was pulled keeps its own manifest where the reader can take it: its digest is what people pinned.
    pub(crate) fn outgoing(
        &self,
        found: &crate::image::Found,
        (choice, reader): (CompressionChoice, Reader),
        annotations: &[(String, String)],
        work: &TaskWork<'_>,
    ) -> Result<Outgoing, EngineError> {
        let diff_ids = found.config.rootfs.diff_ids.clone();
        if annotations.is_empty()
            && let Some(kept) = self.kept_manifest(found, reader, work)?
        {
            return Ok(Outgoing { diff_ids, ..kept });
        }
        let mut layers = Vec::with_capacity(diff_ids.len());
        for diff_id in &diff_ids {
            work.cancel.check()?;
            layers.push(self.layer_blob(found, diff_id, (choice.codec(), reader), work)?);
        }
        let size = self.store.has_blob(&found.row.config).context(|| "cannot look up the config".to_owned())?.unwrap_or(0);
        let mut manifest = Manifest::oci(Descriptor::new(media::CONFIG, found.row.config, size), layers);
        manifest.annotations = found.row.annotations.clone();
        manifest.annotations.extend(annotations.iter().cloned());
        let manifest_bytes = canonical(&manifest);
        let descriptor = Descriptor::of(media::MANIFEST, &manifest_bytes);
        Ok(Outgoing { config: found.row.config, manifest, manifest_bytes, descriptor, diff_ids })
    }

    fn kept_manifest(&self, found: &crate::image::Found, reader: Reader, work: &TaskWork<'_>) -> Result<Option<Outgoing>, EngineError> {
        let Some(descriptor) = found.row.manifest.clone() else { return Ok(None) };
        let failed = || format!("cannot read the manifest {}", descriptor.digest);
        let Some(manifest_bytes) = self.store.read_blob(&descriptor.digest).context(failed)? else { return Ok(None) };
        let manifest: Manifest = serde_json::from_slice(&manifest_bytes).context(failed)?;
        if reader == Reader::Docker && manifest.layers.iter().any(|layer| layer.media_type.ends_with("zstd")) {
            return Ok(None);
        }
        for (layer, diff_id) in manifest.layers.iter().zip(&found.config.rootfs.diff_ids) {
            self.ensure_blob(found, (diff_id, layer), work)?;
        }
        Ok(Some(Outgoing { config: found.row.config, manifest, manifest_bytes, descriptor, diff_ids: Vec::new() }))
    }

    /// Returns a blob of the layer: the wanted form, else the form it came in, else the wanted form made now.
    pub(crate) fn layer_blob(
        &self,
        found: &crate::image::Found,
        diff_id: &Digest,
        (codec, reader): (Codec, Reader),
        work: &TaskWork<'_>,
    ) -> Result<Descriptor, EngineError> {
        let failed = || format!("cannot look up layer {diff_id}");
        if let Some(blob) = self.store.layer_blob(diff_id, &codec.name()).context(failed)?
            && self.store.has_blob(&blob.digest).context(failed)?.is_some()
        {
            return Ok(blob);
        }
        if let Some(blob) = self.store.layer_blob(diff_id, FOREIGN).context(failed)?
            && (reader == Reader::Oci || !blob.media_type.ends_with("zstd"))
        {
            self.ensure_blob(found, (diff_id, &blob), work)?;
            return Ok(as_oci(blob));
        }
        self.compress(found, diff_id, codec, work)
    }

    /// Fetches a blob that is not here.
    fn ensure_blob(&self, found: &crate::image::Found, (diff_id, blob): (&Digest, &Descriptor), work: &TaskWork<'_>) -> Result<(), EngineError> {
        let failed = || format!("cannot fetch layer {}", blob.digest.short());
        if self.store.open_verified(&blob.digest).context(failed)?.is_some() {
            return Ok(());
        }
        let known = self.store.remotes(&blob.digest).context(failed)?;
        if known.is_empty() && self.store.layer(diff_id).context(failed)?.is_some_and(|row| row.delta.is_some()) {
            return self.restore_blob(found, (diff_id, blob), work);
        }
        let name = found.name.as_ref().map(ToString::to_string).unwrap_or_default();
        let place = self.place_of(&name, &blob.digest)?;
        let mut source = self.registries()?.blob(&place, blob, &work.registry()).context(failed)?;
        let mut copy = self.store.ingest().context(failed)?;
        io::copy(&mut source, &mut copy).context(failed)?;
        copy.commit(Some(&blob.digest)).context(failed)?;
        Ok(())
    }

    /// Makes a lost blob again from its tree, which works for those that containr itself has compressed.
    fn restore_blob(&self, found: &crate::image::Found, (diff_id, blob): (&Digest, &Descriptor), work: &TaskWork<'_>) -> Result<(), EngineError> {
        for codec in [Codec::GZIP, Codec::ZSTD, Codec::Plain] {
            if self.compress(found, diff_id, codec, work)?.digest == blob.digest {
                return Ok(());
            }
        }
        Err(EngineError::Request(format!("layer {} is damaged and cannot be fetched or made again", blob.digest)))
    }

    /// Compresses a layer from its tree and records the blob.
    fn compress(&self, found: &crate::image::Found, diff_id: &Digest, codec: Codec, work: &TaskWork<'_>) -> Result<Descriptor, EngineError> {
        let failed = || format!("cannot compress layer {diff_id}");
        let row = match self.store.layer(diff_id).context(failed)? {
            Some(row) => row,
            None => {
                let name = found.name.as_ref().map(ToString::to_string).unwrap_or_default();
                self.layers_view(&name, &found.config.rootfs.diff_ids, work)?;
                let row = self.store.layer(diff_id).context(failed)?;
                row.ok_or_else(|| EngineError::Request(format!("layer {diff_id} is not in the local store")))?
            }
        };
        let mut out = self.store.ingest().context(failed)?;
        let actual = self.write_layer(&row, codec, &mut out, work)?;
        if actual != *diff_id {
            return Err(EngineError::Request(format!("the tree of layer {diff_id} has changed on disk: it is {actual} now; `containr prune --all` drops it")));
        }
        let (digest, size) = out.commit(None).context(failed)?;
        let blob = Descriptor::new(codec.media_type(), digest, size);
        self.store.add_layer_blob(diff_id, &codec.name(), &blob).context(failed)?;
        let part = format!("compressing {}", diff_id.short());
        work.progress.event(Event::Moved { task: work.task, part, current: row.size, total: Some(row.size), state: PartState::Complete });
        Ok(blob)
    }

    /// Writes the tar of a layer through a codec and returns the digest of the uncompressed bytes.
    fn write_layer(&self, row: &LayerRow, codec: Codec, out: &mut (dyn io::Write + Send), work: &TaskWork<'_>) -> Result<Digest, EngineError> {
        let failed = || format!("cannot compress layer {}", row.diff_id);
        let context = work.layer(NonZeroUsize::new(self.settings.threads).unwrap_or(NonZeroUsize::MIN));
        let stream = match &row.delta {
            Some(delta) => {
                let directory = self.snapshots.delta_dir(delta).context(failed)?;
                let mut listing = (*self.snapshots.listing(delta).context(failed)?).clone();
                containr_layer::seal_into(directory.as_fd(), &mut listing, Digests::Keep, codec, out, context)
            }
            None => {
                let nowhere = std::fs::File::open("/").context(failed)?;
                let mut listing = containr_tree::Listing::default();
                containr_layer::seal_into(nowhere.as_fd(), &mut listing, Digests::Keep, codec, out, context)
            }
        };
        Ok(stream.context(failed)?.diff_id)
    }
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
