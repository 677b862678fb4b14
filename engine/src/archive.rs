//! `save`, `load`, `export`, `import`: images and trees as files.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::os::fd::AsFd as _;
use std::path::{Path, PathBuf};

use containr_layer::layout::{self, ImageToWrite, Loaded};
use containr_oci::{Descriptor, ImageConfig, Manifest, Platform, Reference, Target, canonical};
use containr_progress::{Cancel, Progress};
use containr_snapshot::View;
use containr_store::ImageRow;

use crate::build::{ArchiveForm, Destination, Output, StreamBytes};
use crate::error::Context as _;
use crate::image::{Found, reference};
use crate::resolve::FOREIGN;
use crate::work::{TaskWork, Work};
use crate::{Engine, EngineError, ImageSummary};

/// Where an archive comes from.
#[derive(Debug, Clone)]
pub enum LoadSource {
    /// A file, or an OCI layout in a directory.
    Path(PathBuf),
    /// A stream.
    Stream(StreamBytes),
}

/// A file tree that becomes an image.
#[derive(Debug, Clone)]
pub struct ImportRequest {
    /// The tar.
    pub source: LoadSource,
    /// The image's name.
    pub name: Option<String>,
    /// Dockerfile instructions for the config.
    pub changes: Vec<String>,
}

impl Engine {
    /// Writes images to one archive.
    ///
    /// # Errors
    /// When an image is not there, or the archive cannot be written.
    pub fn save(
        &self,
        images: &[String],
        output: &Output,
        progress: &dyn Progress,
        cancel: &Cancel,
    ) -> Result<(), EngineError> {
        let _lease = self.store.lease().context(|| "cannot lock the local store".to_owned())?;
        let work = Work { progress, cancel };
        self.task(&work, "saving images", |task| {
            let found = images.iter().map(|image| self.find_whole(image, task)).collect::<Result<Vec<_>, _>>()?;
            let images: Vec<_> = found.iter().map(|found| (found, found.name.as_slice())).collect();
            self.write_images(&images, output, &[], task).map(|_| ())
        })
    }

    /// Writes images with their names and returns their manifests; blobs that turn out to be damaged are made again.
    pub(crate) fn write_images(
        &self,
        images: &[(&Found, &[Reference])],
        output: &Output,
        annotations: &[(String, String)],
        work: &TaskWork<'_>,
    ) -> Result<Vec<Descriptor>, EngineError> {
        let form = |found: &Found| {
            let outgoing = || self.outgoing(found, output.compression, annotations, work);
            // What has gone to a pipe cannot be taken back.
            if output.destination == Destination::Stdout { self.checked(outgoing) } else { outgoing() }
        };
        let write = || {
            let mut written = Vec::new();
            for (found, names) in images {
                written.push(ImageToWrite { target: form(found)?.descriptor, names: names.to_vec() });
            }
            self.write_archive(&written, output, work)?;
            Ok(written.into_iter().map(|image| image.target).collect())
        };
        if output.destination == Destination::Stdout {
            return write();
        }
        self.past_damages(images.iter().map(|(found, _)| found.config.rootfs.diff_ids.len()).sum(), write)
    }

    /// Writes images whose blobs are all in the store.
    fn write_archive(&self, images: &[ImageToWrite], output: &Output, work: &TaskWork<'_>) -> Result<(), EngineError> {
        let context = work.layer(self.threads());
        let failed = || "cannot write the image archive".to_owned();
        match (output.form, &output.destination) {
            (ArchiveForm::OciDirectory, Destination::Path(path)) => {
                layout::write_oci_directory(&self.store, images, &self.settings.absolute(path), context).context(failed)
            }
            (ArchiveForm::DockerArchive, destination) => {
                let plain = images
                    .iter()
                    .map(|image| layout::without_zstd(&self.store, image, context))
                    .collect::<Result<Vec<_>, _>>();
                let plain = plain.context(failed)?;
                self.write_to(destination, |out| {
                    layout::write_docker_archive(&self.store, &plain, out, context).context(failed)
                })
            }
            (_, destination) => self.write_to(destination, |out| {
                layout::write_oci_archive(&self.store, images, out, context).context(failed)
            }),
        }
    }

    /// Gives `write` a file that appears whole under its name, or stdout.
    pub(crate) fn write_to(
        &self,
        destination: &Destination,
        write: impl FnOnce(&mut dyn Write) -> Result<(), EngineError>,
    ) -> Result<(), EngineError> {
        let path = match destination {
            Destination::Stdout => return write(&mut io::stdout().lock()),
            Destination::Path(path) => self.settings.absolute(path),
        };
        let file_error = |source| EngineError::File { action: "write", path: path.clone(), source };
        // A device or a pipe is written to as it is: there is no other file to put in its place.
        if std::fs::metadata(&path).is_ok_and(|found| !found.is_file()) {
            let mut out = File::options().write(true).open(&path).map_err(file_error)?;
            return write(&mut out);
        }
        let beside = beside(&path);
        let file = File::create(&beside).map_err(file_error)?;
        let guard = Unfinished(&beside);
        let mut out = BufWriter::with_capacity(1 << 20, file);
        write(&mut out)?;
        out.flush().map_err(file_error)?;
        std::fs::rename(&beside, &path).map_err(file_error)?;
        std::mem::forget(guard);
        Ok(())
    }

    /// Reads images from an archive or a layout.
    ///
    /// # Errors
    /// When the archive is damaged or hostile.
    pub fn load(
        &self,
        source: &LoadSource,
        progress: &dyn Progress,
        cancel: &Cancel,
    ) -> Result<Vec<ImageSummary>, EngineError> {
        let _lease = self.store.lease().context(|| "cannot lock the local store".to_owned())?;
        let work = Work { progress, cancel };
        self.task(&work, "loading images", |task| {
            let context = task.layer(self.threads());
            let failed = || "cannot load the archive".to_owned();
            let loaded = match source {
                LoadSource::Path(path) if self.settings.absolute(path).is_dir() => {
                    layout::read_directory(&self.settings.absolute(path), &self.store, context).context(failed)?
                }
                source => self
                    .with_stream(source, |stream| layout::read_archive(stream, &self.store, context).context(failed))?,
            };
            let mut images = Vec::new();
            for image in loaded {
                images.extend(self.keep_loaded(&image)?);
            }
            Ok(images)
        })
    }

    fn with_stream<T>(
        &self,
        source: &LoadSource,
        read: impl FnOnce(&mut (dyn Read + Send)) -> Result<T, EngineError>,
    ) -> Result<T, EngineError> {
        match source {
            LoadSource::Path(path) => {
                let path = self.settings.absolute(path);
                let mut file =
                    File::open(&path).map_err(|source| EngineError::File { action: "read", path, source })?;
                read(&mut file)
            }
            LoadSource::Stream(StreamBytes(stream)) => {
                let mut stream = stream.lock().map_err(|_| EngineError::Request("the stream broke".to_owned()))?;
                read(&mut **stream)
            }
        }
    }

    /// Gives a loaded image its names; of an index the native image is taken.
    fn keep_loaded(&self, loaded: &Loaded) -> Result<Vec<ImageSummary>, EngineError> {
        let failed = || format!("cannot load the image {}", loaded.target.digest);
        let broken = |what: &str| EngineError::Request(format!("the image {} lacks its {what}", loaded.target.digest));
        let bytes = self.store.read_blob(&loaded.target.digest).context(failed)?.ok_or_else(|| broken("manifest"))?;
        let (descriptor, manifest) = match Target::parse(&bytes, Some(&loaded.target.media_type)).context(failed)? {
            Target::Manifest(manifest) => (loaded.target.clone(), manifest),
            Target::Index(index) => {
                let chosen =
                    index.select(&Platform::native()).ok_or_else(|| broken("image for this platform"))?.clone();
                let bytes = self.store.read_blob(&chosen.digest).context(failed)?.ok_or_else(|| broken("manifest"))?;
                (chosen, serde_json::from_slice::<Manifest>(&bytes).context(failed)?)
            }
        };
        let config = self.store.read_blob(&manifest.config.digest).context(failed)?.ok_or_else(|| broken("config"))?;
        let config: ImageConfig = serde_json::from_slice(&config).context(failed)?;
        for (diff_id, layer) in config.rootfs.diff_ids.iter().zip(&manifest.layers) {
            self.store.add_layer_blob(diff_id, FOREIGN, layer).context(failed)?;
        }
        let row = ImageRow {
            config: manifest.config.digest,
            manifest: Some(Descriptor { platform: None, ..descriptor }),
            source: Some(loaded.target.digest),
            annotations: manifest.annotations.clone(),
            created: (self.settings.clock)(),
        };
        self.name_row(&loaded.names, &row)
    }

    fn name_row(&self, names: &[Reference], row: &ImageRow) -> Result<Vec<ImageSummary>, EngineError> {
        let failed = || format!("cannot keep the image {}", row.config);
        if names.is_empty() {
            self.store.add_image(row).context(failed)?;
            return Ok(self.summary(None, row)?.into_iter().collect());
        }
        let mut images = Vec::new();
        for name in names {
            self.store.tag(name, row).context(failed)?;
            images.extend(self.summary(Some(name.clone()), row)?);
        }
        Ok(images)
    }

    /// Writes the merged tree of an image as one tar.
    ///
    /// # Errors
    /// When the image is not there, or the tar cannot be written.
    pub fn export(
        &self,
        image: &str,
        destination: &Destination,
        progress: &dyn Progress,
        cancel: &Cancel,
    ) -> Result<(), EngineError> {
        let _lease = self.store.lease().context(|| "cannot lock the local store".to_owned())?;
        let work = Work { progress, cancel };
        self.task(&work, &format!("exporting {image}"), |task| {
            let found = self.find_whole(image, task)?;
            let name = found.name.as_ref().map(ToString::to_string).unwrap_or_default();
            let view = self.layers_view(&name, &found.config.rootfs.diff_ids, task)?;
            self.export_tar(&view, destination, task)
        })
    }

    /// Writes a tree as one tar.
    pub(crate) fn export_tar(
        &self,
        view: &View,
        destination: &Destination,
        work: &TaskWork<'_>,
    ) -> Result<(), EngineError> {
        let failed = || "cannot write the file tree".to_owned();
        let root = self.snapshots.mount(view).context(failed)?;
        let context = work.layer(self.threads());
        self.write_to(destination, |out| containr_layer::rootfs::export_tar(root.as_fd(), out, context).context(failed))
    }

    /// Makes an image of one layer from a tar of a file tree and returns its id.
    ///
    /// # Errors
    /// When the tar is damaged or hostile, or a change is no instruction of its kind.
    pub fn import(
        &self,
        request: &ImportRequest,
        progress: &dyn Progress,
        cancel: &Cancel,
    ) -> Result<String, EngineError> {
        if let Some(change) = request.changes.first() {
            return Err(EngineError::Request(format!("--change {change} is not supported yet")));
        }
        let _lease = self.store.lease().context(|| "cannot lock the local store".to_owned())?;
        let name = request.name.as_deref().map(reference).transpose()?;
        let work = Work { progress, cancel };
        self.task(&work, "importing a file tree", |task| {
            let diff_id = self.with_stream(&request.source, |stream| self.import_layer(stream, task))?;
            let platform = Platform::native();
            let mut config =
                ImageConfig { architecture: platform.architecture, os: platform.os, ..ImageConfig::default() };
            config.created = Some(containr_oci::rfc3339((self.settings.clock)(), 0));
            config.rootfs.diff_ids.push(diff_id);
            config.history.push(containr_oci::History {
                created: config.created.clone(),
                created_by: Some("containr import".to_owned()),
                ..containr_oci::History::default()
            });
            let id = self.store.put_blob(&canonical(&config)).context(|| "cannot keep the config".to_owned())?;
            let row = ImageRow {
                config: id,
                manifest: None,
                source: None,
                annotations: Default::default(),
                created: (self.settings.clock)(),
            };
            self.name_row(&name.into_iter().collect::<Vec<_>>(), &row)?;
            Ok(id.to_string())
        })
    }
}

/// Returns a name in the same directory that nobody else uses.
fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    path.with_file_name(name)
}

/// Removes a file that was not finished.
struct Unfinished<'a>(&'a Path);

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(self.0);
    }
}
