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

use std::sync::OnceLock;

use containr_registry::Registries;
use containr_snapshot::Snapshots;
use containr_store::Store;

pub use archive::{ImportRequest, LoadSource};
pub use build::{
    ArchiveForm, BuildReport, BuildRequest, CompressionChoice, ContextSource, Destination, Explain, IsolationChoice, NoCache, Output, PullPolicy,
    Reproducible, StreamBytes, TextSource,
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
    store: Store,
    snapshots: Snapshots,
    registries: OnceLock<Registries>,
    layer_locks: fetch::LayerLocks,
    keeper: keeper::Keeper,
}
