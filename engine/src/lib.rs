//! Opens the local state and wires the rooms into use cases: build, pull, push, run, prune.
//!
//! Every use case is a method of [`Engine`] that takes a request of plain data, reports events and returns a value. Nothing here
//! prints or reads clock, environment or working directory: the caller hands them in as [`Settings`].

mod archive;
mod blobs;
mod build;
mod doctor;
mod error;
mod fetch;
mod hosts;
mod image;
mod keep;
mod keeper;
mod pull;
mod pump;
mod push;
mod registries;
mod resolve;
mod run;
mod sandbox;
mod settings;
mod work;

use std::num::NonZeroUsize;
use std::sync::OnceLock;

use containr_registry::Registries;
use containr_sandbox::{IdFacts, Ids};
use containr_snapshot::{DriverChoice, SnapshotPaths, Snapshots};
use containr_store::{Store, StoreOptions};

use crate::error::Context as _;

pub use archive::{ImportRequest, LoadSource};
pub use build::{
    ArchiveForm, BuildReport, BuildRequest, CompressionChoice, ContextSource, Destination, Explain, IsolationChoice,
    NoCache, Output, PullPolicy, Reproducible, StreamBytes, TextSource,
};
pub use containr_graph::{Limit, Network};
pub use containr_oci::rfc3339;
pub use doctor::Finding;
pub use error::{BuildError, Cause, EngineError, Problem};
pub use image::{ImageSummary, Missing};
pub use keep::{PruneRequest, UsageRow};
pub use run::{RunRequest, VolumeAccess, VolumeMount};
pub use settings::Settings;

/// The local state and what works on it.
pub struct Engine {
    settings: Settings,
    ids: Ids,
    store: Store,
    snapshots: Snapshots,
    registries: OnceLock<Registries>,
    layer_locks: fetch::LayerLocks,
    keeper: keeper::Keeper,
}

impl Engine {
    /// Opens the state; makes what is missing.
    ///
    /// Who is not root enters a user namespace here, which only a process with one thread can do.
    ///
    /// # Errors
    /// When the root belongs to something else or cannot be written.
    pub fn open(settings: Settings) -> Result<Self, EngineError> {
        let failed = || format!("cannot open the state in {}", settings.root.display());
        let ids = enter()?;
        let options = StoreOptions { boot_id: settings.boot_id.clone(), now: settings.clock };
        let store = Store::open(&settings.root, &options).context(failed)?;
        let snapshots = Snapshots::open(&SnapshotPaths::from(&store), DriverChoice::Probe).context(failed)?;
        Ok(Self {
            settings,
            ids,
            store,
            snapshots,
            registries: OnceLock::new(),
            layer_locks: fetch::LayerLocks::default(),
            keeper: keeper::Keeper::default(),
        })
    }

    /// Returns what the caller has read of its surroundings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Returns how many threads parallel work may use.
    pub(crate) fn threads(&self) -> NonZeroUsize {
        NonZeroUsize::new(self.settings.threads).unwrap_or(NonZeroUsize::MIN)
    }
}

/// Gets the ids that trees and steps need.
fn enter() -> Result<Ids, EngineError> {
    let failed = || "cannot get the user ids that images need".to_owned();
    IdFacts::read().context(failed)?.decide().carry_out().context(failed)
}
