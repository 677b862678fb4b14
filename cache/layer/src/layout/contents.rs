//! What belongs to an image: all blobs that its manifest or index leads to.

use std::collections::BTreeMap;

use containr_oci::{Descriptor, Digest, Index, Manifest, Target};
use containr_store::Store;

use super::{FULL_NAME, ImageToWrite, REF_NAME};
use crate::LayerError;

/// How deep indexes may lie in indexes.
const DEPTH: usize = 4;

/// All blobs of some images with their sizes, each once, in order.
pub(super) type Blobs = BTreeMap<Digest, u64>;

/// Returns all blobs of `images`.
pub(super) fn blobs(store: &Store, images: &[ImageToWrite]) -> Result<Blobs, LayerError> {
    let mut found = Blobs::new();
    for image in images {
        collect(store, &image.target, DEPTH, &mut found)?;
    }
    Ok(found)
}

fn collect(store: &Store, descriptor: &Descriptor, depth: usize, found: &mut Blobs) -> Result<(), LayerError> {
    let bytes = read(store, &descriptor.digest)?;
    found.insert(descriptor.digest, bytes.len() as u64);
    match parse(&bytes, descriptor)? {
        Target::Index(_) if depth == 0 => Err(LayerError::Image("has indexes nested too deeply".to_owned())),
        Target::Index(index) => index.manifests.iter().try_for_each(|child| collect(store, child, depth - 1, found)),
        Target::Manifest(manifest) => {
            let parts = std::iter::once(&manifest.config).chain(&manifest.layers);
            found.extend(parts.map(|part| (part.digest, part.size)));
            Ok(())
        }
    }
}

/// Returns a small blob, checked.
pub(super) fn read(store: &Store, digest: &Digest) -> Result<Vec<u8>, LayerError> {
    store.read_blob(digest)?.ok_or_else(|| LayerError::Image(format!("needs blob {digest}, which is not in the store")))
}

/// Parses a manifest or index.
pub(super) fn parse(bytes: &[u8], descriptor: &Descriptor) -> Result<Target, LayerError> {
    Target::parse(bytes, Some(&descriptor.media_type))
        .map_err(|error| LayerError::Image(format!("has an unusable manifest {}: {error}", descriptor.digest)))
}

/// Returns the one manifest of an image: of an index the first that is no attestation.
pub(super) fn manifest(store: &Store, target: &Descriptor) -> Result<Manifest, LayerError> {
    match parse(&read(store, &target.digest)?, target)? {
        Target::Manifest(manifest) => Ok(manifest),
        Target::Index(index) => {
            let image = |d: &&Descriptor| d.platform.as_ref().is_none_or(|p| p.os != "unknown");
            let child = index.manifests.iter().find(image);
            let child = child.ok_or_else(|| LayerError::Image("has an index without an image".to_owned()))?;
            match parse(&read(store, &child.digest)?, child)? {
                Target::Manifest(manifest) => Ok(manifest),
                Target::Index(_) => Err(LayerError::Image("has an index in an index".to_owned())),
            }
        }
    }
}

/// Returns the index of a layout: one descriptor for each name.
pub(super) fn index(images: &[ImageToWrite]) -> Index {
    let mut manifests = Vec::new();
    for image in images {
        if image.names.is_empty() {
            manifests.push(image.target.clone());
        }
        for name in &image.names {
            let mut descriptor = image.target.clone();
            descriptor.annotations.insert(FULL_NAME.to_owned(), name.to_string());
            if let Some(tag) = name.tag() {
                descriptor.annotations.insert(REF_NAME.to_owned(), tag.to_owned());
            }
            manifests.push(descriptor);
        }
    }
    Index::oci(manifests)
}
