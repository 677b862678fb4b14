//! Opens the local state and wires the rooms into use cases: build, pull, push, run, prune.
//!
//! Every use case is a method of [`Engine`] that takes a request of plain data, reports events and returns a value. Nothing here
//! prints or reads clock, environment or working directory: the caller hands them in as [`Settings`].

mod archive;
mod blobs;
mod build;
mod doctor;
mod error;
mod facts;
mod fetch;
mod footing;
mod heal;
mod hint;
mod hosts;
mod image;
mod inquiry;
mod keep;
mod keeper;
mod lent;
mod pull;
mod pump;
mod push;
mod records;
mod registries;
mod resolve;
mod run;
mod sandbox;
mod settings;
mod work;

use std::num::NonZeroUsize;
use std::ops::Deref;
use std::sync::OnceLock;

use containr_registry::Registries;
use containr_sandbox::{Ids, LauncherOptions};
use containr_snapshot::Snapshots;

pub use archive::{ImportRequest, LoadSource};
pub use build::{
    ArchiveForm, BuildReport, BuildRequest, CheckRemark, CompressionChoice, ContextSource, Destination, Explain,
    IsolationChoice, NoCache, Output, PullPolicy, Reproducible, StepOutlook, StepRecord, StreamBytes, SurveyRequest,
    TextSource, check_settings, read_dockerfile,
};
pub use containr_graph::{Limit, Network};
pub use containr_oci::rfc3339;
pub use doctor::{Finding, doctor};
pub use error::{BuildError, Cause, EngineError, Problem};
pub use facts::ImageFacts;
pub use image::{ImageSummary, Missing};
pub use inquiry::{Inquiry, Patience, RemoteFacts};
pub use keep::{PruneRequest, UsageRow};
pub use records::Records;
pub use run::{RunRequest, VolumeAccess, VolumeMount};
pub use settings::Settings;

/// The local state and what works on it: the records, and the trees with the ids that they need.
pub struct Engine {
    records: Records,
    ids: Ids,
    snapshots: Snapshots,
    registries: OnceLock<Registries>,
    layer_locks: fetch::LayerLocks,
    keeper: keeper::Keeper,
}

/// The ids that trees and commands need, and what runs commands.
pub struct Footing {
    ids: Ids,
    keeper: keeper::Keeper,
}

impl Footing {
    /// Gets the ids, for who will certainly run a command: what runs commands starts while the caller goes on, and ends with the
    /// thread that calls this.
    ///
    /// # Errors
    /// As [`Engine::open`] for the ids, and when commands cannot be run so here.
    pub fn to_run(isolation: IsolationChoice) -> Result<Self, EngineError> {
        let (ids, keeper) = (footing::enter()?, keeper::Keeper::default());
        let isolation = isolation.into();
        let begun = keeper.begin(LauncherOptions { ids, isolation });
        begun.map_err(|error| footing::no_sandbox(error, isolation))?;
        Ok(Self { ids, keeper })
    }
}

impl Deref for Engine {
    type Target = Records;

    fn deref(&self) -> &Records {
        &self.records
    }
}

impl Engine {
    /// Opens the state; makes what is missing.
    ///
    /// Who is not root enters a user namespace here, which only a process with one thread can do.
    ///
    /// # Errors
    /// When the root belongs to something else, was made with other ids or another driver, or cannot be written;
    /// [`EngineError::Refused`] when no ids can be had.
    pub fn open(settings: Settings) -> Result<Self, EngineError> {
        Self::open_on(Footing { ids: footing::enter()?, keeper: keeper::Keeper::default() }, settings)
    }

    /// Opens the state with ids that were got before; makes what is missing.
    ///
    /// # Errors
    /// As [`Engine::open`].
    pub fn open_on(footing: Footing, settings: Settings) -> Result<Self, EngineError> {
        let Footing { ids, keeper } = footing;
        let records = Records::open(settings)?;
        footing::check_ids(&records.store)?;
        let snapshots = footing::open_trees(&records.store, &records.settings, ids)?;
        Ok(Self {
            records,
            ids,
            snapshots,
            registries: OnceLock::new(),
            layer_locks: fetch::LayerLocks::default(),
            keeper,
        })
    }

    /// Returns how many threads parallel work may use.
    pub(crate) fn threads(&self) -> NonZeroUsize {
        NonZeroUsize::new(self.settings.threads).unwrap_or(NonZeroUsize::MIN)
    }
}
