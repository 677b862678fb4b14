//! What can go wrong while a tree is read.

use std::io;
use std::path::PathBuf;

use containr_progress::Cancelled;

use crate::TreePath;

/// Why a tree could not be read.
#[derive(Debug, thiserror::Error)]
pub enum TreeError {
    /// An entry cannot be opened or read.
    #[error("cannot {action} `{path}`")]
    Io {
        /// What was tried, as a verb.
        action: &'static str,
        /// The entry.
        path: TreePath,
        /// The kernel's answer.
        source: io::Error,
    },
    /// An entry became another one, or got other content, between two looks.
    #[error("`{0}` changed while it was read")]
    Changed(TreePath),
    /// The digest cache cannot be written.
    #[error("cannot write the digest cache {}", path.display())]
    Cache {
        /// The file.
        path: PathBuf,
        /// The kernel's answer.
        source: io::Error,
    },
    /// The work was cancelled.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

impl TreeError {
    /// Returns a closure that gives an I/O error its verb and path.
    pub(crate) fn io<E: Into<io::Error>>(action: &'static str, path: &TreePath) -> impl FnOnce(E) -> Self {
        move |source| Self::Io { action, path: path.clone(), source: source.into() }
    }
}
