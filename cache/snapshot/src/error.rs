//! What can go wrong with trees.

use std::io;

use containr_store::DeltaId;
use containr_tree::ListingError;

/// Why a tree could not be given.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// A delta is not in the store any more.
    #[error("delta {0} is not in the store")]
    Missing(DeltaId),
    /// Overlay mounts were asked for and do not work here.
    #[error("overlay mounts do not work in {0}")]
    NoOverlay(String),
    /// A delta's listing cannot be used.
    #[error("cannot use the listing of delta {delta}")]
    Listing {
        /// The delta.
        delta: DeltaId,
        /// What is wrong with it.
        source: ListingError,
    },
    /// The kernel refused something.
    #[error("cannot {action} `{path}`")]
    Io {
        /// What was tried, as a verb.
        action: &'static str,
        /// What it was tried with.
        path: String,
        /// The kernel's answer.
        source: io::Error,
    },
}

impl SnapshotError {
    /// Returns a closure that gives an I/O error its verb and object.
    pub(crate) fn io<E: Into<io::Error>>(action: &'static str, path: impl ToString) -> impl FnOnce(E) -> Self {
        move |source| Self::Io { action, path: path.to_string(), source: source.into() }
    }

    /// Returns whether the file system has no room left.
    pub fn is_full(&self) -> bool {
        matches!(self, Self::Io { source, .. }
            if matches!(source.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded))
    }
}
