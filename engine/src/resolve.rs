//! Finds out what a name stands for: in the local store, else at its registry. Layers stay where they are.

use std::io::Read as _;

use containr_oci::{Descriptor, ImageConfig, Manifest, Platform, Reference, Target};
use containr_registry::Resolved;
use containr_store::ImageRow;

use crate::build::PullPolicy;
use crate::error::Context as _;
use crate::image::Found;
use crate::work::TaskWork;
use crate::{Engine, EngineError};

/// Upper bound of a config in bytes; docker's and containerd's readers stop there too.
const CONFIG_BYTES: u64 = 8 << 20;

/// The codec name of layers that came from elsewhere.
pub(crate) const FOREIGN: &str = "foreign";

impl Engine {
    /// Returns the image that `name` stands for on `platform`, with its config; the name is known locally afterwards.
    pub(crate) fn resolve_image(
        &self,
        name: &Reference,
        platform: &Platform,
        policy: PullPolicy,
        work: &TaskWork<'_>,
    ) -> Result<Found, EngineError> {
        if policy != PullPolicy::Always
            && let Some(found) = self.known(name, platform, work)?
        {
            return Ok(found);
        }
        if policy == PullPolicy::Never {
            return Err(EngineError::NoImage(name.familiar()));
        }
        self.ask_registry(name, platform, work)
    }

    /// Returns the image from the local store when it is for the right platform.
    fn known(&self, name: &Reference, platform: &Platform, work: &TaskWork<'_>) -> Result<Option<Found>, EngineError> {
        let Some(row) = self.store.image(name).context(|| format!("cannot look up {name}"))? else { return Ok(None) };
        let Some(config) = self.whole_config(Some(name), &row, work)? else {
            // The registry may give the name to another image by now: only who asks for a pull gets that one.
            return Err(EngineError::Damaged { image: name.familiar(), blob: row.config });
        };
        let fits = platform.accepts(&config.platform());
        Ok(fits.then(|| Found { name: Some(name.clone()), row, config }))
    }

    fn ask_registry(&self, name: &Reference, platform: &Platform, work: &TaskWork<'_>) -> Result<Found, EngineError> {
        let failed = || format!("cannot find {name}");
        let context = work.registry();
        let registries = self.registries()?;
        let top: Resolved = registries.resolve(name, &context).context(failed)?;
        let source = self.store.put_blob(&top.bytes).context(failed)?;
        let (descriptor, manifest) =
            match Target::parse(&top.bytes, Some(&top.descriptor.media_type)).context(failed)? {
                Target::Manifest(manifest) => (top.descriptor, manifest),
                Target::Index(index) => {
                    let chosen = index.select(platform).ok_or_else(|| no_platform(name, platform, &index))?;
                    let bytes = registries.manifest(name, &chosen.digest, &context).context(failed)?;
                    self.store.put_blob(&bytes).context(failed)?;
                    match Target::parse(&bytes, Some(&chosen.media_type)).context(failed)? {
                        Target::Manifest(manifest) => {
                            (Descriptor::new(&chosen.media_type, chosen.digest, chosen.size), manifest)
                        }
                        Target::Index(_) => {
                            return Err(EngineError::Request(format!(
                                "{name} is an index of indexes, which is not supported"
                            )));
                        }
                    }
                }
            };
        let config = self.fetch_config(name, &manifest, work)?;
        self.know_layers(name, &manifest, &config)?;
        let row = ImageRow {
            config: manifest.config.digest,
            manifest: Some(descriptor),
            source: Some(source),
            annotations: manifest.annotations.clone(),
            created: (self.settings.clock)(),
        };
        self.store.tag(name, &row).context(failed)?;
        Ok(Found { name: Some(name.clone()), row, config })
    }

    fn fetch_config(
        &self,
        name: &Reference,
        manifest: &Manifest,
        work: &TaskWork<'_>,
    ) -> Result<ImageConfig, EngineError> {
        let failed = || format!("cannot fetch the config of {name}");
        if manifest.config.size > CONFIG_BYTES {
            return Err(EngineError::Request(format!(
                "the config of {name} has {} bytes, more than any image needs",
                manifest.config.size
            )));
        }
        let bytes = match self.store.read_blob(&manifest.config.digest).context(failed)? {
            Some(bytes) => bytes,
            None => {
                let mut bytes = Vec::new();
                let mut reader = self.registries()?.blob(name, &manifest.config, &work.registry()).context(failed)?;
                reader.read_to_end(&mut bytes).context(failed)?;
                self.store.put_blob(&bytes).context(failed)?;
                bytes
            }
        };
        let config: ImageConfig = serde_json::from_slice(&bytes).context(failed)?;
        if config.rootfs.diff_ids.len() != manifest.layers.len() {
            let (ids, layers) = (config.rootfs.diff_ids.len(), manifest.layers.len());
            return Err(EngineError::Request(format!(
                "{name} is no container image: its config names {ids} layers, its manifest {layers}"
            )));
        }
        Ok(config)
    }

    /// Records which compressed blob each layer has and where it can be had.
    fn know_layers(&self, name: &Reference, manifest: &Manifest, config: &ImageConfig) -> Result<(), EngineError> {
        let failed = || format!("cannot record where {name} comes from");
        self.store.add_remote(&manifest.config.digest, &name.name()).context(failed)?;
        for (diff_id, layer) in config.rootfs.diff_ids.iter().zip(&manifest.layers) {
            let failed = || format!("cannot record layer {}", layer.digest);
            self.store.add_layer_blob(diff_id, FOREIGN, layer).context(failed)?;
            self.store.add_remote(&layer.digest, &name.name()).context(failed)?;
        }
        Ok(())
    }
}

fn no_platform(name: &Reference, platform: &Platform, index: &containr_oci::Index) -> EngineError {
    let offered: Vec<String> = index
        .manifests
        .iter()
        .filter_map(|d| d.platform.as_ref())
        .filter(|p| p.os != "unknown")
        .map(ToString::to_string)
        .collect();
    EngineError::Request(format!("{name} has no image for {platform}; it has {}", offered.join(", ")))
}
