//! Blobs from a registry to a reader, across cuts, stalls, dead tokens and dying mirrors.

mod reader;

use std::io::{self, Read as _, Seek, SeekFrom, Write};

use containr_oci::{Descriptor, Reference};

use crate::context::Context;
use crate::error::RegistryError;
use crate::registries::Registries;

pub use reader::BlobReader;

/// Bytes copied at a time.
const PIECE_BYTES: usize = 128 << 10;

impl Registries {
    /// Opens a blob for reading while it is downloaded.
    ///
    /// The reader goes on by itself after a cut and fails at the end when size or digest are wrong (see
    /// [`crate::is_corrupt`]): what was read must not become visible before it has returned 0.
    ///
    /// # Errors
    /// Nobody has the blob, or access is denied.
    pub fn blob<'a>(
        &'a self,
        reference: &Reference,
        blob: &Descriptor,
        context: &Context<'a>,
    ) -> Result<BlobReader<'a>, RegistryError> {
        let endpoints = self.endpoints(&reference.with_digest(blob.digest), crate::hosts::Purpose::Pull)?;
        BlobReader::open(self, endpoints, blob, context)
    }

    /// Copies a blob to `sink` from its start, checks it, and fetches it once more where it is wrong: from the next server
    /// when there are mirrors, else from the same.
    ///
    /// # Errors
    /// As [`Self::blob`]; also when the second copy is wrong as well, or the sink fails.
    pub fn fetch_blob_to<S: Write + Seek>(
        &self,
        reference: &Reference,
        blob: &Descriptor,
        sink: &mut S,
        context: &Context<'_>,
    ) -> Result<(), RegistryError> {
        let mut endpoints = self.endpoints(&reference.with_digest(blob.digest), crate::hosts::Purpose::Pull)?;
        let mut reader = BlobReader::open(self, endpoints.clone(), blob, context)?;
        match copy(&mut reader, sink, blob) {
            Err(error) if error.is_corrupt() => {
                context.warn(format!("{error}; fetching it again"));
                let bad = reader.server();
                if let Some(at) = endpoints.iter().position(|e| e.authority() == bad).filter(|_| endpoints.len() > 1) {
                    endpoints.remove(at);
                }
                copy(&mut BlobReader::open(self, endpoints, blob, context)?, sink, blob)
            }
            done => done,
        }
    }
}

fn copy<S: Write + Seek>(reader: &mut BlobReader<'_>, sink: &mut S, blob: &Descriptor) -> Result<(), RegistryError> {
    let failed = |source| RegistryError::Sink { digest: blob.digest, source };
    sink.seek(SeekFrom::Start(0)).map_err(failed)?;
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        match reader.read(&mut piece).map_err(into_registry)? {
            0 => return sink.flush().map_err(failed),
            size => sink.write_all(&piece[..size]).map_err(failed)?,
        }
    }
}

fn into_registry(error: io::Error) -> RegistryError {
    error.downcast().expect("the reader's errors are all of this room")
}
