//! What the local store knows of images: names, configs and sizes.

use containr_oci::{Index, Platform, Target};

use crate::error::Context as _;
use crate::image::{Found, reference};
use crate::{EngineError, Records};

/// What is known of an image of the local store.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImageFacts {
    /// Digest of what its name stands for at its registry, else of its manifest.
    pub digest: Option<String>,
    /// Bytes of the uncompressed layers, as far as they are known here, else of the compressed ones.
    pub size_bytes: u64,
    /// The number of its layers.
    pub layers: usize,
    /// The platforms that its index offers, else its own.
    pub platforms: Vec<String>,
    /// The user; empty for root.
    pub user: String,
    /// The working directory; empty for `/`.
    pub working_dir: String,
    /// The entry point.
    pub entrypoint: Vec<String>,
    /// The default command.
    pub cmd: Vec<String>,
    /// The environment, as `NAME=value`.
    pub env: Vec<String>,
    /// The ports, as `80/tcp`.
    pub ports: Vec<String>,
    /// RFC 3339 time at which it was made.
    pub created: Option<String>,
}

impl Records {
    /// Returns what is known of an image by its name; nothing of one that is not here for the platform.
    ///
    /// # Errors
    /// A name that is none, a platform that is none, or a store that cannot be read.
    pub fn image_facts(&self, name: &str, platform: Option<&str>) -> Result<Option<ImageFacts>, EngineError> {
        let name = reference(name)?;
        let platform = match platform {
            Some(text) => {
                text.parse().map_err(|error: containr_oci::PlatformError| EngineError::Request(error.to_string()))?
            }
            None => Platform::native(),
        };
        let Some(row) = self.store.image(&name).context(|| format!("cannot look up {name}"))? else { return Ok(None) };
        let Some(config) = self.config(&row)?.filter(|config| platform.accepts(&config.platform())) else {
            return Ok(None);
        };
        let found = Found { name: Some(name), row, config };
        Ok(Some(self.facts(found)?))
    }

    fn facts(&self, found: Found) -> Result<ImageFacts, EngineError> {
        let Found { row, config, .. } = found;
        let digest = row.source.or_else(|| row.manifest.as_ref().map(|manifest| manifest.digest));
        let size_bytes = self.summary(None, &row)?.map_or(0, |summary| summary.size_bytes);
        let mut platforms = row.source.map_or(Ok(Vec::new()), |source| self.offered(&source))?;
        if platforms.is_empty() {
            platforms.push(config.platform().to_string());
        }
        Ok(ImageFacts {
            digest: digest.map(|digest| digest.to_string()),
            size_bytes,
            layers: config.rootfs.diff_ids.len(),
            platforms,
            user: config.config.user,
            working_dir: config.config.working_dir,
            entrypoint: config.config.entrypoint.unwrap_or_default(),
            cmd: config.config.cmd.unwrap_or_default(),
            env: config.config.env,
            ports: config.config.exposed_ports.into_keys().collect(),
            created: config.created,
        })
    }

    /// Returns the platforms of an index that was kept; nothing for what is no index or is gone.
    fn offered(&self, source: &containr_oci::Digest) -> Result<Vec<String>, EngineError> {
        let failed = || format!("cannot read the index {source}");
        let Some(bytes) = self.store.read_blob(source).context(failed)? else { return Ok(Vec::new()) };
        let Ok(Target::Index(index)) = Target::parse(&bytes, None) else { return Ok(Vec::new()) };
        Ok(platforms(&index))
    }

    /// Returns the names of all images in their short form, sorted.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn image_names(&self) -> Result<Vec<String>, EngineError> {
        let rows = self.store.images().context(|| "cannot list images".to_owned())?;
        let mut names: Vec<String> = rows.into_iter().filter_map(|(name, _)| Some(name?.familiar())).collect();
        names.sort();
        Ok(names)
    }
}

impl Records {
    /// Returns the tags that the images of a repository have here, sorted.
    ///
    /// # Errors
    /// A name that is none, or a store that cannot be read.
    pub fn local_tags(&self, repository: &str) -> Result<Vec<String>, EngineError> {
        let wanted = reference(repository)?.name();
        let rows = self.store.images().context(|| "cannot list images".to_owned())?;
        let names = rows.into_iter().filter_map(|(name, _)| name).filter(|name| name.name() == wanted);
        let mut tags: Vec<String> = names.filter_map(|name| name.tag().map(str::to_owned)).collect();
        tags.sort();
        Ok(tags)
    }
}

/// Returns the platforms that an index offers, sorted.
pub(crate) fn platforms(index: &Index) -> Vec<String> {
    let platforms = index.manifests.iter().filter_map(|one| one.platform.as_ref());
    // Statements about images stand in an index under the platform `unknown`.
    let real = platforms.filter(|platform| platform.os != "unknown");
    let mut names: Vec<String> = real.map(ToString::to_string).collect();
    names.sort();
    names.dedup();
    names
}
