//! What registries say of images, for whoever only wants to know: nothing is kept, and no state is opened.

use std::io::Read as _;

use containr_oci::{ImageConfig, Manifest, Reference, Target};
use containr_progress::{Cancel, Progress, TaskId};
use containr_registry::{Context, Registries, RegistryError};

use crate::error::Context as _;
use crate::image::reference;
use crate::registries::client_settings;
use crate::{EngineError, Settings};

/// Upper bound of a config in bytes.
const CONFIG_BYTES: u64 = 8 << 20;

/// What a registry says of an image.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RemoteFacts {
    /// The digest that the name means now: of an index where there is one.
    pub digest: String,
    /// The platforms that the image is there for.
    pub platforms: Vec<String>,
}

/// Asks registries about images, with the user's credentials.
pub struct RegistryInquiry {
    registries: Registries,
}

impl RegistryInquiry {
    /// Reads the configuration of the registries.
    ///
    /// # Errors
    /// A configuration file cannot be read or has a wrong shape.
    pub fn new(settings: &Settings) -> Result<Self, EngineError> {
        let registries = Registries::new(client_settings(settings));
        Ok(Self { registries: registries.context(|| "cannot set up the registry client".to_owned())? })
    }

    /// Asks about an image; nothing where the registry says that it has none.
    ///
    /// # Errors
    /// The name is none, or nobody could be asked.
    pub fn ask(
        &self,
        name: &str,
        progress: &dyn Progress,
        cancel: &Cancel,
    ) -> Result<Option<RemoteFacts>, EngineError> {
        let failed = || format!("cannot ask about {name}");
        let reference = reference(name)?;
        let context = Context { progress, task: TaskId::next(), cancel };
        let found = match self.registries.resolve(&reference, &context) {
            Err(RegistryError::NotFound { .. }) => return Ok(None),
            found => found.context(failed)?,
        };
        let platforms = match Target::parse(&found.bytes, Some(&found.descriptor.media_type)).context(failed)? {
            Target::Index(index) => {
                let platforms = index.manifests.iter().filter_map(|one| one.platform.as_ref());
                platforms.filter(|one| one.os != "unknown").map(ToString::to_string).collect()
            }
            Target::Manifest(manifest) => vec![self.platform(&reference, &manifest, &context)?],
        };
        Ok(Some(RemoteFacts { digest: found.descriptor.digest.to_string(), platforms }))
    }

    /// Returns the platform of a single image out of its config.
    fn platform(&self, name: &Reference, manifest: &Manifest, context: &Context<'_>) -> Result<String, EngineError> {
        let failed = || format!("cannot fetch the config of {name}");
        let mut bytes = Vec::new();
        let reader = self.registries.blob(name, &manifest.config, context).context(failed)?;
        reader.take(CONFIG_BYTES).read_to_end(&mut bytes).context(failed)?;
        let config: ImageConfig = serde_json::from_slice(&bytes).context(failed)?;
        Ok(config.platform().to_string())
    }
}
