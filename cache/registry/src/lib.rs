//! Speaks the distribution protocol as client: resolves references, pulls and pushes manifests and blobs.
//!
//! Every call blocks and may be made from several threads at once. What goes wrong on the way is mended where the protocol
//! allows it: cuts are resumed in both directions, dead tokens renewed, busy servers waited for. Content is always checked
//! against its digest. A push makes nothing visible before [`Registries::push_manifest`], which the caller does last.

mod auth;
mod context;
mod error;
mod hosts;
mod manifest;
mod pull;
mod push;
mod registries;
mod session;
mod settings;
mod tags;

pub use auth::credential::{Credential, Secret};
pub use auth::helper::Helpers;
pub use context::Context;
pub use error::{RegistryError, is_corrupt};
pub use manifest::{MOST_MANIFEST_BYTES, Resolved};
pub use pull::BlobReader;
pub use push::{BlobSource, Pushed};
pub use registries::Registries;
pub use settings::Settings;
