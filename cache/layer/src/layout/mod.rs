//! Images as files: OCI layouts (a directory or a tar), docker's archives, and reading all of them back.
//!
//! A docker archive is written as current docker writes it: an OCI layout with a `manifest.json` beside the index, so that
//! old and new readers find their way.

mod contents;
mod docker;
mod read;
mod write;

use containr_oci::{Descriptor, Reference};

pub use docker::without_zstd;
pub use read::{Loaded, read_archive, read_directory};
pub use write::{write_docker_archive, write_oci_archive, write_oci_directory};

/// An image of the store that is to be written.
#[derive(Debug, Clone)]
pub struct ImageToWrite {
    /// Its manifest or index, which is a blob of the store as are all that it leads to.
    pub target: Descriptor,
    /// Its names; without one it is found by its digest only.
    pub names: Vec<Reference>,
}

/// The annotation that holds a full name, as containerd and docker write it.
const FULL_NAME: &str = "io.containerd.image.name";
/// The annotation that holds a name within a layout: a tag, mostly.
const REF_NAME: &str = "org.opencontainers.image.ref.name";
/// The file that makes a directory a layout.
const LAYOUT: &str = "oci-layout";
/// Its content.
const LAYOUT_CONTENT: &[u8] = br#"{"imageLayoutVersion":"1.0.0"}"#;
/// The entry point of a layout.
const INDEX: &str = "index.json";
/// The entry point of a docker archive.
const DOCKER_MANIFEST: &str = "manifest.json";
