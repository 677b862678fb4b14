//! What can go wrong between a tree and a layer.

use std::io;

use containr_oci::Digest;
use containr_progress::Cancelled;
use containr_tree::{ListingError, TreePath};

use crate::tar::TarError;

/// Why a layer could not be made, read or moved.
#[derive(Debug, thiserror::Error)]
pub enum LayerError {
    /// An operation on one file of a tree failed.
    #[error("cannot {action} {path}")]
    File {
        /// What was tried, for example `read` or `make the directory`.
        action: &'static str,
        /// The file.
        path: TreePath,
        /// The system's answer.
        source: io::Error,
    },
    /// A file had another size or type than its listing says.
    #[error("{0} changed while it was read")]
    Changed(TreePath),
    /// A member of an archive has a name or a target that no tree can hold.
    #[error("archive member `{name}` {problem}")]
    Member {
        /// The name as written.
        name: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The archive could not be read or its compression is damaged.
    #[error("cannot read the archive")]
    Input(#[source] io::Error),
    /// The archive could not be written.
    #[error("cannot write the archive")]
    Output(#[source] io::Error),
    /// The archive is malformed or hostile.
    #[error(transparent)]
    Tar(TarError),
    /// The entries make no listing.
    #[error(transparent)]
    Listing(#[from] ListingError),
    /// The work was asked to end.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// A blob of an image archive is not what its name says.
    #[error("blob {expected} has the content of {actual}")]
    Corrupt {
        /// The name.
        expected: Box<Digest>,
        /// The digest of the bytes.
        actual: Box<Digest>,
    },
    /// An image archive lacks a part, or a part has a wrong shape.
    #[error("image archive {0}")]
    Image(String),
    /// The store refused.
    #[error(transparent)]
    Store(#[from] Box<containr_store::StoreError>),
    /// The trees refused.
    #[error(transparent)]
    Snapshot(#[from] Box<containr_snapshot::SnapshotError>),
    /// A codec refused its data.
    #[error("cannot compress with {0}")]
    Compress(&'static str),
}

impl LayerError {
    /// Returns the error of an archive that was being read: malformed archives travel inside `io::Error`.
    pub(crate) fn reading(error: io::Error) -> Self {
        match error.downcast::<TarError>() {
            Ok(tar) => Self::Tar(tar),
            Err(error) => match error.downcast::<Cancelled>() {
                Ok(cancelled) => Self::Cancelled(cancelled),
                Err(error) => Self::Input(error),
            },
        }
    }

    /// Returns the error of bytes that are not what their name says.
    pub(crate) fn corrupt(expected: Digest, actual: Digest) -> Self {
        Self::Corrupt { expected: Box::new(expected), actual: Box::new(actual) }
    }

    /// Returns a function that wraps the failure of `action` on `path`.
    pub(crate) fn file<E: Into<io::Error>>(action: &'static str, path: &TreePath) -> impl FnOnce(E) -> Self {
        let path = path.clone();
        move |error| Self::File { action, path, source: error.into() }
    }
}

impl From<containr_store::StoreError> for LayerError {
    fn from(error: containr_store::StoreError) -> Self {
        Self::Store(Box::new(error))
    }
}

impl From<TarError> for LayerError {
    fn from(error: TarError) -> Self {
        Self::Tar(error)
    }
}
