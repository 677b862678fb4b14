//! `pull`: an image with all its layers into the local store.

use containr_oci::{Platform, PlatformError};
use containr_progress::{Cancel, Progress};

use crate::build::PullPolicy;
use crate::error::Context as _;
use crate::image::{Found, reference};
use crate::work::Work;
use crate::{Engine, EngineError, ImageSummary};

impl Engine {
    /// Pulls an image for a platform (the native one by default) and unpacks its layers.
    ///
    /// # Errors
    /// When the name is none, the registry has no such image, or it breaks.
    pub fn pull(
        &self,
        (name, platform): (&str, Option<&str>),
        policy: PullPolicy,
        progress: &dyn Progress,
        cancel: &Cancel,
    ) -> Result<ImageSummary, EngineError> {
        let found = self.pull_found(name, platform, policy, &Work { progress, cancel })?;
        let summary = self.summary(found.name.clone(), &found.row)?;
        summary.ok_or_else(|| EngineError::NoImage(name.to_owned()))
    }

    /// Returns the image `name` with all its layers unpacked.
    pub(crate) fn pull_found(
        &self,
        name: &str,
        platform: Option<&str>,
        policy: PullPolicy,
        work: &Work<'_>,
    ) -> Result<Found, EngineError> {
        let _lease = self.store.lease().context(|| "cannot lock the local store".to_owned())?;
        let reference = reference(name)?;
        let platform = match platform {
            Some(text) => text.parse().map_err(|error: PlatformError| EngineError::Request(error.to_string()))?,
            None => Platform::native(),
        };
        self.task(work, &format!("pulling {}", reference.familiar()), |task| {
            let found = self.resolve_image(&reference, &platform, policy, task)?;
            self.layers_view(&reference.to_string(), &found.config.rootfs.diff_ids, task)?;
            Ok(found)
        })
    }
}
