//! What can go wrong with the store.

use std::io;
use std::path::{Path, PathBuf};

use containr_oci::{Digest, DigestError};
use containr_progress::Cancelled;

use crate::IdError;

/// Why the store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The directory holds other things, so it is not taken over.
    #[error("{} is not empty and not a containr store", .0.display())]
    Foreign(PathBuf),
    /// The store was made by a version with another format.
    #[error("store {} has format {found}, this version reads format {expected}", path.display())]
    Version {
        /// The root of the store.
        path: PathBuf,
        /// The format found there.
        found: String,
        /// The format that this version reads and writes.
        expected: String,
    },
    /// The store is bound to a property (driver, id map) that is another one now.
    #[error("store was made with {name} `{bound}` and cannot be used with `{wanted}`")]
    Bound {
        /// The property.
        name: String,
        /// Its value when the store was made.
        bound: String,
        /// Its value now.
        wanted: String,
    },
    /// A file or directory of the store cannot be used.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was tried, as a verb.
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// The kernel's answer.
        source: io::Error,
    },
    /// The index does not answer.
    #[error("cannot use the index of the store")]
    Index(#[from] rusqlite::Error),
    /// A row of the index does not hold what it must.
    #[error("index of the store has a damaged row in `{table}`")]
    Row {
        /// The table.
        table: &'static str,
        /// What is wrong with it.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Bytes are not those that their name promises.
    #[error("blob {expected} has the content of {actual}")]
    Corrupt {
        /// The digest that was promised.
        expected: Box<Digest>,
        /// The digest of what came.
        actual: Box<Digest>,
    },
    /// Other processes use the store and waiting was not asked for.
    #[error("store is in use by {0} other leases")]
    InUse(usize),
    /// The work was cancelled.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

impl StoreError {
    /// Returns a closure that gives an I/O error its verb and path.
    pub(crate) fn io<E: Into<io::Error>>(action: &'static str, path: &Path) -> impl FnOnce(E) -> Self {
        move |source| Self::Io { action, path: path.to_owned(), source: source.into() }
    }

    /// Returns the error for a row of `table` that does not decode.
    pub(crate) fn row(table: &'static str, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Row { table, source: source.into() }
    }

    /// Returns whether the file system has no room left, which a user can change.
    pub fn is_full(&self) -> bool {
        let full =
            |error: &io::Error| matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
        match self {
            Self::Io { source, .. } => full(source),
            Self::Index(error) => error.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull),
            _ => false,
        }
    }
}

impl From<DigestError> for StoreError {
    fn from(error: DigestError) -> Self {
        Self::row("digest", error)
    }
}

impl From<IdError> for StoreError {
    fn from(error: IdError) -> Self {
        Self::row("delta", error)
    }
}
