//! Images of the local store: list, name, unname, look into.

use std::collections::BTreeMap;

use containr_oci::{Digest, ImageConfig, Manifest, Reference};
use containr_store::ImageRow;
use serde_json::{Value, json};

use crate::error::Context as _;
use crate::{EngineError, Records};

/// One line of a list of images.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageSummary {
    /// The name in its short form, when it has one.
    pub name: Option<String>,
    /// Digest of the config.
    pub id: String,
    /// RFC 3339 time at which it was made, as its config says.
    pub created: Option<String>,
    /// Bytes of the uncompressed layers, as far as they are known here, else of the compressed ones.
    pub size_bytes: u64,
}

/// What is done about a name that is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// It is an error.
    Fail,
    /// Nothing.
    Ignore,
}

/// An image that was found, with all that describes it.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub(crate) name: Option<Reference>,
    pub(crate) row: ImageRow,
    pub(crate) config: ImageConfig,
}

impl Records {
    /// Returns all images, those with a name first and by name.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn images(&self) -> Result<Vec<ImageSummary>, EngineError> {
        let rows = self.store.images().context(|| "cannot list images".to_owned())?;
        rows.into_iter().filter_map(|(name, row)| self.summary(name, &row).transpose()).collect()
    }

    /// Gives the image that `image` names or whose id begins with it another name.
    ///
    /// # Errors
    /// When there is no such image, or the new name is none.
    pub fn tag(&self, image: &str, name: &str) -> Result<(), EngineError> {
        let name = reference(name)?;
        let found = self.find(image)?;
        self.store.tag(&name, &found.row).context(|| format!("cannot name {name}"))
    }

    /// Takes a name away, or all names of an id, and returns those that are gone; what then has no name goes with the next prune.
    ///
    /// # Errors
    /// When there is no such image and that is not to be ignored.
    pub fn remove_image(&self, image: &str, missing: Missing) -> Result<Vec<String>, EngineError> {
        let failed = || format!("cannot remove {image}");
        if let Ok(name) = image.parse::<Reference>()
            && self.store.untag(&name).context(failed)?.is_some()
        {
            return Ok(vec![name.familiar()]);
        }
        let rows = self.store.image_by_id(image).context(failed)?;
        if rows.is_empty() && missing == Missing::Fail {
            return Err(EngineError::NoImage(image.to_owned()));
        }
        self.one_id(image, &rows)?;
        let mut gone = Vec::new();
        for (name, row) in rows {
            match name {
                Some(name) => {
                    self.store.untag(&name).context(failed)?;
                    gone.push(name.familiar());
                }
                None => {
                    self.store.remove_unnamed(&row.config).context(failed)?;
                    gone.push(row.config.to_string());
                }
            }
        }
        Ok(gone)
    }

    /// Returns config, manifest and names of an image as JSON in docker's shape where docker has the field.
    ///
    /// # Errors
    /// When there is no such image or its data is damaged.
    pub fn inspect(&self, image: &str) -> Result<Value, EngineError> {
        let Found { row, config, .. } = self.find(image)?;
        let names: Vec<String> = self
            .store
            .image_by_id(&row.config.hex())
            .context(|| format!("cannot look up {image}"))?
            .into_iter()
            .filter_map(|(name, _)| Some(name?.familiar()))
            .collect();
        Ok(json!({
            "Id": row.config,
            "RepoTags": names,
            "RepoDigests": self.repository_digests(&row, image),
            "Descriptor": row.manifest,
            "Created": config.created,
            "Author": config.author,
            "Architecture": config.architecture,
            "Variant": config.variant,
            "Os": config.os,
            "Size": self.size(&row, &config)?,
            "Config": config.config,
            "RootFS": { "Type": "layers", "Layers": config.rootfs.diff_ids },
            "Annotations": row.annotations,
            "History": config.history,
        }))
    }

    fn repository_digests(&self, row: &ImageRow, image: &str) -> Vec<String> {
        let digest = row.source.or_else(|| row.manifest.as_ref().map(|manifest| manifest.digest));
        match (digest, image.parse::<Reference>()) {
            (Some(digest), Ok(name)) if self.store.image(&name).ok().flatten().is_some() => {
                vec![name.with_digest(digest).familiar()]
            }
            _ => Vec::new(),
        }
    }

    /// Returns the image with this name, else the one whose id begins with it.
    pub(crate) fn find(&self, image: &str) -> Result<Found, EngineError> {
        let (name, row) = self.find_row(image)?;
        let config = self.config(&row)?;
        let config = config.ok_or_else(|| EngineError::Damaged { image: image.to_owned(), blob: row.config })?;
        Ok(Found { name, row, config })
    }

    /// Returns the row of the image with this name, else of the one whose id begins with it, and its name.
    pub(crate) fn find_row(&self, image: &str) -> Result<(Option<Reference>, ImageRow), EngineError> {
        let failed = || format!("cannot look up {image}");
        let mut found = None;
        if let Ok(name) = image.parse::<Reference>() {
            found = self.store.image(&name).context(failed)?.map(|row| (Some(name), row));
        }
        if found.is_none() {
            let rows = self.store.image_by_id(image).context(failed)?;
            self.one_id(image, &rows)?;
            found = rows.into_iter().next();
        }
        found.ok_or_else(|| EngineError::NoImage(image.to_owned()))
    }

    /// Refuses a short id that several images share.
    fn one_id(&self, image: &str, rows: &[(Option<Reference>, ImageRow)]) -> Result<(), EngineError> {
        let ids: BTreeMap<Digest, ()> = rows.iter().map(|(_, row)| (row.config, ())).collect();
        if ids.len() > 1 {
            return Err(EngineError::Request(format!(
                "`{image}` is the beginning of {} image ids; give more digits",
                ids.len()
            )));
        }
        Ok(())
    }

    /// Returns an image's config, or nothing when its blob is gone or damaged.
    pub(crate) fn config(&self, row: &ImageRow) -> Result<Option<ImageConfig>, EngineError> {
        let failed = || format!("cannot read the config {}", row.config);
        match self.store.read_blob(&row.config).context(failed)? {
            Some(bytes) => Ok(Some(serde_json::from_slice(&bytes).context(failed)?)),
            None => Ok(None),
        }
    }

    /// Returns the manifest that an image was pulled or exported with, when its bytes are here.
    pub(crate) fn manifest(&self, row: &ImageRow) -> Result<Option<Manifest>, EngineError> {
        let Some(descriptor) = &row.manifest else { return Ok(None) };
        let failed = || format!("cannot read the manifest {}", descriptor.digest);
        match self.store.read_blob(&descriptor.digest).context(failed)? {
            Some(bytes) => Ok(Some(serde_json::from_slice(&bytes).context(failed)?)),
            None => Ok(None),
        }
    }

    pub(crate) fn summary(&self, name: Option<Reference>, row: &ImageRow) -> Result<Option<ImageSummary>, EngineError> {
        let Some(config) = self.config(row)? else { return Ok(None) };
        Ok(Some(ImageSummary {
            name: name.map(|name| name.familiar()),
            id: row.config.to_string(),
            size_bytes: self.size(row, &config)?,
            created: config.created,
        }))
    }

    fn size(&self, row: &ImageRow, config: &ImageConfig) -> Result<u64, EngineError> {
        let mut size = 0;
        for diff_id in &config.rootfs.diff_ids {
            match self.store.layer(diff_id).context(|| format!("cannot look up layer {diff_id}"))? {
                Some(layer) => size += layer.size,
                None => {
                    return Ok(self
                        .manifest(row)?
                        .map_or(0, |manifest| manifest.layers.iter().map(|layer| layer.size).sum()));
                }
            }
        }
        Ok(size)
    }
}

/// Reads an image name that the user gave.
pub(crate) fn reference(text: &str) -> Result<Reference, EngineError> {
    text.parse().map_err(|error: containr_oci::ReferenceError| EngineError::Request(error.to_string()))
}
