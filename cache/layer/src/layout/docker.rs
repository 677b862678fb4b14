//! What docker's archives ask for: `manifest.json`, and no zstd, which docker 20.10 cannot load.

use containr_oci::{Descriptor, ImageConfig, media};
use containr_store::Store;
use serde_json::{Value, json};

use super::{ImageToWrite, contents};
use crate::{Codec, Context, LayerError, recompress};

/// Returns the bytes of `manifest.json`.
pub(super) fn manifest_json(store: &Store, images: &[ImageToWrite]) -> Result<Vec<u8>, LayerError> {
    let mut rows = Vec::new();
    for image in images {
        let manifest = contents::manifest(store, &image.target)?;
        if let Some(layer) = manifest.layers.iter().find(|layer| is_zstd(layer)) {
            return Err(LayerError::Image(format!("has the zstd layer {}, which docker cannot load", layer.digest)));
        }
        let blob = |d: &Descriptor| format!("blobs/{}/{}", d.digest.algorithm().name(), d.digest.hex());
        let names: Vec<String> = image.names.iter().map(containr_oci::Reference::familiar).collect();
        let layers: Vec<String> = manifest.layers.iter().map(blob).collect();
        let names = if names.is_empty() { Value::Null } else { json!(names) };
        rows.push(json!({ "Config": blob(&manifest.config), "RepoTags": names, "Layers": layers }));
    }
    Ok(containr_oci::canonical(&rows))
}

/// Returns the image with every zstd layer replaced by gzip, as a new manifest in the store; the same one if there is none.
///
/// Of an index only the first image is taken when something has to be replaced. The config, and with it the image's id,
/// stays.
///
/// # Errors
/// A layer that is not what the config says, or what the store gives.
pub fn without_zstd(store: &Store, image: &ImageToWrite, context: Context<'_>) -> Result<ImageToWrite, LayerError> {
    let mut manifest = contents::manifest(store, &image.target)?;
    if !manifest.layers.iter().any(is_zstd) {
        return Ok(image.clone());
    }
    let config = contents::read(store, &manifest.config.digest)?;
    let config: ImageConfig = serde_json::from_slice(&config)
        .map_err(|error| LayerError::Image(format!("has the unusable config {}: {error}", manifest.config.digest)))?;
    if config.rootfs.diff_ids.len() != manifest.layers.len() {
        return Err(LayerError::Image("has not as many layers as its config says".to_owned()));
    }
    for (layer, diff_id) in manifest.layers.iter_mut().zip(&config.rootfs.diff_ids) {
        if is_zstd(layer) {
            *layer = recompress(diff_id, layer, Codec::GZIP, store, context)?;
        }
    }
    let bytes = containr_oci::canonical(&manifest);
    let digest = store.put_blob(&bytes)?;
    let media_type = manifest.media_type.as_deref().unwrap_or(media::MANIFEST);
    let mut target = Descriptor::new(media_type, digest, bytes.len() as u64);
    target.platform = image.target.platform.clone();
    Ok(ImageToWrite { target, names: image.names.clone() })
}

fn is_zstd(layer: &Descriptor) -> bool {
    layer.media_type.ends_with("+zstd") || layer.media_type.ends_with(".zstd")
}
