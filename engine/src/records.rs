//! The part of the state that needs no user ids: what is recorded of images, without the trees.

use containr_store::{Store, StoreOptions};

use crate::error::Context as _;
use crate::{EngineError, Settings};

/// The index and the blobs of the local state; opening them enters no namespace.
pub struct Records {
    pub(crate) settings: Settings,
    pub(crate) store: Store,
}

impl Records {
    /// Opens the records; makes what is missing.
    ///
    /// # Errors
    /// When the root belongs to something else or cannot be written.
    pub fn open(settings: Settings) -> Result<Self, EngineError> {
        let options = StoreOptions { boot_id: settings.boot_id.clone(), now: settings.clock };
        let store = Store::open(&settings.root, &options);
        let store = store.context(|| format!("cannot open the state in {}", settings.root.display()))?;
        Ok(Self { settings, store })
    }

    /// Opens the records with the ids that own the trees, for measuring and removing those; a store of other ids is not refused.
    ///
    /// Who is not root enters a user namespace here, which only a process with one thread can do.
    ///
    /// # Errors
    /// As [`Records::open`], and [`EngineError::Refused`] when no ids can be had.
    pub fn open_with_ids(settings: Settings) -> Result<Self, EngineError> {
        crate::footing::enter()?;
        Self::open(settings)
    }

    /// Returns what the caller has read of its surroundings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }
}
