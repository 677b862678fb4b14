//! Digests, references, platforms, image data and their canonical bytes.
//!
//! Other people's configs and manifests are kept as raw bytes beside these types; the types only read what containr needs
//! and carry unknown fields along.

mod config;
mod descriptor;
mod digest;
mod manifest;
mod platform;
mod reference;
mod time;

pub use config::{ContainerConfig, Healthcheck, History, ImageConfig, RootFs};
pub use descriptor::{Descriptor, media};
pub use digest::{Algorithm, Digest, DigestError, Hasher};
pub use manifest::{Index, Manifest, ManifestError, Target};
pub use platform::{Platform, PlatformError};
pub use reference::{DEFAULT_REGISTRY, Reference, ReferenceError};
pub use time::{parse_rfc3339, rfc3339};

/// Returns the canonical JSON bytes of a value: fields in declaration order, maps sorted, no white space.
///
/// Shapes in this room cannot fail to serialize: all map keys are strings and no float occurs.
pub fn canonical<T: serde::Serialize>(value: &T) -> Vec<u8> {
    serde_json::to_vec(value).expect("string keys and no floats always serialize")
}
