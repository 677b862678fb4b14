//! Writes layouts and archives whose bytes depend on the images alone.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use containr_oci::Index;
use containr_store::Store;
use containr_tree::{Entry, Kind, TreePath};

use super::{DOCKER_MANIFEST, INDEX, ImageToWrite, LAYOUT, LAYOUT_CONTENT, REF_NAME, contents, docker};
use crate::stored::copy_blob;
use crate::{Context, LayerError, tar};

/// Writes a tar of the OCI layout of `images`.
///
/// # Errors
/// A blob that is missing or damaged; what was written is then to be thrown away.
pub fn write_oci_archive(
    store: &Store,
    images: &[ImageToWrite],
    out: &mut dyn Write,
    context: Context<'_>,
) -> Result<(), LayerError> {
    Archive { out }.layout(store, images, None, context)
}

/// Writes what `docker load` reads, in all its versions: a tar of the OCI layout with a `manifest.json`.
///
/// # Errors
/// As for [`write_oci_archive`]; zstd layers are refused, [`super::without_zstd`] replaces them.
pub fn write_docker_archive(
    store: &Store,
    images: &[ImageToWrite],
    out: &mut dyn Write,
    context: Context<'_>,
) -> Result<(), LayerError> {
    let manifest = docker::manifest_json(store, images)?;
    Archive { out }.layout(store, images, Some(&manifest), context)
}

struct Archive<'a> {
    out: &'a mut dyn Write,
}

impl Archive<'_> {
    fn layout(
        &mut self,
        store: &Store,
        images: &[ImageToWrite],
        docker: Option<&[u8]>,
        context: Context<'_>,
    ) -> Result<(), LayerError> {
        let blobs = contents::blobs(store, images)?;
        self.header("blobs", None)?;
        let mut algorithm = "";
        for (digest, size) in blobs {
            if algorithm != digest.algorithm().name() {
                algorithm = digest.algorithm().name();
                self.header(&format!("blobs/{algorithm}"), None)?;
            }
            self.header(&format!("blobs/{algorithm}/{}", digest.hex()), Some(size))?;
            let copied = copy_blob(store, &digest, self.out, context)?;
            if copied != size {
                return Err(LayerError::Image(format!("has a descriptor with a wrong size for {digest}")));
            }
            self.pad(size)?;
        }
        self.file(INDEX, &containr_oci::canonical(&contents::index(images)))?;
        if let Some(manifest) = docker {
            self.file(DOCKER_MANIFEST, manifest)?;
        }
        self.file(LAYOUT, LAYOUT_CONTENT)?;
        self.bytes(&tar::TRAILER)?;
        self.out.flush().map_err(LayerError::Output)
    }

    fn bytes(&mut self, bytes: &[u8]) -> Result<(), LayerError> {
        self.out.write_all(bytes).map_err(LayerError::Output)
    }

    fn pad(&mut self, size: u64) -> Result<(), LayerError> {
        self.bytes(&tar::TRAILER[..tar::padding(size)])
    }

    /// Writes the header of a file of the given size, or of a directory.
    fn header(&mut self, name: &str, size: Option<u64>) -> Result<(), LayerError> {
        let path = TreePath::new(name.as_bytes()).expect("names of a layout are clean");
        let mut entry = Entry::directory(path, 0o755, 0);
        if let Some(size) = size {
            entry.kind = Kind::File { size, digest: None };
            entry.mode = 0o644;
        }
        let mut header = Vec::with_capacity(512);
        tar::header(&entry, &mut header)?;
        self.bytes(&header)
    }

    fn file(&mut self, name: &str, content: &[u8]) -> Result<(), LayerError> {
        self.header(name, Some(content.len() as u64))?;
        self.bytes(content)?;
        self.pad(content.len() as u64)
    }
}

/// Writes or adds to the OCI layout in `directory`: blobs first, the index last, each file whole or not at all.
///
/// Images of an existing layout stay, but for those whose name in the layout is taken over.
///
/// # Errors
/// A blob that is missing or damaged, a directory that is no layout, or what the file system gives.
pub fn write_oci_directory(
    store: &Store,
    images: &[ImageToWrite],
    directory: &Path,
    context: Context<'_>,
) -> Result<(), LayerError> {
    let blobs = contents::blobs(store, images)?;
    fs::create_dir_all(directory).map_err(LayerError::Output)?;
    let index = merged_index(directory, contents::index(images))?;
    for (digest, size) in blobs {
        let folder = directory.join("blobs").join(digest.algorithm().name());
        fs::create_dir_all(&folder).map_err(LayerError::Output)?;
        let path = folder.join(digest.hex());
        if fs::symlink_metadata(&path).is_ok_and(|known| known.is_file() && known.len() == size) {
            continue;
        }
        write_whole(&path, |file| copy_blob(store, &digest, file, context).map(|_| ()))?;
    }
    let file = |name: &str, content: &[u8]| {
        write_whole(&directory.join(name), |file| file.write_all(content).map_err(LayerError::Output))
    };
    file(LAYOUT, LAYOUT_CONTENT)?;
    file(INDEX, &containr_oci::canonical(&index))
}

fn merged_index(directory: &Path, new: Index) -> Result<Index, LayerError> {
    let bytes = match fs::read(directory.join(INDEX)) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(new),
        Err(error) => return Err(LayerError::Output(error)),
    };
    let mut index: Index = serde_json::from_slice(&bytes)
        .map_err(|error| LayerError::Image(format!("directory has an index.json of another kind: {error}")))?;
    index.manifests.retain(|old| {
        new.manifests.iter().all(|new| match old.annotations.get(REF_NAME) {
            Some(name) => new.annotations.get(REF_NAME) != Some(name),
            None => new.digest != old.digest,
        })
    });
    index.manifests.extend(new.manifests);
    Ok(index)
}

/// Writes a file beside its name and renames it; what is half done is removed.
fn write_whole(path: &Path, write: impl FnOnce(&mut dyn Write) -> Result<(), LayerError>) -> Result<(), LayerError> {
    let mut name = path.file_name().expect("files of a layout have names").to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let beside = path.with_file_name(name);
    let mut file = BufWriter::new(File::create(&beside).map_err(LayerError::Output)?);
    let outcome = write(&mut file)
        .and_then(|()| file.flush().map_err(LayerError::Output))
        .and_then(|()| fs::rename(&beside, path).map_err(LayerError::Output));
    if outcome.is_err() {
        // The first failure is the one to tell.
        let _ = fs::remove_file(&beside);
    }
    outcome
}
