//! What registries say of images, for whoever only wants to know: nothing is kept, and no state is opened.

use std::io::Read as _;
use std::time::Duration;

use containr_oci::{Digest, ImageConfig, Manifest, Platform, Reference, Target};
use containr_progress::{Cancel, Silent, TaskId};
use containr_registry::{Context, Registries, RegistryError};

use crate::error::Context as _;
use crate::facts::platforms;
use crate::image::reference;
use crate::registries::{client_settings, open};
use crate::{EngineError, Settings};

/// Upper bound of a config in bytes.
const CONFIG_BYTES: u64 = 8 << 20;
/// How long a registry may stay silent while someone waits with a cursor.
const MOMENT: Duration = Duration::from_secs(5);

/// What a registry says of an image.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RemoteFacts {
    /// The digest that the name means now: of an index where there is one.
    pub digest: String,
    /// The platforms that the image is there for, sorted.
    pub platforms: Vec<String>,
    /// The environment on the native platform, as `NAME=value`; nothing where the image is not there for it.
    pub env: Vec<String>,
}

/// Says how long an answer may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// As long as a pull would wait for it.
    Command,
    /// A moment: someone waits with a cursor, and no answer is better than a late one.
    Cursor,
}

/// Asks registries with the user's credentials; nothing is pulled or kept.
pub struct Inquiry {
    registries: Registries,
}

impl Inquiry {
    /// Reads the configuration of registries; opens no connection.
    ///
    /// # Errors
    /// A configuration file that cannot be read or has a wrong shape.
    pub fn new(settings: &Settings, patience: Patience) -> Result<Self, EngineError> {
        let mut client = client_settings(settings);
        if patience == Patience::Cursor {
            client.tries = 1;
            client.idle_timeout = MOMENT;
        }
        Ok(Self { registries: open(client)? })
    }

    /// Returns what a registry says of an image; nothing where it says that it has none.
    ///
    /// # Errors
    /// A name that is none, or nobody could be asked.
    pub fn image(&self, name: &str, cancel: &Cancel) -> Result<Option<RemoteFacts>, EngineError> {
        let failed = || format!("cannot ask about {name}");
        let name = reference(name)?;
        let context = context(cancel);
        let found = match self.registries.resolve(&name, &context) {
            Err(RegistryError::NotFound { .. }) => return Ok(None),
            found => found.context(failed)?,
        };
        let digest = found.descriptor.digest.to_string();
        match Target::parse(&found.bytes, Some(&found.descriptor.media_type)).context(failed)? {
            Target::Manifest(manifest) => {
                let config = self.config(&name, &manifest, &context)?;
                Ok(Some(RemoteFacts { digest, platforms: vec![config.platform().to_string()], env: config.config.env }))
            }
            Target::Index(index) => {
                let native = Platform::native();
                let mut of_platform = index.manifests.iter();
                let ours = of_platform.find(|one| one.platform.as_ref().is_some_and(|one| native.accepts(one)));
                let env = match ours {
                    Some(manifest) => self.environment(&name, &manifest.digest, &context)?,
                    None => Vec::new(),
                };
                Ok(Some(RemoteFacts { digest, platforms: platforms(&index), env }))
            }
        }
    }

    fn environment(
        &self,
        name: &Reference,
        manifest: &Digest,
        context: &Context<'_>,
    ) -> Result<Vec<String>, EngineError> {
        let failed = || format!("cannot ask about {name}");
        let found = self.registries.resolve(&name.with_digest(*manifest), context).context(failed)?;
        match Target::parse(&found.bytes, Some(&found.descriptor.media_type)).context(failed)? {
            Target::Manifest(manifest) => Ok(self.config(name, &manifest, context)?.config.env),
            Target::Index(_) => Ok(Vec::new()),
        }
    }

    fn config(&self, name: &Reference, manifest: &Manifest, context: &Context<'_>) -> Result<ImageConfig, EngineError> {
        let failed = || format!("cannot fetch the config of {name}");
        let mut bytes = Vec::new();
        let reader = self.registries.blob(name, &manifest.config, context).context(failed)?;
        reader.take(CONFIG_BYTES).read_to_end(&mut bytes).context(failed)?;
        serde_json::from_slice(&bytes).context(failed)
    }

    /// Lists the tags of a repository, sorted.
    ///
    /// # Errors
    /// A name that is none, or a registry that cannot be asked or refuses.
    pub fn tags(&self, repository: &str, cancel: &Cancel) -> Result<Vec<String>, EngineError> {
        let name = reference(repository)?;
        let tags = self.registries.tags(&name, &context(cancel));
        tags.context(|| format!("cannot list the tags of {name}"))
    }

    /// Returns the digest that a name stands for now.
    ///
    /// # Errors
    /// A name that is none, or a registry that cannot be asked, refuses or has no such image.
    pub fn digest(&self, name: &str, cancel: &Cancel) -> Result<String, EngineError> {
        let name: Reference = reference(name)?;
        let failed = || format!("cannot find {name}");
        let context = context(cancel);
        if let Some(digest) = self.registries.current(&name, &context).context(failed)? {
            return Ok(digest.to_string());
        }
        Ok(self.registries.resolve(&name, &context).context(failed)?.descriptor.digest.to_string())
    }
}

fn context(cancel: &Cancel) -> Context<'_> {
    Context { progress: &Silent, task: TaskId::next(), cancel }
}
