//! Reads images from OCI layouts and docker archives, old and new, into the store.

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File};
use std::io::{Read, Write as _};
use std::path::Path;

use containr_oci::{Algorithm, Descriptor, Digest, ImageConfig, Index, Manifest, Reference, Target, media};
use containr_store::Store;
use containr_tree::TreePath;
use serde_json::Value;

use super::{DOCKER_MANIFEST, FULL_NAME, INDEX, REF_NAME, contents};
use crate::tar::{Limits, MemberKind, TarReader};
use crate::unpack::{Pieces, clean, with_members};
use crate::{Compression, Context, Formats, LayerError};

/// How large an entry point may be in bytes.
const SMALL: u64 = 8 << 20;

/// An image that is now in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded {
    /// Its manifest or index.
    pub target: Descriptor,
    /// Its names, where the archive says them.
    pub names: Vec<Reference>,
}

/// Reads an archive (OCI or docker, plain or compressed) into the store and returns its images.
///
/// # Errors
/// Hostile or damaged archives, blobs that are not what their names say, images that lack parts. Blobs that arrived
/// before an error stay in the store, where they are collected when nothing refers to them.
pub fn read_archive(
    archive: &mut (dyn Read + Send),
    store: &Store,
    context: Context<'_>,
) -> Result<Vec<Loaded>, LayerError> {
    let mut found = Found::default();
    with_members(archive, Formats::Archive, Limits::default(), context, |reader| {
        while let Some(member) = reader.next_member().map_err(LayerError::reading)? {
            let path = clean(&member.path)?;
            match member.kind {
                MemberKind::File(size) => found.take(path, size, store, &mut Content(reader))?,
                MemberKind::Symlink(to) => found.alias(&path, &path.parent().unwrap_or_default(), &to)?,
                MemberKind::HardLink(to) => found.alias(&path, &TreePath::root(), &to)?,
                _ => {}
            }
        }
        Ok(())
    })?;
    found.images(store)
}

/// Reads the OCI layout in `directory` into the store and returns its images.
///
/// # Errors
/// As for [`read_archive`].
pub fn read_directory(directory: &Path, store: &Store, context: Context<'_>) -> Result<Vec<Loaded>, LayerError> {
    let mut found = Found::default();
    let index = fs::read(directory.join(INDEX)).map_err(LayerError::Input)?;
    found.small.insert(INDEX.into(), index);
    for algorithm in [Algorithm::Sha256, Algorithm::Sha512] {
        let folder = directory.join("blobs").join(algorithm.name());
        let Ok(items) = fs::read_dir(&folder) else { continue };
        for item in items {
            context.cancel.check()?;
            let item = item.map_err(LayerError::Input)?;
            let name = item.file_name();
            let digest = name.to_str().and_then(|hex| format!("{}:{hex}", algorithm.name()).parse::<Digest>().ok());
            let regular = item.file_type().map_err(LayerError::Input)?.is_file();
            if let Some(digest) = digest.filter(|_| regular) {
                ingest(&digest, store, &mut File::open(item.path()).map_err(LayerError::Input)?)?;
            }
        }
    }
    found.images(store)
}

/// The content of the current member as a stream.
struct Content<'a>(&'a mut TarReader<Pieces>);

impl Read for Content<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let piece = self.0.content()?;
        let length = piece.len().min(buffer.len());
        buffer[..length].copy_from_slice(&piece[..length]);
        self.0.consume(length);
        Ok(length)
    }
}

/// What an archive had.
#[derive(Default)]
struct Found {
    /// Entry points by name.
    small: BTreeMap<String, Vec<u8>>,
    /// Files outside of `blobs/`, now blobs: path, digest and size.
    files: HashMap<TreePath, (Digest, u64)>,
    /// Links to such files.
    aliases: HashMap<TreePath, TreePath>,
}

impl Found {
    fn take(&mut self, path: TreePath, size: u64, store: &Store, content: &mut Content<'_>) -> Result<(), LayerError> {
        let name = String::from_utf8_lossy(path.bytes()).into_owned();
        if [INDEX, DOCKER_MANIFEST].contains(&name.as_str()) {
            if size > SMALL {
                return Err(LayerError::Image(format!("has a {name} of {size} bytes")));
            }
            let mut bytes = Vec::new();
            content.read_to_end(&mut bytes).map_err(LayerError::reading)?;
            if self.small.insert(name.clone(), bytes).is_some() {
                return Err(LayerError::Image(format!("has {name} twice")));
            }
            return Ok(());
        }
        match blob_name(&name) {
            Some(digest) => {
                ingest(&digest, store, content)?;
                self.files.insert(path, (digest, size));
            }
            // Old archives keep configs and layers under names of their own.
            None if name.ends_with(".json") || name.ends_with(".tar") => {
                let mut ingest = store.ingest()?;
                copy(content, &mut ingest)?;
                self.files.insert(path, ingest.commit(None)?);
            }
            None => {}
        }
        Ok(())
    }

    fn alias(&mut self, path: &TreePath, base: &TreePath, to: &[u8]) -> Result<(), LayerError> {
        let target = clean(&[base.bytes(), b"/", to].concat())?;
        self.aliases.insert(path.clone(), target);
        Ok(())
    }

    fn images(self, store: &Store) -> Result<Vec<Loaded>, LayerError> {
        if let Some(index) = self.small.get(INDEX) {
            return self.oci_images(store, index);
        }
        let Some(manifest) = self.small.get(DOCKER_MANIFEST) else {
            return Err(LayerError::Image("has neither index.json nor manifest.json".to_owned()));
        };
        let rows: Vec<Value> = json(manifest, DOCKER_MANIFEST)?;
        rows.iter().map(|row| self.docker_image(store, row)).collect()
    }

    fn oci_images(&self, store: &Store, index: &[u8]) -> Result<Vec<Loaded>, LayerError> {
        let index: Index = json(index, INDEX)?;
        let mut images: Vec<Loaded> = Vec::new();
        for mut target in index.manifests {
            let names = names_of(&target);
            target.annotations.remove(FULL_NAME);
            target.annotations.remove(REF_NAME);
            check_parts(store, &target, 4)?;
            match images.iter_mut().find(|image| image.target.digest == target.digest) {
                Some(known) => known.names.extend(names),
                None => images.push(Loaded { target, names }),
            }
        }
        Ok(images)
    }

    /// Makes an OCI manifest of one row of `manifest.json`.
    fn docker_image(&self, store: &Store, row: &Value) -> Result<Loaded, LayerError> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let list = |key: &str| row[key].as_array().cloned().unwrap_or_default();
        let config = text(&row["Config"]).ok_or_else(|| LayerError::Image("names no config".to_owned()))?;
        let (config_digest, config_size) = self.part(&config)?;
        let bytes = contents::read(store, &config_digest)?;
        let parsed: ImageConfig = json(&bytes, &config)?;
        let mut layers = Vec::new();
        for layer in list("Layers") {
            let name = text(&layer).ok_or_else(|| LayerError::Image("names a layer by no text".to_owned()))?;
            let (digest, size) = self.part(&name)?;
            layers.push(Descriptor::new(layer_type(store, &digest)?, digest, size));
        }
        let diff_ids = &parsed.rootfs.diff_ids;
        if diff_ids.len() != layers.len() {
            return Err(LayerError::Image("has not as many layers as its config says".to_owned()));
        }
        for (layer, diff_id) in layers.iter().zip(diff_ids) {
            // A compressed layer is checked when it is unpacked.
            if layer.media_type == media::LAYER && layer.digest != *diff_id {
                return Err(LayerError::corrupt(*diff_id, layer.digest));
            }
        }
        let config = Descriptor::new(media::CONFIG, config_digest, config_size);
        let bytes = containr_oci::canonical(&Manifest::oci(config, layers));
        let digest = store.put_blob(&bytes)?;
        let names = list("RepoTags").iter().filter_map(|name| name.as_str()?.parse().ok()).collect();
        Ok(Loaded { target: Descriptor::new(media::MANIFEST, digest, bytes.len() as u64), names })
    }

    fn part(&self, name: &str) -> Result<(Digest, u64), LayerError> {
        let mut path = clean(name.as_bytes())?;
        // Docker wrote at most one link for a layer that several images share.
        if let Some(target) = self.aliases.get(&path) {
            path = target.clone();
        }
        self.files.get(&path).copied().ok_or_else(|| LayerError::Image(format!("lacks `{name}`")))
    }
}

/// Returns the digest that a name like `blobs/sha256/HEX` says.
fn blob_name(name: &str) -> Option<Digest> {
    let (algorithm, hex) = name.strip_prefix("blobs/")?.split_once('/')?;
    format!("{algorithm}:{hex}").parse().ok()
}

fn names_of(target: &Descriptor) -> Vec<Reference> {
    let full = target.annotations.get(FULL_NAME).and_then(|name| name.parse().ok());
    // A name within a layout is a full one only when it says a host or a tag itself.
    let short = || target.annotations.get(REF_NAME).filter(|n| n.contains([':', '/'])).and_then(|n| n.parse().ok());
    full.or_else(short).into_iter().collect()
}

fn json<T: serde::de::DeserializeOwned>(bytes: &[u8], name: &str) -> Result<T, LayerError> {
    serde_json::from_slice(bytes).map_err(|error| LayerError::Image(format!("has an unusable {name}: {error}")))
}

fn copy(content: &mut dyn Read, out: &mut dyn std::io::Write) -> Result<(), LayerError> {
    let mut buffer = vec![0; 256 * 1024];
    loop {
        let length = content.read(&mut buffer).map_err(LayerError::reading)?;
        if length == 0 {
            return Ok(());
        }
        out.write_all(&buffer[..length]).map_err(LayerError::Output)?;
    }
}

fn ingest(digest: &Digest, store: &Store, content: &mut dyn Read) -> Result<(), LayerError> {
    let mut ingest = store.ingest_as(digest.algorithm())?;
    copy(content, &mut ingest)?;
    ingest.flush().map_err(LayerError::Output)?;
    ingest.commit(Some(digest))?;
    Ok(())
}

/// Checks that all an image refers to has arrived, in the size that its descriptors say.
fn check_parts(store: &Store, descriptor: &Descriptor, depth: usize) -> Result<(), LayerError> {
    let children = match contents::parse(&contents::read(store, &descriptor.digest)?, descriptor)? {
        Target::Index(_) if depth == 0 => return Err(LayerError::Image("has indexes nested too deeply".to_owned())),
        // Archives of one platform of several keep the whole index: only what is there counts.
        Target::Index(index) => {
            let mut present = Vec::new();
            for child in index.manifests {
                if store.has_blob(&child.digest)?.is_some() {
                    present.push(child);
                }
            }
            return present.iter().try_for_each(|child| check_parts(store, child, depth - 1));
        }
        Target::Manifest(manifest) => std::iter::once(manifest.config).chain(manifest.layers),
    };
    for part in children {
        match store.has_blob(&part.digest)? {
            Some(size) if size == part.size => {}
            Some(_) => {
                return Err(LayerError::Image(format!("has a descriptor with a wrong size for {}", part.digest)));
            }
            None => return Err(LayerError::Image(format!("lacks blob {}", part.digest))),
        }
    }
    Ok(())
}

/// Returns the media type of a layer by its first bytes.
fn layer_type(store: &Store, digest: &Digest) -> Result<&'static str, LayerError> {
    let mut head = Vec::new();
    crate::stored::open_blob(store, digest)?.take(6).read_to_end(&mut head).map_err(LayerError::Input)?;
    match Compression::detect(&head) {
        Compression::Plain => Ok(media::LAYER),
        Compression::Gzip => Ok(media::LAYER_GZIP),
        Compression::Zstd => Ok(media::LAYER_ZSTD),
        Compression::Bzip2 | Compression::Xz => {
            Err(LayerError::Image(format!("has layer {digest} in a compression that images do not use")))
        }
    }
}
