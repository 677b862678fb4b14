//! What can go wrong with a registry.

use std::io;
use std::path::PathBuf;

use containr_http::HttpError;
use containr_oci::{Digest, ManifestError};
use containr_progress::Cancelled;

/// Why an operation on a registry failed; no message ever holds a credential.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// The registry gave no answer.
    #[error("cannot {operation} {reference}")]
    Http {
        /// What was tried, for example `pull the manifest of`.
        operation: &'static str,
        /// The image or blob.
        reference: String,
        /// The reason.
        source: HttpError,
    },
    /// The registry answered with an error.
    #[error("cannot {operation} {reference}: {host} answers {status}{detail}")]
    Status {
        /// What was tried.
        operation: &'static str,
        /// The image or blob.
        reference: String,
        /// Who answered.
        host: String,
        /// The HTTP status.
        status: u16,
        /// The registry's error codes and messages, beginning with a space, or nothing.
        detail: String,
    },
    /// The registry does not have it.
    #[error("{reference} is not in the registry {host}")]
    NotFound {
        /// The image or blob.
        reference: String,
        /// Who answered.
        host: String,
    },
    /// The registry wants other credentials, or some at all.
    #[error("{host} refuses access to {reference} ({credentials}){detail}")]
    Denied {
        /// The image or blob.
        reference: String,
        /// Who answered.
        host: String,
        /// Which credentials were used: `no credentials` or `user NAME from FILE`.
        credentials: String,
        /// The registry's error codes and messages, beginning with a space, or nothing.
        detail: String,
    },
    /// Bytes are not what their digest says.
    #[error("{what} from {host} is corrupt: expected {expected}, got {actual}")]
    Corrupt {
        /// `manifest` or `blob`.
        what: &'static str,
        /// Who sent it.
        host: String,
        /// The digest asked for or announced.
        expected: Box<Digest>,
        /// The digest of what came.
        actual: Box<Digest>,
    },
    /// Bytes are more or fewer than their descriptor says.
    #[error("blob {digest} from {host} has {actual} bytes instead of {expected}")]
    Size {
        /// The blob.
        digest: Digest,
        /// Who sent it.
        host: String,
        /// Bytes by the descriptor.
        expected: u64,
        /// Bytes by the answer; at least so many where it was cut short.
        actual: u64,
    },
    /// A manifest is none that is understood.
    #[error("cannot read the manifest of {reference}")]
    Manifest {
        /// The image.
        reference: String,
        /// The reason.
        source: ManifestError,
    },
    /// An answer breaks the protocol.
    #[error("{host} breaks the protocol: {problem}")]
    Protocol {
        /// Who answered.
        host: String,
        /// What is wrong.
        problem: &'static str,
    },
    /// The user's configuration forbids the registry.
    #[error("{reference} is blocked by {}", path.display())]
    Blocked {
        /// The image.
        reference: String,
        /// The file that says so.
        path: PathBuf,
    },
    /// A configuration or credential file cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// A configuration or credential file has a wrong shape; its text is not repeated, for it may hold secrets.
    #[error("{}:{line}: {problem}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, from 1; 0 for the file as a whole.
        line: usize,
        /// What is wrong.
        problem: &'static str,
    },
    /// A credential helper could not be run or failed.
    #[error("credential helper `{helper}` {problem}")]
    Helper {
        /// The program's name.
        helper: String,
        /// What is wrong.
        problem: &'static str,
        /// The reason, where there is one.
        source: Option<io::Error>,
    },
    /// The bytes to push are not those of their descriptor, or cannot be read.
    #[error("cannot read what is to be pushed as {digest}")]
    Source {
        /// The blob.
        digest: Digest,
        /// The reason.
        source: io::Error,
    },
    /// What was pulled cannot be written.
    #[error("cannot write the blob {digest}")]
    Sink {
        /// The blob.
        digest: Digest,
        /// The reason.
        source: io::Error,
    },
    /// The caller's token was set.
    #[error("cancelled")]
    Cancelled,
}

impl From<Cancelled> for RegistryError {
    fn from(_: Cancelled) -> Self {
        Self::Cancelled
    }
}

impl RegistryError {
    /// Returns whether the bytes that came are wrong, so that fetching them again may help.
    pub fn is_corrupt(&self) -> bool {
        matches!(self, Self::Corrupt { .. } | Self::Size { .. })
    }

    /// Returns whether the transport failed in a way that may pass.
    pub(crate) fn is_transient(&self) -> bool {
        matches!(self, Self::Http { source, .. } if source.is_transient())
    }

    /// Returns whether no other server should be asked instead.
    pub(crate) fn is_final(&self) -> bool {
        matches!(self, Self::Cancelled | Self::Sink { .. } | Self::Source { .. })
    }
}

/// Returns whether a read failed because the bytes of a blob are wrong.
pub fn is_corrupt(error: &io::Error) -> bool {
    error.get_ref().and_then(|inner| inner.downcast_ref::<RegistryError>()).is_some_and(RegistryError::is_corrupt)
}
